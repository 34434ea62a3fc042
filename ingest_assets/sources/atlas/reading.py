"""Reads one Atlas into a mirror: each type is searched once a run, whoever asks for it first.

Calls: three for the types, one for the version, one for the glossaries and one for each glossary; then the pages of
databases, tables, columns, topics, processes and flows between columns: an entity has no call of its own. 10,000 tables
of 20 columns each are 6 pages of 2,000 and 42 of 5,000, each with some rows of the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from ingest_assets.errors import IncompatibleServerError, InvalidAnswerError, PermissionDeniedError
from ingest_assets.sources.atlas.client import AtlasClient
from ingest_assets.sources.atlas.glossary import Terms, read_terms
from ingest_assets.sources.atlas.lineage import ColumnAt, Flow, ends_of, to_flow
from ingest_assets.sources.atlas.mapping import DESCRIBED_BY, SCHEMA_PATH, SHOWN_AS, database_of
from ingest_assets.sources.atlas.mirror import Kept, Mirror
from ingest_assets.sources.atlas.searching import PAGE, Page, Query, bulk, pages
from ingest_assets.sources.atlas.shapes import ACTIVE, AtlasEntity, Json, Ref, entity_of, is_scrubbed, kept_of, refs_of
from ingest_assets.sources.atlas.typedefs import TableType, Types, read_types
from ingest_assets.sources.once import Once
from ingest_assets.sources.optional import Optional

_OLDEST = (0, 8)
_COLUMNS_AT_ONCE = 5_000  # small rows; each further page makes Atlas look through those before it again
_PROCESSES_AT_ONCE = 500  # with their SQL
_VERSION = re.compile(r"(\d+)\.(\d+)")
_QUERY = ("queryText", "recentQueries")
_TABLE = ("temporary", SCHEMA_PATH, "tableType", "createTime", "viewExpandedText", "viewOriginalText")
_COLUMN = ("type", "data_type", "position")

_VISIBLE = (
    "Let the user read all entities of that type, as with Ranger's policy of Atlas (entity-read on type, "
    "classification and id *). Until then nothing of this listing counts."
)


@dataclass(frozen=True)
class KeptTable:
    """A table as it was kept.

    Attributes:
        entity: The table.
        database: Name of its database; empty where it has none.
        is_orphan: Whether its database is deleted: Atlas leaves such tables active.
        keys: Guids of its partition keys.
    """

    entity: AtlasEntity
    database: str
    is_orphan: bool
    keys: tuple[str, ...]


class KeptProcess(NamedTuple):
    """A process as it was kept.

    Attributes:
        entity: The process, with what it reads and writes.
        gone: Guids of what of that is deleted.
    """

    entity: AtlasEntity
    gone: frozenset[str]


class Reading:
    """One Atlas as one run reads it. Safe to share among threads.

    Args:
        client: Of the server.
    """

    def __init__(self, client: AtlasClient) -> None:
        self.client = client
        self.mirror = Mirror()
        self.version = ""
        self._types: Once[str, Types] = Once(self._read_types)
        self._terms: Once[str, Terms | None] = Once(self._read_terms)
        self._loaded: Once[tuple[str, str], None] = Once(self._load)
        self._glossaries = Optional("reading glossaries", "Glossary terms", "Labels of what has terms stay.")

    def forget_failures(self) -> None:
        """See ``Once``."""
        for memory in (self._types, self._terms, self._loaded):
            memory.forget_failures()

    def types(self) -> Types:
        """All types.

        Raises:
            RemoteError: They can't be read, or this is no Atlas that has searches.
        """
        return self._types.get("types")

    def terms(self) -> Terms | None:
        """All terms; None where they may not be seen.

        Raises:
            RemoteError: They can't be read.
        """
        return self._terms.get("terms")

    def notes(self) -> Iterator[str]:
        """What people should know."""
        if note := self._glossaries.note():
            yield note

    def databases(self, types: Iterable[TableType]) -> Iterator[list[AtlasEntity]]:
        """Databases that hold tables of some types, those of one name together.

        Raises:
            RemoteError: They could not be read whole.
        """
        names = sorted({each.holder.type for each in types if each.holder is not None})
        for name in names:
            self._loaded.get(("database", name))
        for same in self.mirror.same_names("database"):
            yield [entity_of(body) for body in same]

    def load_tables(self, types: Iterable[TableType]) -> None:
        """Read tables and their columns.

        Raises:
            RemoteError: They could not be read whole.
        """
        for each in types:
            self._loaded.get(("table", each.name))
        for column in sorted({each.column for each in types if each.column is not None}):
            self._loaded.get(("column", column))

    def topics(self) -> Iterator[list[AtlasEntity]]:
        """All topics, those of one name together.

        Raises:
            RemoteError: They could not be read whole.
        """
        self.load_topics()
        for same in self.mirror.same_names("topic"):
            yield [entity_of(body) for body in same]

    def columns_of(self, table: KeptTable) -> list[AtlasEntity]:
        """Columns of a table by position, then its partition keys: Hive counts those from 0 again."""
        own = [each for each in self.mirror.held_by("column", table.entity.guid) if each["guid"] not in table.keys]
        return [entity_of(each) for each in (*own, *self.mirror.some("column", table.keys))]

    def tables(self, types: Iterable[TableType], database: str = "") -> Iterator[list[KeptTable]]:
        """Tables, those of one database's and one table's name together; their columns are kept by then.

        Args:
            types: Of tables.
            database: Name of the only one whose tables are wanted; empty: all.

        Raises:
            RemoteError: They could not be read whole.
        """
        self.load_tables(types)
        for same in self.mirror.same_names("table", database):
            yield [table_of(body) for body in same]

    def load_topics(self) -> None:
        """Read topics.

        Raises:
            RemoteError: They could not be read whole.
        """
        for name in self.types().topics():
            self._loaded.get(("topic", name))

    def known(self, guids: Sequence[str]) -> dict[str, KeptTable]:
        """Those tables and topics that were read, by their guids."""
        tables = list(map(table_of, self.mirror.some("table", guids)))
        topics = [KeptTable(entity_of(body), "", is_orphan=False, keys=()) for body in self.mirror.some("topic", guids)]
        return {each.entity.guid: each for each in (*tables, *topics)}

    def flows_of(self, process: str) -> list[Flow]:
        """Flows between columns that are part of a process."""
        return list(map(to_flow, self.mirror.flows_of(process)))

    def columns_in(self, flows: Iterable[Flow]) -> dict[str, ColumnAt]:
        """The columns that flows join, as far as they were read."""
        guids = sorted({guid for flow in flows for guid in (*flow.inputs, *flow.outputs)})
        return {guid: ColumnAt(*at) for guid, at in self.mirror.columns_at(guids).items()}

    def load_flows(self) -> None:
        """Read the flows between columns.

        Raises:
            RemoteError: They could not be read whole.
        """
        for name in self.types().column_flows():
            self._loaded.get(("flow", name))

    def processes(self) -> Iterator[list[KeptProcess]]:
        """All processes, some at a time, in an order of their own: Atlas's may be another one each time.

        Raises:
            RemoteError: They could not be read whole.
        """
        for name in self.types().processes():
            self._loaded.get(("process", name))
        rest = self.mirror.all("process")
        while batch := list(islice(rest, _PROCESSES_AT_ONCE)):
            yield [KeptProcess(entity_of(body["row"]), frozenset(body["gone"])) for body in batch]

    def others(self, refs: Iterable[Ref]) -> Iterator[KeptTable]:
        """Tables and topics that no listing of this recipe shows, by their guids; deleted ones are left out.

        Raises:
            RemoteError: They can't be read.
        """
        types = self.types()
        wanted = {ref.guid: ref for ref in refs if types.is_table(ref.type) or types.is_topic(ref.type)}
        known = {table.entity.guid: table for table in map(table_of, self.mirror.some("other", list(wanted)))}
        fresh = sorted(wanted.keys() - known.keys())
        yield from known.values()
        for row in bulk(self.client, fresh, "what processes join"):
            try:
                table = _other(row, types)
            except (KeyError, TypeError, AttributeError) as error:
                where = "atlas:bulk of what processes join"
                raise InvalidAnswerError(f"An entity lacks {error}.", where=where) from error
            if table is not None:
                self.mirror.keep([table])
                yield table_of(table.body)

    def _read_types(self, _: str) -> Types:
        self._check_version()
        return read_types(self.client)

    def _check_version(self) -> None:
        told = self.client.get("version", "the server", "/admin/version")
        try:
            self.version = str(told["Version"])
        except (KeyError, TypeError) as error:
            raise InvalidAnswerError(
                f"The answer lacks {error}.", where="atlas:version of the server", advice="Is hostPort that of Atlas?"
            ) from error
        known = _VERSION.match(self.version)
        if known is not None and (int(known[1]), int(known[2])) < _OLDEST:
            raise IncompatibleServerError(
                f"Atlas {self.version} has no search of its API v2.",
                where="atlas:version of the server",
                advice="0.8 brought it; 2.1 and 2.4 are known to work. Upgrade Atlas.",
            )

    def _read_terms(self, _: str) -> Terms | None:
        return self._glossaries.ask(lambda: read_terms(self.client))

    def _load(self, key: tuple[str, str]) -> None:
        kind, name = key
        load = {
            "database": self._load_plain,
            "topic": self._load_plain,
            "table": self._load_tables,
            "column": self._load_columns,
            "flow": self._load_flows,
            "process": self._load_processes,
        }[kind]
        try:
            scrubbed = load(kind, name)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InvalidAnswerError(f"A row lacks {error}.", where=f"atlas:search of {name}") from error
        refuse_scrubbed(name, scrubbed)

    def _load_plain(self, kind: str, name: str) -> int:
        asked = ("topic", "partitionCount", "replicationFactor", "location")
        scrubbed = 0
        for page in self._pages(name, asked):
            self.mirror.keep(_kept(row, kind) for row in page.rows)
            scrubbed += page.scrubbed
        return scrubbed

    def _load_tables(self, kind: str, name: str) -> int:
        told = self.types().table_type(name)
        holder, scrubbed = told.holder.name if told.holder is not None else None, 0
        for page in self._pages(name, (*filter(None, [holder]), *told.keys, *_TABLE)):
            tables = [_table(row, page.referred, holder, told.keys) for row in page.rows]
            self.mirror.keep(tables)
            self.mirror.keep_keys((guid, table.guid) for table in tables for guid in table.body["keys"])
            scrubbed += page.scrubbed
        return scrubbed

    def _load_columns(self, kind: str, name: str) -> int:
        back = self.types().backs(name)
        scrubbed = 0
        for page in self._pages(name, (*back, *_COLUMN), _COLUMNS_AT_ONCE):
            self.mirror.keep(_column(row, back) for row in page.rows)
            scrubbed += page.scrubbed
        return scrubbed

    def _load_flows(self, kind: str, name: str) -> int:
        scrubbed = 0
        for page in self._pages(name, ("inputs", "outputs", "query", "process")):
            self.mirror.keep_flows(flow for row in page.rows for flow in _flows(row))
            scrubbed += page.scrubbed
        return scrubbed

    def _load_processes(self, kind: str, name: str) -> int:
        scrubbed = 0
        for page in self._pages(name, ("inputs", "outputs", *_QUERY), _PROCESSES_AT_ONCE):
            self.mirror.keep(_process(row, page.referred) for row in page.rows)
            scrubbed += page.scrubbed
        return scrubbed

    def _pages(self, name: str, asked: Iterable[str], size: int = PAGE) -> Iterator[Page]:
        types = self.types()
        yield from pages(self.client, Query(name, types.knows(name, (*asked, *DESCRIBED_BY, SHOWN_AS)), size))


def refuse_scrubbed(name: str, count: int) -> None:
    """Refuse a listing that hides rows: of them nothing is known but that they are there.

    Raises:
        PermissionDeniedError: It does.
    """
    if count:
        what = f"Atlas hides {count} of its rows from this user."
        raise PermissionDeniedError(what, where=f"atlas:search of {name}", advice=_VISIBLE)


def table_of(body: Any) -> KeptTable:
    """A table from what was kept of it."""
    return KeptTable(entity_of(body["row"]), body["database"], body["orphan"], tuple(body["keys"]))


def _kept(row: Json, kind: str) -> Kept:
    entity = entity_of(row)
    return Kept(entity.guid, kind, "", entity.name, kept_of(row))


def _table(row: Json, referred: Mapping[str, Json], holder: str | None, keys: Iterable[str]) -> Kept:
    entity = entity_of(row)
    database, status = database_of(entity, holder, referred)
    guids = [ref.guid for name in keys for ref in refs_of(entity.attributes.get(name))]
    body = {"row": kept_of(row), "database": database, "orphan": status == "DELETED", "keys": guids}
    return Kept(entity.guid, "table", database, entity.name, body)


def _other(row: Json, types: Types) -> Kept | None:
    """A table or topic of a bulk read, which tells the database's name with the relation; None for a deleted one."""
    if is_scrubbed(row):
        raise PermissionDeniedError("Atlas hides it from this user.", where="atlas:bulk of what processes join")
    if row["status"] != ACTIVE:
        return None
    holder = types.table_type(row["typeName"]).holder
    related = (row.get("relationshipAttributes") or {}).get(holder.name if holder is not None else "") or {}
    database = str(related.get("displayText") or "")
    body = {
        "row": kept_of(row),
        "database": database,
        "orphan": related.get("entityStatus") == "DELETED",
        "keys": list[str](),
    }
    return Kept(row["guid"], "other", database, row["attributes"]["name"], body)


def _column(row: Json, back: Iterable[str]) -> Kept:
    entity = entity_of(row)
    tables = [ref.guid for name in back for ref in refs_of(entity.attributes.get(name))]
    position = entity.attributes.get("position")
    return Kept(entity.guid, "column", tables[0] if tables else "", entity.name, kept_of(row), position)


def _process(row: Json, referred: Mapping[str, Json]) -> Kept:
    entity = entity_of(row)
    gone = [ref.guid for ref in ends_of(entity) if (referred.get(ref.guid) or {}).get("status", ACTIVE) != ACTIVE]
    return Kept(entity.guid, "process", "", entity.qualified_name, {"row": kept_of(row), "gone": gone})


def _flows(row: Json) -> Iterator[tuple[str, Any]]:
    attributes = row["attributes"]
    body = {end: [ref.guid for ref in refs_of(attributes.get(end))] for end in ("inputs", "outputs")}
    processes = [ref.guid for name in ("query", "process") for ref in refs_of(attributes.get(name))]
    yield (processes[0] if processes else "", body)
