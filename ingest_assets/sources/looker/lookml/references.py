"""Which columns, and which fields of other views, a view's fields are made from, through its own other fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ingest_assets.sources.looker.lookml.field_sql import Column, Reads, joined
from ingest_assets.sources.looker.lookml.fields import TIMEFRAMES, Field, FieldKind
from ingest_assets.sources.looker.lookml.models import View
from ingest_assets.sources.looker.lookml.templating import Reference


class Roots(NamedTuple):
    """What a field is made from in the end.

    Attributes:
        columns: Of its view's table.
        fields: Of other views, as written.
        reasons: What may be missing, and why.
    """

    columns: tuple[Column, ...]
    fields: tuple[Reference, ...]
    reasons: tuple[str, ...]


class FieldRoots:
    """Follows the references between the fields of one view; each field is read once."""

    def __init__(self, view: View, read: Callable[[str], Reads]) -> None:
        """Make a follower.

        Args:
            view: The view.
            read: Reads one expression.
        """
        self._view = view
        self._read = read
        self._reads: dict[str, Reads] = {}
        self._groups: dict[str, Field] = {}
        self._roots: dict[str, Roots] = {}
        self._exposing: dict[str, str] | None = None
        for field in view.fields:
            if field.group is not None:
                self._groups.setdefault(field.group, field)

    def of(self, name: str) -> Roots:
        """What a field is made from in the end; a field that leads back to itself adds nothing there."""
        if name not in self._roots:
            self._roots[name] = self._follow(name)
        return self._roots[name]

    def _follow(self, name: str) -> Roots:
        columns: dict[Column, None] = {}
        fields: dict[Reference, None] = {}
        reasons: dict[str, None] = {}
        seen = {name}
        waiting = [self._view.by_name[name]]
        while waiting:
            reads = self.reads(waiting.pop())
            columns.update(dict.fromkeys(reads.columns))
            reasons.update(dict.fromkeys(reads.reasons))
            for reference in reads.fields:
                if reference.view is not None and reference.view != self._view.name:
                    fields[reference] = None
                    continue
                own = self._own(reference.name)
                if own is None:
                    reasons[f"the view has no field {reference.name!r}"] = None
                elif own.name not in seen:
                    seen.add(own.name)
                    waiting.append(own)
        return Roots(tuple(columns), tuple(fields), tuple(reasons))

    def exposing(self, column: str) -> str | None:
        """The field that is a column and nothing else; of several the first that is of no group, else the raw one."""
        if self._exposing is None:
            plain = [field for field in self._view.fields if self._is_column(field)]
            best = sorted(plain, key=lambda field: (field.group is not None, field.type != "date_raw"))
            self._exposing = {self.reads(field).columns[0][0].lower(): field.name for field in reversed(best)}
        return self._exposing.get(column.lower())

    def reads(self, field: Field) -> Reads:
        """What a field's own expressions read."""
        if field.name not in self._reads:
            # All fields of a group have the same expression.
            key = field.name if field.group is None else f"group {field.group}"
            if key not in self._reads:
                self._reads[key] = joined([self._read(sql) for sql in field.sql]) if field.sql else Reads()
            self._reads[field.name] = self._reads[key]
        return self._reads[field.name]

    def _own(self, name: str) -> Field | None:
        if name in self._view.by_name:
            return self._view.by_name[name]
        # Others may name a group as a whole, or a timeframe that is not listed.
        group, _, timeframe = name.rpartition("_")
        found = self._groups.get(name)
        return self._groups.get(group) if found is None and timeframe in TIMEFRAMES else found

    def _is_column(self, field: Field) -> bool:
        reads = self.reads(field)
        return field.kind is FieldKind.DIMENSION and reads.is_plain and bool(reads.columns)
