"""Fully qualified names: quoting, joining and comparing."""

from __future__ import annotations

import re
from functools import lru_cache

from ingest_assets.sandbox.openmetadata.answers import bad_request

_PART = re.compile(r'"([^"]+)"|([^."]+)')
_REMEMBERED = 10_000


def quote(name: str) -> str:
    """A name as a part of an FQN.

    Raises:
        Refused: The name holds a double quote, which the server has no spelling for.
    """
    if '"' in name:
        raise bad_request(f"Invalid name {name}")
    return f'"{name}"' if "." in name else name


def quote_once(name: str) -> str:
    """A service or user name from a path or filter, which may be quoted already."""
    return name if '"' in name or "." not in name else f'"{name}"'


def join(parent_fqn: str, name: str) -> str:
    """The FQN of a child."""
    return f"{parent_fqn}.{quote(name)}"


@lru_cache(maxsize=_REMEMBERED)
def split(fqn: str) -> tuple[str, ...]:
    """The bare names of an FQN; empty when it is none."""
    parts: list[str] = []
    at = 0
    while at < len(fqn):
        found = _PART.match(fqn, at)
        if not found:
            return ()
        parts.append(found[1] or found[2])
        at = found.end()
        if at < len(fqn) and fqn[at] != ".":
            return ()
        at += 1
    return () if fqn.endswith(".") else tuple(parts)


def canonical(fqn: str) -> str:
    """The server's own spelling: it drops quotes around a part without a dot."""
    if '"' not in fqn:
        return fqn
    return ".".join(quote(part) for part in split(fqn)) or fqn
