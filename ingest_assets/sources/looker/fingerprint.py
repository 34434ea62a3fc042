"""What Looker's searches tell of changes: one row for each dashboard, and nothing of what is in it."""

from __future__ import annotations

from ingest_assets.sources.fingerprint import digest
from ingest_assets.sources.looker.api import LookerApi

_TOLD = "id,updated_at"


def fingerprint(api: LookerApi, *, looks: bool) -> str:
    """A text that is another one once a dashboard came, went or was saved. Those of LookML change with its commits.

    Args:
        api: The instance.
        looks: Whether the recipe reads looks.

    Raises:
        RemoteError: They can't be listed.
    """
    kinds = ("dashboards", "looks") if looks else ("dashboards",)
    return digest(
        (kind, each.id, each.updated_at)
        for kind in kinds
        for each in api.all(f"search_{kind}", f"all {kind}", fields=_TOLD, deleted=False)
    )
