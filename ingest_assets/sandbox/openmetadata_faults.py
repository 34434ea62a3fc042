"""OpenMetadata requests in the words that faults are planned in."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Request

from ingest_assets.sandbox.fault_sites import FaultKind, openmetadata_operation
from ingest_assets.sandbox.faults import Call, Faults

_SERVICE = "openmetadata"


def name_openmetadata_call(request: Request) -> Call:
    """Name a request, e.g. ``PUT /v1/tables`` (also for what lies below), of path, query and body."""
    path = request.path.removeprefix("/api")
    subject = f"{path}?{request.query_string.decode()}\n{request.get_data(as_text=True)}"
    return Call(_SERVICE, openmetadata_operation(request.method, path), subject)


class StepFaults:
    """Faults within a request, of which the application takes only those that a step can act out.

    Without this, a fault that was planned for whole requests would be used up by the first element of a bulk request.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def take(self, kind: str, verb: str, path: str, subject: str) -> str | None:
        """See ``FaultSource``."""
        operation = openmetadata_operation(verb, f"/v1/{path}")
        fault = self._faults.take(_SERVICE, operation, subject, [FaultKind(kind)])
        return None if fault is None else fault.partition(":")[2]

    def hiding(self, path: str) -> Callable[[str], bool]:
        """See ``FaultSource``."""
        return self._faults.hiding(_SERVICE, openmetadata_operation("GET", f"/v1/{path}"))
