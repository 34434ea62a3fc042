"""What Looker's database connections are outside of it: the kind of system, its SQL, where its tables have their names.

A table is told by as many names as are known for certain: what is told too little is looked for in every database of
the service, and taken only where one alone fits. So no default of a database is assumed that its connection does not
name. Pulls sqlglot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlglot
from sqlglot import exp

from ingest_assets.catalog import OWN_CATALOGS, Elsewhere, EntityType, split_fqn

_QUALIFIED = 3  # database, schema and table


class Connection(NamedTuple):
    """A database connection of Looker.

    Attributes:
        name: What models call it by.
        dialect: Looker's ``dialect_name``, e.g. ``bigquery_standard_sql``; None: not told.
        database: What it calls the database, which is the catalog of some systems and the schema of others.
        schema: The schema that it begins with.
    """

    name: str
    dialect: str | None = None
    database: str | None = None
    schema: str | None = None


class System(NamedTuple):
    """A kind of database.

    Attributes:
        name: What kind of system it is, in the words of ``Elsewhere.system``; None: not known.
        dialect: sqlglot's name of its SQL.
        has_database: Whether a connection's database is what OpenMetadata has as one.
        database_is_schema: Whether it is what OpenMetadata has as a schema.
        is_on_glue: Whether some words mean the catalog of Glue there.
    """

    name: str | None
    dialect: str | None = None
    has_database: bool = False
    database_is_schema: bool = False
    is_on_glue: bool = False


UNKNOWN = System(None, is_on_glue=True)
"""A database of which nothing is known."""

_SYSTEMS = {
    "alloydb": System("postgres", "postgres", has_database=True),
    # Its database is a catalog, and nearly always Glue's own.
    "athena": System("athena", "athena", is_on_glue=True),
    "aurora": System("mysql", "mysql", database_is_schema=True),
    # What the form calls the dataset is the database in the API; the project is the host.
    "bigquery": System("bigquery", "bigquery", database_is_schema=True),
    "clickhouse": System("clickhouse", "clickhouse", database_is_schema=True),
    "cockroach": System("cockroach", "postgres", has_database=True),
    # The catalog stands among the parameters of its driver.
    "databricks": System("databricks", "databricks", database_is_schema=True, is_on_glue=True),
    "db2": System("db2"),
    "dremio": System("dremio", "dremio"),
    "druid": System("druid", "druid"),
    "exasol": System("exasol", "exasol"),
    "greenplum": System("greenplum", "postgres", has_database=True),
    "hana": System("saphana"),
    "hive": System("hive", "hive", database_is_schema=True, is_on_glue=True),
    "impala": System("impala", "hive", database_is_schema=True),
    "mariadb": System("mariadb", "mysql", database_is_schema=True),
    "memsql": System("singlestore", "mysql", database_is_schema=True),
    "mssql": System("mssql", "tsql", has_database=True),
    "mysql": System("mysql", "mysql", database_is_schema=True),
    # Its database is an instance or a service: in OpenMetadata it has whatever name its recipe gives it.
    "oracle": System("oracle", "oracle"),
    "postgres": System("postgres", "postgres", has_database=True),
    "presto": System("presto", "presto", has_database=True),
    "redshift": System("redshift", "redshift", has_database=True),
    "singlestore": System("singlestore", "mysql", database_is_schema=True),
    "snowflake": System("snowflake", "snowflake", has_database=True),
    "spark": System("spark", "spark", database_is_schema=True, is_on_glue=True),
    "starburst": System("trino", "trino", has_database=True),
    "teradata": System("teradata", "teradata", database_is_schema=True),
    "trino": System("trino", "trino", has_database=True),
    "vertica": System("vertica", has_database=True),
}
"""By how Looker's words for dialects begin: ``mssql`` and ``mssql_2017`` are one, as are those of BigQuery."""


def system_of(dialect: str | None) -> System:
    """The kind of database by Looker's word for its dialect; ``UNKNOWN`` for a word that is newer than this."""
    word = (dialect or "").lower()
    return next((system for begin, system in _SYSTEMS.items() if word.startswith(begin)), UNKNOWN)


@dataclass(frozen=True)
class Tables:
    """Tells what the tables of one connection are called outside of Looker.

    Attributes:
        connection: As far as it is known.
        system: What kind of database it is.
        within: FQN of the service, or the database in one, that its tables lie in; empty: not told.
    """

    connection: Connection
    system: System
    within: str = ""

    @property
    def namespace(self) -> tuple[str, ...]:
        """Where names belong that SQL does not qualify, see ``Statement.namespace``; empty: not known."""
        database, schema = (self.connection.database or "").strip(), (self.connection.schema or "").strip()
        if self.system.database_is_schema:
            schema = schema or database
        if self.system.has_database and database and not self._is_own(database):
            return (database, schema)
        return (schema,) if schema else ()

    def named(self, names: Sequence[str]) -> Elsewhere:
        """A table as its system calls it: all names that are known, from the last one up.

        Args:
            names: The parts of its name as LookML has them; one that is left out, as in ``db..table``, is empty.
        """
        missing = len(self.namespace) + 1 - len(names)
        whole = [*self.namespace[: max(0, missing)], *names]
        if len(whole) == len(self.namespace) + 1:
            whole = [name or known for name, known in zip(whole, (*self.namespace, ""), strict=True)]
        # A schema that is not known leaves nothing to be said of the database above it.
        while "" in whole[:-1]:
            whole = whole[whole.index("") + 1 :]
        if len(whole) >= _QUALIFIED and self._is_own(whole[0]):
            whole = whole[1:]
        return Elsewhere(type=EntityType.TABLE, names=tuple(whole), system=self.system.name, within=self.within)

    def unqualified(self, query: str) -> str:
        """A query without the names of databases that are called otherwise in OpenMetadata.

        Args:
            query: One that can be parsed.
        """
        if not self._renamed:
            return query
        tree = sqlglot.parse_one(query, dialect=self.system.dialect)
        for table in tree.find_all(exp.Table):
            if table.catalog.lower() == self._renamed:
                table.set("catalog", None)
        return tree.sql(dialect=self.system.dialect)

    @property
    def _renamed(self) -> str:
        """The connection's own database, in lower case, where the recipe says what it is in OpenMetadata."""
        is_named = self.system.has_database and len(split_fqn(self.within)) > 1
        return (self.connection.database or "").strip().lower() if is_named else ""

    def _is_own(self, catalog: str) -> bool:
        """Whether a catalog has another name in OpenMetadata: as Glue's own, or by what the recipe says of it."""
        return (self.system.is_on_glue and catalog.lower() in OWN_CATALOGS) or catalog.lower() == self._renamed
