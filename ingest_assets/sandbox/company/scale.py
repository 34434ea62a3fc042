"""Lakes of any size: databases whose tables are made while they are listed, so that 100,000 cost no memory.

And streams and dashboards, of which accounts have some hundreds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_visuals import category, sheet, visual
from ingest_assets.sandbox.company.formats import PARQUET
from ingest_assets.sandbox.company.glue import FOUNDED, GlueCatalogs, ListedTables, Row, complete_table
from ingest_assets.sandbox.company.shelf import LAKE
from ingest_assets.sandbox.company.streams import Streams

TABLES_PER_DATABASE = 1000
COLUMNS_PER_TABLE = 20
_VIEW_ONE_IN = 50
_ICEBERG_ONE_IN = 5

_REGIONS = ("nordic", "baltic", "dach", "benelux", "iberia", "british_isles", "adria", "balkan", "alpine", "levant")
_SUBJECTS = ("parcel", "order", "invoice", "customer", "courier", "hub", "vehicle", "locker", "claim", "label", "route")
_EVENTS = ("scans", "returns", "payments", "delays", "contacts", "handovers", "checks", "transfers", "quotes")
_GRAINS = ("hourly", "daily", "weekly", "monthly", "latest", "history")
_TYPES = (
    "bigint",
    "string",
    "timestamp",
    "decimal(12,2)",
    "int",
    "date",
    "double",
    "boolean",
    "varchar(64)",
    "array<string>",
    "map<string,string>",
    "struct<code:string,reason:string,at:timestamp>",
)
_FIELDS = ("id", "name", "created_at", "amount", "status", "day", "weight", "is_open", "code", "tags", "notes", "state")
_SHARED = {
    "customers": ("customer_id", "email", "country"),
    "orders": ("order_id", "customer_id", "status", "currency"),
    "products": ("product_id", "sku", "category"),
}
_SETS_PER_DASHBOARD = 3
_NUMBER = re.compile(r".*_(\d{6})")


class GeneratedTables:
    """The tables of one generated database: made on demand, always the same, and changeable like any other.

    Args:
        database: Row of the database.
        first: Number of the first table in the whole lake.
        count: How many tables.
    """

    def __init__(self, database: Row, first: int, count: int) -> None:
        self._database = database
        self._numbers = range(first, first + count)
        self._changed: dict[int, Row | None] = {}
        self._added = ListedTables()

    def after(self, name: str | None) -> Iterator[Row]:
        """See ``Tables``: in the order of their numbers, then those that were added, by name."""
        number = None if name is None else self._number_of(name)
        if name is None or number is not None:
            start = self._numbers.start if number is None else number + 1
            for at in range(start, self._numbers.stop):
                row = self._row(at)
                if row is not None:
                    yield row
            name = None
        yield from self._added.after(name)

    def get(self, name: str) -> Row | None:
        """See ``Tables``."""
        number = self._number_of(name)
        return self._added.get(name) if number is None else self._row(number)

    def put(self, row: Row) -> None:
        """See ``Tables``."""
        number = self._number_of(row["Name"])
        if number is None:
            self._added.put(row)
        else:
            self._changed[number] = row

    def drop(self, name: str) -> None:
        """See ``Tables``."""
        number = self._number_of(name)
        if number is None:
            self._added.drop(name)
        else:
            self._changed[number] = None

    def _number_of(self, name: str) -> int | None:
        match = _NUMBER.fullmatch(name)
        number = int(match[1]) if match else -1
        return number if number in self._numbers and table_name(number) == name else None

    def _row(self, number: int) -> Row | None:
        if number in self._changed:
            return self._changed[number]
        if number % _VIEW_ONE_IN == _VIEW_ONE_IN - 1 and number - 2 in self._numbers:
            row = _view(self._database["Name"], number)
        else:
            row = _table(self._database["Name"], number)
        return complete_table(row, self._database, version=number % 4)


def table_name(number: int) -> str:
    """The name of a generated table."""
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    event = _EVENTS[number // 3 % len(_EVENTS)]
    return f"{subject}_{event}_{_GRAINS[number // 7 % len(_GRAINS)]}_{number:06d}"


def fill(glue: GlueCatalogs, tables: int) -> None:
    """Add generated databases.

    Args:
        glue: The catalogs.
        tables: How many tables in all, about 1,000 a database.
    """
    for index, first in enumerate(range(0, tables, TABLES_PER_DATABASE)):
        count = min(TABLES_PER_DATABASE, tables - first)
        name = f"mart_{_REGIONS[index % len(_REGIONS)]}_{index // len(_REGIONS) + 1:02d}"
        database = glue.add_database(name, Description=f"Data mart of the {name.split('_')[1]} region")
        database.tables = GeneratedTables(database.row, first, count)


def fill_streams(streams: Streams, count: int) -> None:
    """Add generated streams, one record each.

    Args:
        streams: The company's streams.
        count: How many.
    """
    for number in range(count):
        name = f"{_SUBJECTS[number % len(_SUBJECTS)]}-{_EVENTS[number // 3 % len(_EVENTS)]}-{number:04d}"
        streams.add(name, shards=number % 4 + 1, tags={"team": _SUBJECTS[number % len(_SUBJECTS)]})
        streams.put(name, f'{{"number": {number}}}'.encode())


def fill_boards(boards: Boards, dashboards: int, data_sets: int = 3, data_sources: int = 12) -> None:
    """Add generated dashboards over data sets that they share, which read tables of the database ``sales``.

    Args:
        boards: QuickSight.
        dashboards: How many; nothing at all is added for none.
        data_sets: How many data sets they share, each dashboard three of them at most: ``shared-1`` and so on.
        data_sources: How many data sources, of which each data set reads one: ``team-1``, whose name ``team-10`` begins
            with, and so on.
    """
    if not dashboards:
        return
    for number in range(1, data_sources + 1):
        boards.add_data_source(f"team-{number}", "ATHENA", {"AthenaParameters": {"WorkGroup": f"team-{number}"}})
    for number in range(1, data_sets + 1):
        _add_shared(boards, number, f"team-{(number - 1) % data_sources + 1}")
    for number in range(dashboards):
        used = sorted({(number + at) % data_sets + 1 for at in range(_SETS_PER_DASHBOARD)})
        subject = _SUBJECTS[number % len(_SUBJECTS)]
        boards.add_dashboard(
            f"{subject}-{number:05d}",
            {f"set {at}": f"shared-{at}" for at in used},
            [sheet("s1", "Sheet 1", *map(_chart, used))],
            name=f"{subject.capitalize()} {number}",
        )


def _add_shared(boards: Boards, number: int, source: str) -> None:
    table, names = _shared(number)
    columns = [{"Name": name, "Type": "STRING"} for name in names]
    arn, place = boards.arn("datasource", source), {"Catalog": "AwsDataCatalog", "Schema": "sales", "Name": table}
    physical = {"DataSourceArn": arn, **place, "InputColumns": columns}
    boards.add_data_set(f"shared-{number}", {table: {"RelationalTable": physical}}, columns=columns)


def _chart(number: int) -> Row:
    column = _shared(number)[1][-1]
    return visual("BarChartVisual", f"v{number}", f"Chart {number}", Category=[category(f"set {number}", column)])


def _shared(number: int) -> tuple[str, tuple[str, ...]]:
    """Table and columns of a shared data set."""
    return list(_SHARED.items())[number % len(_SHARED)]


def _columns(number: int) -> list[Row]:
    return [
        {
            "Name": f"{_FIELDS[(number + at) % len(_FIELDS)]}_{at:02d}",
            "Type": _TYPES[(number * 5 + at * 7) % len(_TYPES)],
            "Comment": f"{_FIELDS[(number + at) % len(_FIELDS)]} as the source system keeps it",
        }
        for at in range(COLUMNS_PER_TABLE)
    ]


def _table(database: str, number: int) -> Row:
    name = table_name(number)
    parameters = {"EXTERNAL": "TRUE", "classification": "parquet", "recordCount": str(number * 7919 % 1_000_003)}
    if number % _ICEBERG_ONE_IN == 0:
        metadata = f"{LAKE}/{database}/{name}/metadata/00001.metadata.json"
        parameters = {"table_type": "ICEBERG", "metadata_location": metadata}
    row: Row = {
        "Name": name,
        "Description": f"{name.rpartition('_')[0].replace('_', ' ').capitalize()}",
        "Owner": _SUBJECTS[number % len(_SUBJECTS)],
        "UpdateTime": FOUNDED + timedelta(minutes=number),
        "Retention": 0,
        "StorageDescriptor": {
            "Columns": _columns(number),
            "Location": f"{LAKE}/{database}/{name}/",
            "InputFormat": PARQUET.input_format,
            "OutputFormat": PARQUET.output_format,
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"SerializationLibrary": PARQUET.serde, "Parameters": PARQUET.serde_parameters},
            "StoredAsSubDirectories": False,
        },
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
    }
    if number % _ICEBERG_ONE_IN:
        row["PartitionKeys"] = [{"Name": "dt", "Type": "date", "Comment": "Day of arrival"}]
    return row


def _view(database: str, number: int) -> Row:
    """A view over the two tables before it, so that scale has lineage, too."""
    left, right = _columns(number - 2), _columns(number - 1)
    listed = [{**column, "Name": f"l_{column['Name']}"} for column in left[:10]]
    listed += [{**column, "Name": f"r_{column['Name']}"} for column in right[:10]]
    selected = [f"l.{column['Name']} AS l_{column['Name']}" for column in left[:10]]
    selected += [f"r.{column['Name']} AS r_{column['Name']}" for column in right[:10]]
    sources = f"{database}.{table_name(number - 2)} l JOIN {database}.{table_name(number - 1)} r"
    sql = f"SELECT {', '.join(selected)} FROM {sources} ON l.{left[0]['Name']} = r.{right[0]['Name']}"  # noqa: S608  # to be read, never run
    return {
        "Name": table_name(number),
        "UpdateTime": FOUNDED + timedelta(minutes=number),
        "StorageDescriptor": {"Columns": listed, "Location": "", "SerdeInfo": {}},
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": sql,
        "ViewExpandedText": sql,
        "Parameters": {"spark.sql.create.version": "3.5.1", "view.catalogAndNamespace.numParts": "0"},
    }
