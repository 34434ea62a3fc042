"""``${...}`` inside the values of a recipe: reading them, without looking anything up.

========================================  ==============================================================
``${NAME}``                               environment variable; unset without default is an error
``${NAME:-default}``                      the default counts when the variable is unset or empty, as in a shell
``${file:/run/secrets/token}``            a file's text without the line end
``${aws-secretsmanager:name-or-arn}``     a secret of AWS Secrets Manager
``${aws-secretsmanager:name#key}``        one key of a secret that is a JSON object
``$${``                                   the two characters ``${`` as they are
========================================  ==============================================================

They may stand anywhere in a text, and a default may hold others. ``$NAME`` without braces is plain text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, Union

ReferenceKind: TypeAlias = Literal["variable", "file", "aws-secretsmanager"]
Part: TypeAlias = Union[str, "Reference"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(?![-=?+])(.*)", re.DOTALL)
_SCHEMES: tuple[ReferenceKind, ...] = ("file", "aws-secretsmanager")
_MARK = re.compile(r"\$?\$\{")
_MAX_DEPTH = 20


@dataclass(frozen=True)
class Reference:
    """One ``${...}``.

    Attributes:
        kind: Where its value comes from.
        name: Variable, path, or name or ARN of the secret.
        default: What counts when a variable is unset or empty; ``None`` without a default.
        json_key: The key after ``#`` of a secret that is a JSON object.
    """

    kind: ReferenceKind
    name: str
    default: Template | None = field(default=None, repr=False)
    json_key: str | None = None

    def __str__(self) -> str:
        if self.kind == "variable":
            return f"${{{self.name}}}"
        return f"${{{self.kind}:{self.name}{'#' + self.json_key if self.json_key else ''}}}"


@dataclass(frozen=True)
class Template:
    """A text, cut into what stands for itself and what is looked up."""

    parts: tuple[Part, ...]

    def references(self) -> Iterator[Reference]:
        """Every reference, those inside defaults too."""
        for part in self.parts:
            if isinstance(part, Reference):
                yield part
                if part.default is not None:
                    yield from part.default.references()


def is_unresolved(value: object) -> bool:
    """Whether a value can't be judged before the variables are known."""
    return isinstance(value, str) and "${" in value


def parse_template(text: str, depth: int = 0) -> Template:
    """Cuts a text at its references.

    Raises:
        ValueError: A ``${`` is not closed, or what it holds has no meaning; the message says what is possible.
    """
    if depth > _MAX_DEPTH:
        raise ValueError("defaults nested too deeply.")
    parts: list[Part] = []
    plain = ""
    position = 0
    while mark := _MARK.search(text, position):
        plain += text[position : mark.start()]
        position = mark.end()
        if mark.group() == "$${":
            plain += "${"
            continue
        end = _closing_brace(text, mark.start())
        parts += [*([plain] if plain else []), _reference(text[position:end], depth)]
        plain, position = "", end + 1
    plain += text[position:]
    return Template((*parts, plain) if plain else tuple(parts))


def _closing_brace(text: str, start: int) -> int:
    depth = 0
    position = start
    while position < len(text):
        if text.startswith("$${", position):
            position += 3
        elif text.startswith("${", position):
            depth, position = depth + 1, position + 2
        elif text[position] == "}":
            depth -= 1
            if depth == 0:
                return position
            position += 1
        else:
            position += 1
    raise ValueError("a ${ without its }. Write $${ for the two characters themselves.")


def _reference(body: str, depth: int) -> Reference:
    name, separator, default = body.partition(":-")
    if _NAME.fullmatch(name):
        return Reference("variable", name, parse_template(default, depth + 1) if separator else None)
    scheme = _SCHEME.fullmatch(body)
    if scheme is None:
        raise ValueError(
            f"${{{name}}} is no reference. Possible are ${{NAME}}, ${{NAME:-default}}, ${{file:/path}} and "
            "${aws-secretsmanager:name#key}."
        )
    return _remote_reference(scheme.group(1), scheme.group(2))


def _remote_reference(scheme: str, rest: str) -> Reference:
    if scheme == "file":
        if not rest.startswith("/"):
            raise ValueError(f"${{file:{rest}}} needs an absolute path, such as ${{file:/run/secrets/token}}.")
        return Reference("file", rest)
    if scheme == "aws-secretsmanager":
        name, _, json_key = rest.partition("#")
        if not name:
            raise ValueError("${aws-secretsmanager:} needs the name or ARN of a secret.")
        return Reference("aws-secretsmanager", name, json_key=json_key or None)
    near = difflib.get_close_matches(scheme, _SCHEMES, n=1)
    hint = f" Did you mean {near[0]}?" if near else f" Known are {', '.join(_SCHEMES)}."
    raise ValueError(f"${{{scheme}:...}} is not known.{hint}")
