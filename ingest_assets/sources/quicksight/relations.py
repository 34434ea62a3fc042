"""Tables as they change from step to step of a data set: columns by name, each with the real ones that flow into it.

Nothing is guessed: a name that is not there, or that several tables may have, costs the columns that need it, each with
the reason. Of some tables nobody says which columns they have (a query, a data set that was not read): any name that no
other may have is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from ingest_assets.sources.quicksight.column_shapes import (
    CalculatedColumn,
    CastColumnTypeOperation,
    ColumnIdMapping,
    InputColumn,
    TagColumnOperation,
    UntagColumnOperation,
)
from ingest_assets.sources.quicksight.expressions import mentions


class Kind(Enum):
    """What a data set reads."""

    TABLE = "physical table"
    DATA_SET = "data set"


class Leaf(NamedTuple):
    """Something that a data set reads: a physical table by its id, or another data set by its ARN."""

    kind: Kind
    id: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.kind.value} {self.id}"


class RealColumn(NamedTuple):
    """A column of something that a data set reads, as that calls it."""

    leaf: Leaf
    name: str


class Open(NamedTuple):
    """Something whose columns are not known; None: something that is not there at all.

    Attributes:
        hidden: Names of its columns that are other columns' by now, or none's.
    """

    leaf: Leaf | None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Field:
    """A column on its way through a data set.

    Attributes:
        sources: The real columns that flow into it.
        id: What steps of data preparation call it.
        type: QuickSight's word; None: not told.
        sub_type: QuickSight's word for a kind of decimals.
        description: What a step says of it.
        role: Its geographic role, in QuickSight's word.
        expression: What it is calculated by.
        lacking: Why not all of its sources are known.
    """

    sources: tuple[RealColumn, ...] = ()
    id: str | None = None
    type: str | None = None
    sub_type: str | None = None
    description: str | None = None
    role: str | None = None
    expression: str | None = None
    lacking: tuple[str, ...] = ()


class Lost(NamedTuple):
    """A column that is not found."""

    reason: str


_OF_ITSELF = "column {!r} is calculated from itself"
_TAGS = {"COLUMN_GEOGRAPHIC_ROLE": "role", "COLUMN_DESCRIPTION": "description"}


@dataclass
class Relation:
    """A table at one step. Steps change copies.

    Attributes:
        fields: Its columns by name, in order.
        open: What it is made of whose columns are not known.
    """

    fields: dict[str, Field] = field(default_factory=dict)
    open: tuple[Open, ...] = ()

    def copy(self, mappings: Iterable[ColumnIdMapping] | None = None) -> Relation:
        """One that may be changed, in which columns are called by these ids."""
        ids = {mapping.source_column_id: mapping.target_column_id for mapping in mappings or ()}
        fields = self.fields.items()
        return Relation({name: replace(each, id=ids.get(each.id or "", each.id)) for name, each in fields}, self.open)

    def find(self, name: str) -> tuple[str, Field] | Lost:
        """A column and its name: the very same, else the only one that differs by case, else the one of that id."""
        if name in self.fields:
            return name, self.fields[name]
        folded = name.casefold()
        for same in (
            [each for each in self.fields.items() if each[0].casefold() == folded],
            [each for each in self.fields.items() if each[1].id == name],
        ):
            if len(same) == 1:
                return same[0]
        holders = [each.leaf for each in self.open if name not in each.hidden]
        if len(holders) == 1 and holders[0] is not None:
            return name, Field((RealColumn(holders[0], name),))
        if not holders:
            return Lost(f"there is no column {name!r}")
        shown = ", ".join("what is missing" if leaf is None else str(leaf) for leaf in holders)
        return Lost(f"column {name!r} can be of {shown}, whose columns are not known")

    def project(self, names: Iterable[str]) -> None:
        """Keep these columns, in this order; what is not there is not made."""
        found = (self.find(name) for name in names)
        self.fields = dict(each for each in found if not isinstance(each, Lost))
        self.open = ()

    def rename(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Call columns otherwise, all at once; they stay where they are.

        Args:
            pairs: Each one's name, and its new one.
        """
        renamed = {}
        for old, new in pairs:
            found = self.find(old)
            if not isinstance(found, Lost):
                renamed[found[0]] = new, found[1]
        taken = {new for new, _ in renamed.values()}
        fields = {}
        for name, each in self.fields.items():
            if name in renamed:
                fields[renamed[name][0]] = each
            elif name not in taken:
                fields[name] = each
        fields.update(pair for name, pair in renamed.items() if name not in self.fields)
        self.fields = fields
        self._hide(renamed)

    def cast(self, operations: Iterable[CastColumnTypeOperation]) -> None:
        """Give columns another type."""
        for operation in operations:
            self._change(operation.column_name, type=operation.new_column_type, sub_type=operation.sub_type)

    def tag(self, operation: TagColumnOperation) -> None:
        """Say what a column is."""
        for tag in operation.tags:
            if tag.column_geographic_role:
                self._change(operation.column_name, role=tag.column_geographic_role)
            if tag.column_description and tag.column_description.text:
                self._change(operation.column_name, description=tag.column_description.text)

    def untag(self, operation: UntagColumnOperation) -> None:
        """Take back what was said of a column."""
        self._change(operation.column_name, **{_TAGS[tag]: None for tag in operation.tag_names if tag in _TAGS})

    def create(self, columns: Sequence[CalculatedColumn]) -> None:
        """Add calculated columns, which may use each other in any order."""
        calculation = _Calculation(self, columns)
        made = {column.column_name: calculation.field(column) for column in columns}
        self.fields.update(made)

    def drop(self, name: str) -> None:
        """Leave a column out."""
        found = self.find(name)
        if not isinstance(found, Lost):
            self._hide([found[0]])
            self.fields.pop(found[0], None)

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return not isinstance(self.find(name), Lost)

    def merged(self, names: Iterable[str], **changes: str | None) -> Field:
        """A column that several flow into."""
        sources: dict[RealColumn, None] = {}
        lacking: dict[str, None] = {}
        for name in names:
            found = self.find(name)
            if isinstance(found, Lost):
                lacking[found.reason] = None
            else:
                sources.update(dict.fromkeys(found[1].sources))
                lacking.update(dict.fromkeys(found[1].lacking))
        return replace(Field(tuple(sources), lacking=tuple(lacking)), **changes)  # type: ignore[arg-type]  # texts only

    def _hide(self, names: Iterable[str]) -> None:
        gone = frozenset(names)
        self.open = tuple(each._replace(hidden=each.hidden | gone) for each in self.open)

    def _change(self, name: str, **changes: str | None) -> None:
        found = self.find(name)
        if not isinstance(found, Lost):
            self.fields[found[0]] = replace(found[1], **changes)  # type: ignore[arg-type]  # texts only


