"""Which source a recipe's type stands for, and how its keys become the source's settings.

Modules of a source are imported when one is built: Dagster's code location must not pay for boto3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType, Reference
from ingest_assets.errors import RecipeError
from ingest_assets.ingestion.requirements import Required
from ingest_assets.openmetadata.elsewhere import places
from ingest_assets.openmetadata.marks import OWNERS, TAGS, TEXTS
from ingest_assets.recipe.atlas import AtlasWorkflow
from ingest_assets.recipe.aws import AwsConfig, AwsSourceSettings
from ingest_assets.recipe.dbt import DbtWorkflow
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.kinesis import KinesisWorkflow
from ingest_assets.recipe.looker import LookerWorkflow
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.workflow import Workflow

if TYPE_CHECKING:
    from ingest_assets.snapshots.crawler import Source
    from ingest_assets.snapshots.store import Store
    from ingest_assets.sources.aws import AwsCredentials, AwsSession
    from ingest_assets.sources.glue.source import GlueSettings
    from ingest_assets.sources.kinesis.source import KinesisSettings
    from ingest_assets.sources.quicksight.source import QuickSightSettings

_OR_CREATE = ", or set dagster.source.create: true"

DEFAULT_THREADS = 8
"""Scopes read at once where the recipe names no number; OpenMetadata's own default of one is for reading in turn."""


class Explicit(NamedTuple):
    """Values that a resource gives explicitly; each wins over the recipe's.

    Attributes:
        aws: By the names of ``AwsCredentials``.
        openmetadata: ``host_port`` and ``jwt_token``.
        looker: By the names of ``LookerCredentials``.
        github: ``token`` and ``host``.
    """

    aws: Mapping[str, str]
    openmetadata: Mapping[str, str]
    looker: Mapping[str, str] = MappingProxyType({})
    github: Mapping[str, str] = MappingProxyType({})


def build_source(workflow: Workflow, explicit: Explicit, calls: Calls, store: Store) -> Source:
    """The source of a recipe, not yet asked anything.

    Args:
        workflow: The recipe, resolved.
        explicit: What resources give.
        calls: Counts what the source asks.
        store: Keeps what another run need not read again.

    Raises:
        RecipeError: There is no such source.
    """
    for kind, build in _BUILDERS.items():
        if isinstance(workflow, kind):
            return build(workflow, explicit, calls, store)
    raise RecipeError(f"source.type: there is no source {workflow.source.type}.")


def source_threads(workflow: Workflow) -> int:
    """Scopes to read at once."""
    match workflow:
        case GlueWorkflow() | QuickSightWorkflow() | LookerWorkflow() | AtlasWorkflow() if (
            "threads" in workflow.source.source_config.config.model_fields_set
        ):
            return workflow.source.source_config.config.threads
    return DEFAULT_THREADS


def wants_samples(workflow: Workflow) -> bool:
    """Whether the recipe asks for sample messages."""
    return isinstance(workflow, KinesisWorkflow) and workflow.source.source_config.config.generate_sample_data


def mark_deleted(workflow: Workflow) -> frozenset[EntityType]:
    """Types whose entities may be stale."""
    wanted: dict[EntityType, bool] = {}
    match workflow:
        case GlueWorkflow():
            databases = workflow.source.source_config.config
            wanted = {
                EntityType.TABLE: databases.mark_deleted_tables,
                EntityType.SCHEMA: databases.mark_deleted_schemas,
                EntityType.DATABASE: databases.mark_deleted_databases,
            }
        case KinesisWorkflow():
            firehose = workflow.dagster.source.firehose
            wanted = {
                EntityType.TOPIC: workflow.source.source_config.config.mark_deleted_topics,
                EntityType.PIPELINE: firehose is not None and firehose.mark_deleted,
            }
        case QuickSightWorkflow() | LookerWorkflow():
            dashboards = workflow.source.source_config.config
            wanted = {
                EntityType.DASHBOARD: dashboards.mark_deleted_dashboards,
                EntityType.CHART: dashboards.mark_deleted_charts,
                EntityType.DATA_MODEL: dashboards.mark_deleted_data_models,
            }
        case AtlasWorkflow():
            wanted = {EntityType.PIPELINE: workflow.dagster.source.pipelines is not None}
    return frozenset(kind for kind, is_wanted in wanted.items() if is_wanted)


