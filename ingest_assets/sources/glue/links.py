"""Resource links: tables of other catalogs or databases that a catalog shows as its own.

A table may be a link itself (``TargetTable``), or be listed in a database that is one (``TargetDatabase``): then its
item names the owner's catalog and database. Columns come with the link where AWS follows it for the role; where it does
not, the owner is asked with ``glue:GetTable``, once for each link.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import ValidationError

from ingest_assets.catalog import Reference
from ingest_assets.errors import (
    AuthenticationError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RemoteError,
)
from ingest_assets.sources.glue.places import Place, Places
from ingest_assets.sources.glue.shapes import GlueTable, StorageDescriptor, Target

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


class _Refusal(NamedTuple):
    error: PermissionDeniedError
    times: int


class Links:
    """Follows the resource links of one service. Safe to share among threads.

    Args:
        places: Where catalogs are.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._regions: dict[tuple[str, ...], str] = {}
        self._refusals: dict[tuple[str, str], _Refusal] = {}
        self._unseen: dict[tuple[str, ...], list[str]] = {}
        self._blind: set[Reference] = set()

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

    def followed(self, table: GlueTable, item: object, reference: Reference, place: Place) -> GlueTable | RemoteError:
        """A table; if it is a link without columns, with what its owner says of it, as far as the role may see that.

        Args:
            table: As it is listed.
            item: The same as Glue said it.
            reference: What it is called.
            place: The catalog that lists it.

        Returns:
            Else why its owner can't be asked this time.

        Raises:
            AuthenticationError: The recipe's own credentials are refused.
            DeadlineExceededError: The run's time is over.
        """
        schema = reference.path[:-1]
        owner = self.owner(table, schema, place) if table.target_table is not None else None
        if owner is None or not isinstance(item, dict) or (table.storage_descriptor or StorageDescriptor()).columns:
            return table
        try:
            told = {name: value for name, value in item.items() if value and name != "StorageDescriptor"}
            return GlueTable.model_validate({**self._behind(owner, place), **told})
        except (PermissionDeniedError, NotFoundError) as error:
            with self._lock:
                self._unseen.setdefault(schema, []).append(str(error))
                self._blind.add(reference)
            return table
        except AuthenticationError:
            raise
        except ValidationError:
            return InvalidAnswerError("The owner's table is of an unknown shape.", where=f"glue:GetTable of {owner}")
        except RemoteError as error:
            return error

    def is_blind(self, link: Reference) -> bool:
        """Whether a link's owner may not be seen, so that its columns are not known; told once."""
        with self._lock:
            known = link in self._blind
            self._blind.discard(link)
        return known

    def notes(self, schema: tuple[str, ...]) -> Iterator[str]:
        """What people should know of the links that a schema lists, once."""
        with self._lock:
            reasons = self._unseen.pop(schema, [])
        if reasons:
            yield f"{len(reasons)} resource links of {schema[-1]} are shown without columns: {reasons[0]}"

    def _behind(self, owner: Owner, place: Place) -> dict[str, Any]:
        catalog = (owner.catalog_id, owner.region)
        with self._lock:
            refusal = self._refusals.get(catalog)
        if refusal is not None and refusal.times >= _MOST_REFUSALS:
            raise refusal.error
        asked = self._places.find(*catalog) or Place(
            owner.catalog_id, place.session.at(region=owner.region), {"CatalogId": owner.catalog_id}, is_home=False
        )
        try:
            behind = asked.table(owner.database, owner.name)
        except PermissionDeniedError as error:
            with self._lock:
                before = self._refusals.get(catalog)
                self._refusals[catalog] = _Refusal(error, before.times + 1 if before else 1)
            raise
        with self._lock:
            self._refusals.pop(catalog, None)
        return behind
