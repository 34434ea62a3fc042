"""A service of any kind, whose entities a test writes down and changes between runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from ingest_assets.catalog import (
    Edge,
    Entity,
    EntityType,
    Finding,
    ForeignEdge,
    Reference,
    Scope,
    Service,
    Statement,
    Word,
)
from ingest_assets.errors import UnavailableError
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.vocabulary import publish_words
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

GROUPS = (EntityType.CLASSIFICATION, EntityType.GLOSSARY)


@dataclass
class Estate:
    """A service whose entities lie right below it, or in each other.

    Attributes:
        owner: The service.
        entities: What they have.
        beside: Further services.
        words: Tags and terms, told with the first listing.
        lineage: Edges, told with the listing of the type that is written last.
        hidden: What its listings leave out, without a word.
        failing: Types whose listing breaks off at its end.
        asked: How often each thing was asked for by its name.
    """

    owner: Service
    entities: dict[Reference, Entity] = field(default_factory=dict)
    beside: list[Service] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    lineage: list[Edge | ForeignEdge | Statement] = field(default_factory=list)
    hidden: set[Reference] = field(default_factory=set)
    failing: set[EntityType] = field(default_factory=set)
    asked: Counter[Reference] = field(default_factory=Counter)

    def put(self, *entities: Entity) -> None:
        """Add or replace entities."""
        for entity in entities:
            self.entities[entity.reference] = entity

    def services(self) -> Sequence[Service]:
        return [self.owner, *self.beside]

    def identity(self) -> str | None:
        return None

    def roots(self) -> Sequence[Scope]:
        return [Scope(kind, owner.path) for owner in self.services() for kind in owner.reference.type.held]

    def read(self, scope: Scope) -> Iterator[Finding]:
        if scope == self.roots()[0]:
            yield from self.words
        for reference, entity in sorted(self.entities.items()):
            if scope.holds(reference) and reference not in self.hidden:
                yield entity
                if reference.type.nests:
                    yield Scope(reference.type, reference.path)
        if scope == self.roots()[-1]:
            yield from self.lineage
        if scope.of in self.failing:
            raise UnavailableError("broke off", where=str(scope))

    def exists(self, reference: Reference) -> bool:
        self.asked[reference] += 1
        return reference in self.entities


@dataclass
class EstateRun:
    """The reports of one run's steps."""

    snapshot: Report
    plan: Report
    words: dict[EntityType, Report]
    published: dict[EntityType, Report]
    lineage: Report
    stale: Report

    def reports(self) -> list[Report]:
        return [self.snapshot, self.plan, *self.words.values(), *self.published.values(), self.lineage, self.stale]

    def written(self) -> int:
        reports = [*self.words.values(), *self.published.values(), self.lineage]
        return sum(report.created + report.updated + report.restored for report in reports)

    def failures(self) -> dict[str, str]:
        return {problem.fqn: problem.reason for report in self.reports() for problem in report.problems}


def run_estate(place: Place, estate: Estate, **settings: Any) -> EstateRun:
    """A run of its own, as a new process would make it; its sums are proven on the way."""
    run_id = next(RUN_IDS)
    settings.setdefault(
        "mark_deleted", frozenset(kind for each in estate.services() for kind in each.reference.type.held)
    )
    with closing(place.ingestion(estate, **settings)) as ingestion:
        done = EstateRun(
            ingestion.snapshot(run_id, last_attempt=True),
            ingestion.plan(run_id),
            {root: publish_words(ingestion, run_id, root) for root in GROUPS},
            {kind: ingestion.publish(run_id, kind) for kind in ingestion.kinds},
            ingestion.lineage(run_id),
            ingestion.stale(run_id),
        )
    assert all(report.balances() for report in done.reports())
    whole = not estate.hidden and not estate.failing
    assert not whole or done.plan.listed == len(estate.entities)
    return done
