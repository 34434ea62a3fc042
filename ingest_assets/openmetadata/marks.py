"""Marks: what we wrote on an entity, and what a server holds of it, in a few bytes for each value.

The ledger keeps marks in place of values: whether a description is still the one that we wrote can be told by a digest
of it, and a catalog of a hundred thousand tables fits into some tens of megabytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ingest_assets.catalog import split_fqn

Json = dict[str, Any]
Path = tuple[str, ...]
"""Names of the columns, fields or tasks that lead to a value, then its property: ``("zip", "description")``,
``("owners",)``, ``("zip", "tags")``. Labels are values of one path, by their FQNs; any other path has one value."""

DESCRIPTION = "description"
DISPLAY_NAME = "displayName"
TEXTS = (DESCRIPTION, DISPLAY_NAME)
TAGS = "tags"
OWNERS = "owners"

_DERIVED = "Derived"
_ONE_OWNER = "owner"
_CHILDREN = "children"
_HOLDERS = ("columns", _CHILDREN, "schemaFields", "tasks")
_WRAPPERS = ("messageSchema", "dataModel")
_NO_FACETS = frozenset({"name", "sourceHash", *TEXTS, TAGS, OWNERS, _ONE_OWNER})
_DIGEST_BYTES = 6
_DIGEST_LENGTH = 8  # of base64
_KIND_LENGTH = 3
_GOING = "-"


class Marks:
    """Digests of values by digests of their paths.

    Args:
        text: What ``str`` of other marks gave.
    """

    def __init__(self, text: str = "") -> None:
        self._values: dict[str, set[str]] = {}
        for mark in text.split():
            self._values.setdefault(mark[:_DIGEST_LENGTH], set()).add(mark[_DIGEST_LENGTH:])

    def __str__(self) -> str:
        """For the ledger."""
        return " ".join(sorted(path + value for path, values in self._values.items() for value in values))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._values)

    def add(self, path: Path, value: str) -> None:
        """Mark a value."""
        self._values.setdefault(_digest(*path), set()).add(_value_digest(path, value))

    def forget(self, path: Path) -> None:
        """Take away all values of a path."""
        self._values.pop(_digest(*path), None)

    def has(self, path: Path) -> bool:
        """Whether there is a value of that path."""
        return _digest(*path) in self._values

    def is_at(self, path: Path, value: str) -> bool:
        """Whether this is a value of that path."""
        return _value_digest(path, value) in self._values.get(_digest(*path), ())

    def has_kind(self, path: Path, kind: str) -> bool:
        """Whether a label of that classification or glossary is a value of that path."""
        return bool(self._of_kind(path, kind))

    def same(self, path: Path, other: Marks) -> bool:
        """Whether other marks have the same values there, or none as these have none."""
        key = _digest(*path)
        return self._values.get(key) == other._values.get(key)

    def within(self, path: Path, other: Marks) -> bool:
        """Whether all values that these have there are values of other marks too."""
        key = _digest(*path)
        return self._values.get(key, set()) <= other._values.get(key, set())

    def take(self, path: Path, other: Marks, going: frozenset[str] = frozenset(), kinds: Iterable[str] = ()) -> None:
        """Take over the values that other marks have there.

        Args:
            path: Where.
            other: Marks to take them from.
            going: Digests of what is about to go, which stay behind.
            kinds: Classifications and glossaries whose labels stay behind.
        """
        if taken := other._values.get(_digest(*path), set()).difference(
            going, *(other._of_kind(path, kind) for kind in kinds)
        ):
            self._values.setdefault(_digest(*path), set()).update(taken)

    def take_kind(self, path: Path, kind: str, other: Marks) -> None:
        """Take over the labels of one classification or glossary."""
        if found := other._of_kind(path, kind):
            self._values.setdefault(_digest(*path), set()).update(found)

    def dismiss(self, path: Path, before: Marks, replaced: Iterable[str] = ()) -> None:
        """Mark as about to go what was there before and is not among these.

        Args:
            path: Where.
            before: Marks of what was there.
            replaced: Classifications and glossaries whose labels give way to others at once, and leave no gap.
        """
        going = before._values.get(_digest(*path), set()) - self._values.get(_digest(*path), set())
        if going := going.difference(*(before._of_kind(path, kind) for kind in replaced)):
            self._values[_digest(*path, _GOING)] = going

    def going(self, path: Path) -> frozenset[str]:
        """Digests of what is about to go."""
        return frozenset(self._values.get(_digest(*path, _GOING), ()))

    def dismisses(self, path: Path, value: str | None = None) -> bool:
        """Whether a value was about to go; None: any of that path."""
        going = self.going(path)
        return bool(going) if value is None else _value_digest(path, value) in going

    def dismisses_kind(self, path: Path, kind: str) -> bool:
        """Whether a label of that classification or glossary was about to go."""
        return bool(self._of_kind((*path, _GOING), kind))

    def _of_kind(self, path: Path, kind: str) -> set[str]:
        begins = _digest(kind)[:_KIND_LENGTH]
        return {value for value in self._values.get(_digest(*path), ()) if value.startswith(begins)}

    @classmethod
    def of(cls, values: Iterable[tuple[Path, str]]) -> Marks:
        """Marks of values and their paths."""
        made = cls()
        for path, value in values:
            made.add(path, value)
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


def pairs(request: Json, stored: Json) -> Iterator[tuple[Holder, Holder | None]]:
    """All that a request holds, each with what a server has stored of it; None: it is new there."""
    yield from _pairs(Holder((), (), "", request), Holder((), (), "", stored))


def _all(holder: Holder) -> Iterator[Holder]:
    yield holder
    # Nearly all holders are columns with nothing below them, and a catalog has millions.
    if not holder.names or _CHILDREN in holder.json:
        for each in _below(holder):
            yield from _all(each)


def _pairs(wanted: Holder, found: Holder | None) -> Iterator[tuple[Holder, Holder | None]]:
    yield wanted, found
    columns = list(_below(wanted))
    others = {other.spelled[-1]: other for other in (_below(found) if found else ())}
    same = {column.spelled[-1]: others.pop(column.spelled[-1], None) for column in columns}
    # A server compares names without regard to case, but what is spelled alike belongs together first.
    in_any_case = {name.lower(): other for name, other in others.items()}
    for column in columns:
        name = column.spelled[-1]
        yield from _pairs(column, same[name] or in_any_case.pop(name.lower(), None))


def _below(holder: Holder) -> Iterator[Holder]:
    for wrapper in _WRAPPERS:
        # A table's dataModel is dbt's, and describes the table's own columns once more.
        if not holder.names and "columns" not in holder.json and isinstance(holder.json.get(wrapper), dict):
            yield from _below_one(holder._replace(pointer=f"/{wrapper}", json=holder.json[wrapper]))
    yield from _below_one(holder)


def _below_one(holder: Holder) -> Iterator[Holder]:
    for key in _HOLDERS:
        columns = holder.json.get(key) or ()
        lowered = [column["name"].lower() for column in columns]
        several = Counter(lowered) if len(set(lowered)) < len(lowered) else {}
        for at, (folded, column) in enumerate(zip(lowered, columns, strict=True)):
            name = folded if several.get(folded, 1) == 1 else column["name"]
            spelled = (*holder.spelled, column["name"])
            yield Holder((*holder.names, name), spelled, f"{holder.pointer}/{key}/{at}", column)


def knows_owners(request: Json) -> bool:
    """Whether a request tells of owners, or that there are none."""
    return OWNERS in request or _ONE_OWNER in request


def owners_of(document: Json) -> str | None:
    """An entity's own owners as one value, whatever their order; None if it has none.

    Inherited ones belong to a parent. Servers before 1.3 don't tell which they are.
    """
    found = document.get(OWNERS) or [owner for owner in [document.get(_ONE_OWNER)] if owner]
    return ",".join(sorted(owner["id"] for owner in found if not owner.get("inherited"))) or None


def labels_of(holder: Json) -> dict[str, tuple[int, Json]]:
    """Labels by FQN, with their places. What a server derives from other labels is nobody's."""
    found = enumerate(holder.get(TAGS) or ())
    return {label["tagFQN"]: (at, label) for at, label in found if label.get("labelType") != _DERIVED}


