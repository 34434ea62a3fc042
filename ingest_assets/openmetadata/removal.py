"""Removing from the server what the source no longer has: softly, asked for one by one, and never too much at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest_assets.catalog import EntityKey, EntityType, Reference, parent_key
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.listing import ServerEntity, ServerListing
from ingest_assets.openmetadata.outcome import Failure
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEntity
from ingest_assets.parallel import side_by_side
from ingest_assets.progress import Progress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.removals import Removal

_TOO_FEW_FOR_PERCENT = 10
_STAGE = "remove"
_FAILURES_KEPT = 100


class Ceiling(NamedTuple):
    """How much may vanish in one run before a person has to approve.

    Attributes:
        percent: Of the live entities below the service; counts from ten of them up.
        most: Entities, with all live ones below them.
    """

    percent: float
    most: int

    def exceeded(self, losing: int, live: int) -> str | None:
        """Why so many are too many; None if they aren't."""
        if losing > self.most:
            return f"{losing} entities would go; {self.most} may without approval"
        percent = 100.0 * losing / live if live else 0.0
        if live >= _TOO_FEW_FOR_PERCENT and percent > self.percent:
            return f"{losing} of {live} entities would go, {percent:.1f} %; {self.percent:g} % may without approval"
        return None


@dataclass
class Removed:
    """What removing came to.

    Attributes:
        removed: Entities removed; what was below them goes uncounted.
        kept: How many candidates stay.
        failures: The first of them, with their reasons.
        stopped_because: Why nothing was tried at all.
        to_approve: Whether a person's approval would change that.
    """

    removed: int = 0
    kept: int = 0
    failures: list[Failure] = field(default_factory=list)
    stopped_because: str | None = None
    to_approve: bool = False

    def keep(self, fqn: str, why: str) -> None:
        """Count a candidate that stays, and its reason if there is room."""
        self.kept += 1
        if len(self.failures) < _FAILURES_KEPT:
            self.failures.append(Failure(fqn, _STAGE, why))

    def counts(self) -> dict[str, int]:
        """What checks and later steps are told."""
        stopped = int(self.stopped_because is not None)
        return {"removed": self.removed, "kept": self.kept, "stopped": stopped, "to_approve": int(self.to_approve)}


