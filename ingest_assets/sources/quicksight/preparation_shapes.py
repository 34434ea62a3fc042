"""The newer data preparation of data sets: source tables, steps by their ids, destinations, and what columns mean."""

from __future__ import annotations

from ingest_assets.sources.quicksight.column_shapes import (
    CastColumnTypeOperation,
    ColumnIdMapping,
    CreateColumnsOperation,
    InputColumn,
    ProjectOperation,
    RenameColumnOperation,
    Shape,
    StepSource,
    Text,
)


class ParentDataSet(Shape):
    """Another data set, and its columns."""

    data_set_arn: str
    input_columns: list[InputColumn] | None = None


class SourceTable(Shape):
    """What data preparation begins with; of its members one is there."""

    physical_table_id: str | None = None
    data_set: ParentDataSet | None = None


class ImportSource(Shape):
    """``ImportTableOperationSource``."""

    source_table_id: str
    column_id_mappings: list[ColumnIdMapping] | None = None


class ImportStep(Shape):
    """Reads a source table."""

    source: ImportSource


class FiltersStep(Shape):
    """Drops rows."""

    source: StepSource


class RenameStep(Shape):
    """New names of columns."""

    source: StepSource
    rename_column_operations: list[RenameColumnOperation]


class CastStep(Shape):
    """New types of columns."""

    source: StepSource
    cast_column_type_operations: list[CastColumnTypeOperation]


class NameOverride(Shape):
    """What a join calls a column of an operand."""

    source_column_name: str | None = None
    output_column_name: str


class JoinOperandProperties(Shape):
    """What a join calls the columns of an operand, where it differs."""

    output_column_name_overrides: list[NameOverride]


class JoinStep(Shape):
    """The join of two steps."""

    left_operand: StepSource
    right_operand: StepSource
    left_operand_properties: JoinOperandProperties | None = None
    right_operand_properties: JoinOperandProperties | None = None


class AggregatedColumn(Shape):
    """A simple or list aggregation; without a column, rows are counted."""

    input_column_name: str | None = None


class AggregationFunction(Shape):
    """``DataPrepAggregationFunction``; of its members one is there."""

    simple_aggregation: AggregatedColumn | None = None
    list_aggregation: AggregatedColumn | None = None

    @property
    def input(self) -> str | None:
        """The column that is aggregated."""
        one = self.simple_aggregation or self.list_aggregation
        return one.input_column_name if one else None


class Aggregation(Shape):
    """A column of groups."""

    aggregation_function: AggregationFunction
    new_column_name: str
    new_column_id: str


class AggregateStep(Shape):
    """Groups rows; nothing but groups and their aggregates is left."""

    source: StepSource
    group_by_column_names: list[str] | None = None
    aggregations: list[Aggregation]


class ValueColumn(Shape):
    """What a pivot puts into its columns."""

    aggregation_function: AggregationFunction | None = None


class PivotedLabel(Shape):
    """A value that becomes a column."""

    new_column_name: str
    new_column_id: str


class PivotConfiguration(Shape):
    """The values that become columns."""

    pivoted_labels: list[PivotedLabel]


class PivotStep(Shape):
    """Makes columns of values."""

    source: StepSource
    group_by_column_names: list[str] | None = None
    value_column_configuration: ValueColumn
    pivot_configuration: PivotConfiguration


class ColumnToUnpivot(Shape):
    """A column that becomes a value."""

    column_name: str | None = None


class UnpivotStep(Shape):
    """Makes rows of columns."""

    source: StepSource
    columns_to_unpivot: list[ColumnToUnpivot]
    unpivoted_label_column_name: str
    unpivoted_label_column_id: str
    unpivoted_value_column_name: str
    unpivoted_value_column_id: str


class AppendedColumn(Shape):
    """A column of two tables put below each other."""

    column_name: str
    new_column_id: str


class AppendStep(Shape):
    """Puts one table below another."""

    first_source: StepSource | None = None
    second_source: StepSource | None = None
    appended_columns: list[AppendedColumn]


class TransformStep(Shape):
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


class DestinationSource(Shape):
    """The step that ends in a destination."""

    transform_operation_id: str


class DestinationTable(Shape):
    """What data preparation ends with."""

    alias: str
    source: DestinationSource


class DataPrepConfiguration(Shape):
    """The newer way to prepare data: source tables, steps by their ids, destinations."""

    source_table_map: dict[str, SourceTable]
    transform_step_map: dict[str, TransformStep]
    destination_table_map: dict[str, DestinationTable]


class SemanticType(Shape):
    """What kind of thing a column names."""

    geographical_role: str | None = None


class SemanticProperty(Shape):
    """What a column means; of its members one is there."""

    description: Text | None = None
    additional_notes: Text | None = None
    semantic_type: SemanticType | None = None


class ColumnSemantics(Shape):
    """``SharedColumnSemanticMetadata``: what several columns mean."""

    column_names: list[str] | None = None
    column_properties: list[SemanticProperty]


class TableSemantics(Shape):
    """What the columns of a table mean."""

    column_metadata: list[ColumnSemantics] | None = None


class SemanticTable(Shape):
    """A destination as it is shown."""

    semantic_metadata: TableSemantics | None = None


class DataSetSemantics(Shape):
    """What a data set means."""

    description: Text | None = None


class SemanticModelConfiguration(Shape):
    """What a data set and its columns mean."""

    table_map: dict[str, SemanticTable] | None = None
    semantic_metadata: list[DataSetSemantics] | None = None
