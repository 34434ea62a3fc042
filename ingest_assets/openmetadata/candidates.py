"""What a table may be that is nowhere under its name: tables of the same name in other schemas, for people to judge.

None of them is ever taken. They are asked for by their FQNs in one search, so that neither the engine's notion of what
is similar nor its window plays a part; where there is no engine, or it fails, by name where the schemas are few.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence

from ingest_assets.catalog import Elsewhere, EntityType, Reference, split_fqn
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import layout_of
from ingest_assets.wording import first_of

_PATH = "/v1/search/query"
_MOST_ASKED = 20
"""Tables in a run of which candidates are looked for: as many as a report's reader looks at."""

_MOST_SCHEMAS = 500
_AT_ONCE = 60
"""FQNs in one search: with them a URL stays below the 8 KiB that servers take with all headers."""

_MOST_BY_NAME = 20
_SHOWN = 3


class Candidates:
    """Looks for candidates. Safe to share among threads.

    Args:
        client: The server.
        capabilities: What it understands.
        services: FQNs of the database services that the recipe names, or of databases or schemas in them.
    """

    def __init__(self, client: OpenMetadataClient, capabilities: Capabilities, services: Sequence[str]) -> None:
        self._client = client
        self._capabilities = capabilities
        self._services = tuple(dict.fromkeys(split_fqn(service)[0] for service in services))
        self._lock = threading.Lock()
        self._asked = 0
        self._schemas: list[tuple[str, ...]] | None = None
        self._is_searched = True

    def told(self, wanted: Elsewhere) -> str:
        """The end of a sentence that names what a table may be; empty where nothing is known."""
        with self._lock:
            if wanted.type is not EntityType.TABLE or not self._services or self._asked >= _MOST_ASKED:
                return ""
            self._asked += 1
            try:
                found = sorted(self._find(wanted.names[-1]))
            except AuthenticationError:
                raise
            except RemoteError:
                # It is a hint: that it can't be had fails nothing.
                self._asked = _MOST_ASKED
                return ""
        return f"; of that name there are {first_of(found, _SHOWN)}" if found else ""

    def _find(self, name: str) -> Iterator[str]:
        if self._schemas is None:
            self._schemas = list(self._list())
        fqns = [self._capabilities.names.fqn(Reference(EntityType.TABLE, (*path, name))) for path in self._schemas]
        if self._is_searched:
            found = self._searched(fqns)
            if found is not None:
                yield from found
                return
            self._is_searched = False
        if len(fqns) <= _MOST_BY_NAME:
            yield from (fqn for fqn in fqns if self._is_there(fqn))

    def _searched(self, fqns: Sequence[str]) -> list[str] | None:
        """Those that are there, by the search engine; None where there is none, or it fails."""
        found: list[str] = []
        try:
            for start in range(0, len(fqns), _AT_ONCE):
                found += self._there(fqns[start : start + _AT_ONCE])
        except AuthenticationError:
            raise
        except RemoteError:
            return None
        return found

    def _list(self) -> Iterator[tuple[str, ...]]:
        layout, names = layout_of(EntityType.SCHEMA), self._capabilities.names
        for service in self._services:
            databases = self._client.list("databases", {"service": names.fqn(_service(service))})
            for database in [str(row["name"]) for row in databases]:
                above = names.fqn(Reference(EntityType.DATABASE, (service, database)))
                for count, row in enumerate(self._client.list(layout.collection, {layout.filter: above})):
                    if count >= _MOST_SCHEMAS:
                        break
                    yield service, database, str(row["name"])

    def _is_there(self, fqn: str) -> bool:
        try:
            return bool(self._client.get_by_name("tables", fqn))
        except NotFoundError:
            return False

    def _there(self, fqns: Sequence[str]) -> list[str]:
        query = {"query": {"terms": {"fullyQualifiedName": [fqn.lower() for fqn in fqns]}}}
        params = {
            "q": "*",
            "index": "table_search_index",
            "size": str(len(fqns)),
            "deleted": "false",
            "query_filter": json.dumps(query, separators=(",", ":")),
            "include_source_fields": ("fullyQualifiedName",),
        }
        answer = self._client.get(_PATH, params)
        hits = (answer.get("hits") or {}).get("hits") or []
        found = [str((hit.get("_source") or {}).get("fullyQualifiedName")) for hit in hits]
        # A filter that a server can't read is left out without a word.
        asked = {fqn.lower() for fqn in fqns}
        return [fqn for fqn in found if fqn.lower() in asked]


def _service(name: str) -> Reference:
    return Reference(EntityType.DATABASE_SERVICE, (name,))
