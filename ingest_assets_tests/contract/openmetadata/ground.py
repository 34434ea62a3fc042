"""A server by its address and tokens, and what one test makes there: under random names, and removed in the end."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ingest_assets.calls import Calls
from ingest_assets.catalog import Entity, EntityType, Reference
from ingest_assets.errors import NotFoundError, RemoteError
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.vocabulary import publish_words
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of, layout_of
from ingest_assets.openmetadata.planner import PlanRules
from ingest_assets.openmetadata.server import Server
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.crawler import Source
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.ingestion.estates import GROUPS
from ingest_assets_tests.ingestion.runs import RUN_IDS

THREADS = 4
"""Requests at once: as many as two cores of a server take."""

Json = dict[str, Any]


class Target(NamedTuple):
    """A server.

    Attributes:
        url: Its address, ending in ``/api``.
        bot_token: Of the bot that ingestions write as.
        admin_token: Of a person with all rights.
    """

    url: str
    bot_token: str
    admin_token: str


class Run(NamedTuple):
    """One run from end to end.

    Attributes:
        words: Reports of tags and terms, by what holds them.
        published: Reports of the entity types, parents first.
        requests: Requests to the server that meant to change something, by operation.
    """

    id: str
    snapshot: Report
    plan: Report
    words: Mapping[EntityType, Report]
    published: Mapping[EntityType, Report]
    lineage: Report
    stale: Report
    requests: Mapping[str, int]

    def reports(self) -> list[Report]:
        return [self.snapshot, self.plan, *self.words.values(), *self.published.values(), self.lineage, self.stale]

    def written(self) -> int:
        """Entities and edges that were created, updated or restored."""
        reports = [*self.words.values(), *self.published.values(), self.lineage]
        return sum(report.created + report.updated + report.restored for report in reports)

    def failures(self) -> dict[str, str]:
        return {problem.fqn: problem.reason for report in self.reports() for problem in report.problems}

    def removed(self) -> list[str]:
        assert self.stale.removed == self.stale.stale == len(self.stale.changes), self.stale.notes
        return sorted(change.fqn for change in self.stale.changes)


@dataclass
class Ground:
    """Where one test works.

    Attributes:
        target: The server.
        folder: An empty folder of its own, for the store.
        suffix: Part of all names that it gives.
    """

    target: Target
    folder: Path
    suffix: str = field(default_factory=lambda: secrets.token_hex(4))
    _services: list[tuple[EntityType, str]] = field(default_factory=list)
    _groups: list[tuple[EntityType, str]] = field(default_factory=list)
    _others: list[tuple[str, str]] = field(default_factory=list)
    _clients: list[OpenMetadataClient] = field(default_factory=list)

    def close(self) -> None:
        """Remove all that was made: what names users and tags goes before them."""
        with ExitStack() as last:
            for client in self._clients:
                last.callback(client.close)
            for kind, name in reversed(self._services):
                with told_of_only():
                    self._remove_service(kind, name)
            for kind, name in reversed(self._groups):
                with told_of_only():
                    self._remove_group(kind, name)
            for collection, entity_id in reversed(self._others):
                with told_of_only():
                    self._remove(collection, entity_id)

    @cached_property
    def admin(self) -> OpenMetadataClient:
        """A person with all rights."""
        return self._client(self.target.admin_token, Calls())

    @cached_property
    def bot(self) -> OpenMetadataClient:
        """The bot, as another tool would use it."""
        return self._client(self.target.bot_token, Calls())

    def _client(self, token: str, calls: Calls) -> OpenMetadataClient:
        client = OpenMetadataClient(self.target.url, BotToken(token), calls, threads=THREADS)
        self._clients.append(client)
        return client

    @property
    def capabilities(self) -> Capabilities:
        return self.admin.capabilities

    @property
    def owners(self) -> str:
        """Property of owners on this server."""
        return self.capabilities.owners

    def name(self, word: str) -> str:
        """A name that nothing else on the server has."""
        return f"{word}_{self.suffix}"

    def service(self, kind: EntityType, word: str) -> str:
        """The name of a service that a run will make, to be removed in the end."""
        name = self.name(word)
        self._services.append((kind, name))
        return name

    def group(self, kind: EntityType, word: str) -> str:
        """The name of a classification or glossary that a run will make, to be removed in the end."""
        name = self.name(word)
        self._groups.append((kind, name))
        return name

    def user(self, word: str) -> tuple[str, str]:
        """Name and id of a new user."""
        name = self.name(word)
        made = self.admin.put("/v1/users", {"name": name, "email": f"{name}@example.com"})
        self._others.append(("users", made["id"]))
        return name, made["id"]

    def tags(self, *names: str) -> list[str]:
        """FQNs of tags of a new classification."""
        group = self.name("Team")
        made = self.admin.put("/v1/classifications", {"name": group, "description": "Made by a test"})
        self._others.append(("classifications", made["id"]))
        for name in names:
            self.admin.put("/v1/tags", {"name": name, "description": "Made by a test", "classification": group})
        return [f"{group}.{name}" for name in names]

    def term(self, name: str) -> str:
        """FQN of a term of a new glossary."""
        group = self.name("Words")
        made = self.admin.put("/v1/glossaries", {"name": group, "description": "Made by a test"})
        self._others.append(("glossaries", made["id"]))
        self.admin.put("/v1/glossaryTerms", {"glossary": group, "name": name, "description": "Made by a test"})
        return f"{group}.{name}"

    def run(self, source: Source, **settings: Any) -> Run:
        """A run of its own, as a new process would make it; its sums are proven on the way."""
        with closing(self.ingestion(source, **settings)) as ingestion:
            return run(ingestion)

    def ingestion(self, source: Source, *, keep_deleted: bool = False, **settings: Any) -> Ingestion:
        """What makes a run; settings are attributes of it."""
        calls, service = Calls(), source.services()[0]
        held = [kind for each in source.services() for kind in each.reference.type.held]
        return Ingestion(
            source=source,
            source_calls=Calls(),
            server=Server(self._client(self.target.bot_token, calls), THREADS),
            server_calls=calls,
            snapshots=Snapshots(FolderStore(self.folder / "store"), "test", service.path[0]),
            rules=PlanRules(frozenset(held), THREADS, keep_deleted=keep_deleted),
            threads=THREADS,
            progress=SilentProgress(),
            **{"stale_percent": 100, **settings},
        )

    def forget_ledger(self) -> None:
        for file in (self.folder / "store").rglob("ledgers/*.sqlite"):
            file.unlink()

    def fqn(self, entity: Entity | Reference) -> str:
        """What the server calls an entity."""
        reference = entity.reference if isinstance(entity, Entity) else entity
        return self.capabilities.names.fqn(reference)

    def get(self, entity: Entity | Reference, *fields: str) -> Json:
        """An entity as it is stored, soft-deleted or not."""
        kind = EntityType(entity.type)
        params = {"include": "all"} | ({"fields": ",".join(fields)} if fields else {})
        return self.admin.get_by_name(collection_of(kind), self.fqn(entity), params)

    def patch(self, entity: Entity | Reference, *operations: Json) -> None:
        """A person's edit."""
        path = f"/v1/{collection_of(EntityType(entity.type))}/{self.get(entity)['id']}"
        self.admin.patch(path, operations)

    def delete(self, entity: Entity | Reference, **params: str) -> None:
        """A person's deletion; softly, unless the parameters say otherwise."""
        path = f"/v1/{collection_of(EntityType(entity.type))}/{self.get(entity)['id']}"
        self.admin.delete(path, params)

    def edges_to(self, entity: Entity | Reference) -> dict[str, Json]:
        """Details of the edges into an entity, by the ids of their sources."""
        return self.admin.upstream_edges(EntityType(entity.type), self.get(entity)["id"])

    def draw(self, client: OpenMetadataClient, start: Reference, end: Reference, **details: Any) -> None:
        """Draw an edge as a person or another tool does."""
        if not self.capabilities.lineage_source:
            details.pop("source", None)
        ends = {
            name: {"id": self.get(reference)["id"], "type": reference.type.value}
            for name, reference in (("fromEntity", start), ("toEntity", end))
        }
        client.put("/v1/lineage", {"edge": {**ends, "lineageDetails": {"columnsLineage": [], **details}}})

    def _remove_service(self, kind: EntityType, name: str) -> None:
        fqn = self.capabilities.names.fqn(Reference(kind, (name,)))
        try:
            found = self.admin.get_by_name(collection_of(kind), fqn, {"include": "all"})
        except NotFoundError:
            return
        if kind is EntityType.STORAGE_SERVICE:
            self._remove_containers(name)
        self._remove(collection_of(kind), found["id"])

    def _remove_group(self, kind: EntityType, name: str) -> None:
        try:
            found = self.admin.get_by_name(collection_of(kind), name, {"include": "all"})
        except NotFoundError:
            return
        self._remove(collection_of(kind), found["id"])

    def _remove_containers(self, service: str) -> None:
        """A 1.0 server refuses to delete a container with all that it holds: the innermost go first."""
        collection = collection_of(EntityType.CONTAINER)
        rows = self.admin.list(collection, {layout_of(EntityType.CONTAINER).filter: service, "include": "all"})
        ours = [row for row in rows if row["service"]["name"] == service]
        for row in sorted(ours, key=lambda row: len(row["fullyQualifiedName"]), reverse=True):
            self.admin.delete(f"/v1/{collection}/{row['id']}", {"hardDelete": "true"})

    def _remove(self, collection: str, entity_id: str) -> None:
        self.admin.delete(f"/v1/{collection}/{entity_id}", {"recursive": "true", "hardDelete": "true"})


