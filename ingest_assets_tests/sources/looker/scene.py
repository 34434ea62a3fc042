"""What tests of the Looker source read, and runs of it from end to end."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ingest_assets.calls import Calls
from ingest_assets.catalog import Chart, Dashboard, DataModel, EntityType, Finding, Note, Scope
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.verdicts import Verdict, complete
from ingest_assets.ingestion.vocabulary import publish_words
from ingest_assets.sandbox.company.looker import LookerState
from ingest_assets.sandbox.company.looker_instance import LOOKML_OWNER, LOOKML_REPOSITORY
from ingest_assets.sandbox.company.looker_repositories import Repository
from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.git import GitHubRepository, NoCache, Reading
from ingest_assets.sources.git import Patience as GitPatience
from ingest_assets.sources.http import Patience
from ingest_assets.sources.looker.api import LookerApi
from ingest_assets.sources.looker.lookml.manifest import Dependency
from ingest_assets.sources.looker.lookml_reader import LookmlReader, NamedRepository
from ingest_assets.sources.looker.settings import LookerSettings
from ingest_assets.sources.looker.source import LOOKML, LookerSource
from ingest_assets.sources.looker.transport import LookerCredentials
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

SERVICE = "bi"
MODELS = Scope(EntityType.DATA_MODEL, (SERVICE,))
VIEWS = Scope(EntityType.DATA_MODEL, (SERVICE,), LOOKML)
CHARTS = Scope(EntityType.CHART, (SERVICE,))
BOARDS = Scope(EntityType.DASHBOARD, (SERVICE,))
KINDS = frozenset({EntityType.DATA_MODEL, EntityType.CHART, EntityType.DASHBOARD})

KindT = TypeVar("KindT")


def of(kind: type[KindT], findings: Iterable[Finding]) -> list[KindT]:
    return [found for found in findings if isinstance(found, kind)]


def everything(source: LookerSource) -> list[Finding]:
    """All that a source finds, listing by listing."""
    return [found for scope in source.roots() for found in source.read(scope)]


def dashboards(findings: Iterable[Finding]) -> dict[str, Dashboard]:
    return {found.path[-1]: found for found in of(Dashboard, findings)}


def charts(findings: Iterable[Finding]) -> dict[str, Chart]:
    return {found.path[-1]: found for found in of(Chart, findings)}


def models(findings: Iterable[Finding]) -> dict[str, DataModel]:
    return {found.path[-1]: found for found in of(DataModel, findings)}


def notes(findings: Iterable[Finding]) -> list[str]:
    return [note.text for note in of(Note, findings)]


def quick(retries: int = 0) -> Patience:
    """Retries without a pause."""
    return Patience(timeouts=(2.0, 5.0), retries=retries, sleep=lambda _: None)


def api_of(
    sandbox: Sandbox, who: LookerClient | None = None, calls: Calls | None = None, *, retries: int = 0, threads: int = 8
) -> LookerApi:
    client = who or sandbox.looker_client
    credentials = LookerCredentials(sandbox.url, client.client_id, client.client_secret)
    return LookerApi(credentials, calls or Calls(), threads=threads, patience=quick(retries))


def lookml_of(sandbox: Sandbox, calls: Calls | None = None) -> LookmlReader:
    """The company's LookML, with what it imports from the company's GitHub."""
    reading = Reading(calls or Calls(), NoCache(), GitPatience(retries=0))

    def repository(name: str, ref: str | None = None) -> GitHubRepository:
        token = sandbox.github_token.value
        return GitHubRepository(LOOKML_OWNER, name, reading, token=token, host=sandbox.url, ref=ref)

    def imported(dependency: Dependency) -> GitHubRepository | None:
        if dependency.url is None:
            return None
        return repository(dependency.url.rstrip("/").rpartition("/")[2].removesuffix(".git"), dependency.ref)

    named = (NamedRepository(name, repository(name)) for name in (LOOKML_REPOSITORY, "looker-parcels"))
    return LookmlReader(tuple(named), imported, NoCache())


def source_at(
    sandbox: Sandbox,
    who: LookerClient | None = None,
    calls: Calls | None = None,
    *,
    service: str = SERVICE,
    lookml: bool = True,
    **settings: Any,
) -> LookerSource:
    """A source of the company's Looker, that waits for nothing and repeats nothing."""
    told = calls or Calls()
    api = api_of(sandbox, who, told, threads=settings.get("threads", 8))
    return LookerSource(
        LookerSettings(service, sandbox.url, **settings), api, lookml_of(sandbox, told) if lookml else None
    )


