"""What a run publishes, by the names under which its outcomes are kept, and what people call it."""

from __future__ import annotations

from collections.abc import Collection

from ingest_assets.catalog import EntityType

ENRICHMENT = "enrichment"
LINEAGE = "lineage"
REMOVAL = "removal"
SAMPLES = "samples"
USAGE = "usage"

PREPARED = {"looker": "lookml"}
"""Name of the asset that reads what a source needs before its scopes, by source type."""

SAMPLED = frozenset({"kinesis"})
"""Sources that can show messages of their topics."""

VIEWED = frozenset({"looker"})
"""Sources that tell how often dashboards were looked at."""

ENRICHING = frozenset({"atlas", "dbt"})
"""Sources that have no service of their own: what they know is about what lies in the services of other recipes."""

SERVICES = {
    "glue": (EntityType.DATABASE_SERVICE,),
    "kinesis": (EntityType.MESSAGING_SERVICE, EntityType.PIPELINE_SERVICE),
    "quicksight": (EntityType.DASHBOARD_SERVICE,),
    "looker": (EntityType.DASHBOARD_SERVICE,),
    "atlas": (),
    "dbt": (),
}
"""Types of the services that a source's entities lie in, by source type; none where all it tells is of others'."""

CREATE, PIPELINES = "create", "pipelines"
MADE_ON_REQUEST = {
    "atlas": {
        CREATE: (EntityType.DATABASE_SERVICE, EntityType.MESSAGING_SERVICE),
        PIPELINES: (EntityType.PIPELINE_SERVICE,),
    }
}
"""Types of the services in which a source makes something if its recipe asks for it by a key, by source type."""

WORDS = {
    "glue": (EntityType.CLASSIFICATION,),
    "kinesis": (EntityType.CLASSIFICATION,),
    "quicksight": (EntityType.CLASSIFICATION,),
    "looker": (EntityType.CLASSIFICATION,),
    "atlas": (EntityType.CLASSIFICATION, EntityType.GLOSSARY),
    "dbt": (EntityType.CLASSIFICATION,),
}
"""Groups of the words that a source's labels are made of: tags lie in classifications, terms in glossaries."""

ASSETS = {
    EntityType.CLASSIFICATION: "tags",
    EntityType.GLOSSARY: "glossary_terms",
    EntityType.DATABASE: "databases",
    EntityType.SCHEMA: "schemas",
    EntityType.TABLE: "tables",
    EntityType.TOPIC: "topics",
    EntityType.DATA_MODEL: "data_models",
    EntityType.CHART: "charts",
    EntityType.DASHBOARD: "dashboards",
    EntityType.PIPELINE: "pipelines",
    EntityType.CONTAINER: "containers",
}
"""Name of the asset that publishes entities of a type, or the words of a group."""


def published(source_type: str, asked: Collection[str] = ()) -> tuple[EntityType, ...]:
    """Entity types that a source makes, parents first.

    Args:
        source_type: Which.
        asked: What the recipe asks for besides; see ``MADE_ON_REQUEST``.
    """
    on_request = MADE_ON_REQUEST.get(source_type, {})
    services = [*SERVICES[source_type], *(kind for key, kinds in on_request.items() if key in asked for kind in kinds)]
    return tuple(kind for service in services for kind in service.held)
