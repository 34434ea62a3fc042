"""Edges: lineage between two entities, down to columns."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from ingest_assets.catalog.entities import Model
from ingest_assets.catalog.references import ColumnReference, Reference


class Origin(str, Enum):
    """Where an edge comes from, in the words of ``lineageDetails.source``."""

    VIEW = "ViewLineage"

    def __str__(self) -> str:
        """The word on the wire."""
        return self.value


class ColumnPair(NamedTuple):
    """Columns that flow into one column."""

    sources: tuple[ColumnReference, ...]
    target: ColumnReference


class Edge(Model):
    """Data flows from ``source`` to ``target``.

    Attributes:
        columns: Column pairs; empty where only the entities are known.
        sql: The statement that says so.
    """

    source: Reference
    target: Reference
    origin: Origin
    columns: tuple[ColumnPair, ...] = ()
    sql: str | None = None


class Parked(Model):
    """Lineage that the source tells of and that can't be drawn; tried again whenever the origin is read again.

    Attributes:
        target: Whose lineage is missing, e.g. a view.
        wanted: What it comes from, in the words of its SQL; empty where even that is unknown.
        reason: Why there is no edge.
    """

    target: Reference
    wanted: str = ""
    reason: str
