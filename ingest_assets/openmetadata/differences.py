"""What a plan can tell people of a merge, by marks alone: what the source says anew, and what a person has set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingest_assets.openmetadata.marks import (
    OWNERS,
    TAGS,
    TEXTS,
    Holder,
    Json,
    Marks,
    Path,
    column_labels,
    facets,
    holders,
    knows_owners,
    marks_of,
    owners_of,
    properties,
    text_of,
)

REPLACES = "replaces what people set"
"""How the reason of an update begins that the source did not cause: the recipe asks for it (``overrideMetadata``)."""


REJOINS = "what is on it is made anew"
"""Why a dashboard is put again that has not changed."""


class Differences(NamedTuple):
    """How a request differs from what was written and from what the server holds.

    Attributes:
        changed: Paths that the source now says otherwise; a label's FQN comes last where it is known.
        persons: Paths that a person has set, or emptied.
    """

    changed: list[Path]
    persons: list[Path]


def differences(
    request: Json, held: Marks, written: Marks, intended: Marks, unknown: frozenset[str] = frozenset()
) -> Differences:
    """Compare by marks.

    Args:
        request: What the source says.
        held: Marks of what the server holds; labels of columns are not among them.
        written: Marks of what it has acknowledged.
        intended: Marks of what may have arrived.
        unknown: Properties that the source could not read.
    """
    found = Differences([], [])
    for path, said in _values(request, unknown):
        if held.has(path) if said is None else not held.is_at(path, said):
            ours = held.same(path, written) or (held.has(path) and held.within(path, intended))
            if ours or written.has(path) or said is not None:
                (found.changed if ours else found.persons).append(path)
    _compare_labels(found, request, held, written)
    told = list(properties(request))
    if any(written.has(path) for path, _ in told):
        # Of what was taken over the ledger knows words only.
        found.changed.extend(path for path, value in told if not written.is_at(path, value))
    return found


def split_override(found: Differences, request: Json, override: frozenset[str]) -> tuple[list[Path], list[Path]]:
    """What stays as people set it, and what the source's word replaces because the recipe asks for it.

    Args:
        found: How the request differs.
        request: What the source says; where it says nothing, nothing is replaced.
        override: Properties that it replaces.
    """
    said = marks_of(request) if override else Marks()
    kept: list[Path] = []
    replaced: list[Path] = []
    for path in found.persons:
        to_value = path[:-1] if TAGS in path[-2:-1] else path
        is_replaced = to_value[-1] in override and said.has(to_value)
        (replaced if is_replaced else kept).append(path)
    return kept, replaced


def _values(request: Json, unknown: frozenset[str]) -> Iterator[tuple[Path, str | None]]:
    """Texts and owners that the source knows; None: it says that there is none."""
    for holder in holders(request):
        for name in TEXTS:
            if holder.names or name not in unknown:
                yield (*holder.names, name), text_of(holder.json, name)
    if knows_owners(request):
        yield (OWNERS,), owners_of(request)


def _compare_labels(found: Differences, request: Json, held: Marks, written: Marks) -> None:
    said = marks_of(request)
    for path, fqn in facets(request):
        if path == (TAGS,) and not held.is_at(path, fqn):
            (found.persons if written.is_at(path, fqn) else found.changed).append((*path, fqn))
    found.changed.extend((*path, fqn) for path, fqn in column_labels(request) if not written.is_at(path, fqn))
    gone = (holder for holder in holders(request) if _has_lost_labels(holder, said, held, written))
    found.changed.extend((*holder.names, TAGS) for holder in gone)


def _has_lost_labels(holder: Holder, said: Marks, held: Marks, written: Marks) -> bool:
    """Whether the source no longer has a label that we wrote there, as far as it is known to be there still."""
    path = (*holder.names, TAGS)
    if TAGS not in holder.json or written.within(path, said):
        return False
    return bool(holder.names) or held.has(path)