@contextmanager
def told_of_only() -> Iterator[None]:
    """What was to be shown has been shown; that something is left behind is another matter."""
    try:
        yield
    except RemoteError as error:
        warnings.warn(f"something that a test made is left on the server: {error}", stacklevel=3)


def run(ingestion: Ingestion) -> Run:
    """All steps of a run."""
    run_id = f"{next(RUN_IDS)}-{secrets.token_hex(2)}"
    reports = (
        ingestion.snapshot(run_id, last_attempt=True),
        ingestion.plan(run_id),
        {root: publish_words(ingestion, run_id, root) for root in GROUPS},
        {kind: ingestion.publish(run_id, kind) for kind in ingestion.kinds},
        ingestion.lineage(run_id),
        ingestion.stale(run_id),
    )
    done = Run(run_id, *reports, writes(ingestion))
    assert all(report.balances() for report in done.reports())
    manifest = ingestion.manifest(run_id)
    for kind, report in done.published.items():
        assert report.listed == sum(result.listed for result in manifest.listing(kind)), kind
    return done


def writes(ingestion: Ingestion) -> dict[str, int]:
    """Requests so far that meant to change something, by operation."""
    counts = ingestion.server_calls.counts()
    return {name: number for name, number in counts.items() if not name.startswith("GET")}
