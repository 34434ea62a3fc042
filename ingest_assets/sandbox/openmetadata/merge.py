"""How a PUT or PATCH meets what is stored: what is kept, what is compared, what is a change.

The server compares only some properties (``EntityType.compared`` and the common ones here). If none of those differs
nothing is stored, although the answer shows what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Unhandled, bad_request
from ingest_assets.sandbox.openmetadata.changes import Changes
from ingest_assets.sandbox.openmetadata.column_merge import ColumnMerge
from ingest_assets.sandbox.openmetadata.entity_types import EntityType
from ingest_assets.sandbox.openmetadata.labels import Labels
from ingest_assets.sandbox.openmetadata.references import REFERENCES
from ingest_assets.sandbox.openmetadata.store import Pointer, State
from ingest_assets.sandbox.openmetadata.task_merge import merge_tasks
from ingest_assets.sandbox.openmetadata.versions import Line

Pointers = dict[str, tuple[Pointer, ...]]


@dataclass(frozen=True)
class Writer:
    """Who writes, and by which verb: a bot's PUT is held back where a person's is not.

    Attributes:
        name: Of the user.
        is_bot: Whether the user is a bot.
        is_put: Whether the verb is PUT, and not PATCH.
        overrides: Whether a bulk PUT says ``overrideMetadata``.
    """

    name: str
    is_bot: bool
    is_put: bool
    overrides: bool = False

    @property
    def held_back(self) -> bool:
        """Whether words that are there already stay."""
        return self.is_put and self.is_bot and not self.overrides


class Merge:
    """Merges one request into one stored state."""

    def __init__(self, line: Line, labels: Labels, kind: EntityType, writer: Writer) -> None:
        self._line = line
        self._labels = labels
        self._kind = kind
        self._writer = writer
        self.changes = Changes()
        self._columns = self._column_merge()
        self._modes: Mapping[str, Callable[[str, Any, Any], Any]] = {
            "value": self._value,
            "first": self._first,
            "list": self._list,
            "connection": self._connection,
            "columns": self._merge_columns,
            "message schema": self._message_schema,
            "container model": self._container_model,
            "tasks": self._tasks,
        }

    def run(self, stored: State, body: Mapping[str, Any], pointers: Pointers) -> tuple[dict[str, Any], Pointers]:
        """The body and pointers after the request; ``changes`` says whether they are to be stored.

        Raises:
            Refused: Labels that exclude each other would meet.
        """
        merged = dict(body)
        self.changes.record("deleted", stored.deleted, new=False)
        self._put(merged, "description", self._words("description", stored.body, body))
        self._put(merged, "displayName", self._words("displayName", stored.body, body))
        self._put(merged, "tags", self._tags(stored.body.get("tags", []), body.get("tags", [])))
        self._put(merged, "extension", self._extension(stored.body.get("extension"), body.get("extension")))
        self._put(merged, "lifeCycle", self._life_cycle(stored.body.get("lifeCycle"), body.get("lifeCycle")))
        for name, mode in self._kind.compared.items():
            self._put(merged, name, self._modes[mode](name, stored.body.get(name), body.get(name)))
        return merged, self._pointers(stored.pointers, pointers)

    @staticmethod
    def _put(body: dict[str, Any], name: str, value: Any) -> None:
        if value is None:
            body.pop(name, None)
        else:
            body[name] = value

    def _words(self, name: str, stored: Mapping[str, Any], asked: Mapping[str, Any]) -> Any:
        held = self._writer.held_back and not (name == "displayName" and self._line.has("display name overwritten"))
        if held and stored.get(name):
            return stored[name]
        return self._value(name, stored.get(name), asked.get(name))

    def _tags(self, stored: list[Any], asked: list[Any]) -> list[Any] | None:
        labels = self._labels.merged(asked, stored) if self._writer.is_put and stored else asked
        self.changes.record_list("tags", [label["tagFQN"] for label in stored], [label["tagFQN"] for label in labels])
        return labels or None

    def _extension(self, stored: Any, asked: Any) -> Any:
        return stored if self._writer.held_back else self._value("extension", stored, asked)

    def _life_cycle(self, stored: Any, asked: Any) -> Any:
        if not asked:
            return stored if self._writer.is_put else self._value("lifeCycle", stored, asked)
        merged = dict(asked)
        for name, details in (stored or {}).items():
            if name not in merged or merged[name]["timestamp"] < details["timestamp"]:
                merged[name] = details
        return self._value("lifeCycle", stored, merged)

    def _pointers(self, stored: Mapping[str, tuple[Pointer, ...]], asked: Pointers) -> Pointers:
        merged: Pointers = {}
        for name in {**stored, **asked}:
            old, new = stored.get(name, ()), asked.get(name, ())
            if self._keeps(name, old, new):
                new = old
            merged[name] = new
            if set(old) != set(new):
                self.changes.record_list(name, [one.id for one in old], [one.id for one in new])
        return merged

    def _keeps(self, name: str, old: tuple[Pointer, ...], new: tuple[Pointer, ...]) -> bool:
        if not self._writer.is_put or REFERENCES[name].on_missing != "keep":
            return False
        if not new:
            return True
        kept = name in ("domain", "domains") or (self._line.has("owners kept") and not self._writer.overrides)
        return kept and bool(old) and self._writer.is_bot

    def _value(self, name: str, old: Any, new: Any) -> Any:
        self.changes.record(name, old, new)
        return new

    def _connection(self, name: str, old: Any, new: Any) -> Any:
        if old is not None and new is None:
            raise bad_request("The connection of the service is stored and can't be left out")
        return self._value(name, old, new)

    def _first(self, name: str, old: Any, new: Any) -> Any:
        if old is None:
            self.changes.record(name, old, new)
        return new

    def _list(self, name: str, old: Any, new: Any) -> Any:
        self.changes.record_list(name, old or [], new or [])
        return new

    def _merge_columns(self, name: str, old: Any, new: Any) -> Any:
        self._columns.merge(name, old or [], new or [])
        return new

    def _message_schema(self, name: str, old: Any, new: Any) -> Any:
        if not old or not new:
            if new:
                self._first_schema(name, new)
            return new
        for part in ("schemaText", "schemaType"):
            self.changes.record(f"{name}.{part}", old.get(part), new.get(part))
        fields = self._column_merge(carries_words=False)
        fields.merge(f"{name}.schemaFields", old.get("schemaFields", []), new.get("schemaFields", []))
        return new

    def _column_merge(self, *, carries_words: bool = True) -> ColumnMerge:
        by_themselves = self._line.has("columns' names by themselves")
        writer = self._writer
        return ColumnMerge(self.changes, self._labels, writer.is_put, writer.held_back, by_themselves, carries_words)

    def _first_schema(self, name: str, new: Any) -> None:
        if not self._line.has("message schema added"):
            raise Unhandled("java.lang.NullPointerException", typed=False)
        self.changes.record(name, None, new)

    def _tasks(self, _name: str, old: Any, new: Any) -> Any:
        writer = self._writer
        merge_tasks(self.changes, self._labels, old or [], new or [], is_put=writer.is_put, held_back=writer.held_back)
        return new

    def _container_model(self, name: str, old: Any, new: Any) -> Any:
        if not old or not new:
            return self._value(name, old, new)
        self.changes.record(f"{name}.partition", old.get("isPartitioned"), new.get("isPartitioned"))
        self._columns.merge(f"{name}.columns", old["columns"], new["columns"])
        return new
