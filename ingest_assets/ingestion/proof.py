"""Whether enough of a crawl is proven to go on with."""

from __future__ import annotations

from ingest_assets.errors import RemoteError, UnavailableError
from ingest_assets.snapshots.manifest import Manifest

_REASONS = 3


def refuse_the_unproven(manifest: Manifest, *, last_attempt: bool) -> None:
    """Refuse a crawl that a retry may mend while one will come, and one that has proven nothing.

    Raises:
        UnavailableError: Listings failed in a way that a retry may mend.
        RemoteError: Listings failed otherwise, and none was read whole.
    """
    failed = manifest.incomplete()
    if not failed:
        return
    told = [f"{result.scope}: {result.error.message.rstrip('.')}" for result in failed if result.error][:_REASONS]
    more = f"; and {len(failed) - _REASONS} more" if len(failed) > _REASONS else ""
    retryable = any(result.error and result.error.retryable for result in failed)
    proven = any(result.complete for result in manifest.read_now())
    if (retryable and not last_attempt) or not proven:
        kind = UnavailableError if retryable else RemoteError
        raise kind(
            f"{len(failed)} listings failed: {'; '.join(told)}{more}.",
            where=manifest.service,
            advice="What was read whole is kept for the next attempt of this run.",
        )
