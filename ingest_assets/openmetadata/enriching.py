"""Enriching: what a source knows of entities of others is patched into them, and nothing else of them is touched.

Each target is found by its exact FQN, read afresh, merged with what this enricher's own ledger knows, and patched.
No entity is ever put, so that neither structure nor ``sourceHash`` changes, and the recipe that made it finds it as it
left it. What dbt says of a table's making has a place of its own, and is put there.

The target lies in a service whose change events this ledger does not follow. What was sent once is therefore not sent
again until the source says something else, and not looked at either. What a person changes or removes meanwhile stays,
for nothing is sent; and what somebody loses, as when a table is deleted for good and made anew, comes back when the
source says something new, or when everything is looked at again (``look_again``).

What can't be sent is tried in each run: labels and owners are looked up by their names, once for all entities; entities
that lack a column are looked at.

Where the ledger is lost, what we wrote counts as others': it stays as it is. That the source says the same does not
tell whose it is, for another recipe may have written it (a comment in Hive reaches both Glue and Atlas).

A source's silence about an entity that it once told of takes nothing away: only its word that there is none does.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from ingest_assets.catalog import Enrichment, EntityKey
from ingest_assets.errors import AuthenticationError, InvalidAnswerError, RemoteError, UnavailableError
from ingest_assets.openmetadata.dbt_models import FIELD
from ingest_assets.openmetadata.elsewhere import Missing
from ingest_assets.openmetadata.enriched import Enriched, Said, enrich
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.marks import Json, Marks
from ingest_assets.openmetadata.merge import Memory
from ingest_assets.openmetadata.outcome import Failure, Outcome
from ingest_assets.openmetadata.patched import unpatched
from ingest_assets.openmetadata.plan import Action
from ingest_assets.openmetadata.targets import Targets
from ingest_assets.parallel import side_by_side
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.written_rows import Written

_BATCH = 200
"""Entities whose patches are made before the ledger is kept, once for all of them, and the patches are sent."""

_UNANSWERED = 3
"""Entities in a row of which the server can't be asked anything, after all retries, before it is given up."""

_STAGE = "enrich"
_SHOWN = 5
_KEPT = 1000
_TWICE = "the source tells of it twice; the first is taken"
_LACKS_SOME = "?"  # behind a fingerprint: columns were missing, which may have come since


@dataclass
class Enriching(Outcome):
    """What enriching came to. The counts add up to what the source told of.

    Attributes:
        changes: The first of what is changed, each with what differs.
        left_out: How many places lack a label, by its FQN and the reason.
        lacking: The first columns that the server does not have.
        columns_lacking: How many there are.
        kept: How many entities keep something as others set it.
    """

    changes: list[tuple[EntityKey, str]] = field(default_factory=list)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    lacking: list[str] = field(default_factory=list)
    columns_lacking: int = 0
    kept: int = 0

    def notes(self) -> list[str]:
        """What people should know."""
        notes = [
            f"Label {fqn} is left out in {count} places: {reason}."
            for (fqn, reason), count in sorted(self.left_out.items())
        ]
        if self.columns_lacking:
            more = f" and {self.columns_lacking - _SHOWN} more" if self.columns_lacking > _SHOWN else ""
            notes.append(
                f"{self.columns_lacking} columns are not on the server, or can't be told from others there: "
                f"{', '.join(self.lacking)}{more}."
            )
        if self.kept:
            notes.append(f"{self.kept} entities keep what others set or took away where the source says otherwise.")
        return notes


class _Case(NamedTuple):
    """What becomes of one enrichment.

    Attributes:
        name: Its FQN, or what the source calls it.
        why: What differs, or why nothing is written.
        merged: What is to be sent; None where the entity needed no look, or had none.
        read_at: ``updatedAt`` of the document that the merge was made with.
        left_out: Labels that the server can't hold, with the reason.
        is_unanswered: Whether a retry may mend why it failed.
    """

    name: str
    action: Action
    why: str = ""
    key: EntityKey | None = None
    fingerprint: str = ""
    said: Said | None = None
    merged: Enriched | None = None
    id: str = ""
    read_at: int = 0
    left_out: tuple[tuple[str, str], ...] = ()
    is_unanswered: bool = False

    def failed(self, why: str) -> _Case:
        return self._replace(action=Action.FAILED, why=why)

    def unmatched(self, why: str) -> _Case:
        return self._replace(action=Action.UNMATCHED, why=why, key=None)


