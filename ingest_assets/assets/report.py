"""Reports as Dagster metadata: the same keys on every asset, so that the UI can plot them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import dagster as dg

from ingest_assets.assets.diff import IN_FULL, INLINE, diff
from ingest_assets.catalog import Reference
from ingest_assets.ingestion.report import Problem, Report

_ROWS = 20

Metadata = dict[str, Any]


class Links(NamedTuple):
    """Where people go on from an asset.

    Attributes:
        catalog: Page of the service in OpenMetadata.
        console: Page of the service in its own console.
    """

    catalog: str
    console: str | None


def service_page(host_port: str, service: Reference) -> str:
    """Page of a service in OpenMetadata's UI, which lies beside ``/api``."""
    return f"{host_port.removesuffix('/').removesuffix('/api')}/service/{service.type}s/{quote(service.name, safe='')}"


def metadata(report: Report, links: Links) -> Metadata:
    """A report as metadata of a materialization."""
    found: Metadata = {"openmetadata": dg.MetadataValue.url(links.catalog)}
    if links.console:
        found["console"] = dg.MetadataValue.url(links.console)
    if report.version:
        found["version"] = dg.MetadataValue.text(report.version)
    if report.dry_run:
        found["dry_run"] = dg.MetadataValue.text("nothing was written; the counts are what would have been")
    if report.notes:
        found["notes"] = dg.MetadataValue.md("\n".join(f"- {note}" for note in report.notes[:_ROWS]))
    # The page shows it in this order: what people come for first. The counts are there for the plots, and mostly zero.
    return {
        **found,
        "changes": dg.MetadataValue.md(diff(report, INLINE)),
        **({IN_FULL: dg.MetadataValue.md(diff(report))} if len(diff(report)) > INLINE else {}),
        "failures": _table([_problem(problem) for problem in report.problems[:_ROWS]], ("fqn", "step", "reason")),
        "dagster/row_count": dg.MetadataValue.int(report.listed - report.filtered - report.failed),
        **{name: dg.MetadataValue.int(count) for name, count in report.numbers().items()},
        "seconds_crawl": dg.MetadataValue.float(round(report.seconds_crawl, 3)),
        "seconds_publish": dg.MetadataValue.float(round(report.seconds_publish, 3)),
        "api_calls": dg.MetadataValue.json(report.api_calls),
    }


def _problem(problem: Problem) -> Mapping[str, str]:
    return {"fqn": problem.fqn, "step": problem.step, "reason": problem.reason}


def _table(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> dg.TableMetadataValue:
    """A table; its columns are given, because Dagster can't tell them from no rows."""
    schema = dg.TableSchema([dg.TableColumn(column) for column in columns])
    return dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in rows], schema=schema)
