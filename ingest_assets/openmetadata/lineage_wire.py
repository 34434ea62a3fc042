"""Edges as the JSON of one server version.

A server refuses an edge with a column that it doesn't know in exactly this spelling, or that belongs to neither end
(observed on 1.5); on 1.0 nested columns are such. Column pairs that would be refused are left out, not the edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest_assets.catalog import ColumnPair, ColumnReference, Edge, EntityType, Reference
from ingest_assets.openmetadata.capabilities import Capabilities

_MEANT_BY_ANY = "QueryLineage"

Json = dict[str, Any]


def lineage_body(
    edge: Edge, ids: tuple[str, str], capabilities: Capabilities, held: Mapping[str, Any] | None = None
) -> Json:
    """The request that draws an edge.

    Args:
        edge: The edge.
        ids: The server's ids of its source and target.
        capabilities: What the server understands.
        held: ``lineageDetails`` that it holds: a PUT replaces them, so what only people set there is sent along.
    """
    source_id, target_id = ids
    return {
        "edge": {
            "fromEntity": {"id": source_id, "type": edge.source.type.value},
            "toEntity": {"id": target_id, "type": edge.target.type.value},
            "lineageDetails": edge_details(edge, capabilities) | _of_people(held or {}),
        }
    }


def _of_people(held: Mapping[str, Any]) -> Json:
    kept: Json = {"description": held["description"]} if held.get("description") else {}
    if pipeline := held.get("pipeline"):
        kept["pipeline"] = {"id": pipeline["id"], "type": pipeline["type"]}
    return kept


def edge_details(edge: Edge, capabilities: Capabilities) -> Json:
    """``lineageDetails``; never empty, for an edge without details is not found by the look-up of one edge."""
    # Made once an edge: a wide view has hundreds of columns, each of which begins with one of the two.
    fqns = {end: capabilities.names.fqn(end) for end in (edge.source, edge.target)}
    pairs: list[Json] = []
    for pair in edge.columns:
        fitting = [column for column in pair.sources if _fits(column, edge, capabilities)]
        if fitting and _fits(pair.target, edge, capabilities):
            target, *sources = (
                _column_fqn(column, fqns[column.entity], capabilities) for column in (pair.target, *fitting)
            )
            pairs.append({"fromColumns": sources, "toColumn": target})
    details: Json = {"columnsLineage": pairs}
    if edge.sql:
        details["sqlQuery"] = edge.sql
    if capabilities.lineage_source:
        # Never left to its default, Manual: such edges are taken for a person's.
        origin = edge.origin.value
        details["source"] = origin if origin in capabilities.lineage_sources else _MEANT_BY_ANY
    return details


def _column_fqn(column: ColumnReference, fqn: str, capabilities: Capabilities) -> str:
    if column.entity.type is EntityType.DASHBOARD:
        # What flows into a dashboard flows into its charts, which are named by their own FQNs.
        return capabilities.names.fqn(Reference(EntityType.CHART, (column.entity.path[0], *column.path)))
    return capabilities.names.below(fqn, column.path)


def left_out(edge: Edge, capabilities: Capabilities) -> list[ColumnPair]:
    """Column pairs, or the part of each, that this server would refuse and that are not sent."""
    missing: list[ColumnPair] = []
    for pair in edge.columns:
        if not _fits(pair.target, edge, capabilities):
            missing.append(pair)
            continue
        sources = tuple(column for column in pair.sources if not _fits(column, edge, capabilities))
        if sources:
            missing.append(ColumnPair(sources, pair.target))
    return missing


def _fits(column: ColumnReference, edge: Edge, capabilities: Capabilities) -> bool:
    is_told = len(column.path) == 1 or capabilities.lineage_nested_columns
    # Before 1.5 only between two tables.
    both = {edge.source.type, edge.target.type} <= capabilities.lineage_columns
    return both and is_told and column.entity in (edge.source, edge.target)
