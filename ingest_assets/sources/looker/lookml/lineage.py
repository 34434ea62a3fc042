"""Where a view's fields come from: columns of tables, and fields of other views and of explores.

Nothing is guessed: what can't be told is missing, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.sources.looker.lookml.derived import Source, ViewSource
from ingest_assets.sources.looker.lookml.field_sql import Column
from ingest_assets.sources.looker.lookml.models import Model
from ingest_assets.sources.looker.lookml.origins import Origins, ReadView
from ingest_assets.sources.looker.lookml.query_flows import Path
from ingest_assets.sources.looker.lookml.statements import statement_of
from ingest_assets.sources.looker.lookml.tracing import Landing, Tracer


class FieldFlow(NamedTuple):
    """Something that flows into a field.

    Attributes:
        source: Where from.
        column: There: a table's column with fields of structs within, or a view's or an explore's field by name.
        field: The view's field.
    """

    source: Source
    column: Column
    field: str


class Gap(NamedTuple):
    """Lineage that is missing, or may be.

    Attributes:
        field: Of which field; None: of the view as a whole.
        reason: Why.
    """

    field: str | None
    reason: str


@dataclass(frozen=True)
class ViewLineage:
    """Where one view comes from.

    Attributes:
        view: Its name.
        sources: All that it reads, each once.
        flows: What flows into its fields.
        gaps: What is missing.
        sql: Its derived table's query in production; None where it has none, or Liquid leaves a choice.
        statements: Each of its queries over its tables with the view's fields as columns, for those who know the
            tables' columns: what only these can tell is in ``gaps``. Empty where a query can't be read.
        is_derived: Whether it is a derived table.
        is_persistent: Whether Looker writes it into the database.
    """

    view: str
    sources: tuple[Source, ...]
    flows: tuple[FieldFlow, ...]
    gaps: tuple[Gap, ...]
    sql: str | None = None
    statements: tuple[str, ...] = ()
    is_derived: bool = False
    is_persistent: bool = False


class Lineages:
    """The lineage of one model's views; each view is read once."""

    def __init__(
        self,
        model: Model,
        dialect: str | None,
        user_attributes: Mapping[str, str] | None = None,
        localization: Mapping[str, str] | None = None,
    ) -> None:
        """Make a reader.

        Args:
            model: The model, see ``LookmlProject``.
            dialect: sqlglot's name of its connection's.
            user_attributes: What Liquid may ask for, by name.
            localization: Texts by key.
        """
        self._dialect = dialect
        self._origins = Origins(model, dialect, user_attributes or {}, localization or {})
        self._tracer = Tracer(model, self._origins)

    def of(self, name: str) -> ViewLineage:
        """Where a view comes from.

        Args:
            name: A view that is visible in the model.

        Raises:
            KeyError: There is none of that name.
        """
        read = self._origins.view(name)
        if read is None:
            raise KeyError(name)
        gaps = {Gap(None, reason): None for reason in read.origin.reasons}
        flows: dict[FieldFlow, None] = {}
        for field in read.view.fields:
            for found in self._landings(read, field.name):
                if isinstance(found, str):
                    gaps[Gap(field.name, found)] = None
                elif found.source != ViewSource(name):
                    flows[FieldFlow(found.source, found.column, field.name)] = None
        sources: dict[Source, None] = {}
        for source in self._tracer.sources(read):
            if isinstance(source, str):
                gaps[Gap(None, source)] = None
            else:
                sources[source] = None
        sources.update(dict.fromkeys(flow.source for flow in flows))
        return ViewLineage(
            view=name,
            sources=tuple(sources),
            flows=tuple(flows),
            gaps=tuple(gaps),
            sql=read.origin.written(read.origin.sqls[0]) if len(read.origin.sqls) == 1 else None,
            statements=tuple(self._statements(read)),
            is_derived=read.origin.is_derived,
            is_persistent=read.origin.is_persistent,
        )

    def _landings(self, read: ReadView, name: str) -> Iterator[Landing | str]:
        roots = read.roots.of(name)
        yield from roots.reasons
        for column in roots.columns:
            yield from self._tracer.column(read, column)
        for reference in roots.fields:
            yield from self._tracer.field(reference)

    def _statements(self, read: ReadView) -> Iterator[str]:
        origin = read.origin
        columns = {
            wanted.name: [column[0] for column in roots.columns]
            for wanted in read.view.fields
            if origin.sqls and (roots := read.roots.of(wanted.name)).columns
        }
        tables: dict[str, Sequence[Path]] = {}
        outputs: dict[str, Sequence[str]] = {}
        for path, name in origin.stand_ins.items():
            other = self._origins.view(name)
            if other is None or other.origin.is_derived:
                outputs[path[0]] = self._origins.columns_of(name) or ()
            else:
                tables[path[0]] = self._origins.tables(other)
        for sql in origin.sqls:
            made = statement_of(sql, columns, tables, outputs, self._dialect)
            if made is not None:
                yield made
