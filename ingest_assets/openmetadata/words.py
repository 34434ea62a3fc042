"""Texts that a PUT leaves as they are: the description of an entity, and those of its columns.

A server keeps a description against a bot's PUT, whoever wrote it (observed on 1.0 and 1.5). What the source says anew
reaches it by PATCH, and only where it still holds what we last wrote: anything else is a person's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

_COLUMNS = ("columns", "children")
_DIGEST_BYTES = 6

Json = dict[str, Any]


class _Text(NamedTuple):
    """A description, by the names of the columns that lead to it (their order may change) and by its JSON pointer."""

    names: tuple[str, ...]
    pointer: str
    text: str

    def digest(self) -> str:
        told = "\x00".join((*self.names, self.text)).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(told, digest_size=_DIGEST_BYTES).hexdigest()


def words_of(body: Json) -> str:
    """Digests of all descriptions in a request, for the ledger: a few bytes for each."""
    return " ".join(sorted(text.digest() for text in _texts(body) if text.text))


def words_patch(stored: Json, body: Json, last_written: str) -> list[Json]:
    """JSON Patch that brings the descriptions in a request to what is stored; empty where there is nothing to do.

    Args:
        stored: The entity as the server has it.
        body: The request that will be put after the patch; what the server has no description of gets it there.
        last_written: ``words_of`` of what we wrote before.
    """
    ours = frozenset(last_written.split())
    wanted = {text.names: text.text for text in _texts(body)}
    operations: list[Json] = []
    for held in _texts(stored):
        # A column that the source no longer has goes with the PUT.
        new = wanted.get(held.names, held.text)
        if new == held.text or held.digest() not in ours:
            continue
        # A person may write in this very moment: then the server refuses the patch.
        operations.append({"op": "test", "path": held.pointer, "value": held.text})
        operations.append(
            {"op": "replace", "path": held.pointer, "value": new} if new else {"op": "remove", "path": held.pointer}
        )
    return operations


def _texts(body: Json, names: tuple[str, ...] = (), pointer: str = "") -> Iterator[_Text]:
    yield _Text(names, f"{pointer}/description", body.get("description") or "")
    for below in _COLUMNS:
        for at, column in enumerate(body.get(below) or ()):
            yield from _texts(column, (*names, column["name"]), f"{pointer}/{below}/{at}")
