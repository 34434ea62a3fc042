"""What should become of what people and sources say of one table: a model that knows neither marks nor requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Key = tuple[str, ...]
"""Names of columns in lower case, then ``description``, ``displayName``, ``owners``, ``Tier`` or a label."""

TEXTS = ("description", "displayName")
TIER = "Tier"
LABELS = ("Team.aa", "Team.bb")
TIERS = ("Tier.Tier1", "Tier.Tier2", "Tier.Tier3")
UNKNOWN = "unknown"
HAS = "there"


@dataclass
class Facet:
    """One thing that source and people may set; None: nothing is there.

    Attributes:
        held: What the server holds.
        known: What counts as ours there.
        meant: The same of runs that were cut off.
        persons: Whether it is as a person wants it.
    """

    held: str | None = None
    known: set[str | None] = field(default_factory=lambda: {None})
    meant: set[str | None] = field(default_factory=set)
    persons: bool = False

    def edit(self, value: str | None) -> None:
        """A person's edit; who sets what we had set hands it back to us."""
        if value != self.held:
            self.held, self.persons = value, value not in self.known | self.meant

    def run(self, said: str | None) -> None:
        """A whole run; who agrees with the source hands it over to it."""
        if said == UNKNOWN:
            self._leave()
        elif not self.persons or self.held == said:
            self.held, self.known, self.persons = said, {said}, False
        elif self.known == {None}:
            self.known = {said}
        self.meant.clear()

    def cut(self, said: str | None, found: str | None) -> None:
        """A run that was cut off, and what was found then."""
        if said == UNKNOWN:
            assert found == self.held
            # A column that comes back without word of its labels looks as if they had been taken away.
            self.persons = self.persons or (found is None and None not in self.known | self.meant)
            return
        self.meant.add(said)
        if self.persons and self.held != said:
            assert found == self.held
            return
        assert found in {self.held, said}
        self.held, self.persons = found, False

    def _leave(self) -> None:
        if not self.persons:
            self.known = {self.held} if self.held is None else {self.held, *self.known} - {None}
        elif None in self.meant:
            self.known = {None}


def a_value(key: Key, wanted: str | None, owners: Mapping[str, str]) -> str | None:
    """What a person sets there.

    Args:
        key: Where.
        wanted: ``A``, which the source may say too, ``Mine``, or nothing.
        owners: Ids of users by name.
    """
    if wanted is None or key[-1] in TEXTS:
        return wanted
    if key[-1] == "owners":
        return owners["eve" if wanted == "Mine" else "ann"]
    return TIERS[wanted == "Mine"] if key[-1] == TIER else HAS


def operations(stored: Json, key: Key, value: str | None, owner: str) -> Iterator[Json]:
    """The JSON Patch of a person's edit.

    Args:
        stored: The entity.
        key: What is edited.
        value: What is set; None: it is taken away.
        owner: Property of owners on this server.
    """
    holder, pointer = stored, ""
    for name in key[:-1]:
        below = "columns" if holder is stored else "children"
        at = next(at for at, each in enumerate(holder[below]) if each["name"].lower() == name)
        holder, pointer = holder[below][at], f"{pointer}/{below}/{at}"
    name = key[-1]
    if name == "owners":
        reference = None if value is None else {"id": value, "type": "user"}
        one = owner == "owner" or reference is None
        yield {"op": "add", "path": f"/{owner}", "value": reference if one else [reference]}
    elif name in TEXTS:
        yield {"op": "add", "path": f"{pointer}/{name}", "value": value}
    else:
        stay = [label for label in holder.get("tags", []) if name not in (label["tagFQN"], label["tagFQN"][:4])]
        mine = [] if value is None else [manual(value if name == TIER else name)]
        yield {"op": "add", "path": f"{pointer}/tags", "value": [*stay, *mine]}


def manual(fqn: str) -> Json:
    """A label as people set it."""
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


def _said_labels(labels: list[Json] | None) -> Mapping[str, str | None]:
    if labels is None:
        return dict.fromkeys((*LABELS, TIER), UNKNOWN)
    fqns = [label["tagFQN"] for label in labels if label.get("labelType") != "Derived"]
    tiers = [fqn for fqn in fqns if fqn in TIERS]
    assert len(tiers) <= 1
    return {**{fqn: HAS if fqn in fqns else None for fqn in LABELS}, TIER: tiers[0] if tiers else None}


def _columns(holder: Json, above: Key = ()) -> Iterator[tuple[Key, Json]]:
    for column in holder.get("columns", holder.get("children")) or ():
        names = (*above, column["name"].lower())
        yield names, column
        yield from _columns(column, names)


def values(document: Json, *, as_said: bool) -> dict[Key, str | None]:
    """All facets of a request or of what a server answered.

    Args:
        as_said: Whether what is left out is not known, rather than not there.
    """
    found: dict[Key, str | None] = {}
    for names, holder in [((), document), *_columns(document)]:
        found |= {(*names, name): holder.get(name) or None for name in TEXTS}
        labels = holder.get("tags", None if as_said else [])
        found |= {(*names, fqn): value for fqn, value in _said_labels(labels).items()}
    owners = document.get("owners", [document["owner"]] if document.get("owner") else None)
    if owners is None and as_said and "owner" not in document:
        found["owners",] = UNKNOWN
    else:
        found["owners",] = " ".join(sorted(owner["id"] for owner in owners or ())) or None
    return found


@dataclass
class Model:
    """One table."""

    facets: dict[Key, Facet] = field(default_factory=dict)

    def run(self, said: Mapping[Key, str | None]) -> None:
        """A whole run; what belongs to a column that the source no longer has goes with it."""
        self.facets = {key: self.facets.get(key, Facet()) for key in said}
        for key, value in said.items():
            self.facets[key].run(value)

    def cut(self, said: Mapping[Key, str | None], found: Mapping[Key, str | None]) -> None:
        """A run that was cut off: it may have dropped columns and made new ones, or not."""
        for key in self.facets.keys() | said.keys():
            facet = self.facets.setdefault(key, Facet())
            if key in found:
                facet.cut(said.get(key, UNKNOWN), found[key])
            else:
                facet.held, facet.persons = None, False
                facet.meant |= {said[key]} - {UNKNOWN} if key in said else set()

    def edit(self, key: Key, value: str | None) -> None:
        self.facets[key].edit(value)

    def held(self) -> dict[Key, str | None]:
        return {key: facet.held for key, facet in self.facets.items()}
