"""The parts of QuickSight's data sets and data sources that are used, checked item by item.

What AWS's model calls optional may be absent: an Athena table has neither schema nor catalog if its data set was made
that way, and a custom query need not tell its columns. Another shape costs the object that it is in.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

ARN = r"^arn(:[^:]*){4}:."


class _Shape(BaseModel):
    """Ignores what it does not declare; an explicit null is the same as a missing key."""

    model_config = ConfigDict(alias_generator=to_pascal)


class InputColumn(_Shape):
    """A column of what a data set reads, as that calls it."""

    name: str = Field(min_length=1)
    id: str | None = None
    type: str
    sub_type: str | None = None


class RelationalTable(_Shape):
    """A table or view of a database."""

    data_source_arn: str = Field(pattern=ARN)
    catalog: str | None = None
    schema_: str | None = Field(default=None, alias="Schema")
    name: str = Field(min_length=1)
    input_columns: list[InputColumn] | None = None


class CustomSql(_Shape):
    """A query; ``name`` is for people."""

    data_source_arn: str = Field(pattern=ARN)
    name: str
    sql_query: str
    columns: list[InputColumn] | None = None


class S3Source(_Shape):
    """Files in S3, which a manifest lists."""

    data_source_arn: str = Field(pattern=ARN)
    input_columns: list[InputColumn] | None = None


class TablePathElement(_Shape):
    """A step down to a table of a SaaS data source."""

    name: str | None = None
    id: str | None = None


class SaaSTable(_Shape):
    """A table of Salesforce, Jira and the like."""

    data_source_arn: str = Field(pattern=ARN)
    table_path: list[TablePathElement]
    input_columns: list[InputColumn] | None = None


class FileSource(_Shape):
    """A file that was uploaded."""

    data_source_arn: str = Field(pattern=ARN)
    input_columns: list[InputColumn] | None = None


class PhysicalTable(_Shape):
    """What a data set reads of one data source; of its members one is there, none if its kind is newer than this."""

    relational_table: RelationalTable | None = None
    custom_sql: CustomSql | None = None
    s3_source: S3Source | None = None
    saas_table: SaaSTable | None = Field(default=None, alias="SaaSTable")
    file_source: FileSource | None = None


class ColumnIdMapping(_Shape):
    """What a step calls a column of the step before."""

    source_column_id: str
    target_column_id: str


class StepSource(_Shape):
    """``TransformOperationSource``: the step that a step continues."""

    transform_operation_id: str
    column_id_mappings: list[ColumnIdMapping] | None = None


class ProjectOperation(_Shape):
    """Keeps the columns that it names."""

    source: StepSource | None = None
    projected_columns: list[str]


class CalculatedColumn(_Shape):
    """A column and the expression that makes it."""

    column_name: str
    column_id: str
    expression: str


class CreateColumnsOperation(_Shape):
    """Calculated columns, which may use each other."""

    source: StepSource | None = None
    columns: list[CalculatedColumn]


class RenameColumnOperation(_Shape):
    """A column's new name."""

    column_name: str
    new_column_name: str


class CastColumnTypeOperation(_Shape):
    """A column's new type."""

    column_name: str
    new_column_type: str
    sub_type: str | None = None


class Text(_Shape):
    """A text, as descriptions wrap theirs."""

    text: str | None = None


class ColumnTag(_Shape):
    """What a column is; of its members one is there."""

    column_geographic_role: str | None = None
    column_description: Text | None = None


class TagColumnOperation(_Shape):
    """Says what a column is."""

    column_name: str
    tags: list[ColumnTag]


class UntagColumnOperation(_Shape):
    """Takes back what was said of a column."""

    column_name: str
    tag_names: list[str]


class TransformOperation(_Shape):
    """A step within a logical table. Filters and parameters move no columns, and are not declared."""

    project_operation: ProjectOperation | None = None
    create_columns_operation: CreateColumnsOperation | None = None
    rename_column_operation: RenameColumnOperation | None = None
    cast_column_type_operation: CastColumnTypeOperation | None = None
    tag_column_operation: TagColumnOperation | None = None
    untag_column_operation: UntagColumnOperation | None = None


class JoinInstruction(_Shape):
    """The join of two logical tables."""

    left_operand: str
    right_operand: str


class LogicalTableSource(_Shape):
    """What a logical table is made of; of its members one is there."""

    join_instruction: JoinInstruction | None = None
    physical_table_id: str | None = None
    data_set_arn: str | None = None


class LogicalTable(_Shape):
    """A table, a join or another data set, and the steps that follow."""

    alias: str
    data_transforms: list[TransformOperation] | None = None
    source: LogicalTableSource


class ParentDataSet(_Shape):
    """Another data set, and its columns."""

    data_set_arn: str
    input_columns: list[InputColumn] | None = None


class SourceTable(_Shape):
    """What data preparation begins with; of its members one is there."""

    physical_table_id: str | None = None
    data_set: ParentDataSet | None = None


class ImportSource(_Shape):
    """``ImportTableOperationSource``."""

    source_table_id: str
    column_id_mappings: list[ColumnIdMapping] | None = None


class ImportStep(_Shape):
    """Reads a source table."""

    source: ImportSource


class FiltersStep(_Shape):
    """Drops rows."""

    source: StepSource


class RenameStep(_Shape):
    """New names of columns."""

    source: StepSource
    rename_column_operations: list[RenameColumnOperation]


class CastStep(_Shape):
    """New types of columns."""

    source: StepSource
    cast_column_type_operations: list[CastColumnTypeOperation]


class NameOverride(_Shape):
    """What a join calls a column of an operand."""

    source_column_name: str | None = None
    output_column_name: str


