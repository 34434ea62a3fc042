"""An explore's views under their aliases, and the fields that it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ingest_assets.sources.looker.lookml import bodies
from ingest_assets.sources.looker.lookml.fields import Field
from ingest_assets.sources.looker.lookml.parsing import Body

_ALL = "ALL_FIELDS*"
_DEEPEST = 16  # sets within sets


class ViewFields(NamedTuple):
    """What an explore has to know of a view.

    Attributes:
        fields: Its fields.
        sets: Its sets by name, each as written.
    """

    fields: tuple[Field, ...]
    sets: dict[str, tuple[str, ...]]


class ExploreView(NamedTuple):
    """A view within an explore.

    Attributes:
        alias: What its fields are called by there.
        view: The view's name.
    """

    alias: str
    view: str


class ExploreField(NamedTuple):
    """A field within an explore.

    Attributes:
        alias: Of its view there.
        view: The view's name.
        field: As the view declares it.
    """

    alias: str
    view: str
    field: Field

    @property
    def name(self) -> str:
        """As Looker's API calls it: ``orders.created_date``."""
        return f"{self.alias}.{self.field.name}"


def views_of(name: str, explore: Body) -> tuple[ExploreView, ...]:
    """The views of an explore's merged body, the one that it begins with first; each alias once.

    Args:
        name: The explore's.
        explore: Its merged body.
    """
    alias = bodies.words(explore, "view_name") or name
    found = {alias: bodies.words(explore, "from") or alias}
    for join, body in bodies.named(explore, "joins"):
        found.setdefault(join, bodies.words(body, "from") or bodies.words(body, "view_name") or join)
    return tuple(ExploreView(alias, view) for alias, view in found.items())


def sets_of(view: Body) -> dict[str, tuple[str, ...]]:
    """The sets of a view's merged body."""
    return {name: bodies.texts(body, "fields") for name, body in bodies.named(view, "sets")}


def shown_fields(
    explore: Body, views: Iterable[ExploreView], view_of: Callable[[str], ViewFields | None]
) -> tuple[list[ExploreField], list[str]]:
    """The fields that an explore shows, and words of its lists that mean nothing.

    A join's ``fields`` choose from the fields of its view, the explore's from all that are left then.

    Args:
        explore: Its merged body.
        views: What ``views_of`` tells of it.
        view_of: A view by its name; None where there is none.
    """
    names = dict(views)
    known = {alias: found for alias, view in names.items() if (found := view_of(view)) is not None}
    fields = {
        f"{alias}.{field.name}": ExploreField(alias, names[alias], field)
        for alias, view in known.items()
        for field in view.fields
    }
    lists = {name: bodies.texts(body, "fields") for name, body in bodies.named(explore, "joins") if "fields" in body}
    unknown: list[str] = []
    for alias, words in lists.items():
        if alias in known:
            own = [name for name, field in fields.items() if field.alias == alias]
            kept = _Choice(known, fields, own, alias).of(words, unknown)
            others = known.keys() - {alias}
            # A join may name fields of other views, which stay as they are.
            fields = {n: f for n, f in fields.items() if f.alias in others or n in kept}
    if "fields" in explore:
        alias = next(iter(known), "")
        kept = _Choice(known, fields, list(fields), alias).of(bodies.texts(explore, "fields"), unknown)
        fields = {name: field for name, field in fields.items() if name in kept}
    return list(fields.values()), unknown


class _Choice:
    """Words of a ``fields`` list as names of fields."""

    def __init__(self, views: dict[str, ViewFields], fields: dict[str, ExploreField], all_: list[str], own: str):
        self._views = views
        self._fields = fields
        self._all = all_
        self._own = own
        self._groups: dict[str, list[str]] = {}
        for name, field in fields.items():
            if field.field.group is not None:
                self._groups.setdefault(f"{field.alias}.{field.field.group}", []).append(name)

    def of(self, words: Iterable[str], unknown: list[str]) -> set[str]:
        """The fields that are chosen; what a minus takes away is gone, wherever it stands."""
        chosen: set[str] = set()
        dropped: set[str] = set()
        for word in words:
            names = self._names(word.removeprefix("-"), self._own, 0)
            if names is None:
                unknown.append(word)
            (dropped if word.startswith("-") else chosen).update(names or ())
        return chosen - dropped

    def _names(self, word: str, alias: str, depth: int) -> Iterable[str] | None:
        """Names of fields; None for a word that means nothing."""
        word = word.strip()
        if word == _ALL:
            return self._all if depth == 0 else [n for n, f in self._fields.items() if f.alias == alias]
        view, _, name = word.rpartition(".")
        view = view or alias
        if name == _ALL:
            return [n for n, f in self._fields.items() if f.alias == view]
        if name.endswith("*"):
            known = self._views.get(view)
            listed = known.sets.get(name[:-1]) if known else None
            return None if listed is None else set(self._of_set(listed, view, depth + 1))
        full = f"{view}.{name}"
        if full in self._fields:
            return [full]
        if full in self._groups:
            return self._groups[full]
        return () if self._exists(view, name) else None

    def _of_set(self, words: Iterable[str], alias: str, depth: int) -> Iterator[str]:
        chosen: set[str] = set()
        dropped: set[str] = set()
        for word in words if depth <= _DEEPEST else ():
            names = self._names(word.removeprefix("-"), alias, depth)
            (dropped if word.startswith("-") else chosen).update(names or ())
        yield from chosen - dropped

    def _exists(self, alias: str, name: str) -> bool:
        """Whether a view has a field, though a list before this one took it away."""
        known = self._views.get(alias)
        return known is not None and any(name in (field.name, field.group) for field in known.fields)
