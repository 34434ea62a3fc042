"""Topics: streams of messages."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest_assets.catalog.entities import Entity, Label, Model, Service


class MessagingService(Service):
    """The service that holds topics."""

    type: Literal["messagingService"] = "messagingService"


class SchemaField(Model):
    """A field of a message.

    Attributes:
        name: As the schema spells it.
        data_type: OpenMetadata's word for a field's type, e.g. ``RECORD``; ``UNKNOWN`` where it has none.
        data_type_display: The type in the schema's own text.
        labels: None: not asked for; empty: there are none.
        children: Fields of a record, or of what a list, map or union holds.
    """

    name: str
    data_type: str
    data_type_display: str | None = None
    description: str | None = None
    labels: tuple[Label, ...] | None = None
    children: tuple[SchemaField, ...] = ()


class MessageSchema(Model):
    """What messages of a topic look like.

    Attributes:
        text: The schema itself.
        type: OpenMetadata's word: ``Avro``, ``Protobuf``, ``JSON``, ``Other``, ``None``.
        fields: As read from the text; empty where it can't be.
    """

    text: str
    type: str
    fields: tuple[SchemaField, ...] = ()


class Topic(Entity):
    """A topic: in Kinesis, a stream.

    Attributes:
        partitions: At least one: the server takes no other number.
        message_schema: What its messages look like; None: not known to have any schema.
        cleanup_policies: ``delete``, ``compact``.
        replication_factor: Copies of each message.
        retention_time: Milliseconds that messages are kept.
        retention_size: Bytes that are kept of each partition.
        maximum_message_size: Bytes.
        minimum_in_sync_replicas: Copies that a write waits for.
        config: What else the service tells, by its own names.
    """

    type: Literal["topic"] = "topic"
    partitions: int
    message_schema: MessageSchema | None = None
    cleanup_policies: tuple[str, ...] = ()
    replication_factor: int | None = None
    retention_time: float | None = None
    retention_size: float | None = None
    maximum_message_size: int | None = None
    minimum_in_sync_replicas: int | None = None
    config: dict[str, object] = Field(default_factory=dict)
