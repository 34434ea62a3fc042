"""What producers make of an event before it is a record: gzip, KPL aggregates, Avro, Protobuf and registry headers.

Each follows its own published format, so that what a reader of the sandbox decodes is what it will meet in AWS.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from collections.abc import Iterable, Sequence
from uuid import UUID

KPL_MAGIC = b"\xf3\x89\x9a\xc2"
REGISTRY_VERSION = 3
_UNCOMPRESSED = 0
_ZLIB = 5
_LENGTH_DELIMITED = 2
_CONTINUES = 0x80

AvroValue = str | int | float | bool | None


def gzipped(data: bytes) -> bytes:
    """Gzip without the time of day, so that the same event makes the same bytes."""
    return gzip.compress(data, mtime=0)


def kpl_aggregate(records: Sequence[tuple[str, bytes]]) -> bytes:
    """One record that holds several, as the Kinesis Producer Library makes it: magic, Protobuf message, MD5 of it.

    Args:
        records: Partition key and data of each.
    """
    keys = list(dict.fromkeys(key for key, _ in records))
    message = b"".join(_bytes_field(1, key.encode()) for key in keys)
    for key, data in records:
        message += _bytes_field(3, _varint_field(1, keys.index(key)) + _bytes_field(3, data))
    return KPL_MAGIC + message + hashlib.md5(message, usedforsecurity=False).digest()


def registry_framed(version_id: str, payload: bytes) -> bytes:
    """A payload behind the header of the Glue Schema Registry's serialisers: version, compression, schema version."""
    return bytes([REGISTRY_VERSION, _UNCOMPRESSED]) + UUID(version_id).bytes + payload


def registry_framed_zlib(version_id: str, payload: bytes) -> bytes:
    """As ``registry_framed``, with the payload compressed."""
    return bytes([REGISTRY_VERSION, _ZLIB]) + UUID(version_id).bytes + zlib.compress(payload)


def avro(values: Iterable[AvroValue]) -> bytes:
    """An Avro record of plain fields: strings, longs, doubles, booleans; None is the first branch of a union."""
    return b"".join(_avro_value(value) for value in values)


def avro_some(value: AvroValue) -> bytes:
    """A value of a field that may be null: the second branch of the union."""
    return _zigzag(1) + _avro_value(value)


def protobuf(fields: Iterable[tuple[int, str | bytes | int]]) -> bytes:
    """A Protobuf message: number and value of each field; texts, bytes and unsigned numbers."""
    return b"".join(
        _varint_field(number, value)
        if isinstance(value, int)
        else _bytes_field(number, value.encode() if isinstance(value, str) else value)
        for number, value in fields
    )


def _avro_value(value: AvroValue) -> bytes:
    if value is None:
        return _zigzag(0)
    if isinstance(value, bool):
        return bytes([value])
    if isinstance(value, int):
        return _zigzag(value)
    if isinstance(value, float):
        return struct.pack("<d", value)
    return _zigzag(len(value.encode())) + value.encode()


def _zigzag(number: int) -> bytes:
    return _varint(number << 1 if number >= 0 else (-number << 1) - 1)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= _CONTINUES:
        out.append(number % _CONTINUES | _CONTINUES)
        number >>= 7
    out.append(number)
    return bytes(out)


def _varint_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _bytes_field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(value)) + value
