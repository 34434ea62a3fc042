"""What a selection wants, and that it agrees with what its patterns mean."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import EntityType, Scope
from ingest_assets.snapshots.selection import Selection

ROOT = Scope(EntityType.DATABASE, ("lake",))
NAMES = st.text(alphabet="ab.1", min_size=1, max_size=4)
PATTERNS = st.lists(st.sampled_from(["a", "b", ".", "1", "*", "?", "[ab]", "[!a]", "["]), max_size=6).map("".join)


def schemas(database: str) -> Scope:
    return Scope(EntityType.SCHEMA, ("lake", database))


def tables(database: str, schema: str) -> Scope:
    return Scope(EntityType.TABLE, ("lake", database, schema))


def test_without_patterns_everything_is_wanted() -> None:
    assert all(Selection().wants(scope) for scope in (ROOT, schemas("1"), tables("1", "sales")))


@pytest.mark.parametrize("pattern", ["1.sales", "*.sales", "?.s*s", "1.[s]ales", "*.[!h]*", "1.s*"])
def test_an_included_schema_is_wanted_with_the_listings_that_lead_to_it(pattern: str) -> None:
    selection = Selection(include=(pattern,))
    assert selection.wants(ROOT)
    assert selection.wants(schemas("1"))
    assert selection.wants(tables("1", "sales"))
    assert not selection.wants(tables("1", "hr"))


def test_a_database_that_no_pattern_leads_into_is_not_listed() -> None:
    selection = Selection(include=("1.sales",))
    assert not selection.wants(schemas("2"))
    assert not selection.wants(schemas("1.s"))
    assert not selection.wants(tables("2", "sales"))


def test_a_pattern_that_names_a_database_covers_all_below() -> None:
    included, excluded = Selection(include=("1",)), Selection(exclude=("1",))
    for scope in (schemas("1"), tables("1", "sales"), tables("1", "orders.raw")):
        assert included.wants(scope)
        assert not excluded.wants(scope)
    assert not included.wants(schemas("11"))
    assert excluded.wants(schemas("11"))


def test_exclude_wins() -> None:
    selection = Selection(include=("1", "2.hr"), exclude=("*.hr",))
    assert selection.wants(tables("1", "sales"))
    assert not selection.wants(tables("1", "hr"))
    assert not selection.wants(tables("2", "hr"))


def test_an_exclude_of_what_is_inside_leaves_the_listing_above() -> None:
    selection = Selection(exclude=("1.*",))
    assert selection.wants(schemas("1"))
    assert not selection.wants(tables("1", "sales"))


def test_the_services_own_listing_is_always_wanted() -> None:
    assert Selection(include=("1",), exclude=("*",)).wants(ROOT)


def test_a_name_with_a_dot_is_no_path() -> None:
    assert not Selection(include=("1.orders",)).wants(tables("1", "orders.raw"))
    assert Selection(include=("1.orders.raw",)).wants(tables("1", "orders.raw"))


def test_case_counts() -> None:
    assert not Selection(include=("1.Sales",)).wants(tables("1", "sales"))


def test_an_include_that_names_no_listing_is_told() -> None:
    selection = Selection(include=("1.sales", "1.slaes", "1.sales.orders", "*.hr", ""))
    met = [ROOT, schemas("1"), tables("1", "sales")]
    assert list(selection.without_match(met)) == ["1.slaes", "1.sales.orders", "*.hr", ""]
    assert list(Selection().without_match(met)) == []


@given(PATTERNS, NAMES, NAMES)
def test_what_leads_to_a_wanted_listing_is_wanted(pattern: str, database: str, schema: str) -> None:
    selection = Selection(include=(pattern,))
    if selection.wants(tables(database, schema)):
        assert selection.wants(schemas(database))


@given(PATTERNS, NAMES, NAMES)
def test_a_listing_of_tables_is_wanted_if_and_only_if_a_pattern_names_it_or_its_database(
    pattern: str, database: str, schema: str
) -> None:
    named = fnmatchcase(f"{database}.{schema}", pattern) or fnmatchcase(database, pattern)
    assert Selection(include=(pattern,)).wants(tables(database, schema)) is named
    assert Selection(exclude=(pattern,)).wants(tables(database, schema)) is not named


@given(st.lists(PATTERNS, max_size=2), st.lists(PATTERNS, max_size=2), NAMES, NAMES)
def test_what_is_below_an_excluded_database_is_not_wanted(
    include: list[str], exclude: list[str], database: str, schema: str
) -> None:
    selection = Selection(tuple(include), tuple(exclude))
    if not include and not selection.wants(schemas(database)):
        assert not selection.wants(tables(database, schema))
    if selection.wants(tables(database, schema)):
        assert selection.wants(schemas(database))
