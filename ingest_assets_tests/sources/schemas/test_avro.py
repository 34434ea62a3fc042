"""Avro schemas as fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import MessageSchema, SchemaField
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.schemas.payloads import payload_reader
from ingest_assets.sources.schemas.reading import SchemaReading, read_schema


def _read(schema: object) -> SchemaReading:
    return read_schema(json.dumps(schema), "AVRO")


def _record(*fields: object, name: str = "R", **more: object) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def _of(type_: object, **more: object) -> SchemaField:
    reading = _read(_record({"name": "f", "type": type_, **more}))
    assert reading.reason is None
    (root,) = reading.schema.fields
    return root.children[0]


def _brief(field: SchemaField) -> tuple[str, str, str | None]:
    return field.name, field.data_type, field.data_type_display


def test_a_record_is_one_field_with_children() -> None:
    fields = [{"name": "id", "type": "long", "doc": "Number"}, {"name": "who", "type": "string"}]
    reading = _read(_record(*fields, name="Order", namespace="shop.web", doc="An order"))
    assert reading.reason is None
    assert reading.schema.type == "Avro"
    (root,) = reading.schema.fields
    assert _brief(root) == ("Order", "RECORD", "Order")
    assert root.description == "An order"
    assert [_brief(child) for child in root.children] == [("id", "LONG", "long"), ("who", "STRING", "string")]
    assert [child.description for child in root.children] == ["Number", None]


@pytest.mark.parametrize(
    ("type_", "data_type", "display"),
    [
        ("null", "NULL", "null"),
        ("boolean", "BOOLEAN", "boolean"),
        ("int", "INT", "int"),
        ("float", "FLOAT", "float"),
        ("double", "DOUBLE", "double"),
        ("bytes", "BYTES", "bytes"),
        ({"type": "string"}, "STRING", "string"),
        ({"type": {"type": "string"}}, "STRING", "string"),
        ({"type": "fixed", "name": "F", "size": 16}, "FIXED", "fixed(16)"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "ENUM", "enum<A, B>"),
        ({"type": "array", "items": "int"}, "ARRAY", "array<int>"),
        ({"type": "map", "values": {"type": "array", "items": "int"}}, "MAP", "map<array<int>>"),
        ({"type": "int", "logicalType": "date"}, "DATE", "date"),
        ({"type": "int", "logicalType": "time-millis"}, "TIME", "time-millis"),
        ({"type": "long", "logicalType": "timestamp-micros"}, "TIMESTAMPZ", "timestamp-micros"),
        ({"type": "long", "logicalType": "local-timestamp-millis"}, "TIMESTAMP", "local-timestamp-millis"),
        ({"type": "string", "logicalType": "date"}, "STRING", "date"),
        ({"type": "string", "logicalType": "uuid"}, "STRING", "uuid"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, "BYTES", "decimal(9,2)"),
        (["null", "string"], "STRING", "union<null, string>"),
        (["string", "long"], "UNION", "union<string, long>"),
        ([], "UNION", "union<>"),
    ],
)
def test_a_type_has_openmetadatas_word_and_its_own(type_: object, data_type: str, display: str) -> None:
    assert _brief(_of(type_)) == ("f", data_type, display)


def test_records_within_lists_maps_and_unions_show_their_fields() -> None:
    inner = _record({"name": "x", "type": "int"}, name="Inner", doc="Of the type")
    for type_ in (inner, {"type": "array", "items": inner}, {"type": "map", "values": inner}, ["null", inner]):
        field = _of(type_)
        assert [_brief(child) for child in field.children] == [("x", "INT", "int")]
        assert field.description == "Of the type"
        assert _of(type_, doc="Of the field").description == "Of the field"


def test_the_records_of_a_union_are_its_children() -> None:
    card, swish = (_record({"name": name, "type": "string"}, name=name.title()) for name in ("card", "swish"))
    field = _of([card, swish, "null", "int"])
    assert _brief(field) == ("f", "UNION", "union<Card, Swish, null, int>")
    assert [(child.name, [inner.name for inner in child.children]) for child in field.children] == [
        ("Card", ["card"]),
        ("Swish", ["swish"]),
    ]


def test_a_named_type_that_is_used_twice_is_shown_twice() -> None:
    place = _record({"name": "city", "type": "string"}, name="Place", namespace="geo")
    reading = _read(_record({"name": "a", "type": place}, {"name": "b", "type": "geo.Place"}, namespace="geo"))
    (root,) = reading.schema.fields
    assert [[inner.name for inner in child.children] for child in root.children] == [["city"], ["city"]]


def test_a_type_within_itself_is_not_shown_again() -> None:
    reading = _read(
        _record({"name": "next", "type": ["null", "R"]}, {"name": "all", "type": {"type": "array", "items": "R"}})
    )
    (root,) = reading.schema.fields
    assert [_brief(child) for child in root.children] == [
        ("next", "RECORD", "union<null, R>"),
        ("all", "ARRAY", "array<R>"),
    ]
    assert reading.reason is None


def test_types_that_double_again_and_again_are_cut_and_told() -> None:
    record = _record({"name": "x", "type": "int"}, name="R0")
    for level in range(1, 15):
        record = _record({"name": "a", "type": record}, {"name": "b", "type": f"R{level - 1}"}, name=f"R{level}")
    reading = _read(record)
    assert reading.reason == "it has more than 5000 fields and references, or 16 levels; the rest is not shown"
    assert reading.schema.fields


def test_defaults_that_do_not_fit_cost_no_field() -> None:
    assert _of(["null", "int"], default="x").data_type == "INT"


def test_what_says_that_it_was_checked_is_checked() -> None:
    reading = _read(
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "Gone"}], "__fastavro_parsed": True}
    )
    assert reading.reason == "the Avro schema can't be read: type 'Gone' is not defined in it"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "1",
        "null",
        '"Gone"',
        "{}",
        "[]",
        "[" * 100_000,
        '{"type":"array","items":' * 70 + '"int"' + "}" * 70,
        '{"type":"record","name":"R","fields":[{"name":1,"type":"int"}]}',
        '{"type":"fixed","name":"F","size":-1}',
        '{"type":"fixed","name":"F","size":"x"}',
        '{"type":"enum","name":"E","symbols":[1]}',
    ],
)
def test_what_is_no_schema_keeps_its_text_and_tells_why(text: str) -> None:
    reading = read_schema(text, "AVRO")
    assert reading.schema.text == text
    assert reading.schema.fields == ()
    assert reading.reason is not None
    assert reading.reason.startswith("the Avro schema can't be read: ")


def test_a_schema_of_another_type_keeps_its_text() -> None:
    reading = read_schema("<xsd/>", "XSD")
    assert (reading.schema.text, reading.schema.type) == ("<xsd/>", "Other")
    assert reading.reason == "schemas of type XSD are not read"


_keys = st.sampled_from(["type", "name", "fields", "items", "values", "symbols", "size", "logicalType", "scale", "doc"])
_words = st.sampled_from(["record", "enum", "fixed", "array", "map", "int", "null", "decimal", "A", "B", ""])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=6),
    max_leaves=20,
)


@given(_json, st.binary(max_size=40))
def test_any_json_reads_any_payload_or_refuses_it(value: object, payload: bytes) -> None:
    schema = MessageSchema(text=json.dumps(value), type="Avro")
    try:
        text = payload_reader(schema)(payload)
    except InvalidAnswerError as error:
        text = json.dumps(error.where)
    assert json.loads(text) != "Protobuf message"


@given(_json)
def test_any_json_is_read_or_told(value: object) -> None:
    reading = _read(value)
    assert bool(reading.schema.fields) != (reading.reason is not None)