def derived_labels(holder: Json) -> list[Json]:
    """Labels that a server derived from others."""
    return [label for label in holder.get(TAGS) or () if label.get("labelType") == _DERIVED]


def kind_of(label: str) -> str:
    """The classification or glossary of a label."""
    return next(iter(split_fqn(label)), label)


def text_of(holder: Json, name: str) -> str | None:
    """A text, if it says something: a display name that repeats the name, as others send with each column, doesn't."""
    text: str | None = holder.get(name) or None
    return None if name == DISPLAY_NAME and text == holder.get("name") else text


def facets(document: Json) -> Iterator[tuple[Path, str]]:
    """What people may set as well as we, but for the labels of columns: listings don't show those."""
    for holder in holders(document):
        for name in TEXTS:
            if text := text_of(holder.json, name):
                yield (*holder.names, name), text
    yield from (((TAGS,), fqn) for fqn in labels_of(document))
    if owners := owners_of(document):
        yield (OWNERS,), owners


def column_labels(document: Json) -> Iterator[tuple[Path, str]]:
    """Labels of columns and fields."""
    for holder in holders(document):
        if holder.names:
            yield from (((*holder.names, TAGS), fqn) for fqn in labels_of(holder.json))


def marks_of(request: Json) -> Marks:
    """Marks of a request that is written as it is."""
    return Marks.of([*facets(request), *column_labels(request), *properties(request)])


def held_marks(stored: Json) -> Marks:
    """Marks of what a server holds, as a listing or an event shows it."""
    return Marks.of(facets(stored))


def properties(request: Json) -> Iterator[tuple[Path, str]]:
    """What only sources tell, by property: a change of it is told by its name in a plan."""
    for name, value in request.items():
        if name not in _NO_FACETS:
            yield (name,), json.dumps(_bare(value), sort_keys=True)


def _bare(value: Any) -> Any:
    """A value without texts and labels, which are told apart from it."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, dict):
        return {name: _bare(item) for name, item in value.items() if name not in _NO_FACETS - {"name"}}
    return value


def _value_digest(path: Path, value: str) -> str:
    """A label's begins with that of its kind, so that labels of one kind can be told from others."""
    if path[-1] != TAGS:
        return _digest(value)
    return _digest(kind_of(value))[:_KIND_LENGTH] + _digest(value)[_KIND_LENGTH:]


def _digest(*parts: str) -> str:
    told = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return base64.b64encode(hashlib.blake2b(told, digest_size=_DIGEST_BYTES).digest()).decode()
