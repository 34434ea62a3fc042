"""Properties that a server turned out not to know: the net below the table of versions.

A patch release may lack what later ones of its minor have. Such a server refuses the whole entity, naming the property;
the property is then left out for the rest of the run, which costs less than the entity.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

from ingest_assets.errors import RejectedError

_UNKNOWN_PROPERTY = re.compile(r'Unrecognized field "([^"]+)" \(class [\w.$]*\.Create\w+\)')

Json = dict[str, Any]


class RefusedProperties:
    """What one server refused, by collection. Safe to share among threads."""

    def __init__(self) -> None:
        self._refused: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def fitted(self, collection: str, bodies: Sequence[Json]) -> list[Json]:
        """The bodies without what this server refused before."""
        refused = self._refused.get(collection)
        if not refused:
            return list(bodies)
        return [{key: value for key, value in body.items() if key not in refused} for body in bodies]

    def learn(self, collection: str, error: RejectedError, sent: Sequence[Json]) -> bool:
        """Whether the error names a property of what was sent, so that it may be sent again without."""
        found = _UNKNOWN_PROPERTY.search(error.what)
        if not found or not any(found[1] in body for body in sent):
            return False
        with self._lock:
            self._refused[collection] = self._refused.get(collection, frozenset()) | {found[1]}
        return True

    def notes(self) -> list[str]:
        """What was left out, for people."""
        return [
            f"This server does not know {', '.join(sorted(names))} of {collection}; left out."
            for collection, names in sorted(self._refused.items())
        ]
