"""The merge of one enrichment: what its source says, what the enricher wrote before, and what the server holds now.

The rules are those of ``merge``, with one difference: who merely agrees with what stands there does not make it ours.
The creator of the entity, or a person, has set it, and takes it back when it pleases them: a label that two sources
have must not go because one of them drops it. That it stood there when our source said so is remembered beside what we
wrote, so that it is not brought back once it was taken away.

What dbt knows of a table's making is dbt's alone, and so is no part of that: it is put whole, where it is another one
than was put last.

All the rest becomes one JSON Patch, which is applied whole or not at all. Its first operation tests that nobody has
changed the entity since it was read, for a patch can't test that something is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ingest_assets.catalog import ColumnEnrichment, Enrichment, Label
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.columns import label_bodies
from ingest_assets.openmetadata.dbt_models import FIELD, stands
from ingest_assets.openmetadata.exclusive import ALWAYS
from ingest_assets.openmetadata.marks import (
    OWNERS,
    TAGS,
    TEXTS,
    Holder,
    Json,
    Marks,
    Path,
    derived_labels,
    holders,
    kind_of,
    labels_of,
    owners_of,
    text_of,
)
from ingest_assets.openmetadata.merge import Memory

_NEVER_A_NAME = "::"  # refused by every server, so no column is called that
_ID = (_NEVER_A_NAME, "id")
_DATA_MODEL = (_NEVER_A_NAME, FIELD)
_CHANGED_AT = "updatedAt"
_DESCRIPTION, _DISPLAY_NAME = TEXTS


class Said(NamedTuple):
    """What a source says of an entity, as far as the server can hold it.

    Attributes:
        enrichment: The texts, and labels that the server knows.
        owners: References (``id``, ``type``); None: not known.
        owners_property: ``owners``, or ``owner`` where the server holds one.
        data_model: What made a table, as it is put; None: not known.
    """

    enrichment: Enrichment
    owners: Sequence[Mapping[str, str]] | None = None
    owners_property: str = OWNERS
    data_model: Json | None = None


class Enriched(NamedTuple):
    """What to send, and what to remember.

    Attributes:
        operations: JSON Patch against the document that was read; empty where nothing is to be done.
        written: Marks of what is ours once they are applied.
        intended: Marks of what they bring, and of what of ours they take away.
        changed: Paths of what they change; a label's FQN comes last.
        persons: Paths of what the source says and others have set otherwise, or taken away; it stays so.
        lacking: Columns that the server does not have, or can't tell from others.
        data_model: What is to be put besides.
    """

    operations: list[Json]
    written: Marks
    intended: Marks
    changed: list[Path]
    persons: list[Path]
    lacking: list[Path]
    data_model: Json | None = None

    @property
    def writes(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.operations) or self.data_model is not None


def enrich(
    said: Said,
    stored: Json,
    memory: Memory,
    exclusive: frozenset[str] = ALWAYS,
    override: frozenset[str] = frozenset(),
    spell: Callable[[str], str] = str,
) -> Enriched:
    """Merge an enrichment into what the server holds.

    Args:
        said: What the source says.
        stored: The entity as it was just read, with its owners, labels and columns.
        memory: What the enricher wrote there.
        exclusive: Classifications and glossaries of which an entity can have one label.
        override: Properties of which what the source says replaces what others set.
        spell: The server's spelling of a column's name.
    """
    if is_another(memory, stored):
        # Made anew: nobody has taken anything away from it.
        memory = Memory(Marks(), Marks())
    merging = _Enriching(stored, memory, exclusive, override)
    merging.written.forget(_ID)
    merging.written.add(_ID, stored["id"])
    merging.carry()
    entity = Holder((), (), "", stored)
    merging.text(entity, _DESCRIPTION, said.enrichment.description)
    merging.text(entity, _DISPLAY_NAME, said.enrichment.display_name)
    merging.labels(entity, said.enrichment.labels)
    merging.owners(said)
    for column, holder in merging.columns(said.enrichment.columns, spell):
        merging.text(holder, _DESCRIPTION, column.description)
        merging.text(holder, _DISPLAY_NAME, column.display_name)
        merging.labels(holder, column.labels)
    model = merging.data_model(said.data_model)
    operations = merging.operations
    if operations:
        operations = [{"op": "test", "path": f"/{_CHANGED_AT}", "value": stored[_CHANGED_AT]}, *operations]
    found = merging.changed, merging.persons, merging.lacking
    return Enriched(operations, merging.written, merging.intended, *found, model)


def is_another(memory: Memory, stored: Json) -> bool:
    """Whether what was written went to an entity that is gone: under its name there is another one now."""
    return memory.written.has(_ID) and not memory.written.is_at(_ID, stored["id"])


class _Enriching:
    def __init__(self, stored: Json, memory: Memory, exclusive: frozenset[str], override: frozenset[str]) -> None:
        self.operations: list[Json] = []
        self.written = Marks(str(memory.written))
        self.intended = Marks()
        self.changed: list[Path] = []
        self.persons: list[Path] = []
        self.lacking: list[Path] = []
        self._stored = stored
        self._memory = memory
        self._exclusive = exclusive
        self._override = override

    def carry(self) -> None:
        """What a run that was cut off has brought or taken away, where the source no longer tells of it."""
        if not self._memory.intended:
            return
        for path, held in _values(self._stored):
            kept = Marks()
            self._memory.keep(path, held, kept, self._exclusive)
            self.written.forget(path)
            self.written.take(path, kept)

    def text(self, holder: Holder, name: str, said: str | None) -> None:
        if said is None:
            return
        held = text_of(holder.json, name)
        wanted = text_of({"name": holder.json.get("name"), name: said}, name)
        if not self._judge((*holder.names, name), wanted, held):
            return
        pointer, there = f"{holder.pointer}/{name}", holder.json.get(name)
        if there is not None:
            self.operations.append({"op": "test", "path": pointer, "value": there})
        self._change(pointer, wanted, is_there=there is not None)

    def owners(self, said: Said) -> None:
        if said.owners is None:
            return
        references = [dict(owner) for owner in said.owners]
        if not self._judge((OWNERS,), owners_of({OWNERS: references}), owners_of(self._stored)):
            return
        name = said.owners_property
        is_one = name != OWNERS
        stored = [self._stored.get(name)] if is_one else self._stored.get(name) or []
        there = [owner for owner in stored if owner]
        for at, owner in enumerate(there):
            path = f"/{name}/id" if is_one else f"/{name}/{at}/id"
            self.operations.append({"op": "test", "path": path, "value": owner["id"]})
        self._change(f"/{name}", (references[0] if is_one else references) if references else None, bool(there))

    def labels(self, holder: Holder, labels: Sequence[Label] | None) -> None:
        if labels is None:
            return
        found = _Labels(holder, labels, self._memory, self.written, self._exclusive, TAGS in self._override)
        self.persons += [(*found.path, fqn) for fqn in found.persons]
        self.changed += [(*found.path, fqn) for fqn in (*found.come, *found.go)]
        for fqn in found.come:
            self.intended.add(found.path, fqn)
        gone = Marks.of((found.path, fqn) for fqn in found.go if self._memory.written.is_at(found.path, fqn))
        # One patch brings and takes: where there is neither afterwards, a person has taken away whichever was there.
        self.intended.dismiss(found.path, gone, {kind_of(fqn) for fqn in found.come} & self._exclusive)
        self.operations += found.operations()

    def data_model(self, said: Json | None) -> Json | None:
        """What made a table, where it is to be put; marked as put, which counts once all of it is acknowledged."""
        if said is None:
            return None
        fingerprint = wire.fingerprint(said)
        was_put = self._memory.written.is_at(_DATA_MODEL, fingerprint)
        self.written.forget(_DATA_MODEL)
        self.written.add(_DATA_MODEL, fingerprint)
        if was_put and stands(said, self._stored.get(FIELD)):
            return None
        self.changed.append((FIELD,))
        return said

    def columns(
        self, columns: Sequence[ColumnEnrichment], spell: Callable[[str], str]
    ) -> Iterator[tuple[ColumnEnrichment, Holder]]:
        """Each column with what the server has of that name: the very same, or the only one in any case."""
        there = {holder.spelled: holder for holder in holders(self._stored) if holder.names}
        wanted = {tuple(map(spell, column.path)): column for column in reversed(columns)}
        in_any_case: dict[Path, list[Path]] = {}
        for path in (*(each for each in there if each not in wanted), *(each for each in wanted if each not in there)):
            in_any_case.setdefault(_folded(path), []).append(path)
        for path, column in reversed(wanted.items()):
            alike = [each for each in in_any_case.get(_folded(path), ()) if each != path]
            if path in there:
                yield column, there[path]
            elif len(alike) == 1 and alike[0] in there:
                yield column, there[alike[0]]
            else:
                self.lacking.append(path)
                self._forget_column(path)

    def _forget_column(self, path: Path) -> None:
        """From a column that is not there nobody took anything away."""
        for names in {path, _folded(path)}:
            for name in (*TEXTS, TAGS):
                self.written.forget((*names, name))
                self.written.forget(_seen((*names, name)))

    def _judge(self, path: Path, said: str | None, held: str | None) -> bool:
        """Mark what is ours and what was seen; whether what the source says is to be written."""
        before, seen = self._memory.written, _seen(path)
        self.written.forget(path)
        self.written.forget(seen)
        if said == held:
            if held is not None:
                self.written.add(path if self._memory.ours(path, held) else seen, held)
            return False
        taken_away = self._memory.taken_away(path) or before.has(seen)
        is_ours = self._memory.ours(path, held) if held is not None else not taken_away
        if not is_ours and (said is None or path[-1] not in self._override):
            self.persons += [path] if said is not None else []
            self.written.take(path, before)
            self.written.take(seen, before)
            return False
        self.changed.append(path)
        if said is not None:
            self.written.add(path, said)
            self.intended.add(path, said)
        else:
            self.intended.dismiss(path, before)
        return True

    def _change(self, pointer: str, value: object, is_there: bool) -> None:  # of a document
        if value is None:
            self.operations.append({"op": "remove", "path": pointer})
        else:
            self.operations.append({"op": "replace" if is_there else "add", "path": pointer, "value": value})


class _Labels:
    """Labels of one holder: which of them come and go, and whose they are."""

    def __init__(
        self,
        holder: Holder,
        labels: Sequence[Label],
        memory: Memory,
        written: Marks,
        exclusive: frozenset[str],
        replaces: bool,  # a rule of the recipe
    ) -> None:
        self.path = (*holder.names, TAGS)
        self.come: list[str] = []
        self.go: list[str] = []
        self.persons: list[str] = []
        self._holder = holder
        self._said = {label["tagFQN"]: label for label in label_bodies(labels)}
        self._held = labels_of(holder.json)
        # What a server derives from other labels stands there too, and is nobody's to take away.
        self._standing = {*self._held, *(label["tagFQN"] for label in derived_labels(holder.json))}
        self._memory = memory
        self._written = written
        self._replaces = replaces
        written.forget(self.path)
        written.forget(_seen(self.path))
        kinds = {kind_of(fqn) for fqn in (*self._said, *self._standing)} & exclusive
        for fqn in (*self._said, *(each for each in self._held if each not in self._said)):
            if kind_of(fqn) not in kinds:
                self._one(fqn)
        for kind in sorted(kinds):
            self._of_kind(kind, *({each for each in labels if kind_of(each) == kind} for labels in self._both()))

    def operations(self) -> Iterator[Json]:
        """JSON Patch that takes away what goes, the last first, and adds what comes."""
        places = {fqn: at for fqn, (at, _) in self._held.items()}
        pointer = f"{self._holder.pointer}/{TAGS}"
        for fqn in sorted(self.go, key=places.__getitem__, reverse=True):
            yield {"op": "test", "path": f"{pointer}/{places[fqn]}/tagFQN", "value": fqn}
            yield {"op": "remove", "path": f"{pointer}/{places[fqn]}"}
        come = [self._said[fqn] for fqn in self.come]
        if not come:
            return
        if self._holder.json.get(TAGS):
            # At the front: these are the two forms of which it was seen that servers take them.
            yield from ({"op": "add", "path": f"{pointer}/0", "value": label} for label in reversed(come))
        else:
            yield {"op": "add", "path": pointer, "value": come}

    def _both(self) -> tuple[Collection[str], Collection[str]]:
        return self._said, self._standing

    def _is_ours(self, fqn: str) -> bool:
        return fqn in self._held and self._memory.ours(self.path, fqn)

    def _mark(self, fqn: str) -> None:
        self._written.add(self.path if self._is_ours(fqn) else _seen(self.path), fqn)

    def _one(self, fqn: str) -> None:
        before, seen = self._memory.written, _seen(self.path)
        if fqn not in self._said:
            if self._is_ours(fqn):
                self.go.append(fqn)
        elif fqn in self._standing:
            self._mark(fqn)
        elif self._replaces or not (self._memory.label_taken_away(self.path, fqn) or before.is_at(seen, fqn)):
            self._bring(fqn)
        else:
            self.persons.append(fqn)
            self._written.add(self.path if before.is_at(self.path, fqn) else seen, fqn)

    def _of_kind(self, kind: str, wants: set[str], has: set[str]) -> None:
        """Labels that exclude each other are one value."""
        if wants <= has and (wants or not has):
            for fqn in wants:
                self._mark(fqn)
            return
        before, seen = self._memory.written, _seen(self.path)
        taken_away = self._memory.kind_taken_away(self.path, kind) or before.has_kind(seen, kind)
        is_ours = all(map(self._is_ours, has)) if has else not taken_away
        if is_ours or (wants and self._replaces and has <= self._held.keys()):
            self.go += sorted(has)
            for fqn in sorted(wants):
                self._bring(fqn)
            return
        self.persons += sorted(wants)
        self._written.take_kind(self.path, kind, before)
        self._written.take_kind(seen, kind, before)

    def _bring(self, fqn: str) -> None:
        self.come.append(fqn)
        self._written.add(self.path, fqn)


def _values(stored: Json) -> Iterator[tuple[Path, Iterable[str]]]:
    """All that may be ours, by path, with what is there."""
    for holder in holders(stored):
        for name in TEXTS:
            held = text_of(holder.json, name)
            yield (*holder.names, name), [held] if held else []
        yield (*holder.names, TAGS), list(labels_of(holder.json))
    owners = owners_of(stored)
    yield (OWNERS,), [owners] if owners else []


def _seen(path: Path) -> Path:
    """Where is marked what stood there when the source said it, and was not written by us."""
    return (_NEVER_A_NAME, *path)


def _folded(path: Path) -> Path:
    return tuple(name.lower() for name in path)
