"""Norrpost's Hive metastore as Atlas's hook tells it: the databases, tables and columns that Glue lists as well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingest_assets.sandbox.company.atlas import CLUSTER, OPENED, AtlasState
from ingest_assets.sandbox.company.glue import GlueCatalogs, Row

PEOPLE = {
    "shop": "lena.berg",
    "web": "mei.tanaka",
    "finance": "omar.haddad",
    "operations": "piotr.nowak",
    "data-science": "mei.tanaka",
    "lena.berg": "lena.berg",
}
"""Who owns what a team owns; Hive knows people, and jobs such as ``etl``."""

_KINDS = ("EXTERNAL_TABLE", "MANAGED_TABLE", "VIRTUAL_VIEW")
_USUAL: Row = {
    "createTime": OPENED,
    "lastAccessTime": OPENED,
    "tableType": "MANAGED_TABLE",
    "retention": 0,
    "parameters": {"transient_lastDdlTime": str(OPENED // 1_000)},
}


class Hive:
    """The metastore, being told to Atlas.

    Args:
        atlas: The company's.

    Attributes:
        databases: Guids by name.
        tables: Guids by ``database.table`` as Glue writes it.
        columns: Guids by ``database.table.column``.
    """

    def __init__(self, atlas: AtlasState) -> None:
        self._atlas = atlas
        self.databases: dict[str, str] = {}
        self.tables: dict[str, str] = {}
        self.columns: dict[str, str] = {}

    def add_database(self, name: str, **attributes: Any) -> str:
        """Add a database; its guid."""
        row = {"qualifiedName": f"{name}@{CLUSTER}", "name": name, "clusterName": CLUSTER, "parameters": {}}
        self.databases[name] = self._atlas.add("hive_db", row | {"ownerType": "USER"} | attributes)
        return self.databases[name]

    def add_table(
        self,
        database: str,
        name: str,
        columns: Iterable[Row],
        partition_keys: Iterable[Row] = (),
        *,
        session: str = "",
        storage: Row | None = None,
        **attributes: Any,
    ) -> str:
        """Add a table with its columns and where it is stored; its guid.

        Args:
            database: One that was added.
            name: The table's.
            columns: As Glue has them.
            partition_keys: As Glue has them; their positions begin at 0 again, as the hook numbers them.
            session: Of a temporary table: the hook writes it into the qualified name.
            storage: Attributes of its storage description.
            attributes: The table's.
        """
        path = f"{database}.{name}" + (f"_temp-{session}" if session else "")
        row = {
            "qualifiedName": f"{path}@{CLUSTER}",
            "name": name,
            "temporary": bool(session),
            **_USUAL,
            **attributes,
        }
        table = self._atlas.add("hive_table", row)
        self._atlas.relate("hive_table_db", table, self.databases[database])
        self._store(table, path, storage or {})
        owner = row.get("owner")
        self.add_columns(table, path, columns, "hive_table_columns", owner)
        self.add_columns(table, path, partition_keys, "hive_table_partitionkeys", owner)
        self.tables[f"{database}.{name}"] = table
        return table

    def add_columns(self, table: str, path: str, columns: Iterable[Row], relation: str, owner: Any) -> None:
        """Add columns to a table, by the relationship that they belong to it with."""
        for position, column in enumerate(columns):
            name = column["Name"]
            row = {
                "qualifiedName": f"{path}.{name}@{CLUSTER}",
                "name": name,
                "type": column.get("Type", "string"),
                "position": position,
                "comment": column.get("Comment"),
                "owner": owner,
            }
            guid = self._atlas.add("hive_column", row)
            self._atlas.relate(relation, table, guid)
            self.columns[f"{path}.{name}"] = guid

    def _store(self, table: str, path: str, storage: Row) -> None:
        row = {
            "qualifiedName": f"{path}@{CLUSTER}_storage",
            "compressed": False,
            "storedAsSubDirectories": False,
            "numBuckets": -1,
            "bucketCols": [],
            "sortCols": [],
            "parameters": {},
            **storage,
        }
        self._atlas.relate("hive_table_storagedesc", table, self._atlas.add("hive_storagedesc", row))


def fill(atlas: AtlasState, glue: GlueCatalogs) -> Hive:
    """Tell what was written down of the company's own catalog."""
    hive = Hive(atlas)
    catalog = glue.catalog()
    for name, database in catalog.databases.items() if catalog else ():
        if "TargetDatabase" not in database.row and not name.startswith("mart_"):
            _add_database(hive, database.row)
            for row in database.tables.after(None):
                if row.get("TableType") in _KINDS:
                    _add_table(hive, name, row)
    return hive


def _add_database(hive: Hive, row: Row) -> None:
    team = row.get("Parameters", {}).get("team")
    hive.add_database(
        row["Name"],
        description=row.get("Description"),
        owner=PEOPLE.get(team, "hive"),
        location=row.get("LocationUri"),
        parameters=row.get("Parameters", {}),
    )


def _add_table(hive: Hive, database: str, row: Row) -> None:
    description = row.get("StorageDescriptor", {})
    serde = description.get("SerdeInfo", {})
    storage = {
        "location": description.get("Location") or None,
        "inputFormat": description.get("InputFormat"),
        "outputFormat": description.get("OutputFormat"),
        "serdeInfo": _struct(
            "hive_serde",
            name=None,
            serializationLib=serde.get("SerializationLibrary"),
            parameters=serde.get("Parameters", {}),
        ),
    }
    parameters = row.get("Parameters", {})
    hive.add_table(
        database,
        row["Name"],
        description.get("Columns", ()),
        row.get("PartitionKeys", ()),
        storage=storage,
        tableType=row["TableType"],
        description=row.get("Description"),
        comment=parameters.get("comment"),
        owner=PEOPLE.get(row.get("Owner", ""), row.get("Owner", "etl")),
        parameters=parameters,
        viewOriginalText=row.get("ViewOriginalText"),
        viewExpandedText=row.get("ViewExpandedText"),
    )


def _struct(type_name: str, **attributes: Any) -> Row:
    return {"typeName": type_name, "attributes": attributes}
