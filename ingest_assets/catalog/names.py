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

from ingest_assets.catalog.references import ColumnReference, EntityKey, EntityType, Reference

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
_PARTS = re.compile(r'"([^"]*)"|([^."]+)')
_EMPTY = "__reserved__empty__"
_HASH_LENGTH = 8
_CUT = re.compile(f"_[0-9a-f]{{{_HASH_LENGTH}}}$")
_LIMITS = (128, 256)
_MODEL = "model"  # between the FQN of a dashboard service and the name of a data model


@dataclass(frozen=True)
class NameRules:
    r"""What a server's version allows.

    Attributes:
        longest: Most characters of a name, counted as Java does: 256, on servers before 1.3 128.
        shortest: Fewest characters; what is shorter gets a hash.
        above_tables: Characters, as inside of a regular expression's brackets, that names of all entities but tables
            are limited to: ``\w'\- .&()`` and the like before 1.3, None since.
        quotes_services: Whether the FQN of a service with a dot in its name is quoted. On 1.0 it isn't, and neither is
            it within the FQNs of what the service holds; but of a database service it is there.
        tags: Rules of classifications and tags where they have their own: 2 to 64 characters before 1.4.
    """

    longest: int = 256
    shortest: int = 1
    above_tables: str | None = None
    quotes_services: bool = True
    tags: NameRules | None = None

    def name(self, text: str) -> str:
        """The name under which the server can hold a table or column ``text``; the same text if it can."""
        return self._fitted(_UNSAFE.sub(lambda match: _RESERVED[match[0]], text) or _EMPTY, text)

    def entity_name(self, reference: Reference) -> str:
        """The name under which the server can hold an entity."""
        if reference.type is EntityType.TABLE:
            return self.name(reference.name)
        return self._rules_of(reference.type).name_above_tables(reference.name)

    def display_name(self, reference: Reference) -> str | None:
        """The source's own spelling where the entity's name had to differ from it, else None."""
        return reference.name if reference.name and self.entity_name(reference) != reference.name else None

    def fqn(self, reference: Reference) -> str:
        """The FQN that the server derives for an entity."""
        return self.on_server(self.key(reference))

    def key(self, reference: Reference) -> EntityKey:
        """What ledger and plan know an entity by: its FQN with each part quoted that has a dot, on every server."""
        above = map(self._rules_of(reference.type).name_above_tables, reference.path[:-1])
        first, *rest = (*above, self.entity_name(reference))
        between = [_MODEL] if reference.type is EntityType.DATA_MODEL else []
        return EntityKey(reference.type, ".".join(map(quote, (first, *between, *rest))))

    def on_server(self, key: EntityKey) -> str:
        """The FQN by which the server knows an entity: it does not quote each service with a dot in its name."""
        of_databases = key.type.root is EntityType.DATABASE_SERVICE and key.type.parent is not None
        # A data model's begins with the service's bare name, on every server (read in its source).
        is_bare = key.type is EntityType.DATA_MODEL or not (self.quotes_services or of_databases)
        if not is_bare or not key.fqn.startswith('"'):
            return key.fqn
        service, _, rest = key.fqn[1:].partition('"')
        return service + rest

    def column_fqn(self, column: ColumnReference) -> str:
        """The FQN that the server derives for a column, nested columns included."""
        return self.below(self.fqn(column.entity), column.path)

    def below(self, fqn: str, path: Iterable[str]) -> str:
        """The FQN of a column by that of its table and its path within."""
        return ".".join([fqn, *(quote(self.name(part)) for part in path)])

    def _rules_of(self, kind: EntityType) -> NameRules:
        return self.tags if self.tags and kind.root is EntityType.CLASSIFICATION else self

    def name_above_tables(self, text: str) -> str:
        """The name under which the server can hold anything else."""
        name = self.name(text)
        if self.above_tables is None:
            return name
        allowed = re.sub(f"[^{self.above_tables}]", "_", name)
        return name if allowed == name else self._fitted(f"{allowed}_{_digest(text)}", text)

    def _fitted(self, name: str, text: str) -> str:
        units = name.encode("utf-16-le", "surrogatepass")
        if 2 * self.shortest <= len(units) <= 2 * self.longest:
            return name
        room = 2 * (self.longest - _HASH_LENGTH - 1)
        return f"{units[:room].decode('utf-16-le', 'ignore')}_{_digest(text)}"


def may_be_altered(name: str, display_name: str | None = None, *, limited: bool = False) -> bool:
    """Whether a name on a server may stand for another one in the source, which then is not known for certain.

    Args:
        name: As the server has it.
        display_name: What the server shows beside it: the source's spelling wherever a name had to differ, which alone
            tells of characters that a server before 1.3 refuses. (Or what a person calls it; that can't be told.)
        limited: Whether the server limits the characters of names, so that any name may end with a hash.
    """
    if display_name and display_name != name:
        return True
    units = len(name.encode("utf-16-le", "surrogatepass")) // 2
    # A cut never parts a surrogate pair, so that the name may be short of the limit by one.
    at_limit = limited or any(0 <= longest - units <= 1 for longest in _LIMITS)
    cut = at_limit and _CUT.search(name) is not None
    return cut or any(word in name for word in (*_RESERVED.values(), _EMPTY))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_HASH_LENGTH // 2).hexdigest()


def quote(name: str) -> str:
    """A name as one part of an FQN: in double quotes if it holds a dot."""
    return f'"{name}"' if "." in name else name


def parent_fqn(fqn: str) -> str:
    """The FQN without its last part; empty for one of a single part. A quoted part can't hold a quote."""
    end = fqn.rfind('."', 0, -1) if fqn.endswith('"') else fqn.rfind(".")
    return fqn[: max(end, 0)]


def key_of(kind: EntityType, fqn: str, service: str) -> EntityKey:
    """What an entity is known by, from what a server calls it.

    Args:
        kind: Its type.
        fqn: Its FQN on the server, which may begin with the bare name of a service that has a dot in it.
        service: Name of its service; its own name for what stands at the top.
    """
    quoted = quote(service)
    if quoted != service and (fqn == service or fqn.startswith(f"{service}.")):
        fqn = quoted + fqn[len(service) :]
    return EntityKey(kind, fqn)


def parent_key(key: EntityKey) -> EntityKey | None:
    """What holds an entity; None for what nothing holds."""
    kind, fqn = key.type.parent, parent_fqn(key.fqn)
    if kind is None:
        return None
    if key.type is EntityType.DATA_MODEL:
        return EntityKey(kind, parent_fqn(fqn))
    return EntityKey(key.type if key.type.nests and parent_fqn(fqn) else kind, fqn)


def split_fqn(fqn: str) -> tuple[str, ...]:
    """The names in an FQN, without their quotes."""
    return tuple(quoted or plain for quoted, plain in _PARTS.findall(fqn))


def path_of(key: EntityKey) -> tuple[str, ...]:
    """Names from the service down, as the server spells them."""
    names = split_fqn(key.fqn)
    return (names[0], *names[2:]) if key.type is EntityType.DATA_MODEL else names


def source_fqn(path: Iterable[str]) -> str:
    """The FQN of a path on a current server, for what must be told without one (``useFqnForFiltering``)."""
    return NameRules().fqn(Reference(EntityType.TABLE, tuple(path)))
