"""What stands between a block's braces, read without trust: any key may hold a text, a list or a block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest_assets.sources.looker.lookml.parsing import Body


def text(body: Body, key: str) -> str | None:
    """A text, or None."""
    value = body.get(key)
    return value if isinstance(value, str) else None


def words(body: Body, key: str) -> str | None:
    """A text that says something, or None."""
    return (text(body, key) or "").strip() or None


def is_yes(body: Body, key: str) -> bool:
    """Whether LookML's ``yes`` stands there."""
    return (text(body, key) or "").strip().lower() == "yes"


def texts(body: Body, key: str) -> tuple[str, ...]:
    """The texts of a list, those of lists in it too; a single text is a list of one."""
    return tuple(_flat(body.get(key)))


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item)


def block(body: Body, key: str) -> Body:
    """A block; empty where there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def blocks(body: Body, key: str) -> list[Body]:
    """The blocks of a repeatable key."""
    value = body.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def named(body: Body, key: str) -> Iterator[tuple[str, Body]]:
    """The blocks of a repeatable key that have a name."""
    for item in blocks(body, key):
        if name := words(item, "name"):
            yield name, item
