"""Words for people that several rooms need."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 20
"""Things that a sentence names."""


def first_of(names: Iterable[str], shown: int = SHOWN) -> str:
    """The first of some names, and how many there are besides: ``a, b and 3 more``."""
    found = list(names)
    more = f" and {len(found) - shown} more" if len(found) > shown else ""
    return f"{', '.join(found[:shown])}{more}"
