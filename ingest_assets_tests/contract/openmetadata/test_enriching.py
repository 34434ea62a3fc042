"""What a source knows of the tables of another recipe is patched into them; both run in turn and undo nothing."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from ingest_assets.catalog import Enrichment, EntityType
from ingest_assets.ingestion.enrichment import enrich
from ingest_assets_tests.contract.openmetadata.ground import Ground, writes
from ingest_assets_tests.ingestion.knowledge import Knowledge, labels, of_column
from ingest_assets_tests.ingestion.lakes import Lake, column

Json = dict[str, Any]


class Two:
    """A lake, and what another source knows of its one table."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.lake = Lake(ground.service(EntityType.DATABASE_SERVICE, "lake"))
        self.make(column("id"), column("home", "STRUCT", children=(column("zip"),)))
        self.orders = self.lake.reference("db", "sales", "orders")
        self.owner = ground.user("ann")[0]
        self.mine, self.theirs = ground.tags("mine", "theirs")

    def make(self, *columns: Any) -> None:
        self.lake.put("sales", "orders", columns=columns)

    def know(self, description: str) -> Json:
        """A run of the enricher; the requests with which it meant to change something."""
        inner = of_column("home", "zip", description=description, labels=labels(self.mine))
        known = Enrichment(
            target=self.orders,
            description=description,
            display_name="Orders",
            owners=(self.owner,),
            labels=labels(self.mine, "Tier.Tier1"),
            columns=(inner,),
        )
        with closing(self.ground.ingestion(Knowledge([known]))) as ingestion:
            ingestion.snapshot(description, last_attempt=True)
            report = enrich(ingestion, description)
            assert report.balances()
            assert report.problems == []
            return writes(ingestion)

    def stored(self) -> Json:
        return self.ground.get(self.orders, "columns", "tags", self.ground.owners)

    def shown(self) -> tuple[Any, ...]:
        """Description, display name, owners, labels; description and labels of the inner column."""
        stored = self.stored()
        owners = stored.get(self.ground.owners) or []
        names = [each["name"] for each in (owners if isinstance(owners, list) else [owners])]
        zipped = next(each for each in stored["columns"] if each["name"] == "home")["children"][0]
        return (
            stored.get("description"),
            stored.get("displayName"),
            names,
            tags(stored),
            zipped["description"],
            tags(zipped),
        )


def tags(holder: Json) -> set[str]:
    return {each["tagFQN"] for each in holder.get("tags", ())}


@pytest.fixture
def two(ground: Ground) -> Two:
    return Two(ground)


def test_who_makes_and_who_enriches_end_in_no_writes(ground: Ground, two: Two) -> None:
    ground.run(two.lake)
    two.know("Words")
    expected = ("Words", "Orders", [two.owner], {two.mine, "Tier.Tier1"}, "Words", {two.mine})
    assert two.shown() == expected
    assert ground.run(two.lake).requests == {}
    two.make(column("new"), *column_of(two.lake))
    assert ground.run(two.lake).written() == 1
    assert two.shown() == expected
    assert two.know("Words") == {}
    two.know("New words")
    assert two.shown() == ("New words", *expected[1:4], "New words", {two.mine})
    assert ground.run(two.lake).requests == {}
    assert two.know("New words") == {}


def column_of(lake: Lake) -> tuple[Any, ...]:
    table: Any = lake.tables["db", "sales", "orders"]
    return tuple(table.columns)


def test_what_a_person_did_stays(ground: Ground, two: Two) -> None:
    ground.run(two.lake)
    two.know("Words")
    label = {"tagFQN": two.theirs, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
    ground.patch(
        two.orders,
        {"op": "replace", "path": "/description", "value": "Mine"},
        {"op": "remove", "path": "/displayName"},
        {"op": "add", "path": "/tags", "value": [label]},
    )
    two.know("New words")
    ground.run(two.lake)
    assert two.shown() == ("Mine", None, [two.owner], {two.theirs}, "New words", {two.mine})
    assert two.know("New words") == {}
