"""Sample messages: read from the source and shown on the topics of the server, once these are there."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.catalog import EntityKey, EntityType, Reference, Topic
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.kinds import SAMPLES
from ingest_assets.ingestion.report import Problem, Report
from ingest_assets.ingestion.reporting import SHOWN, add_counts
from ingest_assets.openmetadata.beside import put_messages
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.outcome import Failure, Outcome
from ingest_assets.openmetadata.plan import Action
from ingest_assets.parallel import side_by_side
from ingest_assets.snapshots.crawler import Sampler
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.manifest import Manifest

_STAGE = "sample messages"


def publish_samples(ingestion: Ingestion, run_id: str) -> Report:
    """Read messages of each topic of a snapshot that the server has, and show them there.

    They are kept nowhere else, neither in the store nor in reports, but for a digest of what is shown. A topic of
    which none is found keeps those that it shows; they make no version of it.

    Args:
        ingestion: The recipe's; its ``sampler`` is None where no samples are asked for.
        run_id: Of this run; else the latest snapshot is taken.

    Raises:
        AuthenticationError: The service or the server refuses who we are.
        BusyError: Another run writes to the same server and service.
        StoreError: There is no snapshot yet, or it is damaged.
    """
    ingestion.ledgers.lease(run_id)
    manifest = ingestion.manifest(run_id)
    with ingestion.ledgers.open(run_id) as ledger, ingestion.timed() as report:
        sampler = ingestion.sampler
        if sampler is None or ingestion.dry_run:
            why = "they were not asked for (generateSampleData)" if sampler is None else "this is a dry run"
            report.notes = [f"No messages were read: {why}."]
            return report
        topics = list(_topics(ingestion, manifest, ledger))
        ingestion.progress.found(_STAGE, len(topics))
        outcome = Outcome()
        # Reading waits for the source: threads of the source's number, not of the server's.
        for key, result in side_by_side(
            lambda each: _show(ingestion, sampler, run_id, ledger, *each), topics, ingestion.threads
        ):
            ingestion.progress.done(_STAGE)
            if isinstance(result, Action):
                outcome.counts[result.value] += 1
            else:
                outcome.fail(Failure(key.fqn, "sample", result))
        ingestion.snapshots.note_published(manifest.run_id, ingestion.server.client.host_port, SAMPLES, outcome.counts)
        add_counts(report, outcome.counts)
        report.problems = [Problem(*failure) for failure in outcome.failures[:SHOWN]]
    return report


def _topics(ingestion: Ingestion, manifest: Manifest, ledger: Ledger) -> Iterator[tuple[EntityKey, Reference]]:
    """Topics that the source shows and the server has."""
    for result in manifest.listing(EntityType.TOPIC):
        for topic in ingestion.snapshots.entities(result.file) if result.file else ():
            key = ingestion.server.bodies.key(topic.reference)
            if isinstance(topic, Topic) and ledger.server.is_live(key):
                yield key, topic.reference


def _show(
    ingestion: Ingestion, sampler: Sampler, run_id: str, ledger: Ledger, key: EntityKey, topic: Reference
) -> tuple[EntityKey, Action | str]:
    """Show messages of one topic; what was done, or why it could not be."""
    try:
        messages = sampler.samples(topic)
        if not messages:
            return key, Action.UNCHANGED
        topic_id = _id_of(ingestion, ledger, key)
        if not ingestion.rules.rewrite and ledger.samples.shows(key, topic_id, messages):
            return key, Action.UNCHANGED
        ingestion.ledgers.lease(run_id).ensure()
        put_messages(ingestion.server.client, topic_id, messages)
        ledger.samples.note(key, topic_id, messages)
    except AuthenticationError:
        raise
    except NotFoundError:
        return key, "it is gone from the service, or from the server"
    except RemoteError as error:
        return key, str(error)
    return key, Action.UPDATE


def _id_of(ingestion: Ingestion, ledger: Ledger, key: EntityKey) -> str:
    row = ledger.server.get(key)
    if row is not None and row.id is not None:
        return row.id
    # A bulk answer doesn't tell ids.
    fqn = ingestion.server.bodies.on_server(key)
    return str(ingestion.server.client.get_by_name(collection_of(key.type), fqn)["id"])
