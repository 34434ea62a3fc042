"""Recipes of Amazon QuickSight."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ingest_assets.recipe.aws import AwsConfig, EventfulSettings
from ingest_assets.recipe.dashboards import DashboardConnection, DashboardMetadataConfig
from ingest_assets.recipe.fields import Line, Switch, WorkflowBlock, any_case
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.workflow import Source, Workflow

_ConnectionType = Literal["QuickSight"]
_IdentityType = Literal["IAM", "QUICKSIGHT", "ANONYMOUS"]
_ACCOUNT = re.compile(r"\d{12}")
_NAMESPACE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def _account(value: str) -> str:
    if not _ACCOUNT.fullmatch(value):
        raise ValueError("expected the twelve digits of an AWS account")
    return value


def _namespace(value: str) -> str:
    if not _NAMESPACE.fullmatch(value):
        raise ValueError("expected the name of a namespace, such as default")
    return value


class QuickSightConnection(DashboardConnection):
    """How to reach QuickSight."""

    type: Annotated[_ConnectionType, any_case(_ConnectionType)] = Field(
        default="QuickSight", description="Type of the service."
    )
    aws_config: AwsConfig = Field(description="Credentials and region.")
    aws_account_id: Annotated[Line, AfterValidator(_account)] = Field(
        description="The AWS account whose QuickSight is read."
    )
    identity_type: Annotated[_IdentityType, any_case(_IdentityType)] = Field(
        default="IAM", description="How those sign in who look at embedded dashboards; ANONYMOUS needs a namespace."
    )
    namespace: Annotated[Line, AfterValidator(_namespace)] | None = Field(
        default=None, description="The namespace whose users and groups may be owners; any by default."
    )

    @model_validator(mode="after")
    def _anonymous_readers_have_a_namespace(self) -> QuickSightConnection:
        if self.identity_type == "ANONYMOUS" and self.namespace is None:
            raise ValueError("namespace is missing: identityType ANONYMOUS needs one")
        return self


class QuickSightServiceConnection(WorkflowBlock):
    """How to reach the service."""

    config: QuickSightConnection = Field(description="The connection.")


class QuickSightSourceConfig(WorkflowBlock):
    """What to read."""

    config: DashboardMetadataConfig = Field(default=DashboardMetadataConfig(), description="The options.")


class QuickSightSource(Source):
    """Amazon QuickSight."""

    service_connection: QuickSightServiceConnection = Field(description="How to reach the service.")
    source_config: QuickSightSourceConfig = Field(default=QuickSightSourceConfig(), description="What to read.")


class QuickSightSettings(EventfulSettings):
    """What the QuickSight source can do that OpenMetadata's schema has no key for."""

    include_analyses: Switch = Field(default=False, description="Read analyses too, as dashboards of type Report.")
    include_refreshes: Switch = Field(default=True, description="Tell of data sets whose last SPICE refresh failed.")
    data_sources: dict[Line, Line] = Field(
        default={},
        description="Where the tables of a data source are, by its id: a database service, or service.database.",
    )


class QuickSightDagsterSettings(DagsterSettings):
    """The ``dagster`` block of a QuickSight recipe."""

    source: QuickSightSettings = Field(default=QuickSightSettings(), description="Settings of the QuickSight source.")


class QuickSightWorkflow(Workflow):
    """A recipe of Amazon QuickSight."""

    source: QuickSightSource = Field(description="The dashboards to read.")
    dagster: QuickSightDagsterSettings = Field(
        default=QuickSightDagsterSettings(), description="When and how Dagster runs it."
    )
