"""The step that brings what a source knows of entities of others, for sources that yield ``Enrichment``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ingest_assets.catalog import Enrichment, EntityType, Failed, Filtered, Label
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.kinds import ENRICHMENT
from ingest_assets.ingestion.report import Change, Problem, Report
from ingest_assets.ingestion.reporting import SHOWN, add_counts, server_notes
from ingest_assets.openmetadata.candidates import Candidates
from ingest_assets.openmetadata.elsewhere import Neighbours
from ingest_assets.openmetadata.enriching import Enricher, Enriching
from ingest_assets.openmetadata.labels import LabelLookup
from ingest_assets.openmetadata.outcome import Failure
from ingest_assets.openmetadata.plan import Action
from ingest_assets.openmetadata.state import PERIODS
from ingest_assets.openmetadata.targets import Targets
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest

_LOOKED_AT = "enrichments_looked_at"


def enrich(ingestion: Ingestion, run_id: str) -> Report:
    """Patch what the manifest of this run, else the latest, knows of entities of others into them.

    Needs no plan. What the source filtered out or could not read is accounted for where a listing shows nothing but
    what is to be enriched; elsewhere the publishing of the listing's own type does so.

    Args:
        ingestion: Its ``rules.rewrite`` looks at each target again, ``rules.override`` says what the source replaces,
            ``lineage_services`` names the services in which targets lie that are not named in full.
        run_id: Of this run.

    Raises:
        AuthenticationError: The token is refused.
        BusyError: Another run writes to the same server and service.
        RemoteError: The server answers nothing.
        StoreError: There is no snapshot yet, or it is damaged.
    """
    ingestion.ledgers.lease(run_id)
    manifest = ingestion.manifest(run_id)
    with ingestion.ledgers.open(run_id) as ledger, ingestion.timed() as report:
        is_due = _is_due(ingestion, ledger)
        # What people set since is replaced where the recipe says so: nothing but a look at it tells.
        look_again = is_due or bool(ingestion.rules.override)
        enricher = _enricher(ingestion, ledger, run_id, _spelled(ingestion, manifest), look_again=look_again)
        told = _enrichments(ingestion, manifest)
        outcome = enricher.foresee(told) if ingestion.dry_run else enricher.enrich(told)
        _add_unread(ingestion, manifest, outcome)
        if not ingestion.dry_run:
            if any(counts[Action.CREATE.value] for counts in ingestion.outcomes(run_id).values()):
                # Lineage that was parked for want of what this run has made is planned anew.
                ledger.forget_plan()
            ledger.note(**({_LOOKED_AT: str(ingestion.clock())} if is_due else {}))
            address = ingestion.server.client.host_port
            ingestion.snapshots.note_published(manifest.run_id, address, ENRICHMENT, outcome.counts)
        add_counts(report, outcome.counts)
        report.problems = [Problem(*failure) for failure in outcome.failures]
        report.changes = [Change(Action.UPDATE.value, key.type.value, key.fqn, why) for key, why in outcome.changes]
        report.changes = report.changes[:SHOWN]
        report.notes = [*outcome.notes(), *server_notes(ingestion.server)]
    return report


def _is_due(ingestion: Ingestion, ledger: Ledger) -> bool:
    """Whether everything is looked at again: what somebody lost is found so, though the source says nothing new."""
    age = abs(ingestion.clock() - float(ledger.fact(_LOOKED_AT) or 0))
    is_due = ingestion.rules.rewrite or age >= PERIODS[ingestion.rules.full_listing]
    if is_due:
        ledger.neighbours.forget()
    return is_due


def _spelled(ingestion: Ingestion, manifest: Manifest) -> dict[Label, Label]:
    """Labels that the server spells otherwise than the source does."""
    bodies = ingestion.server.bodies
    words = ((word.label(), bodies.key(word.reference)) for word in ingestion.snapshots.words(manifest))
    spelled = ((label, Label(bodies.on_server(key), label.source)) for label, key in words)
    return {label: on_server for label, on_server in spelled if label != on_server}


def _enricher(
    ingestion: Ingestion, ledger: Ledger, run_id: str, spelled: Mapping[Label, Label], *, look_again: bool
) -> Enricher:
    server = ingestion.server
    neighbours = Neighbours(server.client, server.capabilities, ingestion.lineage_services, ledger.neighbours)
    labels = LabelLookup(server.client, server.bodies.exclusive, spelled)
    databases = ingestion.lineage_services.get(EntityType.DATABASE_SERVICE, ())
    candidates = Candidates(server.client, server.capabilities, databases)
    return Enricher(
        targets=Targets(server.client, server.bodies, neighbours, labels, candidates),
        ledger=ledger,
        progress=ingestion.progress,
        before_writing=ingestion.ledgers.lease(run_id).ensure,
        threads=server.threads,
        override=ingestion.rules.override,
        look_again=look_again,
    )


def _enrichments(ingestion: Ingestion, manifest: Manifest) -> Iterator[Enrichment]:
    # What this run did not read was brought when it was read; and the recipe may name its service no more.
    for result in manifest.read_now():
        if result.complete and result.file and result.enrichments:
            found = ingestion.snapshots.findings(result.file)
            yield from (finding for finding in found if isinstance(finding, Enrichment))


def _add_unread(ingestion: Ingestion, manifest: Manifest, outcome: Enriching) -> None:
    """Account for what was left out and what could not be read, in listings that show no entities of their own."""
    for result in manifest.read_now():
        if not result.complete or not result.file or result.kept > result.enrichments:
            continue
        counts: Counter[str] = Counter()
        for finding in ingestion.snapshots.findings(result.file):
            match finding:
                case Filtered():
                    counts[Action.FILTERED.value] += 1
                case Failed():
                    counts[Action.FAILED.value] += 1
                    path = " / ".join(finding.reference.path)
                    outcome.note(Failure(path, "read", f"{finding.step}: {finding.reason}"))
        outcome.counts.update(counts)
