"""What a source asks for besides, and can do without: told once, and where it is refused not asked for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ingest_assets.catalog import Reference
from ingest_assets.errors import PermissionDeniedError, RemoteError
from ingest_assets.wording import first_of

T = TypeVar("T")

_PLAIN = "AccessDenied"
"""How a refusal begins that says no more than that."""

_MOST_REFUSALS = 3
"""Refusals before anything was granted after which nothing further is asked: the action is not allowed at all."""


class Optional:
    """Asks for something that the source can do without. Safe to share among threads.

    Args:
        action: The permission, e.g. ``kinesis:ListTagsForStream``.
        shows: What it would show, e.g. ``Tags of streams``.
        meanwhile: What becomes of those that are known from before.
    """

    def __init__(self, action: str, shows: str, meanwhile: str = "What is known of them stays.") -> None:
        self._action = action
        self._shows = shows
        self._meanwhile = meanwhile
        self._lock = threading.Lock()
        self._granted = False
        self._refused = 0
        self._because = ""

    def ask(self, read: Callable[[], T]) -> T | None:
        """What ``read`` answers; None where it is not allowed.

        Raises:
            RemoteError: It failed otherwise.
        """
        with self._lock:
            if not self._granted and self._refused >= _MOST_REFUSALS:
                self._refused += 1
                return None
        try:
            answer = read()
        except PermissionDeniedError as error:
            with self._lock:
                self._refused += 1
                if not error.what.startswith(_PLAIN):
                    self._because = f" ({error.what.rstrip('.')})"
            return None
        with self._lock:
            self._granted = True
        return answer

    def note(self) -> str | None:
        """What people should know of it."""
        with self._lock:
            if not self._refused:
                return None
            told = f"not granted for {self._refused} of them" if self._granted else "not granted"
            return f"{self._shows} are not shown: {self._action} is {told}{self._because}. {self._meanwhile}".rstrip()


class Unread:
    """What arrives though something of it could not be read this time. Safe to share among threads.

    Args:
        told: The beginning of a note, with ``{}`` for how many, e.g. ``The tags of {} streams stay as they were``.
    """

    def __init__(self, told: str) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._reasons: dict[Reference, str] = {}

    def add(self, of: Reference, error: RemoteError) -> None:
        """Note that something could not be read of a thing."""
        with self._lock:
            self._reasons.setdefault(of, str(error))

    def note(self) -> str | None:
        """What people should know of it: each thing, as the others have arrived whole, and the first reason."""
        with self._lock:
            reasons = sorted(self._reasons.items())
        if not reasons:
            return None
        named = first_of(str(each) for each, _ in reasons)
        return f"{self._told.format(len(reasons))}: {named}. The first reason: {reasons[0][1]}"
