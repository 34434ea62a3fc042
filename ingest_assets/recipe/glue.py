"""Recipes of AWS Glue."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from ingest_assets.recipe.aws import AwsConfig, EventfulSettings, ExternalId, Region
from ingest_assets.recipe.database import DatabaseMetadataConfig
from ingest_assets.recipe.fields import Line, RecipeBlock, Switch, WorkflowBlock, any_case
from ingest_assets.recipe.filters import FilterPattern
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.workflow import Source, Workflow

_CATALOG_ID = re.compile(r"\d{12}(:[^\s/:]+(/[^\s/:]+)*)?")
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/\S+")
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


def _role_arn(value: str) -> str:
    # The account's catalog is called by its id, which no call needs to tell: the ARN has it.
    if not _ROLE_ARN.fullmatch(value):
        raise ValueError("expected the ARN of a role, such as arn:aws:iam::210987654321:role/catalog-reader")
    return value


CatalogId = Annotated[str, AfterValidator(_catalog_id)]
RoleArn = Annotated[str, AfterValidator(_role_arn)]


class GlueAccount(RecipeBlock):
    """An account that is read by a role of its own."""

    assume_role_arn: RoleArn = Field(
        alias="assumeRoleArn", description="ARN of the role, which the recipe's own credentials assume."
    )
    assume_role_external_id: ExternalId | None = Field(
        default=None,
        alias="assumeRoleExternalId",
        description="External id that the role's owner asks for; that of dagster.source by default.",
    )
    regions: tuple[Region, ...] = Field(
        default=(), description="Regions to read there; the same as in the recipe's own account by default."
    )

    @property
    def account_id(self) -> str:
        """Twelve digits."""
        return self.assume_role_arn.split(":")[4]


class GlueSettings(EventfulSettings):
    """What the Glue source can do that OpenMetadata's schema has no key for."""

    catalog_ids: tuple[CatalogId, ...] = Field(
        default=(),
        description="Catalogs to read: accounts (123456789012) or their catalogs (123456789012:name/name). "
        "The account's own by default.",
    )
    regions: tuple[Region, ...] = Field(
        default=(),
        description="Regions to read besides awsRegion. What a catalog is called there has the region behind it: "
        "123456789012_eu-west-1.",
    )
    accounts: tuple[GlueAccount, ...] = Field(
        default=(), description="Accounts to read besides that of the credentials, each by a role of its own."
    )
    storage_services: tuple[Line, ...] = Field(
        default=(),
        description="Storage services of OpenMetadata whose containers hold the tables' data: from the container of a "
        "table's location comes lineage. None by default.",
    )

    @model_validator(mode="after")
    def _each_account_is_read_once(self) -> GlueSettings:
        read = list(self.catalog_ids)
        for account in self.accounts:
            if account.account_id in read:
                raise ValueError(
                    f"account {account.account_id} is read twice: name it once, in accounts or catalog_ids"
                )
            read.append(account.account_id)
        return self


class GlueDagsterSettings(DagsterSettings):
    """The ``dagster`` block of a Glue recipe."""

    source: GlueSettings = Field(default=GlueSettings(), description="Settings of the Glue source.")


class GlueWorkflow(Workflow):
    """A recipe of AWS Glue."""

    source: GlueSource = Field(description="The Glue Data Catalog to read.")
    dagster: GlueDagsterSettings = Field(default=GlueDagsterSettings(), description="When and how Dagster runs it.")
