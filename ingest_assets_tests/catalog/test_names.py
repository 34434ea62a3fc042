from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import (
    ColumnReference,
    EntityType,
    NameRules,
    Reference,
    may_be_altered,
    parent_fqn,
    source_fqn,
)

NAMES = st.text(min_size=1, max_size=40)
HARD_NAMES = st.text(alphabet='ab.:>" \n\r\t\u2028é/%', min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("orders", "orders"),
        ("a.b", "a.b"),
        (" a / b%20#c? ", " a / b%20#c? "),
        ("größe 表", "größe 表"),
        ("a::b", "a__reserved__colon__b"),
        ("a:b", "a:b"),
        ("a>b", "a__reserved__arrow__b"),
        ('a"b', "a__reserved__quote__b"),
        ("a\nb", "a__reserved__newline__b"),
        ("", "__reserved__empty__"),
    ],
)
def test_what_a_server_allows_stays_and_what_it_refuses_is_spelled_with_reserved_words(text: str, name: str) -> None:
    assert NameRules().name(text) == name


@pytest.mark.parametrize("longest", [128, 256])
def test_a_name_that_is_too_long_is_cut_with_a_hash_and_keeps_its_text_for_people(longest: int) -> None:
    rules = NameRules(longest=longest)
    one, other = "x" * 300 + "1", "x" * 300 + "2"
    assert len(rules.name(one)) == longest
    assert rules.name(one) != rules.name(other)
    assert rules.display_name(Reference(EntityType.TABLE, ("s", one))) == one
    assert rules.display_name(Reference(EntityType.TABLE, ("s", "short"))) is None


def test_length_is_counted_as_the_server_counts() -> None:
    assert NameRules().name("😀" * 128) == "😀" * 128
    assert len(NameRules().name("😀" * 129).encode("utf-16-le")) <= 512


@given(st.one_of(NAMES, HARD_NAMES))
def test_a_spelled_name_is_one_that_the_server_allows(text: str) -> None:
    name = NameRules().name(text)
    assert 1 <= len(name) <= 256
    assert "::" not in name
    assert not set(name) & set('">\n\r\x85\u2028\u2029')


@given(st.lists(HARD_NAMES, min_size=2, max_size=4))
def test_the_parent_of_an_fqn_is_the_fqn_of_the_parent(path: list[str]) -> None:
    rules = NameRules()
    fqn = rules.fqn(Reference(EntityType.TABLE, tuple(path)))
    assert parent_fqn(fqn) == rules.fqn(Reference(EntityType.TABLE, tuple(path[:-1])))


@given(st.lists(HARD_NAMES, min_size=2, max_size=3, unique_by=NameRules().name))
def test_different_paths_have_different_fqns(names: list[str]) -> None:
    first, second = source_fqn(names), source_fqn(reversed(names))
    assert first != second


def test_parts_with_dots_are_quoted_but_a_service_of_the_first_servers_is_not() -> None:
    table = Reference(EntityType.TABLE, ("my.lake", "1234", "orders.raw", "t"))
    assert NameRules().fqn(table) == '"my.lake".1234."orders.raw".t'
    service = Reference(EntityType.DATABASE_SERVICE, ("my.lake",))
    assert NameRules().fqn(service) == '"my.lake"'
    assert NameRules(quotes_services=False).fqn(service) == "my.lake"
    assert NameRules(quotes_services=False).fqn(table) == '"my.lake".1234."orders.raw".t'
    column = ColumnReference(table, ("a.b", "c"))
    assert NameRules().column_fqn(column) == '"my.lake".1234."orders.raw".t."a.b".c'


def test_the_first_servers_limit_names_above_tables_and_two_never_meet() -> None:
    rules = NameRules(longest=128, above_tables=r"\w'\- .&()")
    slash, percent = (Reference(EntityType.SCHEMA, ("s", "d", name)) for name in ("a/b", "a%b"))
    assert re.fullmatch(r"a_b_[0-9a-f]{8}", rules.entity_name(slash))
    assert rules.entity_name(slash) != rules.entity_name(percent)
    assert rules.display_name(slash) == "a/b"
    table = Reference(EntityType.TABLE, ("s", "d", "a/b", "c/d"))
    assert rules.fqn(table) == f"s.d.{rules.entity_name(slash)}.c/d"


def test_a_service_has_no_parent() -> None:
    assert parent_fqn('"a.b"') == ""
    assert parent_fqn("a") == ""


@given(st.one_of(NAMES, HARD_NAMES, st.text(alphabet="a😀", min_size=120, max_size=300)), st.sampled_from([128, 256]))
def test_a_name_that_had_to_differ_is_known_for_one(text: str, longest: int) -> None:
    rules = NameRules(longest=longest)
    assert may_be_altered(rules.name(text)) is (rules.name(text) != text or may_be_altered(text))


@given(st.text(alphabet="ab/%:_ 1", min_size=1, max_size=12))
def test_what_the_first_servers_refuse_is_known_by_its_display_name(text: str) -> None:
    rules = NameRules(longest=128, above_tables=r"\w'\- .&()")
    schema = Reference(EntityType.SCHEMA, ("s", "d", text))
    name = rules.entity_name(schema)
    assert may_be_altered(name, rules.display_name(schema)) is (name != text)


@pytest.mark.parametrize("name", ["orders", "orders_20240131", "größe 表", f"{'x' * 245}_0a1b2c3d", "x" * 256])
def test_a_plain_name_is_not_taken_for_an_altered_one(name: str) -> None:
    assert not may_be_altered(name)
    assert not may_be_altered(name, "")
    assert not may_be_altered(name, name)
    assert may_be_altered(name, "Orders of customers")
