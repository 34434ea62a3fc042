"""Steps of the newer data preparation, each of which makes a table of one or two others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from ingest_assets.sources.quicksight.column_shapes import (
    ColumnIdMapping,
    InputColumn,
    RenameColumnOperation,
    StepSource,
)
from ingest_assets.sources.quicksight.evaluation import Making, Node, node_of, reading
from ingest_assets.sources.quicksight.preparation_shapes import (
    AggregateStep,
    AppendStep,
    DataPrepConfiguration,
    JoinOperandProperties,
    JoinStep,
    PivotStep,
    TransformStep,
    UnpivotStep,
)
from ingest_assets.sources.quicksight.relations import Field, Kind, Leaf, Relation, joined, missing

STEP = "step"

Change = Callable[[Relation], None]
Parents = Callable[[str], Sequence[str] | None]
"""Names of the columns of another data set, by its ARN; None: not known."""


def step_making(preparation: DataPrepConfiguration, node: Node, parents: Parents) -> Making | None:
    """How a step, or a data set that a step reads, is made; None if it is not there, or of a kind newer than this.

    Args:
        preparation: Has the steps.
        node: What is made.
        parents: What a data set is known to have, where the step does not tell its columns.
    """
    if node.kind == Kind.DATA_SET.value:
        return reading(Leaf(Kind.DATA_SET, node.id), _columns_of_parent(preparation, node.id, parents))
    step = preparation.transform_step_map.get(node.id)
    return _making(step, preparation) if step is not None and node.kind == STEP else None


def _columns_of_parent(preparation: DataPrepConfiguration, arn: str, parents: Parents) -> list[InputColumn] | None:
    told = [table.data_set for table in preparation.source_table_map.values() if table.data_set is not None]
    columns = [each.input_columns for each in told if each.data_set_arn == arn]
    if columns and columns[0] is not None:
        return columns[0]
    names = parents(arn)
    return None if names is None else [InputColumn(Name=name, Type="") for name in names]


def _making(step: TransformStep, preparation: DataPrepConfiguration) -> Making | None:
    if step.import_table_step is not None:
        read = step.import_table_step.source
        return _changing(_source_table(preparation, read.source_table_id), read.column_id_mappings)
    if step.join_step is not None:
        return _join(step.join_step)
    if step.append_step is not None:
        return _append(step.append_step)
    changed = next(chain(_plain(step), _grouping(step)), None)
    if changed is None:
        return None
    source, change = changed
    return _changing(_step(source), source.column_id_mappings if source else None, change)


def _plain(step: TransformStep) -> Iterator[tuple[StepSource | None, Change]]:
    """The steps that continue one other and keep its rows."""
    if (project := step.project_step) is not None:
        yield project.source, lambda relation: relation.project(project.projected_columns)
    if step.filters_step is not None:
        yield step.filters_step.source, lambda _: None
    if (create := step.create_columns_step) is not None:
        yield create.source, lambda relation: relation.create(create.columns)
    if (rename := step.rename_columns_step) is not None:
        yield rename.source, lambda relation: relation.rename(_names(rename.rename_column_operations))
    if (cast := step.cast_column_types_step) is not None:
        yield cast.source, lambda relation: relation.cast(cast.cast_column_type_operations)


def _grouping(step: TransformStep) -> Iterator[tuple[StepSource | None, Change]]:
    """The steps that continue one other and make other rows of it."""
    if (aggregate := step.aggregate_step) is not None:
        yield aggregate.source, lambda relation: _aggregate(relation, aggregate)
    if (pivot := step.pivot_step) is not None:
        yield pivot.source, lambda relation: _pivot(relation, pivot)
    if (unpivot := step.unpivot_step) is not None:
        yield unpivot.source, lambda relation: _unpivot(relation, unpivot)


def _changing(node: Node, mappings: Sequence[ColumnIdMapping] | None, change: Change = lambda _: None) -> Making:
    def make(relations: Sequence[Relation]) -> Relation:
        made = relations[0].copy(mappings)
        change(made)
        return made

    return Making((node,), make)


def _step(source: StepSource | None) -> Node:
    return Node(STEP, source.transform_operation_id if source else "that is continued")


def _source_table(preparation: DataPrepConfiguration, name: str) -> Node:
    table = preparation.source_table_map.get(name)
    if table is not None and table.physical_table_id is not None:
        return node_of(Kind.TABLE, table.physical_table_id)
    if table is not None and table.data_set is not None:
        return node_of(Kind.DATA_SET, table.data_set.data_set_arn)
    return Node("source table of a known kind", name)


def _join(step: JoinStep) -> Making:
    def make(relations: Sequence[Relation]) -> Relation:
        left, right = (
            _overridden(relation.copy(source.column_id_mappings), properties)
            for relation, source, properties in zip(
                relations,
                (step.left_operand, step.right_operand),
                (step.left_operand_properties, step.right_operand_properties),
                strict=True,
            )
        )
        return joined(left, right, None)

    return Making((_step(step.left_operand), _step(step.right_operand)), make)


def _overridden(relation: Relation, properties: JoinOperandProperties | None) -> Relation:
    overrides = properties.output_column_name_overrides if properties else []
    relation.rename((each.source_column_name, each.output_column_name) for each in overrides if each.source_column_name)
    return relation


def _names(operations: Iterable[RenameColumnOperation]) -> Iterator[tuple[str, str]]:
    return ((each.column_name, each.new_column_name) for each in operations)


def _append(step: AppendStep) -> Making:
    sources = [source for source in (step.first_source, step.second_source) if source is not None]

    def make(relations: Sequence[Relation]) -> Relation:
        both = [relation.copy(each.column_id_mappings) for relation, each in zip(relations, sources, strict=True)]
        made = Relation()
        for column in step.appended_columns:
            # What only one of them has is empty in the rows of the other.
            found = [relation for relation in both if relation.has(column.column_name)] or both or [missing()]
            parts = [relation.merged([column.column_name]) for relation in found]
            made.fields[column.column_name] = Field(
                tuple(dict.fromkeys(source for part in parts for source in part.sources)),
                column.new_column_id,
                lacking=tuple(dict.fromkeys(reason for part in parts for reason in part.lacking)),
            )
        return made

    return Making(tuple(map(_step, sources)), make)


def _aggregate(relation: Relation, step: AggregateStep) -> None:
    made = {
        each.new_column_name: relation.merged(_input(each.aggregation_function.input), id=each.new_column_id)
        for each in step.aggregations
    }
    relation.project(step.group_by_column_names or ())
    relation.fields.update(made)


def _pivot(relation: Relation, step: PivotStep) -> None:
    """The values are what flows into the new columns; the column that says which is one filters them."""
    function = step.value_column_configuration.aggregation_function
    values = _input(function.input if function else None)
    made = {
        each.new_column_name: relation.merged(values, id=each.new_column_id)
        for each in step.pivot_configuration.pivoted_labels
    }
    relation.project(step.group_by_column_names or ())
    relation.fields.update(made)


def _unpivot(relation: Relation, step: UnpivotStep) -> None:
    """The labels are names of columns: nothing flows into them."""
    names = [each.column_name for each in step.columns_to_unpivot if each.column_name is not None]
    values = relation.merged(names, id=step.unpivoted_value_column_id)
    for name in names:
        relation.drop(name)
    relation.fields[step.unpivoted_label_column_name] = Field(id=step.unpivoted_label_column_id)
    relation.fields[step.unpivoted_value_column_name] = values


def _input(name: str | None) -> list[str]:
    return [] if name is None else [name]
