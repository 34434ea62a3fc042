"""JSON Schemas as fields."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import SchemaField
from ingest_assets.sandbox.company.events import CLICKS
from ingest_assets.sources.schemas.reading import SchemaReading, read_schema


def _read(schema: object) -> SchemaReading:
    return read_schema(json.dumps(schema), "JSON")


def _root(schema: object) -> SchemaField:
    reading = _read(schema)
    assert reading.reason is None
    (root,) = reading.schema.fields
    return root


def _of(schema: object, **document: object) -> SchemaField:
    (field,) = _root({"type": "object", "properties": {"f": schema}, **document}).children
    return field


def _brief(field: SchemaField) -> tuple[str, str, str | None]:
    return field.name, field.data_type, field.data_type_display


def test_an_object_is_one_field_of_its_title_with_its_properties() -> None:
    root = _root(CLICKS)
    assert _brief(root) == ("Click", "RECORD", "Click")
    assert root.description == "What a visitor did"
    assert [_brief(child) for child in root.children] == [
        ("event_id", "STRING", "string"),
        ("event_type", "ENUM", "enum<view, click, search, add_to_cart, purchase>"),
        ("page", "RECORD", "object"),
        ("visitor_id", "STRING", "string"),
    ]
    assert root.children[0].description == "Unique id, made in the browser"
    assert [child.name for child in root.children[2].children] == ["url", "title"]


def test_a_schema_without_a_title_has_a_name() -> None:
    assert _root({"type": "object"}).name == "default"


@pytest.mark.parametrize(
    ("schema", "data_type", "display"),
    [
        ({"type": "integer"}, "LONG", "integer"),
        ({"type": "integer", "format": "int32"}, "INT", "integer(int32)"),
        ({"type": "number"}, "DOUBLE", "number"),
        ({"type": "boolean"}, "BOOLEAN", "boolean"),
        ({"type": "null"}, "NULL", "null"),
        ({"type": "string", "format": "date"}, "DATE", "string(date)"),
        ({"type": "string", "format": "date-time"}, "TIMESTAMPZ", "string(date-time)"),
        ({"type": "string", "format": "email"}, "STRING", "string(email)"),
        ({"type": "array", "items": {"type": "integer"}}, "ARRAY", "array<integer>"),
        ({"items": {"type": "integer"}}, "ARRAY", "array<integer>"),
        ({"type": "array"}, "ARRAY", "array"),
        ({"type": "array", "items": [{"type": "integer"}]}, "ARRAY", "array"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "MAP", "map<integer>"),
        ({"type": "object", "additionalProperties": False}, "RECORD", "object"),
        ({"type": ["string", "null"]}, "STRING", "string | null"),
        ({"type": "string", "nullable": True}, "STRING", "string | null"),
        ({"type": ["string", "integer"]}, "UNION", "string | integer"),
        ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, "LONG", "null | integer"),
        ({"anyOf": [{"type": "boolean"}, {"type": "integer"}]}, "UNION", "boolean | integer"),
        ({"type": "string", "anyOf": [{"minLength": 3}, {"maxLength": 1}]}, "STRING", "string"),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, "LONG", "integer"),
        ({"enum": ["a", None, 3]}, "ENUM", "enum<a, 3>"),
        ({"const": 5}, "LONG", "integer"),
        ({"const": True}, "BOOLEAN", "boolean"),
        ({}, "UNKNOWN", "any"),
        (True, "UNKNOWN", "any"),
        ({"type": "gone"}, "UNKNOWN", "any"),
        ({"type": 5}, "UNKNOWN", "any"),
        ({"$ref": "other.json#/definitions/Place"}, "UNKNOWN", "Place"),
        ({"$ref": "#/definitions/Gone"}, "UNKNOWN", "Gone"),
    ],
)
def test_a_type_has_openmetadatas_word_and_its_own(schema: object, data_type: str, display: str) -> None:
    assert _brief(_of(schema)) == ("f", data_type, display)


@pytest.mark.parametrize("where", ["definitions", "$defs"])
def test_references_within_the_document_are_followed(where: str) -> None:
    place = {"type": "object", "description": "Of the type", "properties": {"city": {"type": "string"}}}
    for schema in (
        {"$ref": f"#/{where}/Place"},
        {"type": "array", "items": {"$ref": f"#/{where}/Place"}},
        {"oneOf": [{"type": "null"}, {"$ref": f"#/{where}/Place"}]},
        {"type": "object", "additionalProperties": {"$ref": f"#/{where}/Place"}},
    ):
        field = _of(schema, **{where: {"Place": place}})
        assert "Place" in (field.data_type_display or "")
        assert [child.name for child in field.children] == ["city"]
        assert _of({**schema, "description": "Own"}, **{where: {"Place": place}}).description == "Own"


def test_names_in_references_are_read_as_pointers() -> None:
    field = _of({"$ref": "#/definitions/a~1b%20c"}, definitions={"a/b c": {"type": "integer"}})
    assert field.data_type == "LONG"


def test_what_allof_brings_together_is_one_object() -> None:
    base = {"type": "object", "properties": {"id": {"type": "integer"}}}
    field = _of(
        {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"name": {"type": "string"}}}], "title": "Whole"},
        **{"$defs": {"Base": base}},
    )
    assert field.data_type == "RECORD"
    assert {child.name for child in field.children} == {"id", "name"}


def test_alternatives_of_an_object_add_their_properties() -> None:
    ways = [{"properties": {"card": {"type": "string"}}}, {"properties": {"swish": {"type": "string"}}}]
    field = _of({"type": "object", "properties": {"sum": {"type": "number"}}, "oneOf": ways})
    assert [child.name for child in field.children] == ["sum", "card", "swish"]


def test_the_objects_of_a_union_are_its_children() -> None:
    ways = [
        {"title": name.title(), "type": "object", "properties": {name: {"type": "string"}}}
        for name in ("card", "swish")
    ]
    field = _of({"anyOf": ways})
    assert _brief(field) == ("f", "UNION", "Card | Swish")
    assert [(child.name, child.children[0].name) for child in field.children] == [("Card", "card"), ("Swish", "swish")]


def test_objects_without_a_title_have_names_of_their_own() -> None:
    ways = [{"properties": {name: {"type": "string"}}} for name in ("a", "b", "c")]
    assert [child.name for child in _of({"anyOf": ways}).children] == ["object", "object 2", "object 3"]


def test_the_display_of_many_symbols_is_cut() -> None:
    display = _of({"enum": [f"symbol {number}" for number in range(10_000)]}).data_type_display
    assert display is not None
    assert display.startswith("enum<symbol 0, symbol 1, ")
    assert display.endswith("…")
    assert len(display) == 501


def test_what_no_server_can_hold_is_left_out() -> None:
    field = _of({"type": "string", "description": "a\0b\ud800c"})
    assert field.description == "ab?c"
    (root,) = _root({"properties": {"x\ud800": {"enum": ["\udc00"]}}}).children
    assert _brief(root) == ("x?", "ENUM", "enum<?>")


def test_a_type_within_itself_is_not_shown_again() -> None:
    node = {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/Node"}, "all": {"type": "array", "items": {"$ref": "#"}}},
    }
    field = _of({"$ref": "#/$defs/Node"}, **{"$defs": {"Node": node}})
    assert [_brief(child) for child in field.children] == [("next", "RECORD", "Node"), ("all", "ARRAY", "array<#>")]
    assert field.children[0].children == ()


def test_a_reference_to_itself_ends() -> None:
    assert _root({"$ref": "#"}).children == ()
    loop = {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}
    assert _of({"$ref": "#/$defs/A"}, **{"$defs": loop}).children == ()


@pytest.mark.parametrize("key", ["allOf", "anyOf"])
def test_types_that_double_again_and_again_are_cut_and_told(key: str) -> None:
    levels: dict[str, object] = {"T0": {"type": "object", "properties": {"x": {"type": "integer"}}}}
    for level in range(1, 15):
        twice = {"$ref": f"#/$defs/T{level - 1}"}
        levels[f"T{level}"] = {key: [{"properties": {"a": twice, "b": twice}}, {"minProperties": 1}]}
    reading = _read({"$ref": "#/$defs/T14", "$defs": levels})
    assert reading.reason == "it has more than 5000 fields and references, or 16 levels; the rest is not shown"
    assert reading.schema.fields


def test_types_that_nest_deeply_in_each_other_are_told() -> None:
    levels: dict[str, object] = {}
    for level in range(1, 16):
        held: object = {"$ref": f"#/$defs/T{level - 1}"}
        for _ in range(90):
            held = {"type": "array", "items": held}
        levels[f"T{level}"] = held
    reading = _read({"properties": {"f": {"$ref": "#/$defs/T15"}}, "$defs": levels})
    assert reading.reason == "the JSON schema can't be read: it nests too deeply"


@pytest.mark.parametrize("text", ["", "{", "1", "[]", '"a"', "[" * 100_000, '{"a":' * 101 + "1" + "}" * 101])
def test_what_is_no_schema_keeps_its_text_and_tells_why(text: str) -> None:
    reading = read_schema(text, "JSON")
    assert (reading.schema.text, reading.schema.type, reading.schema.fields) == (text, "JSON", ())
    assert reading.reason is not None
    assert reading.reason.startswith("the JSON schema can't be read: ")


_keys = st.sampled_from(
    ["type", "properties", "items", "$ref", "allOf", "oneOf", "enum", "const", "title", "$defs", "a"]
)
_words = st.sampled_from(
    ["object", "array", "string", "null", "#", "#/properties/a", "#/$defs/a", "a", "", "#/allOf/0"]
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(_keys, _json))
def test_any_object_is_read(schema: object) -> None:
    reading = _read(schema)
    assert len(reading.schema.fields) == 1
