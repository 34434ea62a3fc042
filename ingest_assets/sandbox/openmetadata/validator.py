"""Checks a JSON value against a request class, as Jackson and bean validation do on the real server.

Unknown properties and wrong types end a request at once; broken rules (required, sizes, patterns) are collected, so
that a bulk request can put them to the element that broke them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Unrecognized, bad_request
from ingest_assets.sandbox.openmetadata.enumerations import members
from ingest_assets.sandbox.openmetadata.properties import Property
from ingest_assets.sandbox.openmetadata.request_classes import java_class, properties
from ingest_assets.sandbox.openmetadata.versions import Version

Checker = Callable[[Any, list[str]], Any]

# Java's '.' stops at every line terminator, so a line break breaks the pattern that only means to forbid '::'.
_NO_COLONS = ("^((?!::).)*$", re.compile(r"(?:(?!::)[^\n\r\x85\u2028\u2029])*"))
_OLD_NAME = (r"(?U)^[\w'\- .&()]+$", re.compile(r"[\w'\- .&()]+"))
_PERCENT_NAME = (r"(?U)^[\w'\- .&()%]+$", re.compile(r"[\w'\- .&()%]+"))


@dataclass(frozen=True)
class TextRule:
    """Length and pattern of a text; the pattern with the spelling that its message carries."""

    shortest: int
    longest: int
    pattern: tuple[str, re.Pattern[str]] | None = None

    def broken(self, name: str, text: str) -> list[str]:
        """The messages of bean validation."""
        messages = []
        if not self.shortest <= len(text) <= self.longest:
            messages.append(f"{name} size must be between {self.shortest} and {self.longest}")
        if self.pattern and not self.pattern[1].fullmatch(text):
            messages.append(f'{name} must match "{self.pattern[0]}"')
        return messages


def text_rules(version: Version) -> dict[str, TextRule]:
    """The rules that ``text:<rule>`` names."""
    if version >= (1, 3, 0):
        name = TextRule(1, 256, _NO_COLONS)
        return {
            "entityName": name,
            "dataName": name,
            "columnName": name,
            "tagName": name if version >= (1, 4, 0) else TextRule(2, 64, _PERCENT_NAME),
            "sourceHash": TextRule(1, 32),
        }
    charset = _PERCENT_NAME if version >= (1, 1, 0) else _OLD_NAME
    return {
        "entityName": TextRule(1, 128, charset),
        "dataName": TextRule(1, 128, _NO_COLONS),
        "columnName": TextRule(1, 128 if version < (1, 1, 0) else 256, _NO_COLONS),
        "tagName": TextRule(2, 64, charset),
        "sourceHash": TextRule(1, 32),
    }


def _unfit(expected: str, value: Any) -> Exception:
    kind = {dict: "Object", list: "Array", str: "String", bool: "Boolean"}.get(type(value), "Number")
    return bad_request(f"Cannot deserialize value of type `{expected}` from {kind} value")


def check_text(value: Any, _broken: list[str]) -> str:
    """Text; numbers and booleans are turned into it."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise _unfit("java.lang.String", value)


def _check_uuid(value: Any, broken: list[str]) -> str:
    text = check_text(value, broken)
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise bad_request(
            f'Cannot deserialize value of type `java.util.UUID` from String "{text}": '
            "UUID has to be represented by standard 36-char representation"
        ) from None


def _check_bool(value: Any, _broken: list[str]) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise _unfit("java.lang.Boolean", value)


def _check_object(value: Any, _broken: list[str]) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _unfit("java.util.Map", value)


def _number(convert: Callable[[Any], float]) -> Checker:
    def check(value: Any, _broken: list[str]) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise _unfit("java.lang.Number", value)
        try:
            return convert(value)
        except ValueError:
            raise _unfit("java.lang.Number", value) from None

    return check


def _check_any(value: Any, _broken: list[str]) -> Any:
    return value


