"""From the bytes of a record of a stream to the texts that are shown as sample messages.

A message is what its producer meant, as far as the bytes themselves say:

* gzip and KPL aggregates are taken apart, also inside of each other; each user record is a message of its own;
* a payload behind the Glue Schema Registry's header is read with the schema that it was written with, shown as JSON;
* UTF-8 is shown as it is, decoded strictly;
* all else is a JSON object with the key ``base64``: ``{"base64": "AP8="}``. More keys tell what is not in it:
  ``schemaVersionId`` of the header that stood before it, ``missingBytes`` of what was cut, ``reason`` why something
  that looks like a known format is shown as it lies.

A text with a NUL in it is shown as base64, too: servers on PostgreSQL can't keep one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from ingest_assets.catalog import MessageSchema
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.kinesis import framing, kpl
from ingest_assets.sources.kinesis.unpacking import GZIP_MAGIC, Allowance
from ingest_assets.sources.schemas.payloads import PayloadReader, payload_reader

SchemaOf = Callable[[UUID], MessageSchema | None]

_LAYERS = 4  # gzip of an aggregate of gzip of something framed; deeper is no producer's work
_KEPT_READERS = 16


@dataclass(frozen=True)
class Limits:
    """How much of a record is shown.

    Attributes:
        message_length: Characters of each message; what is longer ends with a mark that says how much is missing.
        unpacked_size: Bytes that are unpacked of one record of the stream, all that is packed inside of it counted.
    """

    message_length: int = 10_000
    unpacked_size: int = 16 * 2**20


def messages(data: bytes, limits: Limits, schema_of: SchemaOf) -> Iterator[str]:
    """The messages of one record, in their order; made as they are asked for.

    Args:
        data: ``Data`` of the record.
        limits: How much is shown.
        schema_of: The schema of a version id; None where it can't be had. What it raises is passed on.
    """
    return _Record(limits, schema_of).messages(data, _LAYERS)


class _Record:
    """One record of a stream while it is read."""

    def __init__(self, limits: Limits, schema_of: SchemaOf) -> None:
        self._length = limits.message_length
        self._allowance = Allowance(limits.unpacked_size)
        self._schema_of = schema_of
        self._readers: dict[UUID, PayloadReader] = {}

    def messages(self, data: bytes, layers: int) -> Iterator[str]:
        """What the data holds, down to some layers of packing."""
        try:
            inner = self._inner(data, layers)
        except InvalidAnswerError as error:
            yield self._labelled(data, reason=str(error))
            return
        if inner is not None:
            for part in inner:
                yield from self.messages(part, layers - 1)
        elif (framed := framing.framed(data)) is not None:
            yield self._framed(framed)
        else:
            yield self._plain(data)

    def _inner(self, data: bytes, layers: int) -> Iterator[bytes] | None:
        if not layers and data.startswith((kpl.MAGIC, GZIP_MAGIC)):
            raise InvalidAnswerError(f"it is packed more than {_LAYERS} times", where="record")
        if data.startswith(kpl.MAGIC):
            return kpl.user_records(data)
        if data.startswith(GZIP_MAGIC):
            return iter([self._allowance.unpack(data, "gzip")])
        return None

    def _framed(self, framed: framing.Framed) -> str:
        version_id, payload = str(framed.version_id), framed.payload
        schema = self._schema_of(framed.version_id)
        try:
            if framed.is_packed:
                payload = self._allowance.unpack(payload, "zlib")
            if schema is not None:
                return self._cut(self._reader(framed.version_id, schema)(payload))
        except InvalidAnswerError as error:
            return self._labelled(payload, version_id=version_id, reason=str(error))
        return self._labelled(payload, version_id=version_id)

    def _reader(self, version_id: UUID, schema: MessageSchema) -> PayloadReader:
        """Kept, for an aggregate may hold thousands of payloads of few schemas."""
        if version_id not in self._readers:
            if len(self._readers) == _KEPT_READERS:
                self._readers.clear()
            self._readers[version_id] = payload_reader(schema)
        return self._readers[version_id]

    def _plain(self, data: bytes) -> str:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return self._labelled(data)
        return self._labelled(data) if "\0" in text else self._cut(text)

    def _cut(self, text: str) -> str:
        missing = len(text) - self._length
        return text if missing <= 0 else f"{text[: self._length]}… ({missing} more characters)"

    def _labelled(self, data: bytes, *, version_id: str | None = None, reason: str | None = None) -> str:
        shown = data[: self._length * 3 // 4]
        told = {
            "base64": base64.b64encode(shown).decode(),
            "missingBytes": len(data) - len(shown) or None,
            "schemaVersionId": version_id,
            "reason": reason,
        }
        return json.dumps({key: value for key, value in told.items() if value is not None}, ensure_ascii=False)
