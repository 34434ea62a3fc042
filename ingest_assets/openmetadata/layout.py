"""Where entities of each type lie in the API: one table, read by everything that asks for them."""

from __future__ import annotations

from typing import NamedTuple

from ingest_assets.catalog import EntityKey, EntityType, parent_key


class Layout(NamedTuple):
    """Where entities of one type lie.

    Attributes:
        collection: Where they are put and listed, e.g. ``services/databaseServices``.
        holder: Property that refers to what holds them: an FQN in requests, a reference in answers.
        filter: Parameter of a listing, which takes the FQN of what is above them; all servers know it.
        listed_by: Type of what that is.
        fields: What an answer shows only when asked, besides owners and labels, and a PUT replaces or may lose.
    """

    collection: str
    holder: str = ""
    filter: str = ""
    listed_by: EntityType | None = None
    fields: tuple[str, ...] = ()


_LAYOUTS = {
    EntityType.DATABASE_SERVICE: Layout("services/databaseServices"),
    EntityType.DATABASE: Layout("databases", "service", "service", EntityType.DATABASE_SERVICE),
    EntityType.SCHEMA: Layout("databaseSchemas", "database", "database", EntityType.DATABASE),
    EntityType.TABLE: Layout("tables", "databaseSchema", "database", EntityType.DATABASE, ("columns",)),
    EntityType.MESSAGING_SERVICE: Layout("services/messagingServices"),
    EntityType.TOPIC: Layout("topics", "service", "service", EntityType.MESSAGING_SERVICE),
    EntityType.DASHBOARD_SERVICE: Layout("services/dashboardServices"),
    EntityType.DATA_MODEL: Layout("dashboard/datamodels", "service", "service", EntityType.DASHBOARD_SERVICE),
    EntityType.CHART: Layout("charts", "service", "service", EntityType.DASHBOARD_SERVICE),
    EntityType.DASHBOARD: Layout(
        "dashboards", "service", "service", EntityType.DASHBOARD_SERVICE, ("charts", "dataModels")
    ),
    EntityType.PIPELINE_SERVICE: Layout("services/pipelineServices"),
    EntityType.PIPELINE: Layout("pipelines", "service", "service", EntityType.PIPELINE_SERVICE, ("tasks",)),
    EntityType.STORAGE_SERVICE: Layout("services/storageServices"),
    EntityType.CONTAINER: Layout(
        "containers", "service", "service", EntityType.STORAGE_SERVICE, ("dataModel", "parent")
    ),
    EntityType.CLASSIFICATION: Layout("classifications"),
    EntityType.TAG: Layout("tags", "classification", "parent", EntityType.CLASSIFICATION),
    EntityType.GLOSSARY: Layout("glossaries"),
    EntityType.GLOSSARY_TERM: Layout("glossaryTerms", "glossary", "directChildrenOf", EntityType.GLOSSARY),
}


def layout_of(kind: EntityType) -> Layout:
    """Where entities of a type lie."""
    return _LAYOUTS[kind]


def collection_of(kind: EntityType) -> str:
    """Where entities of a type are put and listed, e.g. ``services/databaseServices``."""
    return _LAYOUTS[kind].collection


def listed_by(key: EntityKey) -> EntityKey | None:
    """By what a server lists an entity together with others of its type; None for what stands at the top."""
    wanted, above = _LAYOUTS[key.type].listed_by, parent_key(key)
    while above is not None and above.type is not wanted:
        above = parent_key(above)
    return above
