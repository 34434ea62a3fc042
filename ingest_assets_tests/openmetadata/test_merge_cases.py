"""What becomes of one thing in a merge, where it matters how."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.openmetadata.differences import differences
from ingest_assets.openmetadata.marks import Marks, marks_of
from ingest_assets.openmetadata.merge import Memory, arrived, intended, merge
from ingest_assets.openmetadata.patched import unpatched
from ingest_assets.openmetadata.twins import has_twins

Json = dict[str, Any]
NOTHING = Marks()


def label(fqn: str, kind: str = "Automated") -> Json:
    return {"tagFQN": fqn, "source": "Classification", "labelType": kind, "state": "Confirmed"}


def column(name: str, data_type: str = "INT", **rest: Any) -> Json:
    return {"name": name, "dataType": data_type, **rest}


def remembering(*requests: Json) -> Memory:
    """The first was acknowledged; those after it were cut off."""
    written = marks_of(requests[0])
    meant = Marks(" ".join(str(intended(each, written)) for each in requests[1:]))
    return Memory(written, meant)


def test_what_the_source_could_not_read_is_sent_as_it_is_stored_and_stays_known() -> None:
    before = {"name": "v", "schemaDefinition": "select 1", "description": "ours"}
    stored = {**before, "description": "a person's"}
    merged = merge({"name": "v"}, stored, remembering(before), frozenset({"schemaDefinition", "description"}))
    assert merged.request == stored
    assert merged.operations == []
    assert merged.written.same(("schemaDefinition",), marks_of(before))
    assert merged.written.same(("description",), marks_of(before))


def test_the_label_that_a_person_took_away_stays_away_though_labels_were_unknown_meanwhile() -> None:
    tagged = {"name": "t", "tags": [label("Team.aa"), label("Team.bb")]}
    stored = {"name": "t", "tags": [label("Team.bb")]}
    unknown = merge({"name": "t"}, stored, remembering(tagged))
    assert unknown.operations == []
    known = merge({"name": "t", "tags": [label("Team.aa"), label("Team.bb")]}, stored, Memory(unknown.written, NOTHING))
    assert [each["tagFQN"] for each in known.request["tags"]] == ["Team.bb"]
    assert known.persons == [("tags", "Team.aa")]


@pytest.mark.parametrize(
    ("there", "operations"),
    [
        ({"description": "a"}, [{"op": "add", "path": "/columns/0/displayName", "value": "Status"}]),
        ({}, []),
        ({"description": "a", "displayName": "Hers"}, []),
    ],
)
def test_a_first_display_name_is_patched_where_a_put_may_not_bring_it(there: Json, operations: list[Json]) -> None:
    """1.0 keeps the display name of a column that is described, though there is none."""
    known = {"name": "t", "columns": [column("state", **{k: v for k, v in there.items() if k == "description"})]}
    request = {"name": "t", "columns": [column("state", displayName="Status", description="a")]}
    merged = merge(request, {"name": "t", "columns": [column("state", **there)]}, remembering(known))
    assert merged.operations == operations
    assert merged.request["columns"][0]["displayName"] == there.get("displayName", "Status")


def test_a_tier_gives_way_to_the_next_in_one_operation() -> None:
    """Between two of them a run could end, and the tier would look as if a person had taken it away."""
    before = {"name": "t", "tags": [label("Tier.Tier1")]}
    request = {"name": "t", "tags": [label("Tier.Tier2")]}
    merged = merge(request, before, remembering(before, request))
    assert merged.operations == [
        {"op": "test", "path": "/tags/0/tagFQN", "value": "Tier.Tier1"},
        {"op": "replace", "path": "/tags/0", "value": label("Tier.Tier2")},
    ]


@pytest.mark.parametrize("kind", ["Tier", "Level"])
def test_of_labels_that_exclude_each_other_a_persons_choice_stays_and_ours_is_not_sent(kind: str) -> None:
    stored = {"name": "t", "tags": [label(f"{kind}.one", "Manual")]}
    request = {"name": "t", "tags": [label(f"{kind}.two"), label("Team.aa")]}
    merged = merge(request, stored, Memory(NOTHING, NOTHING), exclusive=frozenset({"Tier", "Level"}))
    assert merged.request["tags"] == [label("Team.aa")]
    assert merged.operations == []
    again = merge(
        {"name": "t", "tags": [label(f"{kind}.three")]},
        {"name": "t"},
        Memory(merged.written, NOTHING),
        exclusive=frozenset({"Tier", "Level"}),
    )
    assert "tags" not in again.request


def test_labels_of_one_kind_that_do_not_exclude_each_other_are_each_for_itself() -> None:
    stored = {"name": "t", "tags": [label("Level.one", "Manual")]}
    merged = merge({"name": "t", "tags": [label("Level.two")]}, stored, Memory(NOTHING, NOTHING))
    assert merged.request["tags"] == [label("Level.two")]


def test_what_a_server_derived_from_other_labels_stays() -> None:
    derived = label("PII.Sensitive", "Derived")
    stored = {"name": "t", "columns": [column("id", tags=[derived])], "tags": [derived]}
    retyped = {"name": "t", "columns": [column("id", "STRING", tags=[])], "tags": []}
    merged = merge(retyped, stored, Memory(NOTHING, NOTHING))
    assert (merged.operations, merged.persons) == ([], [])
    assert merged.request["columns"][0]["tags"] == [derived]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"dataType": "INT"}, {"dataType": "STRING"}),
        ({"dataType": "ARRAY", "arrayDataType": "INT"}, {"dataType": "ARRAY", "arrayDataType": "STRING"}),
    ],
)
def test_a_persons_labels_come_along_with_a_column_that_gets_another_type_and_with_all_below_it(
    old: Json, new: Json
) -> None:
    mine, words = [label("Team.mine", "Manual")], {"description": "Mine"}
    inner = column("zip", tags=mine, **words)
    stored = {"name": "t", "columns": [{"name": "home", **old, "tags": mine, "children": [inner]}]}
    labels: list[Json] = [{}, {"tags": []}]
    for tags in labels:
        request = {"name": "t", "columns": [{"name": "home", **new, **tags, "children": [column("zip", **tags)]}]}
        home = merge(request, stored, Memory(NOTHING, NOTHING)).request["columns"][0]
        assert home["tags"] == mine
        assert home["children"] == [inner]


def test_owners_inherited_from_a_parent_are_not_the_entitys_own() -> None:
    inherited = {"id": "1", "type": "user", "inherited": True}
    stored = {"name": "t", "owners": [inherited]}
    for owners in ([], [{"id": "2", "type": "user"}]):
        merged = merge({"name": "t", "owners": list(owners)}, stored, Memory(NOTHING, NOTHING))
        assert merged.operations == []
        assert merged.request.get("owners", []) == owners


def test_what_a_run_cut_off_was_about_to_take_away_nobody_took_away() -> None:
    owner = [{"id": "1", "type": "user"}]
    before = {"name": "t", "description": "ours", "owners": owner, "tags": [label("Team.aa"), label("Tier.Tier1")]}
    cut_off = {"name": "t", "owners": [], "tags": []}
    after = {"name": "t", "description": "new", "owners": list(owner), "tags": [label("Team.aa"), label("Tier.Tier2")]}
    merged = merge(dict(after), {"name": "t"}, remembering(before, cut_off, after))
    assert merged.persons == []
    assert merged.request == after
    # Without that run all of it was a person's doing.
    persons = merge(dict(after), {"name": "t"}, remembering(before, after))
    assert persons.request == {"name": "t"}
    assert len(persons.persons) == 4


def test_what_arrived_untold_leaves_known_what_the_source_did_not_know() -> None:
    before = {"name": "t", "description": "ours", "tags": [label("Team.aa")], "owners": [{"id": "1"}]}
    request = {"name": "t", "columns": [column("id")]}
    unknown, written = frozenset({"description"}), marks_of(before)
    marks = arrived(request, Memory(written, intended(request, written, unknown)), unknown)
    assert str(marks) == str(marks_of({**request, **before}))


def test_texts_that_a_patch_left_as_they_were_are_told() -> None:
    stored = {"name": "t", "description": "old", "columns": [column("id", description="old")]}
    memory = remembering(stored)
    merged = merge({"name": "t", "description": "new", "columns": [column("id")]}, stored, memory)
    done = {"description": "new", "columns": [{"name": "id"}]}
    assert unpatched(merged.operations, done) == []
    assert unpatched(merged.operations, {**done, "columns": stored["columns"]}) == ["/columns/0/description"]
    assert unpatched(merged.operations, {}) == ["/description"]


def test_columns_are_twins_by_all_names_that_lead_to_them() -> None:
    assert has_twins({"columns": [column("id"), column("ID")]})
    assert has_twins({"columns": [column("a", children=[column("x"), column("X")])]})
    assert not has_twins({"columns": [column("id"), column("a", children=[column("id")])]}, {"columns": [column("ID")]})


def test_a_plan_tells_what_the_source_says_anew_and_what_people_set() -> None:
    before = {
        "name": "t",
        "description": "ours",
        "displayName": "ours",
        "tags": [label("Team.aa"), label("Team.bb")],
        "columns": [column("id", description="ours", tags=[label("Team.aa")]), column("zip", description="ours")],
    }
    held = {**before, "description": "a person's", "tags": [label("Team.bb")]}
    after = {
        "name": "t",
        "description": "new",
        "tags": [label("Team.aa")],
        "columns": [column("id", tags=[]), column("zip", "STRING", description="new")],
        "owners": [{"id": "1"}],
    }
    found = differences(after, marks_of(held), marks_of(before), NOTHING)
    assert sorted(found.changed) == [
        ("columns",),
        ("displayName",),
        ("id", "description"),
        ("id", "tags"),
        ("owners",),
        ("tags",),
        ("zip", "description"),
    ]
    assert sorted(found.persons) == [("description",), ("tags", "Team.aa")]
    unknown = differences({"name": "t"}, marks_of(held), marks_of(before), NOTHING, frozenset({"description"}))
    assert unknown.changed == [("displayName",)]
    assert unknown.persons == []
