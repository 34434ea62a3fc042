"""Where a view's rows come from: a table, a query, an explore, or another view."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest_assets.sources.looker.lookml import bodies
from ingest_assets.sources.looker.lookml.liquid import LiquidValues, Renderer, Rendering
from ingest_assets.sources.looker.lookml.models import View
from ingest_assets.sources.looker.lookml.parsing import Body
from ingest_assets.sources.looker.lookml.query_flows import (
    LONGEST_SQL,
    Path,
    QueryFlows,
    is_query,
    made_by,
    read_query,
    table_path,
)
from ingest_assets.sources.looker.lookml.templating import Reference, of_production, references, replaced, tables_of

_OUTPUT = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_REFERENCE_ONLY = re.compile(r"\$\{[^{}]*\}")
_UNKNOWN = "lookml_unknown"
_OWN = "lookml_own"
_VIEW = "lookml_view_"
_SQL_TABLE_NAME = "SQL_TABLE_NAME"
_PERSISTENT = (
    *("datagroup_trigger", "sql_trigger_value", "sql_trigger", "interval_trigger"),
    *("persist_for", "materialized_view", "sql_create", "create_process"),
)


class TableSource(NamedTuple):
    """A table of the model's connection, by the parts of its name as they are written."""

    names: Path


class ViewSource(NamedTuple):
    """A view that is no table itself, by its name in the same model."""

    view: str


class ExploreSource(NamedTuple):
    """An explore of the same model."""

    explore: str


Source = TableSource | ViewSource | ExploreSource


class NativeColumn(NamedTuple):
    """A column of a native derived table.

    Attributes:
        name: Its name.
        field: The explore's field that it is, as written; None for a derived one.
        sql: The expression of a derived one, over columns.
    """

    name: str
    field: str | None
    sql: str | None


@dataclass(frozen=True)
class Origin:
    """Where a view's rows come from; exactly one of tables, queries and explore says it, or reasons say why none does.

    Attributes:
        tables: Names of its table: several where Liquid chooses by the query.
        queries: What its query reads, for each way that Liquid can go.
        sqls: The queries that read tables, where ``${view.SQL_TABLE_NAME}`` is a stand-in.
        stand_ins: Which view each stand-in in ``queries`` is.
        explore: Name of the explore.
        columns: Of the explore.
        same_as: The view whose table it uses as its own.
        is_derived: Whether it is a derived table.
        is_persistent: Whether Looker writes it into the database.
        reasons: What is missing, and why.
    """

    tables: tuple[Path, ...] = ()
    queries: tuple[QueryFlows, ...] = ()
    sqls: tuple[str, ...] = ()
    stand_ins: Mapping[Path, str] = field(default_factory=dict)
    explore: str | None = None
    columns: tuple[NativeColumn, ...] = ()
    same_as: str | None = None
    is_derived: bool = False
    is_persistent: bool = False
    reasons: tuple[str, ...] = ()

    def written(self, sql: str) -> str:
        """A query of ``sqls`` as people know it, without stand-ins."""
        for path, view in reversed(list(self.stand_ins.items())):
            sql = sql.replace(path[0], f"${{{view}.{_SQL_TABLE_NAME}}}")
        return sql


def needs(view: View) -> list[str]:
    """The views whose ``${view.SQL_TABLE_NAME}`` a view uses, whether or not Liquid lets it."""
    derived = bodies.block(view.body, "derived_table")
    steps = bodies.texts(bodies.block(derived, "create_process"), "sql_steps")
    written = (
        bodies.text(view.body, "sql_table_name"),
        bodies.text(derived, "sql"),
        bodies.text(derived, "sql_create"),
    )
    return tables_of("\n".join(filter(None, (*written, *steps))))


