"""What QuickSight's listings tell of changes, without describing anything."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.errors import PermissionDeniedError
from ingest_assets.sources.fingerprint import digest
from ingest_assets.sources.quicksight.account import Account

_LISTINGS = {
    "ListDashboards": ("DashboardSummaryList", ("DashboardId", "Name", "LastPublishedTime", "LastUpdatedTime")),
    "ListDataSets": ("DataSetSummaries", ("DataSetId", "Name", "LastUpdatedTime")),
    "ListAnalyses": ("AnalysisSummaryList", ("AnalysisId", "Name", "Status", "LastUpdatedTime")),
}


def fingerprint(account: Account, *, data_sets: bool, analyses: bool) -> str:
    """A text that is another one once a dashboard was published, or a data set or an analysis was changed.

    Args:
        account: The account.
        data_sets: Whether the recipe reads those.
        analyses: Whether the recipe reads those.

    Raises:
        RemoteError: Dashboards can't be listed.
    """
    wanted = {"ListDashboards": True, "ListDataSets": data_sets, "ListAnalyses": analyses}
    return digest(row for operation, is_wanted in wanted.items() if is_wanted for row in _rows(account, operation))


def _rows(account: Account, operation: str) -> Iterator[list[object]]:
    key, names = _LISTINGS[operation]
    try:
        for item in account.items(operation, "what has changed", key=key):
            yield [operation, *(item.get(name) for name in names)]
    except PermissionDeniedError:
        if operation == "ListDashboards":
            raise
        # A run does without it as well, and says so.
        yield [operation, "denied"]
