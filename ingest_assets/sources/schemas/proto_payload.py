"""Payloads in Protobuf's wire format, as values that JSON can hold.

Fields go by the names of the text, enums by their values' names, bytes are ``{"base64": ...}``, timestamps ISO 8601.
What a message leaves out is left out. Messages of imported files, whose text isn't known, are shown as bytes.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.schemas import protobuf_wire
from ingest_assets.sources.schemas.proto_text import Enum, Member, Message, ProtoFile
from ingest_assets.sources.schemas.protobuf_wire import FIXED32, FIXED64, LENGTH_DELIMITED, VARINT, WireField

_MOST_VALUES = 200_000
_DEEPEST = 100
_WHERE = "Protobuf payload"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the zone is written behind it
_TIMESTAMP = "google.protobuf.Timestamp"
_SECOND = 10**9
_VARINTS: dict[str, Callable[[int], Any]] = {
    "bool": bool,
    "int32": lambda number: protobuf_wire.signed(number, 32),
    "int64": lambda number: protobuf_wire.signed(number, 64),
    "sint32": lambda number: protobuf_wire.zigzag(number & (2**32 - 1)),
    "sint64": protobuf_wire.zigzag,
    "uint32": lambda number: number & (2**32 - 1),
    "uint64": lambda number: number,
}
_FIXED = {
    "double": (FIXED64, "<d"),
    "fixed32": (FIXED32, "<I"),
    "fixed64": (FIXED64, "<Q"),
    "float": (FIXED32, "<f"),
    "sfixed32": (FIXED32, "<i"),
    "sfixed64": (FIXED64, "<q"),
}
_TEXTS = ("string", "bytes")
_WIDTHS = {FIXED32: 4, FIXED64: 8}


def read(payload: bytes, file: ProtoFile) -> dict[str, Any]:
    """The message of a payload of the Glue Schema Registry's serialiser.

    Args:
        payload: The number of the message in the file's, all nested ones and maps' entries included, sorted by full
            name; then the message.
        file: What it was written with.

    Raises:
        InvalidAnswerError: It was not written with this schema, is damaged, or holds more than is read.
    """
    data = memoryview(payload)
    index, at = protobuf_wire.varint(data, 0)
    names = file.message_names()
    found = file.types.get(names[index]) if index < len(names) else None
    if not isinstance(found, Message):
        raise InvalidAnswerError(f"the schema has no message {index}", where=_WHERE)
    return _Reader(file).message(data[at:], found, _DEEPEST)


class _Reader:
    """A payload while it is read."""

    def __init__(self, file: ProtoFile) -> None:
        self._file = file
        self._values = _MOST_VALUES

    def message(self, data: memoryview, message: Message, levels: int) -> dict[str, Any]:
        """The fields of a message, in their order."""
        if not levels:
            raise InvalidAnswerError("it nests too deeply", where=_WHERE)
        members = {member.number: member for member in message.members}
        values: dict[str, Any] = {}
        for field in protobuf_wire.fields(data):
            member = members.get(field.number)
            if member is None:
                raise InvalidAnswerError(f"{message.full_name} has no field {field.number}", where=_WHERE)
            if member.key_type is not None:
                values.setdefault(member.name, {}).update(self._entry(field, member, message.full_name, levels))
            elif member.is_repeated:
                values.setdefault(member.name, []).extend(self._items(field, member, message.full_name, levels))
            else:
                values[member.name] = self._value(field, member, message.full_name, levels)
        return values

    def _entry(self, field: WireField, member: Member, scope: str, levels: int) -> dict[str, Any]:
        """A map's entry: key and value are fields 1 and 2, which may be left out as all fields may."""
        _expect(field, LENGTH_DELIMITED, member)
        key = Member("key", 1, member.key_type or "", None)
        entry = Message(f"{scope}.{member.name}", None, [key, Member("value", 2, member.type)])
        values = self.message(field.data, entry, levels - 1)
        return {_key(values.get("key"), key.type): values.get("value")}

    def _items(self, field: WireField, member: Member, scope: str, levels: int) -> list[Any]:
        """Items of a list, of which numbers may lie behind each other in one field."""
        found = self._file.resolve(member.type, scope)
        is_number = member.type in _VARINTS or member.type in _FIXED or isinstance(found, Enum)
        if field.wire_type != LENGTH_DELIMITED or not is_number:
            return [self._value(field, member, scope, levels)]
        items, at = [], 0
        while at < len(field.data):
            if member.type in _FIXED:
                width = _WIDTHS[_FIXED[member.type][0]]
                piece = WireField(field.number, _FIXED[member.type][0], 0, field.data[at : at + width])
                at += width
            else:
                number, at = protobuf_wire.varint(field.data, at)
                piece = WireField(field.number, VARINT, number, field.data[:0])
            items.append(self._value(piece, member, scope, levels))
        return items

    def _value(self, field: WireField, member: Member, scope: str, levels: int) -> Any:
        self._values -= 1
        if self._values < 0:
            raise InvalidAnswerError(f"it holds more than {_MOST_VALUES} values", where=_WHERE)
        if member.type in _VARINTS:
            _expect(field, VARINT, member)
            return _VARINTS[member.type](field.number_value)
        if member.type in _FIXED:
            return _fixed(field, member)
        if member.type in _TEXTS:
            _expect(field, LENGTH_DELIMITED, member)
            return _text(field.data) if member.type == "string" else _labelled(field.data)
        return self._declared(field, member, scope, levels)

    def _declared(self, field: WireField, member: Member, scope: str, levels: int) -> Any:
        found = self._file.resolve(member.type, scope)
        if isinstance(found, Message):
            _expect(field, LENGTH_DELIMITED, member)
            return self.message(field.data, found, levels - 1)
        if isinstance(found, Enum):
            _expect(field, VARINT, member)
            number = protobuf_wire.signed(field.number_value, 32)
            return found.values.get(number, number)
        if member.type.removeprefix(".") == _TIMESTAMP:
            _expect(field, LENGTH_DELIMITED, member)
            return _timestamp(field.data)
        return field.number_value if field.wire_type == VARINT else _labelled(field.data)


