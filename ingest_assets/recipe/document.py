"""A recipe's YAML as text, with the place of every key.

PyYAML's own constructors read the unquoted ``012345670123`` as an octal number and ``2024-01-01`` as a date. Here
each scalar keeps the text that stands in the file, and the type of the model decides what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import yaml
from yaml.composer import Composer
from yaml.resolver import Resolver

from ingest_assets.errors import RecipeError

Tree: TypeAlias = dict[str, "Tree"] | list["Tree"] | str | None
KeyPath: TypeAlias = tuple[str | int, ...]

_STANDARD_TAG = "tag:yaml.org,2002:"
_MAX_FILE = 1 << 20
_MAX_NODES = 50_000
_MAX_DEPTH = 50
_MAX_PROBLEMS = 50
# What libyaml takes where PyYAML refuses it: tabs, rare line ends, and a comment right after the | of a block.
_UNUSUAL = re.compile(
    r"[^\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[|>][-+0-9]*#"
)
_TAB = "found character '\\t' that cannot start any token"


@dataclass(frozen=True)
class Mark:
    """Where a key stands in its file, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Document:
    """One YAML file: its text values as a tree, and where each key stands.

    Attributes:
        path: The file, spelled as it was asked for.
        tree: Mappings, lists, texts and ``None``; never a number, a boolean or a date.
        marks: Place of each key and list item by its path.
    """

    path: Path
    tree: dict[str, Tree] = field(repr=False)
    marks: Mapping[KeyPath, Mark] = field(repr=False)

    def at(self, key: KeyPath) -> Tree:
        """What stands at a key; ``None`` where there is nothing."""
        node: Tree = self.tree
        for part in key:
            if isinstance(node, dict) and isinstance(part, str):
                node = node.get(part)
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                node = node[part]
            else:
                return None
        return node

    def line_of(self, key: KeyPath) -> int:
        """Line of a key; a key that is missing has the line of what it should stand in."""
        for end in range(len(key), 0, -1):
            mark = self.marks.get(key[:end])
            if mark is not None:
                return mark.line
        return 1

    def where(self, key: KeyPath) -> str:
        """``file:line: dotted.key``, the beginning of every message."""
        return f"{self.path}:{self.line_of(key)}: {dotted(key)}"

    def scalars(self) -> Iterator[tuple[KeyPath, str]]:
        """Each text value with its key, in the order of the file."""
        yield from _scalars(self.tree, ())


def dotted(key: KeyPath) -> str:
    """``('includes', 0)`` as ``includes[0]``."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_document(path: Path) -> Document:
    """Reads one YAML file.

    Raises:
        RecipeError: It can't be read, is not UTF-8, not YAML, not a mapping, or holds a key twice; one line for
            each problem, each with file and line.
    """
    return document_of(path, text_of(path))


def document_of(path: Path, text: str) -> Document:
    """Reads YAML that lies in a file, perhaps with other things around it.

    Raises:
        RecipeError: As ``read_document`` does, but for the file's encoding.
    """
    root = _compose(path, text)
    if root is None:
        raise RecipeError(f"{path}:1: the file is empty. A recipe has source, sink and workflowConfig.")
    builder = _Builder(path)
    tree = builder.build(root, ())
    if not isinstance(tree, dict):
        raise RecipeError(
            f"{path}:{root.start_mark.line + 1}: expected a mapping with source, sink and workflowConfig, "
            f"got {kind_of(tree)}."
        )
    if builder.problems:
        raise RecipeError(in_lines(builder.problems))
    return Document(path, tree, builder.marks)


def in_lines(problems: Iterable[str]) -> str:
    """Problems, one a line; of a file that is no recipe at all the first ones only."""
    lines = list(islice(problems, _MAX_PROBLEMS + 1))
    if len(lines) > _MAX_PROBLEMS:
        lines[-1] = f"These are the first {_MAX_PROBLEMS} problems; there are more."
    return "\n".join(dict.fromkeys(lines))


def kind_of(value: object) -> str:
    """What stands there, in the words of the messages."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, (list, tuple)) else "text"


