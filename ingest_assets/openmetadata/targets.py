"""What an enrichment is about, and what of it the server can hold."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ingest_assets.catalog import DbtModel, Elsewhere, Enrichment, EntityKey, Label, Reference
from ingest_assets.errors import InvalidAnswerError, NotFoundError
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.candidates import Candidates
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.dbt_models import FIELD, Json, data_model_body
from ingest_assets.openmetadata.elsewhere import Found, Missing, Neighbours
from ingest_assets.openmetadata.enriched import Said
from ingest_assets.openmetadata.labels import LabelLookup
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.relations import asked_fields


@dataclass
class Targets:
    """Entities of others on one server. Safe to share among threads.

    Attributes:
        client: The server.
        bodies: Knows its names and owners.
        neighbours: Finds what is not named in full.
        labels: Knows which labels the server can hold.
        candidates: Tells what may be meant by what is nowhere; None: nothing is told.
    """

    client: OpenMetadataClient
    bodies: Bodies
    neighbours: Neighbours
    labels: LabelLookup
    candidates: Candidates | None = None
    _services: dict[Reference, str | None] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def locate(self, target: Reference | Elsewhere) -> tuple[Reference, EntityKey] | Missing:
        """What a target is on the server; one that is named in full is not asked for yet.

        Raises:
            RemoteError: The server can't be asked.
        """
        if isinstance(target, Reference):
            return target, self.bodies.key(target)
        found = self.neighbours.find(target)
        if not isinstance(found, Missing):
            return found.reference, found.key
        if self.candidates is None or not found.is_absent:
            return found
        return found._replace(reason=f"{found.reason}{self.candidates.told(target)}")

    def is_another(self, target: Reference | Elsewhere, key: EntityKey) -> bool:
        """Whether a target of which nothing is found any more is something else by now, or can't be told."""
        if isinstance(target, Reference):
            return False
        self.neighbours.forget(target)
        found = self.neighbours.find(target)
        return isinstance(found, Missing) or found.key != key

    def service_id(self, reference: Reference) -> str | None:
        """The id of the service that holds an entity; None: the server has no such service.

        One that was made anew holds nothing of what was sent before.

        Raises:
            RemoteError: The server can't be asked.
        """
        service = Reference(reference.type.root, reference.path[:1])
        with self._lock:
            if service not in self._services:
                self._services[service] = self._id_of(service)
            return self._services[service]

    def read(self, key: EntityKey, said: Said) -> Json | None:
        """A target as it is now, soft-deleted or not, with all that something is said of.

        Raises:
            RemoteError: The server can't be asked.
        """
        fields = asked_fields(key.type, self.bodies.capabilities, ())
        params = {"include": "all", "fields": fields if said.data_model is None else f"{fields},{FIELD}"}
        try:
            return self.client.get_by_name(collection_of(key.type), self.bodies.on_server(key), params)
        except NotFoundError:
            return None

    def said(self, enrichment: Enrichment) -> tuple[Said, list[tuple[str, str]]]:
        """What the server can hold of an enrichment, and the labels that it can't, each with its reason.

        Raises:
            RemoteError: The server can't be asked.
        """
        left_out: list[tuple[str, str]] = []

        def fitted(labels: tuple[Label, ...] | None) -> tuple[Label, ...] | None:
            if labels is None:
                return None
            fits = self.labels.fit(labels)
            left_out.extend(fits.left_out.items())
            return fits.labels

        columns = tuple(each.model_copy(update={"labels": fitted(each.labels)}) for each in enrichment.columns)
        fits = enrichment.model_copy(update={"labels": fitted(enrichment.labels), "columns": columns})
        owners, model = self.bodies.owners(enrichment.owners), self._data_model(enrichment.dbt_model)
        return Said(fits, owners, self.bodies.capabilities.owners, model), left_out

    def _data_model(self, model: DbtModel | None) -> Json | None:
        if model is None:
            return None
        found = (self.neighbours.find(each) for each in model.upstream)
        upstream = (self.bodies.on_server(each.key) for each in found if isinstance(each, Found))
        return data_model_body(model, sorted(upstream), self.bodies.capabilities)

    def fingerprint(self, said: Said, service: str, override: frozenset[str]) -> str:
        """Of all that decides what is sent, as far as it is known without a look at the target.

        Args:
            said: What the source says.
            service: Id of the service that holds the target.
            override: Properties of which what the source says replaces what others set.
        """
        told = said.enrichment.model_dump(mode="json", exclude={"target", "owners", "dbt_model"})
        owners = None if said.owners is None else [owner["id"] for owner in said.owners]
        known = {"said": told, "owners": owners, "service": service, "override": sorted(override)}
        return wire.fingerprint(known if said.data_model is None else {**known, FIELD: said.data_model})

    def _id_of(self, service: Reference) -> str | None:
        collection, fqn = collection_of(service.type), self.bodies.fqn(service)
        try:
            return str(self.client.get_by_name(collection, fqn)["id"])
        except NotFoundError:
            return None
        except KeyError as error:
            raise InvalidAnswerError(f"the service lacks {error}.", where=f"GET /v1/{collection} {fqn}") from error