class OriginReader:
    """Reads the origins of a model's views."""

    def __init__(
        self,
        dialect: str | None,
        renderer: Renderer,
        values_of: Callable[[View], LiquidValues],
        columns_of: Callable[[str], Sequence[str] | None],
    ) -> None:
        """Make a reader.

        Args:
            dialect: sqlglot's name of the connection's.
            renderer: Renders Liquid.
            values_of: What Liquid may ask for in a view.
            columns_of: The columns of a view's derived table; None where they are not known.
        """
        self._dialect = dialect
        self._renderer = renderer
        self._values_of = values_of
        self._columns_of = columns_of

    def read(self, view: View) -> Origin:
        """Where a view's rows come from."""
        values = self._values_of(view)
        derived = view.body.get("derived_table")
        if isinstance(derived, dict):
            return self._derived(derived, values)
        name = bodies.text(view.body, "sql_table_name")
        if name is None:
            return Origin(tables=((view.name,),))
        rendering = self._render(name, values)
        return self._named(rendering)

    def _named(self, rendering: Rendering) -> Origin:
        texts = [text.strip() for text in rendering.texts if text.strip()]
        reasons = list(rendering.reasons)
        others = [reference for text in texts for reference in references(text)]
        is_other = len(texts) == 1 and len(others) == 1 and _REFERENCE_ONLY.fullmatch(texts[0]) is not None
        if is_other and others[0].name == _SQL_TABLE_NAME and others[0].view:
            return Origin(same_as=others[0].view, reasons=tuple(reasons))
        if others or any(is_query(text, self._dialect) for text in texts):
            return self._queries(texts, reasons, is_persistent=False)
        tables = []
        for text in texts:
            path = table_path(text, self._dialect)
            if path is None:
                reasons.append(f"its table {text[:100]!r} is no name that {self._dialect or 'SQL'} has")
            else:
                tables.append(path)
        if not texts and not reasons:
            reasons.append("its sql_table_name is empty")
        return Origin(tables=tuple(dict.fromkeys(tables)), reasons=tuple(reasons))

    def _derived(self, body: Body, values: LiquidValues) -> Origin:
        is_persistent = any(key in body for key in _PERSISTENT)
        if native := bodies.block(body, "explore_source"):
            return _native(native, is_persistent)
        steps = [text for key in ("sql", "sql_create") if (text := bodies.words(body, key))]
        process = bodies.texts(bodies.block(body, "create_process"), "sql_steps")
        if not steps and not process:
            reason = "its derived table has neither sql, explore_source, sql_create nor create_process"
            return Origin(is_derived=True, is_persistent=is_persistent, reasons=(reason,))
        reasons: list[str] = []
        texts: list[str] = []
        for step in (*steps, *process):
            rendering = self._render_query(step, values)
            reasons += rendering.reasons
            texts += [text for text in rendering.texts if text.strip()]
        return self._queries(texts, reasons, is_persistent)

    def _queries(self, texts: list[str], reasons: list[str], is_persistent: bool) -> Origin:
        stand_ins: dict[Path, str] = {}
        columns: dict[Path, Sequence[str]] = {}
        sqls = [replaced(text, lambda r: self._stand_in(r, stand_ins, columns, reasons)) for text in texts]
        between: set[Path] = {(_OWN,)}
        read: dict[str, QueryFlows] = {}
        aside: list[QueryFlows] = []
        for sql in sqls:
            made = made_by(sql, self._dialect) if len(sql) <= LONGEST_SQL else None
            flows = read_query(sql if made is None else made.query, self._dialect, columns)
            if made is None or made.target == (_OWN,):
                read[sql if made is None else made.query] = flows
            else:
                between.add(made.target)
                aside.append(flows)
        if aside:
            reasons.append("columns that pass through tables of other steps are not followed")
            tables = dict.fromkeys(path for flows in aside for path in flows.tables)
            read[""] = QueryFlows(tuple(tables), outputs=())
        queries = [_without(flows, between, reasons) for flows in read.values()]
        for flows in (*read.values(), *aside):
            reasons += flows.reasons
        return Origin(
            queries=tuple(queries),
            sqls=tuple(sql for sql, flows in read.items() if flows.tables and not aside),
            stand_ins=stand_ins,
            is_derived=True,
            is_persistent=is_persistent,
            reasons=tuple(dict.fromkeys(reasons)),
        )

    def _stand_in(
        self,
        reference: Reference,
        stand_ins: dict[Path, str],
        columns: dict[Path, Sequence[str]],
        reasons: list[str],
    ) -> str:
        if reference.name != _SQL_TABLE_NAME:
            reasons.append(f"its SQL names {'.'.join(filter(None, reference))!r}, which is no table of a view")
            return _UNKNOWN
        if reference.view is None:
            return _OWN
        path = next((path for path, name in stand_ins.items() if name == reference.view), None)
        if path is None:
            path = (f"{_VIEW}{len(stand_ins)}",)
            stand_ins[path] = reference.view
            if known := self._columns_of(reference.view):
                columns[path] = known
        return path[0]

    def _render(self, sql: str, values: LiquidValues) -> Rendering:
        return self._renderer.render(of_production(sql), values)

    def _render_query(self, sql: str, values: LiquidValues) -> Rendering:
        """Render a query; what single outputs can't be known does not hide all the rest of it."""
        sql = of_production(sql)
        rendering = self._renderer.render(sql, values)
        if rendering.texts or not rendering.reasons:
            return rendering
        reasons: list[str] = []

        def known(match: re.Match[str]) -> str:
            alone = self._renderer.render(match[0], values)
            reasons.extend(alone.reasons)
            return match[0] if alone.texts else _UNKNOWN

        again = self._renderer.render(_OUTPUT.sub(known, sql), values)
        return Rendering(again.texts, tuple(dict.fromkeys((*reasons, *again.reasons))))


def _native(body: Body, is_persistent: bool) -> Origin:
    explore = bodies.words(body, "name")
    columns = [
        NativeColumn(name, bodies.words(item, "field") or name, None) for name, item in bodies.named(body, "columns")
    ]
    for name, item in bodies.named(body, "derived_columns"):
        columns.append(NativeColumn(name, None, bodies.words(item, "sql") or ""))
    reasons = () if explore else ("its explore_source names no explore",)
    return Origin(
        explore=explore, columns=tuple(columns), is_derived=True, is_persistent=is_persistent, reasons=reasons
    )


def _without(flows: QueryFlows, between: set[Path], reasons: list[str]) -> QueryFlows:
    """Without tables that are made on the way, or whose names are not known."""
    unknown = [path for path in flows.tables if any(_UNKNOWN in part for part in path)]
    reasons.extend(
        f"the name of a table that it reads is not known: {'.'.join(path).replace(_UNKNOWN, '?')}" for path in unknown
    )
    gone = {*between, *unknown}
    return flows._replace(
        tables=tuple(path for path in flows.tables if path not in gone),
        flows={
            name: tuple((path, column) for path, column in pairs if path not in gone and column != _UNKNOWN)
            for name, pairs in flows.flows.items()
        },
        star=None if flows.star in gone else flows.star,
    )
