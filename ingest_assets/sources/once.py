"""Doing something once for each key, whichever thread asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from ingest_assets.errors import IngestError

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Once(Generic[KeyT, ValueT]):
    """What was read, by what it was asked for; a failure is kept too, and raised to each who asks.

    Holds as much as a source lists. Work for a key must not ask for the same key.

    Args:
        work: What is done for a key.
    """

    def __init__(self, work: Callable[[KeyT], ValueT]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._done: dict[KeyT, Future[ValueT]] = {}

    def get(self, key: KeyT) -> ValueT:
        """The value of a key; waits where another thread is about it.

        Raises:
            IngestError: The work failed, now or when it was done.
        """
        with self._lock:
            known = self._done.get(key)
            future = self._done[key] = known or Future()
        if known is None:
            try:
                future.set_result(self._work(key))
            except IngestError as error:
                future.set_exception(error)
            except BaseException as error:
                # Whoever waits must not wait for ever.
                future.set_exception(error)
                raise
        return future.result()

    def forget_failures(self) -> None:
        """Forget what failed, so that another attempt asks for it again."""
        with self._lock:
            self._done = {key: done for key, done in self._done.items() if not done.done() or done.exception() is None}

    def known(self, key: KeyT) -> ValueT | None:
        """The value of a key whose work is done and did not fail; None otherwise."""
        with self._lock:
            future = self._done.get(key)
        return future.result() if future is not None and future.done() and future.exception() is None else None
