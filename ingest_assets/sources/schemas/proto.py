"""Protobuf schemas as fields in OpenMetadata's words.

The fields of a ``oneof`` are the message's own, as they are on the wire and in JSON. Types of files that are imported
are ``UNKNOWN``, for a registry holds one text, except for those that Protobuf itself brings along.
"""

from __future__ import annotations

from ingest_assets.catalog import SchemaField
from ingest_assets.sources.schemas import proto_text
from ingest_assets.sources.schemas.proto_text import Enum, Member, Message, ProtoFile
from ingest_assets.sources.schemas.shaping import UNKNOWN, Growth, Shape, listing

_SCALARS = {
    "bool": "BOOLEAN",
    "bytes": "BYTES",
    "double": "DOUBLE",
    "fixed32": "LONG",
    "fixed64": "LONG",
    "float": "FLOAT",
    "int32": "INT",
    "int64": "LONG",
    "sfixed32": "INT",
    "sfixed64": "LONG",
    "sint32": "INT",
    "sint64": "LONG",
    "string": "STRING",
    "uint32": "LONG",
    "uint64": "LONG",
}
_WELL_KNOWN = {
    "google.protobuf.BoolValue": "BOOLEAN",
    "google.protobuf.BytesValue": "BYTES",
    "google.protobuf.DoubleValue": "DOUBLE",
    "google.protobuf.Duration": "STRING",
    "google.protobuf.FloatValue": "FLOAT",
    "google.protobuf.Int32Value": "INT",
    "google.protobuf.Int64Value": "LONG",
    "google.protobuf.ListValue": "ARRAY",
    "google.protobuf.StringValue": "STRING",
    "google.protobuf.Struct": "MAP",
    "google.protobuf.Timestamp": "TIMESTAMPZ",
    "google.protobuf.UInt32Value": "LONG",
    "google.protobuf.UInt64Value": "LONG",
}


def fields(text: str, growth: Growth) -> tuple[SchemaField, ...]:
    """A field for each message that is not part of another; its fields are the children.

    Raises:
        ValueError: The text is no ``.proto`` file, or one without any message.
    """
    file = proto_text.parse(text)
    shaper = _Shaper(file, growth)
    shapes = [shaper.message(message, frozenset()) for message in roots(file)]
    return tuple(shape.field(shape.display) for shape in shapes)


def roots(file: ProtoFile) -> list[Message]:
    """Messages that no other message uses; the first one where all use each other."""
    used = {
        found.full_name
        for message in file.types.values()
        if isinstance(message, Message)
        for member in message.members
        if (found := file.resolve(member.type, message.full_name)) is not None and found is not message
    }
    return [message for message in file.top if message.full_name not in used] or file.top[:1]


class _Shaper:
    """Shapes of one file's types."""

    def __init__(self, file: ProtoFile, growth: Growth) -> None:
        self._file = file
        self._growth = growth

    def message(self, message: Message, within: frozenset[str]) -> Shape:
        """The shape of a message inside of some others, which are not shown again inside of themselves."""
        if message.full_name in within or not self._growth.goes_deeper(len(within)):
            return Shape("RECORD", message.name, message.comment)
        inner = within | {message.full_name}
        children = tuple(
            self._member(member, message.full_name, inner) for member in message.members if self._growth.takes_one()
        )
        return Shape("RECORD", message.name, message.comment, children)

    def _member(self, member: Member, scope: str, within: frozenset[str]) -> SchemaField:
        held = self._type(member, scope, within)
        if member.key_type is not None:
            held = Shape("MAP", f"map<{member.key_type}, {held.display}>", held.description, held.children)
        elif member.is_repeated:
            held = Shape("ARRAY", f"array<{held.display}>", held.description, held.children)
        return held.field(member.name, member.comment)

    def _type(self, member: Member, scope: str, within: frozenset[str]) -> Shape:
        if member.type in _SCALARS:
            return Shape(_SCALARS[member.type], member.type)
        found = member.group or self._file.resolve(member.type, scope)
        if isinstance(found, Enum):
            return Shape("ENUM", listing(found.values.values()), found.comment)
        if found is not None:
            return self.message(found, within)
        return Shape(_WELL_KNOWN.get(member.type.removeprefix("."), UNKNOWN), member.type)
