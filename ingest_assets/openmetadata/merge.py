"""The three-way merge of one entity: what the source says, what we wrote before, and what the server holds now.

A value on the server is ours if it is what we last wrote, what we meant to write when a run was cut off, or what the
source says anyway; anything else is a person's and stays. So does the absence of what we wrote: a person took it away.
Where source and server say the same, that they have nothing included, nobody is overruled and nothing is remembered.

A text, the owners and a tier are one value each: whoever changed or removed it keeps it so, whatever the source says
next. Other labels are each for itself: the one that a person took away stays away, another one may come.

The server helps with a part of this only (observed on 1.0 and 1.5): its PUT keeps a description, whoever wrote it, and
never takes a label away, but it replaces owners, and from the 1.12 line on display names. So what is ours and changed
is patched, and what is a person's is sent along or left out, whichever keeps it.

Of a column the 1.0 line looks at the description to decide about both texts: a PUT brings no display name to a column
that is described, and replaces or removes that of one that is not (known from reading its source). So the first is
patched too, and a person's is sent along here as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from ingest_assets.openmetadata.exclusive import ALWAYS
from ingest_assets.openmetadata.marks import (
    DESCRIPTION,
    DISPLAY_NAME,
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
    knows_owners,
    labels_of,
    marks_of,
    owners_of,
    pairs,
    properties,
    text_of,
)
from ingest_assets.openmetadata.relations import as_sent

_ONE_OWNER = "owner"
_STORED_LABEL = ("tagFQN", "source", "labelType", "state")
_NOTHING: Json = {}

_Labels = Mapping[str, tuple[int, Json]]


class Memory:
    """Who wrote what, by the ledger.

    Args:
        written: Marks of what the server has acknowledged.
        intended: Marks of what was about to be written, and to go, when runs were cut off.
    """

    def __init__(self, written: Marks, intended: Marks) -> None:
        self.written = written
        self.intended = intended

    def ours(self, path: Path, value: str) -> bool:
        """Whether a value that the server holds was written by us."""
        return self.written.is_at(path, value) or self.intended.is_at(path, value)

    def keep(self, path: Path, held: Iterable[str], marks: Marks, exclusive: frozenset[str] = ALWAYS) -> None:
        """Hand what is known of a path over to new marks, where the source doesn't know it now.

        What a run that was cut off has brought took the place of what was written before: that is ours no more, and
        who sets it again is a person.
        """
        ours = [value for value in held if self.ours(path, value)]
        if path[-1] == TAGS:
            replaced = {kind_of(fqn) for fqn in ours} & exclusive
            marks.take(path, self.written, self.intended.going(path), replaced)
        elif not ours:
            marks.take(path, self.written, self.intended.going(path))
        for value in ours:
            marks.add(path, value)

    def taken_away(self, path: Path) -> bool:
        """Whether a person took away the text, or the owners, that the server lacks.

        What was only intended may never have arrived, and what was to go may be gone.
        """
        return self.written.has(path) and not self.intended.dismisses(path)

    def label_taken_away(self, path: Path, fqn: str) -> bool:
        """Whether a person took away a label that the server lacks."""
        return self.written.is_at(path, fqn) and not self.intended.dismisses(path, fqn)

    def kind_taken_away(self, path: Path, kind: str) -> bool:
        """Whether a person took away the one label of its kind that there was."""
        return self.written.has_kind(path, kind) and not self.intended.dismisses_kind(path, kind)


class Merged(NamedTuple):
    """What to send, and what to remember.

    Attributes:
        request: The create request that keeps what is a person's.
        operations: JSON Patch, built against the document that was read, to be applied before the request is put: the
            request's ``sourceHash`` says that all has arrived.
        written: Marks of what is ours once both are done.
        held: Marks of what the server holds then.
        labels: The labels that stand then, by the names of columns as the request spells them.
        persons: Paths of what is a person's and stays: other than the source says, or taken away; a label's FQN comes
            last.
    """

    request: Json
    operations: list[Json]
    written: Marks
    held: Marks
    labels: Mapping[Path, list[Json]]
    persons: list[Path]


def merge(
    request: Json,
    stored: Json | None,
    memory: Memory,
    unknown: frozenset[str] = frozenset(),
    exclusive: frozenset[str] = ALWAYS,
    override: frozenset[str] = frozenset(),
) -> Merged:
    """Merge a request into what the server holds.

    Owners and labels that the request doesn't name are not known, and stay as they are; an empty list of them is the
    source's word that there are none.

    Args:
        request: What the source says, whole; it becomes the request that is sent.
        stored: The entity as it was just read; None: there is none.
        memory: Who wrote what.
        unknown: Properties of the entity that the source could not read: they are sent as they are stored.
        exclusive: Classifications and glossaries of which an entity can have one label.
        override: Properties of which what the source says replaces what people set.
    """
    merging = _Merging(request, stored or _NOTHING, memory, exclusive, override)
    for path, value in properties(request):
        merging.written.add(path, value)
    merging.entity(unknown)
    return Merged(
        sendable(merging.request),
        [*merging.changes, *merging.removals],
        merging.written,
        merging.held,
        merging.labels,
        merging.persons,
    )


def intended(
    request: Json,
    before: Marks,
    unknown: frozenset[str] = frozenset(),
    exclusive: frozenset[str] = ALWAYS,
) -> Marks:
    """Marks of what is about to be written, and of what we wrote before that is about to go.

    Args:
        request: What the source says, whole.
        before: Marks of what the server has acknowledged.
        unknown: Properties of the entity that the source could not read.
        exclusive: Classifications and glossaries of which an entity can have one label.
    """
    marks = marks_of(request)
    for holder in holders(request):
        for name in TEXTS:
            if text_of(holder.json, name) is None and (holder.names or name not in unknown):
                marks.dismiss((*holder.names, name), before)
        if TAGS in holder.json:
            replaced = {kind_of(fqn) for fqn in labels_of(holder.json)} & exclusive
            marks.dismiss((*holder.names, TAGS), before, replaced)
    if knows_owners(request) and owners_of(request) is None:
        marks.dismiss((OWNERS,), before)
    return marks


def arrived(request: Json, memory: Memory, unknown: frozenset[str] = frozenset()) -> Marks:
    """Marks of what is ours where a request has arrived without our having been told; see ``intended``."""
    marks = marks_of(request)
    paths: list[Path] = [(name,) for name in unknown]
    paths += [(*holder.names, TAGS) for holder in holders(request) if TAGS not in holder.json]
    for path in [*paths, *([] if knows_owners(request) else [(OWNERS,)])]:
        marks.take(path, memory.written, memory.intended.going(path))
        marks.take(path, memory.intended)
    return marks


class _Merging:
    def __init__(
        self, request: Json, stored: Json, memory: Memory, exclusive: frozenset[str], override: frozenset[str]
    ) -> None:
        self.request = request
        self.written = Marks()
        self.held = Marks()
        self.labels: dict[Path, list[Json]] = {}
        self.changes: list[Json] = []
        self.removals: list[Json] = []
        self.persons: list[Path] = []
        self._stored = stored
        self._all = self._memory = memory
        self._exclusive = exclusive
        self._override = override
        self._retyped: set[Path] = set()

    def entity(self, unknown: frozenset[str]) -> None:
        # A list: what is merged into one holder must not move those to come.
        for wanted, there in list(pairs(self.request, self._stored)):
            found = there or Holder(wanted.names, wanted.spelled, "", _NOTHING)
            # From a column that is not there nobody took anything away: it was dropped, perhaps by a run cut off since.
            self._memory = self._all if there else Memory(Marks(), Marks())
            self._note_type(wanted, found)
            for name in TEXTS:
                if wanted.names or name not in unknown:
                    self._text(name, wanted, found)
            self._labels(wanted, found)
        self._memory = self._all
        self._owners()
        for name in unknown:
            self._unknown(name)

    def _note_type(self, wanted: Holder, found: Holder) -> None:
        """Note a column that is another one to the server, and with it all below: by PUT it gets what is sent only."""
        types = [(each.json.get("dataType"), each.json.get("arrayDataType")) for each in (wanted, found)]
        if wanted.names and (types[0] != types[1] or wanted.spelled[:-1] in self._retyped):
            self._retyped.add(wanted.spelled)

    def _text(self, name: str, wanted: Holder, found: Holder) -> None:
        path = (*wanted.names, name)
        said, held = text_of(wanted.json, name), text_of(found.json, name)
        stored = found.json.get(name) or None
        if self._judge(path, said, held):
            self._hold(path, held)
            # As it is stored: a person may have put a column's own name in the place of ours.
            _put(wanted.json, name, stored)
            return
        self._hold(path, said)
        if stored not in (None, said) and (held or said):
            pointer = f"{found.pointer}/{name}"
            # A person may write in this very moment: then the server refuses the patch.
            self.changes.append({"op": "test", "path": pointer, "value": stored})
            change = {"op": "replace", "path": pointer, "value": said} if said else {"op": "remove", "path": pointer}
            self.changes.append(change)
        elif said is not None and stored is None and _is_held_back(name, found):
            self.changes.append({"op": "add", "path": f"{found.pointer}/{name}", "value": said})

    def _judge(self, path: Path, said: str | None, held: str | None) -> bool:
        """Mark what is ours; whether the server's state is a person's and stays."""
        is_ours = self._memory.ours(path, held) if held is not None else not self._memory.taken_away(path)
        if said == held or is_ours or (said is not None and path[-1] in self._override):
            if said is not None:
                self.written.add(path, said)
            return False
        self.persons.append(path)
        # What we last wrote stays known, so that a person who takes her own words away is not taken for a blank.
        self.written.take(path, self._memory.written)
        if not self.written.has(path) and said is not None:
            self.written.add(path, said)
        return True

    def _labels(self, wanted: Holder, found: Holder) -> None:
        held, path = labels_of(found.json), (*wanted.names, TAGS)
        if TAGS in wanted.json:
            said = labels_of(wanted.json)
            kinds = {kind_of(fqn) for fqn in (*said, *held)} & self._exclusive
            final = {fqn for fqn in (*said, *held) if kind_of(fqn) not in kinds and self._stands(path, fqn, said, held)}
            final.update(*(self._of_kind(path, kind, said, held) for kind in kinds))
            come = {fqn: label for fqn, (_, label) in said.items() if fqn in final and fqn not in held}
            self._change_labels(found, held, come, final)
        else:
            said, final = {}, set(held)
            self._memory.keep(path, held, self.written, self._exclusive)
        if not wanted.names:
            for fqn in final:
                self._hold(path, fqn)
        sent = [label for fqn, (_, label) in said.items() if fqn in final]
        kept = [label for fqn, (_, label) in held.items() if fqn in final and fqn not in said]
        kept = [{key: label[key] for key in _STORED_LABEL} for label in (*kept, *derived_labels(found.json))]
        self.labels[wanted.spelled] = [*sent, *kept]
        if TAGS in wanted.json or wanted.spelled in self._retyped:
            wanted.json[TAGS] = [*sent, *kept] if wanted.spelled in self._retyped else sent

    def _stands(self, path: Path, fqn: str, said: _Labels, held: _Labels) -> bool:
        """Mark a label that is ours; whether it stands at the end."""
        comes = TAGS in self._override or not self._memory.label_taken_away(path, fqn)
        if fqn in said and (fqn in held or comes):
            self.written.add(path, fqn)
            return True
        if fqn in held and self._memory.ours(path, fqn):
            return False
        self.persons.append((*path, fqn))
        if fqn in said:
            self.written.add(path, fqn)  # she took it away; that stays known
        return fqn in held

    def _of_kind(self, path: Path, kind: str, said: _Labels, held: _Labels) -> set[str]:
        """Mark labels that exclude each other, as one value; which of them stand at the end."""
        wants, has = ({fqn for fqn in labels if kind_of(fqn) == kind} for labels in (said, held))
        memory = self._memory
        is_ours = all(memory.ours(path, fqn) for fqn in has) if has else not memory.kind_taken_away(path, kind)
        keeps = wants != has and not is_ours and not (wants and TAGS in self._override)
        if keeps:
            self.persons += [(*path, fqn) for fqn in sorted(has or wants)]
            self.written.take_kind(path, kind, memory.written)
        if not self.written.has_kind(path, kind):
            for fqn in wants:
                self.written.add(path, fqn)
        return has if keeps else wants

    def _change_labels(self, found: Holder, held: _Labels, come: Mapping[str, Json], final: Collection[str]) -> None:
        """Patch away what does not stand. What excludes another gives way to it at once: no run may end in between."""
        heirs = {kind_of(fqn): label for fqn, label in come.items() if kind_of(fqn) in self._exclusive}
        for fqn, (at, _) in sorted(held.items(), key=lambda each: each[1][0], reverse=True):
            if fqn in final:
                continue
            pointer, heir = f"{found.pointer}/{TAGS}/{at}", heirs.pop(kind_of(fqn), None)
            self.removals.append({"op": "test", "path": f"{pointer}/tagFQN", "value": fqn})
            change = {"op": "remove", "path": pointer}
            self.removals.append({"op": "replace", "path": pointer, "value": heir} if heir is not None else change)

    def _owners(self) -> None:
        path, held = (OWNERS,), owners_of(self._stored)
        if not knows_owners(self.request):
            self._memory.keep(path, [held] if held else [], self.written)
            self._hold(path, held)
            return
        said = owners_of(self.request)
        keeps = self._judge(path, said, held)
        self._hold(path, held if keeps else said)
        if keeps:
            self.request.pop(OWNERS, None)
            self.request.pop(_ONE_OWNER, None)
        elif held is not None and said != held:
            # A bot's PUT takes none away, and from 2.0 on it leaves those alone that are there.
            self.removals += _owners_patched(self._stored, self.request)

    def _unknown(self, name: str) -> None:
        """Leave alone what the source does not know, and what is known of it; a PUT without it would clear it."""
        held = text_of(self._stored, name) if name in TEXTS else None
        self._memory.keep((name,), [held] if held else [], self.written)
        self._hold((name,), held)
        _put(self.request, name, as_sent(name, self._stored.get(name)))

    def _hold(self, path: Path, value: str | None) -> None:
        """Note what the server holds at the end, as its listings show it."""
        if value is not None:
            self.held.add(path, value)


def _is_held_back(name: str, found: Holder) -> bool:
    """Whether there are servers whose PUT brings no such text to what is stored there."""
    return name == DISPLAY_NAME and bool(found.names) and bool(found.json.get(DESCRIPTION))


def _put(body: Json, name: str, value: object) -> None:
    if value is None:
        body.pop(name, None)
    else:
        body[name] = value


def _owners_patched(stored: Json, request: Json) -> list[Json]:
    """JSON Patch from the stored owners to those of a request."""
    name = OWNERS if stored.get(OWNERS) else _ONE_OWNER
    owners = [stored[name]] if name == _ONE_OWNER else stored[name]
    places = [f"/{name}"] if name == _ONE_OWNER else [f"/{name}/{at}" for at in range(len(owners))]
    tests = [{"op": "test", "path": f"{at}/id", "value": owner["id"]} for at, owner in zip(places, owners, strict=True)]
    wanted = request.get(name)
    change = {"op": "replace", "path": f"/{name}", "value": wanted} if wanted else {"op": "remove", "path": f"/{name}"}
    return [*tests, change]


def sendable(request: Json) -> Json:
    """A request without the lists that only say "none": a PUT takes nothing away by them."""
    for holder in list(holders(request)):
        for name in (TAGS, OWNERS, _ONE_OWNER):
            if name in holder.json and not holder.json[name]:
                del holder.json[name]
    return request
