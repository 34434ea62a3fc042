"""What tests of the QuickSight source read, and runs of it from end to end."""

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
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.quicksight.source import QuickSightSettings, QuickSightSource
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

ACCOUNT, SERVICE = "123456789012", "bi"
MODELS = Scope(EntityType.DATA_MODEL, (SERVICE,))
CHARTS = Scope(EntityType.CHART, (SERVICE,))
BOARDS = Scope(EntityType.DASHBOARD, (SERVICE,))
KINDS = frozenset({EntityType.DATA_MODEL, EntityType.CHART, EntityType.DASHBOARD})

KindT = TypeVar("KindT")


def of(kind: type[KindT], findings: Iterable[Finding]) -> list[KindT]:
    return [found for found in findings if isinstance(found, kind)]


def everything(source: QuickSightSource) -> list[Finding]:
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
    """Runs of one QuickSight recipe, each as a process of its own makes it; their sums are proven on the way."""

    place: Place
    service: str = SERVICE
    settings: dict[str, Any] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)

    @property
    def sandbox(self) -> Sandbox:
        return self.place.sandbox

    @property
    def boards(self) -> Boards:
        return self.place.sandbox.company.boards

    def keep(self, *dashboards: str) -> None:
        """Have only these dashboards, and what is behind them."""
        for name in set(self.boards.ids("dashboard")) - set(dashboards):
            self.boards.drop("dashboard", name)
        kept = (self.boards.asset("dashboard", name) for name in dashboards)
        used = {arn for board in kept for arn in board.row["Version"]["DataSetArns"]}
        for data_set in self.boards.assets("dataset").values():
            if data_set.arn not in used:
                self.boards.drop("dataset", data_set.id)

    def __call__(
        self, who: Principal | None = None, *, mark_deleted: frozenset[EntityType] = KINDS, **settings: Any
    ) -> Run:
        run_id = next(RUN_IDS)
        source = self.source(who or self.sandbox.reader, **{**self.settings, **settings})
        with closing(
            self.place.ingestion(source, mark_deleted=mark_deleted, stale_percent=100, **self.rules)
        ) as ingestion:
            snapshot = ingestion.snapshot(run_id, last_attempt=True)
            plan = ingestion.plan(run_id)
            words = publish_words(ingestion, run_id, EntityType.CLASSIFICATION)
            assert words.balances()
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
        return run

    def source(self, who: Principal, calls: Calls | None = None, **settings: Any) -> QuickSightSource:
        keys = (who.access_key_id, who.secret_access_key, who.session_token)
        credentials = AwsCredentials(self.sandbox.company.region, *keys)
        session = AwsSession(credentials, calls or Calls(), service="quicksight", attempts=1)
        return QuickSightSource(QuickSightSettings(self.service, ACCOUNT, **settings), session)

    def get(self, kind: EntityType, name: str, fields: str = "") -> dict[str, Any]:
        between = "model." if kind is EntityType.DATA_MODEL else ""
        return self.place.get(kind, f"{self.service}.{between}{name}", fields)

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
