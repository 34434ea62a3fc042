"""JSON Patch (RFC 6902) on plain JSON values."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Unhandled, bad_request


def apply_patch(document: Any, patch: Any) -> Any:
    """The document after all operations; the given one is not touched.

    Raises:
        Refused: The patch is no list of operations (400).
        Unhandled: An operation does not apply, a ``test`` fails, or the operation is unknown (500).
    """
    if not isinstance(patch, list) or not all(isinstance(one, dict) for one in patch):
        raise bad_request("Cannot deserialize value of type `javax.json.JsonArray` from Object value")
    patched = copy.deepcopy(document)
    for operation in patch:
        patched = _apply(patched, operation)
    return patched


def _apply(document: Any, operation: Mapping[str, Any]) -> Any:
    try:
        apply = _OPERATIONS[operation["op"]]
        return apply(document, operation)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise Unhandled(f"The JSON Patch operation {operation} can't be applied: {error}") from error


def _steps(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        msg = f"{pointer} is no JSON pointer"
        raise ValueError(msg)
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _index(step: str, length: int) -> int:
    at = int(step)
    if not 0 <= at < length:
        raise IndexError(step)
    return at


def _child(value: Any, step: str) -> Any:
    return value[_index(step, len(value))] if isinstance(value, list) else value[step]


def _get(document: Any, pointer: str) -> Any:
    for step in _steps(pointer):
        document = _child(document, step)
    return document


def _set(document: Any, pointer: str, value: Any) -> Any:
    """Add a value; into a list it is inserted."""
    if not pointer:
        return value
    *way, last = _steps(pointer)
    target = document
    for step in way:
        target = _child(target, step)
    if isinstance(target, list):
        target.insert(len(target) if last == "-" else _index(last, len(target) + 1), value)
    else:
        target[last] = value
    return document


def _remove(document: Any, pointer: str) -> Any:
    *way, last = _steps(pointer)
    target = document
    for step in way:
        target = _child(target, step)
    if isinstance(target, list):
        del target[_index(last, len(target))]
    else:
        del target[last]
    return document


def _replace(document: Any, operation: Mapping[str, Any]) -> Any:
    pointer = operation["path"]
    return _set(_remove(document, pointer), pointer, operation["value"]) if pointer else operation["value"]


def _move(document: Any, operation: Mapping[str, Any]) -> Any:
    value = _get(document, operation["from"])
    return _set(_remove(document, operation["from"]), operation["path"], value)


def _copy(document: Any, operation: Mapping[str, Any]) -> Any:
    return _set(document, operation["path"], copy.deepcopy(_get(document, operation["from"])))


def _test(document: Any, operation: Mapping[str, Any]) -> Any:
    if _get(document, operation["path"]) != operation["value"]:
        msg = f"the value at {operation['path']} is another one"
        raise ValueError(msg)
    return document


_OPERATIONS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "add": lambda document, operation: _set(document, operation["path"], operation["value"]),
    "remove": lambda document, operation: _remove(document, operation["path"]),
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
