"""LookML's text as tokens with positions, and the blocks that stand at a file's top.

``lkml`` parses what this hands it. Its own lexer is not used: it loops for ever on a single semicolon, its parser drops
without a word all that follows a closing brace too many, and neither knows where a block ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lkml.keys import EXPR_BLOCK_KEYS, PLURAL_KEYS


class LookmlSyntaxError(ValueError):
    """A text is no LookML.

    Attributes:
        reason: What is wrong.
        line: Where, from 1.
    """

    def __init__(self, reason: str, line: int | None) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason if line is None else f"line {line}: {reason}")


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: ``literal``, ``string``, ``expression``, or the character itself of ``{}[],:``.
        text: Without quotes, and without what ends an expression.
        line: Of its first character, from 1.
        start: Its first character's place in the text.
        end: The place behind its last character.
    """

    kind: str
    text: str
    line: int
    start: int
    end: int


class Block(NamedTuple):
    """A block at the top of a file, such as ``view: orders { ... }``.

    Attributes:
        kind: ``view``, ``explore``, ...
        name: As written, e.g. ``+orders``.
        line: Of its first character, from 1.
        start: Its first character's place in the text.
        end: The place behind its closing brace.
    """

    kind: str
    name: str
    line: int
    start: int
    end: int


class Repeated(NamedTuple):
    """A key that a block has more than once, though it may have it once.

    Attributes:
        key: The key.
        line: Where it stands again.
    """

    key: str
    line: int


_EXPRESSIONS = "|".join(sorted(map(re.escape, EXPR_BLOCK_KEYS), key=len, reverse=True))
_TOKEN = re.compile(
    rf"""
    (?P<trivia>[\s\ufeff]+|\#[^\n]*|;;)        # a ';;' that ends nothing says nothing
    | (?P<key>(?:{_EXPRESSIONS})(?=[ \t]*:))
    | (?P<sign>[{{}}\[\],:])
    | "(?P<string>(?:[^"\\]|\\.)*)"
    | (?P<literal>(?:-[ \t]+)?(?:@\{{[^{{}}\s]*\}}|[^\s{{}}\[\],:"\#;])+)
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_MINUS = re.compile(r"^-[ \t]+")
_COLON = re.compile(r"[ \t]*:")
_OPENS = {"}": "{", "]": "["}


def scan(text: str) -> list[Token]:
    r"""The tokens of a text.

    Args:
        text: With ``\n`` as the end of lines.

    Raises:
        LookmlSyntaxError: A string or expression has no end, brackets don't match, or a character means nothing.
    """
    tokens = list(_tokens(text))
    _check_brackets(tokens)
    return tokens


def _tokens(text: str) -> Iterator[Token]:
    at, line, lists = 0, 1, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise LookmlSyntaxError(_unexpected(text[at]), line)
        kind, end = str(match.lastgroup), match.end()
        if kind == "key" and lists:
            kind = "literal"  # a field of that name in a list of filters
        if kind == "key":
            colon = _COLON.match(text, end)
            begin = colon.end() if colon else end
            stop = text.find(";;", begin)
            if stop < 0:
                raise LookmlSyntaxError(f"the expression of {match[0]!r} has no ';;' that ends it", line)
            yield Token("literal", match[0], line, at, end)
            yield Token(":", ":", line, end, begin)
            yield Token("expression", text[begin:stop].strip(), line, begin, stop)
            end = stop + 2
        elif kind == "string":
            yield Token(kind, match["string"].replace('\\"', '"'), line, at, end)
        elif kind == "literal":
            yield Token(kind, _AFTER_MINUS.sub("-", match[0]), line, at, end)
        elif kind == "sign":
            lists += {"[": 1, "]": -1}.get(match[0], 0)
            yield Token(match[0], match[0], line, at, end)
        line += text.count("\n", at, end)
        at = end


def _unexpected(character: str) -> str:
    if character == '"':
        return "a string has no quote that ends it"
    return f"{character!r} means nothing here"


def _check_brackets(tokens: list[Token]) -> None:
    open_ones: list[Token] = []
    for token in tokens:
        if token.kind in ("{", "["):
            open_ones.append(token)
        elif token.kind in _OPENS and (not open_ones or open_ones.pop().kind != _OPENS[token.kind]):
            raise LookmlSyntaxError(f"{token.kind!r} closes nothing", token.line)
    if open_ones:
        raise LookmlSyntaxError(f"{open_ones[-1].kind!r} is never closed", open_ones[-1].line)


def blocks(tokens: list[Token]) -> list[Block]:
    """The blocks at the top of a file, in its order.

    Args:
        tokens: As ``scan`` made them, with brackets that match.
    """
    found: list[Block] = []
    depth = 0
    head: list[Token] = []
    opened: tuple[Token, str] | None = None
    for token in tokens:
        if token.kind == "{" and depth == 0:
            opened = _head_of(head)
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token.kind, 0)
        if token.kind == "}" and depth == 0:
            if opened is not None:
                key, name = opened
                found.append(Block(key.text, name, key.line, key.start, token.end))
            head = []
        elif depth == 0:
            head = [*head[-2:], token]
    return found


def _head_of(tokens: list[Token]) -> tuple[Token, str] | None:
    """Key and name of a block, from the tokens before its brace."""
    kinds = [token.kind for token in tokens]
    if kinds[-3:] == ["literal", ":", "literal"]:
        return tokens[-3], tokens[-1].text
    return (tokens[-2], "") if kinds[-2:] == ["literal", ":"] else None


def without_repeated(tokens: list[Token]) -> tuple[list[Token], list[Repeated]]:
    """The tokens without keys that stand again further down in their block: the last counts, as it does in Looker.

    ``lkml`` refuses the whole file for one.

    Args:
        tokens: As ``scan`` made them, with brackets that match.
    """
    items: list[dict[str, tuple[int, int]]] = [{}]  # of each open block, where its keys' values begin and end
    last: list[str | None] = [None]
    dropped: list[tuple[int, int]] = []
    repeated: list[Repeated] = []
    lists = 0

    def close(end: int) -> None:
        if last[-1] is not None:
            items[-1][last[-1]] = (items[-1][last[-1]][0], end)

    for at, token in enumerate(tokens):
        lists += {"[": 1, "]": -1}.get(token.kind, 0)
        if token.kind == "{":
            items.append({})
            last.append(None)
        elif token.kind == "}":
            close(at)
            items.pop()
            last.pop()
        elif token.kind == "literal" and not lists and at + 1 < len(tokens) and tokens[at + 1].kind == ":":
            close(at)
            if token.text in items[-1] and token.text not in PLURAL_KEYS:
                dropped.append(items[-1][token.text])
                repeated.append(Repeated(token.text, token.line))
            items[-1][token.text] = (at, at)
            last[-1] = token.text
    if not dropped:
        return tokens, []
    gone = {at for start, end in dropped for at in range(start, end)}
    return [token for at, token in enumerate(tokens) if at not in gone], repeated
