"""From dashboards and analyses to entities and edges. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest_assets.catalog import (
    Chart,
    ColumnPair,
    ColumnReference,
    Dashboard,
    Edge,
    EntityType,
    Label,
    Origin,
    Parked,
    Reference,
    Unlisted,
)
from ingest_assets.sources.quicksight.boards import ANALYSIS, SHEET, Board
from ingest_assets.sources.quicksight.console import sheet_of
from ingest_assets.sources.quicksight.visuals import Visual

_MILLISECONDS = 1000
_CHART_NAME = re.compile(f"({SHEET})?((?:{ANALYSIS})?[^:]+):([^:]+)")


class Besides(NamedTuple):
    """What is asked for besides a dashboard, an analysis or a data set itself.

    Attributes:
        owners: None: not asked for, or not known.
        labels: None: not asked for, or not known.
        project: Folders that it lies in, e.g. ``Sales/Weekly``.
        unknown: Attributes of the entity that could not be read this time.
    """

    owners: tuple[str, ...] | None = None
    labels: tuple[Label, ...] | None = None
    project: str | None = None
    unknown: frozenset[str] = frozenset()


def chart_name(board_name: str, visual_id: str) -> str:
    """Name of a chart: copies of a dashboard have the very same ids of visuals.

    Sheets in place of visuals have a name that begins like no visual's. Neither id can hold a colon but the one that
    analyses begin with.
    """
    if visual_id.startswith(SHEET):
        return f"{SHEET}{board_name}:{visual_id.removeprefix(SHEET)}"
    return f"{board_name}:{visual_id}"


def unlisted_visuals(board_name: str) -> Unlisted:
    """All visuals of a dashboard or an analysis."""
    return Unlisted(prefix=chart_name(board_name, ""))


def unlisted_charts(board_name: str) -> tuple[Unlisted, Unlisted]:
    """All visuals of a dashboard or an analysis, and all sheets in place of them.

    Args:
        board_name: Its name; ``ANALYSIS``: those of all analyses.
    """
    if board_name == ANALYSIS:
        return Unlisted(prefix=ANALYSIS), Unlisted(prefix=f"{SHEET}{ANALYSIS}")
    return unlisted_visuals(board_name), Unlisted(prefix=chart_name(board_name, SHEET))


def split_chart_name(name: str) -> tuple[str, str]:
    """Name of the board, and id of the visual; the first is empty for a name that we never gave."""
    match = _CHART_NAME.fullmatch(name)
    return (match[2], f"{match[1] or ''}{match[3]}") if match else ("", name)


def title_of(visual: Visual) -> str:
    """What people know a visual by."""
    return visual.title or visual.kind


def to_chart(service: str, board: Board, visual: Visual, page: str | None) -> Chart:
    """A visual as a chart.

    Args:
        service: Name of the service.
        board: What it is on.
        visual: Of a definition, or a sheet in place of its visuals.
        page: Address of the board.
    """
    where = f"{visual.kind} on the sheet {visual.sheet}." if visual.sheet else f"{visual.kind}."
    told = "A sheet." if visual.kind == "Sheet" else where
    return Chart(
        path=(service, chart_name(board.name, visual.id)),
        display_name=title_of(visual),
        description=f"{visual.subtitle}\n\n{told}" if visual.subtitle else told,
        chart_type=visual.chart_type,
        source_url=sheet_of(page, board.id, visual.sheet_id),
    )


def to_dashboard(
    service: str, board: Board, charts: Sequence[str], data_models: Sequence[str], page: str | None, besides: Besides
) -> Dashboard:
    """A dashboard, or an analysis as a dashboard of its kind.

    Args:
        service: Name of the service.
        board: As QuickSight describes it.
        charts: Names of those of its charts that are kept.
        data_models: Names of its data models.
        page: Its address.
        besides: What else is known.
    """
    return Dashboard(
        path=(service, board.name),
        display_name=board.title,
        description=board.description or None,
        owners=besides.owners,
        labels=besides.labels,
        source_url=page,
        dashboard_type="Report" if board.is_analysis else "Dashboard",
        project=besides.project,
        charts=tuple(charts),
        data_models=tuple(data_models),
        published=int(board.published.timestamp() * _MILLISECONDS) if board.published is not None else None,
        unknown=besides.unknown,
    )


def data_set_id(arn: str, account: str, region: str) -> str | None:
    """Id of a data set by its ARN; None if it is of another account or region."""
    # arn:aws:quicksight:eu-north-1:123456789012:dataset/orders
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[3:5] != [region, account]:  # noqa: PLR2004  # parts of an ARN
        return None
    kind, _, found = parts[5].partition("/")
    return found if kind == "dataset" and found else None


def lineage_of(
    dashboard: Reference, board: Board, data_models: dict[str, Reference], kept: Sequence[Visual]
) -> Iterator[Edge | Parked]:
    """Edges into a dashboard from its data models, with the columns that each of its charts shows.

    Args:
        dashboard: The target.
        board: As QuickSight describes it.
        data_models: Those that can be referred to, by the ARN of the data set.
        kept: The visuals that are charts of the dashboard.
    """
    for arn in board.data_set_arns:
        if arn not in data_models:
            yield Parked(target=dashboard, wanted=arn, reason="the data set is of another account or region")
            continue
        source = data_models[arn]
        pairs = []
        for visual in kept:
            columns = [ColumnReference(source, (column,)) for of, column in visual.columns if of == arn]
            if columns:
                target = ColumnReference(dashboard, (chart_name(board.name, visual.id),))
                pairs.append(ColumnPair(tuple(columns), target))
        yield Edge(
            source=source,
            target=dashboard,
            origin=Origin.DASHBOARD,
            columns=tuple(pairs),
            lacks_columns=not board.is_defined,
        )


def references_of(service: str, arns: Sequence[str], account: str, region: str) -> dict[str, Reference]:
    """The data models of those data sets that lie in this account and region, by ARN."""
    ids = {arn: data_set_id(arn, account, region) for arn in arns}
    return {arn: Reference(EntityType.DATA_MODEL, (service, found)) for arn, found in ids.items() if found}