class JoinOperandProperties(_Shape):
    """What a join calls the columns of an operand, where it differs."""

    output_column_name_overrides: list[NameOverride]


class JoinStep(_Shape):
    """The join of two steps."""

    left_operand: StepSource
    right_operand: StepSource
    left_operand_properties: JoinOperandProperties | None = None
    right_operand_properties: JoinOperandProperties | None = None


class AggregatedColumn(_Shape):
    """A simple or list aggregation; without a column, rows are counted."""

    input_column_name: str | None = None


class AggregationFunction(_Shape):
    """``DataPrepAggregationFunction``; of its members one is there."""

    simple_aggregation: AggregatedColumn | None = None
    list_aggregation: AggregatedColumn | None = None

    @property
    def input(self) -> str | None:
        """The column that is aggregated."""
        one = self.simple_aggregation or self.list_aggregation
        return one.input_column_name if one else None


class Aggregation(_Shape):
    """A column of groups."""

    aggregation_function: AggregationFunction
    new_column_name: str
    new_column_id: str


class AggregateStep(_Shape):
    """Groups rows; nothing but groups and their aggregates is left."""

    source: StepSource
    group_by_column_names: list[str] | None = None
    aggregations: list[Aggregation]


class ValueColumn(_Shape):
    """What a pivot puts into its columns."""

    aggregation_function: AggregationFunction | None = None


class PivotedLabel(_Shape):
    """A value that becomes a column."""

    new_column_name: str
    new_column_id: str


class PivotConfiguration(_Shape):
    """The values that become columns."""

    pivoted_labels: list[PivotedLabel]


class PivotStep(_Shape):
    """Makes columns of values."""

    source: StepSource
    group_by_column_names: list[str] | None = None
    value_column_configuration: ValueColumn
    pivot_configuration: PivotConfiguration


class ColumnToUnpivot(_Shape):
    """A column that becomes a value."""

    column_name: str | None = None


class UnpivotStep(_Shape):
    """Makes rows of columns."""

    source: StepSource
    columns_to_unpivot: list[ColumnToUnpivot]
    unpivoted_label_column_name: str
    unpivoted_label_column_id: str
    unpivoted_value_column_name: str
    unpivoted_value_column_id: str


class AppendedColumn(_Shape):
    """A column of two tables put below each other."""

    column_name: str
    new_column_id: str


class AppendStep(_Shape):
    """Puts one table below another."""

    first_source: StepSource | None = None
    second_source: StepSource | None = None
    appended_columns: list[AppendedColumn]


class TransformStep(_Shape):
    """A step of data preparation; of its members one is there, none if its kind is newer than this."""

    import_table_step: ImportStep | None = None
    project_step: ProjectOperation | None = None
    filters_step: FiltersStep | None = None
    create_columns_step: CreateColumnsOperation | None = None
    rename_columns_step: RenameStep | None = None
    cast_column_types_step: CastStep | None = None
    join_step: JoinStep | None = None
    aggregate_step: AggregateStep | None = None
    pivot_step: PivotStep | None = None
    unpivot_step: UnpivotStep | None = None
    append_step: AppendStep | None = None


class DestinationSource(_Shape):
    """The step that ends in a destination."""

    transform_operation_id: str


class DestinationTable(_Shape):
    """What data preparation ends with."""

    alias: str
    source: DestinationSource


class DataPrepConfiguration(_Shape):
    """The newer way to prepare data: source tables, steps by their ids, destinations."""

    source_table_map: dict[str, SourceTable]
    transform_step_map: dict[str, TransformStep]
    destination_table_map: dict[str, DestinationTable]


class SemanticType(_Shape):
    """What kind of thing a column names."""

    geographical_role: str | None = None


class SemanticProperty(_Shape):
    """What a column means; of its members one is there."""

    description: Text | None = None
    additional_notes: Text | None = None
    semantic_type: SemanticType | None = None


class ColumnSemantics(_Shape):
    """``SharedColumnSemanticMetadata``: what several columns mean."""

    column_names: list[str] | None = None
    column_properties: list[SemanticProperty]


class TableSemantics(_Shape):
    """What the columns of a table mean."""

    column_metadata: list[ColumnSemantics] | None = None


class SemanticTable(_Shape):
    """A destination as it is shown."""

    semantic_metadata: TableSemantics | None = None


class DataSetSemantics(_Shape):
    """What a data set means."""

    description: Text | None = None


class SemanticModelConfiguration(_Shape):
    """What a data set and its columns mean."""

    table_map: dict[str, SemanticTable] | None = None
    semantic_metadata: list[DataSetSemantics] | None = None


class OutputColumn(_Shape):
    """A column as dashboards see it."""

    name: str = Field(min_length=1)
    id: str | None = None
    description: str | None = None
    type: str | None = None
    sub_type: str | None = None


class FieldFolder(_Shape):
    """A folder of columns."""

    description: str | None = Field(default=None, alias="description")
    columns: list[str] | None = Field(default=None, alias="columns")


class DataSet(_Shape):
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
    data_prep_configuration: DataPrepConfiguration | None = None
    semantic_model_configuration: SemanticModelConfiguration | None = None

    @property
    def tells_its_tables(self) -> bool:
        """Whether it says what it is made of; of one that can't be described only the summary is known."""
        maps = (self.physical_table_map, self.logical_table_map, self.data_prep_configuration)
        return any(each is not None for each in maps)


class ManifestFileLocation(_Shape):
    """Where a manifest lies in S3."""

    bucket: str
    key: str


class Parameters(_Shape):
    """What a data source says of where it connects to, as far as names of tables depend on it."""

    database: str | None = None
    catalog: str | None = None
    project_id: str | None = None
    table_bucket_arn: str | None = None
    manifest_file_location: ManifestFileLocation | None = None


class DataSource(_Shape):
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
