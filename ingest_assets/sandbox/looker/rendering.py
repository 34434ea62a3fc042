"""From rows to what leaves: the members asked for, checked against looker-sdk's own classes."""

from __future__ import annotations

import enum
import keyword
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import attr
from looker_sdk.rtl.model import Model

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.looker.field_trees import FieldTree


class Member(NamedTuple):
    """A member of an answer.

    Attributes:
        kind: Its type, without ``Optional``.
        required: Whether looker-sdk can't do without it.
    """

    kind: Any
    required: bool


@lru_cache(maxsize=512)
def members(model: type) -> Mapping[str, Member]:
    """The members of one of looker-sdk's classes, by their names on the wire."""
    hints = get_type_hints(model)
    return {
        _wire_name(name): Member(_bare(hints[name]), attribute.default is attr.NOTHING)
        for name, attribute in attr.fields_dict(model).items()
    }


def unknown_fields(kind: Any, tree: FieldTree, where: str = "") -> list[str]:
    """What is asked for and does not exist; Looker leaves it out without a word."""
    item = get_args(kind)[0] if _is_list(kind) else kind
    if not _is_model(item):
        return []
    known = members(item)
    missing = [f"{where}{name}" for name in tree if name not in known]
    for name, below in tree.items():
        if name in known:
            missing += unknown_fields(known[name].kind, below, f"{where}{name}.")
    return missing


def render(value: object, kind: Any, tree: FieldTree, where: str) -> Any:
    """A value as JSON has it: of a row those members that are asked for, null where the row has none.

    Args:
        value: A row, a list of rows, or a member's value.
        kind: The type that looker-sdk has for it.
        tree: What is asked for; empty for all.
        where: What it is, for messages.

    Raises:
        InvalidAnswerError: Looker could not have sent that.
    """
    if value is None:
        return None
    if _is_list(kind):
        if not isinstance(value, list | tuple):
            raise _unsound(where, value, kind)
        item = get_args(kind)[0]
        return [render(one, item, tree, f"{where}[{at}]") for at, one in enumerate(value)]
    if _is_model(kind):
        return _render_row(value, kind, tree, where)
    return _render_plain(value, kind, where)


def _render_row(value: object, kind: type, tree: FieldTree, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unsound(where, value, kind)
    known = members(kind)
    strange = sorted(value.keys() - known.keys())
    if strange:
        raise InvalidAnswerError(f"looker-sdk's {kind.__name__} has no {strange}", where=where)
    asked = [name for name in known if not tree or name in tree]
    row = {name: render(value.get(name), known[name].kind, tree.get(name, {}), f"{where}.{name}") for name in asked}
    for name in asked:
        if known[name].required and row[name] is None:
            raise InvalidAnswerError(f"looker-sdk's {kind.__name__} needs {name}", where=where)
    return row


def _render_plain(value: object, kind: Any, where: str) -> Any:
    if kind is Any:
        return value
    if kind is datetime:
        if not isinstance(value, datetime) or value.utcoffset() is None:
            raise _unsound(where, value, kind)
        return value.isoformat(timespec="milliseconds")
    if get_origin(kind) is not None:  # the only ones left are mappings
        item = get_args(kind)[1]
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise _unsound(where, value, kind)
        return {key: render(one, item, {}, f"{where}.{key}") for key, one in value.items()}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        if value not in {one.value for one in kind}:
            raise _unsound(where, value, kind)
        return value
    if type(value) is not kind:
        raise _unsound(where, value, kind)
    return value


def _unsound(where: str, value: object, kind: Any) -> InvalidAnswerError:
    return InvalidAnswerError(f"{value!r:.80} is no {getattr(kind, '__name__', kind)}", where=where)


def _wire_name(name: str) -> str:
    return name[:-1] if name.endswith("_") and keyword.iskeyword(name[:-1]) else name


def _bare(kind: Any) -> Any:
    if get_origin(kind) is Union:
        (kind,) = (one for one in get_args(kind) if one is not type(None))
    return kind


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is Sequence


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)