def _expect(field: WireField, wire_type: int, member: Member) -> None:
    if field.wire_type != wire_type:
        raise InvalidAnswerError(f"field {field.number} is no {member.type}", where=_WHERE)


def _fixed(field: WireField, member: Member) -> Any:
    wire_type, form = _FIXED[member.type]
    _expect(field, wire_type, member)
    if len(field.data) != _WIDTHS[wire_type]:
        raise InvalidAnswerError(f"field {field.number} is cut", where=_WHERE)
    number = struct.unpack(form, field.data)[0]
    return number if math.isfinite(number) else str(number)


def _text(data: memoryview) -> str:
    try:
        return bytes(data).decode()
    except UnicodeDecodeError as error:
        raise InvalidAnswerError("a string is not UTF-8", where=_WHERE) from error


def _labelled(data: memoryview) -> dict[str, str]:
    return {"base64": base64.b64encode(data).decode()}


def _key(value: Any, kind: str) -> str:
    """A map's key as JSON has it; one that was left out is the empty one of its type."""
    if kind == "bool":
        return "true" if value else "false"
    if value is None:
        return "" if kind == "string" else "0"
    return str(value)


def _timestamp(data: memoryview) -> Any:
    """ISO 8601 within the years 1 to 9999, else the bytes."""
    numbers = {1: 0, 2: 0}
    for field in protobuf_wire.fields(data):
        if field.wire_type == VARINT and field.number in numbers:
            numbers[field.number] = protobuf_wire.signed(field.number_value, 64)
    seconds, nanos = numbers[1], numbers[2]
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return _labelled(data)
    if not 0 <= nanos < _SECOND:
        return _labelled(data)
    fraction = f".{nanos:09d}".rstrip("0").rstrip(".")
    return f"{moment.isoformat()}{fraction}Z"