class Validator:
    """The checkers of one server version, each compiled when first needed."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._rules = text_rules(version)
        self._classes: dict[str, Checker] = {}
        self._scalars: dict[str, Checker] = {
            "text": check_text,
            "text:uuid": _check_uuid,
            "bool": _check_bool,
            "object": _check_object,
            "int": _number(int),
            "number": _number(float),
            "any": _check_any,
        }

    def check(self, class_name: str, value: Any) -> tuple[dict[str, Any], list[str]]:
        """A request without its nulls, and the rules that it breaks.

        Raises:
            Refused: An unknown property, an unknown member of an enumeration, or a value of the wrong type.
        """
        broken: list[str] = []
        checked: dict[str, Any] = self._class(class_name)(value, broken)
        return checked, broken

    def require(self, class_name: str, value: Any) -> dict[str, Any]:
        """A request that breaks no rule.

        Raises:
            Refused: It can't be read, or breaks a rule.
        """
        checked, broken = self.check(class_name, value)
        if broken:
            raise bad_request(f"[{', '.join(broken)}]")
        return checked

    def property(self, class_name: str, name: str, value: Any) -> Any:
        """One property on its own, as a patch changes it; broken rules refuse it.

        Raises:
            Refused: The value does not fit.
        """
        broken: list[str] = []
        prop = properties(class_name, self._version)[name]
        checked = self._property(prop)(value, broken)
        if broken:
            raise bad_request(f"[{', '.join(broken)}]")
        return checked

    def knows(self, class_name: str, name: str) -> bool:
        """Whether the class has this property in this version."""
        return name in properties(class_name, self._version)

    def _class(self, name: str) -> Checker:
        if name not in self._classes:
            self._classes[name] = self._compile(name)
        return self._classes[name]

    def _compile(self, name: str) -> Checker:
        table = properties(name, self._version)
        checkers: dict[str, Checker] = {}
        required = tuple(prop.name for prop in table.values() if prop.required)
        # Filled after the function exists: a column has columns as children.
        self._classes[name] = check = self._class_checker(name, checkers, required)
        checkers.update({prop.name: self._property(prop) for prop in table.values()})
        return check

    def _class_checker(self, name: str, checkers: dict[str, Checker], required: tuple[str, ...]) -> Checker:
        def check(value: Any, broken: list[str]) -> dict[str, Any]:
            if type(value) is not dict:
                raise _unfit(java_class(name), value)
            checked = {}
            for key, item in value.items():
                checker = checkers.get(key)
                if checker is None:
                    raise Unrecognized(java_class(name), key, tuple(checkers))
                if item is not None:
                    checked[key] = checker(item, broken)
            broken.extend(f"{key} must not be null" for key in required if key not in checked)
            return checked

        return check

    def _property(self, prop: Property) -> Checker:
        checker = self._type(prop.type, prop.name)
        if prop.minimum is None:
            return checker
        least, name = prop.minimum, prop.name

        def check(value: Any, broken: list[str]) -> Any:
            number = checker(value, broken)
            if number < least:
                broken.append(f"{name} must be greater than or equal to {least}")
            return number

        return check

    def _type(self, kind: str, name: str) -> Checker:
        if kind in self._scalars:
            return self._scalars[kind]
        head, _, rest = kind.partition(":")
        if head == "text":
            return self._ruled_text(self._rules[rest], name)
        if head == "enum":
            return self._enumeration(rest)
        if head == "list":
            return self._list(self._type(rest, name))
        return self._class(kind)

    def _ruled_text(self, rule: TextRule, name: str) -> Checker:
        def check(value: Any, broken: list[str]) -> str:
            text = check_text(value, broken)
            broken.extend(rule.broken(name, text))
            return text

        return check

    def _enumeration(self, name: str) -> Checker:
        known = members(name, self._version)

        def check(value: Any, broken: list[str]) -> str:
            text = check_text(value, broken)
            if text not in known:
                raise bad_request(
                    f'Cannot construct instance of `{name}`, problem: {text}: "{text}" is not one of the values '
                    f"accepted for Enum class: [{', '.join(sorted(known))}]"
                )
            return text

        return check

    def _list(self, item: Checker) -> Checker:
        def check(value: Any, broken: list[str]) -> list[Any]:
            if type(value) is not list:
                raise _unfit("java.util.ArrayList", value)
            return [item(one, broken) for one in value]

        return check
