"""Changes of Glue's Data Catalog: databases and tables are made, replaced and deleted."""

from __future__ import annotations

from collections.abc import Mapping

from ingest_assets.sandbox.aws.glue_places import GluePlaces, hidden, no_database
from ingest_assets.sandbox.aws.identity import access_denied
from ingest_assets.sandbox.aws.operations import Caller, Operation, Params
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.glue import GlueCatalog, GlueDatabase, Row

_PLACE = frozenset({"CatalogId"})
_DATABASE_INPUT = frozenset({"Name", "Description", "LocationUri", "Parameters", "CreateTableDefaultPermissions"})
_LINK_ONLY = frozenset({"StorageDescriptor", "PartitionKeys", "ViewOriginalText", "ViewExpandedText"})
_KEPT = ("CreateTime", "CreatedBy", "IsRegisteredWithLakeFormation")


class GlueWriter:
    """The operations of Glue's API that change the company's own catalog.

    Only the account's own catalog takes changes here: those of other accounts are refused, and what is mounted below
    it is not built. Versions of tables are counted and not kept, so ``SkipArchive`` makes no difference.

    Args:
        places: Finds catalogs and databases.
    """

    def __init__(self, places: GluePlaces) -> None:
        self._places = places

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        table = _PLACE | {"DatabaseName"}
        return {
            "CreateDatabase": Operation(self.create_database, _PLACE | {"DatabaseInput", "Tags"}, _database_subject),
            "UpdateDatabase": Operation(self.update_database, _PLACE | {"Name", "DatabaseInput"}),
            "DeleteDatabase": Operation(self.delete_database, _PLACE | {"Name"}),
            "CreateTable": Operation(self.create_table, table | {"TableInput"}, _table_subject),
            "UpdateTable": Operation(
                self.update_table, table | {"TableInput", "SkipArchive", "VersionId"}, _table_subject
            ),
            "DeleteTable": Operation(self.delete_table, table | {"Name"}),
            "BatchDeleteTable": Operation(self.batch_delete_table, table | {"TablesToDelete"}),
        }

    def create_database(self, caller: Caller, params: Params) -> Params:
        """``CreateDatabase``: names are folded to lower case, as Hive's are."""
        catalog, given = self._writable(caller, params, "CreateDatabase"), _database_input(params)
        name = given["Name"]
        catalogs = self._places.at(caller)
        with catalogs.lock:
            if name in catalog.databases:
                raise Refusal("AlreadyExistsException", "Database already exists.")
            if params.get("Tags"):
                catalog.tags[self._places.arn(caller, caller.account, f"database/{name}")] = dict(params["Tags"])
            catalogs.add_database(**_members(given), CreateTime=catalogs.now())
        return {}

    def update_database(self, caller: Caller, params: Params) -> Params:
        """``UpdateDatabase``: what the input leaves out is gone; its tables stay."""
        catalog, given = self._writable(caller, params, "UpdateDatabase"), _database_input(params)
        name = params["Name"].lower()
        catalogs = self._places.at(caller)
        with catalogs.lock:
            old = self._database(caller, catalog, name)
            if given["Name"] != name:
                raise Refusal("NotImplemented", "The sandbox does not rename databases yet.", 501)
            catalogs.add_database(**_members(given), tables=old.tables, CreateTime=old.row["CreateTime"])
        return {}

    def delete_database(self, caller: Caller, params: Params) -> Params:
        """``DeleteDatabase``: with all its tables."""
        catalog, name = self._writable(caller, params, "DeleteDatabase"), params["Name"].lower()
        catalogs = self._places.at(caller)
        with catalogs.lock:
            if name not in catalog.databases:
                raise no_database(name)
            if not caller.principal.sees(name):
                raise hidden(name, "Drop")
            catalogs.drop_database(name)
        return {}

    def create_table(self, caller: Caller, params: Params) -> Params:
        """``CreateTable``: version 0, made by the caller."""
        catalog, given = self._writable(caller, params, "CreateTable"), _table_input(params)
        catalogs = self._places.at(caller)
        with catalogs.lock:
            database = self._database(caller, catalog, params["DatabaseName"].lower())
            if database.tables.get(given["Name"]) is not None:
                raise Refusal("AlreadyExistsException", "Table already exists.")
            now = catalogs.now()
            made: Row = {"CreateTime": now, "UpdateTime": now, "CreatedBy": caller.principal.arn}
            catalogs.put_table(database.row["Name"], given | made)
        return {}

    def update_table(self, caller: Caller, params: Params) -> Params:
        """``UpdateTable``: replaces the whole definition, as one version more.

        Raises:
            Refusal: ``ConcurrentModificationException``, the version that the caller has seen is not the last.
        """
        catalog, given = self._writable(caller, params, "UpdateTable"), _table_input(params)
        catalogs = self._places.at(caller)
        with catalogs.lock:
            database = self._database(caller, catalog, params["DatabaseName"].lower())
            old = self._table(caller, database, given["Name"], "Alter")
            if params.get("VersionId", old["VersionId"]) != old["VersionId"]:
                message = "Update table failed due to concurrent modifications."
                raise Refusal("ConcurrentModificationException", message)
            kept: Row = {member: old[member] for member in _KEPT if member in old} | {"UpdateTime": catalogs.now()}
            catalogs.put_table(database.row["Name"], given | kept)
        return {}

    def delete_table(self, caller: Caller, params: Params) -> Params:
        """``DeleteTable``."""
        catalog, name = self._writable(caller, params, "DeleteTable"), params["Name"].lower()
        catalogs = self._places.at(caller)
        with catalogs.lock:
            database = self._database(caller, catalog, params["DatabaseName"].lower())
            self._table(caller, database, name, "Drop")
            catalogs.drop_table(database.row["Name"], name)
        return {}

    def batch_delete_table(self, caller: Caller, params: Params) -> Params:
        """``BatchDeleteTable``: those that can't be deleted are told, the others go."""
        catalog = self._writable(caller, params, "BatchDeleteTable")
        catalogs = self._places.at(caller)
        errors: list[Row] = []
        going: list[str] = []
        with catalogs.lock:
            database = self._database(caller, catalog, params["DatabaseName"].lower())
            for name in dict.fromkeys(name.lower() for name in params["TablesToDelete"]):
                refusal = self._undeletable(caller, database, name)
                if refusal is None:
                    going.append(name)
                else:
                    detail = {"ErrorCode": refusal.error, "ErrorMessage": refusal.message}
                    errors.append({"TableName": name, "ErrorDetail": detail})
            catalogs.drop_tables(database.row["Name"], going)
        return {"Errors": errors} if errors else {}

    def _writable(self, caller: Caller, params: Params, operation: str) -> GlueCatalog:
        """The account's own catalog.

        Raises:
            Refusal: Not allowed, or another catalog is meant.
        """
        catalog_id = params.get("CatalogId", caller.account)
        action, arn = f"glue:{operation}", self._places.arn(caller, catalog_id)
        caller.principal.require(action, arn)
        catalog = self._places.readable(caller, params, action)
        if catalog.account != caller.account:
            raise access_denied(caller.principal, action, arn, "resource")
        if catalog_id != caller.account:
            raise Refusal("NotImplemented", "The sandbox changes no mounted catalogs yet.", 501)
        return catalog

    def _database(self, caller: Caller, catalog: GlueCatalog, name: str) -> GlueDatabase:
        database = self._places.database(caller, catalog, name)
        if "TargetDatabase" in database.row:
            raise Refusal("NotImplemented", "The sandbox changes nothing through resource links yet.", 501)
        return database

    def _table(self, caller: Caller, database: GlueDatabase, name: str, permission: str) -> Row:
        row = database.tables.get(name)
        if row is None:
            raise Refusal("EntityNotFoundException", f"Table {name} not found.")
        if not caller.principal.sees(database.row["Name"], name):
            raise hidden(name, permission)
        return row

    def _undeletable(self, caller: Caller, database: GlueDatabase, name: str) -> Refusal | None:
        try:
            self._table(caller, database, name, "Drop")
        except Refusal as refusal:
            return refusal
        return None


def _database_input(params: Params) -> Row:
    given: Row = params["DatabaseInput"]
    unhonoured = sorted(given.keys() - _DATABASE_INPUT)
    if unhonoured:
        raise Refusal("NotImplemented", f"The sandbox does not honour {unhonoured} of databases yet.", 501)
    return {**given, "Name": given["Name"].lower()}


def _table_input(params: Params) -> Row:
    if "TableInput" not in params:
        raise Refusal("InvalidInputException", "TableInput must be given.")
    given: Row = params["TableInput"]
    mixed = sorted(given.keys() & _LINK_ONLY) if "TargetTable" in given else []
    if mixed:
        raise Refusal("InvalidInputException", f"A resource link (TargetTable) can't have {mixed}.")
    return {**given, "Name": given["Name"].lower()}


def _members(given: Row) -> Row:
    return {"name" if member == "Name" else member: value for member, value in given.items()}


def _database_subject(params: Params) -> str:
    return str(params["DatabaseInput"]["Name"])


def _table_subject(params: Params) -> str:
    name = params.get("TableInput", {}).get("Name", "")
    return f"{params['DatabaseName']}/{name}"
