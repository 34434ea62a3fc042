"""Whether what is stale may go at all, and what a person has approved."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingest_assets.catalog import EntityKey, EntityType
from ingest_assets.errors import StoreError
from ingest_assets.ingestion.report import Problem, Report
from ingest_assets.ingestion.reporting import SHOWN
from ingest_assets.openmetadata.plan import Action, Plan
from ingest_assets.openmetadata.removal import NO_APPROVAL, Removed, approval
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots

_SOURCE = "source"


def why_nothing_goes(
    snapshots: Snapshots, manifest: Manifest, plan: Plan, address: str, kinds: Iterable[EntityType]
) -> str | None:
    """Why nothing of a plan is removed, whatever it says; None if it may be.

    Args:
        snapshots: The store's part for the service.
        manifest: That the plan was made of.
        plan: Says what is stale.
        address: Of the server.
        kinds: What the service has.
    """
    latest = snapshots.latest()
    if latest is not None and latest.run_id != manifest.run_id:
        return f"run {latest.run_id} has taken a newer snapshot"
    published = snapshots.published(manifest.run_id, address)
    missing = [f"{kind}s" for kind in kinds if kind.value not in published]
    if missing:
        return f"{', '.join(missing)} of this snapshot were not published yet"
    void = plan.facts().get("ledger_void_because")
    return f"{void}, so that nothing is known of what was written before" if void else None


def suspicion(manifest: Manifest, ledger: Ledger) -> str | None:
    """Why whatever is stale needs a person's approval; None if it doesn't.

    Another account or region under the same service's name has none of what the first one had, if it is asked by name.
    """
    before = ledger.fact(_SOURCE)
    if before is None or manifest.identity is None or before == manifest.identity:
        return None
    return f"this was read from {manifest.identity}, and what is on the server from {before}"


def why_no_edge_goes(manifest: Manifest, ledger: Ledger, kinds: Iterable[EntityType], *, rewrite: bool) -> str:
    """Why no edge is dropped, whatever the source says; empty if they may be.

    Of a source without a service of its own nothing but its identity tells it from another one.

    Args:
        manifest: What was read, and from whom.
        ledger: Knows from whom it was before.
        kinds: What the services of the source have; none of a source that has no service.
        rewrite: Whether a person has asked for all to be written anew.
    """
    return "" if tuple(kinds) or rewrite else suspicion(manifest, ledger) or ""


def remember_identity(manifest: Manifest, ledger: Ledger, stale: int) -> None:
    """Note whom the service was read from, once nothing of what is on the server is another's any more.

    Args:
        manifest: Tells.
        ledger: Is told.
        stale: How much was found stale, and was removed with a person's approval where that was needed.
    """
    whole = all(result.complete and result.run_id == manifest.run_id for result in manifest.scopes)
    if manifest.identity is not None and (stale or whole or ledger.fact(_SOURCE) is None):
        ledger.note(source=manifest.identity)


def tell_removal(report: Report, result: Removed, manifest: Manifest) -> None:
    """Put what removing came to into the report of its step."""
    report.removed = result.removed
    report.problems = [Problem(*failure) for failure in result.failures[:SHOWN]]
    if result.stopped_because is not None:
        advice = f" To approve what was planned, set approve_stale to {manifest.run_id}."
        report.notes = [f"Nothing was removed: {result.stopped_because}.{advice if result.to_approve else ''}"]


def approved(snapshots: Snapshots, address: str, run_id: str) -> Callable[[EntityKey], bool]:
    """Whether the removal of an entity is among those that a person has approved.

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
