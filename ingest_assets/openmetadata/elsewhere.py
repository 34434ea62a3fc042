"""Finding on the server what a source names in services of other recipes: exactly, or not at all.

The server is asked for full FQNs only. Its search would answer with what is similar, and one wrong edge costs more
trust than ten that are missing: several that fit are told, and none of them is taken. Containers are also found by
where they lie, see ``locations``.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest_assets.catalog import Elsewhere, EntityKey, EntityType, Reference, key_of, path_of, quote
from ingest_assets.errors import NotFoundError
from ingest_assets.openmetadata.arns import is_called, stream_name
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.locations import Locations, is_address, location_of
from ingest_assets.openmetadata.marks import holders
from ingest_assets.openmetadata.pages import is_page, page_name
from ingest_assets.openmetadata.service_places import ServicePlaces
from ingest_assets.snapshots.neighbours import NeighbourRows
from ingest_assets.wording import first_of

_DEPTHS = {EntityType.TABLE: 4, EntityType.SCHEMA: 3, EntityType.DATABASE: 2}
_BELOW_DATABASES = frozenset({EntityType.TABLE, EntityType.SCHEMA})
_DEPTH = 2  # of what lies right below its service
_WITH_COLUMNS = {EntityType.TABLE: "columns", EntityType.CONTAINER: "dataModel"}
_NO_PLACE = "too few names, another place, or nothing there yet"
_SHOWN = 5
_KEPT = 10_000  # in memory

_CATALOG_ID = re.compile(r"\d{12}")

_SPELT: Mapping[EntityType, Callable[[str], str]] = {EntityType.TOPIC: stream_name, EntityType.DASHBOARD: page_name}
"""What is named by something else than its name: a topic by its stream's ARN, a dashboard by its page."""
_WHICH = {
    EntityType.TOPIC: " with that ARN as its streamARN",
    EntityType.DASHBOARD: " with that page as its sourceUrl",
}

_FOLDS_UP = frozenset({"snowflake", "oracle", "db2", "saphana", "exasol"})
_KEEPS_CASE = frozenset({"bigquery", "mysql", "mariadb", "clickhouse", "mongodb"})

Path = tuple[str, ...]
Json = dict[str, Any]


class Found(NamedTuple):
    """What an entity elsewhere is on the server.

    Attributes:
        reference: Spelled as the server does.
        key: What plan and ledger know it by.
        id: Its id.
        columns: The paths of its columns and fields, as the server spells them; empty where its type has none.
    """

    reference: Reference
    key: EntityKey
    id: str
    columns: tuple[Path, ...]

    def names(self) -> list[str]:
        """Names of its columns, without what lies in them."""
        return [path[0] for path in self.columns if len(path) == 1]

    def column(self, path: Path) -> Path | None:
        """A column's path as the server spells it: the very same, or the only one that differs by case."""
        if path in self.columns:
            return path
        lowered = tuple(part.lower() for part in path)
        same = [each for each in self.columns if tuple(part.lower() for part in each) == lowered]
        return same[0] if len(same) == 1 else None


class Missing(NamedTuple):
    """Why it can't be told what an entity elsewhere is.

    Attributes:
        certain: Whether the server was asked: if it could not be, the entity may be any.
        several: Whether it may be one of several that are there.
    """

    reason: str
    certain: bool = True
    several: bool = False

    @property
    def is_absent(self) -> bool:
        """Whether the server is known not to have it."""
        return self.certain and not self.several


