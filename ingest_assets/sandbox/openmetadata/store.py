"""The entities of a server: by id, by FQN, by parent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Pointer:
    """Type and id of another entity."""

    type: str
    id: str


@dataclass(frozen=True)
class State:
    """One version of an entity; nothing in it is ever changed in place.

    Attributes:
        version: 0.1 and upwards.
        body: Stored properties, columns and labels included.
        pointers: Property to the entities it refers to, e.g. ``owners``.
        updated_at: Milliseconds since the epoch.
        updated_by: Name of the user.
        deleted: Whether it is soft-deleted.
        change: The change description of this version, or ``None`` for a first version.
    """

    version: float
    body: Mapping[str, Any]
    pointers: Mapping[str, tuple[Pointer, ...]]
    updated_at: int
    updated_by: str
    deleted: bool = False
    change: Mapping[str, Any] | None = None


@dataclass
class Entity:
    """An entity, its present state, and the versions before it (oldest first)."""

    id: str
    type: str
    name: str
    fqn: str
    parents: Mapping[str, Pointer]
    state: State
    history: list[State] = field(default_factory=list)

    @property
    def container(self) -> Pointer | None:
        """The entity that contains this one: it is deleted and restored with it."""
        return next(iter(self.parents.values()), None)


class Store:
    """All entities; callers hold the application's lock."""

    def __init__(self) -> None:
        self._by_id: dict[str, Entity] = {}
        self._by_fqn: dict[str, dict[str, Entity]] = defaultdict(dict)
        self._children: dict[str, dict[str, None]] = defaultdict(dict)
        self._referring: dict[str, dict[str, None]] = defaultdict(dict)
        self.generation: Counter[str] = Counter()

    def by_id(self, entity_type: str, entity_id: str) -> Entity | None:
        """An entity of this type, soft-deleted or not."""
        entity = self._by_id.get(entity_id)
        return entity if entity is not None and entity.type == entity_type else None

    def by_fqn(self, entity_type: str, fqn: str) -> Entity | None:
        """An entity of this type, soft-deleted or not."""
        return self._by_fqn[entity_type].get(fqn)

    def at(self, pointer: Pointer) -> Entity:
        """What a stored pointer points at; pointers to what is removed are removed with it."""
        return self._by_id[pointer.id]

    def find(self, pointer: Pointer) -> Entity | None:
        """What a pointer points at, if it is still there."""
        return self.by_id(pointer.type, pointer.id)

    def of_type(self, entity_type: str) -> Iterator[Entity]:
        """All entities of a type, in no order."""
        return iter(self._by_fqn[entity_type].values())

    def all(self) -> Iterator[Entity]:
        """All entities, in no order."""
        return iter(self._by_id.values())

    def children(self, entity: Entity) -> list[Entity]:
        """What an entity contains, one level down."""
        return [self._by_id[child] for child in self._children.get(entity.id, ())]

    def referring(self, entity: Entity, entity_type: str, name: str) -> list[Entity]:
        """The entities of a type whose property of this name points at an entity, by name."""
        own = Pointer(entity.type, entity.id)
        found = [self._by_id[other] for other in self._referring.get(entity.id, ())]
        held = [one for one in found if one.type == entity_type and own in one.state.pointers.get(name, ())]
        return sorted(held, key=lambda one: one.name)

    def ancestors(self, entity: Entity) -> Iterator[tuple[str, Entity]]:
        """The entity's parents by property, then those of its container, and so on up.

        Those that were deleted for good are left out: change events outlive what they tell of.
        """
        for name, pointer in entity.parents.items():
            parent = self.find(pointer)
            if parent:
                yield name, parent
        container = self.find(entity.container) if entity.container else None
        if container:
            yield from self.ancestors(container)

    def add(self, entity: Entity) -> None:
        """Keep a new entity."""
        self._by_id[entity.id] = entity
        self._by_fqn[entity.type][entity.fqn] = entity
        if entity.container:
            self._children[entity.container.id][entity.id] = None
        self._refer(entity)
        self.generation[entity.type] += 1

    def replace(self, entity: Entity, state: State, *, keep: bool) -> None:
        """Give an entity its next state; ``keep`` puts the present one into its history."""
        if keep:
            entity.history.append(entity.state)
        self._unrefer(entity)
        entity.state = state
        self._refer(entity)
        self.generation[entity.type] += 1

    def remove(self, entity: Entity) -> None:
        """Forget an entity; its children must be gone already."""
        del self._by_id[entity.id]
        del self._by_fqn[entity.type][entity.fqn]
        if entity.container:
            self._children[entity.container.id].pop(entity.id, None)
        self._children.pop(entity.id, None)
        self._unrefer(entity)
        self._referring.pop(entity.id, None)
        self.generation[entity.type] += 1

    def _refer(self, entity: Entity) -> None:
        for pointer in _pointers(entity):
            self._referring[pointer.id][entity.id] = None

    def _unrefer(self, entity: Entity) -> None:
        for pointer in _pointers(entity):
            self._referring[pointer.id].pop(entity.id, None)


def _pointers(entity: Entity) -> Iterator[Pointer]:
    for pointers in entity.state.pointers.values():
        yield from pointers
