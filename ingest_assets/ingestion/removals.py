"""Whether what is stale may go at all, and what a person has approved."""

from __future__ import annotations

from collections.abc import Callable

from ingest_assets.errors import StoreError
from ingest_assets.ingestion.kinds import PUBLISHED
from ingest_assets.openmetadata.plan import Action, Plan
from ingest_assets.openmetadata.removal import NO_APPROVAL, approval
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots


def why_nothing_goes(snapshots: Snapshots, manifest: Manifest, plan: Plan, address: str) -> str | None:
    """Why nothing of a plan is removed, whatever it says; None if it may be.

    Args:
        snapshots: The store's part for the service.
        manifest: That the plan was made of.
        plan: Says what is stale.
        address: Of the server.
    """
    latest = snapshots.latest()
    if latest is not None and latest.run_id != manifest.run_id:
        return f"run {latest.run_id} has taken a newer snapshot"
    published = snapshots.published(manifest.run_id, address)
    missing = [f"{kind}s" for kind in PUBLISHED if kind.value not in published]
    if missing:
        return f"{', '.join(missing)} of this snapshot were not published yet"
    void = plan.facts().get("ledger_void_because")
    return f"{void}, so that nothing is known of what was written before" if void else None


def approved(snapshots: Snapshots, address: str, run_id: str) -> Callable[[str], bool]:
    """Whether the removal of an FQN is among those that a person has approved.

    Args:
        snapshots: The store's part for the service.
        address: Of the server.
        run_id: Of the run whose planned removals are approved; empty: none are.

    Raises:
        StoreError: There is no plan of that run.
    """
    if not run_id:
        return NO_APPROVAL
    key = snapshots.plan_key(run_id, address)
    if not snapshots.store.has(key):
        raise StoreError(f"approve_stale: there is no plan of run {run_id} (any more).")
    with Plan(snapshots.store.fetch(key)) as plan:
        return approval(plan.of(Action.STALE))