def lineage_services(workflow: Workflow) -> dict[EntityType, tuple[str, ...]]:
    """FQNs of services in which lineage may begin or end, by their type; of a type without any: any."""
    storage: tuple[str, ...] = ()
    messaging: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    match workflow:
        case GlueWorkflow():
            storage = workflow.dagster.source.storage_services
        case KinesisWorkflow() if workflow.dagster.source.firehose is not None:
            storage = workflow.dagster.source.firehose.storage_services
            databases = workflow.dagster.source.firehose.database_services
        case QuickSightWorkflow() | LookerWorkflow():
            databases, prefixes = workflow.source.source_config.config.names_and_prefixes()
        case AtlasWorkflow():
            connection = workflow.source.service_connection.config
            databases, messaging = connection.database_service_name, connection.messaging_service_name
        case DbtWorkflow():
            databases = workflow.source.services
    named = {
        EntityType.STORAGE_SERVICE: places(storage, ()),
        EntityType.MESSAGING_SERVICE: places(messaging, ()),
        EntityType.DATABASE_SERVICE: places(databases, prefixes),
    }
    return {kind: names for kind, names in named.items() if names}


def required_services(workflow: Workflow) -> tuple[Required, ...]:
    """Services of other recipes that a recipe can't do without."""
    if isinstance(workflow, DbtWorkflow):
        named_in = "source.sourceConfig.config.dbServiceNames"
        key = named_in if workflow.source.source_config.config.db_service_names else "source.serviceName"
        databases = workflow.source.services
        return tuple(Required(Reference(EntityType.DATABASE_SERVICE, (name,)), key) for name in databases)
    if not isinstance(workflow, AtlasWorkflow) or workflow.dagster.source.create:
        return ()
    connection = workflow.source.service_connection.config
    named = (
        (EntityType.DATABASE_SERVICE, connection.database_service_name, "databaseServiceName"),
        (EntityType.MESSAGING_SERVICE, connection.messaging_service_name, "messagingServiceName"),
    )
    return tuple(
        Required(Reference(kind, (name,)), f"source.serviceConnection.config.{key}", _OR_CREATE)
        for kind, names, key in named
        for name in names
    )


def override(workflow: Workflow) -> frozenset[str]:
    """Properties of which what the source says replaces what people set."""
    match workflow:
        case GlueWorkflow() | KinesisWorkflow() | QuickSightWorkflow() | LookerWorkflow() | AtlasWorkflow() if (
            workflow.source.source_config.config.override_metadata
        ):
            return frozenset({*TEXTS, TAGS, OWNERS})
        case GlueWorkflow() | QuickSightWorkflow() | LookerWorkflow() | AtlasWorkflow() if (
            workflow.source.source_config.config.override_owner
        ):
            return frozenset({OWNERS})
        case DbtWorkflow():
            config = workflow.source.source_config.config
            descriptions = TEXTS if config.dbt_update_descriptions else ()
            return frozenset({*descriptions, *([OWNERS] if config.dbt_update_owners else [])})
    return frozenset()


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
    from ingest_assets.sources.glue.places import OtherAccount  # noqa: PLC0415  # pulls boto3
    from ingest_assets.sources.glue.source import GlueSettings  # noqa: PLC0415  # pulls boto3

    wanted, config = workflow.dagster.source, workflow.source.source_config.config
    accounts = (
        OtherAccount(each.account_id, each.assume_role_arn, each.assume_role_external_id, each.regions)
        for each in wanted.accounts
    )
    return GlueSettings(
        service=workflow.source.service_name,
        database_name=workflow.source.service_connection.config.database_name,
        catalog_ids=wanted.catalog_ids,
        regions=wanted.regions,
        accounts=tuple(accounts),
        include_tables=config.include_tables,
        include_views=config.include_views,
        include_owners=config.include_owners or config.override_owner,
        include_ddl=config.include_ddl,
        include_tags=config.include_tags,
        locations=bool(wanted.storage_services),
        use_fqn_for_filtering=config.use_fqn_for_filtering,
        database_filter=config.database_filter_pattern.keeps,
        schema_filter=config.schema_filter_pattern.keeps,
        table_filter=config.table_filter_pattern.keeps,
    )


def _build_glue(workflow: Workflow, explicit: Explicit, calls: Calls, store: Store) -> Source:
    from ingest_assets.sources.glue.source import GlueSource  # noqa: PLC0415  # pulls boto3

    del store
    if not isinstance(workflow, GlueWorkflow):
        raise TypeError(workflow)
    session, settings = glue_parts(workflow, explicit, calls)
    return GlueSource(settings, session)


