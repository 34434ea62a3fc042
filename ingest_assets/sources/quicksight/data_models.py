"""From what QuickSight says of a data set to a data model. Pure functions.

An expression is told in the description of the column that it makes: who looks at a column asks how it is made, and a
data set may have hundreds of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest_assets.catalog import Column, DataModel
from ingest_assets.sources.glue.types import distinct
from ingest_assets.sources.quicksight.mapping import Besides
from ingest_assets.sources.quicksight.relations import Field
from ingest_assets.sources.quicksight.replay import Replay
from ingest_assets.sources.quicksight.shapes import DataSet, OutputColumn
from ingest_assets.sources.quicksight.types import data_type

_TYPE = "QuickSightDataModel"
_LONGEST_EXPRESSION = 4_000
_IMPORT_MODES = {
    "SPICE": "Imported into SPICE.",
    "DIRECT_QUERY": "Queried directly, without SPICE.",
}
_RULES = "RLS_RULES"
_DISABLED = "DISABLED"


def to_data_model(
    data_set: DataSet, service: str, replayed: Replay, besides: Besides, source_url: str | None
) -> DataModel:
    """A data set as a data model.

    Args:
        data_set: What QuickSight says of it.
        service: Name of the service.
        replayed: What its columns come from.
        besides: What else is known.
        source_url: Its page in the console.
    """
    columns = columns_of(data_set, replayed)
    # What nobody tells the columns of has some all the same: those that were written before are kept.
    told = {"columns": bool(columns), "sql": data_set.tells_its_tables}
    return DataModel(
        path=(service, data_set.data_set_id),
        display_name=data_set.name,
        description=_description(data_set),
        data_model_type=_TYPE,
        columns=columns,
        sql=_sql(data_set),
        project=besides.project,
        source_url=source_url,
        owners=besides.owners,
        labels=besides.labels,
        unknown=besides.unknown | {name for name, is_told in told.items() if not is_told},
    )


def columns_of(data_set: DataSet, replayed: Replay) -> tuple[Column, ...]:
    """The columns that dashboards see; without ``OutputColumns``, what the replay ends with."""
    meant = _meanings(data_set)
    return distinct(
        _column(output, replayed.column(output.name, output.id), meant.get(output.name, Field()))
        for output in outputs(data_set, replayed)
    )


def outputs(data_set: DataSet, replayed: Replay) -> list[OutputColumn]:
    """The columns that a data set ends with."""
    if data_set.output_columns is not None:
        return data_set.output_columns
    fields = replayed.relation.fields.items()
    return [OutputColumn(Name=name, Id=each.id, Type=each.type, SubType=each.sub_type) for name, each in fields]


def _column(output: OutputColumn, replayed: Field, meant: Field) -> Column:
    word, display = data_type(output.type or replayed.type, output.sub_type if output.type else replayed.sub_type)
    told = [output.description or meant.description or replayed.description]
    if role := meant.role or replayed.role:
        told.append(f"Geographic role: {role.lower()}.")
    if replayed.expression is not None:
        told.append(f"Calculated field: {_code(replayed.expression)}")
    description = "\n\n".join(text for text in told if text)
    return Column(name=output.name, data_type=word, data_type_display=display, description=description or None)


def _meanings(data_set: DataSet) -> Mapping[str, Field]:
    """What the semantic model says of columns, by name."""
    meant: dict[str, Field] = {}
    model = data_set.semantic_model_configuration
    for table in (model.table_map or {}).values() if model else ():
        for each in (table.semantic_metadata.column_metadata or ()) if table.semantic_metadata else ():
            texts = [
                text.text
                for told in each.column_properties
                for text in (told.description, told.additional_notes)
                if text and text.text
            ]
            roles = (told.semantic_type.geographical_role for told in each.column_properties if told.semantic_type)
            known = Field(description="\n\n".join(texts) or None, role=next(filter(None, roles), None))
            meant.update((name, known) for name in each.column_names or ())
    return meant


def _description(data_set: DataSet) -> str | None:
    return "\n\n".join(_paragraphs(data_set)) or None


def _paragraphs(data_set: DataSet) -> Iterator[str]:
    model = data_set.semantic_model_configuration
    for told in (model.semantic_metadata or ()) if model else ():
        if told.description is not None and told.description.text:
            yield told.description.text
    if data_set.import_mode is not None:
        yield _IMPORT_MODES.get(data_set.import_mode, f"Import mode: {_code(data_set.import_mode)}.")
    rules = data_set.row_level_permission_data_set
    if rules is not None and rules.status != _DISABLED:
        yield f"Who sees which rows is ruled by the data set {_code(rules.arn.rpartition('/')[2])}."
    if data_set.use_as == _RULES:
        yield "Holds rules of row-level security for other data sets."
    folders = sorted((data_set.field_folders or {}).items())
    described = [f"- {_code(path)}: {folder.description}" for path, folder in folders if folder.description]
    if described:
        yield "\n".join(("Folders of fields:", "", *described))


def _sql(data_set: DataSet) -> str | None:
    """The query; of several, each below its name."""
    tables = (data_set.physical_table_map or {}).values()
    queries = [table.custom_sql for table in tables if table.custom_sql is not None]
    if len(queries) > 1:
        return "\n\n".join(f"-- {' '.join(query.name.split())}\n{query.sql_query}" for query in queries)
    return queries[0].sql_query if queries else None


def _code(text: str) -> str:
    """A text as Markdown shows it as it is: within a line, else as a block that no line of it ends."""
    text = text.strip()
    if len(text) > _LONGEST_EXPRESSION:
        text = f"{text[:_LONGEST_EXPRESSION]}…"
    fence = "`" * (1 + max((len(run) for run in _backticks(text)), default=0))
    if "\n" not in text:
        return f"{fence} {text} {fence}" if len(fence) > 1 else f"`{text}`"
    fence = max(fence, "```", key=len)
    return f"\n\n{fence}\n{text}\n{fence}"


def _backticks(text: str) -> Iterator[str]:
    return (run for run in "".join(each if each == "`" else " " for each in text).split())
