"""Everything that a person may do to a table of ours, and what must stand there from then on, whatever the source says.

One table for each act; the source says something new of each in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ingest_assets_tests.ingestion.lakes import column

Json = dict[str, Any]
State = dict[str, Any]


class Words(NamedTuple):
    """What a server has to be written on tables, besides ``Tier.Tier1`` to ``Tier.Tier3``, which all have.

    Attributes:
        ours: Tag that the source sets on tables.
        inner: Tag that the source sets on a column.
        mine: Tag that only people set.
        owners: Ids of users by name; of the first two the source names one in each run, the third is a person's choice.
    """

    ours: str
    inner: str
    mine: str
    owners: Mapping[str, str]

    def owner(self, number: int) -> str:
        """Whom the source names in a run."""
        return list(self.owners)[number % 2]

    @property
    def chosen(self) -> str:
        """The owner that a person chooses."""
        return list(self.owners)[2]


Operations = Callable[[Json, Words], list[Json]]


class Act(NamedTuple):
    """What a person does to one facet: the operations, and what must stand there from then on."""

    facet: str
    operations: Operations
    stays: Callable[[Words], Any]


def _at(path: str, value: object) -> Operations:
    return lambda _stored, _words: [{"op": "add", "path": path, "value": value}]


def _without(path: str) -> Operations:
    return lambda _stored, _words: [{"op": "remove", "path": path}]


def label(fqn: str) -> Json:
    """A label as people set it."""
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


def _labelled(holder: str, fqns: Callable[[Words], list[str]]) -> Operations:
    return lambda _stored, words: [{"op": "add", "path": f"{holder}/tags", "value": [*map(label, fqns(words))]}]


def _owned(stored: Json, words: Words) -> list[Json]:
    reference = {"id": words.owners[words.chosen], "type": "user"}
    if "owner" in stored:
        return [{"op": "add", "path": "/owner", "value": reference}]
    return [{"op": "add", "path": "/owners", "value": [reference]}]


def _disowned(stored: Json, _words: Words) -> list[Json]:
    return [{"op": "remove", "path": "/owner" if "owner" in stored else "/owners/0"}]


def _is(value: object) -> Callable[[Words], Any]:
    return lambda _words: value


ACTS = {
    "description_edited": Act("description", _at("/description", "Mine"), _is("Mine")),
    "description_removed": Act("description", _without("/description"), _is(None)),
    "name_edited": Act("displayName", _at("/displayName", "My name"), _is("My name")),
    "name_removed": Act("displayName", _without("/displayName"), _is(None)),
    "column_edited": Act("id.description", _at("/columns/0/description", "My column"), _is("My column")),
    "column_removed": Act("id.description", _without("/columns/0/description"), _is(None)),
    "column_named": Act("id.displayName", _at("/columns/0/displayName", "Number"), _is("Number")),
    "column_name_removed": Act("id.displayName", _without("/columns/0/displayName"), _is(None)),
    "tag_added": Act(
        "tags", _labelled("", lambda words: [words.ours, words.mine, "Tier.Tier1"]), lambda w: {w.ours, w.mine}
    ),
    "tag_removed": Act("tags", _labelled("", lambda _words: ["Tier.Tier1"]), _is(set())),
    "column_tag_added": Act(
        "id.tags", _labelled("/columns/0", lambda words: [words.inner, words.mine]), lambda w: {w.inner, w.mine}
    ),
    "column_tag_removed": Act("id.tags", _labelled("/columns/0", lambda _words: []), _is(set())),
    "tier_changed": Act("tier", _labelled("", lambda words: [words.ours, "Tier.Tier3"]), _is("Tier.Tier3")),
    "tier_removed": Act("tier", _labelled("", lambda words: [words.ours]), _is(None)),
    "owner_changed": Act("owner", _owned, lambda words: words.chosen),
    "owner_removed": Act("owner", _disowned, _is(None)),
    "untouched": Act("", lambda _stored, _words: [], _is(None)),
}


def facets(number: int, words: Words) -> Json:
    """A table as the source has it in a run of this number, for ``Lake.put``."""
    return {
        "description": f"Text {number}",
        "display_name": f"Name {number}",
        "owners": (words.owner(number),),
        "labels": ((words.ours,), ("Tier.Tier1",)),
        "columns": (
            column("id", display_name=f"ID {number}", description=f"Column {number}", labels=((words.inner,),)),
            column("amount", display_name=f"Sum {number}" if number else None, description=f"Amount {number}"),
            column(f"added_{number}"),
        ),
    }


def said(number: int, words: Words) -> State:
    """The same as ``state`` must show it where nobody has done anything."""
    return {
        "description": f"Text {number}",
        "displayName": f"Name {number}",
        "owner": words.owner(number),
        "tags": {words.ours},
        "tier": "Tier.Tier1",
        "id.description": f"Column {number}",
        "id.displayName": f"ID {number}",
        "id.tags": {words.inner},
        "amount.description": f"Amount {number}",
        "amount.displayName": f"Sum {number}" if number else None,
        "columns": ["id", "amount", f"added_{number}"],
    }


def expected(number: int, act: Act, words: Words) -> State:
    """What must stand on the table of an act after a run of this number."""
    return said(number, words) | ({act.facet: act.stays(words)} if act.facet else {})


def state(found: Json) -> State:
    """What stands on a table, read with its columns, labels and owners."""
    tags = {each["tagFQN"] for each in found["tags"]}
    owners = found["owners"] if "owners" in found else [found["owner"]] if "owner" in found else []
    columns = {each["name"]: each for each in found["columns"]}
    return {
        "description": found.get("description"),
        "displayName": found.get("displayName"),
        "owner": owners[0]["name"] if owners else None,
        "tags": {tag for tag in tags if not tag.startswith("Tier.")},
        "tier": next((tag for tag in tags if tag.startswith("Tier.")), None),
        "id.description": columns["id"].get("description"),
        "id.displayName": columns["id"].get("displayName"),
        "id.tags": {each["tagFQN"] for each in columns["id"].get("tags", ())},
        "amount.description": columns["amount"].get("description"),
        "amount.displayName": columns["amount"].get("displayName"),
        "columns": list(columns),
    }
