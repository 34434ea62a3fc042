"""The lake's Data Catalog as state: catalogs of accounts, their databases, and tables that may change at any time."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Protocol

from ingest_assets.errors import NotFoundError

Row = dict[str, Any]

FOUNDED = datetime(2023, 3, 6, 8, 30, tzinfo=timezone.utc)  # when the company's lake was set up


def complete_table(row: Row, database: Row, version: int = 0) -> Row:
    """A table's row with what AWS adds to every table.

    Args:
        row: What its maker said.
        database: The row of its database.
        version: How often it was changed.
    """
    return {
        "CreateTime": FOUNDED,
        "UpdateTime": FOUNDED,
        "CreatedBy": f"arn:aws:sts::{database['CatalogId'][:12]}:assumed-role/lake-admin/terraform",
        "IsRegisteredWithLakeFormation": False,
        "VersionId": str(version),
        **row,
        "CatalogId": database["CatalogId"],
        "DatabaseName": database["Name"],
    }


@dataclass(frozen=True)
class GlueChange:
    """A change of the catalog.

    Attributes:
        operation: Glue's own name of it, e.g. ``UpdateTable``.
        region: Where.
        catalog_id: Of which catalog.
        database: Which one, or that of the tables.
        tables: Those that were changed, made or dropped.
    """

    operation: str
    region: str
    catalog_id: str
    database: str
    tables: tuple[str, ...] = ()


class Tables(Protocol):
    """The tables of one database, in the order of listing."""

    def after(self, name: str | None) -> Iterator[Row]:
        """The tables that come after one of that name; all when None."""

    def get(self, name: str) -> Row | None:
        """One table."""

    def put(self, row: Row) -> None:
        """Add or replace one table."""

    def drop(self, name: str) -> None:
        """Take one table away."""


class ListedTables:
    """Tables held in memory, listed by name."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._names: list[str] | None = None

    def after(self, name: str | None) -> Iterator[Row]:
        """See ``Tables``; the one of that name may be gone by now."""
        if self._names is None:
            self._names = sorted(self._rows)
        start = 0 if name is None else bisect_right(self._names, name)
        for at in range(start, len(self._names)):
            yield self._rows[self._names[at]]

    def get(self, name: str) -> Row | None:
        """See ``Tables``."""
        return self._rows.get(name)

    def put(self, row: Row) -> None:
        """See ``Tables``."""
        if row["Name"] not in self._rows:
            self._names = None
        self._rows[row["Name"]] = row

    def drop(self, name: str) -> None:
        """See ``Tables``."""
        del self._rows[name]
        self._names = None


@dataclass
class GlueDatabase:
    """A database of the catalog.

    Attributes:
        row: As ``GetDatabases`` gives it.
        tables: Its tables.
    """

    row: Row
    tables: Tables = field(default_factory=ListedTables)


@dataclass
class GlueCatalog:
    """A catalog: an account's own, or one mounted below it (``account:s3tablescatalog/bucket``).

    Attributes:
        row: As ``GetCatalogs`` gives it.
        shared_with: Accounts that may read it besides its own.
        databases: By name.
        tags: By ARN of a database or table.
    """

    row: Row
    shared_with: set[str] = field(default_factory=set)
    databases: dict[str, GlueDatabase] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def catalog_id(self) -> str:
        """Account number, with the path of a mounted catalog."""
        return str(self.row["CatalogId"])

    @property
    def account(self) -> str:
        """The owner's twelve digits."""
        return self.catalog_id.partition(":")[0]


