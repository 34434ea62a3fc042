"""``sourceConfig.config`` of messaging services (``type: MessagingMetadata``)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ingest_assets.recipe.fields import Switch, WorkflowBlock, any_case
from ingest_assets.recipe.filters import FilterPattern

_ConfigType = Literal["MessagingMetadata"]


class MessagingMetadataConfig(WorkflowBlock):
    """What to read from a messaging service, and what to do with what is gone."""

    type: Annotated[_ConfigType, any_case(_ConfigType)] = Field(
        default="MessagingMetadata", description="The kind of workflow."
    )
    topic_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which topics to read.")
    generate_sample_data: Switch = Field(default=False, description="Show some messages of each topic.")
    mark_deleted_topics: Switch = Field(default=True, description="Soft-delete topics that are gone.")
    override_metadata: Switch = Field(
        default=False, description="Replace what people wrote in OpenMetadata by what the service says."
    )
