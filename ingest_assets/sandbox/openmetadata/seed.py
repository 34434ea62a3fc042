"""What a fresh server holds, and what tests put there without requests."""

from __future__ import annotations

import uuid
from typing import Any

from ingest_assets.sandbox.openmetadata.custom_properties import field_types
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES
from ingest_assets.sandbox.openmetadata.repository import Principal, now
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity, State

_TAGS = {
    "Tier": ("Tier1", "Tier2", "Tier3", "Tier4", "Tier5"),
    "PII": ("NonSensitive", "None", "Sensitive"),
    "PersonalData": ("Personal", "SpecialCategory"),
}
_ROLES = ("DataConsumer", "DataSteward", "IngestionBotRole")


class Seed:
    """Makes entities in the name of an admin."""

    def __init__(self, server: Server, admin: Principal) -> None:
        self._server = server
        self._admin = admin

    def defaults(self, bot: Principal) -> None:
        """The types and roles that every server has, the users behind the tokens, and the tags."""
        for kind in self._server.kinds():
            self._install("type", kind.type, category="entity", nameSpace="data")
        for name in field_types(self._server.line.version):
            self._install("type", name, category="field", nameSpace="basic")
        for name in _ROLES:
            self._install("role", name)
        self._put("user", name=bot.name, email=f"{bot.name}@openmetadata.org", isBot=True)
        self._put("user", name=self._admin.name, email=f"{self._admin.name}@openmetadata.org", isAdmin=True)
        for classification, tags in _TAGS.items():
            for tag in tags:
                self.tag(classification, tag, description=f"{classification}: {tag}")

    def user(self, name: str, *, email: str | None, display_name: str | None) -> str:
        """Make a user; answers with the id."""
        return self._put("user", name=name, email=email or f"{name}@example.com", displayName=display_name)

    def team(self, name: str, *, team_type: str, display_name: str | None) -> str:
        """Make a team; answers with the id."""
        return self._put("team", name=name, teamType=team_type, displayName=display_name)

    def tag(self, classification: str, name: str, *, description: str) -> str:
        """Make a tag and, if need be, its classification; answers with the tag's FQN."""
        store = self._server.store
        above = self._put("classification", name=classification, description=classification)
        parent = store.by_id("classification", above)
        fqn = parent.fqn if parent else classification
        made = self._put("tag", name=name, classification=fqn, description=description)
        tag = store.by_id("tag", made)
        return tag.fqn if tag else ""

    def _install(self, entity_type: str, name: str, **properties: str) -> None:
        """Keep what a server brings along: it makes no event."""
        body = {"name": name, "displayName": name, "description": name, **properties}
        state = State(0.1, body, {}, now(), self._admin.name)
        self._server.store.add(Entity(str(uuid.uuid4()), entity_type, name, name, {}, state))

    def _put(self, entity_type: str, **request: Any) -> str:
        kind = ENTITY_TYPES[entity_type]
        checked = self._server.validator.require(kind.create, request)
        return self._server.repository.put(kind, checked, self._admin).entity.id
