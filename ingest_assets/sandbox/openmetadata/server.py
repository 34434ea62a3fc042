"""The parts of one server, put together."""

from __future__ import annotations

from ingest_assets.sandbox.openmetadata.answers import Refused, bad_request, not_found
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.drafts import Drafts
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES, EntityType
from ingest_assets.sandbox.openmetadata.events import Events
from ingest_assets.sandbox.openmetadata.fault_source import FaultSource
from ingest_assets.sandbox.openmetadata.label_removal import LabelRemoval
from ingest_assets.sandbox.openmetadata.labels import Labels
from ingest_assets.sandbox.openmetadata.lineage import Lineage
from ingest_assets.sandbox.openmetadata.listing import Listing
from ingest_assets.sandbox.openmetadata.names import canonical, quote_once
from ingest_assets.sandbox.openmetadata.references import References
from ingest_assets.sandbox.openmetadata.render import Document, Renderer
from ingest_assets.sandbox.openmetadata.repository import Principal, Repository
from ingest_assets.sandbox.openmetadata.store import Entity, Store
from ingest_assets.sandbox.openmetadata.validator import Validator
from ingest_assets.sandbox.openmetadata.versions import Line


class Server:
    """State and rules of one server; callers hold the application's lock.

    Attributes:
        denied: Operation (``Create``, ``EditAll``, ``Delete``, ``ViewAll``) and entity type that the bot lacks.
    """

    def __init__(self, line: Line, faults: FaultSource | None) -> None:
        self.line = line
        self.faults = faults
        self.store = Store()
        self.validator = Validator(line.version)
        self.events = Events()
        self.labels = Labels(line, self.store)
        self.references = References(line, self.store)
        self.drafts = Drafts(line, self.store, self.labels, self.references)
        self.repository = Repository(line, self.store, self.labels, self.drafts, self.events)
        self.renderer = Renderer(line, self.store, self.labels)
        self.listing = Listing(line, self.store, faults)
        self.lineage = Lineage(line, self.store)
        self.repository.removed.append(self.lineage.forget)
        self.repository.removed.append(LabelRemoval(self.store).forget)
        self.denied: set[tuple[str, str]] = set()

    def kinds(self) -> list[EntityType]:
        """The entity types of this version."""
        return [kind for kind in ENTITY_TYPES.values() if kind.since <= self.line.version]

    def kind(self, name: str) -> EntityType:
        """An entity type by its name.

        Raises:
            Refused: This version has none of that name.
        """
        kind = ENTITY_TYPES.get(name)
        if kind is None or kind.since > self.line.version:
            raise bad_request(f"Entity type {name} not found")
        return kind

    def by_id(self, kind: EntityType, entity_id: str, included: tuple[bool, ...] = (False, True)) -> Entity:
        """An entity by its id.

        Raises:
            Refused: There is none, or it is hidden.
        """
        entity = self.store.by_id(kind.type, entity_id)
        if entity is None or entity.state.deleted not in included:
            raise not_found(kind.type, entity_id)
        return entity

    def by_name(self, kind: EntityType, name: str, included: tuple[bool, ...] = (False, True)) -> Entity:
        """An entity by its FQN, as a path spells it.

        Raises:
            Refused: There is none, or it is hidden.
        """
        entity = self.store.by_fqn(kind.type, self._fqn(kind, name))
        if entity is None or entity.state.deleted not in included:
            raise not_found(kind.type, name)
        return entity

    def _fqn(self, kind: EntityType, name: str) -> str:
        if kind.type == "user" and self.line.has("lower case users"):
            name = name.lower()
        if kind.parents:
            return canonical(name)
        return canonical(quote_once(name)) if self.line.has("quoted top level") else name

    def allow(self, user: Principal, operation: str, kind: EntityType) -> None:
        """Let an operation pass.

        Raises:
            Refused: The user's role does not allow it (403).
        """
        if user.is_bot and (operation, kind.type) in self.denied:
            principal = f"CatalogPrincipal{{name='{user.name}'}}"
            raise Refused(403, f"Principal: {principal} operations [{operation}] not allowed")

    def shown(self, document: Document, call: Call) -> Document:
        """A document as this caller may see it."""
        return document if call.user.is_bot else self.renderer.masked(document)
