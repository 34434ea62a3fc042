"""Which scopes of a source one run reads: a part of them where a person asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ingest_assets.catalog import Scope

# A character class is one token of a pattern; a bracket that nothing closes is a character.
_TOKENS = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)


@dataclass(frozen=True)
class Selection:
    """Patterns (``*``, ``?``, ``[...]``; case counts) on the names of a scope's path below the service.

    Names are joined with dots: ``123456789012.sales`` is the listing of that schema's tables, ``*.sales`` that of each
    schema of this name, ``123456789012`` everything of that database. A listing is read as a whole: no pattern can
    name a table.

    Attributes:
        include: What is read; everything if there is none.
        exclude: What isn't read, though ``include`` names it.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def wants(self, scope: Scope) -> bool:
        """Whether a scope is read: it is asked for, or leads to what may be. The service's own listing always is."""
        path = scope.path[1:]
        if not path:
            return True
        if any(_covers(pattern, path) for pattern in self.exclude):
            return False
        if not self.include or any(_covers(pattern, path) for pattern in self.include):
            return True
        return bool(scope.of.held) and any(_leads(path, pattern) for pattern in self.include)

    def without_match(self, scopes: Iterable[Scope]) -> Iterator[str]:
        """Patterns of ``include`` that name none of the scopes."""
        paths = [scope.path[1:] for scope in scopes]
        return (pattern for pattern in self.include if not any(_covers(pattern, path) for path in paths))


def _covers(pattern: str, path: tuple[str, ...]) -> bool:
    """Whether a pattern names a scope, or one above it."""
    return any(fnmatchcase(".".join(path[:depth]), pattern) for depth in range(1, len(path) + 1))


def _leads(path: tuple[str, ...], pattern: str) -> bool:
    """Whether a pattern may name something below a path: its beginning fits, and names below it may do the rest."""
    tokens = _TOKENS.findall(pattern)
    above = ".".join(path) + "."
    return any(fnmatchcase(above, "".join(tokens[:end])) for end in range(len(tokens) + 1))
