"""Faults on demand: what networks and services do to callers, planned in advance and consumed call by call."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

from ingest_assets.errors import RejectedError


class FaultKind(str, Enum):
    """What may go wrong with a call; some kinds take a number: ``hang:2`` hangs for two seconds."""

    THROTTLE = "throttle"  # the service's own "slow down": AWS 400 ThrottlingException, others 429 with Retry-After
    TOO_MANY = "429"  # a plain 429 with Retry-After, as gateways send it
    FORBIDDEN = "403"  # a plain 403, as proxies and firewalls send it
    SERVER_ERROR = "500"  # the service's own 500
    BAD_GATEWAY = "502"  # an HTML page of a load balancer
    UNAVAILABLE = "503"  # the service's own 503
    GATEWAY_TIMEOUT = "504"  # an HTML page of a load balancer
    HANG = "hang"  # nothing for some seconds, then the right answer
    CUT = "cut"  # 200, half the body, then the connection closes: shorter than Content-Length says
    TRUNCATED = "truncated"  # 200 and a Content-Length that fits, but the body is only the first half
    RESET_BEFORE = "reset-before"  # connection reset; the service never saw the call
    RESET_AFTER = "reset-after"  # connection reset; the service did what was asked
    EXPIRED_TOKEN = "expired-token"  # noqa: S105  # the session or access token has just run out
    ACCESS_DENIED = "access-denied"  # the service refuses this one call to this caller
    ELEMENT = "element"  # OpenMetadata: one element of a bulk request is refused: element:400, element:429, element:500
    IGNORE_FILTER = "ignore-filter"  # OpenMetadata: a listing ignores its filter, as old servers do
    LOOP_TOKEN = "loop-token"  # noqa: S105  # a page hands out the token it was asked with (listings only)


@dataclass(frozen=True)
class Fault:
    """One planned fault.

    Attributes:
        kind: A ``FaultKind``, with a detail after a colon where it takes one.
        service: Pattern (fnmatch) of the service, e.g. ``glue`` or ``openmetadata``.
        operation: Pattern (fnmatch) of the operation, e.g. ``GetTables`` or ``PUT *``.
        match: Pattern (fnmatch), or a part, of the call's subject, e.g. ``sales/*`` or ``sales``.
        count: How many calls it hits; None until cleared.
        after: How many matching calls pass first, e.g. 1 to hit the second page.
    """

    kind: str
    service: str = "*"
    operation: str = "*"
    match: str = "*"
    count: int | None = 1
    after: int = 0

    def __post_init__(self) -> None:
        """Refuse what would never fire, since a test that waits for it would pass for nothing.

        Raises:
            RejectedError: An unknown kind, a detail that is no number, or a count below one.
        """
        name, _, detail = self.kind.partition(":")
        try:
            FaultKind(name)
            float(detail or 0)
        except ValueError:
            known = ", ".join(kind.value for kind in FaultKind)
            raise RejectedError(
                f"{self.kind!r} is no fault kind.",
                where="faults",
                advice=f"Known: {known}, with a number as in hang:2.",
            ) from None
        if (self.count is not None and self.count < 1) or self.after < 0:
            raise RejectedError("count must be at least 1, after at least 0.", where="faults")

    def hits(self, call: Call) -> bool:
        """Whether this fault is meant for a call."""
        return (
            fnmatchcase(call.service, self.service)
            and fnmatchcase(call.operation, self.operation)
            and (self.match in call.subject or fnmatchcase(call.subject, self.match))
        )


@dataclass(frozen=True)
class Call:
    """A request in the words that faults are planned in."""

    service: str
    operation: str
    subject: str = ""


class _Planned:
    """A fault and how often it has still to pass and to strike."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.passing = fault.after
        self.left = fault.count

    def strike(self) -> bool:
        """Count one matching call; whether it is hit."""
        if self.passing:
            self.passing -= 1
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The faults still to come, shared by all services of a sandbox and all their threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._planned = [_Planned(fault) for fault in faults]

    def add(
        self,
        kind: str,
        *,
        service: str = "*",
        operation: str = "*",
        match: str = "*",
        count: int | None = 1,
        after: int = 0,
    ) -> Fault:
        """Plan one more fault; see ``Fault`` for the words."""
        fault = Fault(kind, service, operation, match, count, after)
        with self._lock:
            self._planned.append(_Planned(fault))
        return fault

    def clear(self) -> None:
        """Forget all faults that have not struck yet."""
        with self._lock:
            self._planned.clear()

    def pending(self) -> list[Fault]:
        """The faults that would still strike."""
        with self._lock:
            return [planned.fault for planned in self._planned]

    def take(
        self, service: str, operation: str, subject: str = "", kinds: Collection[FaultKind] | None = None
    ) -> str | None:
        """The first fault planned for this call, which it uses up; None when the call goes well.

        Args:
            service: As in ``Fault``.
            operation: As in ``Fault``.
            subject: As in ``Fault``.
            kinds: The kinds that the caller can act out; others are left for whoever can. All when None.
        """
        call = Call(service, operation, subject)
        with self._lock:
            for planned in self._planned:
                if kinds is not None and FaultKind(planned.fault.kind.partition(":")[0]) not in kinds:
                    continue
                if planned.fault.hits(call) and planned.strike():
                    if planned.left == 0:
                        self._planned.remove(planned)
                    return planned.fault.kind
        return None
