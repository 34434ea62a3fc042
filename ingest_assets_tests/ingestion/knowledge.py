"""A source that owns nothing and knows something of what others own; a test writes down what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from ingest_assets.catalog import (
    ColumnEnrichment,
    DatabaseService,
    Elsewhere,
    Enrichment,
    EntityType,
    Failed,
    Filtered,
    Finding,
    Label,
    Reference,
    Scope,
)
from ingest_assets.ingestion.enrichment import enrich
from ingest_assets.ingestion.report import Report
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

SCOPE = Scope(EntityType.TABLE, ("atlas",))


@dataclass
class Knowledge:
    """What is known, in one listing."""

    findings: list[Enrichment | Filtered | Failed] = field(default_factory=list)

    def service(self) -> DatabaseService:
        return DatabaseService(path=SCOPE.path, service_type="CustomDatabase")

    def identity(self) -> str | None:
        return None

    def roots(self) -> Sequence[Scope]:
        return (SCOPE,)

    def read(self, scope: Scope) -> Iterator[Finding]:
        yield from self.findings

    def exists(self, reference: Reference) -> bool:
        return False


def run_knowledge(place: Place, knowledge: Knowledge | Enrichment, **settings: Any) -> Report:
    """A run of its own, as a new process would make it; its sums are proven on the way."""
    source = Knowledge([knowledge]) if isinstance(knowledge, Enrichment) else knowledge
    run_id = next(RUN_IDS)
    with closing(place.ingestion(source, **settings)) as ingestion:
        snapshot = ingestion.snapshot(run_id, last_attempt=True)
        report = enrich(ingestion, run_id)
    assert snapshot.balances()
    assert report.balances()
    assert report.listed == snapshot.listed == len(source.findings)
    return report


def about(*names: str, **facets: Any) -> Enrichment:
    """What is known of a table, by names without its service."""
    return Enrichment(target=Elsewhere(type=EntityType.TABLE, names=names), **facets)


def of_column(*path: str, **facets: Any) -> ColumnEnrichment:
    return ColumnEnrichment(path=path, **facets)


def labels(*fqns: str) -> tuple[Label, ...]:
    return tuple(map(Label, fqns))


def changed(enrichment: Enrichment, **facets: Any) -> Enrichment:
    """The same with other facets."""
    return enrichment.model_copy(update=facets)


def problems(report: Report) -> list[str]:
    return [f"{problem.fqn}: {problem.reason}" for problem in report.problems]