def kinesis_parts(workflow: KinesisWorkflow, explicit: Explicit, calls: Calls) -> tuple[AwsSession, KinesisSettings]:
    """The session and the settings of a Kinesis recipe."""
    from ingest_assets.sources.aws import AwsSession  # noqa: PLC0415  # pulls boto3
    from ingest_assets.sources.kinesis.sampling import SampleBounds  # noqa: PLC0415  # pulls boto3
    from ingest_assets.sources.kinesis.source import KinesisSettings, pace  # noqa: PLC0415  # pulls boto3

    wanted, config = workflow.dagster.source, workflow.source.service_connection.config
    who, threads = credentials_of(config.aws_config, wanted, explicit), source_threads(workflow)
    session = AwsSession(who, calls, service="kinesis", threads=threads, pace=pace())
    firehose = wanted.firehose
    settings = KinesisSettings(
        service=workflow.source.service_name,
        topic_filter=workflow.source.source_config.config.topic_filter_pattern.keeps,
        include_tags=wanted.include_tags,
        owner_tag=wanted.owner_tag,
        schema_registries=wanted.schema_registries,
        sample=SampleBounds(**dict(wanted.sample)),
        threads=threads,
    )
    if firehose is None:
        return session, settings
    keeps = firehose.filter_pattern.keeps
    return session, replace(settings, firehose_service=firehose.service_name, firehose_filter=keeps)


def _build_kinesis(workflow: Workflow, explicit: Explicit, calls: Calls, store: Store) -> Source:
    from ingest_assets.sources.kinesis.source import KinesisSource  # noqa: PLC0415  # pulls boto3

    del store
    if not isinstance(workflow, KinesisWorkflow):
        raise TypeError(workflow)
    session, settings = kinesis_parts(workflow, explicit, calls)
    return KinesisSource(settings, session)


def quicksight_parts(
    workflow: QuickSightWorkflow, explicit: Explicit, calls: Calls
) -> tuple[AwsSession, QuickSightSettings]:
    """The session and the settings of a QuickSight recipe."""
    from ingest_assets.sources.aws import AwsSession  # noqa: PLC0415  # pulls boto3
    from ingest_assets.sources.quicksight.source import QuickSightSettings  # noqa: PLC0415  # pulls boto3

    wanted, connection = workflow.dagster.source, workflow.source.service_connection.config
    config, threads = workflow.source.source_config.config, source_threads(workflow)
    who, projects = credentials_of(connection.aws_config, wanted, explicit), config.project_filter_pattern
    session = AwsSession(who, calls, service="quicksight", threads=threads)
    settings = QuickSightSettings(
        service=workflow.source.service_name,
        account_id=connection.aws_account_id,
        dashboard_filter=config.dashboard_filter_pattern.keeps,
        chart_filter=config.chart_filter_pattern.keeps,
        data_model_filter=config.data_model_filter_pattern.keeps,
        project_filter=projects.keeps_one_of if projects.includes or projects.excludes else None,
        namespace=connection.namespace,
        include_owners=config.include_owners or config.override_owner,
        include_tags=config.include_tags,
        include_data_models=config.include_data_models,
        include_drafts=config.include_draft_dashboard,
        include_analyses=wanted.include_analyses,
        include_refreshes=wanted.include_refreshes,
        data_sources=wanted.data_sources,
        threads=threads,
    )
    return session, settings


def _build_quicksight(workflow: Workflow, explicit: Explicit, calls: Calls, store: Store) -> Source:
    from ingest_assets.sources.quicksight.source import QuickSightSource  # noqa: PLC0415  # pulls boto3

    del store
    if not isinstance(workflow, QuickSightWorkflow):
        raise TypeError(workflow)
    session, settings = quicksight_parts(workflow, explicit, calls)
    return QuickSightSource(settings, session)


def _build_looker(workflow: Workflow, explicit: Explicit, calls: Calls, store: Store) -> Source:
    from ingest_assets.ingestion.looker import looker_source  # noqa: PLC0415
    from ingest_assets.ingestion.repository_cache import StoreCache  # noqa: PLC0415

    if not isinstance(workflow, LookerWorkflow):
        raise TypeError(workflow)
    return looker_source(workflow, explicit, calls, StoreCache(store), source_threads(workflow))


def _build_atlas(workflow: Workflow, explicit: Explicit, calls: Calls, store: Store) -> Source:
    from ingest_assets.ingestion.atlas import atlas_source  # noqa: PLC0415

    del explicit, store
    if not isinstance(workflow, AtlasWorkflow):
        raise TypeError(workflow)
    return atlas_source(workflow, calls, source_threads(workflow))


def _build_dbt(workflow: Workflow, explicit: Explicit, calls: Calls, store: Store) -> Source:
    from ingest_assets.ingestion.dbt import dbt_source  # noqa: PLC0415

    del store
    if not isinstance(workflow, DbtWorkflow):
        raise TypeError(workflow)
    return dbt_source(workflow, explicit, calls)


_BUILDERS: dict[type[Workflow], Callable[[Workflow, Explicit, Calls, Store], Source]] = {
    GlueWorkflow: _build_glue,
    KinesisWorkflow: _build_kinesis,
    QuickSightWorkflow: _build_quicksight,
    LookerWorkflow: _build_looker,
    AtlasWorkflow: _build_atlas,
    DbtWorkflow: _build_dbt,
}
