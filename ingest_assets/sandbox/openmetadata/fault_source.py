"""Faults inside requests, planned elsewhere."""

from __future__ import annotations

from typing import Protocol


class FaultSource(Protocol):
    """Faults planned elsewhere; ``take`` answers with the kind of fault to show, or ``None``."""

    def take(self, service: str, operation: str, subject: str) -> str | None:
        """The fault for this operation on this subject, if one is due."""
        ...
