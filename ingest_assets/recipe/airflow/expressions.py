"""The value of an expression of a DAG file. Nothing of the file is ever run: what isn't understood is unknown."""

from __future__ import annotations

import ast
import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from ingest_assets.recipe.airflow.known_calls import LONGEST, MOST, variable
from ingest_assets.recipe.airflow.values import Argument, Call, Config, Imported, Names, Table, Unknown, Value

_RUN_TIME = "only known when the DAG runs"
_LARGEST = 1 << 53
# Of a whole number: Python refuses to write out one of 4301 digits, and computes none of these as a float.
_MOST_BITS = 1000
# Halves of characters, which an escape can spell and no file can hold.
_HALF = re.compile(r"[\ud800-\udfff]")
_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
    }
)


class Expressions:
    """Reads expressions that see certain names.

    Attributes:
        names: What names stand for.
    """

    def __init__(self, path: Path, names: Names, answer: Callable[[Call], Value]) -> None:
        """Reads expressions of one scope.

        Args:
            path: The file.
            names: What names stand for; changed by assignments.
            answer: Gives the result of a call.
        """
        self.names = names
        self._path = path
        self._answer = answer

    def value(self, node: ast.expr) -> Value:
        """What an expression stands for."""
        reader = self._readers.get(type(node))
        if reader is None:
            return Unknown(_RUN_TIME, node.lineno)
        value: Value = reader(self, node)
        return value

    def call_of(self, node: ast.Call) -> Call:
        """A call with what it is given."""
        positional: list[Value] = []
        for given in node.args:
            if isinstance(given, ast.Starred):
                items = self.value(given.value)
                positional += items if isinstance(items, list | tuple) else [Unknown(_RUN_TIME, given.lineno)]
            else:
                positional.append(self.value(given))
        target, method = self._callee(node.func)
        return Call(target, method, tuple(positional), self._keywords(node), node.lineno)

    def _keywords(self, node: ast.Call) -> dict[str, Argument]:
        keywords: dict[str, Argument] = {}
        for given in node.keywords:
            value, line = self.value(given.value), given.value.lineno
            if given.arg is not None:
                keywords[given.arg] = Argument(value, given.lineno)
            elif isinstance(value, Table):
                keywords |= {str(key): Argument(held, value.lines[key]) for key, held in value.items()}
            else:
                keywords["**"] = Argument(Unknown(_RUN_TIME, line), line)
        return keywords

    def _callee(self, node: ast.expr) -> tuple[Value, str]:
        if not isinstance(node, ast.Attribute):
            return self.value(node), ""
        owner = self.value(node.value)
        if isinstance(owner, Imported):
            return Imported(f"{owner.name}.{node.attr}"), ""
        return owner, node.attr

    def _constant(self, node: ast.Constant) -> Value:
        known = node.value is None or isinstance(node.value, str | int | float)
        if isinstance(node.value, str) and _HALF.search(node.value):
            known = False
        if isinstance(node.value, int) and node.value.bit_length() > _MOST_BITS:
            known = False
        return node.value if known else Unknown("of a kind that no recipe holds", node.lineno)

    def _name(self, node: ast.Name) -> Value:
        if node.id == "__file__":
            return self._path
        return self.names.get(node.id, Imported(node.id))

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        if isinstance(owner, Imported):
            return Imported(f"{owner.name}.{node.attr}")
        if isinstance(owner, Path):
            parts: dict[str, Value] = {"parent": owner.parent, "stem": owner.stem, "name": owner.name}
            return parts.get(node.attr, Unknown(_RUN_TIME, node.lineno))
        return owner if isinstance(owner, Unknown) else Unknown(_RUN_TIME, node.lineno)

    def _called(self, node: ast.Call) -> Value:
        return self._answer(self.call_of(node))

    def _formatted(self, node: ast.JoinedStr) -> Value:
        text = ""
        for part in node.values:
            plain = isinstance(part, ast.Constant) or (
                isinstance(part, ast.FormattedValue) and part.conversion == -1 and part.format_spec is None
            )
            value = self.value(part.value if isinstance(part, ast.FormattedValue) else part)
            if isinstance(value, Unknown):
                return value
            if not plain or not isinstance(value, str | int | float) or len(text) > LONGEST:
                return Unknown("an f-string whose parts can't be read", node.lineno)
            text += str(value)
        return text

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        items: list[Value] = []
        for item in node.elts:
            if not isinstance(item, ast.Starred):
                items.append(self.value(item))
                continue
            more = self.value(item.value)
            if not isinstance(more, list | tuple) or len(items) + len(more) > MOST:
                return Unknown(_RUN_TIME, item.lineno)
            items += more
        return tuple(items) if isinstance(node, ast.Tuple) else items

    def _dict(self, node: ast.Dict) -> Value:
        table = Table()
        for key, held in zip(node.keys, node.values, strict=True):
            value = self.value(held)
            if key is not None:
                name = self.value(key)
                table.put(name if isinstance(name, str | int) else str(name), value, key.lineno)
            elif isinstance(value, Table):
                table.take_all(value)
            else:
                table.put("**", Unknown(_RUN_TIME, held.lineno), held.lineno)
        return table

    def _signed(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(value, int | float | dt.timedelta):
            return _multiple(value, -1, node.lineno) if isinstance(value, dt.timedelta) else -value
        if isinstance(node.op, ast.Not) and isinstance(value, bool):
            return not value
        return value if isinstance(value, Unknown) else Unknown(_RUN_TIME, node.lineno)

    def _combined(self, node: ast.BinOp) -> Value:
        return combination(node.op, self.value(node.left), self.value(node.right), node.lineno)

    def _item(self, node: ast.Subscript) -> Value:
        owner, key = self.value(node.value), self.value(node.slice)
        if isinstance(owner, Imported) and owner.ends("environ"):
            return variable(key, None, node.lineno)
        if isinstance(owner, Table) and isinstance(key, str | int) and key in owner:
            return owner[key]
        if isinstance(owner, Config):
            return owner  # What changes a part of it changes it.
        if isinstance(owner, list | tuple) and isinstance(key, int) and -len(owner) <= key < len(owner):
            return owner[key]
        return Unknown(_RUN_TIME, node.lineno)

    _readers: ClassVar[Mapping[type[ast.expr], Callable[..., Value]]] = MappingProxyType(
        {
            ast.Constant: _constant,
            ast.Name: _name,
            ast.Attribute: _attribute,
            ast.Call: _called,
            ast.JoinedStr: _formatted,
            ast.List: _sequence,
            ast.Tuple: _sequence,
            ast.Set: _sequence,
            ast.Dict: _dict,
            ast.UnaryOp: _signed,
            ast.BinOp: _combined,
            ast.Subscript: _item,
        }
    )


def combination(kind: ast.operator, left: Value, right: Value, line: int) -> Value:
    """Two values with an operator between them."""
    unknown = next((value for value in (left, right) if isinstance(value, Unknown)), None)
    if unknown is not None:
        return unknown
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _calculated(kind, left, right, line)
    if isinstance(kind, ast.Mult):
        return _multiple(left, right, line)
    if isinstance(kind, ast.Div) and isinstance(left, Path) and isinstance(right, str):
        return left / right
    if isinstance(kind, ast.BitOr) and isinstance(left, Table) and isinstance(right, Table):
        table = Table()
        table.take_all(left)
        table.take_all(right)
        return table
    return _sum(left, right, line) if isinstance(kind, ast.Add) else Unknown(_RUN_TIME, line)


def _calculated(kind: ast.operator, left: float, right: float, line: int) -> Value:
    calculate = _ARITHMETIC.get(type(kind))
    if calculate is None or max(abs(left), abs(right)) > _LARGEST:
        return Unknown(_RUN_TIME, line)
    try:
        return calculate(left, right)
    except ZeroDivisionError:
        return Unknown("a division by zero", line)


def _multiple(left: Value, right: Value, line: int) -> Value:
    interval, times = (left, right) if isinstance(left, dt.timedelta) else (right, left)
    if not isinstance(interval, dt.timedelta) or not isinstance(times, int | float):
        return Unknown(_RUN_TIME, line)
    try:
        return interval * times
    except (OverflowError, ValueError) as error:
        return Unknown(f"refused by Python ({error})", line)


def _sum(left: Value, right: Value, line: int) -> Value:
    if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) <= LONGEST:
        return left + right
    if isinstance(left, list) and isinstance(right, list) and len(left) + len(right) <= MOST:
        return left + right
    if isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta):
        try:
            return left + right
        except OverflowError as error:
            return Unknown(f"refused by Python ({error})", line)
    return Unknown(_RUN_TIME, line)
