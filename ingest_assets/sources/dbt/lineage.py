"""From a project's nodes to lineage: each table comes from those that its model depends on, whatever its SQL is.

dbt itself knows what a model depends on, also where SQL is made by macros; the SQL as it runs tells the columns. Pure
functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from ingest_assets.catalog import Elsewhere, EntityType, ForeignEdge, Origin, Reads, Statement, quote, split_fqn
from ingest_assets.sources.dbt.mapping import to_target
from ingest_assets.sources.dbt.settings import DbtSettings
from ingest_assets.sources.dbt.shapes import Exposure, Node

DASHBOARD = "dashboard"

_DIALECTS: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in ("athena", "bigquery", "clickhouse", "databricks", "duckdb", "postgres", "redshift")},
        **{name: name for name in ("snowflake", "spark", "trino", "presto")},
        "glue": "spark",
        "spark_hive": "hive",
        "fabric": "tsql",
        "sqlserver": "tsql",
        "synapse": "tsql",
    }
)
"""sqlglot's name of the SQL that an adapter of dbt runs; that of any other is not known."""

_WEB = re.compile(r"https?://")


def lineage_of(
    node: Node, above: Sequence[Node], adapter: str, settings: DbtSettings
) -> Iterator[Statement | ForeignEdge]:
    """What a table comes from.

    Args:
        node: What the table is made by.
        above: Tables that it is made of.
        adapter: Of the warehouse.
        settings: Say what tables are called elsewhere.
    """
    if not above:
        return
    target = to_target(node, settings)
    tables = dict.fromkeys(to_target(each, settings) for each in above)
    if node.sql is None:
        yield from (ForeignEdge(source=each, target=target, origin=Origin.DBT) for each in tables if each != target)
        return
    yield Statement(
        target=target,
        columns=(),
        sql=node.sql,
        reads=tuple(_reads((*above, node), settings)),
        origin=Origin.DBT,
        dialect=_DIALECTS.get(adapter),
    )


def exposed(exposure: Exposure, above: Iterable[Node], settings: DbtSettings) -> Iterator[ForeignEdge]:
    """Edges from tables to the dashboard that an exposure is; none where it is something else, or unnamed."""
    board = _board(exposure)
    if board is None:
        return
    for source in dict.fromkeys(to_target(each, settings) for each in above):
        yield ForeignEdge(source=source, target=board, origin=Origin.DBT, optional=True)


def _board(exposure: Exposure) -> Elsewhere | None:
    if exposure.kind != DASHBOARD:
        return None
    service, *names = split_fqn(exposure.fqn) if exposure.fqn else ("",)
    if names:
        return Elsewhere(type=EntityType.DASHBOARD, names=tuple(names), within=quote(service))
    if _WEB.match(exposure.url):
        return Elsewhere(type=EntityType.DASHBOARD, names=(exposure.url,))
    return None


def _reads(nodes: Iterable[Node], settings: DbtSettings) -> Iterator[Reads]:
    """What SQL may call each table: with its database, without, and by its name alone."""
    met: dict[tuple[str, ...], Elsewhere] = {}
    for node in nodes:
        names = tuple(part.lower() for part in node.names)
        for start in range(len(names)):
            met.setdefault(names[start:], to_target(node, settings))
    yield from (Reads(named, table) for named, table in met.items())
