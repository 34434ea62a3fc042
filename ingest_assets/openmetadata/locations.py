"""Which container on the server holds a location in S3: the one with the longest path that is the same or above it.

Addresses are compared part by part, so that ``s3://lake/orders2`` is not below ``s3://lake/orders``. A bucket holds too
much to say anything: an edge from it to each of a thousand tables is noise. It counts only where it is named itself.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote as percent_encoded
from urllib.parse import unquote

from ingest_assets.catalog import EntityKey, EntityType, key_of, may_be_altered, path_of, split_fqn
from ingest_assets.errors import InvalidAnswerError, RejectedError, RemoteError
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of, layout_of

_ADDRESS = re.compile(r"s3[an]?://(?=[^/])", re.IGNORECASE)
_SERVICE_TYPE = "S3"
_MOST = 200_000
"""Containers that are kept in memory, some 65 MB of them."""

Json = dict[str, Any]


class Location(NamedTuple):
    """A place in S3.

    Attributes:
        written: Bucket and what lies in it, part by part, as written.
    """

    written: tuple[str, ...]

    @property
    def plain(self) -> tuple[str, ...]:
        """Without percent-encoding: Spark writes a location as a URI, the console as it is."""
        return tuple(unquote(part, errors="surrogateescape") for part in self.written)

    @property
    def is_bucket(self) -> bool:
        """Whether it is a bucket as a whole."""
        return len(self.written) == 1

    @property
    def address(self) -> str:
        """One spelling for all that mean the same."""
        return "s3://" + "/".join(percent_encoded(part, safe="", errors="surrogatepass") for part in self.plain)

    @property
    def as_written(self) -> str:
        """The address without what means nothing: scheme, slashes at the end and doubled ones."""
        return "s3://" + "/".join(self.written)

    def above(self) -> Iterator[Location]:
        """The place itself and all above it, the bucket last."""
        return (Location(self.written[:depth]) for depth in range(len(self.written), 0, -1))


class Holder(NamedTuple):
    """A container that holds a location; as little of it as there may be many.

    Attributes:
        fqn: What plan and ledger know it by.
        written: Its address.
    """

    fqn: str
    written: str

    @property
    def key(self) -> EntityKey:
        """What plan and ledger know it by."""
        return EntityKey(EntityType.CONTAINER, self.fqn)


class Held(NamedTuple):
    """What the server has for a location.

    Attributes:
        holders: The containers with the longest path; more than one where several claim the very same place.
        bucket: A bucket that was passed over, as it is not named itself.
        absent: Services that the recipe names and the server does not have yet; no other is looked through for them.
    """

    holders: tuple[Holder, ...]
    bucket: EntityKey | None = None
    absent: tuple[str, ...] = ()


def is_address(name: str) -> bool:
    """Whether a name is the address of a place in S3."""
    return _ADDRESS.match(name) is not None


def location_of(address: str) -> Location | None:
    """The place that an address names; None if it is no address in S3.

    ``s3a`` and ``s3n`` are Hadoop's words for ``s3``. Slashes at the end and doubled ones mean nothing to those who
    read tables. Case does.
    """
    match = _ADDRESS.match(address)
    return Location(_parts(address[match.end() :])) if match else None


def may_hold(address: str, key: EntityKey) -> bool:
    """Whether a container may be the one that an address was found in: by its names, which are the path in S3."""
    location, names = location_of(address), path_of(key)[1:]
    if location is None or key.type is not EntityType.CONTAINER:
        return False
    parts = tuple(part for name in names for part in _parts(name))
    return any(map(may_be_altered, names)) or parts in (
        location.plain[: len(parts)],
        location.written[: len(parts)],
    )


@dataclass
class Locations:
    """The containers of a server by their place in S3. Safe to share among threads.

    They are listed once, as soon as somebody asks: one call for the services and one for each thousand containers.

    Attributes:
        client: The server.
        capabilities: What it understands.
        services: FQNs of storage services, or of containers in them, as the recipe gives them; empty: all of S3.
        most: How many containers are kept in memory.
    """

    client: OpenMetadataClient
    capabilities: Capabilities
    services: Sequence[str] = ()
    most: int = _MOST
    _held: dict[str, tuple[Holder, ...]] | None = field(default=None, init=False)
    _error: RemoteError | None = field(default=None, init=False)
    _absent: tuple[str, ...] = field(default=(), init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    def holding(self, names: Sequence[str]) -> Held:
        """The containers that hold a location.

        Args:
            names: Its address; or that of its bucket, which then is named itself, and its path in the bucket.

        Raises:
            RemoteError: The containers can't be listed; they are not asked for again in this run.
        """
        location = location_of("/".join(names))
        if location is None:
            return Held(())
        named = location_of(names[0])
        bucket_counts = location.is_bucket or (len(names) > 1 and named is not None and named.is_bucket)
        held = self._all()
        for place in location.above():
            holders = held.get(place.address, ())
            if holders and place.is_bucket and not bucket_counts:
                return Held((), holders[0].key)
            if holders:
                same = tuple(each for each in holders if each.written == place.as_written)
                return Held(same or holders)
        return Held((), absent=self._absent)

    def _all(self) -> dict[str, tuple[Holder, ...]]:
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._held is None:
                try:
                    self._held = self._listed()
                except RemoteError as error:
                    self._error = error
                    raise
            return self._held

    def _listed(self) -> dict[str, tuple[Holder, ...]]:
        held: dict[str, tuple[Holder, ...]] = {}
        for number, (key, location) in enumerate(self._containers(), start=1):
            if number > self.most:
                raise RejectedError(
                    f"there are more than {self.most:,} containers in S3 services, too many to look through.",
                    where="the server's containers",
                    advice="Name the storage service in the recipe, among those that lineage may lead to.",
                )
            address, written = location.address, location.as_written
            holder = Holder(key.fqn, address if address == written else written)
            known = held.get(address, ())
            held[address] = known if holder in known else (*known, holder)
        return held

    def _containers(self) -> Iterator[tuple[EntityKey, Location]]:
        for service, below in self._services():
            layout, names = layout_of(EntityType.CONTAINER), self.capabilities.names
            begins = names.on_server(EntityKey(EntityType.CONTAINER, f"{service.fqn}.x")).removesuffix(".x")
            for row in self.client.list(layout.collection, {layout.filter: begins}):
                found = self._placed(row, names.on_server(service))
                if found is not None and _is_below(path_of(found[0]), below):
                    yield found

    def _services(self) -> Iterator[tuple[EntityKey, list[tuple[str, ...]]]]:
        """Services to look through, with what the recipe says of the place there."""
        storage = {_text(row, "name"): row for row in self.client.list(collection_of(EntityType.STORAGE_SERVICE))}
        named = [split_fqn(text) for text in self.services]
        wanted = {path[0] for path in named if path[0] in storage}
        if not wanted:
            self._absent = tuple(dict.fromkeys(path[0] for path in named))
        for name, row in storage.items():
            anyone = not wanted and not self._absent and _text(row, "serviceType") == _SERVICE_TYPE
            if anyone or name in wanted:
                key = key_of(EntityType.STORAGE_SERVICE, _text(row, "fullyQualifiedName"), name)
                yield key, [path for path in named if path[0] == name]

    def _placed(self, row: Json, service: str) -> tuple[EntityKey, Location] | None:
        """A container by its place; None where it is in another service, in no S3, or its place can't be told."""
        try:
            above, fqn = row["service"], str(row["fullyQualifiedName"])
            if str(above["fullyQualifiedName"]) != service:
                return None
            key = key_of(EntityType.CONTAINER, fqn, str(above["name"]))
        except (KeyError, TypeError) as error:
            raise _lacks(str(error)) from error
        if address := row.get("fullPath"):
            location = location_of(str(address))
        else:
            location = _by_names(path_of(key)[1:], row.get("prefix"))
        return (key, location) if location is not None else None


def _by_names(names: Sequence[str], prefix: str | None) -> Location | None:
    """The place of a container that has no address: before 1.4, or made by hand.

    A prefix is the path in the bucket, or only in the container above, as people write it; without one the name is.
    """
    bucket, *inner = names
    parents = [part for name in inner[:-1] for part in _parts(name)]
    own = list(_parts(prefix or ""))
    if own and own[: len(parents)] != parents:
        own = [*parents, *own]
    elif not own:
        own = [part for name in inner for part in _parts(name)]
    told = [bucket, *(inner[:-1] if prefix else inner)]
    return None if any(map(may_be_altered, told)) else Location((bucket, *own))


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def _is_below(path: tuple[str, ...], prefixes: Iterable[tuple[str, ...]]) -> bool:
    """Whether a container is one of those that the recipe means; all are where it says nothing."""
    wanted = list(prefixes)
    return not wanted or any(path[: len(prefix)] == prefix for prefix in wanted)


def _text(row: Json, key: str) -> str:
    try:
        return str(row[key])
    except KeyError as error:
        raise _lacks(key) from error


def _lacks(key: str) -> InvalidAnswerError:
    return InvalidAnswerError(f"an entity of the answer lacks {key}.", where="the server's listing of containers")
