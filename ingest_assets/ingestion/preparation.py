"""What a source reads as a whole before its listings, such as a repository: by a step of its own, keyed by version."""

from __future__ import annotations

from ingest_assets.errors import AuthenticationError, RemoteError
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.report import Report
from ingest_assets.snapshots.crawler import Preparing


def prepare(ingestion: Ingestion, *, last_attempt: bool) -> Report:
    """Read what the source needs before its scopes.

    What can't be read costs the scopes that need it, which then are incomplete and say so: all others are read.

    Args:
        ingestion: The recipe's.
        last_attempt: Whether nobody will try this step again.

    Raises:
        RemoteError: It could not be read, and another attempt will come that may do it.
    """
    with ingestion.timed() as report:
        source = ingestion.source
        try:
            prepared = source.prepare() if isinstance(source, Preparing) else None
        except RemoteError as error:
            if not last_attempt and error.retryable and not isinstance(error, AuthenticationError):
                raise
            report.notes = [f"It could not be read, and what needs it stays as it was: {error}"]
            return report
        if prepared is None:
            report.notes = ["The recipe asks for nothing of the kind."]
            return report
        report.version = prepared.version
        report.listed = prepared.listed
        report.kept, report.unchanged = prepared.fresh, prepared.listed - prepared.fresh
        report.notes = list(prepared.notes)
    return report
