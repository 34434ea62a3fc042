"""Replaying a data set: from what it reads, through its logical tables or steps, to the columns that it ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest_assets.sources.quicksight.column_shapes import InputColumn
from ingest_assets.sources.quicksight.data_prep import Parents, step_making
from ingest_assets.sources.quicksight.evaluation import Evaluation, Making, Node, node_of, reading, reading_of_table
from ingest_assets.sources.quicksight.preparation_shapes import DataPrepConfiguration
from ingest_assets.sources.quicksight.relations import Field, Kind, Leaf, Lost, Relation, joined, missing
from ingest_assets.sources.quicksight.shapes import DataSet, LogicalTable, TransformOperation

_LOGICAL = "logical table"


@dataclass(frozen=True)
class Replay:
    """What a data set comes to.

    Attributes:
        relation: Its columns, all that it may end with.
        reached: What it reads.
        problems: What of it is missing or goes in a circle.
    """

    relation: Relation
    reached: tuple[Leaf, ...]
    problems: tuple[str, ...] = ()

    def column(self, name: str, column_id: str | None = None) -> Field:
        """A column that the data set ends with; without sources, and with the reason, if it can't be found."""
        found = self.relation.find(name)
        if isinstance(found, Lost) and column_id:
            by_id = self.relation.find(column_id)
            found = found if isinstance(by_id, Lost) or by_id[1].id != column_id else by_id
        return Field(lacking=(found.reason,)) if isinstance(found, Lost) else found[1]


def replay(data_set: DataSet, parents: Parents) -> Replay:
    """What a data set's columns come from; what is broken in it costs the columns that need it.

    Args:
        data_set: Described, by logical tables or by steps of data preparation.
        parents: Of the data sets that it may read.
    """
    if data_set.data_prep_configuration is not None:
        return _of_steps(data_set, data_set.data_prep_configuration, parents)
    return _of_logical_tables(data_set, parents)


def _of_steps(data_set: DataSet, preparation: DataPrepConfiguration, parents: Parents) -> Replay:
    def making(node: Node) -> Making | None:
        if node.kind == Kind.TABLE.value:
            return reading_of_table(data_set, node.id)
        return step_making(preparation, node, parents)

    evaluation = Evaluation(making)
    steps = (table.source.transform_operation_id for table in preparation.destination_table_map.values())
    ends = evaluation.relations(Node("step", step) for step in dict.fromkeys(steps))
    return Replay(_united(ends), evaluation.reached(), tuple(evaluation.problems))


def _of_logical_tables(data_set: DataSet, parents: Parents) -> Replay:
    tables = data_set.logical_table_map or {}

    def making(node: Node) -> Making | None:
        if node.kind == Kind.TABLE.value:
            return reading_of_table(data_set, node.id)
        if node.kind == Kind.DATA_SET.value:
            return reading(Leaf(Kind.DATA_SET, node.id), _columns(parents(node.id)))
        return _logical(tables[node.id], tables) if node.id in tables else None

    evaluation = Evaluation(making)
    used = {node for table in tables.values() for node in _inputs(table)}
    ends = [node for key in tables if (node := Node(_LOGICAL, key)) not in used]
    if not tables:
        ends = [node_of(Kind.TABLE, key) for key in data_set.physical_table_map or {}]
    relation = _united(evaluation.relations(ends))
    # Whatever no table uses is an end; what is left is made of itself, which is found by making it.
    evaluation.relations(Node(_LOGICAL, key) for key in tables)
    return Replay(relation, evaluation.reached(), tuple(evaluation.problems))


def _united(relations: Sequence[Relation]) -> Relation:
    """All columns of a data set that ends in several tables; a name that two of them have is nobody's."""
    if not relations:
        return missing()
    both = Relation(open=tuple(each for relation in relations for each in relation.open))
    for relation in relations:
        for name, each in relation.fields.items():
            known = both.fields.setdefault(name, each)
            if known.sources != each.sources:
                both.fields[name] = Field(lacking=(f"several of its tables have a column {name!r}",))
    return both


def _columns(names: Sequence[str] | None) -> list[InputColumn] | None:
    return None if names is None else [InputColumn(Name=name, Type="") for name in names]


def _inputs(table: LogicalTable) -> tuple[Node, ...]:
    source = table.source
    if source.join_instruction is not None:
        join = source.join_instruction
        return Node(_LOGICAL, join.left_operand), Node(_LOGICAL, join.right_operand)
    if source.physical_table_id is not None:
        return (node_of(Kind.TABLE, source.physical_table_id),)
    if source.data_set_arn is not None:
        return (node_of(Kind.DATA_SET, source.data_set_arn),)
    return (Node("source of a known kind for the logical table", table.alias),)


def _logical(table: LogicalTable, tables: Mapping[str, LogicalTable]) -> Making:
    inputs = _inputs(table)

    def make(relations: Sequence[Relation]) -> Relation:
        if len(relations) == 1:
            made = relations[0].copy()
        else:
            right = tables.get(inputs[1].id)
            made = joined(relations[0], relations[1], right.alias if right else None)
        for operation in table.data_transforms or ():
            _transform(made, operation)
        return made

    return Making(inputs, make)


def _transform(relation: Relation, operation: TransformOperation) -> None:
    """Apply one operation of a logical table. Filters and values of parameters change no column."""
    if operation.project_operation is not None:
        relation.project(operation.project_operation.projected_columns)
    if operation.create_columns_operation is not None:
        relation.create(operation.create_columns_operation.columns)
    if operation.rename_column_operation is not None:
        rename = operation.rename_column_operation
        relation.rename([(rename.column_name, rename.new_column_name)])
    if operation.cast_column_type_operation is not None:
        relation.cast([operation.cast_column_type_operation])
    if operation.tag_column_operation is not None:
        relation.tag(operation.tag_column_operation)
    if operation.untag_column_operation is not None:
        relation.untag(operation.untag_column_operation)
