"""Reports of a run's steps: what manifests, plans and outcomes come to. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice

from ingest_assets.catalog import EntityKey, EntityType, Note, Service
from ingest_assets.ingestion.report import Change, Problem, Report
from ingest_assets.openmetadata.adoption import Adoption
from ingest_assets.openmetadata.outcome import Failure, Outcome
from ingest_assets.openmetadata.plan import Action, Plan, PlannedEntity
from ingest_assets.openmetadata.server import Server
from ingest_assets.openmetadata.state import Learned
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots

EDGE = "edge"
"""What lineage between two entities is called among the types of entities."""

SHOWN = 50
"""Rows of a table that a report keeps."""

_BY_IMPORTANCE = (Action.STALE, Action.RESTORE, Action.UPDATE, Action.CREATE)

_WITHOUT_SOURCE_HASH = (
    "OpenMetadata {} knows no sourceHash (1.2 and later do): whether somebody else has changed columns or SQL there "
    "can't be seen, and without a ledger everything is put again. A change of a view's SQL, of partitions or of how a "
    "type is displayed is stored there with another one only: it comes with a table type that is put right at once. Of "
    "other types what is not compared arrives with the next change that is: a dashboard's project, a data model's SQL, "
    "a container's size. Before 1.2 a topic that was made without a schema can't be given one."
)


def report_of(manifest: Manifest) -> Report:
    """What a snapshot's own run has read."""
    report = Report(api_calls=manifest.api_calls, retries=manifest.retries, notes=list(manifest.notes))
    for result in manifest.read_now():
        report.listed += result.listed
        report.filtered += result.filtered
        report.failed += result.failed
        report.kept += result.kept
        report.notes += result.notes
        if result.error is not None:
            report.problems.append(Problem(" / ".join(result.path), "list", result.error.message))
    return report


def account_for_all(manifest: Manifest, kind: EntityType, outcome: Outcome) -> None:
    """Count as failed what the source listed and no step has accounted for: nothing gets lost in silence, not by us."""
    listed = sum(result.listed - result.enrichments for result in manifest.listing(kind))
    accounted = sum(outcome.counts.values()) - outcome.counts[Action.STALE.value]
    if listed > accounted:
        outcome.counts[Action.FAILED.value] += listed - accounted
        lost = f"{listed - accounted} of {listed} were listed and are not accounted for; please report this"
        outcome.note(Failure(f"{manifest.service}: {kind}s", "count", lost))


def add_counts(report: Report, counts: Counter[str]) -> None:
    """Add what became of entities or edges, by action of the plan."""
    report.filtered += counts[Action.FILTERED.value]
    report.failed += counts[Action.FAILED.value]
    report.created += counts[Action.CREATE.value]
    report.updated += counts[Action.UPDATE.value]
    report.restored += counts[Action.RESTORE.value]
    report.unchanged += counts[Action.UNCHANGED.value]
    report.parked += counts[Action.PARKED.value]
    report.unmatched += counts[Action.UNMATCHED.value]
    report.stale += counts[Action.STALE.value]
    report.removed += counts[Action.DROP.value]
    report.listed = sum(replace(report, listed=0, stale=0, removed=0, retries=0).numbers().values())


def changes_of(plan: Plan, kind: EntityType | None = None) -> list[Change]:
    """The first changes of entities, of one type if it is given: what goes, what comes back, what changes, the new."""
    found = chain.from_iterable(plan.of(action, kind, SHOWN) for action in _BY_IMPORTANCE)
    return [change_of(planned) for planned in islice(found, SHOWN)]


def edge_changes_of(plan: Plan, unmade: Collection[tuple[EntityKey, EntityKey]] = ()) -> list[Change]:
    """The first changes of edges: what is dropped, then what changes and is new.

    Args:
        plan: Where they stand.
        unmade: Ends of those that did not come about: each day's run would show them as new.
    """
    wanted = SHOWN + len(unmade)
    planned = chain.from_iterable(plan.edges(action, wanted) for action in (Action.DROP, Action.UPDATE, Action.CREATE))
    made = (edge for edge in planned if (edge.source, edge.target) not in unmade)
    return [
        Change(edge.action, EDGE, f"{edge.source.fqn} -> {edge.target.fqn}", edge.why) for edge in islice(made, SHOWN)
    ]


