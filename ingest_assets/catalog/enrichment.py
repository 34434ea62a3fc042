"""Enrichment: what a source knows of entities that other recipes made.

The creator owns an entity's structure, the enricher its own words, owners and labels: one owner per field.
"""

from __future__ import annotations

from ingest_assets.catalog.edges import Elsewhere
from ingest_assets.catalog.entities import Column, Label, Model
from ingest_assets.catalog.references import Reference


class ColumnEnrichment(Model):
    """What a source knows of a column, or of a field of a topic's schema.

    Attributes:
        path: Names down to it, as the source spells them.
        description: Markdown; None: not known; empty: the source says that there is none.
        display_name: A name for people; None: not known; empty: there is none.
        labels: Tags and terms; None: not known; empty: there are none.
    """

    path: tuple[str, ...]
    description: str | None = None
    display_name: str | None = None
    labels: tuple[Label, ...] | None = None


class DbtModel(Model):
    """What made a table: OpenMetadata's ``dataModel`` of it, which is dbt's alone.

    Attributes:
        resource_type: ``model``, ``seed`` or ``snapshot``.
        sql: As it runs; None: not known.
        raw_sql: As its author wrote it.
        path: File within the project.
        project: The dbt project.
        description: Markdown.
        columns: As dbt knows them.
        upstream: Tables that it is made of.
    """

    resource_type: str
    sql: str | None = None
    raw_sql: str | None = None
    path: str | None = None
    project: str | None = None
    description: str | None = None
    columns: tuple[Column, ...] = ()
    upstream: tuple[Elsewhere, ...] = ()


class Enrichment(Model):
    """What a source knows of one entity that it does not own.

    None is not known, and leaves alone what is there; empty is the source's word that there is none.

    Attributes:
        target: The entity, in a service that the source can name, or as the source calls it.
        description: Markdown.
        display_name: A name for people.
        owners: Names or mail addresses, to be looked up on the server.
        labels: Tags and terms.
        columns: Columns of which something is known; of all others nothing is.
        dbt_model: What made a table.
    """

    target: Reference | Elsewhere
    description: str | None = None
    display_name: str | None = None
    owners: tuple[str, ...] | None = None
    labels: tuple[Label, ...] | None = None
    columns: tuple[ColumnEnrichment, ...] = ()
    dbt_model: DbtModel | None = None
