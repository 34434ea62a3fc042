"""Marks: what we wrote on an entity, and what a server holds of it, in a few bytes for each value.

The ledger keeps marks in place of values: whether a description is still the one that we wrote can be told by a digest
of it, and a catalog of a hundred thousand tables fits into some tens of megabytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = dict[str, Any]
Path = tuple[str, ...]
"""Names of the columns that lead to a value, then its property; a label's FQN comes last: ``("zip", "description")``,
``("owners",)``, ``("tags", "PII.Sensitive")``. No value stands for a label: it is there or not."""

TEXTS = ("description", "displayName")
TAGS = "tags"
OWNERS = "owners"
DERIVED = "Derived"

_ONE_OWNER = "owner"
_HOLDERS = ("columns", "children", "schemaFields")
_WRAPPERS = ("messageSchema", "dataModel")
_NO_FACETS = frozenset({"name", "sourceHash", *TEXTS, TAGS, OWNERS, _ONE_OWNER})
_DIGEST_BYTES = 6
_DIGEST_LENGTH = 8  # of base64


class Marks:
    """Digests of values by digests of their paths.

    Args:
        text: What ``str`` of other marks gave.
    """

    def __init__(self, text: str = "") -> None:
        self._values = {mark[:_DIGEST_LENGTH]: mark[_DIGEST_LENGTH:] for mark in text.split()}

    def __str__(self) -> str:
        """For the ledger."""
        return " ".join(sorted(path + value for path, value in self._values.items()))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._values)

    def set(self, path: Path, value: str) -> None:
        """Mark a value."""
        self._values[_digest(*path)] = _digest(value)

    def has(self, path: Path) -> bool:
        """Whether there is a value of that path."""
        return _digest(*path) in self._values

    def is_at(self, path: Path, value: str) -> bool:
        """Whether this is the value of that path."""
        return self._values.get(_digest(*path)) == _digest(value)

    def same(self, path: Path, other: Marks) -> bool:
        """Whether other marks have the same value there, or none as these have none."""
        key = _digest(*path)
        return self._values.get(key) == other._values.get(key)

    def mark(self, path: Path) -> str:
        """The one mark of a path, as the text of these marks holds it; empty if there is none."""
        key = _digest(*path)
        return key + self._values[key] if key in self._values else ""

    def take(self, path: Path, other: Marks) -> None:
        """Take the value of a path over from other marks that have it."""
        key = _digest(*path)
        self._values[key] = other._values[key]

    @classmethod
    def of(cls, values: Mapping[Path, str]) -> Marks:
        """Marks of values by their paths."""
        made = cls()
        for path, value in values.items():
            made.set(path, value)
        return made


class Holder(NamedTuple):
    """Something that people may describe and label: an entity, a column, a field.

    Attributes:
        names: Names of the columns down to it; empty for the entity itself. In lower case, as the server compares
            them, but where siblings differ by case only.
        spelled: The same names as the document spells them.
        pointer: JSON pointer to it.
        json: The object.
    """

    names: Path
    spelled: Path
    pointer: str
    json: Json


def holders(document: Json) -> Iterator[Holder]:
    """The entity and all that it holds, of a request or as a server answers it."""
    yield from _all(Holder((), (), "", document))


def _all(holder: Holder) -> Iterator[Holder]:
    yield holder
    for wrapper in _WRAPPERS:
        if not holder.names and isinstance(holder.json.get(wrapper), dict):
            inner = holder._replace(pointer=f"/{wrapper}", json=holder.json[wrapper])
            yield from _below(inner)
    yield from _below(holder)


def _below(holder: Holder) -> Iterator[Holder]:
    for key in _HOLDERS:
        columns = holder.json.get(key) or ()
        lowered = Counter(column["name"].lower() for column in columns)
        for at, column in enumerate(columns):
            folded = column["name"].lower()
            name = folded if lowered[folded] == 1 else column["name"]
            spelled = (*holder.spelled, column["name"])
            yield from _all(Holder((*holder.names, name), spelled, f"{holder.pointer}/{key}/{at}", column))


def owners_of(document: Json) -> str | None:
    """An entity's own owners as one value, whatever their order; None if it has none.

    Inherited ones belong to a parent. Servers before 1.3 don't tell which they are.
    """
    found = document.get(OWNERS) or [owner for owner in [document.get(_ONE_OWNER)] if owner]
    return ",".join(sorted(owner["id"] for owner in found if not owner.get("inherited"))) or None


def labels_of(holder: Json) -> dict[str, tuple[int, Json]]:
    """Labels by FQN, with their places. What a server derives from other labels is nobody's."""
    found = enumerate(holder.get(TAGS) or ())
    return {label["tagFQN"]: (at, label) for at, label in found if label.get("labelType") != DERIVED}


def facets(document: Json) -> dict[Path, str]:
    """What people may set as well as we, by path, but for the labels of columns: listings don't show those."""
    found: dict[Path, str] = {}
    for holder in holders(document):
        for name in TEXTS:
            if holder.json.get(name):
                path = (*holder.names, name)
                found[path] = holder.json[name]
    found |= {(TAGS, fqn): "" for fqn in labels_of(document)}
    if owners := owners_of(document):
        found |= {(OWNERS,): owners}
    return found


def column_labels(document: Json) -> dict[Path, str]:
    """Labels of columns and fields."""
    return {
        (*holder.names, TAGS, fqn): "" for holder in holders(document) if holder.names for fqn in labels_of(holder.json)
    }


def marks_of(request: Json) -> Marks:
    """Marks of a request that is written as it is."""
    return Marks.of({**facets(request), **column_labels(request), **properties(request)})


def held_marks(stored: Json) -> Marks:
    """Marks of what a server holds, as a listing or an event shows it."""
    return Marks.of(facets(stored))


def properties(request: Json) -> dict[Path, str]:
    """What only sources tell, by property: a change of it is told by its name in a plan."""
    found = {name: value for name, value in request.items() if name not in _NO_FACETS}
    return {(name,): json.dumps(_bare(value), sort_keys=True) for name, value in found.items()}


def _bare(value: Any) -> Any:
    """A value without texts and labels, which are told apart from it."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, dict):
        return {name: _bare(item) for name, item in value.items() if name not in _NO_FACETS - {"name"}}
    return value


def _digest(*parts: str) -> str:
    told = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return base64.b64encode(hashlib.blake2b(told, digest_size=_DIGEST_BYTES).digest()).decode()
