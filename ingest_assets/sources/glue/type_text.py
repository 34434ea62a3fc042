"""Types in the text of Hive, Spark, Iceberg and Trino, as Glue stores them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest_assets.catalog import Column
from ingest_assets.sources.glue.types import (
    UNKNOWN,
    ColumnType,
    array_of,
    map_of,
    primitive,
    set_of,
    struct_of,
    union_of,
    unknown,
)

_DEEPEST = 32  # levels of nesting that are taken apart; what lies deeper keeps its text

_ARRAYS = {"array", "list", "bag"}
_STRUCTS = {"struct", "row", "record", "tuple"}
_MAPS = {"map"}
_SETS = {"set"}
_UNIONS = {"uniontype", "union", "choice"}

_MARKS = re.compile(r"[<>(),:`'\"]")
_CLOSES = {">": "<", ")": "("}
_BLANK = re.compile(r"\s*")
_STRINGS = {mark: re.compile(rf"{mark}((?:[^{mark}\\]|\\.|{mark}{mark})*){mark}", re.DOTALL) for mark in "'\""}
_BACKTICKED = re.compile(r"`((?:[^`]|``)*)`")
_COMMENT = re.compile(r"\bcomment\s*$", re.IGNORECASE)
_COMMENT_REACH = 24  # characters in which the word is looked for before a quote
_NOT_NULL = re.compile(r"\s+not\s+null\s*$", re.IGNORECASE)
_NOT_NULL_REACH = 24
_NAME_THEN_TYPE = re.compile(r"(`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|[^\s<>(),`\"]+)\s+")


@dataclass
class _Group:
    """What a pair of brackets holds."""

    opener: str
    open_at: int
    close_at: int = -1
    items: list[_Item] = field(default_factory=list)


@dataclass
class _Item:
    """What lies between two commas: where its parts are, quoted text left out of account."""

    start: int
    first: int
    end: int = -1
    colon: int = -1
    comment_at: int = -1
    comment: str | None = None
    groups: list[_Group] = field(default_factory=list)


def parse_type(text: str) -> ColumnType:
    """A type from its text.

    Total: text that can't be read makes a type ``UNKNOWN`` that keeps it. Takes time in proportion to the text, and
    goes down a limited number of levels.

    Args:
        text: E.g. ``array<struct<`Hub id`:string comment 'x',at:timestamp>>`` or ``row(a integer, "b c" varchar(3))``.
    """
    text = text.strip()
    items = _Scan(text).items()
    return _type(text, items[0], 0, len(text), 0) if items and len(items) == 1 else unknown(text)


class _Scan:
    """One pass over a text, finding brackets, commas, colons and quotes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open = [_Group("", -1)]
        self._at = 0
        self._begin_item(0)

    def items(self) -> list[_Item] | None:
        """What is between the commas outside of all brackets; None if the brackets don't match."""
        while match := _MARKS.search(self._text, self._at):
            self._at = match.end()
            mark, at = match[0], match.start()
            if mark in "<(":
                self._begin_group(mark, at)
            elif mark in ">)":
                if self._open[-1].opener != _CLOSES[mark]:
                    return None
                self._end_group(at)
            elif mark == ",":
                self._item.end = at
                self._begin_item(at + 1)
            elif mark == ":":
                self._item.colon = at
            else:
                self._skip_quoted(mark, at)
        self._item.end = len(self._text)
        return self._open[0].items if len(self._open) == 1 else None

    @property
    def _item(self) -> _Item:
        return self._open[-1].items[-1]

    def _begin_item(self, start: int) -> None:
        first = _BLANK.match(self._text, start)
        self._open[-1].items.append(_Item(start, first.end() if first else start))

    def _begin_group(self, mark: str, at: int) -> None:
        group = _Group(mark, at)
        self._item.groups.append(group)
        self._open.append(group)
        self._begin_item(at + 1)

    def _end_group(self, at: int) -> None:
        self._item.end = at
        self._open.pop().close_at = at

    def _skip_quoted(self, mark: str, at: int) -> None:
        """A quote counts where a name or a comment begins; anywhere else it is a letter (``struct<it's:int>``)."""
        word = _COMMENT.search(self._text[max(0, at - _COMMENT_REACH) : at]) if mark != "`" else None
        if word is None and (mark == "'" or at != self._item.first):
            return
        match = (_BACKTICKED if mark == "`" else _STRINGS[mark]).match(self._text, at)
        if match is None:
            return
        if word is not None:
            self._item.comment_at = at - (word.end() - word.start())
            self._item.comment = re.sub(r"\\(.)|''", lambda m: m[1] or "'", match[1], flags=re.DOTALL)
        self._at = match.end()


