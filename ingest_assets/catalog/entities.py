"""Entities in a form that no server version and no source owns.

Sources make them, ``openmetadata`` turns them into the bodies of the server's version. Values are the newest words of
OpenMetadata (data types, table types); the wire takes care of older servers. A facet that the source could not read is
named in ``unknown``: it is neither sent nor taken for empty.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from ingest_assets.catalog.references import EntityType, Reference


class Model(BaseModel):
    """Immutable, and strict about what it holds: a snapshot file of another format must not pass as this one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(NamedTuple):
    """A tag or glossary term on something.

    Attributes:
        fqn: Its FQN on the server, e.g. ``PII.Sensitive``.
        source: ``Classification`` or ``Glossary``.
    """

    fqn: str
    source: str = "Classification"


class Column(Model):
    """A column of a table.

    Attributes:
        name: As the source spells it.
        data_type: OpenMetadata's data type, e.g. ``VARCHAR``; ``UNKNOWN`` where it has no word for the source's.
        data_type_display: The type in the source's own text, e.g. ``array<struct<hub:string>>``.
        array_data_type: For ``ARRAY``: the data type of its items.
        data_length: Characters or bytes; required by the server for CHAR, VARCHAR, BINARY and VARBINARY.
        precision: Digits of a decimal.
        scale: Digits after the point; never without ``precision``.
        display_name: A name for people that the source has beside the name.
        labels: None: not asked for; empty: there are none.
        children: Fields of a struct, or of what a list, map or union holds.
    """

    name: str
    data_type: str
    data_type_display: str
    array_data_type: str | None = None
    data_length: int | None = None
    precision: int | None = None
    scale: int | None = None
    display_name: str | None = None
    description: str | None = None
    labels: tuple[Label, ...] | None = None
    children: tuple[Column, ...] = ()


class Entity(Model):
    """What all entities have.

    Attributes:
        path: Names from the service down to this entity, as the source spells them.
        display_name: A name for people that the source has beside the name.
        description: Markdown.
        owners: Names or mail addresses as the source gives them, to be looked up on the server; None: not asked for.
        labels: Tags and terms; None: not asked for; empty: there are none.
        source_url: Page of this entity in the source's own console.
        unknown: Names of the attributes that could not be read.
    """

    type: str
    path: tuple[str, ...]
    display_name: str | None = None
    description: str | None = None
    owners: tuple[str, ...] | None = None
    labels: tuple[Label, ...] | None = None
    source_url: str | None = None
    unknown: frozenset[str] = frozenset()

    @property
    def reference(self) -> Reference:
        """What others call this entity by."""
        return Reference(EntityType(self.type), self.path)


class Service(Entity):
    """What connects OpenMetadata to a system, and holds all that comes from it.

    Attributes:
        service_type: OpenMetadata's word for it, e.g. ``Glue``.
        connection: Its connection without any secret; sent only where the server insists on one (before 1.2).
    """

    service_type: str
    connection: dict[str, object] = Field(default_factory=dict)
