"""Payloads in Avro's binary encoding, as values that JSON can hold.

fastavro is not used for this: a record that anybody can put into a stream ends the whole process there, by nesting some
ten thousand levels, and eight bytes of an array of nulls fill the memory. Here both are bounded; tests hold the values
against fastavro's.

Bytes become ``{"base64": ...}``, decimals and numbers that JSON lacks become texts, dates and times ISO 8601 as far as
they are within the years 1 to 9999. A union's value stands for itself.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.schemas import protobuf_wire
from ingest_assets.sources.schemas.avro import AvroSchema

_MOST_VALUES = 200_000
_DEEPEST = 100
_WHERE = "Avro payload"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the zone is written behind it, where there is one
_FRACTION_DIGITS = {"millis": 3, "micros": 6, "nanos": 9}
_DAY_SECONDS = 24 * 60 * 60
_UUID_BYTES = 16
_LONGEST_DECIMAL = 64  # bytes; more digits than any system counts with
_LARGEST_SCALE = 200


def read(payload: bytes, schema: AvroSchema) -> Any:
    """The value of a payload.

    Raises:
        InvalidAnswerError: It was not written with this schema, is damaged, or holds more than is read.
    """
    reader = _Reader(payload, schema)
    value = reader.value(schema.root, _DEEPEST)
    if reader.left:
        raise InvalidAnswerError(f"{reader.left} bytes follow the value", where=_WHERE)
    return value


class _Reader:
    """A payload while it is read."""

    def __init__(self, payload: bytes, schema: AvroSchema) -> None:
        self._data = memoryview(payload)
        self._at = 0
        self._named = schema.named
        self._values = _MOST_VALUES
        self._kinds: dict[str, Callable[[dict[str, Any], int], Any]] = {
            "null": lambda _schema, _levels: None,
            "boolean": self._boolean,
            "int": self._int,
            "long": lambda schema, _levels: _temporal(self._number(), schema),
            "float": lambda _schema, _levels: self._float("<f", 4),
            "double": lambda _schema, _levels: self._float("<d", 8),
            "bytes": lambda schema, _levels: _bytes(self._block(), schema),
            "string": self._string,
            "fixed": lambda schema, _levels: _bytes(self._take(schema["size"]), schema),
            "enum": lambda schema, _levels: self._one_of(schema["symbols"], "symbol"),
            "array": self._array,
            "map": self._map,
            "record": self._record,
            "error": self._record,
        }

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self._data) - self._at

    def value(self, schema: Any, levels: int) -> Any:
        """The value that comes next."""
        self._values -= 1
        if not levels or self._values < 0:
            raise InvalidAnswerError("it nests too deeply or holds too many values", where=_WHERE)
        if isinstance(schema, list):
            return self.value(self._one_of(schema, "branch"), levels - 1)
        if isinstance(schema, str):
            schema = {"type": schema} if schema in self._kinds else self._named[schema]
        elif schema["type"] not in self._kinds:
            schema = self._named[schema["type"]]
        return self._kinds[schema["type"]](schema, levels - 1)

    def _take(self, size: int) -> bytes:
        if not 0 <= size <= self.left:
            raise InvalidAnswerError(f"{size} bytes are wanted where {self.left} are left", where=_WHERE)
        self._at += size
        return bytes(self._data[self._at - size : self._at])

    def _number(self) -> int:
        number, self._at = protobuf_wire.varint(self._data, self._at, _WHERE)
        return protobuf_wire.zigzag(number)

    def _block(self) -> bytes:
        return self._take(self._number())

    def _one_of(self, choices: list[Any], what: str) -> Any:
        index = self._number()
        if not 0 <= index < len(choices):
            raise InvalidAnswerError(f"there is no {what} {index}", where=_WHERE)
        return choices[index]

    def _boolean(self, _schema: dict[str, Any], _levels: int) -> bool:
        byte = self._take(1)[0]
        if byte > 1:
            raise InvalidAnswerError(f"{byte} is no boolean", where=_WHERE)
        return byte == 1

    def _int(self, schema: dict[str, Any], _levels: int) -> Any:
        number = self._number()
        if not -(2**31) <= number < 2**31:
            raise InvalidAnswerError(f"{number} is no int", where=_WHERE)
        return _temporal(number, schema)

    def _float(self, form: str, size: int) -> float | str:
        number: float = struct.unpack(form, self._take(size))[0]
        return number if math.isfinite(number) else str(number)

    def _string(self, _schema: dict[str, Any], _levels: int) -> str:
        try:
            return self._block().decode()
        except UnicodeDecodeError as error:
            raise InvalidAnswerError("a string is not UTF-8", where=_WHERE) from error

    def _items(self) -> Iterator[None]:
        """Once for each item of an array or map; a negative count is followed by the block's size in bytes."""
        while count := self._number():
            if count < 0:
                self._number()
            for _ in range(abs(count)):
                yield

    def _array(self, schema: dict[str, Any], levels: int) -> list[Any]:
        return [self.value(schema["items"], levels) for _ in self._items()]

    def _map(self, schema: dict[str, Any], levels: int) -> dict[str, Any]:
        return {self._string(schema, levels): self.value(schema["values"], levels) for _ in self._items()}

    def _record(self, schema: dict[str, Any], levels: int) -> dict[str, Any]:
        return {field["name"]: self.value(field["type"], levels) for field in schema["fields"]}


def _bytes(data: bytes, schema: dict[str, Any]) -> Any:
    logical = schema.get("logicalType")
    if logical == "uuid" and len(data) == _UUID_BYTES:
        return str(UUID(bytes=data))
    scale = schema.get("scale", 0)
    if logical == "decimal" and len(data) <= _LONGEST_DECIMAL and isinstance(scale, int) and scale <= _LARGEST_SCALE:
        unscaled = int.from_bytes(data, "big", signed=True)
        digits = tuple(int(digit) for digit in str(abs(unscaled)))
        return format(Decimal((int(unscaled < 0), digits, -scale)), "f")
    return {"base64": base64.b64encode(data).decode()}


def _temporal(number: int, schema: dict[str, Any]) -> int | str:
    logical = str(schema.get("logicalType", ""))
    kind, _, unit = logical.rpartition("-")
    try:
        if logical == "date":
            return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
        if unit not in _FRACTION_DIGITS:
            return number
        seconds, fraction = divmod(number, 10 ** _FRACTION_DIGITS[unit])
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return number
    clock = f"{moment:%H:%M:%S}.{fraction:0{_FRACTION_DIGITS[unit]}d}"
    if kind == "time":
        return clock if 0 <= seconds < _DAY_SECONDS else number
    if kind in ("timestamp", "local-timestamp"):
        return f"{moment.date().isoformat()}T{clock}{'Z' if kind == 'timestamp' else ''}"
    return number
