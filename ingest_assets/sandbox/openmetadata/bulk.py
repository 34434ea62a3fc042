"""``PUT /v1/{collection}/bulk``: many ``Create`` requests in one, each for itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Answer, Refused, Unrecognized, bad_request, not_provided
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.drafts import Draft
from ingest_assets.sandbox.openmetadata.entity_types import EntityType
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server

_FORBIDDEN = 403
_BAD_REQUEST = 400
_OK = 200
_FAULTS = {"400": "Refused on demand", "429": "Limits exceeded on demand", "500": "Failed on demand"}


@dataclass
class BulkResult:
    """The ``BulkOperationResult`` of one request."""

    dry_run: bool = False
    passed: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    def body(self) -> dict[str, Any]:
        """The answer."""
        status = "success" if not self.failed else "partialSuccess" if self.passed else "failure"
        return {
            "dryRun": self.dry_run,
            "status": status,
            "numberOfRowsProcessed": len(self.passed) + len(self.failed),
            "numberOfRowsPassed": len(self.passed),
            "numberOfRowsFailed": len(self.failed),
            "successRequest": self.passed,
            "failedRequest": self.failed,
        }

    def fail(self, request: Any, status: int, message: str) -> None:
        """Note an element that failed; ``request`` is the whole request or, after it was understood, its FQN."""
        self.failed.append({"request": request, "status": status, "message": message})


class BulkEndpoint:
    """The bulk PUT of one collection."""

    def __init__(self, server: Server, kind: EntityType) -> None:
        self._server = server
        self._kind = kind

    def routes(self) -> Iterator[Route]:
        """The route, where the version and the type have one."""
        if self._server.line.has("bulk") and self._kind.bulk:
            yield Route("PUT", f"{self._kind.path}/bulk", self.put)

    def put(self, call: Call) -> Answer:
        """Create or update each element; the answer is 200 even if all of them failed."""
        if call.flag("async"):
            raise not_provided("bulk?async=true")
        elements = call.json()
        if not isinstance(elements, list):
            raise bad_request("Cannot deserialize value of type `java.util.ArrayList` from Object value")
        # Read as a whole first: one unknown property refuses the whole request.
        read = [self._read(element, call) for element in elements]
        result = BulkResult()
        for element, (request, broken) in zip(elements, read, strict=True):
            if broken:
                result.fail(element, _BAD_REQUEST, f"[{', '.join(broken)}]")
            else:
                self._one(element, request, call, result)
        return Answer(result.body())

    def _read(self, element: Any, call: Call) -> tuple[dict[str, Any], list[str]]:
        try:
            return self._server.validator.check(self._kind.create, element)
        except Unrecognized as error:
            raise call.located(error, self._kind.create) from error

    def _one(self, element: Any, request: dict[str, Any], call: Call, result: BulkResult) -> None:
        try:
            self._server.allow(call.user, "Create", self._kind)
            draft = self._server.drafts.of_request(self._kind, request)
        except Refused as error:
            status = _FORBIDDEN if error.code == _FORBIDDEN else _BAD_REQUEST
            result.fail(element, status, error.message)
            return
        fault = self._fault(draft.fqn)
        if fault:
            result.fail(element if fault == "400" else draft.fqn, int(fault), _FAULTS[fault])
            return
        overrides = call.flag("overrideMetadata") and self._server.line.has("override metadata")
        try:
            if overrides or not self._same_hash(draft):
                self._server.repository.put_draft(self._kind, draft, call.user, overrides=overrides)
        except Refused as error:
            result.fail(draft.fqn, error.code or _BAD_REQUEST, error.message)
            return
        result.passed.append({"request": draft.fqn, "status": _OK})

    def _fault(self, fqn: str) -> str | None:
        return self._server.faults.take("element", "PUT", self._kind.path, fqn) if self._server.faults else None

    def _same_hash(self, draft: Draft) -> bool:
        """Whether a 2.0 server skips the element unseen: it is live and its ``sourceHash`` is the stored one."""
        if not self._server.line.has("hash shortcut") or "sourceHash" not in draft.body:
            return False
        entity = self._server.store.by_fqn(self._kind.type, draft.fqn)
        return (
            entity is not None
            and not entity.state.deleted
            and entity.state.body.get("sourceHash") == draft.body["sourceHash"]
        )