@dataclass
class Remover:
    """Removes the stale entities of a plan.

    Attributes:
        client: The server.
        listing: Reads entities as listings do.
        plan: Says what is stale.
        ledger: Knows what is live, and is told of what was removed.
        exists: Whether the service has something, asked for by its name.
        services: Those that may lose something.
        run_id: Under which the removals can be undone.
        ceiling: How much may go.
        approved: What a person approved to go.
        suspicion: Why nothing goes without approval, however little it is; None where nothing is suspicious.
        progress: Told of candidates and how many are done.
        before_writing: Raises where this run may no longer write.
        threads: Requests under way at once.
    """

    client: OpenMetadataClient
    listing: ServerListing
    plan: Plan
    ledger: Ledger
    exists: Callable[[Reference], bool]
    services: Sequence[EntityKey]
    run_id: str
    ceiling: Ceiling
    approved: Callable[[EntityKey], bool]
    progress: Progress
    before_writing: Callable[[], None]
    threads: int = 8
    suspicion: str | None = None

    def remove(self) -> Removed:
        """Remove what is stale and, asked for by its name, definitely not there.

        Raises:
            AuthenticationError: The service or the server refuses who we are.
            BusyError: Another run has taken over.
            DeadlineExceededError: The run's time is over.
        """
        doubtful = self._why_not_unapproved()
        result = Removed(stopped_because=doubtful, to_approve=doubtful is not None)
        candidates = [] if doubtful else list(self._candidates())
        self.progress.found(_STAGE, len(candidates))
        self._intend(candidates)
        for planned, why_kept in side_by_side(self._remove_one, candidates, self.threads):
            if why_kept is None:
                result.removed += 1
            elif why_kept:
                result.keep(planned.fqn, why_kept)
            self.progress.done(_STAGE)
        self.ledger.removals.forget_intended(self.run_id)
        return result

    def _candidates(self) -> Iterator[PlannedEntity]:
        """What is stale, but for what was removed since it was planned, and perhaps brought back."""
        for planned in self.plan.of(Action.STALE):
            removal = self.ledger.removals.get(planned.key)
            if planned.again or removal is None or not removal.done:
                yield planned

    def _intend(self, candidates: Sequence[PlannedEntity]) -> None:
        """Note what may go, where it outlasts this process: of a run that is killed, all can be brought back."""
        if candidates:
            inner = (each for planned in candidates if self._is_refused(planned) for each in self._leaves(planned.key))
            rows = (self.ledger.server.get(planned.key) for planned in (*candidates, *inner))
            self.ledger.removals.intend(
                Removal(row.fqn, row.type, row.id or "", self.run_id, done=False) for row in rows if row
            )
            self.ledger.keep()

    def _why_not_unapproved(self) -> str | None:
        # What only comes back with its parent was gone before, and is no loss.
        losing = [planned for planned in self._candidates() if not planned.again]
        if all(self.approved(planned.key) for planned in losing):
            return None
        if self.suspicion is not None:
            return self.suspicion
        going = sum(self.ledger.server.live(planned.key) for planned in losing)
        return self.ceiling.exceeded(going, self.ledger.server.live())

    def _remove_one(self, planned: PlannedEntity) -> tuple[PlannedEntity, str | None]:
        try:
            if why_kept := self._why_kept(planned):
                return planned, why_kept
            return planned, self._empty(planned) if self._is_refused(planned) else self._delete(planned)
        except AuthenticationError:
            raise
        except RemoteError as error:
            return planned, str(error)

    def _why_kept(self, planned: PlannedEntity) -> str | None:
        if self._service_of(planned) is None:
            return f"it does not belong to {' or '.join(service.fqn for service in self.services)}"
        if planned.path is None:
            return "the service may know it by another name, so it can't be asked for; delete it by hand if it is gone"
        path = tuple(json.loads(planned.path))
        if self.exists(Reference(EntityType(planned.type), path)):
            return "asked for by its name, the service still has it"
        return None

    def _is_refused(self, planned: PlannedEntity) -> bool:
        """Whether the server would refuse to delete an entity for what is, or was, in it."""
        nests = EntityType(planned.type).nests and not self.client.capabilities.deletes_nested
        return nests and any(self.ledger.server.children(planned.type, planned.fqn))

    def _empty(self, planned: PlannedEntity) -> str:
        """Delete what can be deleted in an entity that the server refuses to delete; why itself stays."""
        leaves = list(self._leaves(planned.key))
        kept = [why for leaf in leaves if (why := self._why_kept(leaf) or self._delete(leaf))]
        version = self.client.capabilities.version
        told = f"OpenMetadata {version} deletes no {planned.type} that holds others, or did"
        gone = f"; {len(leaves) - len(kept)} in it were removed" if leaves else ""
        return f"{told}{gone}; {len(kept)} were not: {kept[0]}" if kept else f"{told}{gone}"

    def _leaves(self, key: EntityKey) -> Iterator[PlannedEntity]:
        """What is live below an entity and holds nothing, but for what we removed before and somebody brought back."""
        for row in self.ledger.server.children(key.type.value, key.fqn):
            removal = self.ledger.removals.get(row.key)
            if any(self.ledger.server.children(row.type, row.fqn)):
                yield from self._leaves(row.key)
            elif not row.deleted and (removal is None or not removal.done):
                written = self.ledger.entity(row.key)
                path = written.path if written is not None else None
                yield PlannedEntity(row.fqn, row.type, "", Action.STALE.value, None, "", path)

    def _delete(self, planned: PlannedEntity) -> str | None:
        """Delete an entity after a last look at it; why not, if it isn't deleted, and nothing if it was already."""
        kind = EntityType(planned.type)
        try:
            found = self.listing.entity(planned.key)
        except NotFoundError:
            self.ledger.doubt(f"{planned.fqn} was thought to be on the server, and is not")
            self.ledger.server.remove(planned.key)
            return ""
        if problem := self._is_another(found, planned):
            return problem
        if found.deleted:
            if not planned.again:
                self.ledger.doubt(f"{planned.fqn} was thought to be live on the server, and is deleted")
            self.ledger.server.mark(found.key, deleted=True)
            return ""
        self.before_writing()
        # 1.0 refuses to delete a container and what is in it, even if nothing is.
        is_deep = bool(kind.held) and (not kind.nests or self.client.capabilities.deletes_nested)
        recursive = "true" if is_deep else "false"
        params = {"recursive": recursive, "hardDelete": "false"}
        self.client.delete(f"/v1/{collection_of(kind)}/{found.id}", params)
        self.ledger.removals.note(Removal(found.fqn, planned.type, found.id, self.run_id, done=True))
        self.ledger.server.mark(found.key, deleted=True)
        return None

    def _is_another(self, found: ServerEntity, planned: PlannedEntity) -> str | None:
        """The server's word on what would be deleted: no filter of a listing is believed."""
        if found.fqn != planned.fqn:
            return f"asked for it, the server answered with {found.fqn}"
        service = self._service_of(planned)
        if service is None or found.service != service.fqn:
            return f"it belongs to the service {found.service}"
        return None

    def _service_of(self, planned: PlannedEntity) -> EntityKey | None:
        """The one of the services that holds an entity, by its FQN."""
        root = planned.key.type.root
        holds = (each for each in self.services if each.type is root and planned.fqn.startswith(f"{each.fqn}."))
        return next(holds, None)


