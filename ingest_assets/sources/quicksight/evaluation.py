"""Making the tables of a data set, each once, from those that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest_assets.sources.quicksight.column_shapes import InputColumn
from ingest_assets.sources.quicksight.relations import Kind, Leaf, Relation, missing, of_columns
from ingest_assets.sources.quicksight.shapes import DataSet


class Node(NamedTuple):
    """What a data set reads, a logical table or a step: its kind, and its name there."""

    kind: str
    id: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.kind} {self.id}"


class Making(NamedTuple):
    """How a node is made.

    Attributes:
        inputs: Of what.
        make: What comes of it.
    """

    inputs: tuple[Node, ...]
    make: Callable[[Sequence[Relation]], Relation]


@dataclass
class Evaluation:
    """Nodes that were made, whatever the depth. A circle is a problem, and so is a node that is not there.

    Attributes:
        making: How a node is made; None: there is none.
        made: What nodes came to.
        problems: What is missing, or made of itself.
        absent: Nodes that are not there.
    """

    making: Callable[[Node], Making | None]
    made: dict[Node, Relation] = field(default_factory=dict)
    problems: dict[str, None] = field(default_factory=dict)
    absent: set[Node] = field(default_factory=set)

    def relations(self, nodes: Iterable[Node]) -> list[Relation]:
        """What these nodes come to."""
        wanted = list(nodes)
        self._make(wanted)
        return [self.made[node] for node in wanted]

    def reached(self) -> tuple[Leaf, ...]:
        """What was read."""
        return tuple(leaf for node in self.made if node not in self.absent and (leaf := leaf_of(node)) is not None)

    def _make(self, nodes: Iterable[Node]) -> None:
        begun: dict[Node, Making] = {}
        stack = list(nodes)[::-1]
        while stack:
            node = stack[-1]
            if node in self.made:
                stack.pop()
            elif node in begun:
                inputs = [self._input(node, each) for each in begun[node].inputs]
                self.made[node] = begun[node].make(inputs)
            elif (making := self.making(node)) is None:
                self.problems[f"there is no {node}"] = None
                self.absent.add(node)
                self.made[node] = missing()
            else:
                begun[node] = making
                stack.extend(each for each in reversed(making.inputs) if each not in begun)

    def _input(self, node: Node, needed: Node) -> Relation:
        if needed not in self.made:
            self.problems[f"{node} is made of itself, by way of {needed}"] = None
            return missing()
        return self.made[needed]


def leaf_of(node: Node) -> Leaf | None:
    """What a node is that a data set reads."""
    return next((Leaf(kind, node.id) for kind in Kind if kind.value == node.kind), None)


def node_of(kind: Kind, name: str) -> Node:
    """The node of what a data set reads."""
    return Node(kind.value, name)


def reading_of_table(data_set: DataSet, name: str) -> Making | None:
    """A physical table as it is; None if there is none of that id."""
    table = (data_set.physical_table_map or {}).get(name)
    if table is None:
        return None
    kinds = (table.relational_table, table.s3_source, table.saas_table, table.file_source)
    columns = next((each.input_columns for each in kinds if each is not None), None)
    columns = table.custom_sql.columns if table.custom_sql is not None else columns
    return reading(Leaf(Kind.TABLE, name), columns)


def reading(leaf: Leaf, columns: Iterable[InputColumn] | None) -> Making:
    """What a data set reads, as it is."""
    return Making((), lambda _: of_columns(leaf, columns))