class _Calculation:
    """Columns of one operation, which use columns that are there and each other."""

    def __init__(self, relation: Relation, columns: Sequence[CalculatedColumn]) -> None:
        self._relation = relation
        self._mentioned = {column.column_name: list(dict.fromkeys(mentions(column.expression))) for column in columns}
        self._owns: dict[str, list[str]] = {name: self._own(name) for name in self._mentioned}
        self._reals: dict[str, list[str]] = {name: self._real(name) for name in self._mentioned}
        self._known: dict[str, dict[str, None]] = {}

    def field(self, column: CalculatedColumn) -> Field:
        """A calculated column, by all that it and the others which it uses mention."""
        name = column.column_name
        every = (name, *self._reached(name))
        of_itself = [each for each in every if each in self._reached(each)]
        if name in of_itself:
            made = Field(lacking=(_OF_ITSELF.format(name),))
        else:
            left_out = frozenset(of_itself)
            real = dict.fromkeys(real for each in every if each not in left_out for real in self._reals[each])
            made = self._relation.merged(real)
            made = replace(made, lacking=(*made.lacking, *map(_OF_ITSELF.format, of_itself)))
        return replace(made, id=column.column_id, expression=column.expression)

    def _reached(self, name: str) -> Mapping[str, None]:
        """The columns of this operation that a column is made of, at any depth."""
        if name not in self._known:
            reached: dict[str, None] = {}
            waiting = [name]
            while waiting:
                for each in self._owns[waiting.pop()]:
                    if each not in reached:
                        reached[each] = None
                        waiting.append(each)
            self._known[name] = reached
        return self._known[name]

    def _own(self, name: str) -> list[str]:
        """Columns of this operation that one mentions; of a name that is there already, that one is meant."""
        return [
            each.name
            for each in self._mentioned[name]
            if each.name in self._mentioned and each.name not in self._relation.fields
        ]

    def _real(self, name: str) -> list[str]:
        own = set(self._owns[name])
        return [
            each.name
            for each in self._mentioned[name]
            if each.name not in own and not (each.is_keyword and each.name not in self._relation.fields)
        ]


def of_columns(leaf: Leaf, columns: Iterable[InputColumn] | None) -> Relation:
    """Something that a data set reads, as it is."""
    if columns is None:
        return Relation(open=(Open(leaf),))
    return Relation(
        {
            column.name: Field((RealColumn(leaf, column.name),), column.id, column.type or None, column.sub_type)
            for column in columns
        }
    )


def missing() -> Relation:
    """What stands for a table that is not there: any column may be its."""
    return Relation(open=(Open(None),))


def joined(left: Relation, right: Relation, alias: str | None) -> Relation:
    """Two relations side by side.

    Args:
        left: Keeps its names.
        right: Of a name that both have, QuickSight calls its column ``name[alias]``.
        alias: Of the right one; None: names that both have are nobody's.
    """
    both = Relation(dict(left.fields), (*left.open, *right.open))
    for name, each in right.fields.items():
        if name not in left.fields:
            both.fields[name] = each
        elif alias is not None:
            both.fields.setdefault(f"{name}[{alias}]", each)
        elif left.fields[name].sources != each.sources:
            both.fields[name] = Field(lacking=(f"both sides of a join have a column {name!r}",))
    return both
