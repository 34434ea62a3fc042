"""Declarations laid over each other: refinements over what they refine, a child over what it extends.

- What is laid on top overrides parameter by parameter. Fields, joins, sets and all else that has a name are met by
  name, and a field of another kind replaces the one below. Some lists grow (``ADDED``).
- ``${EXTENDED}`` in a text on top stands for the text below, ``EXTENDED*`` in a list for the list below.
- Refinements come first, in the order of includes and of lines; then what all of these extend goes below the outcome:
  of several the last named lies uppermost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from ingest_assets.sources.looker.lookml import bodies
from ingest_assets.sources.looker.lookml.parsing import Body

FIELD_KINDS = ("dimensions", "dimension_groups", "measures", "filters", "parameters")
"""Keys of a view under which its fields are; a name stands for one field of one kind."""

ADDED = frozenset(
    {
        *("extends__all", "links", "actions", "allowed_values", "filters__all", "access_filters"),
        *("bind_filters__all", "dev_filters", "sorts"),
    }
)
"""Lists that grow where others are replaced, as Looker's page on ``extends`` names them, in ``lkml``'s form."""

_OWN = frozenset({"extends__all", "extension", "name"})  # of a declaration, not of what extends it
EXTENDED = "${EXTENDED}"
"""In a text on top, what stands below."""
_EXTENDED_LIST = "EXTENDED*"
_WAYS = (
    frozenset({"sql_table_name"}),
    frozenset({"derived_table"}),
)
_DERIVED_WAYS = (
    frozenset({"sql"}),
    frozenset({"explore_source"}),
    frozenset({"sql_create"}),
    frozenset({"create_process"}),
)


def overlay(below: Body, above: Body) -> Body:
    """One body of two; neither is changed."""
    merged = dict(below)
    _drop_replaced_fields(merged, above)
    _drop_other_ways(merged, above, _WAYS)
    for key, value in above.items():
        merged[key] = _merged(key, merged[key], value) if key in merged else value
    return merged


def _merged(key: str, below: Any, above: Any) -> Any:
    if isinstance(below, str) and isinstance(above, str):
        return above.replace(EXTENDED, below)
    if isinstance(below, dict) and isinstance(above, dict):
        kept = dict(below)
        if key == "derived_table":
            _drop_other_ways(kept, above, _DERIVED_WAYS)
        return overlay(kept, above)
    if isinstance(below, list) and isinstance(above, list):
        if key in ADDED:
            return [*below, *above]
        if _is_named(below) and _is_named(above):
            return _by_name(below, above)
        if _EXTENDED_LIST in above:
            return [word for item in above for word in (below if item == _EXTENDED_LIST else [item])]
    return above


def _is_named(items: list[Any]) -> bool:
    return all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in items)


def _by_name(below: list[Body], above: list[Body]) -> list[Body]:
    merged: dict[str, Body] = {}
    for item in (*below, *above):
        name = item["name"]
        merged[name] = overlay(merged[name], item) if name in merged else item
    return list(merged.values())


def _drop_replaced_fields(merged: Body, above: Body) -> None:
    for kind in FIELD_KINDS:
        names = {name for name, _ in bodies.named(above, kind)}
        for other in FIELD_KINDS:
            if names and other != kind and isinstance(merged.get(other), list):
                merged[other] = [
                    item for item in merged[other] if not (isinstance(item, dict) and item.get("name") in names)
                ]


def _drop_other_ways(merged: Body, above: Body, ways: tuple[frozenset[str], ...]) -> None:
    """A table's name on top replaces a derived table below, and the other way round."""
    chosen = [way for way in ways if way & above.keys()]
    for way in ways:
        if chosen and way not in chosen:
            for key in way & merged.keys():
                del merged[key]


def refined(base: Body, refinements: list[Body]) -> Body:
    """A declaration with its refinements, the last one uppermost."""
    return reduce(overlay, refinements, base)


def parents_of(body: Body) -> tuple[str, ...]:
    """What a declaration extends, the last named uppermost; each once, where it was named last."""
    names = bodies.texts(body, "extends__all")
    return tuple(reversed(dict.fromkeys(reversed(names))))


def extended(body: Body, parent: Callable[[str], Body | None]) -> Body:
    """A declaration over what it extends.

    Args:
        body: With its refinements.
        parent: The merged body of a parent; None where there is none.
    """
    below: Body = {}
    for name in parents_of(body):
        if (found := parent(name)) is not None:
            below = overlay(below, {key: value for key, value in found.items() if key not in _OWN})
    return overlay(below, body) if below else body