def restore(
    client: OpenMetadataClient, ledger: Ledger, run_id: str, before_writing: Callable[[], None]
) -> Iterator[tuple[Removal, str | None]]:
    """Bring back what a run removed, parents first; each with the reason if it could not be brought back.

    What comes back stays, though the source does not have it, until the source shows it again. What the run meant to
    remove when it was cut off, and never did, is no part of it.

    Raises:
        AuthenticationError: The token is refused.
    """
    for removal in ledger.removals.of(run_id):
        before_writing()
        try:
            done = _restore_one(client, ledger, removal)
        except AuthenticationError:
            raise
        except NotFoundError:
            yield removal, "it is gone from the server for good"
        except RemoteError as error:
            yield removal, str(error)
        else:
            if done:
                yield removal, None


def _restore_one(client: OpenMetadataClient, ledger: Ledger, removal: Removal) -> bool:
    """Restore an entity; False if it was not removed."""
    collection, params = collection_of(EntityType(removal.type)), {"include": "all"}
    if removal.id:
        stored = client.get(f"/v1/{collection}/{removal.id}", params)
    else:
        stored = client.get_by_name(collection, client.capabilities.names.on_server(removal.key), params)
    if stored.get("deleted", False):
        client.restore(collection, stored["id"])
    elif not removal.done:
        ledger.removals.forget(removal.key)
        return False
    ledger.removals.note(removal._replace(id=stored["id"], done=True))
    ledger.server.mark(removal.key, deleted=False)
    return True


def buried(ledger: Ledger, restored: Iterable[Removal]) -> list[str]:
    """What people should know of things brought back below something that is still deleted, where nobody finds them."""
    parents = Counter(parent for each in restored if (parent := parent_key(each.key)) is not None)
    rows = ((ledger.server.get(parent), count) for parent, count in sorted(parents.items()))
    return [
        f"{row.fqn} is still deleted, and with it {count} of what came back: restore the run that removed it."
        for row, count in rows
        if row is not None and row.deleted
    ]


def approval(planned: Iterable[PlannedEntity]) -> Callable[[EntityKey], bool]:
    """Whether a removal is among those that a person has seen in a plan and approved."""
    seen = frozenset(each.key for each in planned)
    return seen.__contains__


NO_APPROVAL: Callable[[EntityKey], bool] = frozenset[EntityKey]().__contains__
