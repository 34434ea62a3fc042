"""JSON Schemas of all drafts as fields in OpenMetadata's words.

How what has no like in OpenMetadata is shown:

* what ``allOf`` and ``$ref`` bring together is one type; so are alternatives of an object that has properties itself;
* ``oneOf``, ``anyOf`` and lists of types are a ``UNION``, unless all but one are ``null``;
* an object without properties is a ``MAP`` where it says of what, else a ``RECORD`` without children;
* alternatives that say nothing of types, as those that only require some properties, are left out;
* references to other documents are ``UNKNOWN``; nothing is fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

from ingest_assets.catalog import SchemaField
from ingest_assets.sources.schemas.shaping import UNKNOWN, Growth, Shape, listing

_UNTITLED = "default"  # the name that OpenMetadata's own connectors give to a schema without a title
_DEEPEST = 100
_WORDS = {
    "array": "ARRAY",
    "boolean": "BOOLEAN",
    "integer": "LONG",
    "null": "NULL",
    "number": "DOUBLE",
    "object": "RECORD",
    "string": "STRING",
}
_FORMATS = {
    ("integer", "int32"): "INT",
    ("number", "float"): "FLOAT",
    ("string", "date"): "DATE",
    ("string", "date-time"): "TIMESTAMPZ",
    ("string", "time"): "TIME",
    ("string", "byte"): "BYTES",
    ("string", "binary"): "BYTES",
}
_OF_VALUES = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (dict, "object"),
    (list, "array"),
)
_ALTERNATIVES = ("oneOf", "anyOf")
_KEYS = ("type", "enum", "const", "format", "items", "additionalProperties", "nullable", *_ALTERNATIVES)
_Refs = frozenset[str]


class _Part(NamedTuple):
    """A piece of a schema.

    Attributes:
        schema: As it was written.
        within: References that lead to it.
    """

    schema: Any
    within: _Refs


@dataclass
class _Type:
    """What a schema, its references and its ``allOf`` say together; what stands nearer goes before.

    Attributes:
        name: Of the reference, else the title.
        description: The nearest.
        keys: Of ``_KEYS``.
        properties: By their names.
        again: The word of a type that holds itself and ends here.
    """

    name: str | None = None
    description: str | None = None
    keys: dict[str, _Part] = field(default_factory=dict)
    properties: dict[str, _Part] = field(default_factory=dict)
    again: str | None = None

    def text(self, key: str) -> str | None:
        """A key's text; None where it is not there or no text."""
        value = self.value(key)
        return value if isinstance(value, str) else None

    def value(self, key: str) -> Any:
        """A key's value; None where it is not there."""
        part = self.keys.get(key)
        return part.schema if part else None

    def parts(self, key: str) -> list[_Part]:
        """Items of a key's list; empty where it is not there or no list."""
        part = self.keys.get(key)
        return [_Part(item, part.within) for item in part.schema] if part and isinstance(part.schema, list) else []