def _type(text: str, item: _Item, start: int, end: int, depth: int) -> ColumnType:
    """The type that the part ``start:end`` of an item spells."""
    display = text[start:end].strip()
    groups = [group for group in item.groups if start <= group.open_at < end]
    if not groups:
        return _composite(text, display.lower(), _Group("", start), display, depth) or primitive(display)
    if depth >= _DEEPEST:
        return unknown(display)
    group = groups[0]
    head = text[start : group.open_at].strip().lower()
    alone = len(groups) == 1 and not text[group.close_at + 1 : end].strip()
    made = _composite(text, head, group, display, depth + 1) if alone else None
    if made is not None:
        return made
    return primitive(display) if group.opener == "(" else unknown(display)


def _composite(text: str, head: str, group: _Group, display: str, depth: int) -> ColumnType | None:
    """A type with parts; without them, as in a bare ``array``, it still is what it says. None if there is no such."""
    items = [] if len(group.items) == 1 and group.items[0].first >= group.items[0].end else group.items
    if any(item.first >= item.end for item in items):
        return None
    made: ColumnType | None = None
    if head in _STRUCTS:
        made = struct_of((_field(text, item, number, depth) for number, item in enumerate(items)), display)
    elif head in _ARRAYS | _MAPS | _SETS | _UNIONS:
        made = _of_parts(head, [_type(text, item, item.start, item.end, depth) for item in items], display)
    return made


def _of_parts(head: str, parts: list[ColumnType], display: str) -> ColumnType | None:
    if head in _UNIONS:
        return union_of(parts, display)
    if len(parts) not in {0, 2 if head in _MAPS else 1}:
        return None
    first, *more = parts or [unknown("")]
    if head in _MAPS:
        return map_of(first, more[0] if more else first, display)
    return array_of(first, display) if head in _ARRAYS else set_of(first, display)


def _field(text: str, item: _Item, number: int, depth: int) -> Column:
    """A field of a struct: ``name:type`` as Hive has it, or ``name type`` as Trino and Spark do."""
    end = item.comment_at if item.comment_at > item.colon else item.end
    comment = item.comment if item.comment_at > item.colon else None
    nullability = _NOT_NULL.search(text, max(item.start, end - _NOT_NULL_REACH), end)
    end = nullability.start() if nullability else end
    if item.colon >= 0:
        # The last colon: a name may hold one, a type can't, but within brackets.
        name, start = text[item.start : item.colon], item.colon + 1
    else:
        name, start = _name_before_type(text, item, end, number)
    return _type(text, item, start, end, depth).column(_unquoted(name.strip()), comment or None)


def _name_before_type(text: str, item: _Item, end: int, number: int) -> tuple[str, int]:
    """The field's name and where its type starts; fields without a name get Trino's ``field0``, ``field1``, ..."""
    match = _NAME_THEN_TYPE.match(text, item.first, end)
    whole_is_type = not item.groups and primitive(text[item.first : end].strip()).data_type != UNKNOWN
    if match is None or whole_is_type or not text[match.end() : end].strip():
        return f"field{number}", item.first
    return match[1], match.end()


def _unquoted(name: str) -> str:
    for mark in ("`", '"'):
        if len(name) > 1 and name[0] == name[-1] == mark:
            return name[1:-1].replace(mark * 2, mark)
    return name
