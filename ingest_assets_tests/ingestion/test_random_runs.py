"""Edits of the source and of people in any order, at any time of a run: each has the last word where it counts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ingest_assets.catalog import Column, EntityType, Schema, Table
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets_tests.ingestion.conftest import VERSIONS
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place, place
from ingest_assets_tests.openmetadata.persons import (
    HAS,
    LABELS,
    TEXTS,
    TIER,
    TIERS,
    UNKNOWN,
    Key,
    Model,
    a_value,
    operations,
    values,
)

ROUNDS = 9
USERS = ("ann", "eve", "nobody.there")
TABLES = ("orders", "returns", "a>b")

Said = dict[Key, str | None]


def spelled(name: str) -> str:
    return name.replace(">", "__reserved__arrow__")


@dataclass
class Chance:
    """What a source may say, drawn from a seed."""

    of: random.Random

    def words(self) -> str | None:
        return self.of.choice([None, "A", "B"])

    def labels(self) -> tuple[tuple[str], ...] | None:
        some = tuple((fqn,) for fqn in LABELS if self.of.random() < 0.5)
        return self.of.choice([None, some, (*some, (self.of.choice(TIERS),))])

    def owners(self) -> tuple[str, ...] | None:
        return self.of.choice([None, (), *((name,) for name in USERS), ("ann", "nobody.there")])

    def table(self) -> dict[str, Any]:
        return {
            "description": self.words(),
            "display_name": self.words(),
            "owners": self.owners(),
            "labels": self.labels(),
            "columns": tuple(self.columns()),
            "unknown": frozenset(self.of.sample(["description", "display_name"], self.of.choice([0, 0, 1]))),
        }

    def columns(self) -> list[Column]:
        inner = [self.column("zip"), self.column("x>y")]
        found = [self.column("id"), self.column("tags"), self.column("home", "STRUCT", children=tuple(inner))]
        return self.of.sample(found, self.of.randint(1, 3))

    def column(self, name: str, kind: str = "", **more: Any) -> Column:
        kind = kind or self.of.choice(["INT", "INT", "STRING"])
        cased = self.of.choice([name, name, name.upper()]) if ">" not in name else name
        words = {"description": self.words(), "display_name": self.words()}
        return column(cased, kind, labels=self.labels(), **words, **more)


def said(entity: Table | Schema, users: Mapping[str, str]) -> Said:
    """All facets of what the source says of an entity."""
    known = [users[name] for name in entity.owners or () if name in users]
    stranger = entity.owners is None or (entity.owners and not known)
    altered = entity.path[-1] if ">" in entity.path[-1] else None
    texts: Said = {("description",): entity.description, ("displayName",): entity.display_name or altered}
    texts |= {(name,): UNKNOWN for name in TEXTS if name.replace("N", "_n") in entity.unknown}
    found = texts | {("owners",): UNKNOWN if stranger else known[0] if known else None} | said_labels((), entity.labels)
    return found | said_columns((), entity.columns if isinstance(entity, Table) else ())


def said_columns(above: Key, columns: tuple[Column, ...]) -> Said:
    found: Said = {}
    for each in columns:
        names = (*above, spelled(each.name.lower()))
        shown = each.display_name or (each.name if ">" in each.name else None)
        found |= {(*names, "description"): each.description, (*names, "displayName"): shown}
        found |= said_labels(names, each.labels) | said_columns(names, each.children)
    return found


def said_labels(names: Key, labels: Any) -> Said:
    if labels is None:
        return {(*names, fqn): UNKNOWN for fqn in (*LABELS, TIER)}
    fqns = [each.fqn for each in labels]
    tier = next((fqn for fqn in fqns if fqn in TIERS), None)
    return {**{(*names, fqn): HAS if fqn in fqns else None for fqn in LABELS}, (*names, TIER): tier}


@dataclass
class Campaign:
    """One server, one lake, its people, and what should become of it all."""

    here: Place
    chance: Chance
    lake: Lake = field(default_factory=Lake)
    users: dict[str, str] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    acknowledged: dict[str, Table | Schema] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for fqn in LABELS:
            self.here.sandbox.openmetadata.add_tag(*fqn.split("."))
        for name in USERS[:2]:
            self.users[name] = self.here.sandbox.openmetadata.add_user(name)
        tier = {"name": "Tier", "description": "x", "mutuallyExclusive": True}
        self.here.admin.put("/v1/classifications", tier)

    @property
    def owner(self) -> str:
        return "owner" if self.here.version.startswith("1.0") else "owners"

    def change_the_source(self) -> None:
        for name in TABLES:
            if ("db", "s", name) not in self.lake.tables or self.chance.of.random() < 0.6:
                self.lake.put("s", name, **self.chance.table())
        path = (self.lake.name, "db", "s")
        words = {"description": self.chance.words(), "labels": self.chance.labels()}
        self.lake.schemas["db", "s"] = Schema(path=path, display_name="Sales", **words)

    def entities(self) -> dict[str, Table | Schema]:
        found: dict[str, Table | Schema] = {}
        for each in (*self.lake.schemas.values(), *self.lake.tables.values()):
            assert isinstance(each, Table | Schema)
            found[".".join(map(spelled, each.path))] = each
        return found

    def stored(self, entity: Table | Schema, fqn: str) -> dict[str, Any]:
        kind = EntityType(entity.type)
        columns = ",columns" if kind is EntityType.TABLE else ""
        return self.here.get(kind, fqn, f"{self.owner},tags{columns}")

    def edit(self, most: int) -> None:
        """People do some things, to entities that are there."""
        for _ in range(self.chance.of.randint(0, most) if self.models else 0):
            fqn = self.chance.of.choice(sorted(self.models))
            entity = self.acknowledged[fqn]
            stored = self.stored(entity, fqn)
            keys = sorted(self.models[fqn].facets.keys() & values(stored, as_said=False).keys())
            keys = [key for key in keys if not self.is_inherited_from(entity, key)]
            key = self.chance.of.choice(keys)
            value = a_value(key, self.chance.of.choice([None, "A", "Mine"]), self.users)
            if stored["deleted"] or self.models[fqn].held()[key] == value:
                continue
            made = list(operations(stored, key, value, self.owner))
            self.here.admin.patch(f"/v1/{collection_of(EntityType(entity.type))}/{stored['id']}", made)
            self.models[fqn].edit(key, value)

    @staticmethod
    def is_inherited_from(entity: Table | Schema, key: Key) -> bool:
        """Before 1.3 nothing tells an owner of a table from one of its schema."""
        return isinstance(entity, Schema) and key == ("owners",)

    def delete(self) -> None:
        if self.chance.of.random() < 0.3:
            fqn = self.chance.of.choice(sorted(set(self.models) - {"lake.db.s"}))
            self.here.soft_delete(EntityType.TABLE, fqn)
            self.deleted.add(fqn)

    def run(self) -> None:
        """A run, in each pause of which people do something."""
        ingestion = self.here.ingestion(self.lake)
        run_id = next(RUN_IDS)
        try:
            ingestion.snapshot(run_id, last_attempt=True)
            self.edit(2)
            ingestion.plan(run_id)
            self.edit(2)
            for kind, entity_type in [
                (EntityType.DATABASE, None),
                (EntityType.SCHEMA, Schema),
                (EntityType.TABLE, Table),
            ]:
                self.publish(ingestion, run_id, kind, entity_type)
            ingestion.lineage(run_id)
            ingestion.stale(run_id)
        finally:
            ingestion.close()

    def publish(self, ingestion: Ingestion, run_id: str, kind: EntityType, entity_type: type | None) -> None:
        failed = {problem.fqn: problem.reason for problem in ingestion.publish(run_id, kind).problems}
        # All runs are within the ten minutes that a server holds our patches against the version before our last one.
        assert all("the server took a patch" in reason for reason in failed.values())
        for fqn, entity in self.entities().items():
            if entity_type is None or not isinstance(entity, entity_type):
                continue
            if fqn in failed:
                self.models[fqn].cut(said(entity, self.users), values(self.stored(entity, fqn), as_said=False))
                self.pending.add(fqn)
                continue
            if self.acknowledged.get(fqn) != entity or fqn in self.deleted | self.pending:
                self.models.setdefault(fqn, Model()).run(said(entity, self.users))
            self.acknowledged[fqn] = entity
            self.deleted.discard(fqn)
            self.pending.discard(fqn)
        self.edit(1)

    def check(self) -> None:
        for fqn, entity in self.entities().items():
            stored = self.stored(entity, fqn)
            assert not stored["deleted"]
            found, held = values(stored, as_said=False), self.models[fqn].held()
            # A table that waits for the next run has its old columns still.
            assert found == ({key: held[key] for key in found} if fqn in self.pending else held), fqn


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("version", VERSIONS)
def test_whatever_people_and_sources_do_each_has_the_last_word_where_it_counts(
    tmp_path: Any, version: str, seed: int
) -> None:
    with place(tmp_path, version) as here:
        campaign = Campaign(here, Chance(random.Random(seed)))  # noqa: S311  # no secret
        for number in range(ROUNDS):
            campaign.change_the_source()
            if number:
                campaign.edit(4)
                campaign.delete()
            campaign.run()
            campaign.check()
        assert campaign.pending or here.run(campaign.lake).written() == 0
        campaign.check()