def fields(text: str, growth: Growth) -> tuple[SchemaField, ...]:
    """The schema as one field, of its title: its properties are the children.

    Raises:
        ValueError: The text is no JSON Schema.
    """
    try:
        schema = json.loads(text)
        _check(schema, _DEEPEST)
    except RecursionError as error:
        raise ValueError(f"it nests deeper than {_DEEPEST} levels") from error
    if not isinstance(schema, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - a text's fault, not a caller's
    title = schema.get("title")
    shape = _Shaper(schema, growth).shape(_Part(schema, frozenset(["#"])))
    return (shape.field(title if isinstance(title, str) and title else _UNTITLED),)


def _check(value: Any, levels: int) -> None:
    if not levels:
        raise ValueError(f"it nests deeper than {_DEEPEST} levels")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(inner, levels - 1)


class _Shaper:
    """Shapes of one document's types."""

    def __init__(self, document: dict[str, Any], growth: Growth) -> None:
        self._document = document
        self._growth = growth

    def shape(self, part: _Part) -> Shape:
        """The shape of a schema."""
        whole = _Type()
        self._gather(part, whole)
        if whole.properties:
            for alternative in [*whole.parts("oneOf"), *whole.parts("anyOf")]:
                self._gather(alternative, whole)
        if whole.again:
            return Shape(whole.again, whole.name or "object", whole.description)
        members = self._members(whole)
        if members is None:
            return self._single(whole, whole.text("type") or _inferred(whole))
        if whole.value("nullable") is True:
            members.append(Shape("NULL", "null"))
        return _either(members, whole.description)

    def _gather(self, part: _Part, whole: _Type) -> None:
        schema, within = part
        if not isinstance(schema, dict) or not self._growth.takes_one():
            return
        whole.description = whole.description or _text(schema, "description")
        for key in _KEYS:
            if key in schema:
                whole.keys.setdefault(key, _Part(schema[key], within))
        properties = schema.get("properties")
        for name, inner in properties.items() if isinstance(properties, dict) else ():
            whole.properties.setdefault(name, _Part(inner, within))
        for inner in schema["allOf"] if isinstance(schema.get("allOf"), list) else ():
            self._gather(_Part(inner, within), whole)
        reference = _text(schema, "$ref")
        if reference is not None:
            whole.name = whole.name or reference.rstrip("/").rsplit("/", 1)[-1]
            self._follow(reference, within, whole)
        whole.name = whole.name or _text(schema, "title")

    def _follow(self, reference: str, within: _Refs, whole: _Type) -> None:
        target = self._target(reference)
        if reference in within or not self._growth.goes_deeper(len(within) - 1):
            word = target.get("type") if isinstance(target, dict) else None
            whole.again = _WORDS.get(word, "RECORD") if isinstance(word, str) else "RECORD"
        else:
            self._gather(_Part(target, within | {reference}), whole)

    def _target(self, reference: str) -> Any:
        """What a reference within the document leads to; None for any other."""
        if not reference.startswith("#"):
            return None
        found: Any = self._document
        for step in unquote(reference[1:]).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            elif isinstance(found, dict) and name in found:
                found = found[name]
            else:
                return None
        return found if "/" in reference or reference == "#" else None

    def _members(self, whole: _Type) -> list[Shape] | None:
        """Shapes of a union; None for what is none."""
        if not whole.properties:
            for key in _ALTERNATIVES:
                shapes = [self.shape(part) for part in whole.parts(key) if self._growth.has_room]
                if any(shape.data_type != UNKNOWN for shape in shapes):
                    return shapes
        kinds = whole.value("type")
        if isinstance(kinds, list):
            return [self._single(whole, kind) for kind in kinds if isinstance(kind, str)]
        if whole.value("nullable") is True:
            return [self._single(whole, whole.text("type") or _inferred(whole))]
        return None

    def _single(self, whole: _Type, kind: str) -> Shape:
        if kind == "object":
            return self._object(whole)
        if kind == "array":
            held = self._held(whole, "items")
            display = f"array<{held.display}>" if held else "array"
            return Shape("ARRAY", display, whole.description, held.children if held else ())
        listed = whole.value("enum")
        if isinstance(listed, list) and kind != "null":
            symbols = (value if isinstance(value, str) else json.dumps(value) for value in listed if value is not None)
            return Shape("ENUM", listing(symbols), whole.description)
        form = whole.text("format")
        word = _FORMATS.get((kind, form or ""), _WORDS.get(kind, UNKNOWN))
        display = f"{kind}({form})" if form and kind != "null" else kind
        return Shape(word, display if kind in _WORDS else whole.name or "any", whole.description)

    def _object(self, whole: _Type) -> Shape:
        held = None if whole.properties else self._held(whole, "additionalProperties")
        if held is not None:
            return Shape("MAP", f"map<{held.display}>", whole.description, held.children)
        named = whole.properties.items()
        children = tuple(self.shape(part).field(name) for name, part in named if self._growth.has_room)
        return Shape("RECORD", whole.name or "object", whole.description, children)

    def _held(self, whole: _Type, key: str) -> Shape | None:
        part = whole.keys.get(key)
        return self.shape(part) if part and isinstance(part.schema, dict) else None


def _either(members: list[Shape], description: str | None) -> Shape:
    display = " | ".join(dict.fromkeys(member.display for member in members))
    several = [member for member in members if member.data_type != "NULL"]
    if len(several) == 1:
        return Shape(several[0].data_type, display, description or several[0].description, several[0].children)
    children = tuple(member.field(member.display) for member in several if member.children)
    return Shape("UNION" if several else "NULL", display, description, children)


def _inferred(whole: _Type) -> str:
    if whole.properties:
        return "object"
    if "items" in whole.keys:
        return "array"
    listed = whole.value("enum")
    values = listed if isinstance(listed, list) else [whole.value("const")]
    found = next((value for value in values if value is not None), None)
    return next((kind for type_, kind in _OF_VALUES if isinstance(found, type_)), "any")


def _text(schema: dict[str, Any], key: str) -> str | None:
    value = schema.get(key)
    return value if isinstance(value, str) and value else None
