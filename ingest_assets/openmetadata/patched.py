"""What a server made of a patch, by its answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingest_assets.openmetadata.marks import TEXTS, Json


def unpatched(operations: Iterable[Json], answer: Json) -> list[str]:
    """Pointers to texts that a server did not patch, though it took the patch.

    A patch within ten minutes of our last change is held against the version before that (1.2 and later): a column that
    had another type there gets its description back.

    Args:
        operations: Of a merge, built against the document that was patched.
        answer: What the server answered.
    """
    kept = []
    for operation in operations:
        above, _, name = operation["path"].rpartition("/")
        holder = _at(answer, above) if operation["op"] != "test" and name in TEXTS else None
        if holder is not None and (holder.get(name) or None) != operation.get("value"):
            kept.append(operation["path"])
    return kept


def _at(document: Any, pointer: str) -> Json | None:
    """The object that a pointer leads to; None where an answer doesn't show it."""
    for part in pointer.split("/")[1:]:
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and int(part) < len(document):
            document = document[int(part)]
    return document if isinstance(document, dict) else None