@dataclass
class Run:
    """The reports of one run's steps, and whether all was read."""

    snapshot: Report
    plan: Report
    data_models: Report
    charts: Report
    dashboards: Report
    lineage: Report
    stale: Report
    complete: Verdict

    def failures(self) -> dict[str, str]:
        reports = (self.snapshot, self.data_models, self.charts, self.dashboards)
        return {problem.fqn: problem.reason for report in reports for problem in report.problems}

    def gone(self) -> list[str]:
        return sorted(change.fqn for change in self.stale.changes)


@dataclass
class Runs:
    """Runs of one Looker recipe, each as a process of its own makes it; their sums are proven on the way."""

    place: Place
    service: str = SERVICE
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def sandbox(self) -> Sandbox:
        return self.place.sandbox

    @property
    def looker(self) -> LookerState:
        return self.sandbox.company.looker

    @property
    def repository(self) -> Repository:
        return self.sandbox.company.repositories.get(LOOKML_OWNER, LOOKML_REPOSITORY)

    def board(self, title: str) -> str:
        """Id of a dashboard."""
        return str(next(row["id"] for row in self.looker.dashboards.all() if row["title"] == title))

    def __call__(
        self, who: LookerClient | None = None, *, mark_deleted: frozenset[EntityType] = KINDS, **settings: Any
    ) -> Run:
        run_id = next(RUN_IDS)
        source = source_at(self.sandbox, who, service=self.service, **{**self.settings, **settings})
        with closing(self.place.ingestion(source, mark_deleted=mark_deleted, stale_percent=100)) as ingestion:
            snapshot = ingestion.snapshot(run_id, last_attempt=True)
            plan = ingestion.plan(run_id)
            assert publish_words(ingestion, run_id, EntityType.CLASSIFICATION).balances()
            run = Run(
                snapshot,
                plan,
                ingestion.publish(run_id, EntityType.DATA_MODEL),
                ingestion.publish(run_id, EntityType.CHART),
                ingestion.publish(run_id, EntityType.DASHBOARD),
                ingestion.lineage(run_id),
                ingestion.stale(run_id),
                complete(ingestion.manifest(run_id)),
            )
        assert all(report.balances() for report in vars(run).values() if isinstance(report, Report))
        assert not list(self.sandbox.looker.unsound)
        assert not list(self.sandbox.looker.unknown_fields)
        return run

    def fqn(self, kind: EntityType, name: str) -> str:
        quoted = f'"{name}"' if "." in name else name
        return f"{self.service}.{'model.' if kind is EntityType.DATA_MODEL else ''}{quoted}"

    def get(self, kind: EntityType, name: str, fields: str = "") -> dict[str, Any]:
        return self.place.get(kind, self.fqn(kind, name), fields)

    def columns(self, kind: EntityType, name: str) -> dict[str, dict[str, Any]]:
        """Columns that the server shows, by name."""
        return {column["name"]: column for column in self.get(kind, name, "columns")["columns"]}

    def is_gone(self, kind: EntityType, name: str) -> bool:
        return bool(self.get(kind, name).get("deleted", False))

    def charts_of(self, name: str) -> list[str]:
        """Titles of the charts that the server shows on a dashboard."""
        shown = self.get(EntityType.DASHBOARD, name, "charts").get("charts", [])
        return sorted(chart["displayName"] for chart in shown)

    def upstream(self, kind: EntityType, name: str) -> dict[str, dict[str, list[str]]]:
        """Edges that the server shows into something: from where, and the columns behind each column."""
        entity = self.get(kind, name)
        graph = self.place.admin.get(f"/v1/lineage/{kind}/{entity['id']}", {"upstreamDepth": "1"})
        names = {node["id"]: node["fullyQualifiedName"] for node in (*graph["nodes"], graph["entity"])}
        return {
            names[edge["fromEntity"]]: {
                pair["toColumn"]: sorted(pair["fromColumns"])
                for pair in (edge.get("lineageDetails") or {}).get("columnsLineage") or ()
            }
            for edge in graph["upstreamEdges"]
        }

    def writes_of_next(self, **settings: Any) -> list[str]:
        """What one more run writes."""
        self.sandbox.openmetadata.reset_counts()
        self(**settings)
        return self.place.writes()