def tell_stale(report: Report, plan: Plan) -> None:
    """What the server has and the source does not."""
    report.changes = [change_of(planned) for planned in plan.of(Action.STALE, limit=SHOWN)]
    report.stale = sum(plan.counts(kind).get(Action.STALE.value, 0) for kind in EntityType)


def tell_plan(report: Report, plan: Plan, kinds: Iterable[EntityType]) -> None:
    """What a plan would change, and how much of each type; its edges are in none of the report's own counts."""
    for kind in kinds:
        counts = report.planned[kind.value] = plan.counts(kind)
        add_counts(report, Counter(counts))
    report.planned[EDGE] = plan.edge_counts()
    report.changes = [*changes_of(plan), *edge_changes_of(plan)][:SHOWN]


def _lineage_notes(facts: Mapping[str, str]) -> Iterator[str]:
    if (edges_kept := facts.get("edges_kept")) is not None:
        yield (
            f"{edges_kept} edges stay that the source no longer tells of: {facts['edges_kept_because']}. Run with "
            "full_refresh once, if that is meant."
        )
    if (without_columns := facts.get("without_columns")) is not None:
        yield (
            f"The SQL of {without_columns} could not be read, and their lineage is without columns. Of the first: "
            f"{facts['without_columns_first']}."
        )


def plan_notes(plan: Plan, learned: Learned, adoption: Adoption) -> list[str]:
    """What people should know of how a plan was made."""
    notes = []
    if learned.listed_because:
        notes.append(f"Everything on the server was listed: {learned.listed_because}.")
    if learned.surprises:
        notes.append(f"{learned.surprises} entities were found otherwise than ledger and change events said.")
    if learned.changed:
        more = f", and {learned.changed - len(learned.changes)} more" if learned.changed > len(learned.changes) else ""
        notes.append(f"Others changed on the server since the last look: {', '.join(learned.changes)}{more}.")
    if adoption.ours or adoption.persons:
        notes.append(
            f"{adoption.adopted} entities were taken over from whoever wrote them. Of the words there that differ from "
            f"the source's, {adoption.ours} were written by this bot and follow the source; {adoption.persons} "
            "are people's and stay."
        )
    if (replaced := plan.facts().get("replaced")) is not None:
        notes.append(
            f"{replaced} entities get what the source says in the place of what people set, as the recipe asks for "
            "(overrideMetadata, overrideOwner)."
        )
    if (left_out := plan.facts().get("columns_left_out")) is not None:
        notes.append(
            f"{left_out} can't be held by OpenMetadata {plan.facts()['server']}, which knows lineage of top-level "
            "columns between tables only; the edges themselves are drawn."
        )
    if (not_there := plan.facts().get("not_there")) is not None:
        notes.append(
            f"{not_there} edges lead to what the server does not have, and need not: a container of its own for where "
            f"a table lies in S3, or a dashboard. Of the first: {plan.facts()['not_there_first']}."
        )
    notes += _lineage_notes(plan.facts())
    if (brought_back := plan.facts().get("brought_back")) is not None:
        notes.append(f"The source has not got them, and they stay since they were brought back: {brought_back}.")
    return notes


def server_notes(server: Server, services: Iterable[Service] = ()) -> list[str]:
    """What people should know of the server, of what it said during a plan, and of these services on it."""
    strangers = sorted(server.bodies.unmatched_owners().items())
    owners = (f"Owner {name} of {count} entities is no user or team on the server." for name, count in strangers)
    capabilities = server.capabilities
    blind = [] if capabilities.source_hash else [_WITHOUT_SOURCE_HASH.format(capabilities.version)]
    outside = server.listing.outside().items()
    dropped = (f"{count} {kind}s that were listed lie outside what was asked for; left out." for kind, count in outside)
    strange = (
        f"OpenMetadata {capabilities.version} knows no {each.service_type}: {each.path[0]} is of a custom type."
        for each in services
        if each.service_type not in capabilities.services[EntityType(each.type)]
    )
    return [*server.client.notes, *blind, *strange, *dropped, *owners]


def lineage_notes(snapshots: Snapshots, manifest: Manifest) -> list[str]:
    """What people should know of the lineage that was drawn from a snapshot."""
    found = snapshots.findings(manifest.edges_file) if manifest.edges_file else iter(())
    return [finding.text for finding in islice((each for each in found if isinstance(each, Note)), SHOWN)]


def change_of(planned: PlannedEntity) -> Change:
    """One line of a plan as people read it."""
    return Change(planned.action, planned.type, planned.fqn, planned.why)
