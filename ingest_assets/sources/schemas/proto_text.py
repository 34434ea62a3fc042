"""Texts of ``.proto`` files: their messages and enums by full name, with the comments that describe them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from antlr4.error.ErrorListener import ErrorListener
from proto_schema_parser import ast
from proto_schema_parser.parser import Parser

_LARGEST_TEXT = 512 * 1024  # characters; some seconds of parsing, and three times what the Glue Schema Registry takes
_STAR = re.compile(r"^[ \t]*\*? ?", re.MULTILINE)


@dataclass(frozen=True)
class Member:
    """A field of a message.

    Attributes:
        name: As it was written.
        number: Of the wire format.
        type: As it was written, e.g. ``string`` or ``.shop.Order``; of a map, its values'.
        key_type: Of a map; None for all else.
        is_repeated: A list.
        comment: What describes it.
        group: Of proto2: the message that the field declares.
    """

    name: str
    number: int
    type: str
    key_type: str | None = None
    is_repeated: bool = False
    comment: str | None = None
    group: Message | None = None


@dataclass
class Message:
    """A message, or a group.

    Attributes:
        full_name: With package and the messages around it.
        comment: What describes it.
        members: Fields, those of its ``oneof`` groups as well, in their order.
    """

    full_name: str
    comment: str | None
    members: list[Member] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of the full name."""
        return self.full_name.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class Enum:
    """An enum with its values by number."""

    full_name: str
    comment: str | None
    values: dict[int, str]


@dataclass
class ProtoFile:
    """What a file declares.

    Attributes:
        types: Messages and enums by full name, in the order of the text.
        top: Messages that are within no other.
    """

    types: dict[str, Message | Enum] = field(default_factory=dict)
    top: list[Message] = field(default_factory=list)

    def message_names(self) -> list[str]:
        """Full names of all messages, sorted, with the entries that compilers make a message of for each map."""
        names = []
        for message in self.types.values():
            if isinstance(message, Message):
                names.append(message.full_name)
                maps = (member for member in message.members if member.key_type is not None)
                names.extend(f"{message.full_name}.{_camel(member.name)}Entry" for member in maps)
        return sorted(names)

    def resolve(self, name: str, scope: str) -> Message | Enum | None:
        """The type that a name means in a scope, looked for from the inside out; None for one of another file.

        Args:
            name: As written; a leading dot means a full name.
            scope: Full name of the message that the name is used in.
        """
        if name.startswith("."):
            return self.types.get(name[1:])
        while scope:
            if found := self.types.get(f"{scope}.{name}"):
                return found
            scope = scope.rpartition(".")[0]
        return self.types.get(name)


def parse(text: str) -> ProtoFile:
    """Read a file's text.

    Raises:
        ValueError: It is no ``.proto`` file, or one without any message.
    """
    if len(text) > _LARGEST_TEXT:
        raise ValueError(f"it is longer than {_LARGEST_TEXT} characters")
    strict = _Strict()
    try:
        tree = Parser(setup_lexer=strict.listen, setup_parser=strict.listen).parse(text)
    except RecursionError as error:
        raise ValueError("it nests too deeply") from error
    package = next((element.name for element in tree.file_elements if isinstance(element, ast.Package)), "")
    file = ProtoFile()
    for element, comment in _described(tree.file_elements):
        if isinstance(element, ast.Message):
            file.top.append(_message(element, comment, package, file))
        elif isinstance(element, ast.Enum):
            _enum(element, comment, package, file)
    if not file.top:
        raise ValueError("it declares no message")
    return file


class _Strict(ErrorListener):  # type: ignore[misc]  # antlr4 has no types
    """Raises what the parser would print and mend on its own."""

    def listen(self, recognizer: Any) -> None:
        recognizer.removeErrorListeners()
        recognizer.addErrorListener(self)

    def syntaxError(self, _by: object, _symbol: object, line: int, column: int, msg: str, _error: object) -> None:  # noqa: N802 - antlr4's
        what = msg.split(" expecting ", 1)[0]
        raise ValueError(f"line {line}, column {column + 1}: {what}")


def _message(element: ast.Message | ast.Group, comment: str | None, scope: str, file: ProtoFile) -> Message:
    message = Message(_within(scope, element.name), comment)
    file.types[message.full_name] = message
    message.members.extend(_members(element.elements, message.full_name, file))
    return message


def _members(elements: Iterable[Any], scope: str, file: ProtoFile) -> Iterator[Member]:
    for element, comment in _described(elements):
        if isinstance(element, ast.Field):
            is_repeated = element.cardinality is ast.FieldCardinality.REPEATED
            yield Member(element.name, element.number, element.type, None, is_repeated, comment)
        elif isinstance(element, ast.MapField):
            yield Member(element.name, element.number, element.value_type, element.key_type, comment=comment)
        elif isinstance(element, ast.Group):
            is_repeated = element.cardinality is ast.FieldCardinality.REPEATED
            group = _message(element, comment, scope, file)
            yield Member(element.name.lower(), element.number, element.name, None, is_repeated, comment, group)
        elif isinstance(element, ast.OneOf):
            yield from _members(element.elements, scope, file)
        elif isinstance(element, ast.Message):
            _message(element, comment, scope, file)
        elif isinstance(element, ast.Enum):
            _enum(element, comment, scope, file)


def _enum(element: ast.Enum, comment: str | None, scope: str, file: ProtoFile) -> None:
    values: dict[int, str] = {}
    for value in element.elements:
        if isinstance(value, ast.EnumValue):
            values.setdefault(value.number, value.name)
    name = _within(scope, element.name)
    file.types[name] = Enum(name, comment, values)


def _camel(name: str) -> str:
    """As compilers name a map's entry: ``by_name`` is ``ByName``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _within(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


def _described(elements: Iterable[Any]) -> Iterator[tuple[Any, str | None]]:
    """Elements with the comment that stands before each, or else behind it on its line."""
    listed = list(elements)
    before: list[str] = []
    for at, element in enumerate(listed):
        if isinstance(element, ast.Comment):
            if not element.inline:
                before.append(element.text)
            continue
        after = listed[at + 1] if at + 1 < len(listed) else None
        behind = [after.text] if isinstance(after, ast.Comment) and after.inline else []
        yield element, _comment(before) or _comment(behind)
        before = []


def _comment(texts: list[str]) -> str | None:
    """The last block, or the last lines: what stands further up tells of the file, as licences do."""
    lines: list[str] = []
    for text in reversed(texts):
        if text.startswith("/*"):
            lines = lines or [_STAR.sub("", text.removeprefix("/*").removesuffix("*/")).strip("* \t\r\n")]
            break
        lines.insert(0, text.removeprefix("//").strip("/ \t\r\n"))
    return "\n".join(lines).strip() or None
