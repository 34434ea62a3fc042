"""OpenMetadata requests in the words that faults are planned in."""

from __future__ import annotations

from werkzeug.wrappers import Request

from ingest_assets.sandbox.faults import Call, FaultKind, Faults

_STEPS = {"bulk element": FaultKind.ELEMENT, "list filter": FaultKind.IGNORE_FILTER}


def name_openmetadata_call(request: Request) -> Call:
    """Name a request, e.g. ``PUT /v1/tables`` (also for what lies below), of path, query and body."""
    path = request.path.removeprefix("/api")
    collection = "/".join(path.split("/")[:3])
    subject = f"{path}?{request.query_string.decode()}\n{request.get_data(as_text=True)}"
    return Call("openmetadata", f"{request.method} {collection}", subject)


class StepFaults:
    """Faults within a request, of which the application takes only those that a step can act out.

    Without this, a fault that was planned for whole requests would be used up by the first element of a bulk request.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def take(self, service: str, operation: str, subject: str) -> str | None:
        """The fault of a step: a bulk element's status, ``ignore`` for a list filter, or None.

        Args:
            service: ``openmetadata``.
            operation: The step.
            subject: The element's FQN, or the collection that is listed.
        """
        kind = _STEPS[operation]
        fault = self._faults.take(service, operation, subject, [kind])
        if fault is None:
            return None
        return fault.partition(":")[2] if kind is FaultKind.ELEMENT else "ignore"