@dataclass
class Enricher:
    """Enriches entities of one server.

    Attributes:
        targets: The entities of others, on the server.
        ledger: The enricher's own.
        progress: Told how far it is.
        before_writing: Raises where this run may no longer write.
        threads: Requests under way at once.
        override: Properties of which what the source says replaces what others set.
        look_again: Whether what the source says as before is held against the server all the same.
    """

    targets: Targets
    ledger: Ledger
    progress: Progress
    before_writing: Callable[[], None]
    threads: int = 8
    override: frozenset[str] = frozenset()
    look_again: bool = False
    _keeping: threading.Lock = field(default_factory=threading.Lock, init=False)

    def foresee(self, enrichments: Iterable[Enrichment]) -> Enriching:
        """What would be written; nothing is.

        Raises:
            AuthenticationError: The token is refused.
            UnavailableError: The server answers nothing.
        """
        return self._account(each for batch in self._batches(enrichments) for each in batch)

    def enrich(self, enrichments: Iterable[Enrichment]) -> Enriching:
        """Write what the source knows. An entity that the server refuses costs itself only.

        Raises:
            AuthenticationError: The token is refused.
            BusyError: Another run has taken over.
            DeadlineExceededError: The run's time is over.
            UnavailableError: The server answers nothing.
        """
        return self._account(each for batch in self._batches(enrichments) for each in self._apply(batch))

    def _account(self, cases: Iterable[_Case]) -> Enriching:
        outcome = Enriching()
        for case in cases:
            outcome.counts[case.action.value] += 1
            if case.action is Action.FAILED:
                outcome.note(Failure(case.name, "write", case.why))
            elif case.action is Action.UNMATCHED:
                outcome.note(Failure(case.name, "match", case.why))
            elif case.action is Action.UPDATE and case.key and len(outcome.changes) < _KEPT:
                outcome.changes.append((case.key, case.why))
            outcome.left_out.update(each for each in case.left_out if self._has_room(outcome, each))
            if case.merged is not None:
                outcome.kept += bool(case.merged.persons)
                outcome.columns_lacking += len(case.merged.lacking)
                room = _SHOWN - len(outcome.lacking)
                outcome.lacking += [".".join((case.name, *path)) for path in case.merged.lacking[:room]]
            self.progress.done(_STAGE)
        return outcome

    def _has_room(self, outcome: Enriching, left_out: tuple[str, str]) -> bool:
        return left_out in outcome.left_out or len(outcome.left_out) < _KEPT

    def _batches(self, enrichments: Iterable[Enrichment]) -> Iterator[list[_Case]]:
        """What becomes of the enrichments, some at a time: documents of all of them would not fit into memory."""
        rest, met, unanswered = iter(enrichments), set[EntityKey](), 0
        while batch := list(islice(rest, _BATCH)):
            self.progress.found(_STAGE, len(batch))
            cases = []
            for case in side_by_side(self._examine, batch, self.threads):
                unanswered = unanswered + 1 if case.is_unanswered else 0
                if unanswered > _UNANSWERED:
                    raise UnavailableError(f"nothing can be asked: {case.why}", where=self.targets.client.host_port)
                cases.append(case.failed(_TWICE) if case.key in met else case)
                met.update([case.key] if case.key else [])
            yield cases

    def _examine(self, enrichment: Enrichment) -> _Case:
        case = _Case(str(enrichment.target), Action.UNCHANGED)
        try:
            return self._judge(case, enrichment)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return case.failed(str(error))._replace(is_unanswered=error.retryable)

    def _judge(self, case: _Case, enrichment: Enrichment) -> _Case:
        located = self.targets.locate(enrichment.target)
        if isinstance(located, Missing):
            return case.unmatched(located.reason)
        reference, key = located
        service = self.targets.service_id(reference)
        if service is None:
            return case.unmatched(f"the server has no {reference.type.root} {reference.path[0]}")
        said, left_out = self.targets.said(enrichment)
        fingerprint = self.targets.fingerprint(said, service, self.override)
        case = case._replace(name=key.fqn, key=key, fingerprint=fingerprint, said=said, left_out=tuple(left_out))
        return case if self._was_sent(key, fingerprint) else self._look(case, key, said, enrichment)

    def _was_sent(self, key: EntityKey, fingerprint: str) -> bool:
        row = self.ledger.enriched.get(key)
        is_same = row is not None and row.fingerprint == fingerprint and row.intended_fingerprint is None
        return is_same and not self.look_again

    def _look(self, case: _Case, key: EntityKey, said: Said, enrichment: Enrichment) -> _Case:
        stored = self.targets.read(key, said)
        if stored is None:
            if self.targets.is_another(enrichment.target, key):
                return self._judge(case, enrichment)
            return case.unmatched(f"not on the server; asked for {key.fqn}")
        if stored.get("deleted", False):
            return case.unmatched("it is deleted in OpenMetadata")
        return self._merged(case, key, said, stored)

    def _merged(self, case: _Case, key: EntityKey, said: Said, stored: Json) -> _Case:
        row = self.ledger.enriched.get(key)
        memory = Memory(Marks(row.written if row else ""), Marks(row.intended if row else ""))
        spell = self.targets.bodies.capabilities.names.name
        try:
            merged = enrich(said, stored, memory, self.targets.bodies.exclusive(), self.override, spell)
            return case._replace(
                action=Action.UPDATE if merged.writes else Action.UNCHANGED,
                why=", ".join(".".join(path) for path in merged.changed),
                merged=merged,
                id=stored["id"],
                read_at=stored["updatedAt"],
                fingerprint=case.fingerprint.rstrip(_LACKS_SOME) + (_LACKS_SOME if merged.lacking else ""),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidAnswerError(f"the entity lacks {error}.", where=f"GET {key}") from error

    def _apply(self, batch: list[_Case]) -> Iterator[_Case]:
        if any(case.action is Action.UPDATE for case in batch):
            self.before_writing()
            self._intend(batch)
        for case in side_by_side(self._send, batch, self.threads):
            if case.key is not None and case.merged is not None and case.action is not Action.FAILED:
                self.ledger.enriched.acknowledge([self._row(case.key, case, written=str(case.merged.written))])
            yield case

    def _intend(self, cases: Iterable[_Case]) -> None:
        """Note what is about to be written, where it outlasts this process: whatever arrives must be known as ours."""
        with self._keeping:
            self.ledger.enriched.intend(
                self._row(case.key, case, intended=str(case.merged.intended))
                for case in cases
                if case.key is not None and case.merged is not None and case.action is Action.UPDATE
            )
            self.ledger.keep()

    def _row(self, key: EntityKey, case: _Case, written: str = "", intended: str = "") -> Written:
        return Written(key.fqn, key.type.value, None, case.fingerprint, written, intended, case.fingerprint)

    def _send(self, case: _Case) -> _Case:
        if case.action is not Action.UPDATE:
            return case
        try:
            return self._write(case)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return self._once_more(case, error)

    def _once_more(self, case: _Case, error: RemoteError) -> _Case:
        """The patch anew, where the entity was changed since it was read: by somebody, or by a patch without answer."""
        try:
            if case.key is None or case.said is None:
                return case.failed(str(error))
            stored = self.targets.read(case.key, case.said)
            if stored is None or stored["updatedAt"] == case.read_at:
                return case.failed(str(error))
            merged = self._merged(case, case.key, case.said, stored)
            if merged.action is Action.UPDATE:
                self._intend([merged])
                return self._write(merged)
            return merged._replace(action=Action.UPDATE, why=case.why)
        except AuthenticationError:
            raise
        except RemoteError as again:
            return case.failed(str(again))

    def _write(self, case: _Case) -> _Case:
        if case.key is None or case.merged is None:
            return case
        self.before_writing()
        path, operations = f"/v1/{collection_of(case.key.type)}/{case.id}", case.merged.operations
        if operations and (kept := unpatched(operations, self.targets.client.patch(path, operations))):
            return case.failed(
                f"the server took a patch and kept {', '.join(kept)} as it was; the next run tries again"
            )
        if case.merged.data_model is not None:
            # After the words: servers before 1.0 took those of a model for a table that had none.
            self.targets.client.put(f"{path}/{FIELD}", case.merged.data_model)
        return case
