"""Faults on demand: what networks and services do to callers, planned in advance and consumed call by call."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.fault_sites import FaultKind, can_strike

_ELEMENT_STATUSES = frozenset({"400", "429", "500"})
_LOG_LENGTH = 500  # a call's subject holds its body


@dataclass(frozen=True)
class Fault:
    """One planned fault.

    Attributes:
        kind: A ``FaultKind``, with a detail after a colon where it takes one.
        service: Pattern (fnmatch) of the service, e.g. ``glue`` or ``openmetadata``.
        operation: Pattern (fnmatch) of the operation, e.g. ``GetTables`` or ``PUT *``.
        match: Pattern (fnmatch), or a part, of the call's subject, e.g. ``sales/*`` or ``sales``. For ``hidden`` it is
            the row's subject, for ``vanish`` and ``element`` the entity's: ``sales/orders`` of Glue, FQNs of
            OpenMetadata.
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
            RejectedError: An unknown kind, a detail that it does not take, a count below one, or no call that can fail
                so.
        """
        if not _is_known(self.kind):
            known = ", ".join(kind.value for kind in FaultKind)
            raise RejectedError(
                f"{self.kind!r} is no fault kind.",
                where="faults",
                advice=f"Known: {known}; hang takes seconds as in hang:2, element a status: "
                f"{', '.join(sorted(_ELEMENT_STATUSES))}.",
            )
        if (self.count is not None and self.count < 1) or self.after < 0:
            raise RejectedError("count must be at least 1, after at least 0.", where="faults")
        if not can_strike(self.what, self.service, self.operation):
            raise RejectedError(
                f"{self.kind} can't happen at {self.service} {self.operation}.",
                where="faults",
                advice="Services and operations are written as in glue GetTables or openmetadata PUT /v1/tables.",
            )

    @property
    def what(self) -> FaultKind:
        """The kind without its number."""
        return FaultKind(self.kind.partition(":")[0])

    def hits(self, call: Call) -> bool:
        """Whether this fault is meant for a call."""
        return (
            fnmatchcase(call.service, self.service)
            and fnmatchcase(call.operation, self.operation)
            and (self.match in call.subject or fnmatchcase(call.subject, self.match))
        )


def _is_known(kind: str) -> bool:
    name, colon, detail = kind.partition(":")
    if name == FaultKind.ELEMENT.value:
        return detail in _ELEMENT_STATUSES
    if name == FaultKind.HANG.value and colon:
        return detail.replace(".", "", 1).isdecimal()
    return not colon and name in {known.value for known in FaultKind}


@dataclass(frozen=True)
class Call:
    """A request in the words that faults are planned in."""

    service: str
    operation: str
    subject: str = ""


@dataclass(frozen=True)
class Strike:
    """A fault that has struck, and what it struck."""

    fault: Fault
    call: Call


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
        self._struck: deque[Strike] = deque(maxlen=_LOG_LENGTH)

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

    def struck(self) -> list[Strike]:
        """The faults that have struck so far, whatever was cleared since."""
        with self._lock:
            return list(self._struck)

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
                if kinds is not None and planned.fault.what not in kinds:
                    continue
                if planned.fault.hits(call) and self._strike(planned, call):
                    return planned.fault.kind
        return None

    def hiding(self, service: str, operation: str) -> Callable[[str], bool]:
        """Which rows one listing call leaves out: those whose subject a ``hidden`` fault matches.

        A fault is used up by a call in which it has hidden something, however many rows.
        """
        with self._lock:
            hiding = [planned for planned in self._planned if planned.fault.what is FaultKind.HIDDEN]
        judged: dict[_Planned, bool] = {}

        def hides(subject: str) -> bool:
            call = Call(service, operation, subject)
            hit = False
            for planned in hiding:
                if planned.fault.hits(call):
                    with self._lock:
                        if planned not in judged:
                            judged[planned] = planned in self._planned and self._strike(planned, call)
                    hit = hit or judged[planned]
            return hit

        return hides

    def _strike(self, planned: _Planned, call: Call) -> bool:
        if not planned.strike():
            return False
        if planned.left == 0:
            self._planned.remove(planned)
        self._struck.append(Strike(planned.fault, call))
        return True
