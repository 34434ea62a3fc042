"""Marks tell values apart without holding them, and find what belongs together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.openmetadata.marks import (
    OWNERS,
    TAGS,
    Marks,
    Path,
    facets,
    held_marks,
    holders,
    marks_of,
    owners_of,
    pairs,
)

NAMES = st.text(min_size=1, max_size=5)
TEXT_PATHS = st.builds(
    lambda names, last: (*names, last), st.lists(NAMES, max_size=3), st.sampled_from(["description", "displayName"])
)
LABELS = st.builds(lambda *parts: ".".join(parts), st.sampled_from(["PII", "Tier", "Team"]), NAMES)
LABEL_PATHS = st.lists(NAMES, max_size=3).map(lambda names: (*names, TAGS))
VALUES = st.one_of(st.tuples(TEXT_PATHS, st.text(min_size=1)), st.tuples(LABEL_PATHS, LABELS))


@given(st.lists(VALUES), VALUES)
def test_marks_come_back_from_their_text_and_know_what_they_were_given_only(
    given_values: list[tuple[Path, str]], other: tuple[Path, str]
) -> None:
    marks = Marks.of(given_values)
    again = Marks(str(marks))
    assert str(again) == str(marks)
    assert bool(again) == bool(given_values)
    for path, value in given_values:
        assert again.has(path)
        assert again.is_at(path, value)
    assert again.is_at(*other) == (other in given_values)
    assert again.has(other[0]) == (other[0] in [path for path, _ in given_values])
    assert again.same(other[0], marks)


@given(st.lists(st.tuples(LABEL_PATHS, LABELS)), LABEL_PATHS)
def test_labels_of_one_kind_are_told_from_others(labels: list[tuple[Path, str]], path: Path) -> None:
    marks = Marks.of(labels)
    for kind in ("PII", "Tier", "Team"):
        of_kind = [(at, fqn) for at, fqn in labels if at == path and fqn.startswith(f"{kind}.")]
        assert marks.has_kind(path, kind) == bool(of_kind)
        taken = Marks()
        taken.take_kind(path, kind, marks)
        assert str(taken) == str(Marks.of(of_kind))


@given(st.lists(LABELS), st.lists(LABELS), st.lists(LABELS), st.sets(st.sampled_from(["PII", "Tier"])))
def test_what_is_about_to_go_is_what_was_there_and_is_not_to_be(
    before: list[str], after: list[str], others: list[str], replaced: set[str]
) -> None:
    path = ("zip", TAGS)
    marks = Marks.of((path, fqn) for fqn in after)
    marks.dismiss(path, Marks.of((path, fqn) for fqn in before), replaced)
    again = Marks(str(marks))
    going = {fqn for fqn in before if fqn not in after and fqn.partition(".")[0] not in replaced}
    for fqn in (*before, *after, *others):
        assert again.dismisses(path, fqn) == (fqn in going)
        assert again.is_at(path, fqn) == (fqn in after)
    assert again.dismisses(path) == bool(going)
    assert again.dismisses_kind(path, "Team") == any(fqn.startswith("Team.") for fqn in going)


def column(name: str, *children: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"name": name, **({"children": list(children)} if children else {}), **rest}


def test_columns_are_named_as_servers_compare_them_and_pointed_to_as_they_stand() -> None:
    document = {"columns": [column("Id"), column("home", column("ZIP"), column("zip"), column("Nr"))]}
    assert [(holder.names, holder.spelled, holder.pointer) for holder in holders(document)] == [
        ((), (), ""),
        (("id",), ("Id",), "/columns/0"),
        (("home",), ("home",), "/columns/1"),
        (("home", "ZIP"), ("home", "ZIP"), "/columns/1/children/0"),
        (("home", "zip"), ("home", "zip"), "/columns/1/children/1"),
        (("home", "nr"), ("home", "Nr"), "/columns/1/children/2"),
    ]


@pytest.mark.parametrize(("wrapper", "inner"), [("messageSchema", "schemaFields"), ("dataModel", "columns")])
def test_fields_of_a_schema_are_holders_too(wrapper: str, inner: str) -> None:
    document = {wrapper: {inner: [column("id")]}}
    assert [holder.pointer for holder in holders(document)] == ["", f"/{wrapper}/{inner}/0"]


def test_what_dbt_says_of_a_tables_columns_is_no_second_description() -> None:
    words = {"columns": [column("id", description="ours")]}
    assert str(held_marks({**words, "dataModel": {"columns": [column("id", description="dbt's")]}})) == str(
        held_marks(words)
    )


def test_columns_spelled_alike_belong_together_before_those_of_another_case() -> None:
    stored = {"columns": [column("ID"), column("id"), column("Zip")]}
    wanted = {"columns": [column("Id"), column("id"), column("zip"), column("new")]}
    found = {each.spelled: there.spelled if there else None for each, there in pairs(wanted, stored)}
    assert found == {(): (), ("Id",): ("ID",), ("id",): ("id",), ("zip",): ("Zip",), ("new",): None}


def test_owners_are_one_value_without_those_of_a_parent() -> None:
    assert owners_of({"owners": [{"id": "2"}, {"id": "1"}]}) == owners_of({"owners": [{"id": "1"}, {"id": "2"}]})
    assert owners_of({"owners": [{"id": "1", "inherited": True}]}) is None
    assert owners_of({"owner": {"id": "1"}}) == "1"
    assert owners_of({"owner": None}) is None


def test_labels_that_a_server_derives_and_empty_texts_are_nobodys() -> None:
    label = {"tagFQN": "PII.Sensitive", "labelType": "Derived"}
    assert not list(facets({"description": "", "tags": [label], "owners": []}))


def test_a_listing_shows_no_labels_of_columns_and_a_request_has_them() -> None:
    tagged = {"columns": [column("tags", tags=[{"tagFQN": "PII.Sensitive"}], description="x")]}
    assert marks_of(tagged).is_at(("tags", TAGS), "PII.Sensitive")
    assert not held_marks(tagged).has(("tags", TAGS))
    assert held_marks(tagged).is_at(("tags", "description"), "x")


@given(st.lists(st.tuples(st.sampled_from(["columns", "tableType"]), st.text()), max_size=3))
def test_texts_and_labels_are_told_apart_from_the_structure_that_has_them(more: list[tuple[str, str]]) -> None:
    plain = {"columns": [column("id", dataType="INT")], **{name: value for name, value in more if name != "columns"}}
    dressed = {
        **plain,
        "columns": [column("id", dataType="INT", description="x", tags=[{"tagFQN": "PII.Sensitive"}])],
        "owners": [{"id": "1"}],
    }
    assert marks_of(plain).same(("columns",), marks_of(dressed))
    assert marks_of(dressed).has((OWNERS,))
    assert not marks_of(plain).has((OWNERS,))
