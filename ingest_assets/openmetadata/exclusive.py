"""Classifications and glossaries of which an entity can have one label only."""

from __future__ import annotations

import threading

from ingest_assets.errors import NotFoundError, PermissionDeniedError
from ingest_assets.openmetadata.client import OpenMetadataClient

ALWAYS = frozenset({"Tier"})
"""Of which every server allows one only, whoever may list classifications there."""

_COLLECTIONS = ("classifications", "glossaries")


class ExclusiveKinds:
    """Asks a server once which kinds of labels exclude each other. Safe to share among threads.

    Args:
        client: The server.
    """

    def __init__(self, client: OpenMetadataClient) -> None:
        self._client = client
        self._kinds: frozenset[str] | None = None
        self._lock = threading.Lock()

    def names(self) -> frozenset[str]:
        """Names of classifications and glossaries; two labels of one of them would refuse the whole entity (1.2).

        Raises:
            RemoteError: The server can't be asked.
        """
        with self._lock:
            if self._kinds is None:
                self._kinds = ALWAYS.union(*(self._exclusive(collection) for collection in _COLLECTIONS))
            return self._kinds

    def _exclusive(self, collection: str) -> set[str]:
        try:
            return {str(row["name"]) for row in self._client.list(collection) if row.get("mutuallyExclusive")}
        except (PermissionDeniedError, NotFoundError):
            return set()
