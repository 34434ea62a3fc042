"""What becomes of a key of a recipe, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["honoured", "not honoured", "warning", "error"]


@dataclass(frozen=True)
class Verdict:
    """What becomes of a key, and why."""

    level: Level
    why: str


def honoured(why: str) -> Verdict:
    """The key does something."""
    return Verdict("honoured", why)


def not_honoured(why: str) -> Verdict:
    """The key changes nothing here."""
    return Verdict("not honoured", why)
