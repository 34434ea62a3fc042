"""Edges: lineage between two entities, down to columns."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from ingest_assets.catalog.entities import Model
from ingest_assets.catalog.references import ColumnReference, EntityType, Reference


class Origin(str, Enum):
    """Where an edge comes from, in the words of ``lineageDetails.source``."""

    VIEW = "ViewLineage"
    QUERY = "QueryLineage"
    PIPELINE = "PipelineLineage"
    DASHBOARD = "DashboardLineage"
    DBT = "DbtLineage"
    EXTERNAL_TABLE = "ExternalTableLineage"

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
        lacks_columns: Whether there may be more of them, which could not be read this time: those that were written
            before stay.
        sql: The statement that says so.
        told_by: What of this source tells of it, as a pipeline does of what it joins: only where all of that was read
            is it known that an edge is gone. Empty: the target.
    """

    source: Reference
    target: Reference
    origin: Origin
    columns: tuple[ColumnPair, ...] = ()
    lacks_columns: bool = False
    sql: str | None = None
    told_by: tuple[Reference, ...] = ()


OWN_CATALOGS = frozenset({"awsdatacatalog", "glue_catalog", "spark_catalog", "hive", "hive_metastore"})
"""What engines on Glue call the catalog that they run on, in lower case; in OpenMetadata it has another name."""


class Elsewhere(Model):
    """Something that lies in a service of another recipe, as this source calls it.

    Attributes:
        type: What it is.
        names: Its name, after as many of the names above it as the source tells: ``("sales", "orders")``. Never the
            service: which one that is, the recipe says or the server does. A container may be named by an address in
            S3: that with the longest path which is the same or above it, but a bucket only if it is the address, or is
            named itself: ``("s3://lake", "orders/2024/")``. A topic in Kinesis may be named by its stream's ARN, which
            tells it from others of the same name.
            A dashboard may be named by the address of its page, which tells it from one of the same name elsewhere.
        system: What kind of system it lies in, e.g. ``athena``: which services may hold it, and whether case counts
            there; None: not known.
        within: FQN of the service, or of a database or schema in one, that it lies in, where the recipe tells that of
            this very thing; empty: any of those that the recipe names, or that fit.
    """

    type: EntityType
    names: tuple[str, ...]
    system: str | None = None
    within: str = ""

    def __str__(self) -> str:
        """For people: ``sales.orders``, ``s3://lake/orders``."""
        return ("/" if "://" in self.names[0] else ".").join(self.names)


class ColumnPaths(NamedTuple):
    """Columns of an edge's source that flow into one of its target, by their paths within."""

    sources: tuple[tuple[str, ...], ...]
    target: tuple[str, ...]


class ForeignEdge(Model):
    """Data flows to or from another service; what that holds is found on the server when a run is planned.

    Attributes:
        source: Where data flows from.
        target: Where it flows to; one of the two lies elsewhere, or both do.
        columns: Column pairs; empty where only the entities are known.
        sql: The statement that says so.
        told_by: What of this source tells of it. Empty: the end that is no ``Elsewhere``, the target if neither is;
            where both are, the source as a whole.
        optional: Whether nothing is missing where the server does not have what lies elsewhere: most tables lie in a
            bucket of which no one has told the server.
    """

    source: Reference | Elsewhere
    target: Reference | Elsewhere
    origin: Origin
    columns: tuple[ColumnPaths, ...] = ()
    sql: str | None = None
    told_by: tuple[Reference, ...] = ()
    optional: bool = False


class Reads(NamedTuple):
    """A table that a query is known to read.

    Attributes:
        named: What the query calls it, in parts, in lower case.
        table: What it is.
    """

    named: tuple[str, ...]
    table: Elsewhere


class Statement(Model):
    """A query by which something is filled from tables elsewhere; read when a run is planned.

    Its stars and unqualified columns can only be told by the tables' columns, which the server has.

    Attributes:
        target: What it fills; its columns have the names that the query gives them where it lies elsewhere too.
        columns: Names of the query's columns, in its order where there are as many: what others call them.
        sql: The query.
        reads: Tables that it is known to read: each has its edge, even where the query can't be read.
        written: As the source has it, if it had to be changed to be read.
        flows: Which of the query's columns flow into which of the target's; None: each into that of its own name.
        dialect: sqlglot's name of the dialect that it is in.
        system: What kind of system its tables lie in, e.g. ``athena``; None: not known.
        within: FQN of the service, or of a database or schema in one, that its tables lie in; see ``Elsewhere``.
        namespace: Where names belong that it does not qualify: database and schema, or the schema alone; a schema that
            is not known is empty.
    """

    target: Reference | Elsewhere
    columns: tuple[str, ...]
    sql: str
    reads: tuple[Reads, ...] = ()
    written: str | None = None
    flows: tuple[ColumnPaths, ...] | None = None
    origin: Origin = Origin.DASHBOARD
    dialect: str | None = None
    system: str | None = None
    within: str = ""
    namespace: tuple[str, ...] = ()


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
