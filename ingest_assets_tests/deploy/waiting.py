"""Other processes tell nobody when they are ready; nothing here is timed."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

_PATIENCE = 300.0  # seconds, on a busy machine


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Look until something is so.

    Raises:
        TimeoutError: It never was.
    """
    until = time.monotonic() + _PATIENCE
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"not in {_PATIENCE:g} s: {what}")
        time.sleep(0.2)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody listens at a port of 127.0.0.1."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
