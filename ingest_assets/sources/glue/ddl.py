"""The statement that would make a table again, as Athena's ``SHOW CREATE TABLE`` composes it from the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ingest_assets.sources.glue.shapes import GlueColumn, GlueTable, StorageDescriptor

# Others may hold anything that a writer put there, statistics and credentials of connectors included.
_TOLD_PROPERTIES = ("table_type", "classification", "compressionType", "skip.header.line.count")


def create_statement(table: GlueTable, database: str) -> str | None:
    """``CREATE EXTERNAL TABLE`` in Hive's dialect; None for what has no columns of its own, such as a resource link.

    Args:
        table: From Glue; no view.
        database: Name of its Glue database.
    """
    storage = table.storage_descriptor
    if storage is None or not storage.columns:
        return None
    kind = "TABLE" if table.table_type == "MANAGED_TABLE" else "EXTERNAL TABLE"
    head = f"CREATE {kind} {_name(database)}.{_name(table.name)} (\n{_columns(storage.columns)}\n)"
    return "\n".join([head, *_clauses(table, storage)])


def _clauses(table: GlueTable, storage: StorageDescriptor) -> Iterator[str]:
    if table.description:
        yield f"COMMENT {_literal(table.description)}"
    if table.partition_keys:
        yield f"PARTITIONED BY (\n{_columns(table.partition_keys)}\n)"
    serde = storage.serde_info
    if serde and serde.serialization_library:
        yield f"ROW FORMAT SERDE {_literal(serde.serialization_library)}"
        if serde.parameters:
            yield f"WITH SERDEPROPERTIES (\n{_properties(serde.parameters)}\n)"
    if storage.input_format and storage.output_format:
        formats = f"INPUTFORMAT {_literal(storage.input_format)}\nOUTPUTFORMAT {_literal(storage.output_format)}"
        yield f"STORED AS {formats}"
    if storage.location:
        yield f"LOCATION {_literal(storage.location)}"
    told = {name: table.parameters[name] for name in _TOLD_PROPERTIES if table.parameters.get(name)}
    if told:
        yield f"TBLPROPERTIES (\n{_properties(told)}\n)"


def _columns(columns: Iterable[GlueColumn]) -> str:
    return ",\n".join(f"  {_name(column.name)} {column.type or 'string'}{_comment(column)}" for column in columns)


def _comment(column: GlueColumn) -> str:
    return f" COMMENT {_literal(column.comment)}" if column.comment else ""


def _properties(properties: Mapping[str, str | None]) -> str:
    lines = (f"  {_literal(name)} = {_literal(value or '')}" for name, value in sorted(properties.items()))
    return ",\n".join(lines)


def _name(text: str) -> str:
    return f"`{text.replace('`', '``')}`"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"
