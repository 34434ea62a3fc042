"""Which files an ``include`` means.

- ``/views/*.view`` counts from the root of the project that the including file is in, ``//other/views/*.view`` from
  that of an imported project, and any other pattern from the including file's own folder.
- ``*`` stays within one folder, ``**`` crosses folders, none included.
- ``.lkml`` may be left out, and for dashboards ``.lookml``.
- Files that one pattern means come in the order of their paths.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import NamedTuple

_EXTENSIONS = (".lkml", ".lookml")
_WILD = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_STARS = re.compile(r"\*+")
_MOST_STARS = 5
"""In a pattern: with each of them the time that looking for files takes may grow a hundredfold."""


class FileKey(NamedTuple):
    """A file of a project.

    Attributes:
        project: The project's name.
        path: From the project's root, with ``/`` between folders.
    """

    project: str
    path: str

    def __str__(self) -> str:
        """``//project/path``."""
        return f"//{self.project}/{self.path}"


def absolute(pattern: str, file: FileKey) -> FileKey | None:
    """The project that a pattern is about, and the pattern from that project's root; None if it leaves the project.

    Args:
        pattern: As written after ``include:``.
        file: Where it is written.
    """
    pattern = pattern.strip()
    if pattern.startswith("//"):
        project, _, path = pattern[2:].partition("/")
    elif pattern.startswith("/"):
        project, path = file.project, pattern[1:]
    else:
        project, path = file.project, posixpath.join(posixpath.dirname(file.path), pattern)
    path = posixpath.normpath(path.lstrip("/")) if path.strip("/") else ""
    return None if not path or path == "." or path.split("/")[0] == ".." else FileKey(project, path)


def is_too_wild(pattern: str) -> bool:
    """Whether a pattern has more wildcards than are followed."""
    return len(_STARS.findall(pattern)) > _MOST_STARS


class Paths:
    """The paths of one project, found by pattern; each pattern is looked for once."""

    def __init__(self, project: str, paths: Iterable[str]) -> None:
        self._project = project
        self._all = sorted(paths)
        self._exact = frozenset(self._all)
        self._found: dict[str, tuple[FileKey, ...]] = {}

    def matching(self, pattern: str) -> tuple[FileKey, ...]:
        """The files that a pattern from the project's root means, in order; for a pattern always the same object."""
        if pattern not in self._found:
            self._found[pattern] = tuple(FileKey(self._project, path) for path in self._search(pattern))
        return self._found[pattern]

    def _search(self, pattern: str) -> Iterable[str]:
        if "*" not in pattern and "?" not in pattern:
            candidates = (pattern, *(pattern + extension for extension in _EXTENSIONS))
            return [path for path in candidates if path in self._exact][:1]
        matches = re.compile(_regex(pattern)).fullmatch
        return [path for path in self._all if matches(path)]


def _regex(pattern: str) -> str:
    wild = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(wild.get(part, re.escape(part)) for part in _WILD.findall(pattern))
    return f"{body}(?:\\.lkml|\\.lookml)?"
