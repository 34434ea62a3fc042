"""Pages of AWS's console."""

from __future__ import annotations

from urllib.parse import quote


class KinesisConsole:
    """Addresses in the Kinesis console of one region.

    Args:
        host: Of the console; None where none is known, and then there are no addresses.
        region: E.g. ``eu-central-1``.
    """

    def __init__(self, host: str | None, region: str) -> None:
        self._base = f"https://{host}/kinesis/home?region={region}#/streams" if host else None

    def streams(self) -> str | None:
        """Page of all streams."""
        return self._base and f"{self._base}/list"

    def stream(self, name: str) -> str | None:
        """Page of one stream."""
        return self._base and f"{self._base}/details/{quote(name, safe='')}/monitoring"
