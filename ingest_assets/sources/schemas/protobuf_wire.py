"""Protobuf's wire format, field by field, without a schema.

The rules are those of the encoding page of Protobuf's documentation. Groups (wire types 3 and 4) are refused: proto3
has none and the messages that are read here never had.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingest_assets.errors import InvalidAnswerError

VARINT = 0
FIXED64 = 1
LENGTH_DELIMITED = 2
FIXED32 = 5

_WIDTHS = {FIXED64: 8, FIXED32: 4}
_CONTINUES = 0x80
_VARINT_BYTES = 10
_LARGEST_TAG = 2**32 - 1
_WHERE = "Protobuf message"


class WireField(NamedTuple):
    """A field as it lies in a message.

    Attributes:
        number: From 1.
        wire_type: ``VARINT``, ``FIXED64``, ``LENGTH_DELIMITED`` or ``FIXED32``.
        number_value: Of a varint, unsigned; 0 otherwise.
        data: Of all other types; empty for a varint.
    """

    number: int
    wire_type: int
    number_value: int
    data: memoryview


def fields(message: memoryview) -> Iterator[WireField]:
    """The fields of a message, in their order.

    Raises:
        InvalidAnswerError: The bytes are no Protobuf message, or one that is cut.
    """
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        number, wire_type = tag >> 3, tag & 7
        if number == 0 or tag > _LARGEST_TAG:
            raise InvalidAnswerError(f"there is no field number {number}", where=_WHERE)
        if wire_type == VARINT:
            value, at = varint(message, at)
            yield WireField(number, wire_type, value, message[:0])
            continue
        if wire_type == LENGTH_DELIMITED:
            length, at = varint(message, at)
        elif wire_type in _WIDTHS:
            length = _WIDTHS[wire_type]
        else:
            raise InvalidAnswerError(f"field {number} has wire type {wire_type}", where=_WHERE)
        if length > len(message) - at:
            raise InvalidAnswerError(f"field {number} is cut", where=_WHERE)
        yield WireField(number, wire_type, 0, message[at : at + length])
        at += length


def varint(message: memoryview, at: int, where: str = _WHERE) -> tuple[int, int]:
    """The unsigned number of up to 64 bits at a place, and the place behind it.

    Args:
        message: The bytes.
        at: The place.
        where: What the bytes are, for the error.

    Raises:
        InvalidAnswerError: It is cut or longer than any number is.
    """
    value = 0
    for place, byte in enumerate(message[at : at + _VARINT_BYTES]):
        value |= (byte & 0x7F) << 7 * place
        if byte < _CONTINUES:
            return value & (2**64 - 1), at + place + 1
    raise InvalidAnswerError("a number is cut or too long", where=where)


def signed(number: int, bits: int) -> int:
    """The number whose two's complement is in the lowest bits of one without a sign."""
    low = number & ((1 << bits) - 1)
    return low - (1 << bits) if low >> (bits - 1) else low


def zigzag(number: int) -> int:
    """The number that zigzag encoding, of Avro as well, made one without a sign of."""
    return number >> 1 ^ -(number & 1)
