"""Services of a server in which something of another recipe may lie."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest_assets.catalog import Elsewhere, EntityType, Reference, split_fqn
from ingest_assets.errors import NotFoundError
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of, layout_of

_SERVICE_TYPES = {
    "athena": {"Athena", "Glue"},
    "glue": {"Glue", "Athena"},
    "s3": {"S3"},
    "kinesis": {"Kinesis"},
    "mssql": {"Mssql", "AzureSQL"},
    "databricks": {"Databricks", "UnityCatalog"},
    "spark": {"DeltaLake", "Glue", "Hive", "Iceberg", "UnityCatalog"},
}
"""Types of the services that may hold what lies in a system, where that is not the one of the system's own name."""

_READS_ANY = frozenset({"databricks", "hive", "impala", "presto", "spark", "trino"})
"""Engines that run on catalogs of others: which service holds their tables, only the recipe can know."""

_CUSTOM = "Custom"

Path = tuple[str, ...]


@dataclass
class ServicePlaces:
    """Where something may lie. Safe to share among threads; a service is asked about once.

    Attributes:
        client: The server.
        capabilities: What it understands.
        named: FQNs of services, or of a database or schema in one, as the recipe gives them, by the type of the
            service; of a type without any: any service.
    """

    client: OpenMetadataClient
    capabilities: Capabilities
    named: Mapping[EntityType, Sequence[str]]
    _prefixes: dict[tuple[EntityType, str | None], tuple[Path, ...]] = field(default_factory=dict, init=False)
    _types: dict[Reference, str | None] = field(default_factory=dict, init=False)
    _databases: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    def of(self, wanted: Elsewhere) -> tuple[Path, ...]:
        """Services in which something may lie, with what the recipe says of its place there.

        Of the services that the recipe names, those of another system hold none of it: a table of Redshift is not the
        one of the same name in Glue.
        """
        if wanted.within:
            return (split_fqn(wanted.within),)
        root, system = wanted.type.root, wanted.system
        with self._lock:
            if (root, system) not in self._prefixes:
                named = [split_fqn(text) for text in self.named.get(root, ())]
                holding = (each for each in named if self._may_hold(Reference(root, each[:1]), system))
                self._prefixes[root, system] = tuple(holding if named else self._all(root, system))
            return self._prefixes[root, system]

    def absent(self, root: EntityType, prefixes: Iterable[Path]) -> list[str]:
        """Which of the services that the recipe names the server does not have."""
        named = dict.fromkeys(prefix[0] for prefix in prefixes)
        return [name for name in named if self._type_of(Reference(root, (name,))) is None]

    def databases_of(self, service: str) -> tuple[str, ...]:
        """Names of the databases of a service."""
        with self._lock:
            if service not in self._databases:
                layout = layout_of(EntityType.DATABASE)
                fqn = self.capabilities.names.key(Reference(EntityType.DATABASE_SERVICE, (service,))).fqn
                rows = self.client.list(layout.collection, {layout.filter: fqn})
                self._databases[service] = tuple(str(row["name"]) for row in rows if row["service"]["name"] == service)
            return self._databases[service]

    def _all(self, root: EntityType, system: str | None) -> Iterator[Path]:
        for row in self.client.list(collection_of(root)):
            if _fits(str(row["serviceType"]), system):
                yield (str(row["name"]),)

    def _may_hold(self, service: Reference, system: str | None) -> bool:
        """Whether a service that the recipe names may hold what lies in a system; one that is absent may."""
        if system is None or system in _READS_ANY:
            return True
        word = self._type_of(service)
        return word is None or word.startswith(_CUSTOM) or _fits(word, system)

    def _type_of(self, service: Reference) -> str | None:
        """``serviceType`` of a service; None if the server does not have it."""
        with self._lock:
            if service not in self._types:
                key = self.capabilities.names.key(service)
                try:
                    stored = self.client.get_by_name(collection_of(key.type), self.capabilities.names.on_server(key))
                    self._types[service] = str(stored["serviceType"])
                except NotFoundError:
                    self._types[service] = None
            return self._types[service]


def _fits(word: str, system: str | None) -> bool:
    if system is None:
        return True
    types = _SERVICE_TYPES.get(system)
    return word in types if types else word.lower() == system.lower()
