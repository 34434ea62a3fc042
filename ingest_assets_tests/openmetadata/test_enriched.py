"""The merge of enrichments against a model of whose each value is, whatever others do and wherever runs are cut off."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_assets.catalog import ColumnEnrichment, Elsewhere, Enrichment, EntityType, Label
from ingest_assets.openmetadata.enriched import Enriched, Said, enrich
from ingest_assets.openmetadata.marks import Marks
from ingest_assets.openmetadata.merge import Memory
from ingest_assets.sandbox.openmetadata.json_patch import apply_patch

TARGET = Elsewhere(type=EntityType.TABLE, names=("orders",))
UNKNOWN = "unknown"
SETTLED, LOST, ARRIVED = "settled", "lost", "arrived"
DESCRIPTION, OWNERS, TIER, FIRST, SECOND = "description", "owners", "tier", "first", "second"
COLUMN, SHOWN = "column", "shown"
VALUES: Mapping[str, tuple[str | None, ...]] = {
    DESCRIPTION: (None, "a", "b"),
    OWNERS: (None, "ann", "eve"),
    TIER: (None, "Tier.Tier1", "Tier.Tier2"),
    FIRST: (None, "PII.First"),
    SECOND: (None, "PII.Second"),
    COLUMN: (None, "a", "b"),
    SHOWN: (None, "a", "b"),
}
LABELS = (TIER, FIRST, SECOND)
Values = dict[str, str | None]


@dataclass
class Facet:
    """One value, and whose it is; None: there is none.

    Attributes:
        ours: What counts as ours where it stands: what we last wrote, and what runs meant to write that were cut off.
        written: What the server has last acknowledged.
        seen: What stood there, set by others, when the source said the same.
        going: Whether a run that was cut off meant to take it away.
        others: Whether it is as others want it.
    """

    held: str | None = None
    written: str | None = None
    seen: str | None = None
    meant: set[str] = field(default_factory=set)
    going: bool = False

    @property
    def stays(self) -> bool:
        if self.held is None:
            return (self.written is not None and not self.going) or self.seen is not None
        return self.held != self.written and self.held not in self.meant

    def say(self, said: str | None, end: str) -> None:
        change = not (said in (self.held, UNKNOWN) or self.stays)
        if change and end == LOST:
            self._mean(said)
        elif change and end == ARRIVED:
            self._mean(said)
            self.held = said
        elif end == SETTLED:
            self._settle(said, change=change)

    def _mean(self, said: str | None) -> None:
        if said is None:
            self.going = self.going or self.written is not None
        else:
            self.meant.add(said)

    def _settle(self, said: str | None, *, change: bool) -> None:
        if change:
            self.held = self.written = said
            self.seen = None
        elif said == UNKNOWN:
            if self.held in self.meant:
                self.written = self.held
            elif self.going and self.held is None:
                self.written = None
        elif said == self.held:
            is_ours = said is not None and (said == self.written or said in self.meant)
            self.written, self.seen = (said, None) if is_ours else (None, said)
        self.meant, self.going = set(), False


class Step(NamedTuple):
    """What the source says, or what others set; of what is not named nothing is known, or it stays."""

    values: Values
    end: str  # of a run; empty: it is an edit


def some(known: bool) -> st.SearchStrategy[Values]:
    missing: tuple[str | None, ...] = (UNKNOWN,) if known else ()
    every = {name: st.sampled_from((*values, *missing)) for name, values in VALUES.items()}
    return st.fixed_dictionaries(every) if known else st.fixed_dictionaries({}, optional=every)


EDITS = st.builds(Step, some(known=False), st.just(""))
RUNS = st.builds(Step, some(known=True), st.sampled_from((SETTLED, SETTLED, LOST, ARRIVED)))


def stored(facets: Mapping[str, Facet]) -> dict[str, Any]:
    tags = [{"tagFQN": facets[name].held, "labelType": "Manual"} for name in LABELS if facets[name].held]
    texts = {"description": facets[COLUMN].held, "displayName": facets[SHOWN].held}
    column = {"name": "ID", "tags": []} | {name: held for name, held in texts.items() if held}
    document: dict[str, Any] = {"id": "1", "updatedAt": 7, "name": "orders", "tags": tags, "columns": [column]}
    document |= {"description": held} if (held := facets[DESCRIPTION].held) else {}
    return document | ({"owners": [{"id": held, "type": "user"}]} if (held := facets[OWNERS].held) else {})


def values_in(document: Mapping[str, Any]) -> Values:
    tags = [label["tagFQN"] for label in document["tags"]]
    owners = [owner["id"] for owner in document.get("owners") or ()]
    assert len(owners) <= 1
    found = {name: [tag for tag in tags if tag in VALUES[name]] for name in LABELS}
    assert all(len(each) <= 1 for each in found.values())
    return {
        DESCRIPTION: document.get("description"),
        OWNERS: owners[0] if owners else None,
        COLUMN: document["columns"][0].get("description"),
        SHOWN: document["columns"][0].get("displayName"),
        **{name: each[0] if each else None for name, each in found.items()},
    }


def said(values: Values) -> Said:
    def text(name: str) -> str | None:
        return None if values[name] == UNKNOWN else values[name] or ""

    labels = None if _labels_unknown(values) else tuple(Label(fqn) for name in LABELS if (fqn := values[name]))
    column = ColumnEnrichment(path=("id",), description=text(COLUMN), display_name=text(SHOWN))
    made = Enrichment(target=TARGET, description=text(DESCRIPTION), labels=labels, columns=(column,))
    owner = values[OWNERS]
    known = [{"id": owner, "type": "user"}] if owner else []
    return Said(made, None if owner == UNKNOWN else known)


def _labels_unknown(values: Values) -> bool:
    return any(values[name] == UNKNOWN for name in LABELS)


class Ledger:
    """What is remembered between runs."""

    def __init__(self) -> None:
        self.written, self.intended = "", ""

    def merge(self, values: Values, document: dict[str, Any], override: frozenset[str] = frozenset()) -> Enriched:
        memory = Memory(Marks(self.written), Marks(self.intended))
        return enrich(said(values), copy.deepcopy(document), memory, override=override)

    def end(self, merged: Enriched, end: str) -> None:
        if end == SETTLED:
            self.written, self.intended = str(merged.written), ""
        elif merged.operations:
            self.intended = " ".join(dict.fromkeys([*self.intended.split(), *str(merged.intended).split()]))


@settings(max_examples=500, deadline=None)
@given(st.lists(EDITS | RUNS, min_size=4, max_size=10))
def test_what_is_ours_follows_the_source_and_all_else_stays(steps: list[Step]) -> None:
    facets, ledger = {name: Facet() for name in VALUES}, Ledger()
    for step in steps:
        if not step.end:
            for name, value in step.values.items():
                facets[name].held = value
            continue
        values = dict(step.values)
        if _labels_unknown(values):
            values |= dict.fromkeys(LABELS, UNKNOWN)
        document = stored(facets)
        merged = ledger.merge(values, document)
        after = apply_patch(document, merged.operations) if step.end != LOST else document
        ledger.end(merged, step.end)
        for name, facet in facets.items():
            facet.say(values[name], step.end)
        assert values_in(after) == {name: facet.held for name, facet in facets.items()}
        if step.end == SETTLED:
            assert not ledger.merge(values, after).operations


@given(some(known=False), some(known=True))
def test_what_is_overridden_is_as_the_source_says_where_it_says_something(held: Values, told: Values) -> None:
    facets = {name: Facet(held.get(name)) for name in VALUES}
    if _labels_unknown(told):
        told = told | dict.fromkeys(LABELS, UNKNOWN)
    document = stored(facets)
    merged = Ledger().merge(told, document, frozenset({"description", "displayName", "owners", "tags"}))
    after = values_in(apply_patch(document, merged.operations))
    says = {name: value for name, value in told.items() if value not in (None, UNKNOWN)}
    assert after == {name: says.get(name, facets[name].held) for name in VALUES}


def test_a_patch_tests_that_nobody_has_changed_what_was_read() -> None:
    document = {"id": "1", "updatedAt": 7, "name": "orders", "columns": []}
    merged = enrich(Said(Enrichment(target=TARGET, description="a")), document, Memory(Marks(), Marks()))
    assert merged.operations == [
        {"op": "test", "path": "/updatedAt", "value": 7},
        {"op": "add", "path": "/description", "value": "a"},
    ]


def test_labels_that_a_server_derives_are_neither_brought_nor_taken() -> None:
    derived = {"tagFQN": "PII.First", "source": "Classification", "labelType": "Derived", "state": "Confirmed"}
    document = {"id": "1", "updatedAt": 7, "name": "orders", "columns": [], "tags": [derived]}
    for labels in ((Label("PII.First"),), ()):
        merged = enrich(Said(Enrichment(target=TARGET, labels=labels)), document, Memory(Marks(), Marks()))
        assert not merged.operations


def test_a_tier_that_a_person_took_away_stays_away_though_a_change_of_it_was_lost() -> None:
    def tier(fqn: str) -> Values:
        return dict.fromkeys(VALUES, UNKNOWN) | dict.fromkeys(LABELS) | {TIER: fqn}

    ledger, bare = Ledger(), stored({name: Facet() for name in VALUES})
    first = ledger.merge(tier("Tier.Tier2"), bare)
    ledger.end(first, SETTLED)
    ledger.end(ledger.merge(tier("Tier.Tier1"), apply_patch(bare, first.operations)), LOST)
    assert ledger.merge(tier("Tier.Tier1"), bare).operations == []


@pytest.mark.parametrize(("name", "ours", "next_of_ours"), [(COLUMN, "a", "b"), (TIER, "Tier.Tier1", "Tier.Tier2")])
def test_a_value_that_a_lost_answer_has_replaced_is_a_persons_when_it_is_back(
    name: str, ours: str, next_of_ours: str
) -> None:
    unknown: Values = dict.fromkeys(VALUES, UNKNOWN)
    known: Values = {**unknown, **(dict.fromkeys(LABELS) if name in LABELS else {})}
    ledger, document = Ledger(), stored({each: Facet() for each in VALUES})
    for values, end in ((known | {name: ours}, SETTLED), (known | {name: next_of_ours}, ARRIVED), (unknown, SETTLED)):
        merged = ledger.merge(values, document)
        document = apply_patch(document, merged.operations)
        ledger.end(merged, end)
    by_a_person = stored({each: Facet(ours if each == name else None) for each in VALUES})
    assert ledger.merge(known | {name: None}, by_a_person).operations == []
