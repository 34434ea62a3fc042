"""What the server has and the source no longer does, by listings that this run has proven complete."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest_assets.catalog import EntityKey, EntityType, Reference, may_be_altered, parent_key, path_of
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEntity
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest, ScopeResult
from ingest_assets.snapshots.server_rows import ServerRow

_SHOWN = 20


@dataclass
class Staleness:
    """Marks in a plan what is gone.

    Attributes:
        plan: What the source has is in it already.
        ledger: What the server has, and what we removed before.
        bodies: Makes FQNs.
        mark_deleted: Types that may be stale.
        restored: What this plan brings back, and with each all below it.
        is_theirs: Whether something is others', who alone know when it is gone.
    """

    plan: Plan
    ledger: Ledger
    bodies: Bodies
    mark_deleted: frozenset[EntityType]
    restored: frozenset[EntityKey]
    is_theirs: Callable[[EntityKey], bool] = lambda _: False

    def mark(self, manifest: Manifest) -> None:
        """Mark whatever the server has in a scope that was read whole now, and the scope did not show."""
        for removal in self.ledger.removals.brought_back():
            if self.plan.has_entity(removal.key):
                # The source shows it again as well: from now on it is like any other.
                self.ledger.removals.forget(removal.key)
        brought_back = []
        for kind in EntityType:
            for result in manifest.proofs(kind):
                brought_back += list(self._mark_scope(kind, result))
        if brought_back:
            told = ", ".join(brought_back[:_SHOWN])
            self.plan.note(brought_back=f"{len(brought_back)}: {told}")

    def _mark_scope(self, kind: EntityType, result: ScopeResult) -> Iterator[str]:
        holder = Reference(kind, (*result.path, "")).parent
        if result.file is None or holder is None:
            return
        parent = self.bodies.key(holder)
        why = f"not among the {result.listed} {kind}s that were listed"
        for row in self.ledger.server.children(kind.value, parent.fqn):
            if not self.plan.knows(row.key) and not self._is_unlisted(row, result):
                yield from self._gone(row, kind, result, why)

    def _is_unlisted(self, row: ServerRow, result: ScopeResult) -> bool:
        """Whether an entity may be in a part of its listing that was not looked into."""
        if not result.unlisted:
            return False
        path = self._path(row, result)
        return path is None or str(json.loads(path)[-1]).startswith(result.unlisted)

    def _gone(self, row: ServerRow, kind: EntityType, result: ScopeResult, why: str) -> Iterator[str]:
        """Mark an entity; where it is not to be marked itself, what is below it: nothing can be left of that either."""
        if self.is_theirs(row.key):
            return
        removal = self.ledger.removals.get(row.key)
        if removal is not None and not row.deleted:
            # Somebody wants it, with all below: to remove it again night after night would be a quarrel.
            yield f"{row.fqn}, removed by run {removal.run}"
            return
        if kind in self.mark_deleted and not self.ledger.removals.brought_back_below(row.key):
            self._mark_one(row, result, why)
            return
        for child in kind.held:
            for each in self.ledger.server.children(child.value, row.fqn):
                if not self.plan.knows(each.key):
                    yield from self._gone(each, child, result, f"{row.fqn} is {why}")

    def _mark_one(self, row: ServerRow, result: ScopeResult, why: str) -> None:
        if row.deleted and not self._comes_back(row.key):
            return
        path = self._path(row, result)
        stale = PlannedEntity(
            row.fqn, row.type, result.file or "", Action.STALE.value, None, why, path, again=row.deleted
        )
        self.plan.add(stale)

    def _comes_back(self, key: EntityKey | None) -> bool:
        while key is not None and key not in self.restored:
            key = parent_key(key)
        return key is not None

    def _path(self, row: ServerRow, result: ScopeResult) -> str | None:
        """The path by which the service can be asked for it; None where only an altered name is known."""
        written = self.ledger.entity(row.key)
        if written is not None and written.path is not None:
            return written.path
        names = path_of(row.key)
        known = result.path[: len(names)]
        rest = names[len(known) :]
        limited = self.bodies.capabilities.names.above_tables is not None
        path = (*known, *rest)
        # A name with a dot may not be told from two of them: what is asked for must be this very entity.
        if any(may_be_altered(name, limited=limited) for name in rest) or self._fqn(row, path) != row.fqn:
            return None
        return json.dumps(path)

    def _fqn(self, row: ServerRow, path: tuple[str, ...]) -> str:
        return self.bodies.key(Reference(row.key.type, path)).fqn
