"""Recipes of the sources that are not there yet: they load, and every key of theirs is taken as it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from ingest_assets.recipe.fields import WorkflowBlock, any_case
from ingest_assets.recipe.settings import DagsterSettings, SourceSettings
from ingest_assets.recipe.workflow import Source, Workflow

_ConnectionType = Literal["Atlas"]
_ConfigType = Literal["DatabaseMetadata"]


class PendingConnection(WorkflowBlock):
    """A connection, of which only the type is looked at."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[_ConnectionType, any_case(_ConnectionType)] = Field(description="Type of the service.")


class PendingServiceConnection(WorkflowBlock):
    """How to reach the service."""

    config: PendingConnection = Field(description="The connection.")


class PendingConfig(WorkflowBlock):
    """Options, of which only the type is looked at."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[_ConfigType, any_case(_ConfigType)] = Field(description="The kind of workflow.")


class PendingSourceConfig(WorkflowBlock):
    """What to read."""

    config: PendingConfig = Field(description="The options.")


class PendingSource(Source):
    """A source that loads as a recipe and does not run yet."""

    service_connection: PendingServiceConnection = Field(description="How to reach the service.")
    source_config: PendingSourceConfig = Field(description="What to read.")


class PendingSettings(SourceSettings):
    """Settings of a source that is not there yet."""

    model_config = ConfigDict(extra="allow")


class PendingDagsterSettings(DagsterSettings):
    """The ``dagster`` block, of which only the part ``source`` is not looked at."""

    source: PendingSettings = Field(default=PendingSettings(), description="Settings of the source.")


class PendingWorkflow(Workflow):
    """A recipe of a source that is not there yet."""

    source: PendingSource = Field(description="What to read.")
    dagster: PendingDagsterSettings = Field(
        default=PendingDagsterSettings(), description="When and how Dagster runs it."
    )
