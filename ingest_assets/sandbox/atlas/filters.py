"""Conditions of a basic search on attributes: ``entityFilters`` and ``tagFilters``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ingest_assets.sandbox.atlas.refusals import AtlasCrashError, BrokenJsonError

Row = Mapping[str, Any]
Reader = Callable[[str], Any]

SYMBOLS = {
    "lt": "<", "gt": ">", "lte": "<=", "gte": ">=", "eq": "=", "neq": "!=", "in": "in", "like": "like",
    "startsWith": "startsWith", "endsWith": "endsWith", "contains": "contains", "notContains": "not_contains",
    "isNull": "isNull", "notNull": "notNull", "containsAny": "contains_any", "containsAll": "contains_all",
}  # fmt: skip
"""Operators in their short form, which is echoed as the symbol; both are understood."""

_OTHER_WORDS = {
    "LT": "<", "GT": ">", "LTE": "<=", "GTE": ">=", "EQ": "=", "NEQ": "!=", "IN": "in", "LIKE": "like",
    "STARTS_WITH": "startsWith", "begins_with": "startsWith", "BEGINS_WITH": "startsWith", "ENDS_WITH": "endsWith",
    "ends_with": "endsWith", "CONTAINS": "contains", "NOT_CONTAINS": "not_contains", "is_null": "isNull",
    "not_null": "notNull", "starts_with": "startsWith",
}  # fmt: skip
_KNOWN = {**{symbol: symbol for symbol in SYMBOLS.values()}, **SYMBOLS, **_OTHER_WORDS}


@dataclass(frozen=True)
class Condition:
    """One condition, or several that are joined.

    Attributes:
        join: ``AND`` or ``OR``; empty for one.
        parts: Those that are joined.
        name: The attribute.
        operator: Its symbol.
        value: What it is compared with, as text.
    """

    join: str = ""
    parts: tuple[Condition, ...] = ()
    name: str = ""
    operator: str = ""
    value: str = ""

    @classmethod
    def read(cls, row: Any) -> Condition:
        """Read a filter as it is sent.

        Raises:
            BrokenJsonError: It is none, or its operator is unknown.
        """
        if not isinstance(row, dict):
            raise BrokenJsonError
        if row.get("condition"):
            join, parts = str(row["condition"]).upper(), row.get("criterion")
            if join not in ("AND", "OR") or not isinstance(parts, list) or not parts:
                raise BrokenJsonError
            return cls(join, tuple(map(cls.read, parts)))
        operator = _KNOWN.get(str(row.get("operator")))
        if operator is None or not isinstance(row.get("attributeName"), str):
            raise BrokenJsonError
        value = row.get("attributeValue")
        return cls(name=row["attributeName"], operator=operator, value="" if value is None else str(value))

    def names(self) -> Iterator[str]:
        """The attributes that are asked for."""
        if self.name:
            yield self.name
        for part in self.parts:
            yield from part.names()

    def values(self) -> Iterator[str]:
        """What they are compared with."""
        if self.name:
            yield self.value
        for part in self.parts:
            yield from part.values()

    def echo(self) -> dict[str, Any]:
        """As the answer repeats it, with the operator's symbol."""
        if self.join:
            return {"condition": self.join, "criterion": [part.echo() for part in self.parts]}
        return {"attributeName": self.name, "operator": self.operator, "attributeValue": self.value}

    def holds(self, read: Reader) -> bool:
        """Whether something fulfils it.

        Args:
            read: Gives the value of an attribute.
        """
        if self.join:
            return (all if self.join == "AND" else any)(part.holds(read) for part in self.parts)
        return _compare(self.operator, read(self.name), self.value)

    def indexed(self, is_indexed: Callable[[Condition], bool]) -> Condition | None:
        """The part that the index can answer alone; None when that is nothing."""
        if not self.join:
            return self if is_indexed(self) else None
        parts = [part.indexed(is_indexed) for part in self.parts]
        kept = tuple(part for part in parts if part is not None)
        if not kept or (self.join == "OR" and len(kept) < len(parts)):
            return None
        return Condition(self.join, kept)


def _compare(operator: str, value: Any, wanted: str) -> bool:
    if operator in ("isNull", "notNull"):
        return (value is None) is (operator == "isNull")
    if value is None:
        return operator in ("!=", "not_contains")
    if isinstance(value, bool):
        return (str(value).lower() == wanted.lower()) is (operator == "=")
    if isinstance(value, (int, float)):
        return _compare_numbers(operator, value, wanted)
    texts = value if isinstance(value, (list, tuple)) else [value]
    return any(_compare_texts(operator, str(one), wanted) for one in texts)


def _compare_numbers(operator: str, value: float, wanted: str) -> bool:
    try:
        number = float(wanted)
    except ValueError:
        raise AtlasCrashError from None
    return {
        "<": value < number,
        ">": value > number,
        "<=": value <= number,
        ">=": value >= number,
        "=": value == number,
        "!=": value != number,
    }.get(operator, False)


def _compare_texts(operator: str, value: str, wanted: str) -> bool:
    comparisons: dict[str, Callable[[], bool]] = {
        "=": lambda: value == wanted,
        "!=": lambda: value != wanted,
        "<": lambda: value < wanted,
        ">": lambda: value > wanted,
        "<=": lambda: value <= wanted,
        ">=": lambda: value >= wanted,
        "in": lambda: value in wanted.split(","),
        "like": lambda: fnmatchcase(value, wanted),
        "startsWith": lambda: value.startswith(wanted),
        "endsWith": lambda: value.endswith(wanted),
        "contains": lambda: wanted in value,
        "not_contains": lambda: wanted not in value,
        "contains_any": lambda: any(one in value for one in wanted.split(",")),
        "contains_all": lambda: all(one in value for one in wanted.split(",")),
    }
    return comparisons[operator]()