@dataclass
class Neighbours:
    """Other services of a server. Safe to share among threads; what was found once is not asked for again.

    Attributes:
        client: The server.
        capabilities: What it understands.
        services: FQNs of services, or of a database or schema in one, as the recipe gives them, by the type of the
            service; of a type without any: any service.
        memory: What earlier runs have found; None: nothing.
    """

    client: OpenMetadataClient
    capabilities: Capabilities
    services: Mapping[EntityType, Sequence[str]] = field(default_factory=dict)
    memory: NeighbourRows | None = None
    _found: dict[Elsewhere, Found | Missing] = field(default_factory=dict, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    def __post_init__(self) -> None:
        """Know the places of containers; they are listed once somebody asks for one."""
        named = self.services.get(EntityType.STORAGE_SERVICE, ())
        self._locations = Locations(self.client, self.capabilities, named)
        self._places = ServicePlaces(self.client, self.capabilities, self.services)

    def find(self, wanted: Elsewhere) -> Found | Missing:
        """What an entity elsewhere is on the server.

        Raises:
            RemoteError: The server can't be asked.
        """
        with self._lock:
            known = self._found.get(wanted)
        if known is None:
            known = self._remembered(wanted)
            if known is None:
                known = self._holder(wanted) if _is_place(wanted) else self._named(wanted)
            self._remember(wanted, known)
        return known

    def forget(self, wanted: Elsewhere) -> None:
        """Forget what an entity elsewhere was: it is no longer there under that name."""
        with self._lock:
            known = self._found.pop(wanted, None)
        if self.memory:
            self.memory.drop(self._remembered_as(wanted))
            if isinstance(known, Found):
                self.memory.drop(self._remembered_as(known.key))

    def _remembered(self, wanted: Elsewhere | EntityKey) -> Found | None:
        text = self.memory.get(self._remembered_as(wanted)) if self.memory else None
        if text is None:
            return None
        kind, fqn, entity_id, columns = json.loads(text)
        key = EntityKey(EntityType(kind), fqn)
        return Found(Reference(key.type, path_of(key)), key, entity_id, tuple(map(tuple, columns)))

    def _remembered_as(self, wanted: Elsewhere | EntityKey) -> str:
        """With the services that the recipe names now: of other ones something else may have been found."""
        if isinstance(wanted, EntityKey):
            return json.dumps([*self.services.get(wanted.type.root, ()), str(wanted)])
        place = location_of("/".join(wanted.names)) if _is_place(wanted) else None
        if place is not None:
            wanted = wanted.model_copy(update={"names": place.written})
        return json.dumps([*self.services.get(wanted.type.root, ()), wanted.model_dump_json()])

    def _remember(self, wanted: Elsewhere, known: Found | Missing) -> None:
        with self._lock:
            while len(self._found) >= _KEPT:
                del self._found[next(iter(self._found))]
            self._found[wanted] = known

    def _note(self, wanted: Elsewhere | EntityKey, known: Found | Missing) -> None:
        if self.memory and isinstance(known, Found):
            told = json.dumps([known.key.type, known.key.fqn, known.id, known.columns])
            self.memory.note(self._remembered_as(wanted), told, known.key, known.id)

    def _holder(self, wanted: Elsewhere) -> Found | Missing:
        """The container that holds a place.

        Only that of the very same place is remembered by it: above any other a closer one may be made any day. What
        each container is, is remembered in any case.
        """
        held = self._locations.holding(wanted.names)
        if held.bucket is not None:
            return Missing(f"no container holds it but the whole bucket, {held.bucket.fqn}")
        if held.absent:
            return Missing(f"the server has no storage service {', '.join(map(quote, held.absent))} yet")
        if not held.holders:
            return Missing("the server has no container for it, nor for anything above")
        if len(held.holders) > 1:
            return Missing(
                f"several fit, and none is guessed: {_told(each.key.fqn for each in held.holders)}", several=True
            )
        (holder,) = held.holders
        known = self._remembered(holder.key)
        if known is None:
            known = self._ask(Reference(holder.key.type, path_of(holder.key)))
            if known is None:
                return Missing(f"{holder.key.fqn} was listed and is gone")
            self._note(holder.key, known)
        place = location_of("/".join(wanted.names))
        if place is not None and holder.written == place.as_written:
            self._note(wanted, known)
        return known

    def _named(self, wanted: Elsewhere) -> Found | Missing:
        known = self._find(wanted)
        self._note(wanted, known)
        return known

    def _find(self, wanted: Elsewhere) -> Found | Missing:
        prefixes = self._places.of(wanted)
        if not prefixes:
            if named := self.services.get(wanted.type.root):
                return Missing(f"none of the services that the recipe names ({_told(named)}) is of {wanted.system}")
            return Missing(f"the server has no service that may hold {wanted}")
        paths = list(dict.fromkeys(path for prefix in prefixes for path in self._paths(prefix, wanted)))
        if not paths:
            named = ", ".join(".".join(prefix) for prefix in prefixes[:_SHOWN])
            absent = ", ".join(quote(name) for name in self._places.absent(wanted.type.root, prefixes))
            why = f"the server has no service {absent} yet" if absent else _NO_PLACE
            return Missing(f"no place for {wanted} in {named}: {why}")
        found = [match for path in paths if (match := self._in_any_case(wanted, path)) is not None]
        found = list({match.key: match for match in found}.values())
        if len(found) == 1:
            return found[0]
        if found:
            return Missing(f"several fit, and none is guessed: {_told(match.key.fqn for match in found)}", several=True)
        tried = _told(self.capabilities.names.fqn(Reference(wanted.type, path)) for path in paths)
        which = "" if _called_by(wanted) == wanted.names else _WHICH[wanted.type]
        return Missing(f"not on the server; asked for {tried}{which}")

    def _in_any_case(self, wanted: Elsewhere, path: Path) -> Found | None:
        """The entity of a path, else of the same path as its system writes names that are not quoted."""
        fold = str.upper if wanted.system in _FOLDS_UP else str.lower
        known = len(path) - len(wanted.names)
        folded = (*path[:known], *map(fold, _called_by(wanted))) if wanted.system not in _KEEPS_CASE else path
        for each in dict.fromkeys((path, folded)):
            if (match := self._ask(Reference(wanted.type, each), wanted.names[-1])) is not None:
                return match
        return None

    def _ask(self, reference: Reference, called: str = "") -> Found | None:
        key = self.capabilities.names.key(reference)
        fields = {"fields": _WITH_COLUMNS[key.type]} if key.type in _WITH_COLUMNS else None
        try:
            stored = self.client.get_by_name(collection_of(key.type), self.capabilities.names.on_server(key), fields)
        except NotFoundError:
            return None
        if not (is_called(stored, called) and is_page(stored, called)):
            return None
        key = key_of(key.type, str(stored["fullyQualifiedName"]), str(stored["service"]["name"]))
        found = Reference(key.type, path_of(key))
        columns = tuple(holder.spelled for holder in holders(stored) if holder.names)
        return Found(found, key, str(stored["id"]), columns) if self.capabilities.names.key(found) == key else None

    def _called_otherwise(self, prefix: Path, names: Path) -> Iterator[Path]:
        """Paths of what lies in a catalog of Glue by its id, where a recipe calls that otherwise (``databaseName``)."""
        databases = self._places.databases_of(prefix[0])
        if names[0] not in databases:
            others = (each for each in databases if not _CATALOG_ID.fullmatch(each))
            yield from ((*prefix, database, *names[1:]) for database in others)

    def _paths(self, prefix: Path, wanted: Elsewhere) -> Iterator[Path]:
        """Full paths that a prefix of the recipe and the names of the source come to."""
        names = _called_by(wanted)
        depth = _DEPTHS.get(wanted.type, max(_DEPTH, 1 + len(names)))
        overlap = len(prefix) + len(names) - depth
        if overlap >= 0:
            both = zip(prefix[len(prefix) - overlap :], names[:overlap], strict=True)
            if overlap < len(prefix) and all(a.lower() == b.lower() for a, b in both):
                yield (*prefix, *names[overlap:])
            if overlap == 0 and wanted.type in _BELOW_DATABASES and _CATALOG_ID.fullmatch(names[0]):
                yield from self._called_otherwise(prefix, names)
        elif overlap == -1 and len(prefix) == 1 and wanted.type in _BELOW_DATABASES:
            # The one part that sources often leave out is the database: each of the service may be meant.
            yield from ((*prefix, database, *names) for database in self._places.databases_of(prefix[0]))


def _called_by(wanted: Elsewhere) -> Path:
    """The names that something has on the server."""
    name = _SPELT[wanted.type](wanted.names[-1]) if wanted.type in _SPELT else wanted.names[-1]
    return (*wanted.names[:-1], name)


def _is_place(wanted: Elsewhere) -> bool:
    """Whether something is called by where it lies."""
    return wanted.type is EntityType.CONTAINER and is_address(wanted.names[0])


def _told(fqns: Iterable[str]) -> str:
    return first_of(sorted(set(fqns)), _SHOWN)


def places(names: Iterable[str], prefixes: Iterable[str]) -> tuple[str, ...]:
    """Where lineage may begin or end, as FQNs.

    Args:
        names: Names of services (``dbServiceNames``); a dot in one is part of it.
        prefixes: Names of services, each perhaps with a database and a schema (``dbServicePrefixes``).
    """
    return tuple(dict.fromkeys([*map(quote, names), *prefixes]))
