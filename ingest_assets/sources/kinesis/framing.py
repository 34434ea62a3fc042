"""The header of the Glue Schema Registry's serialisers: version 3, compression, schema version id, payload."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

VERSION = 3
PLAIN = 0
ZLIB = 5

_HEADER_BYTES = 18


class Framed(NamedTuple):
    """A payload and what its header says.

    Attributes:
        version_id: Of the schema that it was written with.
        is_packed: Whether the payload is compressed with zlib.
        payload: As it lies behind the header.
    """

    version_id: UUID
    is_packed: bool
    payload: bytes


def framed(data: bytes) -> Framed | None:
    """What is behind a header; None for data that has none."""
    if len(data) < _HEADER_BYTES or data[0] != VERSION or data[1] not in (PLAIN, ZLIB):
        return None
    return Framed(UUID(bytes=data[2:_HEADER_BYTES]), data[1] == ZLIB, data[_HEADER_BYTES:])
