"""How a Glue table is partitioned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ingest_assets.catalog import PartitionColumn
from ingest_assets.sources.glue.shapes import GlueTable, IcebergMetadata

BY_VALUE = "COLUMN-VALUE"

# Athena's words: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
_PROJECTIONS = {"integer": "INTEGER-RANGE", "enum": "ENUM", "injected": "INJECTED"}
_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
# Letters of a Java date pattern, the finest first; quoted text is not part of the pattern.
_FINEST = (("s", "second"), ("m", "minute"), ("H", "hour"), ("h", "hour"), ("d", "day"), ("M", "month"), ("y", "year"))
_ICEBERG_TIMES = {f"{unit}{ending}": unit for unit in ("year", "month", "day", "hour") for ending in ("", "s")}


def partitions(table: GlueTable, spark_keys: tuple[str, ...]) -> tuple[PartitionColumn, ...]:
    """Partition columns with the way in which they divide the table.

    Iceberg's partition spec and Athena's partition projection say how; any other key divides by its values.

    Args:
        table: From Glue.
        spark_keys: Partition columns that only Spark's schema names.
    """
    if table.iceberg_table_metadata is not None:
        return tuple(_of_iceberg(table.iceberg_table_metadata))
    names = dict.fromkeys([key.name for key in table.partition_keys or []] or spark_keys)
    projected = table.parameter("projection.enabled") == "true"
    return tuple(_of_key(name, table.parameters if projected else {}) for name in names)


def _of_key(name: str, projection: Mapping[str, str | None]) -> PartitionColumn:
    # Athena compares projection keys without regard to case; Glue keeps them as they were written.
    own = {key.lower(): value or "" for key, value in projection.items()}
    prefix = f"projection.{name.lower()}."
    kind = own.get(f"{prefix}type", "").strip().lower()
    if kind == "date":
        interval = _unit(own.get(f"{prefix}interval.unit", "")) or _finest(own.get(f"{prefix}format", ""))
        return PartitionColumn(column=name, interval_type="TIME-UNIT", interval=interval)
    return PartitionColumn(column=name, interval_type=_PROJECTIONS.get(kind, BY_VALUE))


def _unit(text: str) -> str | None:
    singular = text.strip().lower().removesuffix("s")
    return singular if singular in _UNITS else None


def _finest(pattern: str) -> str | None:
    letters = re.sub(r"'[^']*'", "", pattern)
    return next((unit for letter, unit in _FINEST if letter in letters), None)


def _of_iceberg(metadata: IcebergMetadata) -> Iterator[PartitionColumn]:
    schemas = metadata.schemas or []
    schema = next((s for s in schemas if s.schema_id == metadata.current_schema_id), schemas[-1] if schemas else None)
    names = {field.id: field.name for field in schema.fields} if schema else {}
    specs = metadata.partition_specs or []
    spec = next((s for s in specs if s.spec_id == metadata.default_spec_id), specs[-1] if specs else None)
    for field in spec.fields if spec else []:
        transform = field.transform.strip().lower()
        # A dropped partition field stays in the spec as "void"; a nested source has no column of its own to name.
        if transform == "void" or field.source_id not in names:
            continue
        name = names[field.source_id]
        if transform in _ICEBERG_TIMES:
            yield PartitionColumn(column=name, interval_type="TIME-UNIT", interval=_ICEBERG_TIMES[transform])
        elif transform == "identity":
            yield PartitionColumn(column=name, interval_type=BY_VALUE)
        else:
            yield PartitionColumn(column=name, interval_type="OTHER", interval=transform)  # bucket[16], truncate[4]
