"""Files parsed by ``lkml``, each blob once. A file that can't be read costs that file, never its project."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lkml import tokens as lkml_tokens
from lkml.parser import Parser
from lkml.simple import DictVisitor
from lkml.tree import ContainerNode

from ingest_assets.sources.looker.lookml.scanning import (
    Block,
    LookmlSyntaxError,
    Repeated,
    Token,
    blocks,
    scan,
    without_repeated,
)

LARGEST_FILE = 5_000_000
"""Bytes. Generated view files of a thousand fields have about 200,000."""

FORMAT = 1
"""Of what ``ParsedFile.as_json`` makes; a cache of another format is of no use."""

Body = dict[str, Any]
"""What stands between braces, in ``lkml``'s form: repeatable keys are plural and hold lists."""

_LINE = re.compile(r"\bon line (\d+)")
_NEWLINE = re.compile(r"\r\n?")
_SIGNS = {
    "{": lkml_tokens.BlockStartToken,
    "}": lkml_tokens.BlockEndToken,
    "[": lkml_tokens.ListStartToken,
    "]": lkml_tokens.ListEndToken,
    ",": lkml_tokens.CommaToken,
    ":": lkml_tokens.ValueToken,
}


class ParsedFile(NamedTuple):
    """A file's content, which depends on nothing but its bytes.

    Attributes:
        document: Empty where the file can't be read.
        blocks: Its views and explores, each in the order of ``document``'s.
        reason: Why it can't be read; None where it can.
        line: Where it can't be read, if that is known.
        repeated: Keys that stand again where one counts; the last does.
    """

    document: Body
    blocks: tuple[Block, ...]
    reason: str | None = None
    line: int | None = None
    repeated: tuple[Repeated, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold."""
        return {
            "format": FORMAT,
            "document": self.document,
            "blocks": [list(block) for block in self.blocks],
            "reason": self.reason,
            "line": self.line,
            "repeated": [list(repeated) for repeated in self.repeated],
        }

    @classmethod
    def from_json(cls, value: Any) -> ParsedFile | None:
        """What ``as_json`` made; None if this is no such thing, or one of another format."""
        match value:
            case {"format": 1, "document": dict() as document, "blocks": list() as rows, "repeated": list() as again}:
                reason, line = value.get("reason"), value.get("line")
                try:
                    repeated = tuple(Repeated(*row) for row in again)
                    return cls(document, tuple(Block(*row) for row in rows), reason, line, repeated)
                except TypeError:
                    return None
        return None


def blob_id(data: bytes) -> str:
    """What git calls a blob of this content (SHA-1, which tells contents apart here and guards nothing)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def text_of(data: bytes) -> str:
    r"""A file's text, with ``\n`` as the end of lines: the text that positions of blocks count in.

    Raises:
        LookmlSyntaxError: It is no text in UTF-8.
    """
    try:
        text = _NEWLINE.sub("\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LookmlSyntaxError("it is not in UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    if "\0" in text:
        raise LookmlSyntaxError("it holds a NUL character", text.count("\n", 0, text.index("\0")) + 1)
    return text


def parse(data: bytes) -> ParsedFile:
    """Parse a file; never raises for what it holds."""
    if len(data) > LARGEST_FILE:
        return ParsedFile({}, (), f"its {len(data)} bytes are more than {LARGEST_FILE}")
    try:
        found = scan(text_of(data))
        kept, repeated = without_repeated(found)
        document = DictVisitor().visit(_Parser(_for_lkml(kept)).parse())  # type: ignore[no-untyped-call]
    except LookmlSyntaxError as error:
        return ParsedFile({}, (), error.reason, error.line)
    except RecursionError:
        return ParsedFile({}, (), "it is nested too deeply")
    except (SyntaxError, LookupError, ValueError, TypeError, AttributeError) as error:  # what lkml raises on bad text
        words = str(error.args[0] if error.args else error)
        line = _LINE.search(words)
        return ParsedFile({}, (), words[:300], int(line[1]) if line else None)
    own = tuple(block for block in blocks(found) if block.kind in ("view", "explore"))
    return ParsedFile(document, own, repeated=tuple(repeated))


def _for_lkml(found: Sequence[Token]) -> list[lkml_tokens.Token]:
    made: list[lkml_tokens.Token] = [lkml_tokens.StreamStartToken(1)]
    for token in found:
        if token.kind == "literal":
            made.append(lkml_tokens.LiteralToken(token.text, token.line))
        elif token.kind == "string":
            made.append(lkml_tokens.QuotedLiteralToken(token.text, token.line))
        elif token.kind == "expression":
            made.append(lkml_tokens.ExpressionBlockToken(token.text, token.line))
            made.append(lkml_tokens.ExpressionBlockEndToken(token.line))
        else:
            made.append(_SIGNS[token.kind](token.line))
    made.append(lkml_tokens.StreamEndToken(found[-1].line if found else 1))
    return made


class _Parser(Parser):
    """``lkml``'s parser, which need not try each of a block, a pair and a list, nor look for blanks.

    A file takes four tenths less time so.
    """

    def check(self, *token_types: type[lkml_tokens.Token], skip_trivia: bool = False) -> bool:
        """Whether the next token is of one of some types."""
        del skip_trivia
        return isinstance(self.tokens[self.index], token_types)

    def consume_trivia(self, only_newlines: bool = False) -> str:
        """No blanks and comments are among the tokens."""
        del only_newlines
        return ""

    def parse_container(self) -> ContainerNode:
        """All that stands in a block, or in a file."""
        items: list[Any] = []
        while not self.check(lkml_tokens.StreamEndToken, lkml_tokens.BlockEndToken):
            key = self.tokens[self.index]
            following = [type(token) for token in self.tokens[self.index + 2 : self.index + 4]]
            if following[:1] == [lkml_tokens.ListStartToken]:
                item = self.parse_list()
            elif lkml_tokens.BlockStartToken in following[: 2 if following[:1] == [lkml_tokens.LiteralToken] else 1]:
                item = self.parse_block()
            else:
                item = self.parse_pair()
            if item is None:
                word = getattr(key, "value", None) or key.id
                raise LookmlSyntaxError(f"{word!r} begins nothing that LookML has", key.line_number)
            items.append(item)
        return ContainerNode(items=tuple(items), top_level=self.depth == 0)


class ParseCache:
    """Parsed files by blob, the least recently used forgotten first.

    Attributes:
        parsed: How many files were parsed, not remembered.
    """

    def __init__(self, most: int = 10_000, remembered: Mapping[str, Any] | None = None) -> None:
        """Begin with what another cache held.

        Args:
            most: Files that are kept.
            remembered: What ``as_json`` made; entries that are none are passed over.
        """
        self.parsed = 0
        self._most = most
        self._files: OrderedDict[str, ParsedFile] = OrderedDict()
        for blob, value in (remembered or {}).items():
            if (file := ParsedFile.from_json(value)) is not None:
                self._keep(blob, file)

    def file(self, blob: str, data: bytes) -> ParsedFile:
        """A file's content, parsed if it is not remembered.

        Args:
            blob: What git calls the content, see ``blob_id``.
            data: The content.
        """
        file = self._files.get(blob)
        if file is None:
            self.parsed += 1
            file = parse(data)
        self._keep(blob, file)
        return file

    def as_json(self) -> dict[str, Any]:
        """What to begin another cache with, the least recently used first."""
        return {blob: file.as_json() for blob, file in self._files.items()}

    def _keep(self, blob: str, file: ParsedFile) -> None:
        self._files[blob] = file
        self._files.move_to_end(blob)
        while len(self._files) > self._most:
            self._files.popitem(last=False)
