"""What is visible in a model: views and explores of all files that it includes, with refinements and extends merged.

Merged bodies are kept in the library by what they are made of, since most models of a project include the same files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest_assets.sources.looker.lookml.includes import FileKey
from ingest_assets.sources.looker.lookml.merging import extended, parents_of, refined
from ingest_assets.sources.looker.lookml.parsing import Body
from ingest_assets.sources.looker.lookml.project import Layer, Library, Place

_DEEPEST = 100  # views that extend each other; people have three


class Merged(NamedTuple):
    """A view or explore as it counts in a model.

    Attributes:
        kind: ``view`` or ``explore``.
        name: Its name.
        body: Merged from all layers and from what it extends.
        place: Where it is declared.
        refined_at: Where it is refined, in the order in which that counts.
        parents: What it extends.
        made_of: All places that it is made of, those of what it extends too; what is made of the same is the same.
    """

    kind: str
    name: str
    body: Body
    place: Place
    refined_at: tuple[Place, ...]
    parents: tuple[str, ...]
    made_of: tuple[object, ...]


def reach(library: Library, roots: Iterable[FileKey]) -> list[FileKey]:
    """The files that some include, directly or not, and these; what a file includes comes before it."""
    ordered: list[FileKey] = []
    seen: set[FileKey] = set()
    expanded: set[int] = set()  # a thousand files that include the same thousand are a million steps

    def targets(file: FileKey) -> Iterator[FileKey]:
        for group in library.included(file):
            if id(group) not in expanded:
                expanded.add(id(group))
                yield from group

    stack: list[tuple[FileKey | None, Iterator[FileKey]]] = [(None, iter(roots))]
    while stack:
        file, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            stack.pop()
            if file is not None:
                ordered.append(file)
        elif following not in seen:
            seen.add(following)
            stack.append((following, targets(following)))
    return ordered


class Namespace:
    """The declarations of some files.

    Attributes:
        files: The files, in the order in which they count.
    """

    def __init__(self, library: Library, roots: Iterable[FileKey], merged: dict[object, Merged]) -> None:
        """Collect what the files declare.

        Args:
            library: Where the files are.
            roots: Files to begin with, see ``reach``.
            merged: What other namespaces of this library merged; added to.
        """
        self.files = reach(library, roots)
        self._library = library
        self._known = merged
        self._layers: dict[tuple[str, str], list[Layer]] = {}
        self._merged: dict[tuple[str, str], Merged | None] = {}
        for file in self.files:
            for layer in library.contents(file).layers:
                self._layers.setdefault((layer.kind, layer.name), []).append(layer)

    def names(self, kind: str) -> list[str]:
        """Names of the views or explores, in the order of their files; of those that are only refined none."""
        return [
            name
            for (k, name), layers in self._layers.items()
            if k == kind and any(not layer.is_refinement for layer in layers)
        ]

    def find(self, kind: str, name: str) -> Merged | None:
        """A merged view or explore; None if none is visible, or it extends itself."""
        return self._find(kind, name, ())

    def report_loose_ends(self) -> None:
        """Report refinements of what is not visible, and names that are declared twice."""
        for (kind, name), layers in self._layers.items():
            bases = [layer for layer in layers if not layer.is_refinement]
            if not bases:
                self._report(layers[0].place, f"the refinement of {kind} {name!r} refines nothing that is included")
            for other in bases[:-1]:
                self._report(other.place, f"the {kind} {name!r} is declared again in {bases[-1].place.file}")

    def _find(self, kind: str, name: str, above: tuple[str, ...]) -> Merged | None:
        key = (kind, name)
        if key not in self._merged:
            merged = self._merge(kind, name, above)
            if merged is None and above:
                return None  # maybe a circle: those on it still count by what they say themselves
            self._merged[key] = merged
        return self._merged[key]

    def _merge(self, kind: str, name: str, above: tuple[str, ...]) -> Merged | None:
        layers = self._layers.get((kind, name), [])
        bases = [layer for layer in layers if not layer.is_refinement]
        if not bases:
            return None
        base = bases[-1]
        if name in above or len(above) > _DEEPEST:
            self._report(base.place, f"the {kind} {name!r} extends itself, or is extended {_DEEPEST} times over")
            return None
        over = [layer for layer in layers if layer.is_refinement]
        own = refined(base.body, [layer.body for layer in over])
        parents = {parent: self._find(kind, parent, (*above, name)) for parent in parents_of(own)}
        for parent, found in parents.items():
            if found is None and parent not in (*above, name):
                self._report(base.place, f"the {kind} {name!r} extends {parent!r}, which is not included")
        made_of = (
            kind,
            base.place,
            *(layer.place for layer in over),
            *(found.made_of if found else None for found in parents.values()),
        )
        if made_of not in self._known:
            bodies_of = {parent: found.body for parent, found in parents.items() if found is not None}
            self._known[made_of] = Merged(
                kind=kind,
                name=name,
                body=extended(own, bodies_of.get),
                place=base.place,
                refined_at=tuple(layer.place for layer in over),
                parents=tuple(parents),
                made_of=made_of,
            )
        return self._known[made_of]

    def _report(self, place: Place, reason: str) -> None:
        self._library.report(place.file, reason, place.line)
