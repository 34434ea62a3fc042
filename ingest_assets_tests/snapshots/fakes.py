"""A source whose listings are written down, for tests of crawling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ingest_assets.catalog import (
    Column,
    Database,
    DatabaseService,
    Entity,
    EntityType,
    Finding,
    Reference,
    Schema,
    Scope,
    Table,
)

SERVICE = "lake"
DATABASES = Scope(EntityType.DATABASE, (SERVICE,))
SCHEMAS = Scope(EntityType.SCHEMA, (SERVICE, "db"))


def tables_of(schema: str) -> Scope:
    return Scope(EntityType.TABLE, (SERVICE, "db", schema))


def table(schema: str, name: str, **facets: object) -> Table:
    columns = (Column(name="id", data_type="INT", data_type_display="int"),)
    return Table(path=(SERVICE, "db", schema, name), table_type="External", columns=columns, **facets)


class WrittenSource:
    """Yields what it was given; a listing given as an exception raises it after what stands before."""

    def __init__(self, listings: Mapping[Scope, Sequence[Finding | Exception]]) -> None:
        self.listings = dict(listings)
        self.reads: Counter[Scope] = Counter()

    def services(self) -> Sequence[DatabaseService]:
        return [DatabaseService(path=(SERVICE,), service_type="Glue")]

    def roots(self) -> Sequence[Scope]:
        return (DATABASES,)

    def identity(self) -> str | None:
        return None

    def read(self, scope: Scope) -> Iterator[Finding]:
        self.reads[scope] += 1
        for finding in self.listings[scope]:
            if isinstance(finding, Exception):
                raise finding
            yield finding

    def exists(self, reference: Reference) -> bool:
        scope = Scope(reference.type, reference.path[:-1])
        found = self.listings.get(scope, ())
        return any(isinstance(each, Entity) and each.reference == reference for each in found)


def lake(**schemas: Sequence[Finding | Exception]) -> WrittenSource:
    """A service of one database with these schemas."""
    listings: dict[Scope, Sequence[Finding | Exception]] = {
        DATABASES: (Database(path=(SERVICE, "db")), SCHEMAS),
        SCHEMAS: [found for schema in schemas for found in (Schema(path=(SERVICE, "db", schema)), tables_of(schema))],
    }
    return WrittenSource({**listings, **{tables_of(schema): found for schema, found in schemas.items()}})
