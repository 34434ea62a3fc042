"""``sourceConfig.config`` of database services (``type: DatabaseMetadata``)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ingest_assets.recipe.fields import Switch, WorkflowBlock, any_case
from ingest_assets.recipe.filters import FilterPattern

_ConfigType = Literal["DatabaseMetadata"]


class Incremental(WorkflowBlock):
    """OpenMetadata's incremental extraction."""

    enabled: Switch = Field(description="Read only what changed since the last run.")
    lookback_days: int = Field(default=7, ge=0, description="Days to look back without an earlier run.")
    safety_margin_days: int = Field(default=1, ge=0, description="Days to look back before the last run.")


class DatabaseMetadataConfig(WorkflowBlock):
    """What to read from a database service, and what to do with what is gone."""

    type: Annotated[_ConfigType, any_case(_ConfigType)] = Field(
        default="DatabaseMetadata", description="The kind of workflow."
    )
    mark_deleted_tables: Switch = Field(default=True, description="Soft-delete tables that are gone.")
    mark_deleted_schemas: Switch = Field(default=False, description="Soft-delete schemas that are gone.")
    mark_deleted_databases: Switch = Field(default=False, description="Soft-delete databases that are gone.")
    mark_deleted_stored_procedures: Switch = Field(
        default=True, description="Soft-delete stored procedures that are gone."
    )
    mark_all_deleted_tables: Switch = Field(
        default=False, description="Spelling of OpenMetadata 1.0: soft-delete tables of schemas that are gone."
    )
    include_tables: Switch = Field(default=True, description="Read tables.")
    include_views: Switch = Field(default=True, description="Read views.")
    include_tags: Switch = Field(default=True, description="Read tags.")
    include_custom_properties: Switch = Field(default=False, description="Read custom properties.")
    include_owners: Switch = Field(
        default=False, description="Take the owner of a table from the service, if a user or team matches."
    )
    owner_config: dict[str, Any] | None = Field(default=None, description="Owners by level, set by hand.")
    include_stored_procedures: Switch = Field(default=True, description="Read stored procedures.")
    include_ddl: Switch = Field(default=False, alias="includeDDL", description="Keep the statement that made a table.")
    override_metadata: Switch = Field(
        default=False, description="Replace what people wrote in OpenMetadata by what the service says."
    )
    override_owner: Switch = Field(
        default=False, description="Spelling of OpenMetadata 1.0 to 1.3: replace owners that people set."
    )
    override_view_lineage: Switch = Field(default=False, description="Drop old lineage of views first.")
    query_log_duration: int = Field(default=1, ge=0, description="Days of query log to read.")
    query_parsing_timeout_limit: int = Field(default=300, ge=1, description="Seconds for parsing one query.")
    view_parsing_timeout_limit: int = Field(default=300, ge=1, description="Seconds for parsing one view.")
    use_fqn_for_filtering: Switch = Field(
        default=False, description="Patterns see fully qualified names in place of plain names."
    )
    push_down_filter: Switch = Field(default=False, description="Let the service filter.")
    database_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which databases to read.")
    schema_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which schemas to read.")
    table_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which tables and views to read.")
    stored_procedure_filter_pattern: FilterPattern = Field(
        default=FilterPattern(), description="Which stored procedures to read."
    )
    threads: int = Field(default=1, ge=1, le=64, description="Schemas to read side by side.")
    incremental: Incremental | None = Field(default=None, description="Read only what changed.")
    extract_json_schema: Switch = Field(default=False, description="Look into JSON columns.")
    json_schema_sample_size: int = Field(default=10, ge=1, description="Rows to look at in a JSON column.")
