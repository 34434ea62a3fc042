"""From Atlas's entities to what OpenMetadata's are enriched with. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest_assets.catalog import ColumnEnrichment, Elsewhere, Enrichment, EntityType, Word, quote
from ingest_assets.sources.atlas.shapes import AtlasEntity, Json, refs_of, without_cluster
from ingest_assets.sources.atlas.words import Worded, Wording

DESCRIBED_BY = ("userDescription", "description", "comment")
"""Attributes with a description, the one that a person wrote in Atlas first; in Hive comments are the usual ones."""

SHOWN_AS = "displayName"
SCHEMA_PATH = "name_path"
"""Where a table of a relational database says its schema."""

DATABASE = "rdbms_db"
"""The one type of databases that are what OpenMetadata calls so; others, as Hive's, are schemas there."""

_TEMPORARY = "_temp-"


@dataclass(frozen=True)
class Placing:
    """Where things of Atlas are looked for.

    Attributes:
        databases: Names of the database services.
        messaging: Names of the messaging services.
        clusters: Service that holds what is of a cluster, by its name; none: no service is of one cluster only.
    """

    databases: tuple[str, ...] = ()
    messaging: tuple[str, ...] = ()
    clusters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def named(self, kind: EntityType) -> tuple[str, ...]:
        """Names of the services that may hold things of a type."""
        return self.messaging if kind.root is EntityType.MESSAGING_SERVICE else self.databases

    def within(self, kind: EntityType, cluster: str) -> str | None:
        """FQN of the service that holds what is of a cluster; empty: any that the recipe names; None: none of them."""
        named = self.named(kind)
        if not named:
            return None
        told = [name for names in self.clusters.values() for name in names if name in named]
        if not told:
            return ""
        found = [name for name in self.clusters.get(cluster, ()) if name in named]
        return quote(found[0]) if found else None


@dataclass(frozen=True)
class Wanted:
    """What of an entity the recipe asks for.

    Attributes:
        owners: Whether its owner.
        labels: Whether tags and terms.
    """

    owners: bool = False
    labels: bool = True


@dataclass(frozen=True)
class Said:
    """An enrichment, and the words that its labels are made of."""

    enrichment: Enrichment
    words: tuple[Word, ...]


def names_of_table(table: AtlasEntity, database: str) -> tuple[str, ...]:
    """Names that lead to a table: database or schema, and its own. Its qualified name is split nowhere."""
    path = table.text(SCHEMA_PATH)
    above = [database, path] if table.type.startswith("rdbms") and path else [database]
    return (*filter(None, above), table.name)


def topic_name(topic: AtlasEntity) -> str:
    """What a topic is called in its messaging system."""
    return topic.text("topic") or topic.name


def is_temporary(table: AtlasEntity) -> bool:
    """Whether a table lives no longer than a session of Hive; its qualified name says so, its name does not."""
    return bool(table.attributes.get("temporary")) or (
        _TEMPORARY in table.qualified_name and _TEMPORARY not in table.name
    )


def database_of(table: AtlasEntity, holder: str | None, referred: Mapping[str, Json]) -> tuple[str, str]:
    """Name of the database that a table refers to, and its status; empty where it refers to none."""
    for ref in refs_of(table.attributes.get(holder or "")):
        told = referred.get(ref.guid) or {}
        name = (told.get("attributes") or {}).get("name") or without_cluster(ref.qualified_name)
        return str(name), str(told.get("status") or "")
    return "", ""


def to_table(
    target: Elsewhere, table: AtlasEntity, columns: Sequence[AtlasEntity], wording: Wording, wanted: Wanted
) -> Said:
    """What Atlas knows of a table and its columns.

    All columns are told, those of which nothing is known as well: where Atlas dropped the last tag of one, that goes.
    """
    worded = [(column, _worded(column, wording, wanted)) for column in columns]
    enriched = (
        ColumnEnrichment(path=(column.name,), description=column.text(*DESCRIBED_BY), labels=words.labels)
        for column, words in worded
    )
    return _said(target, table, wording, wanted, tuple(enriched), (words for _, each in worded for words in each.words))


def to_holder(target: Elsewhere, entity: AtlasEntity, wording: Wording, wanted: Wanted) -> Said:
    """What Atlas knows of a database, a schema or a topic."""
    return _said(target, entity, wording, wanted)


def _said(
    target: Elsewhere,
    entity: AtlasEntity,
    wording: Wording,
    wanted: Wanted,
    columns: tuple[ColumnEnrichment, ...] = (),
    words: Iterable[Word] = (),
) -> Said:
    own, owner = _worded(entity, wording, wanted), entity.text("owner")
    enrichment = Enrichment(
        target=target,
        description=entity.text(*DESCRIBED_BY),
        display_name=entity.text(SHOWN_AS),
        owners=tuple(filter(None, [owner])) if wanted.owners else None,
        labels=own.labels,
        columns=columns,
    )
    return Said(enrichment, tuple({word.reference: word for word in (*own.words, *words)}.values()))


def _worded(entity: AtlasEntity, wording: Wording, wanted: Wanted) -> Worded:
    return wording.of(entity) if wanted.labels else Worded()


def distinct(columns: Iterable[AtlasEntity]) -> Iterator[AtlasEntity]:
    """Columns, each name once."""
    met: set[str] = set()
    for column in columns:
        if column.name not in met:
            met.add(column.name)
            yield column
