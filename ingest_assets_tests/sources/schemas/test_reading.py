"""What is common to schemas of all types."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.catalog import SchemaField
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.openmetadata.enumerations import members
from ingest_assets.sandbox.openmetadata.versions import parse_version
from ingest_assets.sources.schemas import avro, json_schema, proto, shaping
from ingest_assets.sources.schemas.reading import read_schema


def test_all_words_are_openmetadatas_of_every_version() -> None:
    known = members("SchemaFieldDataType", parse_version("1.0.0"))
    tables = (
        avro._PRIMITIVES,
        avro._LOGICAL,
        json_schema._WORDS,
        json_schema._FORMATS,
        proto._SCALARS,
        proto._WELL_KNOWN,
    )
    words = {word for table in tables for word in table.values()} | {
        shaping.UNKNOWN,
        "ARRAY",
        "ENUM",
        "ERROR",
        "MAP",
        "RECORD",
        "UNION",
    }
    assert words <= known


def _all(fields: tuple[SchemaField, ...]) -> Iterator[SchemaField]:
    for field in fields:
        yield field
        yield from _all(field.children)


def test_all_schemas_of_the_company_have_fields() -> None:
    for registry in Company().schemas.registries():
        for schema in registry.schemas.values():
            for version in schema.versions:
                reading = read_schema(version.definition, schema.data_format)
                assert reading.reason is None
                assert reading.schema.text == version.definition
                assert reading.schema.type in members("SchemaType", parse_version("1.0.0"))
                assert all(field.data_type != "UNKNOWN" for field in _all(reading.schema.fields))