class GlueCatalogs:
    """All catalogs of one region, safe to read and change from several threads.

    Args:
        account: The company's own account, meant where no catalog is named.
        region: Where the catalogs are; those of other regions are found with ``at``.
        now: Time of a change.

    Attributes:
        listeners: Told of each change once it is made, those of other regions included.
    """

    def __init__(self, account: str, region: str, now: Callable[[], datetime] | None = None) -> None:
        self.account = account
        self.region = region
        self.lock = threading.RLock()
        self.now = now or (lambda: datetime.now(timezone.utc).replace(microsecond=0))
        self._catalogs: dict[str, GlueCatalog] = {}
        self._elsewhere: dict[str, GlueCatalogs] = {}
        self.listeners: list[Callable[[GlueChange], None]] = []
        self.add_catalog(account)

    def at(self, region: str) -> GlueCatalogs:
        """The same accounts' catalogs in another region, which are empty until somebody fills them."""
        if region == self.region:
            return self
        with self.lock:
            if region not in self._elsewhere:
                made = GlueCatalogs(self.account, region, self.now)
                made.listeners = self.listeners
                for catalog in self.catalogs():
                    if catalog.catalog_id == catalog.account:  # what is mounted is mounted in one region
                        made.add_catalog(catalog.account, shared_with=tuple(catalog.shared_with))
                self._elsewhere[region] = made
            return self._elsewhere[region]

    def add_catalog(self, catalog_id: str, *, shared_with: tuple[str, ...] = (), **members: Any) -> GlueCatalog:
        """Make a catalog known; ``members`` are those of ``GetCatalogs``."""
        name = catalog_id.rpartition("/")[2].rpartition(":")[2]
        arn_path = catalog_id.partition(":")[2]
        arn = f"arn:aws:glue:{self.region}:{catalog_id.partition(':')[0]}:catalog" + (arn_path and f"/{arn_path}")
        row = {"CatalogId": catalog_id, "Name": name, "ResourceArn": arn, "CreateTime": FOUNDED, **members}
        catalog = GlueCatalog(row, set(shared_with))
        with self.lock:
            self._catalogs[catalog_id] = catalog
        return catalog

    def catalogs(self) -> list[GlueCatalog]:
        """All catalogs, by id."""
        with self.lock:
            return [self._catalogs[catalog_id] for catalog_id in sorted(self._catalogs)]

    def catalog(self, catalog_id: str | None = None) -> GlueCatalog | None:
        """One catalog; the company's own when None."""
        with self.lock:
            return self._catalogs.get(catalog_id or self.account)

    def add_database(
        self, name: str, *, catalog_id: str | None = None, tables: Tables | None = None, **members: Any
    ) -> GlueDatabase:
        """Add or replace a database; ``members`` are those of ``GetDatabases``."""
        catalog = self._catalog(catalog_id)
        row = {
            "Name": name,
            "CreateTime": FOUNDED,
            "CreateTableDefaultPermissions": [
                {
                    "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
                    "Permissions": ["ALL"],
                }
            ],
            "CatalogId": catalog.catalog_id,
            **members,
        }
        database = GlueDatabase(row, tables or ListedTables())
        with self.lock:
            operation = "UpdateDatabase" if name in catalog.databases else "CreateDatabase"
            catalog.databases[name] = database
            self._tell(operation, name, catalog_id)
        return database

    def drop_database(self, name: str, *, catalog_id: str | None = None) -> None:
        """Take a database and its tables away."""
        with self.lock:
            self.database(name, catalog_id=catalog_id)
            del self._catalog(catalog_id).databases[name]
            self._tell("DeleteDatabase", name, catalog_id)

    def database(self, name: str, *, catalog_id: str | None = None) -> GlueDatabase:
        """One database.

        Raises:
            NotFoundError: There is none of that name.
        """
        with self.lock:
            database = self._catalog(catalog_id).databases.get(name)
        if database is None:
            raise NotFoundError(f"the company has no database {name!r}", where="sandbox company")
        return database

    def put_table(self, database: str, row: Row, *, catalog_id: str | None = None) -> Row:
        """Add a table, or replace one, with what AWS adds to every table."""
        with self.lock:
            holder = self.database(database, catalog_id=catalog_id)
            old = holder.tables.get(row["Name"])
            version = 0 if old is None else int(old["VersionId"]) + 1
            whole = complete_table(row, holder.row, version)
            holder.tables.put(whole)
            self._tell("CreateTable" if old is None else "UpdateTable", database, catalog_id, row["Name"])
            return whole

    def table(self, database: str, name: str, *, catalog_id: str | None = None) -> Row:
        """One table, as ``GetTable`` gives it.

        Raises:
            NotFoundError: There is no such database or table.
        """
        with self.lock:
            row = self.database(database, catalog_id=catalog_id).tables.get(name)
        if row is None:
            raise NotFoundError(f"the company has no table {database!r}.{name!r}", where="sandbox company")
        return row

    def alter_table(self, database: str, name: str, *, catalog_id: str | None = None, **members: Any) -> Row:
        """Replace members of a table (None takes one away), with a new version and ``UpdateTime``."""
        with self.lock:
            old = self.table(database, name, catalog_id=catalog_id)
            version = str(int(old["VersionId"]) + 1)
            changed = {**old, "UpdateTime": self.now(), **members, "VersionId": version}
            row = {member: value for member, value in changed.items() if value is not None}
            self.database(database, catalog_id=catalog_id).tables.put(row)
            self._tell("UpdateTable", database, catalog_id, name)
            return row

    def drop_table(self, database: str, name: str, *, catalog_id: str | None = None) -> None:
        """Take a table away."""
        with self.lock:
            self.table(database, name, catalog_id=catalog_id)
            self.database(database, catalog_id=catalog_id).tables.drop(name)
            self._tell("DeleteTable", database, catalog_id, name)

    def drop_tables(self, database: str, names: Iterable[str], *, catalog_id: str | None = None) -> None:
        """Take several tables away in one go.

        Raises:
            NotFoundError: One of them isn't there; then all stay.
        """
        with self.lock:
            rows = [self.table(database, name, catalog_id=catalog_id) for name in names]
            for row in rows:
                self.database(database, catalog_id=catalog_id).tables.drop(row["Name"])
            if rows:
                self._tell("BatchDeleteTable", database, catalog_id, *(row["Name"] for row in rows))

    def _tell(self, operation: str, database: str, catalog_id: str | None, *tables: str) -> None:
        change = GlueChange(operation, self.region, catalog_id or self.account, database, tables)
        for listener in self.listeners:
            listener(change)

    def _catalog(self, catalog_id: str | None) -> GlueCatalog:
        catalog = self.catalog(catalog_id)
        if catalog is None:
            raise NotFoundError(f"the company has no catalog {catalog_id!r}", where="sandbox company")
        return catalog
