"""Avro schemas: checked by fastavro, and as fields in OpenMetadata's words.

fastavro is not given texts as they are: it takes a schema that says of itself that it was checked before for checked,
and ends the whole process on some that nest deeply or without end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from ingest_assets.catalog import SchemaField
from ingest_assets.sources.schemas.shaping import Growth, Shape, listing

_DEEPEST = 64
# Defaults are of no use here, and schemas in use have wrong ones; the others are fastavro's own marks.
_LEFT_OUT = frozenset({"default", "__fastavro_parsed", "__named_schemas"})
_PRIMITIVES = {
    "null": "NULL",
    "boolean": "BOOLEAN",
    "int": "INT",
    "long": "LONG",
    "float": "FLOAT",
    "double": "DOUBLE",
    "bytes": "BYTES",
    "string": "STRING",
    "fixed": "FIXED",
    "enum": "ENUM",
}
_LOGICAL = {
    "date": "DATE",
    "time-millis": "TIME",
    "time-micros": "TIME",
    "timestamp-millis": "TIMESTAMPZ",
    "timestamp-micros": "TIMESTAMPZ",
    "timestamp-nanos": "TIMESTAMPZ",
    "local-timestamp-millis": "TIMESTAMP",
    "local-timestamp-micros": "TIMESTAMP",
    "local-timestamp-nanos": "TIMESTAMP",
}
_HOLDERS = {"array": "items", "map": "values"}
_RECORDS = frozenset({"record", "error"})


@dataclass(frozen=True)
class AvroSchema:
    """A schema that was checked.

    Attributes:
        root: As fastavro gives it: all names are full names.
        named: Records, enums and fixed types by their full names.
    """

    root: Any
    named: dict[str, dict[str, Any]]


def parse(text: str) -> AvroSchema:
    """Check a schema.

    Raises:
        ValueError: The text is no Avro schema, or one that nests deeper than any in use.
    """
    try:
        plain = _plain(json.loads(text), _DEEPEST)
    except RecursionError as error:
        raise ValueError(f"it nests deeper than {_DEEPEST} levels") from error
    named: dict[str, dict[str, Any]] = {}
    try:
        root = fastavro.parse_schema(plain, named)
    except UnknownType as error:
        raise ValueError(f"type {error.name!r} is not defined in it") from error
    except SchemaParseException as error:
        raise ValueError(str(error)) from error
    except (KeyError, TypeError, AttributeError, RecursionError) as error:  # its answer to JSON of other shapes
        raise ValueError(f"it is no Avro schema ({type(error).__name__}: {error})") from error
    for name, schema in named.items():
        _check(name, schema)
    return AvroSchema(root, named)


def _check(name: str, schema: dict[str, Any]) -> None:
    """What fastavro takes as it comes."""
    size = schema.get("size", 0)
    if not isinstance(size, int) or size < 0:
        raise ValueError(f"{name!r} has a size of {size!r}")
    for field in schema.get("fields", ()):
        if not isinstance(field["name"], str):
            raise ValueError(f"{name!r} has a field called {field['name']!r}")  # noqa: TRY004 - a text's fault


def fields(text: str, growth: Growth) -> tuple[SchemaField, ...]:
    """The schema as one field, of the record's name: what is in the record are its children. A union gives several.

    Raises:
        ValueError: The text is no Avro schema.
    """
    schema = parse(text)
    shaper = _Shaper(schema, growth)
    roots = schema.root if isinstance(schema.root, list) else [schema.root]
    if not roots:
        raise ValueError("it is a union of nothing")
    shapes = [shaper.shape(root, frozenset()) for root in roots]
    return tuple(shape.field(shape.display) for shape in shapes)


def _plain(value: Any, levels: int) -> Any:
    if not levels:
        raise ValueError(f"it nests deeper than {_DEEPEST} levels")
    if isinstance(value, dict):
        if isinstance(value.get("type"), (dict, list)) and "name" not in value:
            return _plain(value["type"], levels - 1)  # {"type": {"type": "string"}}, which fastavro can't read
        return {key: _plain(inner, levels - 1) for key, inner in value.items() if key not in _LEFT_OUT}
    return [_plain(inner, levels - 1) for inner in value] if isinstance(value, list) else value


def _short(name: str) -> str:
    return name.rsplit(".", 1)[-1]


class _Shaper:
    """Shapes of one schema's types."""

    def __init__(self, schema: AvroSchema, growth: Growth) -> None:
        self._named = schema.named
        self._growth = growth

    def shape(self, schema: Any, within: frozenset[str]) -> Shape:
        """The shape of a type inside of some named types, which are not shown again inside of themselves."""
        if isinstance(schema, list):
            return self._union(schema, within)
        if isinstance(schema, str):
            schema = {"type": schema} if schema in _PRIMITIVES else self._named[schema]
        kind = schema["type"]
        if kind in _PRIMITIVES:
            return _scalar(schema, kind)
        if kind in _HOLDERS:
            held = self.shape(schema[_HOLDERS[kind]], within)
            return Shape(kind.upper(), f"{kind}<{held.display}>", held.description, held.children)
        return self._record(schema, within) if kind in _RECORDS else self.shape(kind, within)

    def _record(self, schema: dict[str, Any], within: frozenset[str]) -> Shape:
        name = schema["name"]
        if name in within or not self._growth.goes_deeper(len(within)):
            return Shape("RECORD", _short(name), _doc(schema))
        inner = within | {name}
        children = tuple(
            self.shape(field["type"], inner).field(field["name"], _doc(field))
            for field in schema["fields"]
            if self._growth.takes_one()
        )
        return Shape("ERROR" if schema["type"] == "error" else "RECORD", _short(name), _doc(schema), children)

    def _union(self, members: list[Any], within: frozenset[str]) -> Shape:
        shapes = [self.shape(member, within) for member in members]
        display = f"union<{', '.join(shape.display for shape in shapes)}>"
        several = [shape for shape in shapes if shape.data_type != "NULL"]
        if len(several) == 1:
            only = several[0]
            return Shape(only.data_type, display, only.description, only.children)
        children = tuple(shape.field(shape.display) for shape in several if shape.children)
        return Shape("UNION", display, None, children)


def _scalar(schema: dict[str, Any], kind: str) -> Shape:
    logical = schema.get("logicalType")
    if logical == "decimal" and kind in ("bytes", "fixed"):
        display = f"decimal({schema.get('precision')},{schema.get('scale', 0)})"
    elif kind == "enum":
        display = listing(schema["symbols"])
    elif isinstance(logical, str):
        display = logical
    else:
        display = f"fixed({schema['size']})" if kind == "fixed" else kind
    word = _LOGICAL.get(display, _PRIMITIVES[kind]) if kind in ("int", "long") else _PRIMITIVES[kind]
    return Shape(word, display, _doc(schema))


def _doc(schema: dict[str, Any]) -> str | None:
    doc = schema.get("doc")
    return doc if isinstance(doc, str) and doc else None
