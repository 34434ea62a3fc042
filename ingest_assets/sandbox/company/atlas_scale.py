"""Metastores of any size: tables and columns that are made when they are asked for, so that 200,000 cost no memory.

They are the generated tables of the lake, by the same names: what Glue lists, Atlas can enrich.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, overload

from ingest_assets.sandbox.company.atlas import CLUSTER, OPENED, AtlasEntity, AtlasState, Relationship
from ingest_assets.sandbox.company.atlas_hive import PEOPLE
from ingest_assets.sandbox.company.glue import GlueCatalogs, Row, Tables
from ingest_assets.sandbox.company.scale import COLUMNS_PER_TABLE, TABLES_PER_DATABASE, GeneratedTables, table_name

_BEGIN, _MIDDLE = "a71a5000-", "-4000-8000-"
_NUMBER = re.compile(r".*_(\d{6})")
_KEYS = 100  # parts from here on are partition keys
_MARKS = {"hive_db": 1, "hive_table": 2, "hive_column": 3, "hive_storagedesc": 4, "hive_process": 5}
_TYPES = {mark: name for name, mark in _MARKS.items()}
_RELATION = 0x80
_VIEW_READS = 2
_ROWS = 4096
_RELATIONS = 16_384
_KINDS = frozenset(
    {
        "hive_table_db",
        "hive_table_columns",
        "hive_table_partitionkeys",
        "hive_table_storagedesc",
        "dataset_process_inputs",
        "process_dataset_outputs",
    }
)


class Place(NamedTuple):
    """What a guid stands for: a type, a table's number, and a column's place in it."""

    type_name: str
    number: int
    part: int = 0

    @property
    def guid(self) -> str:
        """As text."""
        return _text(_MARKS[self.type_name], self.number, self.part)


class Guids(Sequence[str]):
    """The guids of one type, made when they are asked for."""

    def __init__(self, type_name: str, numbers: Sequence[int], parts: Sequence[int] = (0,)) -> None:
        self._mark = _MARKS[type_name]
        self._numbers = numbers
        self._parts = parts

    def __len__(self) -> int:
        """How many."""
        return len(self._numbers) * len(self._parts)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        """One, or several."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        number, part = divmod(at, len(self._parts))
        return _text(self._mark, self._numbers[number], self._parts[part])

    def __iter__(self) -> Iterator[str]:
        """All."""
        return (_text(self._mark, number, part) for number in self._numbers for part in self._parts)


