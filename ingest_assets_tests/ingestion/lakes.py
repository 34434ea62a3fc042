"""A service whose listings a test writes down, and changes between runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest_assets.catalog import (
    Column,
    Database,
    DatabaseService,
    EntityType,
    Failed,
    Filtered,
    Finding,
    Reference,
    Schema,
    Scope,
    Table,
    Unlisted,
)
from ingest_assets.errors import PermissionDeniedError, RemoteError


def column(name: str, data_type: str = "INT", **rest: object) -> Column:
    return Column.model_validate({"name": name, "data_type": data_type, "data_type_display": data_type.lower(), **rest})


@dataclass
class Lake:
    """A service of databases.

    Attributes:
        failing: Errors with which a listing breaks off, after all that it has.
        unlisted: How names begin in parts of a listing that are not looked into.
        denied: What is refused when it is asked for by its name, whether it is there or not.
        reads: How often each scope was read.
        asked: How often each thing was asked for by its name.
        account: Whom it says it is.
    """

    name: str = "lake"
    connection: dict[str, object] = field(default_factory=dict)
    databases: dict[str, Database | Filtered | Failed] = field(default_factory=dict)
    schemas: dict[tuple[str, str], Schema | Filtered | Failed] = field(default_factory=dict)
    tables: dict[tuple[str, str, str], Table | Filtered | Failed] = field(default_factory=dict)
    failing: dict[Scope, RemoteError] = field(default_factory=dict)
    unlisted: dict[Scope, tuple[str, ...]] = field(default_factory=dict)
    denied: set[Reference] = field(default_factory=set)
    reads: Counter[Scope] = field(default_factory=Counter)
    asked: Counter[Reference] = field(default_factory=Counter)
    account: str | None = None

    def put(self, schema: str, name: str, database: str = "db", **facets: object) -> Table:
        """Add or replace a table, and what is above it."""
        self.databases.setdefault(database, Database(path=(self.name, database)))
        self.schemas.setdefault((database, schema), Schema(path=(self.name, database, schema)))
        defaults = {"table_type": "External", "columns": (column("id"),)}
        table = Table.model_validate({"path": (self.name, database, schema, name), **defaults, **facets})
        self.tables[database, schema, name] = table
        return table

    def view(self, schema: str, name: str, sql: str, database: str = "db", **facets: object) -> Table:
        """Add or replace a view with one column ``id``."""
        return self.put(schema, name, database, table_type="View", sql=sql, dialect="trino", **facets)

    def describe(self, schema: str, text: str | None) -> None:
        path = (self.name, "db", schema)
        self.schemas["db", schema] = Schema(path=path, description=text)

    def filter(self, schema: str, name: str) -> None:
        path = (self.name, "db", schema, name)
        self.tables["db", schema, name] = Filtered(reference=Reference(EntityType.TABLE, path), reason="a filter")

    def fail(self, schema: str, name: str) -> None:
        path = (self.name, "db", schema, name)
        reference = Reference(EntityType.TABLE, path)
        self.tables["db", schema, name] = Failed(reference=reference, step="read", reason="no columns")

    def drop_schema(self, schema: str) -> None:
        del self.schemas["db", schema]
        for key in [key for key in self.tables if key[1] == schema]:
            del self.tables[key]

    def reference(self, *below: str) -> Reference:
        return Reference(list(EntityType)[len(below)], (self.name, *below))

    def scope(self, *below: str) -> Scope:
        return Scope(list(EntityType)[len(below) + 1], (self.name, *below))

    def services(self) -> Sequence[DatabaseService]:
        return [DatabaseService(path=(self.name,), service_type="Glue", connection=self.connection)]

    def roots(self) -> Sequence[Scope]:
        return (self.scope(),)

    def identity(self) -> str | None:
        return self.account

    def read(self, scope: Scope) -> Iterator[Finding]:
        self.reads[scope] += 1
        below = scope.path[1:]
        listed: list[tuple[str, Finding]] = []
        if scope.of is EntityType.DATABASE:
            listed = list(self.databases.items())
        elif scope.of is EntityType.SCHEMA:
            listed = [(key[1], schema) for key, schema in self.schemas.items() if key[:1] == below]
        else:
            listed = [(key[2], table) for key, table in self.tables.items() if key[:2] == below]
        for name, finding in listed:
            yield finding
            if isinstance(finding, Database | Schema):
                yield self.scope(*below, name)
        yield from (Unlisted(prefix=prefix) for prefix in self.unlisted.get(scope, ()))
        if scope in self.failing:
            raise self.failing[scope]

    def exists(self, reference: Reference) -> bool:
        self.asked[reference] += 1
        if reference in self.denied:
            raise PermissionDeniedError("denied", where=f"asking for {reference}")
        service, *below = reference.path
        levels = (self.databases, self.schemas, self.tables)
        keys = (below[0], tuple(below[:2]), tuple(below[:3]))
        return service == self.name and all(
            key in level for key, level in zip(keys[: len(below)], levels[: len(below)], strict=True)
        )
