"""The parts of QuickSight's data sets and data sources that are used, checked item by item.

What AWS's model calls optional may be absent: an Athena table has neither schema nor catalog if its data set was made
that way, and a custom query need not tell its columns. Another shape costs the object that it is in.
"""

from __future__ import annotations

from pydantic import Field

from ingest_assets.sources.quicksight.column_shapes import (
    CastColumnTypeOperation,
    CreateColumnsOperation,
    InputColumn,
    ProjectOperation,
    RenameColumnOperation,
    Shape,
    TagColumnOperation,
    UntagColumnOperation,
)
from ingest_assets.sources.quicksight.preparation_shapes import DataPrepConfiguration, SemanticModelConfiguration

ARN = r"^arn(:[^:]*){4}:."


class RelationalTable(Shape):
    """A table or view of a database."""

    data_source_arn: str = Field(pattern=ARN)
    catalog: str | None = None
    schema_: str | None = Field(default=None, alias="Schema")
    name: str = Field(min_length=1)
    input_columns: list[InputColumn] | None = None


class CustomSql(Shape):
    """A query; ``name`` is for people."""

    data_source_arn: str = Field(pattern=ARN)
    name: str
    sql_query: str
    columns: list[InputColumn] | None = None


class S3Source(Shape):
    """Files in S3, which a manifest lists."""

    data_source_arn: str = Field(pattern=ARN)
    input_columns: list[InputColumn] | None = None


class TablePathElement(Shape):
    """A step down to a table of a SaaS data source."""

    name: str | None = None
    id: str | None = None


class SaaSTable(Shape):
    """A table of Salesforce, Jira and the like."""

    data_source_arn: str = Field(pattern=ARN)
    table_path: list[TablePathElement]
    input_columns: list[InputColumn] | None = None


class FileSource(Shape):
    """A file that was uploaded."""

    data_source_arn: str = Field(pattern=ARN)
    input_columns: list[InputColumn] | None = None


class PhysicalTable(Shape):
    """What a data set reads of one data source; of its members one is there, none if its kind is newer than this."""

    relational_table: RelationalTable | None = None
    custom_sql: CustomSql | None = None
    s3_source: S3Source | None = None
    saas_table: SaaSTable | None = Field(default=None, alias="SaaSTable")
    file_source: FileSource | None = None


class TransformOperation(Shape):
    """A step within a logical table. Filters and parameters move no columns, and are not declared."""

    project_operation: ProjectOperation | None = None
    create_columns_operation: CreateColumnsOperation | None = None
    rename_column_operation: RenameColumnOperation | None = None
    cast_column_type_operation: CastColumnTypeOperation | None = None
    tag_column_operation: TagColumnOperation | None = None
    untag_column_operation: UntagColumnOperation | None = None


class JoinInstruction(Shape):
    """The join of two logical tables."""

    left_operand: str
    right_operand: str


class LogicalTableSource(Shape):
    """What a logical table is made of; of its members one is there."""

    join_instruction: JoinInstruction | None = None
    physical_table_id: str | None = None
    data_set_arn: str | None = None


class LogicalTable(Shape):
    """A table, a join or another data set, and the steps that follow."""

    alias: str
    data_transforms: list[TransformOperation] | None = None
    source: LogicalTableSource


class OutputColumn(Shape):
    """A column as dashboards see it."""

    name: str = Field(min_length=1)
    id: str | None = None
    description: str | None = None
    type: str | None = None
    sub_type: str | None = None


class FieldFolder(Shape):
    """A folder of columns."""

    description: str | None = Field(default=None, alias="description")
    columns: list[str] | None = Field(default=None, alias="columns")


class RowLevelPermissions(Shape):
    """The data set whose rules say who sees which rows of another."""

    arn: str
    status: str | None = None


class DataSet(Shape):
    """A data set, as described."""

    arn: str = Field(pattern=ARN)
    data_set_id: str = Field(min_length=1)
    name: str | None = None
    physical_table_map: dict[str, PhysicalTable] | None = None
    logical_table_map: dict[str, LogicalTable] | None = None
    output_columns: list[OutputColumn] | None = None
    import_mode: str | None = None
    field_folders: dict[str, FieldFolder] | None = None
    use_as: str | None = None
    row_level_permission_data_set: RowLevelPermissions | None = None
    data_prep_configuration: DataPrepConfiguration | None = None
    semantic_model_configuration: SemanticModelConfiguration | None = None

    @property
    def tells_its_tables(self) -> bool:
        """Whether it says what it is made of; of one that can't be described only the summary is known."""
        maps = (self.physical_table_map, self.logical_table_map, self.data_prep_configuration)
        return any(each is not None for each in maps)


class ManifestFileLocation(Shape):
    """Where a manifest lies in S3."""

    bucket: str
    key: str


class Parameters(Shape):
    """What a data source says of where it connects to, as far as names of tables depend on it."""

    database: str | None = None
    catalog: str | None = None
    project_id: str | None = None
    table_bucket_arn: str | None = None
    manifest_file_location: ManifestFileLocation | None = None


class DataSource(Shape):
    """A data source.

    Attributes:
        data_source_parameters: By the name of their kind, of which there is one; None for what has none, as uploaded
            files.
    """

    arn: str = Field(pattern=ARN)
    data_source_id: str = Field(min_length=1)
    name: str | None = None
    type: str
    data_source_parameters: dict[str, Parameters] | None = None

    @property
    def parameters(self) -> Parameters:
        """Its parameters, whatever their kind is called."""
        return next(iter((self.data_source_parameters or {}).values()), Parameters())
