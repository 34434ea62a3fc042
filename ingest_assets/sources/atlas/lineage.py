"""From Atlas's processes to edges: data flows from each input to each output, and nowhere else. Pure functions.

A chain a -> P -> b -> Q -> c is two processes, and so a -> b and b -> c. What Atlas calls the lineage of an entity, the
whole graph around it, is not asked for: the processes themselves say all of it in a few searches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ingest_assets.catalog import ColumnPaths, Elsewhere, EntityType, ForeignEdge, Origin
from ingest_assets.sources.atlas.shapes import AtlasEntity, Ref, refs_of, without_cluster

_S3 = re.compile(r"s3[an]?://([^/]+)/?(.*)", re.DOTALL)


class ColumnAt(NamedTuple):
    """A column.

    Attributes:
        table: Guid of its table.
        name: Its own name.
    """

    table: str
    name: str


class Flow(NamedTuple):
    """Columns that flow into columns, by their guids."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def ends_of(process: AtlasEntity) -> Iterator[Ref]:
    """What a process reads and writes."""
    for name in ("inputs", "outputs"):
        yield from refs_of(process.attributes.get(name))


def edges_of(
    process: AtlasEntity,
    ends: Mapping[str, Elsewhere],
    flows: Iterable[Flow] = (),
    columns: Mapping[str, ColumnAt] | None = None,
) -> Iterator[ForeignEdge]:
    """The edges that a process stands for.

    Args:
        process: With ``inputs`` and ``outputs``.
        ends: What these are, by guid; what is left out, or has no place in OpenMetadata, is not among them.
        flows: Between columns, as far as Atlas knows them as parts of this process.
        columns: The columns of the flows, by guid.
    """
    pairs = _pairs(flows, columns or {})
    inputs, outputs = ([ref.guid for ref in refs_of(process.attributes.get(name))] for name in ("inputs", "outputs"))
    # A flow between columns is one between their tables, whatever the process itself says.
    joined = {*((source, target) for target in outputs for source in inputs), *pairs}
    known = [(source, target) for source, target in joined if source in ends and target in ends]
    sql = sql_of(process)
    # Atlas's lists have another order from call to call; ours must not.
    for source, target in sorted(known, key=lambda each: (str(ends[each[1]]), str(ends[each[0]]), each)):
        if ends[source] == ends[target]:
            continue
        yield ForeignEdge(
            source=ends[source],
            target=ends[target],
            origin=Origin.QUERY if sql else Origin.PIPELINE,
            columns=tuple(
                ColumnPaths(tuple((name,) for name in sorted(names)), (into,))
                for into, names in sorted(pairs.get((source, target), {}).items())
            ),
            sql=sql,
            optional=_is_place(ends[source]) or _is_place(ends[target]),
        )


def sql_of(process: AtlasEntity) -> str | None:
    """The statement that a process runs; newer hooks keep the last ones of the same form in a list."""
    recent = process.attributes.get("recentQueries")
    latest = next((each for each in recent if isinstance(each, str) and each), "") if isinstance(recent, list) else ""
    return process.text("queryText") or latest or None


def place_of(ref: Ref) -> Elsewhere | None:
    """The container that a path in S3 is, whichever type of Atlas's tells of it; None for any other thing."""
    match = _S3.fullmatch(without_cluster(ref.qualified_name))
    if match is None:
        return None
    names = (f"s3://{match[1]}", match[2]) if match[2] else (f"s3://{match[1]}",)
    return Elsewhere(type=EntityType.CONTAINER, names=names)


def to_flow(told: Any) -> Flow:
    """A flow from what was kept of it."""
    return Flow(tuple(told["inputs"]), tuple(told["outputs"]))


def _pairs(flows: Iterable[Flow], columns: Mapping[str, ColumnAt]) -> dict[tuple[str, str], dict[str, set[str]]]:
    """Names of columns that flow into each column, by the guids of their tables."""
    pairs: dict[tuple[str, str], dict[str, set[str]]] = {}
    for flow in flows:
        sources = [columns[guid] for guid in flow.inputs if guid in columns]
        for into in (columns[guid] for guid in flow.outputs if guid in columns):
            for source in sources:
                pairs.setdefault((source.table, into.table), {}).setdefault(into.name, set()).add(source.name)
    return pairs


def _is_place(end: Elsewhere) -> bool:
    return end.type is EntityType.CONTAINER