class GeneratedHive:
    """The generated databases and their tables, as Atlas's hook would tell them.

    Args:
        databases: Names, and which tables each holds, in the order of the tables' numbers.
        tables: How many in all.
        columns: Of each table; views have none of the partition keys.
    """

    def __init__(self, databases: Sequence[tuple[str, Tables]], tables: int, columns: int) -> None:
        self._databases = databases
        self._numbers = range(tables)
        self._columns = columns
        self._by_name = {name: index for index, (name, _) in enumerate(databases)}
        # One answer asks several times for the same, and the next for its neighbours.
        self._row = lru_cache(maxsize=_ROWS)(self._make_row)
        self._entity = lru_cache(maxsize=_ROWS)(self._make_entity)
        self._all_relations = lru_cache(maxsize=_RELATIONS)(self._find_relations)

    @cached_property
    def _views(self) -> list[int]:
        return [number for number in self._numbers if self._is_view(number)]

    @cached_property
    def _keyed(self) -> list[int]:
        return [number for number in self._numbers if self._row(number).get("PartitionKeys")]

    def find(self, guid: str) -> AtlasEntity | None:
        """See ``Shelf``."""
        place = self._place(guid)
        return None if place is None else self._entity(place)

    def named(self, type_name: str, qualified_name: str) -> AtlasEntity | None:
        """See ``Shelf``."""
        for place in self._guess(type_name, qualified_name):
            entity = self._entity(place)
            if entity.attributes["qualifiedName"] == qualified_name:
                return entity
        return None

    def guids(self, type_name: str) -> Sequence[str]:
        """See ``Shelf``; columns first, then partition keys."""
        if type_name == "hive_db":
            return Guids(type_name, range(len(self._databases)))
        if type_name == "hive_process":
            return Guids(type_name, self._views)
        if type_name == "hive_column":
            own = Guids(type_name, self._numbers, range(self._columns))
            return [*own, *Guids(type_name, self._keyed, (_KEYS,))]
        return Guids(type_name, self._numbers) if type_name in _MARKS else ()

    def relations(self, guid: str, kinds: Collection[str] | None = None) -> list[Relationship]:
        """See ``Shelf``."""
        if not guid.startswith(_BEGIN) or (kinds is not None and _KINDS.isdisjoint(kinds)):
            return []
        found = self._all_relations(guid)
        return list(found) if kinds is None else [one for one in found if one.type_name in kinds]

    def _find_relations(self, guid: str) -> tuple[Relationship, ...]:
        place = self._place(guid)
        if place is None:
            return ()
        number = place.number
        if place.type_name == "hive_db":
            first = number * TABLES_PER_DATABASE
            last = min(first + TABLES_PER_DATABASE, len(self._numbers))
            return tuple(self._in_database(table) for table in range(first, last))
        if place.type_name in ("hive_column", "hive_storagedesc"):
            return (self._of_table(place),)
        if place.type_name == "hive_process":
            return tuple(self._flow(number))
        return (*self._of_a_table(number), *self._flows_of(number))

    def _of_a_table(self, number: int) -> Iterator[Relationship]:
        yield self._in_database(number)
        yield self._of_table(Place("hive_storagedesc", number))
        for part in range(self._columns):
            yield self._of_table(Place("hive_column", number, part))
        for part in range(len(self._row(number).get("PartitionKeys", ()))):
            yield self._of_table(Place("hive_column", number, _KEYS + part))

    def _flows_of(self, number: int) -> Iterator[Relationship]:
        guid = Place("hive_table", number).guid
        for view in range(number, number + _VIEW_READS + 1):
            if view in self._numbers and self._is_view(view):
                yield from (one for one in self._flow(view) if guid in one.ends)

    def _flow(self, view: int) -> list[Relationship]:
        process = Place("hive_process", view).guid
        read = [Place("hive_table", view - at).guid for at in range(_VIEW_READS, 0, -1)]
        flow = [
            Relationship(_text(_RELATION + 8 + at, view, 0), "dataset_process_inputs", (process, guid))
            for at, guid in enumerate(read)
        ]
        written = Place("hive_table", view).guid
        return [*flow, Relationship(_text(_RELATION + 7, view, 0), "process_dataset_outputs", (process, written))]

    def _in_database(self, number: int) -> Relationship:
        table, database = Place("hive_table", number), Place("hive_db", number // TABLES_PER_DATABASE)
        return Relationship(_text(_RELATION + 2, number, 0), "hive_table_db", (table.guid, database.guid))

    def _of_table(self, place: Place) -> Relationship:
        table = Place("hive_table", place.number).guid
        kind = "hive_table_storagedesc"
        if place.type_name == "hive_column":
            kind = "hive_table_columns" if place.part < _KEYS else "hive_table_partitionkeys"
        mark = _RELATION + _MARKS[place.type_name]
        return Relationship(_text(mark, place.number, place.part), kind, (table, place.guid))

    # names and attributes

    def _place(self, guid: str) -> Place | None:
        if not guid.startswith(_BEGIN) or len(guid) != len(_text(0, 0, 0)):
            return None
        try:
            numbers = [int(part, 16) for part in (guid[9:13], guid[24:26], guid[26:])]
        except ValueError:
            return None
        part, mark, number = numbers
        place = Place(_TYPES.get(mark, ""), number, part)
        return place if _text(mark, number, part) == guid and self._is_there(place) else None

    def _is_there(self, place: Place) -> bool:
        if place.type_name == "hive_db":
            return place.number < len(self._databases)
        if place.number not in self._numbers or not place.type_name:
            return False
        if place.type_name == "hive_process":
            return self._is_view(place.number)
        keys = len(self._row(place.number).get("PartitionKeys", ()))
        return place.part < self._columns or _KEYS <= place.part < _KEYS + keys

    def _guess(self, type_name: str, qualified_name: str) -> Iterator[Place]:
        parts = qualified_name.partition("@")[0].split(".")
        if type_name == "hive_db" and parts[0] in self._by_name:
            yield Place("hive_db", self._by_name[parts[0]])
        found = _NUMBER.fullmatch(parts[1]) if len(parts) > 1 else None
        if found is None or type_name not in _MARKS or int(found[1]) not in self._numbers:
            return
        number = int(found[1])
        if type_name == "hive_process" and not self._is_view(number):
            return
        if type_name != "hive_column":
            yield Place(type_name, number)
            return
        yield from (Place(type_name, number, part) for part in range(self._columns))
        keys = len(self._row(number).get("PartitionKeys", ()))
        yield from (Place(type_name, number, _KEYS + part) for part in range(keys))

    def _make_entity(self, place: Place) -> AtlasEntity:
        return AtlasEntity(place.guid, place.type_name, self._attributes(place), updated=OPENED + place.number)

    def _attributes(self, place: Place) -> Row:
        if place.type_name == "hive_db":
            name = self._databases[place.number][0]
            return {
                "qualifiedName": f"{name}@{CLUSTER}",
                "name": name,
                "clusterName": CLUSTER,
                "owner": "hive",
                "ownerType": "USER",
                "parameters": {},
            }
        row = self._row(place.number)
        path = f"{self._databases[place.number // TABLES_PER_DATABASE][0]}.{row['Name']}"
        if place.type_name == "hive_column":
            return self._column(row, path, place.part)
        if place.type_name == "hive_storagedesc":
            location = row["StorageDescriptor"].get("Location")
            return {"qualifiedName": f"{path}@{CLUSTER}_storage", "location": location, "numBuckets": -1}
        if place.type_name == "hive_process":
            return {
                "qualifiedName": f"{path}@{CLUSTER}:{OPENED}",
                "name": path,
                "queryText": f"create view {path} as {row['ViewOriginalText']}",
                "operationType": "CREATEVIEW",
                "startTime": OPENED,
                "endTime": OPENED,
                "userName": "etl",
            }
        return {
            "qualifiedName": f"{path}@{CLUSTER}",
            "name": row["Name"],
            "description": row.get("Description"),
            "owner": _owner(row),
            "createTime": OPENED,
            "tableType": row["TableType"],
            "temporary": False,
            "parameters": row["Parameters"],
            "viewOriginalText": row.get("ViewOriginalText"),
        }

    def _column(self, row: Row, path: str, part: int) -> Row:
        listed = row["PartitionKeys"] if part >= _KEYS else row["StorageDescriptor"]["Columns"]
        position = part % _KEYS
        column = listed[position % len(listed)]
        again = position // len(listed)
        name = column["Name"] + (f"_{again}" if again else "")
        return {
            "qualifiedName": f"{path}.{name}@{CLUSTER}",
            "name": name,
            "type": column["Type"],
            "position": position,
            "comment": column.get("Comment"),
            "owner": _owner(row),
        }

    def _is_view(self, number: int) -> bool:
        return bool(self._row(number)["TableType"] == "VIRTUAL_VIEW")

    def _make_row(self, number: int) -> Row:
        row: Any = self._databases[number // TABLES_PER_DATABASE][1].get(table_name(number))
        return dict(row)


def fill(atlas: AtlasState, glue: GlueCatalogs, columns: int = COLUMNS_PER_TABLE) -> None:
    """Tell Atlas the lake's generated tables; nothing at all where there are none.

    Args:
        atlas: The company's.
        glue: The lake.
        columns: Of each table, up to 99; beyond those that Glue has they are repeated with a number.
    """
    catalog = glue.catalog()
    found = [
        (name, database.tables)
        for name, database in (catalog.databases.items() if catalog else ())
        if isinstance(database.tables, GeneratedTables)
    ]
    if found:
        last = found[-1][1].after(None)
        atlas.shelve(GeneratedHive(found, (len(found) - 1) * TABLES_PER_DATABASE + sum(1 for _ in last), columns))


def _owner(row: Row) -> str:
    return PEOPLE.get(row.get("Owner", ""), "etl")


def _text(mark: int, number: int, part: int) -> str:
    return f"{_BEGIN}{part:04x}{_MIDDLE}{mark:02x}{number:010x}"
