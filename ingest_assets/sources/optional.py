"""What a source asks for besides, where a permission may be missing: told once, and not asked for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ingest_assets.errors import PermissionDeniedError

T = TypeVar("T")

_MOST_REFUSALS = 3
"""Refusals before anything was granted after which nothing further is asked: the action is not allowed at all."""


class Optional:
    """Asks for something that the source can do without. Safe to share among threads.

    Args:
        action: The permission, e.g. ``kinesis:ListTagsForStream``.
        shows: What it would show, e.g. ``Tags of streams``.
    """

    def __init__(self, action: str, shows: str) -> None:
        self._action = action
        self._shows = shows
        self._lock = threading.Lock()
        self._granted = False
        self._refused = 0

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
        except PermissionDeniedError:
            with self._lock:
                self._refused += 1
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
            return f"{self._shows} are not shown: {self._action} is {told}. What is known of them stays."
