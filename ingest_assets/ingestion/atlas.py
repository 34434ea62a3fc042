"""How the keys of an Atlas recipe become its client's and its source's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest_assets.calls import Calls
from ingest_assets.recipe.atlas import AtlasWorkflow

if TYPE_CHECKING:
    from ingest_assets.sources.atlas.client import AtlasAccess, AtlasClient
    from ingest_assets.sources.atlas.settings import AtlasSettings
    from ingest_assets.sources.atlas.source import AtlasSource


def atlas_source(workflow: AtlasWorkflow, calls: Calls, threads: int) -> AtlasSource:
    """The source of an Atlas recipe, not yet asked anything."""
    from ingest_assets.sources.atlas.source import AtlasSource  # noqa: PLC0415  # pulls requests

    client, settings = atlas_parts(workflow, calls, threads)
    return AtlasSource(settings, client)


def atlas_parts(workflow: AtlasWorkflow, calls: Calls, threads: int) -> tuple[AtlasClient, AtlasSettings]:
    """The client and the settings of an Atlas recipe."""
    from ingest_assets.sources.atlas.client import AtlasClient  # noqa: PLC0415  # pulls requests

    return AtlasClient(_access(workflow), calls, threads=threads), _settings(workflow)


def _access(workflow: AtlasWorkflow) -> AtlasAccess:
    from ingest_assets.sources.atlas.client import AtlasAccess  # noqa: PLC0415  # pulls requests

    config, wanted = workflow.source.service_connection.config, workflow.dagster.source
    certificate = (wanted.client_certificate, wanted.client_key) if wanted.client_certificate else None
    return AtlasAccess(
        host_port=config.host_port,
        username=config.username,
        password=config.password.get_secret_value() if config.password else "",
        token=config.token.get_secret_value() if config.token else None,
        headers={name: value.get_secret_value() for name, value in config.extra_headers.items()},
        ca_file=wanted.ca_file,
        client_certificate=certificate,
    )


def _settings(workflow: AtlasWorkflow) -> AtlasSettings:
    from ingest_assets.sources.atlas.mapping import Placing  # noqa: PLC0415  # pulls requests
    from ingest_assets.sources.atlas.settings import AtlasSettings  # noqa: PLC0415  # pulls requests

    connection, config = workflow.source.service_connection.config, workflow.source.source_config.config
    wanted = workflow.dagster.source
    return AtlasSettings(
        service=workflow.source.service_name,
        entity_type=connection.entities,
        placing=Placing(connection.database_service_name, connection.messaging_service_name, wanted.clusters),
        include_owners=config.include_owners or config.override_owner,
        include_tags=config.include_tags,
        include_propagated=wanted.include_propagated,
        include_lineage=wanted.include_lineage,
        database_filter=config.database_filter_pattern.keeps,
        schema_filter=config.schema_filter_pattern.keeps,
        table_filter=config.table_filter_pattern.keeps,
        topic_filter=config.topic_filter_pattern.keeps,
        create=wanted.create,
        database_name=wanted.database_name,
        pipelines=wanted.pipelines or "",
    )
