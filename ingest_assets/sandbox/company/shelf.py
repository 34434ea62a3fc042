"""Words to describe a database's tables with, so that the data reads like data."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from ingest_assets.sandbox.company.formats import (
    DELTA_PLACEHOLDER,
    HUDI,
    PARQUET,
    SYMLINK,
    FileFormat,
)
from ingest_assets.sandbox.company.glue import GlueCatalogs, Row

LAKE = "s3://norrpost-lake"

_LINE = re.compile(r"(~?)\s*(`[^`]+`|\S+)\s*(.*?)\s*(?:--\s*(.*))?")
_PRESTO_TYPES = {"string": "varchar", "int": "integer", "float": "real", "binary": "varbinary"}


def columns(text: str) -> list[Row]:
    """Columns, one a line: ``name type -- comment``; names in backticks may hold anything, ``~`` marks a dropped one.

    A line without a type makes a column without ``Type``, which Glue's API allows.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        dropped, name, type_, comment = match.groups() if match else ("", line, "", None)
        column: Row = {"Name": name.strip("`")}
        if type_:
            column["Type"] = type_
        if comment:
            column["Comment"] = comment
        if dropped:
            column["Parameters"] = {"iceberg.field.current": "false"}
        found.append(column)
    return found


def _presto_type(hive: str) -> str:
    """Presto's word for a Hive type; structs may hold plain types only."""
    if not hive.startswith("struct<"):
        return _PRESTO_TYPES.get(hive, hive)
    fields = (field.rpartition(":") for field in hive[len("struct<") : -1].split(","))
    return "row(" + ", ".join(f'"{name}" {_presto_type(type_)}' for name, _, type_ in fields) + ")"


