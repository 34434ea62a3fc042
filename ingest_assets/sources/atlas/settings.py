"""What a recipe says about Atlas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ingest_assets.sources.atlas.mapping import Placing


def _keep_all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class AtlasSettings:
    """What a recipe says about Atlas.

    Attributes:
        service: Name of the recipe's service, which holds nothing itself.
        entity_type: Which types of tables are read: a type's name, or ``Table`` for all.
        placing: The services that tables and topics are looked for in.
        include_owners: Whether owners are told.
        include_tags: Whether classifications, labels and terms are told.
        include_propagated: Whether those classifications are told that Atlas propagated.
        include_lineage: Whether processes are read.
        database_filter: Tells by name which of Atlas's databases are kept.
        schema_filter: The same; for relational databases it sees schemas.
        table_filter: Tells by name which tables are kept.
        topic_filter: Tells by name which topics are kept.
        create: Whether what OpenMetadata lacks is made: databases, schemas, tables and topics in the named services.
        pipelines: Name of the service whose pipelines are the processes; empty: they are none.
        database_name: The database that holds what Atlas knows no database above of, as Hive's schemas.
    """

    service: str
    entity_type: str = "Table"
    placing: Placing = field(default_factory=Placing)
    include_owners: bool = False
    include_tags: bool = True
    include_propagated: bool = True
    include_lineage: bool = True
    database_filter: Callable[[str], bool] = _keep_all
    schema_filter: Callable[[str], bool] = _keep_all
    table_filter: Callable[[str], bool] = _keep_all
    topic_filter: Callable[[str], bool] = _keep_all
    create: bool = False
    database_name: str = "default"
    pipelines: str = ""
