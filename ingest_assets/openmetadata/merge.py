"""The three-way merge of one entity: what the source says, what we wrote before, and what the server holds now.

A value on the server is ours if it is what we last wrote, what we meant to write when a run was cut off, or what the
source says anyway; anything else is a person's and stays. So does the absence of what we wrote: a person took it away.

The server helps with a part of this only (observed on 1.0 and 1.5): its PUT keeps a description, whoever wrote it, and
never takes a label away, but it replaces owners, and from the 1.12 line on display names. So what is ours and changed
is patched, and what is a person's is sent along or left out, whichever keeps it.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from ingest_assets.openmetadata.marks import (
    OWNERS,
    TAGS,
    TEXTS,
    Holder,
    Json,
    Marks,
    Path,
    facets,
    holders,
    labels_of,
    owners_of,
    properties,
)

_ONE_OWNER = "owner"
_STORED_LABEL = ("tagFQN", "source", "labelType", "state")
_EXCLUSIVE = "Tier"
_NOTHING: Json = {}


class Memory(Protocol):
    """Who wrote what."""

    def ours(self, path: Path, value: str) -> bool:
        """Whether a value that the server holds was written by us."""

    def taken_away(self, path: Path) -> bool:
        """Whether what the server lacks was there before, and a person took it away."""

    def carry(self, path: Path, marks: Marks) -> bool:
        """Hand over what we last wrote there to new marks; False if nothing is known."""


class LedgerMemory:
    """What the ledger knows.

    Args:
        written: Marks of what the server has acknowledged.
        intended: Marks of what was about to be written when runs were cut off, in one text.
    """

    def __init__(self, written: Marks, intended: str = "") -> None:
        self._written = written
        self._intended = frozenset(intended.split())

    def ours(self, path: Path, value: str) -> bool:
        """Equal to what was written or intended."""
        return self._written.is_at(path, value) or str(Marks.of({path: value})) in self._intended

    def taken_away(self, path: Path) -> bool:
        """Written, and acknowledged: what was only intended may never have arrived."""
        return self._written.has(path)

    def carry(self, path: Path, marks: Marks) -> bool:
        """Hand over what was written."""
        known = self._written.has(path)
        if known:
            marks.take(path, self._written)
        return known


class Merged(NamedTuple):
    """What to send, and what to remember.

    Attributes:
        request: The create request that keeps what is a person's.
        operations: JSON Patch, built against the document that was read, to be applied before the request is put: the
            request's ``sourceHash`` says that all has arrived.
        written: Marks of what is ours once both are done.
        held: Marks of what the server holds then.
        persons: Paths of what is a person's: other than the source says, or taken away.
    """

    request: Json
    operations: list[Json]
    written: Marks
    held: Marks
    persons: list[Path]


def merge(request: Json, stored: Json | None, memory: Memory, unknown: frozenset[str] = frozenset()) -> Merged:
    """Merge a request into what the server holds.

    Owners and labels that the request doesn't name are not known, and stay as they are; an empty list of them is the
    source's word that there are none.

    Args:
        request: What the source says, whole; it becomes the request that is sent.
        stored: The entity as it was just read; None: there is none.
        memory: Who wrote what.
        unknown: Properties of the entity that the source could not read.
    """
    merging = _Merging(request, stored or _NOTHING, memory)
    for path, value in properties(request).items():
        merging.written.set(path, value)
    merging.entity(unknown)
    return Merged(
        sendable(merging.request),
        [*merging.changes, *merging.removals],
        merging.written,
        Marks.of(merging.held),
        merging.persons,
    )


class Differences(NamedTuple):
    """How a request differs from what was written and from what the server holds.

    Attributes:
        changed: Paths that the source now says otherwise.
        persons: Paths that a person has set, or emptied.
    """

    changed: list[Path]
    persons: list[Path]


def differences(request: Json, held: Marks, written: Marks, intended: str = "") -> Differences:
    """What a plan can tell of a merge by marks alone.

    Args:
        request: What the source says.
        held: Marks of what the server holds.
        written: Marks of what it has acknowledged.
        intended: Marks of what may have arrived.
    """
    found = Differences([], [])
    may_be_ours = frozenset(intended.split())
    for path, value in facets(request).items():
        if held.is_at(path, value):
            continue
        ours = held.same(path, written) or held.mark(path) in may_be_ours if held.has(path) else not written.has(path)
        (found.changed if ours else found.persons).append(path)
    found.changed.extend(path for path, value in properties(request).items() if not written.is_at(path, value))
    return found


class _Merging:
    def __init__(self, request: Json, stored: Json, memory: Memory) -> None:
        self.request = request
        self.written = Marks()
        self.held: dict[Path, str] = {}
        self.changes: list[Json] = []
        self.removals: list[Json] = []
        self.persons: list[Path] = []
        self._stored = stored
        self._memory = memory

    def entity(self, unknown: frozenset[str]) -> None:
        there = {holder.names: holder for holder in holders(self._stored)} if self._stored else {}
        # A list: what is merged into one holder must not move those to come.
        for wanted in list(holders(self.request)):
            found = there.get(wanted.names, Holder(wanted.names, wanted.spelled, "", _NOTHING))
            for name in TEXTS:
                if wanted.names or name not in unknown:
                    self._text(name, wanted, found)
                    continue
                self._leave((name,), found.json.get(name))
                if name in found.json:
                    wanted.json[name] = found.json[name]
            self._labels(wanted, found)
        self._owners()

    def _text(self, name: str, wanted: Holder, found: Holder) -> None:
        path = (*wanted.names, name)
        said, held = wanted.json.get(name) or None, found.json.get(name) or None
        keeps = self._judge(path, said, held)
        self._hold(path, held if keeps else said)
        if keeps and held is not None:
            wanted.json[name] = held
        elif keeps:
            wanted.json.pop(name, None)
        elif held is not None and held != said:
            pointer = f"{found.pointer}/{name}"
            # A person may write in this very moment: then the server refuses the patch.
            self.changes.append({"op": "test", "path": pointer, "value": held})
            change = {"op": "replace", "path": pointer, "value": said} if said else {"op": "remove", "path": pointer}
            self.changes.append(change)

    def _judge(self, path: Path, said: str | None, held: str | None) -> bool:
        """Mark what is ours; whether the server's state is a person's and stays."""
        if said == held or (held is not None and self._memory.ours(path, held)):
            if said is not None:
                self.written.set(path, said)
            return False
        if held is None and not self._memory.taken_away(path):
            self.written.set(path, said or "")
            return False
        self.persons.append(path)
        # What we last wrote stays known, so that a person who takes her own words away is not taken for a blank.
        if not self._memory.carry(path, self.written) and said is not None:
            self.written.set(path, said)
        return True

    def _labels(self, wanted: Holder, found: Holder) -> None:
        held = labels_of(found.json)
        if TAGS not in wanted.json:
            for fqn in held:
                self._leave((*wanted.names, TAGS, fqn), "")
            return
        said = labels_of(wanted.json)
        away = [at for fqn, (at, _) in held.items() if fqn not in said and self._drops(wanted.names, fqn)]
        stay = {fqn: label for fqn, (at, label) in held.items() if at not in away}
        wanted.json[TAGS] = [label for fqn, (_, label) in said.items() if self._sends(wanted.names, fqn, held, stay)]
        if wanted.names and found.json and wanted.json["dataType"] != found.json["dataType"]:
            # A column of another type is another column to the server: only what is sent comes along.
            missing = [label for fqn, label in stay.items() if fqn not in said]
            wanted.json[TAGS] += [{key: label[key] for key in _STORED_LABEL} for label in missing]
        for at in sorted(away, reverse=True):
            pointer = f"{found.pointer}/{TAGS}/{at}"
            fqn = found.json[TAGS][at]["tagFQN"]
            self.removals.append({"op": "test", "path": f"{pointer}/tagFQN", "value": fqn})
            self.removals.append({"op": "remove", "path": pointer})

    def _drops(self, names: Path, fqn: str) -> bool:
        """Whether a label that the server holds and the source doesn't have goes: it is ours."""
        path = (*names, TAGS, fqn)
        keeps = self._judge(path, None, "")
        self._hold(path, "" if keeps else None)
        return not keeps

    def _sends(self, names: Path, fqn: str, held: dict[str, Any], stay: Json) -> bool:
        """Whether a label that the source has is sent: not if a person took it away, or set another of its kind."""
        path = (*names, TAGS, fqn)
        keeps = self._judge(path, "", "" if fqn in held else None)
        kind = fqn.partition(".")[0]
        others = [other for other in stay if other != fqn and other.partition(".")[0] == kind]
        sent = not keeps and not (kind == _EXCLUSIVE and others and fqn not in held)
        self._hold(path, "" if sent else None)
        return sent

    def _owners(self) -> None:
        held = owners_of(self._stored)
        if OWNERS not in self.request and _ONE_OWNER not in self.request:
            self._leave((OWNERS,), held)
            return
        said = owners_of(self.request)
        keeps = self._judge((OWNERS,), said, held)
        self._hold((OWNERS,), held if keeps else said)
        if keeps:
            self.request.pop(OWNERS, None)
            self.request.pop(_ONE_OWNER, None)
        elif held is not None and said is None:
            self.removals += _owners_removed(self._stored)

    def _leave(self, path: Path, held: str | None) -> None:
        """Leave alone what the source does not know, and what is known of it."""
        self._memory.carry(path, self.written)
        self._hold(path, held)

    def _hold(self, path: Path, value: str | None) -> None:
        """Note what the server holds at the end; listings don't show labels of columns."""
        if value is not None and (TAGS not in path[:-1] or path[0] == TAGS):
            self.held[path] = value


def _owners_removed(stored: Json) -> list[Json]:
    if not stored.get(OWNERS):
        tests = [{"op": "test", "path": f"/{_ONE_OWNER}/id", "value": stored[_ONE_OWNER]["id"]}]
        return [*tests, {"op": "remove", "path": f"/{_ONE_OWNER}"}]
    owners = enumerate(stored[OWNERS])
    tests = [{"op": "test", "path": f"/{OWNERS}/{at}/id", "value": owner["id"]} for at, owner in owners]
    return [*tests, {"op": "remove", "path": f"/{OWNERS}"}]


def sendable(request: Json) -> Json:
    """A request without the lists that only say "none": a PUT takes nothing away by them."""
    for holder in list(holders(request)):
        for name in (TAGS, OWNERS, _ONE_OWNER):
            if name in holder.json and not holder.json[name]:
                del holder.json[name]
    return request
