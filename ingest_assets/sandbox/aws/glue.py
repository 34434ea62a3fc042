"""AWS Glue's Data Catalog: catalogs, databases and tables in real pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from ingest_assets.sandbox.aws.glue_places import GluePlaces, hidden, no_database
from ingest_assets.sandbox.aws.glue_writes import GlueWriter
from ingest_assets.sandbox.aws.identity import access_denied
from ingest_assets.sandbox.aws.operations import Caller, Operation, Params, Tokens
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.aws.schema_registry import SchemaRegistry
from ingest_assets.sandbox.company.glue import GlueCatalog, GlueCatalogs, GlueDatabase, Row
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Faults

PAGE = 100  # AWS gives as many when MaxResults is not set
_PLACE = frozenset({"CatalogId"})
_PAGED = frozenset({"NextToken", "MaxResults"})
_NAMES_ONLY = {"NAME": "Name", "TABLE_TYPE": "TableType", "TARGET_DATABASE": "TargetDatabase"}


class GlueService:
    """The Glue operations that are built.

    Args:
        catalogs: The state behind.
        tokens: Issues and checks page tokens.
        faults: For the kinds that only a listing or a look-up can act out.
        page: Rows a page; AWS may give fewer than ``MaxResults`` too.
        registry: The Schema Registry, which is a part of Glue's API.
    """

    name = "glue"

    def __init__(
        self, catalogs: GlueCatalogs, tokens: Tokens, faults: Faults, page: int, registry: SchemaRegistry
    ) -> None:
        self._registry = registry
        self._places = GluePlaces(catalogs)
        self._writer = GlueWriter(self._places)
        self._tokens = tokens
        self._faults = faults
        self._most = page

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        named = _PLACE | {"DatabaseName"}
        return {
            "GetCatalogs": Operation(self.get_catalogs, _PAGED | {"ParentCatalogId", "Recursive", "IncludeRoot"}),
            "GetDatabases": Operation(self.get_databases, _PLACE | _PAGED | {"ResourceShareType", "AttributesToGet"}),
            "GetDatabase": Operation(self.get_database, _PLACE | {"Name"}),
            "GetTables": Operation(
                self.get_tables, named | _PAGED | {"Expression", "AttributesToGet", "ResourceShareType"}
            ),
            "GetTable": Operation(self.get_table, named | {"Name"}),
            "GetTags": Operation(self.get_tags, frozenset({"ResourceArn"})),
            **self._writer.operations,
            **self._registry.operations,
        }

    def get_catalogs(self, caller: Caller, params: Params) -> Params:
        """``GetCatalogs``: what is mounted below an account's catalog, with the root when asked for."""
        caller.principal.require("glue:GetCatalogs", self._places.arn(caller, caller.account))
        parent = params.get("ParentCatalogId", caller.account)
        self._places.readable(caller, {"CatalogId": parent}, "glue:GetCatalogs")
        below = [catalog for catalog in self._places.at(caller).catalogs() if _is_below(catalog, parent, params)]
        if params.get("IncludeRoot", False):
            below += [catalog for catalog in self._places.at(caller).catalogs() if catalog.catalog_id == parent]
        rows = {catalog.catalog_id: catalog.row for catalog in below}
        return self._page("GetCatalogs", parent, params, "CatalogList", _after(rows))

    def get_databases(self, caller: Caller, params: Params) -> Params:
        """``GetDatabases``: resource links show their target's properties where the caller may read it."""
        caller.principal.require("glue:GetDatabases", self._places.arn(caller, params.get("CatalogId", caller.account)))
        catalog = self._places.readable(caller, params, "glue:GetDatabases")
        with self._places.at(caller).lock:
            rows = [self._database_row(caller, catalog.databases[name]) for name in sorted(catalog.databases)]
        hides = self._faults.hiding(self.name, "GetDatabases")
        visible = [row for row in rows if caller.principal.sees(row["Name"]) and not hides(row["Name"])]
        if params.get("ResourceShareType") in ("FOREIGN", "ALL"):
            visible = self._shared(caller, visible, only=params["ResourceShareType"] == "FOREIGN")
        elif params.get("ResourceShareType") == "FEDERATED":
            visible = [row for row in visible if "FederatedDatabase" in row]
        shown = {f"{row['Name']}\0{row['CatalogId']}": _attributes(row, params) for row in visible}
        return self._page("GetDatabases", catalog.catalog_id, params, "DatabaseList", _after(shown))

    def get_database(self, caller: Caller, params: Params) -> Params:
        """``GetDatabase``."""
        caller.principal.require("glue:GetDatabase", self._places.arn(caller, params.get("CatalogId", caller.account)))
        catalog = self._places.readable(caller, params, "glue:GetDatabase")
        database = self._places.database(caller, catalog, params["Name"])
        if self._vanishes(caller, "GetDatabase", catalog, params["Name"]):
            raise no_database(params["Name"])
        return {"Database": self._database_row(caller, database)}

    def get_tables(self, caller: Caller, params: Params) -> Params:
        """``GetTables``: a database that is a resource link lists the tables of its target."""
        database = self._target_database(caller, params, "glue:GetTables")
        if self._vanishes(
            caller, "GetTables", self._places.readable(caller, params, "glue:GetTables"), params["DatabaseName"]
        ):
            raise no_database(params["DatabaseName"])
        try:
            wanted = re.compile(params.get("Expression") or ".*")
        except re.error as error:
            raise Refusal("InvalidInputException", f"Expression is no regular expression: {error}") from None
        hides = self._faults.hiding(self.name, "GetTables")
        shown_as = database.row["Name"]

        def rows(position: str | None) -> Iterator[tuple[str, Row]]:
            for row in database.tables.after(position):
                seen = caller.principal.sees(shown_as, row["Name"]) and not hides(f"{shown_as}/{row['Name']}")
                if seen and wanted.fullmatch(row["Name"]):
                    yield row["Name"], _attributes(self._table_row(caller, row), params)

        place = f"{database.row['CatalogId']}\0{database.row['Name']}\0{params.get('Expression', '')}"
        with self._places.at(caller).lock:
            return self._page("GetTables", place, params, "TableList", rows)

    def get_table(self, caller: Caller, params: Params) -> Params:
        """``GetTable``."""
        database = self._target_database(caller, params, "glue:GetTable")
        name = params["Name"]
        subject = f"{database.row['Name']}/{name}"
        with self._places.at(caller).lock:
            row = database.tables.get(name)
            if row is not None and self._faults.take(self.name, "GetTable", subject, [FaultKind.VANISH]):
                database.tables.drop(name)
                row = None
        if row is None:
            raise Refusal("EntityNotFoundException", f"Entity Not Found: Table {name} not found.")
        if not caller.principal.sees(database.row["Name"], name):
            raise hidden(name)
        return {"Table": self._table_row(caller, row)}

    def get_tags(self, caller: Caller, params: Params) -> Params:
        """``GetTags``: of a database or table by its ARN."""
        arn = params["ResourceArn"]
        caller.principal.require("glue:GetTags", arn)
        account = arn.split(":")[4]
        catalog = self._places.at(caller).catalog(account)
        if catalog is None or account != caller.account:
            raise access_denied(caller.principal, "glue:GetTags", arn, "resource")
        return {"Tags": dict(catalog.tags.get(arn, {}))}

    def _vanishes(self, caller: Caller, operation: str, catalog: GlueCatalog, name: str) -> bool:
        """Act out that somebody drops a database after it was listed and before this call, if that is planned."""
        vanishes = self._faults.take(self.name, operation, name, [FaultKind.VANISH]) is not None
        if vanishes:
            with self._places.at(caller).lock:
                catalog.databases.pop(name, None)
        return vanishes

    def _may_read(self, caller: Caller, catalog_id: str) -> GlueCatalog | None:
        catalog = self._places.at(caller).catalog(catalog_id)
        readable = catalog is not None and caller.account in {catalog.account, *catalog.shared_with}
        return catalog if readable else None

    def _target_database(self, caller: Caller, params: Params, action: str) -> GlueDatabase:
        caller.principal.require(action, self._places.arn(caller, params.get("CatalogId", caller.account)))
        catalog = self._places.readable(caller, params, action)
        database = self._places.database(caller, catalog, params["DatabaseName"])
        target = database.row.get("TargetDatabase")
        if target is None:
            return database
        there = _where(caller, target)
        shared = self._places.readable(there, {"CatalogId": target["CatalogId"]}, action)
        return self._places.database(there, shared, target["DatabaseName"])

    def _database_row(self, caller: Caller, database: GlueDatabase) -> Row:
        """As AWS documents it: a link is followed for its target's properties where the caller may read the target."""
        target = database.row.get("TargetDatabase")
        catalog = self._may_read(_where(caller, target), target["CatalogId"]) if target else None
        if target is None or catalog is None or target["DatabaseName"] not in catalog.databases:
            return database.row
        return {**catalog.databases[target["DatabaseName"]].row, **database.row}

    def _table_row(self, caller: Caller, row: Row) -> Row:
        target = row.get("TargetTable")
        catalog = self._may_read(_where(caller, target), target["CatalogId"]) if target else None
        if target is None or catalog is None or target["DatabaseName"] not in catalog.databases:
            return row
        behind = catalog.databases[target["DatabaseName"]].tables.get(target["Name"])
        return row if behind is None else {**behind, **row}

    def _shared(self, caller: Caller, own: list[Row], *, only: bool) -> list[Row]:
        foreign = [
            database.row
            for catalog in self._places.at(caller).catalogs()
            if catalog.account != caller.account and caller.account in catalog.shared_with
            for database in catalog.databases.values()
        ]
        return foreign if only else own + foreign

    def _page(
        self,
        operation: str,
        place: str,
        params: Params,
        member: str,
        rows_after: Callable[[str | None], Iterator[tuple[str, Row]]],
    ) -> Params:
        """One page of a listing, and a token when more follows; ``rows_after`` gives rows with their positions."""
        listing = f"{operation}\0{place}"
        token = params.get("NextToken")
        size = min(params.get("MaxResults", PAGE), self._most)
        rows = list(islice(rows_after(self._tokens.position(listing, token)), size + 1))
        page: Params = {member: [row for _, row in rows[:size]]}
        subject = place.replace("\0", "/")
        if token and self._faults.take(self.name, operation, subject, [FaultKind.LOOP_TOKEN]):
            page["NextToken"] = token
        elif len(rows) > size:
            page["NextToken"] = self._tokens.issue(listing, rows[size - 1][0])
        return page


def _where(caller: Caller, target: Row) -> Caller:
    """The caller in the region that a resource link leads to."""
    return replace(caller, region=target.get("Region", caller.region))


def _after(rows: Mapping[str, Row]) -> Callable[[str | None], Iterator[tuple[str, Row]]]:
    """Rows by position, from a position on."""
    return lambda position: ((at, rows[at]) for at in sorted(rows) if position is None or at > position)


def _is_below(catalog: GlueCatalog, parent: str, params: Params) -> bool:
    inside = catalog.catalog_id.removeprefix(parent)
    if inside == catalog.catalog_id or not inside:
        return False
    return bool(params.get("Recursive", False)) or "/" not in inside.lstrip(":/")


def _attributes(row: Row, params: Params) -> Row:
    wanted: list[Any] | None = params.get("AttributesToGet")
    if wanted is None:
        return row
    return {member: row[member] for member in (_NAMES_ONLY[name] for name in wanted) if member in row}
