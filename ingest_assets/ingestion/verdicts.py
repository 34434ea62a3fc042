"""Verdicts on a run: what the checks of its assets say. Pure functions of what the store holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

from ingest_assets.openmetadata.plan import Action
from ingest_assets.snapshots.manifest import Manifest

_TOO_FEW_TO_JUDGE = 10
_SHOWN = 20


class Verdict(NamedTuple):
    """Whether something holds, and the figures that say so."""

    passed: bool
    summary: str
    figures: dict[str, float]


def complete(manifest: Manifest) -> Verdict:
    """Whether every scope that the run tried was read whole."""
    tried, failed = list(manifest.read_now()), manifest.incomplete()
    reasons = [f"{result.scope}: {result.error.message}" for result in failed[:_SHOWN] if result.error]
    summary = "; ".join(reasons) or f"all {len(tried)} listings were read whole"
    return Verdict(not failed, summary, {"listings": len(tried), "listings_failed": len(failed)})


def health(manifest: Manifest, about: str) -> Verdict:
    """Whether the source says that all is well; where it says nothing, nothing is held against it."""
    told = [each for result in manifest.read_now() for each in result.health if each.about == about]
    known, unknown, unwell = (sum(getattr(each, name) for each in told) for name in ("known", "unknown", "unwell"))
    figures = {"known": known, "unwell": unwell, "unknown": unknown}
    if not known:
        return Verdict(True, "nothing is known of it", figures)
    examples = [text for each in told for text in each.examples][:_SHOWN]
    summary = f"{unwell} of {known} are not well{f'; of {unknown} more it is not known' if unknown else ''}"
    return Verdict(not unwell, f"{summary}{': ' if examples else ''}{'; '.join(examples)}", figures)


def arrived(outcomes: Mapping[str, Counter[str]], kinds: Collection[str], threshold: int) -> Verdict:
    """Whether enough of what was listed arrived; what the recipe filters out is no part of it.

    Args:
        outcomes: Counts by action, for each kind that was published.
        kinds: What should have been.
        threshold: The recipe's ``successThreshold``, percent.
    """
    unknown = [kind for kind in kinds if kind not in outcomes]
    if unknown:
        return Verdict(False, f"of {', '.join(unknown)} it is not known what arrived; materialize them first", {})
    published = [outcomes[kind] for kind in kinds]
    failed = sum(counts[Action.FAILED.value] for counts in published)
    left_out = (Action.FILTERED, Action.STALE, Action.DROP, Action.PARKED, Action.UNMATCHED)
    wanted = sum(sum(counts.values()) - sum(counts[action.value] for action in left_out) for counts in published)
    percent = 100.0 * (wanted - failed) / wanted if wanted else 100.0
    summary = f"{wanted - failed} of {wanted} arrived, {percent:.2f} %; {threshold} % are wanted"
    return Verdict(percent >= threshold, summary, {"wanted": wanted, "failed": failed, "percent": round(percent, 2)})


def shrinkage(manifest: Manifest, before: Manifest | None, percent: float) -> Verdict:
    """Whether the source shows about as much as in the snapshot before; what this run did not try tells nothing."""
    untried = {result.scope for result in manifest.scopes if result.run_id != manifest.run_id}
    now = sum(result.kept for result in manifest.read_now() if result.complete)
    known = before.scopes if before else ()
    then = sum(result.kept for result in known if result.complete and result.scope not in untried)
    lost = 100.0 * (then - now) / then if then > now else 0.0
    passed = then < _TOO_FEW_TO_JUDGE or lost <= percent
    return Verdict(
        passed, f"{now} entities, {then} before", {"now": now, "before": then, "lost_percent": round(lost, 2)}
    )


def removed(counts: Counter[str], manifest: Manifest) -> Verdict:
    """Whether what is gone was removed; its figures are those of the run's last step."""
    figures: dict[str, float] = {"removed": counts["removed"], "kept": counts["kept"]}
    if counts["stopped"]:
        advice = f"; to approve them, run the stale asset with approve_stale: {manifest.run_id}"
        told = advice if counts["to_approve"] else ""
        return Verdict(False, f"nothing was removed: the reason is in the notes{told}", figures)
    why = "; why is in the table of failures" if counts["kept"] else ""
    return Verdict(True, f"{counts['removed']} were removed, {counts['kept']} stay{why}", figures)


def lineage_drawn(counts: Counter[str]) -> Verdict:
    """Whether every edge that the source tells of is on the server."""
    missing = counts[Action.PARKED.value] + counts[Action.FAILED.value]
    wanted = sum(counts.values()) - counts[Action.DROP.value]
    why = "; the others are in the table of failures, with their reasons" if missing else ""
    summary = f"{wanted - missing} of {wanted} edges{why}"
    return Verdict(not missing, summary, {"edges": wanted, "edges_missing": missing})
