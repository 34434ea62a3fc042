"""Payloads read with the schema that they were written with."""

from __future__ import annotations

import json

from ingest_assets.catalog import MessageSchema
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.schemas import avro, avro_payload


def read_payload(payload: bytes, schema: MessageSchema) -> str:
    """A payload as text: JSON as it was written, Avro as JSON.

    Args:
        payload: Without any header.
        schema: What it was written with.

    Raises:
        InvalidAnswerError: It was not written with this schema, is damaged, or of a type that is not read here.
    """
    if schema.type == "JSON":
        return _text(payload)
    if schema.type == "Avro":
        try:
            checked = avro.parse(schema.text)
        except ValueError as error:
            raise InvalidAnswerError(f"the schema can't be read: {error}", where="Avro") from error
        return json.dumps(avro_payload.read(payload, checked), ensure_ascii=False)
    raise InvalidAnswerError("payloads of this type are not read", where=schema.type)


def _text(payload: bytes) -> str:
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise InvalidAnswerError("the payload is not UTF-8", where="JSON") from error
    if "\0" in text:
        raise InvalidAnswerError("the payload has a NUL in it", where="JSON")
    return text
