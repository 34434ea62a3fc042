"""Publishing vocabulary: the classifications, tags, glossaries and terms that a source's labels need.

A word is nobody's alone. People put it on what no source knows of, and describe it, review it, relate it to others: so
one that is there is patched and never put, and none is ever removed. Each group is listed afresh in every run, which
costs two calls: what people did to its words makes no event that this ledger follows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from ingest_assets.catalog import Enrichment, EntityKey, EntityType, Reference, Word, key_of, parent_key
from ingest_assets.errors import AuthenticationError, InvalidAnswerError, NotFoundError, RemoteError
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.enriched import Enriched, Said, enrich, is_another
from ingest_assets.openmetadata.events import CREATED
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.marks import Json, Marks, marks_of
from ingest_assets.openmetadata.merge import Memory, sendable
from ingest_assets.openmetadata.outcome import Failure, Outcome
from ingest_assets.openmetadata.patched import unpatched
from ingest_assets.openmetadata.plan import Action
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.written_rows import Written

_FILTER = {EntityType.TAG: "parent", EntityType.GLOSSARY_TERM: "glossary"}
"""Parameter by which a server lists all words of a group, at any depth: a classification's FQN, a glossary's id."""

_COMING = (Action.CREATE, Action.RESTORE)

Held = Mapping[EntityKey, Json]


class _Case(NamedTuple):
    """What is to become of one word.

    Attributes:
        stored: As the server has it; None: it hasn't.
        merged: What is to be patched; None where it is not there, or deleted.
        disabled: Whether people disabled it, or what holds it: a server refuses whatever is labelled with it.
    """

    word: Word
    key: EntityKey
    action: Action
    why: str = ""
    stored: Json | None = None
    merged: Enriched | None = None
    disabled: bool = False

    def failed(self, why: str) -> _Case:
        return self._replace(action=Action.FAILED, why=why)


@dataclass
class VocabularyPublisher:
    """Makes and describes words on one server.

    Attributes:
        client: The server.
        bodies: Makes requests.
        ledger: Knows what was written to which word.
        progress: Told how far it is.
        before_writing: Raises where this run may no longer write.
        override: Properties of which what the source says replaces what others set.
        keep_deleted: Whether what a person deleted is left so.
    """

    client: OpenMetadataClient
    bodies: Bodies
    ledger: Ledger
    progress: Progress
    before_writing: Callable[[], None]
    override: frozenset[str] = frozenset()
    keep_deleted: bool = False

    def foresee(self, words: Iterable[Word]) -> Outcome:
        """What would be written; nothing is.

        Raises:
            AuthenticationError: The token is refused.
            UnavailableError: The server answers nothing.
        """
        return _account(case for group in _groups(words) for case in self._judge_group(group))

    def publish(self, words: Iterable[Word]) -> Outcome:
        """Write what is to be written; a word that the server refuses costs itself, and those below it.

        Raises:
            AuthenticationError: The token is refused.
            BusyError: Another run has taken over.
            DeadlineExceededError: The run's time is over.
            UnavailableError: The server answers nothing.
        """
        return _account(case for group in _groups(words) for case in self._publish_group(group))

    def _publish_group(self, words: Sequence[Word]) -> Iterator[_Case]:
        stage = f"write {words[0].reference.type.root} {words[0].path[0]}"
        self.progress.found(stage, len(words))
        cases = self._judge_group(words)
        if cases[0].action is Action.RESTORE and cases[0].key.type.parent is None:
            # With a group all that was in it comes back: what is left to do is another matter then.
            self._intend(cases[:1])
            restored = self._write(cases[0])
            self.progress.done(stage)
            yield restored
            cases = self._judge_group(words)[1:]
        self._intend(cases)
        for case in cases:
            yield self._write(case)
            self.progress.done(stage)

    def _judge_group(self, words: Sequence[Word]) -> list[_Case]:
        """What is to become of the words of one group, parents first."""
        try:
            held = self._held(Reference(words[0].reference.type.root, words[0].path[:1]))
            cases = (self._judge(word, held) for word in words)
            return [case._replace(disabled=_is_disabled(case.key, held)) for case in cases]
        except AuthenticationError:
            raise
        except RemoteError as error:
            if error.retryable:
                raise
            return [_Case(word, self.bodies.key(word.reference), Action.FAILED, str(error)) for word in words]

    def _held(self, root: Reference) -> Held:
        """A group and all words in it as the server has them, soft-deleted ones too."""
        key, kind = self.bodies.key(root), root.type.held[0]
        include = {"include": "all"}
        try:
            group = self.client.get_by_name(collection_of(root.type), self.bodies.on_server(key), include)
            above = group["id"] if kind is EntityType.GLOSSARY_TERM else group["fullyQualifiedName"]
            rows = self.client.list(collection_of(kind), {_FILTER[kind]: above, **include})
            held = {key_of(kind, row["fullyQualifiedName"], root.name): row for row in rows}
        except NotFoundError:
            return {}
        except KeyError as error:
            raise InvalidAnswerError(f"an entity of the answer lacks {error}.", where=f"listing {key}") from error
        return {key: group, **{each: row for each, row in held.items() if each.fqn.startswith(f"{key.fqn}.")}}

    def _judge(self, word: Word, held: Held) -> _Case:
        key = self.bodies.key(word.reference)
        stored, written = held.get(key), self.ledger.entity(key)
        if stored is None:
            if self.keep_deleted and written is not None and written.fingerprint is not None:
                return _Case(word, key, Action.FILTERED, "deleted for good in OpenMetadata (keep_deleted)")
            return _Case(word, key, Action.CREATE, "not on the server")
        if stored.get("deleted", False):
            if self.keep_deleted:
                return _Case(word, key, Action.FILTERED, "deleted in OpenMetadata (keep_deleted)", stored)
            return _Case(word, key, Action.RESTORE, "deleted in OpenMetadata, and the source still has it", stored)
        merged = self._merge(word, stored, self._memory(key))
        action = Action.UPDATE if merged.operations else Action.UNCHANGED
        return _Case(word, key, action, ", ".join(".".join(path) for path in merged.changed), stored, merged)

    def _merge(self, word: Word, stored: Json, memory: Memory) -> Enriched:
        told = Enrichment(
            target=word.reference,
            # The server insists on a description, and holds an empty one for none.
            description=word.description,
            display_name=word.display_name or self.bodies.capabilities.names.display_name(word.reference),
        )
        try:
            return enrich(Said(told), stored, memory, override=self.override)
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidAnswerError(f"the answer lacks {error}.", where=str(word.reference)) from error

    def _intend(self, cases: Iterable[_Case]) -> None:
        """Note what is about to be written, where it outlasts this process: whatever arrives must be known as ours."""
        due = [case for case in cases if case.action in (*_COMING, Action.UPDATE)]
        if due:
            self.before_writing()
            self.ledger.intend(self._row(case, intended=str(marks_of(self._body(case.word)))) for case in due)
            self.ledger.keep()

    def _row(self, case: _Case, written: str = "", intended: str = "") -> Written:
        fingerprint = wire.fingerprint(self._body(case.word))
        path = json.dumps(case.word.path)
        return Written(case.key.fqn, case.key.type.value, path, fingerprint, written, intended, fingerprint)

    def _body(self, word: Word) -> Json:
        return wire.body(word, self.bodies.capabilities)

    def _write(self, case: _Case) -> _Case:
        """Do what is to be done about one word, and tell the ledger."""
        above = parent_key(case.key)
        if above is not None and self.ledger.words.is_live(above) is False and case.action in _COMING:
            case = case.failed(f"{above.fqn}, which holds it, is not on the server")
        try:
            merged = self._send(case)
        except AuthenticationError:
            raise
        except RemoteError as error:
            case, merged = case.failed(str(error)), None
        if merged is not None:
            self.ledger.acknowledge([self._row(case, written=str(merged.written))])
        is_there = merged is not None or (case.stored is not None and not case.stored.get("deleted", False))
        self.ledger.words.note(case.key, live=is_there and not case.disabled)
        return case

    def _send(self, case: _Case) -> Enriched | None:
        """Write a word; what is known of it then, and None where nothing is known of what is ours."""
        collection = collection_of(case.key.type)
        match case.action:
            case Action.CREATE:
                self.before_writing()
                made, change = self.client.put_entity(collection, sendable(self._body(case.word)))
                if change != CREATED:
                    # A listing left it out: the answer shows what was sent, and the server keeps what stood there.
                    made = self.client.get(f"/v1/{collection}/{made['id']}")
                memory = self._memory(case.key)
                if is_another(memory, made):
                    memory = Memory(Marks(), marks_of(self._body(case.word)))
                return self._patch(collection, made, self._merge(case.word, made, memory))
            case Action.RESTORE if case.stored is not None:
                self.before_writing()
                stored = self.client.restore(collection, case.stored["id"])
                return self._patch(collection, stored, self._merge(case.word, stored, self._memory(case.key)))
            case Action.UPDATE if case.stored is not None and case.merged is not None:
                return self._patch(collection, case.stored, case.merged)
        return case.merged

    def _patch(self, collection: str, stored: Json, merged: Enriched) -> Enriched:
        if merged.operations:
            self.before_writing()
            answer = self.client.patch(f"/v1/{collection}/{stored['id']}", merged.operations)
            if kept := unpatched(merged.operations, answer):
                told = f"the server took a patch and kept {', '.join(kept)} as it was."
                raise InvalidAnswerError(told, where=f"PATCH /v1/{collection}")
        return merged

    def _memory(self, key: EntityKey) -> Memory:
        written = self.ledger.entity(key)
        return Memory(Marks(written.written if written else ""), Marks(written.intended if written else ""))


def _groups(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Words by the group that holds them, which comes first, and what holds others before these."""

    def root(word: Word) -> Reference:
        return Reference(word.reference.type.root, word.path[:1])

    ordered = sorted(words, key=lambda word: (root(word), len(word.path), word.path))
    return (list(group) for _, group in groupby(ordered, root))


def _is_disabled(key: EntityKey | None, held: Held) -> bool:
    while key is not None and not held.get(key, {}).get("disabled", False):
        key = parent_key(key)
    return key is not None


def _account(cases: Iterable[_Case]) -> Outcome:
    outcome = Outcome()
    for case in cases:
        outcome.counts[case.action.value] += 1
        if case.action is Action.FAILED:
            outcome.note(Failure(case.key.fqn, "write", case.why))
    return outcome
