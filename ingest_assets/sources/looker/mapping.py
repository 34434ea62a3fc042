"""From what Looker's API tells to entities and edges. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest_assets.catalog import (
    Chart,
    Column,
    ColumnPair,
    ColumnReference,
    Dashboard,
    DataModel,
    Edge,
    EntityType,
    Origin,
    Reference,
)
from ingest_assets.sources.looker.boards import Board, shown_explores
from ingest_assets.sources.looker.explores import Explore, Field
from ingest_assets.sources.looker.field_types import field_type
from ingest_assets.sources.looker.names import explore_model_name
from ingest_assets.sources.looker.tags import labels_of
from ingest_assets.sources.looker.tiles import Tile

_MILLISECONDS = 1000
_HIDDEN = "Hidden in Looker."
_BETWEEN = "~"
"""No id of Looker's has it, and no address needs it encoded."""


class Besides(NamedTuple):
    """What is asked for besides a dashboard itself.

    Attributes:
        owners: None: not asked for, or not known.
        project: Folders that it lies in, e.g. ``Finance/Month end``.
        views: How often it was looked at, ever; None: not asked for, or not known.
        unknown: Attributes that could not be read this time.
    """

    owners: tuple[str, ...] | None = None
    project: str | None = None
    views: int | None = None
    unknown: frozenset[str] = frozenset()


def chart_name(board: str, tile_id: str) -> str:
    """Name of a chart: of a dashboard that is left out, none is taken for gone."""
    return f"{board}{_BETWEEN}{tile_id}"


def split_chart_name(name: str) -> tuple[str, str]:
    """Name of the board, and id of the tile; the first is empty for a name that we never gave."""
    board, _, tile = name.rpartition(_BETWEEN)
    return board, tile


def title_of(tile: Tile) -> str:
    """What people know a tile by."""
    return tile.title or tile.kind or tile.id


def to_chart(service: str, board: Board, tile: Tile, page: str) -> Chart:
    """A tile as a chart.

    Args:
        service: Name of the service.
        board: What it is on.
        tile: The tile.
        page: Address of the board.
    """
    return Chart(
        path=(service, chart_name(board.name, tile.id)),
        display_name=title_of(tile),
        description=tile.description or None,
        chart_type=tile.chart_type,
        source_url=tile.url or page,
    )


def to_dashboard(service: str, board: Board, charts: Sequence[str], page: str, besides: Besides) -> Dashboard:
    """A dashboard, or a look as a dashboard of type Report.

    Args:
        service: Name of the service.
        board: As Looker describes it.
        charts: Names of those of its charts that are kept.
        page: Its address.
        besides: What else is known.
    """
    told = [board.description] if board.description else []
    if board.filters:
        told.append(f"Filters: {', '.join(board.filters)}.")
    return Dashboard(
        path=(service, board.name),
        display_name=board.title,
        description="\n\n".join(told) or None,
        owners=besides.owners,
        source_url=page,
        dashboard_type="Report" if board.is_look else "Dashboard",
        project=besides.project,
        charts=tuple(charts),
        data_models=tuple(dict.fromkeys(explore_model_name(*each) for each in shown_explores(board))),
        published=int(board.updated.timestamp() * _MILLISECONDS) if board.updated is not None else None,
        views=besides.views,
        unknown=besides.unknown,
    )


def lineage_of(service: str, board: Board, kept: Sequence[Tile]) -> Iterator[Edge]:
    """Edges into a dashboard from the explores that it shows, with the fields that each of its charts shows."""
    dashboard = Reference(EntityType.DASHBOARD, (service, board.name))
    for model, explore in shown_explores(board):
        source = Reference(EntityType.DATA_MODEL, (service, explore_model_name(model, explore)))
        pairs = []
        for tile in kept:
            fields = dict.fromkeys(
                field for each in tile.shown if (each.model, each.explore) == (model, explore) for field in each.fields
            )
            if fields:
                target = ColumnReference(dashboard, (chart_name(board.name, tile.id),))
                pairs.append(ColumnPair(tuple(ColumnReference(source, (field,)) for field in fields), target))
        lacks = any(tile.is_unshown for tile in board.tiles)
        yield Edge(source=source, target=dashboard, origin=Origin.DASHBOARD, columns=tuple(pairs), lacks_columns=lacks)


def to_data_model(service: str, explore: Explore, page: str, *, with_tags: bool) -> DataModel:
    """An explore as a data model.

    Args:
        service: Name of the service.
        explore: As Looker describes it.
        page: Its address.
        with_tags: Whether its tags become labels.
    """
    told = [text for text in (explore.description, _HIDDEN if explore.is_hidden else "") if text]
    return DataModel(
        path=(service, explore_model_name(explore.model, explore.name)),
        display_name=explore.title,
        description="\n\n".join(told) or None,
        data_model_type="LookMlExplore",
        columns=tuple({field.name: _column(field, with_tags=with_tags) for field in explore.fields}.values()),
        project=explore.project or None,
        source_url=page,
        labels=labels_of(explore.tags) if with_tags else None,
    )


def tags_in(explore: Explore) -> list[str]:
    """All tags of an explore and its fields."""
    return [*explore.tags, *(tag for field in explore.fields for tag in field.tags)]


def _column(field: Field, *, with_tags: bool) -> Column:
    word, display, array = field_type(field.type)
    told = [text for text in (field.description, _HIDDEN if field.is_hidden else "") if text]
    return Column(
        name=field.name,
        data_type=word,
        array_data_type=array,
        data_type_display=display,
        display_name=field.title if field.title != field.name else None,
        description="\n\n".join(told) or None,
        labels=labels_of(field.tags) if with_tags else None,
    )
