"""Request bodies for one server: its version and its owners."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ingest_assets.catalog import Edge, Entity, EntityKey, Reference
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.exclusive import ALWAYS, ExclusiveKinds
from ingest_assets.openmetadata.marks import holders, labels_of
from ingest_assets.openmetadata.owners import OwnerLookup

_UNMATCHED_KEPT = 200


class Body(NamedTuple):
    """What the source says of one entity, as a request.

    Attributes:
        key: Its type, and the FQN that the server gives it.
        fingerprint: Of all that the source says; what the server already has plays no part in it.
        json: The create request, before it is merged with what the server holds.
        unknown: Properties that the source could not read, and that a PUT without them would clear.
        exclusive: Classifications and glossaries of which the entity can have one label, as far as it matters here.
    """

    key: EntityKey
    fingerprint: str
    json: dict[str, Any]
    unknown: frozenset[str]
    exclusive: frozenset[str]

    @property
    def fqn(self) -> str:
        """The FQN alone."""
        return self.key.fqn


class Bodies:
    """Makes bodies, and remembers which owners it could not find.

    Args:
        capabilities: What the server understands.
        owners: Finds users and teams by name or mail.
        exclusive: Knows which labels exclude each other.
    """

    def __init__(self, capabilities: Capabilities, owners: OwnerLookup, exclusive: ExclusiveKinds) -> None:
        self.capabilities = capabilities
        self._owners = owners
        self._exclusive = exclusive
        self._lock = threading.Lock()
        self._unmatched: Counter[str] = Counter()

    def fqn(self, reference: Reference) -> str:
        """The FQN that the server gives an entity."""
        return self.capabilities.names.fqn(reference)

    def key(self, reference: Reference) -> EntityKey:
        """What ledger and plan know an entity by."""
        return self.capabilities.names.key(reference)

    def on_server(self, key: EntityKey) -> str:
        """The FQN by which the server knows an entity."""
        return self.capabilities.names.on_server(key)

    def make(self, entity: Entity) -> Body:
        """The body of an entity."""
        json = wire.body(entity, self.capabilities, self._owners_of(entity))
        unknown = wire.unknown_properties(entity, self.capabilities)
        # Where there is a sourceHash it is the fingerprint: made once, of what may be a thousand columns.
        fingerprint = json["sourceHash"] if "sourceHash" in json else wire.fingerprint(json, unknown)
        exclusive = self._exclusive.names() if any(labels_of(each.json) for each in holders(json)) else ALWAYS
        return Body(self.key(entity.reference), fingerprint, json, unknown, exclusive)

    def exclusive(self) -> frozenset[str]:
        """Classifications and glossaries of which an entity can have one label.

        Raises:
            RemoteError: The server can't be asked.
        """
        return self._exclusive.names()

    def _owners_of(self, entity: Entity) -> Sequence[Mapping[str, Any]] | None:
        return None if "owners" in entity.unknown else self.owners(entity.owners)

    def owners(self, names: Sequence[str] | None) -> Sequence[Mapping[str, Any]] | None:
        """References of owners that the server knows; None where the source doesn't say, or names strangers only.

        Raises:
            RemoteError: The server can't be asked.
        """
        if names is None:
            return None
        found, missing = self._owners.resolve(names)
        with self._lock:
            for name in missing:
                if name in self._unmatched or len(self._unmatched) < _UNMATCHED_KEPT:
                    self._unmatched[name] += 1
        return None if missing and not found else found

    def edge_fingerprint(self, edge: Edge) -> str:
        """Fingerprint of an edge, over all that we send of it."""
        return wire.edge_fingerprint(edge, self.capabilities)

    def unmatched_owners(self) -> dict[str, int]:
        """Owners that the source names and the server doesn't know, and how often each was met."""
        with self._lock:
            return dict(self._unmatched)
