"""What a Glue table is, and in which format its files are, in OpenMetadata's words."""

from __future__ import annotations

from ingest_assets.sources.glue.shapes import GlueTable, SerdeInfo, StorageDescriptor

_VIEWS = {"View", "MaterializedView"}
_CLASS_WORDS = ("parquet", "avro", "json")  # in the names of SerDes and input formats
_CLASSIFICATIONS = {
    "avro": "avro",
    "csv": "csv",
    "delta": "parquet",
    "json": "json",
    "jsonl": "jsonl",
    "parquet": "parquet",
    "tsv": "tsv",
}
_HIVE_SEPARATOR = "\x01"  # of a LazySimpleSerDe that names none


def is_view(table_type: str) -> bool:
    """Whether a table of this type is defined by a query."""
    return table_type in _VIEWS


def table_type(table: GlueTable) -> str:
    """OpenMetadata's word for what a table is.

    A resource link and a federated table are ``Foreign``: their data belongs to another catalog. Iceberg tables are
    told by their ``table_type`` parameter in any case of letters. OpenMetadata has no word for Delta and Hudi; they
    are ``External`` or ``Regular`` as Glue has them, and known by their file format. Everything else that Glue calls
    ``EXTERNAL_TABLE`` is ``External``, and what it doesn't name is ``Regular``.
    """
    kind = (table.table_type or "").upper()
    if table.target_table is not None:
        return "Foreign"
    if table.is_materialized_view or kind == "MATERIALIZED_VIEW":
        return "MaterializedView"
    if kind == "VIRTUAL_VIEW":
        return "View"
    if table.parameter("table_type") == "iceberg" or table.iceberg_table_metadata is not None:
        return "Iceberg"
    if table.federated_table:
        return "Foreign"
    return "External" if kind == "EXTERNAL_TABLE" else "Regular"


def is_delta(table: GlueTable) -> bool:
    """Whether the table is a Delta Lake table, by any of the marks that its writers leave."""
    marks = ("table_type", "spark.sql.sources.provider", "classification")
    return any(table.parameter(mark) == "delta" for mark in marks)


def file_format(table: GlueTable) -> str | None:
    """OpenMetadata's word for the format of a table's files.

    SerDe and input format tell how files are read; where they don't, the crawler's ``classification`` does. None where
    OpenMetadata has no word (ORC, Ion, XML, text with unprintable separators) or nothing says.
    """
    if table.parameter("table_type") == "iceberg" or table.iceberg_table_metadata is not None:
        return _iceberg_format(table)
    if is_delta(table):
        return "parquet"  # the Delta protocol knows no other
    storage = table.storage_descriptor or StorageDescriptor()
    serde = storage.serde_info or SerdeInfo()
    serde_class = _lower(serde.serialization_library)
    if serde_class.endswith(".lazysimpleserde"):
        return _delimited(serde.parameters) or _delimited_by_crawler(table)
    if serde_class.endswith(".opencsvserde"):
        return "tsv" if serde.parameters.get("separatorChar") in {"\t", "\\t"} else "csv"
    return _of_class(serde_class) or _of_class(_lower(storage.input_format)) or _of_classification(table)


def _of_class(class_name: str) -> str | None:
    return next((word for word in _CLASS_WORDS if word in class_name.rpartition(".")[2]), None)


def _of_classification(table: GlueTable) -> str | None:
    return _CLASSIFICATIONS.get(table.parameter("classification"))


def _iceberg_format(table: GlueTable) -> str | None:
    properties = table.iceberg_table_metadata.properties if table.iceberg_table_metadata else {}
    word = properties.get("write.format.default") or table.parameter("write.format.default")
    return _CLASSIFICATIONS.get(_lower(word or table.parameter("classification")))


def _delimited(parameters: dict[str, str | None]) -> str | None:
    separator = parameters.get("field.delim") or parameters.get("serialization.format") or _HIVE_SEPARATOR
    if separator.isdigit() and len(separator) <= 3:  # noqa: PLR2004  # a byte in decimal digits, as Hive writes it
        separator = chr(int(separator))
    if separator in {"\t", "\\t"}:
        return "tsv"
    return "csv" if separator.isprintable() else None


def _delimited_by_crawler(table: GlueTable) -> str | None:
    word = _of_classification(table)
    return word if word in {"csv", "tsv"} else None


def _lower(text: str | None) -> str:
    return (text or "").strip().lower()
