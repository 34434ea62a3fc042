"""Which source a recipe's type stands for, and how its keys become the source's settings.

Modules of a source are imported when one is built: Dagster's code location must not pay for boto3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.errors import RecipeError
from ingest_assets.openmetadata.marks import OWNERS, TAGS, TEXTS
from ingest_assets.recipe.aws import AwsConfig, AwsSourceSettings
from ingest_assets.recipe.database import DatabaseMetadataConfig
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.workflow import Workflow

if TYPE_CHECKING:
    from ingest_assets.snapshots.crawler import Source
    from ingest_assets.sources.aws import AwsCredentials, AwsSession
    from ingest_assets.sources.glue.source import GlueSettings

DEFAULT_THREADS = 8
"""Scopes read at once where the recipe names no number; OpenMetadata's own default of one is for reading in turn."""


class Explicit(NamedTuple):
    """Values that a resource gives explicitly; each wins over the recipe's.

    Attributes:
        aws: By the names of ``AwsCredentials``.
        openmetadata: ``host_port`` and ``jwt_token``.
    """

    aws: Mapping[str, str]
    openmetadata: Mapping[str, str]


def build_source(workflow: Workflow, explicit: Explicit, calls: Calls) -> Source:
    """The source of a recipe, not yet asked anything.

    Raises:
        RecipeError: There is no such source.
    """
    for kind, build in _BUILDERS.items():
        if isinstance(workflow, kind):
            return build(workflow, explicit, calls)
    raise RecipeError(f"source.type: there is no source {workflow.source.type}.")


def source_threads(workflow: Workflow) -> int:
    """Scopes to read at once."""
    config = _database_config(workflow)
    return config.threads if config and "threads" in config.model_fields_set else DEFAULT_THREADS


def mark_deleted(workflow: Workflow) -> frozenset[EntityType]:
    """Types whose entities may be stale."""
    config = _database_config(workflow)
    if config is None:
        return frozenset()
    wanted = {
        EntityType.TABLE: config.mark_deleted_tables,
        EntityType.SCHEMA: config.mark_deleted_schemas,
        EntityType.DATABASE: config.mark_deleted_databases,
    }
    return frozenset(kind for kind, is_wanted in wanted.items() if is_wanted)


def override(workflow: Workflow) -> frozenset[str]:
    """Properties of which what the source says replaces what people set."""
    config = _database_config(workflow)
    if config is None:
        return frozenset()
    if config.override_metadata:
        return frozenset({*TEXTS, TAGS, OWNERS})
    return frozenset({OWNERS}) if config.override_owner else frozenset()


def glue_parts(workflow: GlueWorkflow, explicit: Explicit, calls: Calls) -> tuple[AwsSession, GlueSettings]:
    """The session and the settings of a Glue recipe."""
    from ingest_assets.sources.aws import AwsSession  # noqa: PLC0415  # pulls boto3

    session = AwsSession(aws_credentials(workflow, explicit), calls, service="glue", threads=source_threads(workflow))
    return session, _glue_settings(workflow)


def aws_credentials(workflow: GlueWorkflow, explicit: Explicit) -> AwsCredentials:
    """Who a Glue recipe is to AWS."""
    return credentials_of(workflow.source.service_connection.config.aws_config, workflow.dagster.source, explicit)


def credentials_of(config: AwsConfig, settings: AwsSourceSettings, explicit: Explicit) -> AwsCredentials:
    """Keys, region and endpoint: the resource's where it gives them, else the recipe's, as are profile and role."""
    from ingest_assets.sources.aws import AwsCredentials  # noqa: PLC0415  # pulls boto3

    secret, token = config.aws_secret_access_key, config.aws_session_token
    written = {
        "region": config.aws_region,
        "access_key_id": config.aws_access_key_id,
        "secret_access_key": secret.get_secret_value() if secret else None,
        "session_token": token.get_secret_value() if token else None,
        "endpoint_url": config.end_point_url,
        "sts_endpoint_url": settings.sts_endpoint_url,
        "profile_name": config.profile_name,
        "role_arn": config.assume_role_arn,
        "role_session_name": config.assume_role_session_name,
        "role_source_identity": config.assume_role_source_identity,
        "role_external_id": settings.assume_role_external_id,
        "role_duration_seconds": settings.assume_role_duration_seconds,
    }
    if "access_key_id" in explicit.aws:
        # Half of one pair of keys with half of another, or with another's token, is no credential.
        written |= {"secret_access_key": None, "session_token": None, "profile_name": None}
    return AwsCredentials(**{**written, **explicit.aws})  # type: ignore[arg-type]  # the names are those of its fields


def _glue_settings(workflow: GlueWorkflow) -> GlueSettings:
    from ingest_assets.sources.glue.source import GlueSettings  # noqa: PLC0415  # pulls boto3

    config = workflow.source.source_config.config
    return GlueSettings(
        service=workflow.source.service_name,
        database_name=workflow.source.service_connection.config.database_name,
        catalog_ids=workflow.dagster.source.catalog_ids,
        include_tables=config.include_tables,
        include_views=config.include_views,
        include_owners=config.include_owners or config.override_owner,
        include_ddl=config.include_ddl,
        use_fqn_for_filtering=config.use_fqn_for_filtering,
        database_filter=config.database_filter_pattern.keeps,
        schema_filter=config.schema_filter_pattern.keeps,
        table_filter=config.table_filter_pattern.keeps,
    )


def _build_glue(workflow: Workflow, explicit: Explicit, calls: Calls) -> Source:
    from ingest_assets.sources.glue.source import GlueSource  # noqa: PLC0415  # pulls boto3

    if not isinstance(workflow, GlueWorkflow):
        raise TypeError(workflow)
    session, settings = glue_parts(workflow, explicit, calls)
    return GlueSource(settings, session)


def _database_config(workflow: Workflow) -> DatabaseMetadataConfig | None:
    return workflow.source.source_config.config if isinstance(workflow, GlueWorkflow) else None


_BUILDERS: dict[type[Workflow], Callable[[Workflow, Explicit, Calls], Source]] = {GlueWorkflow: _build_glue}
