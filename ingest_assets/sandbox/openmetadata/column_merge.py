"""Columns of a request against the stored ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ingest_assets.sandbox.openmetadata.changes import Changes
from ingest_assets.sandbox.openmetadata.labels import Labels

Column = dict[str, Any]


@dataclass(frozen=True)
class ColumnMerge:
    """Merges columns (or fields of a message schema) in place.

    A column is the same if name (in any case), type and array type are. Order, position, type text and the case of a
    name are not compared.

    Attributes:
        changes: Where changes are noted.
        labels: For merging labels.
        is_put: Whether stored labels stay.
        held_back: Whether stored descriptions and display names stay.
        names_by_themselves: Whether that a display name is stored, and not a description, decides whether it stays.
        carries_words: Whether a column that returns with another type gets its description back.
    """

    changes: Changes
    labels: Labels
    is_put: bool
    held_back: bool
    names_by_themselves: bool
    carries_words: bool = True

    def merge(self, field: str, stored: list[Column], asked: list[Column]) -> None:
        """Carry into ``asked`` what stays of ``stored``, and note what changed."""
        if stored == asked:
            return
        known: dict[Any, Column] = {}
        for column in stored:
            known.setdefault(_key(column), column)
        wanted = {_key(column) for column in asked}
        added = [column for column in asked if _key(column) not in known]
        dropped = [column for column in stored if _key(column) not in wanted]
        self._carry(dropped, added)
        if added:
            self.changes.record(field, None, added)
        if dropped:
            self.changes.record(field, dropped, None)
            self.changes.major = True
        for column in asked:
            before = known.get(_key(column))
            if before is not None and before != column:
                self._merge_one(f"{field}.{column['name']}", before, column)

    def _carry(self, dropped: Iterable[Column], added: Iterable[Column]) -> None:
        by_name = {column["name"]: column for column in added}
        for old in dropped:
            new = by_name.get(old["name"])
            if new is None:
                continue
            if self.carries_words and old.get("description") and not new.get("description"):
                new["description"] = old["description"]
            if not new.get("tags") and not old.get("tags"):
                new["tags"] = []

    def _merge_one(self, field: str, old: Column, new: Column) -> None:
        self._merge_words(field, "description", "description", old, new)
        self._merge_words(field, "displayName", "displayName" if self.names_by_themselves else "description", old, new)
        for name in ("dataLength", "precision", "scale"):
            self._merge_size(f"{field}.{name}", old.get(name), new.get(name))
        self.changes.record(f"{field}.constraint", old.get("constraint"), new.get("constraint"))
        self._merge_labels(f"{field}.tags", old, new)
        if old.get("children") is not None and new.get("children") is not None:
            self.merge(field, old["children"], new["children"])

    def _merge_words(self, field: str, name: str, decides: str, old: Column, new: Column) -> None:
        if not (self.held_back and old.get(decides)):
            self.changes.record(f"{field}.{name}", old.get(name), new.get(name))
        elif name in old:
            new[name] = old[name]
        else:
            new.pop(name, None)

    def _merge_size(self, field: str, old: int | None, new: int | None) -> None:
        if self.changes.record(field, old, new) and (old is None or new is None or new < old):
            self.changes.major = True

    def _merge_labels(self, field: str, old: Column, new: Column) -> None:
        before, after = old.get("tags", []), new.get("tags", [])
        if self.is_put and before:
            after = new["tags"] = self.labels.merged(after, before)
        self.changes.record_list(field, [label["tagFQN"] for label in before], [label["tagFQN"] for label in after])


def _key(column: Column) -> tuple[str, str, str | None]:
    return column["name"].lower(), column["dataType"], column.get("arrayDataType")