def content_of(path: Path, most: int, what: str) -> bytes:
    """What a file holds.

    Args:
        path: The file.
        most: Bytes that it may have.
        what: It should be, in case it has more.

    Raises:
        RecipeError: It can't be read, or has more.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise RecipeError(f"{path}: can't be read: {error.strerror}.") from error
    if len(content) > most:
        raise RecipeError(f"{path}: more than {most} bytes; not {what}.")
    return content


def text_of(path: Path) -> str:
    """A file's text without its byte order mark.

    Raises:
        RecipeError: It can't be read, is larger than any recipe, or not UTF-8.
    """
    # PyYAML needs seconds for a megabyte, and a folder of recipes may hold any other YAML.
    content = content_of(path, _MAX_FILE, "a recipe")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RecipeError(
            f"{path}:{line}: not UTF-8 (byte 0x{content[error.start]:02x}). Save the file as UTF-8."
        ) from error


class _QuickComposer(Composer, Resolver):
    """PyYAML's composer over libyaml's parser: ten times as quick as over PyYAML's own.

    libyaml's composer knows no depth at which it would rather stop than overflow the stack.
    """

    def __init__(self, text: str) -> None:
        Composer.__init__(self)
        Resolver.__init__(self)
        parser = yaml.CSafeLoader(text)
        self.check_event, self.peek_event, self.get_event = parser.check_event, parser.peek_event, parser.get_event


def _compose(path: Path, text: str) -> yaml.Node | None:
    if yaml.__with_libyaml__ and not _UNUSUAL.search(text):
        # Of what is refused, PyYAML's own parser says better what is wrong, and where.
        with suppress(yaml.YAMLError, RecursionError, ValueError):
            return _QuickComposer(text).get_single_node()
    return _compose_slowly(path, text)


def _compose_slowly(path: Path, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise RecipeError(_syntax_message(path, error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise RecipeError(f"{path}:{line}: a control character that YAML does not allow.") from error
    except RecursionError as error:
        raise RecipeError(f"{path}:1: nested too deeply to be a recipe.") from error
    except (OverflowError, ValueError) as error:  # From chr(), for "\UFFFFFFFF".
        raise RecipeError(f"{path}:1: not YAML: an escape that stands for no character.") from error


def _syntax_message(path: Path, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    if error.problem == _TAB:
        return f"{path}:{line}: a tab at the start of a value or line. YAML indents with spaces only."
    context = f" ({error.context})" if error.context else ""
    return f"{path}:{line}: not YAML: {error.problem}{context}."


def _scalars(tree: Tree, key: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(tree, str):
        yield key, tree
    elif isinstance(tree, dict):
        for name, value in tree.items():
            yield from _scalars(value, (*key, name))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _scalars(value, (*key, index))


class _Builder:
    """Turns composed nodes into a tree and notes where each key stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.marks: dict[KeyPath, Mark] = {}
        self.problems: list[str] = []
        self._open: set[int] = set()
        self._nodes = 0

    def build(self, node: yaml.Node, key: KeyPath) -> Tree:
        self._count(node)
        if not node.tag.startswith(_STANDARD_TAG):
            self._problem(node, key, f"the YAML tag {node.tag} has no meaning in a recipe.")
            return None
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == f"{_STANDARD_TAG}null" else str(node.value)
        with self._entered(node, key):
            return self._collection(node, key)

    def _count(self, node: yaml.Node) -> None:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            # Nested aliases grow exponentially: ten lines of YAML can stand for a billion values.
            raise RecipeError(f"{self.path}:{_line(node)}: more than {_MAX_NODES} values; not a recipe.")

    @contextmanager
    def _entered(self, node: yaml.Node, key: KeyPath) -> Iterator[None]:
        if id(node) in self._open:
            raise RecipeError(f"{self.path}:{_line(node)}: {dotted(key)}: an alias that contains itself.")
        if len(self._open) >= _MAX_DEPTH:
            raise RecipeError(f"{self.path}:{_line(node)}: nested too deeply to be a recipe.")
        self._open.add(id(node))
        yield
        self._open.discard(id(node))

    def _collection(self, node: yaml.Node, key: KeyPath) -> Tree:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        items: list[Tree] = []
        for index, item in enumerate(node.value):
            self._mark(item, (*key, index))
            items.append(self.build(item, (*key, index)))
        return items

    def _mapping(self, node: yaml.MappingNode, key: KeyPath) -> dict[str, Tree]:
        own: dict[str, Tree] = {}
        first_lines: dict[str, int] = {}
        merged: list[yaml.Node] = []
        for name_node, value_node in node.value:
            if name_node.tag == f"{_STANDARD_TAG}merge":
                merged.append(value_node)
            elif not isinstance(name_node, yaml.ScalarNode):
                self._problem(name_node, key, "a key must be text.")
            elif name_node.value in own:
                path = (*key, name_node.value)
                self._problem(name_node, path, f"given twice (first in line {first_lines[name_node.value]}).")
            else:
                path = (*key, name_node.value)
                first_lines[name_node.value] = _line(name_node)
                self._mark(name_node, path)
                own[name_node.value] = self.build(value_node, path)
        return {**self._merged(merged, key, own), **own}

    def _merged(self, nodes: list[yaml.Node], key: KeyPath, own: dict[str, Tree]) -> dict[str, Tree]:
        """What ``<<: *anchor`` brings in; the mapping's own keys win, then the first anchor."""
        result: dict[str, Tree] = {}
        for node in nodes:
            for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
                if not isinstance(source, yaml.MappingNode):
                    self._problem(source, key, "<< takes the alias of a mapping.")
                    continue
                self._count(source)
                marks, self.marks = self.marks, {}
                with self._entered(source, key):
                    for name, value in self._mapping(source, key).items():
                        result.setdefault(name, value)
                for path, mark in self.marks.items():
                    marks.setdefault(path, mark)
                self.marks = marks
        return {name: value for name, value in result.items() if name not in own}

    def _mark(self, node: yaml.Node, key: KeyPath) -> None:
        self.marks[key] = Mark(_line(node), node.start_mark.column + 1)

    def _problem(self, node: yaml.Node, key: KeyPath, text: str) -> None:
        self.problems.append(f"{self.path}:{_line(node)}: {dotted(key) or 'the top level'}: {text}")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
