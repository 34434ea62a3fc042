"""The company's Atlas as state: entities, what relates them, and what users say about them.

Rows are kept apart from how a server shows them: an entity's attributes are those of its own, and every reference is a
relationship with a status of its own, as in Atlas's graph.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Protocol

from ingest_assets.errors import NotFoundError
from ingest_assets.sandbox.company.atlas_model import (
    BusinessType,
    ClassificationType,
    TypeModel,
    ValuesType,
    read_model,
)
from ingest_assets.sandbox.company.atlas_propagation import propagated

ACTIVE, DELETED = "ACTIVE", "DELETED"
OPENED = 1_714_550_400_000  # 1 May 2024, when the company's Atlas was set up; Atlas tells times in milliseconds
CLUSTER = "norrpost"
ADMIN = "admin"

Attributes = Mapping[str, Any]


@dataclass(frozen=True)
class Classification:
    """A classification that somebody put onto an entity.

    Attributes:
        type_name: Its type.
        source: Guid of the entity that it was put on.
        attributes: Its values; None where its type has none.
        propagate: Whether it goes along lineage.
        validity: Periods, as they are shown.
        remove_on_delete: Whether it leaves the others when the entity is deleted.
    """

    type_name: str
    source: str
    attributes: Attributes | None = None
    propagate: bool = True
    validity: tuple[Mapping[str, str], ...] = ()
    remove_on_delete: bool = True


@dataclass(frozen=True)
class AtlasEntity:
    """One entity; to change it, ask the state.

    Attributes:
        guid: Its id for ever; a name that is made anew gets another.
        type_name: Its type.
        attributes: Those of its own, without references.
        status: ``ACTIVE`` or ``DELETED``: Atlas deletes softly.
        created: When it was entered, in milliseconds.
        updated: When it was last changed.
        created_by: Who entered it.
        updated_by: Who changed it last.
        classifications: Put on it directly.
        labels: In the order in which they are shown.
        business: Business attributes by their set.
        custom: Attributes of no type, by name.
    """

    guid: str
    type_name: str
    attributes: Attributes
    status: str = ACTIVE
    created: int = OPENED
    updated: int = OPENED
    created_by: str = ADMIN
    updated_by: str = ADMIN
    classifications: tuple[Classification, ...] = ()
    labels: tuple[str, ...] = ()
    business: Mapping[str, Attributes] = field(default_factory=dict)
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Relationship:
    """What relates two entities.

    Attributes:
        guid: Its id.
        type_name: Its type.
        ends: Guids, in the order of the type's ends.
        status: ``ACTIVE`` or ``DELETED``.
        created: In milliseconds.
        updated: In milliseconds.
        attributes: What the type says besides.
    """

    guid: str
    type_name: str
    ends: tuple[str, str]
    status: str = ACTIVE
    created: int = OPENED
    updated: int = OPENED
    attributes: Attributes = field(default_factory=dict)


class Shelf(Protocol):
    """Entities that are made when they are asked for."""

    def find(self, guid: str) -> AtlasEntity | None:
        """One entity."""

    def named(self, type_name: str, qualified_name: str) -> AtlasEntity | None:
        """One entity of exactly this type, by its unique attribute."""

    def guids(self, type_name: str) -> Sequence[str]:
        """All entities of exactly this type, in the order of listing."""

    def relations(self, guid: str, kinds: Collection[str] | None = None) -> list[Relationship]:
        """What an entity takes part in, of some types of relationships or of all."""


class AtlasState:
    """One Atlas, safe to read and change from several threads.

    Args:
        version: Of the server that keeps it, ``2.1.0`` or ``2.4.0``: the types differ a little.
        now: Time of a change.

    Attributes:
        version: As given.
        lock: Held while several things are changed as one.
        types: The type system; define classifications and business metadata with ``define``.
        revision: Grows with each change.
    """

    def __init__(self, version: str = "2.4.0", now: Callable[[], datetime] | None = None) -> None:
        self.version = version
        self.lock = threading.RLock()
        self.types: TypeModel = read_model(version)
        self.revision = 0
        self._now = now or (lambda: datetime.now(timezone.utc))
        self._entities: dict[str, AtlasEntity] = {}
        self._by_type: dict[str, dict[str, None]] = {}
        self._by_name: dict[tuple[str, str], list[str]] = {}
        self._relations: dict[str, Relationship] = {}
        self._of_entity: dict[str, dict[str, None]] = {}
        self._shelves: list[Shelf] = []
        self._purged: set[str] = set()
        self._propagated: tuple[int, dict[str, list[Classification]]] = (-1, {})

    def define(self, *types: ClassificationType | BusinessType | ValuesType) -> None:
        """Add types that users define."""
        with self.lock:
            for one in types:
                if isinstance(one, ClassificationType):
                    self.types.classifications[one.name] = one
                elif isinstance(one, BusinessType):
                    self.types.business[one.name] = one
                else:
                    self.types.enums[one.name] = one
            self.revision += 1

    def add(self, type_name: str, attributes: Attributes, *, guid: str = "", **facts: Any) -> str:
        """Enter an entity; its guid.

        Args:
            type_name: Its type.
            attributes: Those of its own; references are made with ``relate``.
            guid: Made of the name when empty; a name that is entered again gets another one.
            facts: Other attributes of ``AtlasEntity``.
        """
        self.types.lineage(type_name)
        name = str(attributes["qualifiedName"])
        with self.lock:
            made = guid or self._new_guid(f"{type_name}/{name}")
            self._entities[made] = AtlasEntity(made, type_name, attributes, **facts)
            self._by_type.setdefault(type_name, {})[made] = None
            self._by_name.setdefault((type_name, name), []).append(made)
            self.revision += 1
        return made

    def relate(self, type_name: str, one: str, two: str, *, guid: str = "", **facts: Any) -> str:
        """Relate two entities, in the order of the type's ends; the relationship's guid."""
        if type_name not in self.types.relations:
            raise NotFoundError(f"the company's Atlas has no relationship type {type_name!r}", where="sandbox company")
        with self.lock:
            made = guid or self._new_guid(f"{type_name}/{one}/{two}")
            self._relations[made] = Relationship(made, type_name, (one, two), **facts)
            for end in (one, two):
                self._of_entity.setdefault(end, {})[made] = None
            self.revision += 1
        return made

    def shelve(self, shelf: Shelf) -> None:
        """Add entities that are made when they are asked for."""
        with self.lock:
            self._shelves.append(shelf)
            self.revision += 1

    def find(self, guid: str) -> AtlasEntity | None:
        """One entity; None when there is none."""
        found = self._entities.get(guid)
        if found is not None or not self._shelves or guid in self._purged:
            return found
        return next((entity for shelf in self._shelves if (entity := shelf.find(guid)) is not None), None)

    def get(self, guid: str) -> AtlasEntity:
        """One entity.

        Raises:
            NotFoundError: There is none.
        """
        found = self.find(guid)
        if found is None:
            raise NotFoundError(f"the company's Atlas has no entity {guid!r}", where="sandbox company")
        return found

    def named(self, type_name: str, qualified_name: str) -> AtlasEntity | None:
        """The entity of a type, or of one below it, that is not deleted and has this unique name."""
        for one in self.types.with_subtypes(type_name):
            for guid in self._by_name.get((one, qualified_name), ()):
                entity = self._entities[guid]
                if entity.status == ACTIVE and entity.attributes["qualifiedName"] == qualified_name:
                    return entity
            for shelf in self._shelves:
                found = shelf.named(one, qualified_name)
                if found is not None and self._is_as_made(found.guid):
                    return found
        return None

    def guids(self, type_names: Iterable[str]) -> list[str]:
        """All entities of exactly these types, deleted ones included."""
        with self.lock:
            found = [guid for name in type_names for guid in self._by_type.get(name, ())]
            if not self._shelves:
                return found
            changed = self._entities.keys() | self._purged
            for name in type_names:
                found += [guid for shelf in self._shelves for guid in shelf.guids(name) if guid not in changed]
        return found

    def is_active(self, guid: str) -> bool:
        """Whether an entity is not deleted; what nobody has changed is not."""
        entity = self._entities.get(guid)
        return entity is None or entity.status == ACTIVE

    def relations(self, guid: str, kinds: Collection[str] | None = None) -> list[Relationship]:
        """What an entity takes part in, deleted relationships included.

        Args:
            guid: The entity.
            kinds: Types of relationships; all when None.
        """
        found = [self._relations[one] for one in self._of_entity.get(guid, ())]
        if kinds is not None:
            found = [one for one in found if one.type_name in kinds]
        for shelf in self._shelves:
            found += [one for one in shelf.relations(guid, kinds) if one.guid not in self._relations]
        return found

    def relation(self, guid: str) -> Relationship | None:
        """One relationship, of those that are held in memory."""
        return self._relations.get(guid)

    def propagated(self, guid: str) -> list[Classification]:
        """The classifications that reach an entity along lineage."""
        with self.lock:
            revision, found = self._propagated
            if revision != self.revision:
                found = propagated(self, [one for one in self._entities.values() if one.classifications])
                self._propagated = (self.revision, found)
            return found.get(guid, [])

    def classifications(self, entity: AtlasEntity) -> list[Classification]:
        """All classifications of an entity, its own first."""
        return [*entity.classifications, *self.propagated(entity.guid)]

    def change(self, guid: str, by: str = ADMIN, **attributes: Any) -> None:
        """Replace attributes of an entity; a new ``qualifiedName`` is a rename, which keeps the guid."""
        with self.lock:
            entity = self.get(guid)
            self._put(replace(entity, attributes={**entity.attributes, **attributes}), by)

    def classify(self, guid: str, type_name: str, attributes: Attributes | None = None, **facts: Any) -> None:
        """Put a classification on an entity, or replace the one of the same type."""
        if type_name not in self.types.classifications:
            raise NotFoundError(f"the company's Atlas has no classification {type_name!r}", where="sandbox company")
        with self.lock:
            self.declassify(guid, type_name)
            entity = self.get(guid)
            added = Classification(type_name, guid, attributes, **facts)
            self._put(replace(entity, classifications=(*entity.classifications, added)))

    def declassify(self, guid: str, type_name: str) -> None:
        """Take a classification off an entity, if it has it."""
        with self.lock:
            entity = self.get(guid)
            left = tuple(one for one in entity.classifications if one.type_name != type_name)
            self._put(replace(entity, classifications=left))

    def tell(self, guid: str, **facts: Any) -> None:
        """Replace what users say about an entity: ``labels``, ``business`` or ``custom``."""
        with self.lock:
            self._put(replace(self.get(guid), **facts))

    def delete(self, guid: str) -> None:
        """Delete an entity softly, with what it owns; what it is related to stays."""
        with self.lock:
            entity = self.get(guid)
            if entity.status == DELETED:
                return
            self._put(replace(entity, status=DELETED))
            owned = []
            for one in self.relations(guid):
                at = one.ends.index(guid)
                kind = self.types.relations[one.type_name]
                if kind.category == "COMPOSITION" and kind.ends[at].container:
                    owned.append(one.ends[1 - at])
                if at == 1:  # an edge that leads away from what is deleted stays
                    self._relations[one.guid] = replace(one, status=DELETED, updated=self._moment())
                    for end in one.ends:
                        self._of_entity.setdefault(end, {})[one.guid] = None
            for child in owned:
                self.delete(child)

    def purge(self, guid: str) -> None:
        """Delete an entity for good, with what it owns deleted softly."""
        with self.lock:
            self.delete(guid)
            entity = self._entities.pop(guid)
            self._purged.add(guid)
            del self._by_type[entity.type_name][guid]
            for one in self._of_entity.pop(guid, {}):
                relation = self._relations.pop(one, None)
                for end in relation.ends if relation else ():
                    self._of_entity.get(end, {}).pop(one, None)
            for guids in self._by_name.values():
                if guid in guids:
                    guids.remove(guid)
            self.revision += 1

    def _is_as_made(self, guid: str) -> bool:
        return guid not in self._entities and guid not in self._purged

    def _put(self, entity: AtlasEntity, by: str = ADMIN) -> None:
        self._entities[entity.guid] = replace(entity, updated=self._moment(), updated_by=by)
        listed = self._by_type.setdefault(entity.type_name, {})
        listed.pop(entity.guid, None)  # what is indexed anew is listed last, as in Solr
        listed[entity.guid] = None
        guids = self._by_name.setdefault((entity.type_name, str(entity.attributes["qualifiedName"])), [])
        if entity.guid not in guids:
            guids.append(entity.guid)
        self.revision += 1

    def _moment(self) -> int:
        return int(self._now().timestamp() * 1000)

    def _new_guid(self, text: str) -> str:
        number = 0
        while True:
            made = str(uuid.uuid5(uuid.NAMESPACE_URL, f"atlas:{text}#{number}"))
            if made not in self._entities and made not in self._relations:
                return made
            number += 1
