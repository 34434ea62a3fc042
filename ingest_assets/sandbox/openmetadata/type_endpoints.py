"""``/v1/metadata/types``: the types of entities and fields, and the custom properties of the former."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.sandbox.openmetadata.answers import Answer, bad_request
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.drafts import Draft
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server


class TypeEndpoints:
    """Adds custom properties; types themselves are listed and read like entities."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._kind = ENTITY_TYPES["type"]

    def routes(self) -> Iterator[Route]:
        """The route that no other collection has."""
        yield Route("PUT", f"{self._kind.path}/{{id}}", self.put_property)

    def put_property(self, call: Call) -> Answer:
        """Add a custom property to an entity type, or change the one with its name."""
        self._server.allow(call.user, "EditAll", self._kind)
        asked = call.request(self._server.validator, "CustomProperty")
        holder = self._server.by_id(self._kind, call.params["id"], (False,))
        of_type = self._server.by_id(self._kind, asked["propertyType"]["id"], (False,))
        if holder.state.body["category"] == "field":
            raise bad_request("Only entity types can be extended and field types can't be extended")
        if of_type.name == "enum" and not asked.get("customPropertyConfig", {}).get("config", {}).get("values"):
            raise bad_request("Enum Custom Property Type must have EnumConfig.")
        reference = self._server.renderer.reference(of_type, call.base)
        others = [one for one in holder.state.body.get("customProperties", []) if one["name"] != asked["name"]]
        properties = sorted([*others, {**asked, "propertyType": reference}], key=lambda one: str(one["name"]))
        draft = Draft(holder.name, holder.fqn, {}, {**holder.state.body, "customProperties": properties}, {})
        outcome = self._server.repository.put_draft(self._kind, draft, call.user)
        shown = self._server.renderer.written(outcome.entity, outcome.state, call.base)
        return Answer(shown, change=outcome.change)
