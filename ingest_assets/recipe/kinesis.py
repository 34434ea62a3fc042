"""Recipes of Amazon Kinesis."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ingest_assets.recipe.aws import AwsConfig, AwsSourceSettings
from ingest_assets.recipe.fields import Line, RecipeBlock, Switch, WorkflowBlock, any_case
from ingest_assets.recipe.filters import FilterPattern
from ingest_assets.recipe.messaging import MessagingMetadataConfig
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.workflow import Source, Workflow

_ConnectionType = Literal["Kinesis"]
_MOST_RECORDS = 1000
_MOST_BYTES = 10 * 1024 * 1024


class KinesisConnection(WorkflowBlock):
    """How to reach Kinesis."""

    type: Annotated[_ConnectionType, any_case(_ConnectionType)] = Field(
        default="Kinesis", description="Type of the service."
    )
    aws_config: AwsConfig = Field(description="Credentials and region.")
    topic_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="What the UI offers for a new pipeline's topics."
    )
    supports_metadata_extraction: Switch = Field(default=True, description="A switch of the UI.")


class KinesisServiceConnection(WorkflowBlock):
    """How to reach the service."""

    config: KinesisConnection = Field(description="The connection.")


class KinesisSourceConfig(WorkflowBlock):
    """What to read."""

    config: MessagingMetadataConfig = Field(default=MessagingMetadataConfig(), description="The options.")


class KinesisSource(Source):
    """Amazon Kinesis."""

    service_connection: KinesisServiceConnection = Field(description="How to reach the service.")
    source_config: KinesisSourceConfig = Field(default=KinesisSourceConfig(), description="What to read.")


class FirehoseSettings(RecipeBlock):
    """Firehose, whose delivery streams become pipelines of a service of their own."""

    service_name: Line = Field(max_length=256, description="Name of the pipeline service in OpenMetadata.")
    filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which delivery streams to read.")
    mark_deleted: Switch = Field(default=True, description="Soft-delete pipelines that are gone.")
    storage_services: tuple[Line, ...] = Field(
        default=(), description="Storage services in which deliveries are looked for; all of S3 by default."
    )
    database_services: tuple[Line, ...] = Field(
        default=(), description="Database services whose tables deliveries fill; all that fit by default."
    )


class SampleSettings(RecipeBlock):
    """How much generateSampleData reads of each stream."""

    records: int = Field(default=50, ge=1, le=_MOST_RECORDS, description="Messages to show at most.")
    bytes: int = Field(default=256 * 1024, ge=1024, le=_MOST_BYTES, description="Bytes to show at most.")
    seconds: float = Field(default=10, gt=0, le=600, description="Seconds to look for messages.")
    shards: int = Field(default=4, ge=1, le=100, description="Shards to look into, open and closed ones.")


class KinesisSettings(AwsSourceSettings):
    """What the Kinesis source can do that OpenMetadata's schema has no key for."""

    firehose: FirehoseSettings | None = Field(
        default=None, description="Reads Firehose too, into the pipeline service that it names."
    )
    include_tags: Switch = Field(default=True, description="Read the streams' tags.")
    owner_tag: Line = Field(default="owner", description="Tag that names the owner, in any case.")
    schema_registries: tuple[Line, ...] = Field(
        default=(), description="Glue schema registries that hold the streams' schemas; all of them by default."
    )
    sample: SampleSettings = Field(default=SampleSettings(), description="How much generateSampleData reads.")


class KinesisDagsterSettings(DagsterSettings):
    """The ``dagster`` block of a Kinesis recipe."""

    source: KinesisSettings = Field(default=KinesisSettings(), description="Settings of the Kinesis source.")


class KinesisWorkflow(Workflow):
    """A recipe of Amazon Kinesis."""

    source: KinesisSource = Field(description="The streams to read.")
    dagster: KinesisDagsterSettings = Field(
        default=KinesisDagsterSettings(), description="When and how Dagster runs it."
    )
