"""Lake Formation's tags as state: keys with their values, and what was assigned to databases, tables and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest_assets.errors import NotFoundError, RejectedError
from ingest_assets.sandbox.company.glue import GlueCatalogs, Row

_Place = tuple[str, str | None, str | None]


def column_names(row: Row) -> list[str]:
    """The columns of a table, partition keys last."""
    listed = [*row.get("StorageDescriptor", {}).get("Columns", []), *row.get("PartitionKeys", [])]
    return list(dict.fromkeys(column["Name"] for column in listed))


class LfTags:
    """The LF-tags of the company's own catalog; its lock is the catalogs'.

    Args:
        glue: The catalogs, whose databases and tables are tagged.
    """

    def __init__(self, glue: GlueCatalogs) -> None:
        self.glue = glue
        self.lock = glue.lock
        self._values: dict[str, tuple[str, ...]] = {}
        self._assigned: dict[_Place, dict[str, str]] = {}

    def define(self, key: str, *values: str) -> None:
        """Add a tag, or replace its possible values."""
        with self.lock:
            self._values[key] = values

    def drop(self, key: str) -> None:
        """Take a tag away, from all that has it, too."""
        with self.lock:
            del self._values[key]
            for assigned in self._assigned.values():
                assigned.pop(key, None)

    def defined(self) -> dict[str, tuple[str, ...]]:
        """All tags with their possible values, by key."""
        with self.lock:
            return {key: self._values[key] for key in sorted(self._values)}

    def assign(
        self, tags: Mapping[str, str], database: str, table: str | None = None, column: str | None = None
    ) -> None:
        """Assign one value each of some tags to a database, a table, or a column.

        Raises:
            RejectedError: A tag has no such value.
            NotFoundError: There is no such database, table or column.
        """
        with self.lock:
            for key, value in tags.items():
                if value not in self._values.get(key, ()):
                    raise RejectedError(f"LF-tag {key!r} has no value {value!r}; define it.", where="sandbox company")
            self.check(database, table, column)
            self._assigned.setdefault((database, table, column), {}).update(tags)

    def unassign(self, key: str, database: str, table: str | None = None, column: str | None = None) -> None:
        """Take a tag off what it was assigned to."""
        with self.lock:
            self._assigned[database, table, column].pop(key)

    def check(self, database: str, table: str | None = None, column: str | None = None) -> None:
        """Refuse what does not exist.

        Raises:
            NotFoundError: There is no such database, table or column.
        """
        if table is None:
            self.glue.database(database)
        elif column is not None and column not in column_names(self.glue.table(database, table)):
            raise NotFoundError(f"{database}.{table} has no column {column!r}", where="sandbox company")
        else:
            self.glue.table(database, table)

    def own(self, database: str, table: str | None = None, column: str | None = None) -> dict[str, str]:
        """What was assigned here and nowhere above."""
        with self.lock:
            return dict(sorted(self._assigned.get((database, table, column), {}).items()))

    def effective(self, database: str, table: str | None = None, column: str | None = None) -> dict[str, str]:
        """What holds here: tables inherit from their database and columns from their table, key by key."""
        with self.lock:
            found = self.own(database)
            if table is not None:
                found |= self.own(database, table)
            if column is not None:
                found |= self.own(database, table, column)
        return dict(sorted(found.items()))

    def tables(self, after: tuple[str, str] = ("", "")) -> Iterator[tuple[str, Row]]:
        """All tables that have tags or may inherit some, with their databases, in order; to be read under ``lock``.

        Args:
            after: Database and name of the table that was read last.
        """
        catalog = self.glue.catalog()
        for database in sorted({place[0] for place in self._assigned}):
            if catalog is None or database not in catalog.databases or database < after[0]:
                continue
            start = after[1] if database == after[0] else None
            for row in catalog.databases[database].tables.after(start):
                yield database, row

    def databases(self) -> list[str]:
        """All databases of the catalog that have tags, in order."""
        with self.lock:
            catalog = self.glue.catalog()
            known = set() if catalog is None else set(catalog.databases)
            return sorted(name for name, table, _ in self._assigned if table is None and name in known)
