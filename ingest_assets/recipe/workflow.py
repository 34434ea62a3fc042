"""The workflow as OpenMetadata describes it: source, sink, workflowConfig; and our ``dagster`` block."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ingest_assets.recipe.fields import LogLevel, Switch, WorkflowBlock, any_case
from ingest_assets.recipe.server import OpenMetadataServerConfig
from ingest_assets.recipe.settings import DagsterSettings

_SinkType = Literal["metadata-rest"]


class Source(WorkflowBlock):
    """What to read, and from where."""

    type: Annotated[str, AfterValidator(str.lower)] = Field(description="Type of the source, such as glue.")
    service_name: str = Field(max_length=256, description="Name of the service in OpenMetadata.")


class Sink(WorkflowBlock):
    """Where the metadata goes."""

    type: Annotated[_SinkType, any_case(_SinkType)] = Field(
        default="metadata-rest", description="The OpenMetadata server's API; there is no other."
    )
    config: dict[str, Any] = Field(default={}, description="Settings of OpenMetadata's own sink.")


class WorkflowConfig(WorkflowBlock):
    """The server and the rules of a run."""

    logger_level: Annotated[LogLevel, any_case(LogLevel)] = Field(default="INFO", description="Log level.")
    raise_on_error: Switch = Field(default=True, description="Whether a failed run counts as failed.")
    success_threshold: int = Field(
        default=90, ge=0, le=100, description="Percent of entities that must arrive for a run to be good."
    )
    open_metadata_server_config: OpenMetadataServerConfig = Field(description="The OpenMetadata server.")
    config: dict[str, Any] | None = Field(default=None, description="Settings of OpenMetadata's own runner.")


class Workflow(WorkflowBlock):
    """A whole recipe; each source has its own kind with its own ``source``."""

    source: Source = Field(description="What to read.")
    sink: Sink = Field(default=Sink(), description="Where it goes.")
    workflow_config: WorkflowConfig = Field(description="The server and the rules of a run.")
    dagster: DagsterSettings = Field(default=DagsterSettings(), description="When and how Dagster runs it.")
    ingestion_pipeline_fqn: str | None = Field(
        default=None, alias="ingestionPipelineFQN", description="The pipeline's name on the server."
    )
    pipeline_run_id: str | None = Field(default=None, description="The run's id on the server.")
    enable_streamable_logs: Switch = Field(default=False, description="Send the run's log to the server.")
