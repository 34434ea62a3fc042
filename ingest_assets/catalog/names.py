"""Names and fully qualified names as an OpenMetadata server holds them.

A server refuses ``::``, double quotes, line breaks and the empty name (400), and limits the length. They are replaced
by the reserved words that OpenMetadata's own connectors use, so that entities which they made are met, not made twice.
``>`` is replaced too, although a server stores it: its entity links (conversations, tests, tags by link) end there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest_assets.catalog.references import ColumnReference, EntityType, Reference

_RESERVED = {
    "::": "__reserved__colon__",
    ">": "__reserved__arrow__",
    '"': "__reserved__quote__",
    "\r": "__reserved__carriage_return__",
    "\t": "__reserved__tab__",
    # The server's pattern is Java's, where '.' stops at each of these.
    "\n": "__reserved__newline__",
    "\x85": "__reserved__newline__",
    "\u2028": "__reserved__newline__",
    "\u2029": "__reserved__newline__",
}
_UNSAFE = re.compile("|".join(map(re.escape, _RESERVED)))
_EMPTY = "__reserved__empty__"
_HASH_LENGTH = 8


@dataclass(frozen=True)
class NameRules:
    """What a server's version allows.

    Attributes:
        longest: Most characters of a name: 256, on servers before 1.3 128.
        quotes_services: Whether a service name with a dot is quoted in FQNs (observed: not on 1.0).
    """

    longest: int = 256
    quotes_services: bool = True

    def name(self, text: str) -> str:
        """The name under which the server can hold what the source calls ``text``; the same text if it can."""
        spelled = _UNSAFE.sub(lambda match: _RESERVED[match[0]], text) or _EMPTY
        if len(spelled) <= self.longest:
            return spelled
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_HASH_LENGTH // 2).hexdigest()
        return f"{spelled[: self.longest - _HASH_LENGTH - 1]}_{digest}"

    def display_name(self, text: str) -> str | None:
        """The source's own spelling where the name had to differ from it, else None."""
        return text if self.name(text) != text and text else None

    def fqn(self, reference: Reference) -> str:
        """The FQN that the server derives for an entity."""
        service, *rest = (self.name(part) for part in reference.path)
        head = quote(service) if self.quotes_services else service
        return ".".join([head, *map(quote, rest)])

    def column_fqn(self, column: ColumnReference) -> str:
        """The FQN that the server derives for a column, nested columns included."""
        return ".".join([self.fqn(column.entity), *(quote(self.name(part)) for part in column.path)])


def quote(name: str) -> str:
    """A name as one part of an FQN: in double quotes if it holds a dot."""
    return f'"{name}"' if "." in name else name


def parent_fqn(fqn: str) -> str:
    """The FQN without its last part; empty for one of a single part. A quoted part can't hold a quote."""
    end = fqn.rfind('."', 0, -1) if fqn.endswith('"') else fqn.rfind(".")
    return fqn[: max(end, 0)]


def source_fqn(path: Iterable[str]) -> str:
    """The FQN of a path on a current server, for what must be told without one (``useFqnForFiltering``)."""
    return NameRules().fqn(Reference(EntityType.TABLE, tuple(path)))