class Shelf:
    """One database of the lake, being filled.

    Args:
        glue: The catalogs.
        database: Name of a database that exists.
        location: Where its tables lie; ``LAKE`` and the database's name when None.
        catalog_id: The catalog that holds it; the company's own when None.
    """

    def __init__(
        self, glue: GlueCatalogs, database: str, *, location: str | None = None, catalog_id: str | None = None
    ) -> None:
        self._glue = glue
        self._database = database
        self._catalog_id = catalog_id
        self._location = location or f"{LAKE}/{database}"

    def put(self, row: Row) -> None:
        """Add a table as a row of ``GetTables``."""
        self._glue.put_table(self._database, row, catalog_id=self._catalog_id)

    def table(
        self,
        name: str,
        text: str,
        *,
        partitions: str = "",
        form: FileFormat = PARQUET,
        parameters: dict[str, str] | None = None,
        location: str | None = None,
        **members: Any,
    ) -> None:
        """Add an external table over files.

        Args:
            name: Table name.
            text: Its columns; see ``columns``.
            partitions: Its partition keys in the same form.
            form: File format.
            parameters: More table parameters.
            location: Where it lies; below the database's location when None.
            members: Other members of the row, e.g. ``Description``.
        """
        self.put(
            {
                "Name": name,
                "Retention": 0,
                "StorageDescriptor": {
                    "Columns": columns(text),
                    "Location": location or f"{self._location}/{name}/",
                    "InputFormat": form.input_format,
                    "OutputFormat": form.output_format,
                    "Compressed": False,
                    "NumberOfBuckets": -1,
                    "SerdeInfo": {"SerializationLibrary": form.serde, "Parameters": dict(form.serde_parameters)},
                    "BucketColumns": [],
                    "SortColumns": [],
                    "StoredAsSubDirectories": False,
                },
                "PartitionKeys": columns(partitions),
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"EXTERNAL": "TRUE", "classification": form.classification, **(parameters or {})},
                **members,
            }
        )

    def iceberg(self, name: str, text: str, *, word: str = "ICEBERG", **members: Any) -> None:
        """Add an Iceberg table; ``word`` is how its writer spells ``table_type`` (Athena upper case, others lower)."""
        location = f"{self._location}/{name}"
        listed = columns(text)
        for number, column in enumerate(listed, 1):
            facts = {"iceberg.field.id": str(number), "iceberg.field.optional": "true"}
            column["Parameters"] = {"iceberg.field.current": "true", **facts, **column.get("Parameters", {})}
        self.put(
            {
                "Name": name,
                "Retention": 0,
                "StorageDescriptor": {
                    "Columns": listed,
                    "Location": location,
                    "Compressed": False,
                    "NumberOfBuckets": 0,
                    "SortColumns": [],
                    "StoredAsSubDirectories": False,
                },
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {
                    "table_type": word,
                    "metadata_location": f"{location}/metadata/00042-5f0c7d1e.metadata.json",
                    "previous_metadata_location": f"{location}/metadata/00041-90aa13b7.metadata.json",
                },
                **members,
            }
        )

    def spark_delta(self, name: str, fields: dict[str, str], **members: Any) -> None:
        """Add a Delta table as Spark registers it: a placeholder column, the true schema in the parameters.

        Args:
            name: Table name.
            fields: Spark types by column.
            members: Other members of the row.
        """
        schema = {
            "type": "struct",
            "fields": [
                {"name": field, "type": type_, "nullable": True, "metadata": {}} for field, type_ in fields.items()
            ],
        }
        text = json.dumps(schema)
        half = len(text) // 2  # Spark splits long schemas in parts; two show that the parts must be joined
        parameters = {
            "spark.sql.sources.provider": "delta",
            "spark.sql.create.version": "3.5.1",
            "spark.sql.sources.schema.numParts": "2",
            "spark.sql.sources.schema.part.0": text[:half],
            "spark.sql.sources.schema.part.1": text[half:],
            "spark.sql.partitionProvider": "catalog",
        }
        placeholder = "col array<string> -- from deserializer"
        where = f"{self._location}/{name}-__PLACEHOLDER__"
        self.table(name, placeholder, form=DELTA_PLACEHOLDER, parameters=parameters, location=where, **members)
        row = self._glue.table(self._database, name, catalog_id=self._catalog_id)
        row["StorageDescriptor"]["SerdeInfo"]["Parameters"]["path"] = f"{self._location}/{name}"

    def crawled_delta(self, name: str, text: str, **members: Any) -> None:
        """Add a Delta table as Glue's crawler registers it: true columns over a symlink manifest."""
        parameters = {"table_type": "DELTA", "spark.sql.sources.provider": "delta", "classification": "delta"}
        where = f"{self._location}/{name}/_symlink_format_manifest/"
        self.table(name, text, form=SYMLINK, parameters=parameters, location=where, **members)

    def hudi(self, name: str, text: str, *, partitions: str = "", **members: Any) -> None:
        """Add a Hudi table with the columns that Hudi itself adds."""
        own = """
            _hoodie_commit_time     string
            _hoodie_commit_seqno    string
            _hoodie_record_key      string
            _hoodie_partition_path  string
            _hoodie_file_name       string
        """
        parameters = {"spark.sql.sources.provider": "hudi", "last_commit_time_sync": "20261119221503412"}
        self.table(name, own + text, partitions=partitions, form=HUDI, parameters=parameters, **members)

    def presto_view(self, name: str, text: str, sql: str, *, broken: bool = False, **members: Any) -> None:
        """Add a view as Athena makes it: the SQL within base64 JSON, comments nowhere but in the column list.

        Args:
            name: View name.
            text: Its columns.
            sql: The query.
            broken: Cut the encoded text, as tools do that copy views with a length limit.
            members: Other members of the row.
        """
        listed = columns(text)
        view = {
            "originalSql": sql,
            "catalog": "awsdatacatalog",
            "schema": self._database,
            "columns": [{"name": c["Name"], "type": _presto_type(c["Type"])} for c in listed],
        }
        encoded = base64.b64encode(json.dumps(view).encode()).decode()
        self._view(
            name,
            listed,
            f"/* Presto View: {encoded[: len(encoded) // 3] if broken else encoded} */",
            "/* Presto View */",
            {"presto_view": "true", "comment": "Presto View"},
            members,
        )

    def spark_view(self, name: str, text: str, sql: str, **members: Any) -> None:
        """Add a view as Spark makes it: plain SQL, unqualified names belong to the namespace in the parameters."""
        listed = columns(text)
        parameters = {
            "spark.sql.create.version": "3.5.1",
            "view.catalogAndNamespace.numParts": "2",
            "view.catalogAndNamespace.part.0": "spark_catalog",
            "view.catalogAndNamespace.part.1": self._database,
            "view.query.out.numCols": str(len(listed)),
        }
        parameters |= {f"view.query.out.col.{at}": column["Name"] for at, column in enumerate(listed)}
        self._view(name, listed, sql, sql, parameters, members)

    def hive_view(self, name: str, text: str, sql: str, expanded: str, **members: Any) -> None:
        """Add a view as Hive makes it: the SQL as typed, and once more with every name qualified."""
        self._view(name, columns(text), sql, expanded, {"transient_lastDdlTime": "1731916800"}, members)

    def _view(
        self,
        name: str,
        listed: list[Row],
        original: str,
        expanded: str,
        parameters: dict[str, str],
        members: dict[str, Any],
    ) -> None:
        self.put(
            {
                "Name": name,
                "Retention": 0,
                "StorageDescriptor": {
                    "Columns": listed,
                    "Location": "",
                    "Compressed": False,
                    "NumberOfBuckets": 0,
                    "SerdeInfo": {},
                    "SortColumns": [],
                    "StoredAsSubDirectories": False,
                },
                "PartitionKeys": [],
                "ViewOriginalText": original,
                "ViewExpandedText": expanded,
                "TableType": "VIRTUAL_VIEW",
                "Parameters": parameters,
                **members,
            }
        )
