"""Tags and terms of a snapshot, published before what bears them."""

from __future__ import annotations

from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.report import Problem, Report
from ingest_assets.ingestion.reporting import SHOWN, add_counts, server_notes
from ingest_assets.openmetadata.vocabulary import VocabularyPublisher
from ingest_assets.snapshots.ledger import Ledger


def publish_words(ingestion: Ingestion, run_id: str, root: EntityType) -> Report:
    """Make the tags, or the terms, that the labels of a snapshot need; describe those that are there.

    Needs no plan: what is to be done is told by a listing of each group. A plan that was made without labels, as the
    server lacked their words until now, is made anew by the step that comes next.

    Args:
        ingestion: The recipe's.
        run_id: Of this run; else the latest snapshot is taken.
        root: ``classification`` for tags, ``glossary`` for terms.

    Raises:
        AuthenticationError: The token is refused.
        BusyError: Another run writes to the same server and service.
        StoreError: There is no snapshot yet, or it is damaged.
        UnavailableError: The server answers nothing.
    """
    ingestion.ledgers.lease(run_id)
    manifest = ingestion.manifest(run_id)
    words = [word for word in ingestion.snapshots.words(manifest) if word.reference.type.root is root]
    with ingestion.ledgers.open(run_id) as ledger, ingestion.timed() as report:
        publisher = _publisher(ingestion, ledger, run_id)
        lacking = {
            key for word in words if ledger.words.is_live(key := ingestion.server.bodies.key(word.reference)) is False
        }
        outcome = publisher.foresee(words) if ingestion.dry_run else publisher.publish(words)
        if any(ledger.words.is_live(key) for key in lacking):
            ledger.forget_plan()
        if not ingestion.dry_run:
            address = ingestion.server.client.host_port
            ingestion.snapshots.note_published(manifest.run_id, address, root.value, outcome.counts)
        add_counts(report, outcome.counts)
        report.problems = [Problem(*failure) for failure in outcome.failures[:SHOWN]]
        report.notes = server_notes(ingestion.server)
    return report


def _publisher(ingestion: Ingestion, ledger: Ledger, run_id: str) -> VocabularyPublisher:
    return VocabularyPublisher(
        client=ingestion.server.client,
        bodies=ingestion.server.bodies,
        ledger=ledger,
        progress=ingestion.progress,
        before_writing=ingestion.ledgers.lease(run_id).ensure,
        override=ingestion.rules.override,
        keep_deleted=ingestion.rules.keep_deleted,
    )
