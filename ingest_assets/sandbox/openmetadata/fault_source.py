"""Faults inside requests, planned elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class FaultSource(Protocol):
    """Faults planned elsewhere, of the kinds that only the application itself can act out."""

    def take(self, kind: str, verb: str, path: str, subject: str) -> str | None:
        """The fault of a step of a request, if one is due; it is used up.

        Args:
            kind: ``element``, ``ignore-filter``, ``loop-token`` or ``vanish``.
            verb: Of the request.
            path: Collection below ``/v1``.
            subject: FQN of the entity that the step is about, or the collection that is listed.

        Returns:
            The fault's detail, which is empty for most kinds; ``None`` when all is well.
        """

    def hiding(self, path: str) -> Callable[[str], bool]:
        """Which FQNs one listing of a collection leaves out without a word."""
