"""How the keys of a dbt recipe become the way to its artifacts and its source's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from ingest_assets.calls import Calls
from ingest_assets.ingestion.sources import Explicit, credentials_of
from ingest_assets.recipe.aws import AwsConfig
from ingest_assets.recipe.dbt import DbtConfigSource, DbtPrefixConfig, DbtWorkflow

if TYPE_CHECKING:
    from ingest_assets.sources.dbt.settings import DbtSettings
    from ingest_assets.sources.dbt.source import DbtSource
    from ingest_assets.sources.dbt.ways import Way

CLOUD = "https://cloud.getdbt.com"
"""Where dbt Cloud is for accounts without an address of their own."""


def dbt_source(workflow: DbtWorkflow, explicit: Explicit, calls: Calls) -> DbtSource:
    """The source of a dbt recipe, not yet asked anything."""
    from ingest_assets.sources.dbt.source import DbtSource  # noqa: PLC0415  # pulls requests

    return DbtSource(_settings(workflow), dbt_way(workflow, explicit, calls))


def dbt_way(workflow: DbtWorkflow, explicit: Explicit, calls: Calls) -> Way:
    """The way to the artifacts that a recipe names."""
    from ingest_assets.sources.dbt.downloads import Downloads  # noqa: PLC0415  # pulls requests
    from ingest_assets.sources.dbt.ways import LocalFiles, WebFiles  # noqa: PLC0415  # pulls requests

    where = workflow.source.source_config.config.dbt_config_source
    match where:
        case DbtConfigSource(way="local", dbt_manifest_file_path=str(path)):
            others = {
                "catalog": where.dbt_catalog_file_path,
                "run_results": where.dbt_run_results_file_path,
                "sources": where.dbt_sources_file_path,
            }
            return LocalFiles(path, _given(others))
        case DbtConfigSource(way="http", dbt_manifest_http_path=str(url)):
            others = {
                "catalog": where.dbt_catalog_http_path,
                "run_results": where.dbt_run_results_http_path,
                "sources": where.dbt_sources_http_path,
            }
            return WebFiles(url, _given(others), Downloads(calls))
        case DbtConfigSource(dbt_security_config=AwsConfig() as who, dbt_prefix_config=DbtPrefixConfig() as place):
            return _bucket(workflow, explicit, calls, who, place)
        case DbtConfigSource(dbt_cloud_auth_token=SecretStr() as token, dbt_cloud_account_id=str(account)):
            return _cloud(where, calls, token, account)
    raise TypeError(where.way)  # the model refuses all others


def _bucket(workflow: DbtWorkflow, explicit: Explicit, calls: Calls, who: AwsConfig, place: DbtPrefixConfig) -> Way:
    from ingest_assets.sources.aws import AwsSession  # noqa: PLC0415  # pulls boto3
    from ingest_assets.sources.dbt.bucket import BucketFiles  # noqa: PLC0415  # pulls boto3

    session = AwsSession(credentials_of(who, workflow.dagster.source, explicit), calls, service="s3")
    return BucketFiles(place.dbt_bucket_name, place.dbt_object_prefix, session)


def _cloud(where: DbtConfigSource, calls: Calls, token: SecretStr, account: str) -> Way:
    from ingest_assets.sources.dbt.cloud import CloudFiles  # noqa: PLC0415  # pulls requests
    from ingest_assets.sources.dbt.downloads import Downloads  # noqa: PLC0415  # pulls requests

    return CloudFiles(
        url=where.dbt_cloud_url or CLOUD,
        account=account,
        project=where.dbt_cloud_project_id or "",
        job=where.dbt_cloud_job_id or "",
        downloads=Downloads(calls, {"Authorization": f"Token {token.get_secret_value()}"}),
    )


def _given(paths: dict[str, str | None]) -> dict[str, str]:
    return {kind: path for kind, path in paths.items() if path is not None}


def _settings(workflow: DbtWorkflow) -> DbtSettings:
    from ingest_assets.sources.dbt.settings import DbtSettings  # noqa: PLC0415

    config = workflow.source.source_config.config
    return DbtSettings(
        service=workflow.source.service_name,
        classification=config.dbt_classification_name,
        include_tags=config.include_tags,
        search_across_databases=config.search_across_databases,
        database_filter=config.database_filter_pattern.keeps,
        schema_filter=config.schema_filter_pattern.keeps,
        table_filter=config.table_filter_pattern.keeps,
    )
