"""``sourceConfig.config`` of dashboard services (``type: DashboardMetadata``)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ingest_assets.recipe.fields import Line, Switch, WorkflowBlock, any_case
from ingest_assets.recipe.filters import FilterPattern

_ConfigType = Literal["DashboardMetadata"]


class DashboardConnection(WorkflowBlock):
    """What connections of dashboard services share, none of which reaches the service."""

    dashboard_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="What the UI offers for a new pipeline's dashboards."
    )
    chart_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="What the UI offers for a new pipeline's charts."
    )
    data_model_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="What the UI offers for a new pipeline's data models."
    )
    project_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="What the UI offers for a new pipeline's projects."
    )
    supports_metadata_extraction: Switch = Field(default=True, description="A switch of the UI.")


class LineageInformation(WorkflowBlock):
    """Where the tables are that dashboards show."""

    db_service_names: tuple[Line, ...] = Field(default=(), description="Database services in which tables are found.")
    db_service_prefixes: tuple[Line, ...] = Field(
        default=(), description="The same, each perhaps with a database and a schema: service.database.schema."
    )


class DashboardMetadataConfig(WorkflowBlock):
    """What to read from a dashboard service, and what to do with what is gone."""

    type: Annotated[_ConfigType, any_case(_ConfigType)] = Field(
        default="DashboardMetadata", description="The kind of workflow."
    )
    db_service_names: tuple[Line, ...] = Field(default=(), description="Database services in which tables are found.")
    lineage_information: LineageInformation = Field(
        default=LineageInformation(), description="Newer spelling of where tables are found."
    )
    dashboard_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which dashboards to read.")
    chart_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which charts to read.")
    data_model_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which data models to read.")
    project_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="Which projects (folders) to read dashboards of."
    )
    include_owners: Switch = Field(default=False, description="Read owners.")
    include_tags: Switch = Field(default=True, description="Read tags.")
    include_data_models: Switch = Field(default=True, description="Read data models.")
    include_draft_dashboard: Switch = Field(default=True, description="Read dashboards that are not published.")
    include_usage: Switch = Field(default=True, description="Read how often dashboards are looked at.")
    mark_deleted_dashboards: Switch = Field(default=True, description="Soft-delete dashboards that are gone.")
    mark_deleted_charts: Switch = Field(default=True, description="Soft-delete charts that are gone.")
    mark_deleted_data_models: Switch = Field(default=True, description="Soft-delete data models that are gone.")
    override_owner: Switch = Field(default=False, description="Owners replace those that people set.")
    override_metadata: Switch = Field(
        default=False, description="Replace what people wrote in OpenMetadata by what the service says."
    )
    override_lineage: Switch = Field(default=False, description="Write all lineage anew.")
    query_parser_config: dict[str, Any] | None = Field(
        default=None, description="Which of its parsers OpenMetadata's own ingestion uses."
    )
    threads: int = Field(default=1, ge=1, le=64, description="Things to read side by side.")

    def names_and_prefixes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Database services by their names, and those by prefixes of FQNs."""
        information = self.lineage_information
        return (*self.db_service_names, *information.db_service_names), information.db_service_prefixes
