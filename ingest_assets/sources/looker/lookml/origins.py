"""The views of one model with their origins, in the order in which their tables need each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ingest_assets.sources.looker.lookml.derived import Origin, OriginReader, Source, TableSource, ViewSource, needs
from ingest_assets.sources.looker.lookml.field_sql import Reads, read_expression
from ingest_assets.sources.looker.lookml.fields import Field, FieldKind
from ingest_assets.sources.looker.lookml.liquid import LiquidValues, Renderer
from ingest_assets.sources.looker.lookml.models import Model, View
from ingest_assets.sources.looker.lookml.query_flows import Path
from ingest_assets.sources.looker.lookml.references import FieldRoots


class ReadView(NamedTuple):
    """A view whose origin is known.

    Attributes:
        view: The view.
        origin: Where its rows come from.
        roots: What its fields are made from.
    """

    view: View
    origin: Origin
    roots: FieldRoots


class Behind(NamedTuple):
    """What ``${view.SQL_TABLE_NAME}`` is.

    Attributes:
        sources: The view where it is a derived table, else its tables.
        reason: Why there are none.
    """

    sources: tuple[Source, ...]
    reason: str | None = None


class Origins:
    """The views of a model, each read once."""

    def __init__(
        self, model: Model, dialect: str | None, user_attributes: Mapping[str, str], localization: Mapping[str, str]
    ) -> None:
        """Make a reader.

        Args:
            model: The model.
            dialect: sqlglot's name of its connection's.
            user_attributes: What Liquid may ask for, by name.
            localization: Texts by key.
        """
        self._model = model
        self._dialect = dialect
        self._user_attributes = user_attributes
        self._localization = localization
        self._renderer = Renderer()
        self._reader = OriginReader(dialect, self._renderer, self._values, self.columns_of)
        self._read: dict[str, ReadView | None] = {}
        self._behind: dict[tuple[str, str], Behind] = {}

    def view(self, name: str) -> ReadView | None:
        """A view that is read; those whose tables it needs are read before it, however long their chain is."""
        waiting = [name]
        opened: set[str] = set()
        while waiting:
            current = waiting[-1]
            view = None if current in self._read else self._model.view(current)
            others = [] if view is None or current in opened else needs(view)
            opened.add(current)
            unread = [other for other in others if other not in self._read and other not in opened]
            if unread:
                waiting.extend(unread)
                continue
            waiting.pop()
            if current not in self._read:
                self._read[current] = None if view is None else self._read_one(view)
        return self._read[name]

    def _read_one(self, view: View) -> ReadView:
        values = self._values(view)

        def read(sql: str) -> Reads:
            return self.expression(sql, values)

        return ReadView(view, self._reader.read(view), FieldRoots(view, read))

    def columns_of(self, name: str) -> Sequence[str] | None:
        """The columns of a derived table that is read; those that need each other are reported with their sources."""
        read = self._read.get(name)
        if read is None:
            return None
        origin = read.origin
        if origin.explore is not None:
            return [column.name for column in origin.columns]
        outputs = {query.outputs for query in origin.queries}
        return outputs.pop() if len(outputs) == 1 else None

    def expression(self, sql: str, values: LiquidValues) -> Reads:
        """What one expression reads."""
        return read_expression(sql, self._dialect, values, self._renderer)

    def behind(self, name: str, asker: str) -> Behind:
        """What ``${name.SQL_TABLE_NAME}`` is.

        Args:
            name: The view that is named.
            asker: The view that names it.
        """
        key = (asker, name)
        if key not in self._behind:
            self._behind[key] = self._find(name, asker)
        return self._behind[key]

    def tables(self, read: ReadView) -> list[Path]:
        """The tables of a view that is no derived table, through views whose tables it uses as its own."""
        found: dict[Path, None] = {}
        seen: set[str] = set()
        current: ReadView | None = read
        while current is not None and current.view.name not in seen:
            seen.add(current.view.name)
            found.update(dict.fromkeys(current.origin.tables))
            current = None if current.origin.same_as is None else self.view(current.origin.same_as)
        return list(found)

    def _find(self, name: str, asker: str) -> Behind:
        read = self.view(name)
        if read is None:
            return Behind((), f"the view {name!r} whose table it reads is not in the model")
        if self._needs(name, asker):
            return Behind((), f"it and the view {name!r} read each other's tables")
        if read.origin.is_derived:
            return Behind((ViewSource(name),))
        return Behind(tuple(TableSource(names) for names in self.tables(read)))

    def _needs(self, name: str, wanted: str) -> bool:
        """Whether a view's table is made from another's, directly or not."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current == wanted:
                return True
            read = None if current in seen else self.view(current)
            seen.add(current)
            if read is not None:
                others = [*read.origin.stand_ins.values(), read.origin.same_as]
                waiting.extend(other for other in others if other is not None)
        return False

    def _values(self, view: View) -> LiquidValues:
        return LiquidValues(
            model=self._model.name or None,
            view=view.name,
            explores=self._model.used_views.get(view.name, ()),
            user_attributes=self._user_attributes,
            localization=self._localization,
            parameter=lambda path: self._parameter(view, path),
        )

    def _parameter(self, view: View, path: tuple[str, ...]) -> Field | None:
        *above, name = path
        owner = view if not above or above[-1] == view.name else self._model.view(above[-1])
        found = owner.by_name.get(name) if owner else None
        return found if found is not None and found.kind is FieldKind.PARAMETER else None
