"""From a schema's text to what OpenMetadata keeps of a topic's schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.catalog import MessageSchema, SchemaField
from ingest_assets.sources.schemas import avro, json_schema, proto
from ingest_assets.sources.schemas.shaping import Growth, distinct


@dataclass(frozen=True)
class SchemaReading:
    """A schema, and what of it could not be read.

    Attributes:
        schema: With its fields; without them where the text can't be read.
        reason: Why fields are missing; None when none are.
    """

    schema: MessageSchema
    reason: str | None = None


class _Kind(NamedTuple):
    word: str
    fields: Callable[[str, Growth], tuple[SchemaField, ...]]


_KINDS = {
    "AVRO": _Kind("Avro", avro.fields),
    "JSON": _Kind("JSON", json_schema.fields),
    "PROTOBUF": _Kind("Protobuf", proto.fields),
}


def read_schema(text: str, data_format: str) -> SchemaReading:
    """A schema as OpenMetadata keeps it; a text that can't be read is kept without fields.

    Args:
        text: The schema's definition.
        data_format: ``AVRO``, ``JSON`` or ``PROTOBUF``, as the Glue Schema Registry names them.
    """
    kind = _KINDS.get(data_format)
    if kind is None:
        return SchemaReading(MessageSchema(text=text, type="Other"), f"schemas of type {data_format} are not read")
    growth = Growth()
    try:
        fields = distinct(kind.fields(text, growth))
    except ValueError as error:  # pydantic's are of this class, too
        return _unread(text, kind, str(error))
    except RecursionError:
        return _unread(text, kind, "it nests too deeply")
    return SchemaReading(MessageSchema(text=text, type=kind.word, fields=fields), growth.reason)


def _unread(text: str, kind: _Kind, why: str) -> SchemaReading:
    return SchemaReading(MessageSchema(text=text, type=kind.word), f"the {kind.word} schema can't be read: {why}")
