"""Aggregates of the Kinesis Producer Library: several user records in one record of a stream.

An aggregate is ``F3 89 9A C2``, a Protobuf message, and the MD5 of that message. Field 3 of the message is repeated: a
message for each user record, whose own field 3 is the data. Tables of partition keys and hash keys are of no use here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.schemas import protobuf_wire

MAGIC = b"\xf3\x89\x9a\xc2"

_DIGEST_BYTES = 16
_RECORDS = 3
_DATA = 3
_WHERE = "KPL aggregate"


def user_records(data: bytes) -> Iterator[bytes]:
    """The data of each user record of an aggregate, in their order.

    The whole is checked before the first is given, so that an aggregate is either read or not; what was checked is read
    again, since holding all of up to some millions of records would cost far more memory than the aggregate.

    Args:
        data: Begins with ``MAGIC``.

    Raises:
        InvalidAnswerError: It is cut or damaged.
    """
    body = memoryview(data)[len(MAGIC) : -_DIGEST_BYTES]
    if len(data) < len(MAGIC) + _DIGEST_BYTES:
        raise InvalidAnswerError("it is cut", where=_WHERE)
    if hashlib.md5(body, usedforsecurity=False).digest() != data[-_DIGEST_BYTES:]:
        raise InvalidAnswerError("its MD5 is not that of its records", where=_WHERE)
    for _ in _payloads(body):
        pass
    return (bytes(payload) for payload in _payloads(body))


def _payloads(body: memoryview) -> Iterator[memoryview]:
    for field in protobuf_wire.fields(body):
        if field.number == _RECORDS and field.wire_type == protobuf_wire.LENGTH_DELIMITED:
            yield _payload(field.data)


def _payload(record: memoryview) -> memoryview:
    """The last one, when a field is there several times: so it is for every reader of Protobuf."""
    payload = None
    for field in protobuf_wire.fields(record):
        if field.number == _DATA and field.wire_type == protobuf_wire.LENGTH_DELIMITED:
            payload = field.data
    if payload is None:
        raise InvalidAnswerError("a record has no data", where=_WHERE)
    return payload
