"""Pages of AWS's console."""

from __future__ import annotations

from urllib.parse import quote


class GlueConsole:
    """Addresses in the Glue console of one region.

    Args:
        host: Of the console; None where none is known, and then there are no addresses.
        region: E.g. ``eu-central-1``.
    """

    def __init__(self, host: str | None, region: str) -> None:
        self._base = f"https://{host}/glue/home?region={region}#/v2/data-catalog" if host else None

    def catalog(self) -> str | None:
        """Page of all databases."""
        return self._base and f"{self._base}/databases"

    def database(self, name: str, catalog_id: str) -> str | None:
        """Page of a Glue database."""
        page = f"databases/view/{quote(name, safe='')}?catalogId={quote(catalog_id, safe='')}"
        return self._base and f"{self._base}/{page}"

    def table(self, name: str, database: str, catalog_id: str) -> str | None:
        """Page of a Glue table's latest version."""
        place = f"database={quote(database, safe='')}&catalogId={quote(catalog_id, safe='')}"
        return self._base and f"{self._base}/tables/view/{quote(name, safe='')}?{place}&versionId=latest"
