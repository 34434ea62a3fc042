"""Resource links: tables of other catalogs or databases that a catalog shows as its own.

A table may be a link itself (``TargetTable``), or be listed in a database that is one (``TargetDatabase``): then its
item names the owner's catalog and database. Columns come with the link where AWS follows it for the role; where it does
not, the owner is asked with ``glue:GetTable``, once for each link.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from ingest_assets.errors import NotFoundError, PermissionDeniedError
from ingest_assets.sources.glue.places import Place, Places
from ingest_assets.sources.glue.shapes import GlueTable, Target

_MOST_REFUSALS = 3
"""In a row, of one catalog: after them it is not asked any further."""


class Owner(NamedTuple):
    """The table behind a link.

    Attributes:
        catalog_id: Glue's id of its catalog.
        region: Where that is.
    """

    catalog_id: str
    region: str
    database: str
    name: str


class Links:
    """Follows the resource links of one service. Safe to share among threads.

    Args:
        places: Where catalogs are.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._regions: dict[tuple[str, ...], str] = {}
        self._refused: Counter[tuple[str, str]] = Counter()
        self._why: dict[tuple[str, str], PermissionDeniedError | NotFoundError] = {}

    def note_database(self, path: tuple[str, ...], target: Target | None) -> None:
        """Remember the region that a database's link leads to; its tables do not tell it."""
        if target is not None and target.region:
            with self._lock:
                self._regions[path] = target.region

    def owner(self, table: GlueTable, schema: tuple[str, ...], place: Place) -> Owner | None:
        """The table behind a link; None for what is no link, and for a link that does not say where it leads.

        Args:
            table: As it is listed.
            schema: Path of the schema that lists it.
            place: The catalog that lists it.
        """
        target = table.target_table
        if target is not None:
            if target.catalog_id is None or target.database_name is None or target.name is None:
                return None
            return Owner(target.catalog_id, target.region or place.session.region, target.database_name, target.name)
        if table.catalog_id is None or table.database_name is None:
            return None
        shown = (self._places.catalog_id(place.name).partition(":")[0], schema[-1].lower())
        if (table.catalog_id.partition(":")[0], table.database_name.lower()) == shown:
            return None
        with self._lock:
            region = self._regions.get(schema, place.session.region)
        return Owner(table.catalog_id, region, table.database_name, table.name)

    def followed(self, item: Mapping[str, Any], owner: Owner, place: Place) -> Mapping[str, Any]:
        """A link's item with what its owner says of the table, where the item itself has no columns.

        Raises:
            PermissionDeniedError: The role may not see the owner's table.
            NotFoundError: There is no such table.
            RemoteError: The owner can't be asked this time.
            DeadlineExceededError: The run's time is over.
        """
        if (item.get("StorageDescriptor") or {}).get("Columns"):
            return item
        catalog = (owner.catalog_id, owner.region)
        with self._lock:
            if self._refused[catalog] >= _MOST_REFUSALS:
                raise self._why[catalog]
        asked = self._places.find(*catalog) or Place(
            owner.catalog_id, place.session.at(region=owner.region), {"CatalogId": owner.catalog_id}, is_home=False
        )
        try:
            behind = asked.table(owner.database, owner.name)
        except (PermissionDeniedError, NotFoundError) as error:
            with self._lock:
                # One that is gone says nothing of the others.
                self._refused[catalog] += isinstance(error, PermissionDeniedError)
                self._why[catalog] = error
            raise
        with self._lock:
            del self._refused[catalog]
        told = {name: value for name, value in item.items() if value and name != "StorageDescriptor"}
        return {**behind, **told}
