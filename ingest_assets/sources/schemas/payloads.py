"""Payloads read with the schema that they were written with."""

from __future__ import annotations

import json
from collections.abc import Callable

from ingest_assets.catalog import MessageSchema
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.schemas import avro, avro_payload, proto_payload, proto_text
from ingest_assets.sources.schemas.shaping import storable

PayloadReader = Callable[[bytes], str]
"""From a payload without any header to its text: JSON as it was written, Avro and Protobuf as JSON.

Raises:
    InvalidAnswerError: The payload was not written with the reader's schema, or is damaged.
"""


def payload_reader(schema: MessageSchema) -> PayloadReader:
    """A reader of payloads that were written with a schema; what it reads of the schema's text, it reads once.

    Raises:
        InvalidAnswerError: The schema can't be read, or is of a type whose payloads aren't.
    """
    if schema.type == "JSON":
        return _text
    try:
        if schema.type == "Avro":
            checked = avro.parse(schema.text)
            return lambda payload: _json(avro_payload.read(payload, checked))
        if schema.type == "Protobuf":
            file = proto_text.parse(schema.text)
            return lambda payload: _json(proto_payload.read(payload, file))
    except ValueError as error:
        raise InvalidAnswerError(f"the schema can't be read: {error}", where=schema.type) from error
    raise InvalidAnswerError("payloads of this type are not read", where=schema.type)


def _json(value: object) -> str:
    return storable(json.dumps(value, ensure_ascii=False))


def _text(payload: bytes) -> str:
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise InvalidAnswerError("the payload is not UTF-8", where="JSON") from error
    if "\0" in text:
        raise InvalidAnswerError("the payload has a NUL in it", where="JSON")
    return text
