"""What a probe of a source tells."""

from __future__ import annotations

from typing import NamedTuple


class ProbeStep(NamedTuple):
    """One permission that was tried.

    Attributes:
        name: The permission and its subject, e.g. ``glue:GetTables of clickstream``.
        granted: None if it could not be told.
        detail: What the service said, or what the permission is good for.
        required: Whether the recipe can't do without it.
    """

    name: str
    granted: bool | None
    detail: str
    required: bool = True
