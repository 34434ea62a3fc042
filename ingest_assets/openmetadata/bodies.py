"""Request bodies for one server: its version, its owners, and what people there have set."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any, NamedTuple

from ingest_assets.catalog import Edge, Entity, Reference
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.owners import OwnerLookup
from ingest_assets.openmetadata.plan import ServerRow

_UNMATCHED_KEPT = 200


class Body(NamedTuple):
    """What would be sent of one entity.

    Attributes:
        fqn: The FQN that the server gives it.
        fingerprint: Of all that the source says; what the server already has plays no part in it.
        json: The create request.
    """

    fqn: str
    fingerprint: str
    json: dict[str, Any]

    def beside(self, row: ServerRow | None) -> Body:
        """The body that leaves alone what people have set on the server.

        From the 1.12 line on a bot's PUT replaces a display name, also with nothing; it replaces owners on all.
        """
        if row is None:
            return self
        json = dict(self.json)
        if row.display_name:
            json["displayName"] = row.display_name
        if row.owned:
            json.pop("owners", None)
            json.pop("owner", None)
        return self._replace(json=json)


class Bodies:
    """Makes bodies, and remembers which owners it could not find.

    Args:
        capabilities: What the server understands.
        owners: Finds users and teams by name or mail.
    """

    def __init__(self, capabilities: Capabilities, owners: OwnerLookup) -> None:
        self.capabilities = capabilities
        self._owners = owners
        self._lock = threading.Lock()
        self._unmatched: Counter[str] = Counter()

    def fqn(self, reference: Reference) -> str:
        """The FQN that the server gives an entity."""
        return self.capabilities.names.fqn(reference)

    def make(self, entity: Entity) -> Body:
        """The body of an entity."""
        found, missing = self._owners.resolve(entity.owners) if entity.owners else ((), ())
        if missing:
            with self._lock:
                for name in missing:
                    if name in self._unmatched or len(self._unmatched) < _UNMATCHED_KEPT:
                        self._unmatched[name] += 1
        json = wire.body(entity, self.capabilities, found)
        return Body(self.fqn(entity.reference), wire.fingerprint(json), json)

    def edge_fingerprint(self, edge: Edge) -> str:
        """Fingerprint of an edge, over all that we send of it."""
        return wire.edge_fingerprint(edge, self.capabilities)

    def unmatched_owners(self) -> dict[str, int]:
        """Owners that the source names and the server doesn't know, and how often each was met."""
        with self._lock:
            return dict(self._unmatched)
