"""Recipes of AWS Glue."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ingest_assets.recipe.aws import AwsConfig, AwsSourceSettings
from ingest_assets.recipe.database import DatabaseMetadataConfig
from ingest_assets.recipe.fields import Switch, WorkflowBlock, any_case
from ingest_assets.recipe.filters import FilterPattern
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.workflow import Source, Workflow

_CATALOG_ID = re.compile(r"\d{12}(:[^\s/:]+(/[^\s/:]+)*)?")
_ConnectionType = Literal["Glue"]


class GlueConnection(WorkflowBlock):
    """How to reach a Glue Data Catalog."""

    type: Annotated[_ConnectionType, any_case(_ConnectionType)] = Field(
        default="Glue", description="Type of the service."
    )
    aws_config: AwsConfig = Field(description="Credentials and region.")
    database_name: str | None = Field(
        default=None,
        description="Name that the account's own catalog has in OpenMetadata; its catalog id by default.",
    )
    connection_options: dict[str, Any] | None = Field(
        default=None, description="Options of a database driver; Glue's API has none."
    )
    connection_arguments: dict[str, Any] | None = Field(
        default=None, description="Arguments of a database driver, such as authenticator; Glue's API has none."
    )
    database_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="What the UI offers for a new pipeline's databases."
    )
    schema_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="What the UI offers for a new pipeline's schemas."
    )
    table_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="What the UI offers for a new pipeline's tables."
    )
    supports_metadata_extraction: Switch = Field(default=True, description="A switch of the UI.")
    supports_dbt_extraction: Switch = Field(
        default=True, alias="supportsDBTExtraction", description="A switch of the UI."
    )


class GlueServiceConnection(WorkflowBlock):
    """How to reach the service."""

    config: GlueConnection = Field(description="The connection.")


class GlueSourceConfig(WorkflowBlock):
    """What to read."""

    config: DatabaseMetadataConfig = Field(default=DatabaseMetadataConfig(), description="The options.")


class GlueSource(Source):
    """A Glue Data Catalog."""

    service_connection: GlueServiceConnection = Field(description="How to reach the service.")
    source_config: GlueSourceConfig = Field(default=GlueSourceConfig(), description="What to read.")


def _catalog_id(value: str) -> str:
    if not _CATALOG_ID.fullmatch(value):
        raise ValueError("expected a catalog id such as 123456789012 or 123456789012:s3tablescatalog/lake")
    return value


CatalogId = Annotated[str, AfterValidator(_catalog_id)]


class GlueSettings(AwsSourceSettings):
    """What the Glue source can do that OpenMetadata's schema has no key for."""

    catalog_ids: tuple[CatalogId, ...] = Field(
        default=(),
        description="Catalogs to read: accounts (123456789012) or their catalogs (123456789012:name/name). "
        "The account's own by default.",
    )


class GlueDagsterSettings(DagsterSettings):
    """The ``dagster`` block of a Glue recipe."""

    source: GlueSettings = Field(default=GlueSettings(), description="Settings of the Glue source.")


class GlueWorkflow(Workflow):
    """A recipe of AWS Glue."""

    source: GlueSource = Field(description="The Glue Data Catalog to read.")
    dagster: GlueDagsterSettings = Field(default=GlueDagsterSettings(), description="When and how Dagster runs it.")
