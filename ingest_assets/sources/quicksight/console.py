"""Pages of QuickSight."""

from __future__ import annotations

from urllib.parse import quote

_HOSTS = {"aws": "{region}.quicksight.aws.amazon.com", "aws-cn": "{region}.quicksight.amazonaws.cn"}


class QuickSightConsole:
    """Addresses of one region; none in partitions whose address is not known.

    Args:
        partition: E.g. ``aws``.
        region: E.g. ``eu-central-1``.
    """

    def __init__(self, partition: str, region: str) -> None:
        host = _HOSTS.get(partition)
        self._base = f"https://{host.format(region=region)}/sn" if host else None

    def start(self) -> str | None:
        """The start page."""
        return self._base and f"{self._base}/start"

    def dashboard(self, dashboard_id: str) -> str | None:
        """A dashboard."""
        return self._base and f"{self._base}/dashboards/{quote(dashboard_id, safe='')}"

    def analysis(self, analysis_id: str) -> str | None:
        """An analysis."""
        return self._base and f"{self._base}/analyses/{quote(analysis_id, safe='')}"

    def data_set(self, data_set_id: str) -> str | None:
        """A data set."""
        return self._base and f"{self._base}/data-sets/{quote(data_set_id, safe='')}/view"


def sheet_of(page: str | None, board_id: str, sheet_id: str) -> str | None:
    """A sheet of a dashboard or an analysis, by that one's own page."""
    return page and f"{page}/sheets/{quote(board_id, safe='')}_{quote(sheet_id, safe='')}"
