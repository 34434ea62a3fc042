"""Lineage that the catalog itself tells: of resource links from their owners, and of tables from where data lies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest_assets.catalog import (
    ColumnPair,
    ColumnPaths,
    ColumnReference,
    Edge,
    Elsewhere,
    EntityType,
    ForeignEdge,
    Origin,
    Reference,
    Table,
)

_IN_S3 = re.compile(r"s3[an]?://+[^/]", re.IGNORECASE)


def edge_of_link(link: Table, owner: Reference) -> Edge:
    """From the owner of a table to what shows it elsewhere; their columns are the same ones."""
    pairs = (
        ColumnPair((ColumnReference(owner, (column.name,)),), ColumnReference(link.reference, (column.name,)))
        for column in link.columns
    )
    return Edge(source=owner, target=link.reference, origin=Origin.EXTERNAL_TABLE, columns=tuple(pairs))


def edges_of_location(table: Table) -> Iterator[ForeignEdge]:
    """From the container that holds a table's data in S3, if the server has one: nothing says that it must."""
    if table.location and _IN_S3.match(table.location):
        yield ForeignEdge(
            source=Elsewhere(type=EntityType.CONTAINER, names=(table.location,), system="s3"),
            target=table.reference,
            origin=Origin.EXTERNAL_TABLE,
            columns=tuple(ColumnPaths(((column.name,),), (column.name,)) for column in table.columns),
            optional=True,
        )
