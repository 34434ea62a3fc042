"""AWS Glue's Data Catalog as a source: catalogs are databases, Glue databases are schemas, and below are tables.

Least permissions: ``glue:GetDatabases`` and ``glue:GetTables`` on the catalog, its databases and tables. The account's
own id comes with the databases; only where there are none, STS is asked, which needs no permission.

The tables behind a resource link are read through the link, by its own name: AWS follows it, across regions too, and
the target needs no call of its own. Rights on both are needed (Lake Formation's rule); without them that schema fails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from ingest_assets.catalog import (
    Database,
    DatabaseService,
    Edge,
    EntityType,
    Failed,
    Filtered,
    Finding,
    ForeignEdge,
    Note,
    Reference,
    Scope,
    Table,
    Word,
    source_fqn,
)
from ingest_assets.errors import AuthenticationError, RemoteError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.glue.formats import is_view, table_type
from ingest_assets.sources.glue.lf_tags import LfTags, Pairs, TagsOfTable
from ingest_assets.sources.glue.lineage import edge_of_link, edges_of_location
from ingest_assets.sources.glue.links import Links, Owner
from ingest_assets.sources.glue.mapping import tagged, to_schema, to_table, to_words
from ingest_assets.sources.glue.places import OtherAccount, Place, Places
from ingest_assets.sources.glue.presence import is_there
from ingest_assets.sources.glue.shapes import GlueDatabase, GlueTable

ShapeT = TypeVar("ShapeT", GlueDatabase, GlueTable)

_NAMELESS = "(without a name)"

# What leaves an entity out, in the recipe's words.
_PATTERNS = {
    EntityType.DATABASE: "databaseFilterPattern",
    EntityType.SCHEMA: "schemaFilterPattern",
    EntityType.TABLE: "tableFilterPattern",
}


def _keep_all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class GlueSettings:
    """What a recipe says about a Glue service.

    Attributes:
        service: Name of the service.
        database_name: What the account's own catalog is called; None: by its id. It hides nothing.
        catalog_ids: Catalogs that are read besides the account's own.
        regions: Regions that are read besides the session's.
        accounts: Accounts that are read by roles of their own.
        include_tables: Off: tables are counted as filtered.
        include_views: Off: views are counted as filtered.
        include_owners: Whether owners are asked for.
        include_ddl: Whether statements that make tables are asked for.
        include_tags: Whether Lake Formation's tags are asked for.
        locations: Whether lineage is told from where tables' data lies.
        use_fqn_for_filtering: Whether filters see fully qualified names in place of names.
        database_filter: Tells which catalogs are kept; like the other two, by name or FQN.
        schema_filter: Tells which Glue databases are kept.
        table_filter: Tells which tables are kept.
    """

    service: str
    database_name: str | None = None
    catalog_ids: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    accounts: tuple[OtherAccount, ...] = ()
    include_tables: bool = True
    include_views: bool = True
    include_owners: bool = False
    include_ddl: bool = False
    include_tags: bool = True
    locations: bool = False
    use_fqn_for_filtering: bool = False
    database_filter: Callable[[str], bool] = _keep_all
    schema_filter: Callable[[str], bool] = _keep_all
    table_filter: Callable[[str], bool] = _keep_all


class GlueSource:
    """Reads one Glue service; any number of threads may read a scope each.

    Args:
        settings: From the recipe.
        session: The run's AWS session.
    """

    def __init__(self, settings: GlueSettings, session: AwsSession) -> None:
        self._settings = settings
        self._session = session
        where = (settings.database_name, settings.catalog_ids, settings.regions, settings.accounts)
        self._places = Places(session, *where)
        self._links = Links(self._places)
        self._lock = threading.Lock()
        self._first_pages: dict[tuple[str, ...], dict[str, Any]] = {}

    def services(self) -> Sequence[DatabaseService]:
        """The service that all of it lies in; no remote call."""
        connection = {"type": "Glue", "awsConfig": {"awsRegion": self._session.region}}
        service = DatabaseService(
            path=(self._settings.service,),
            service_type="Glue",
            connection=connection,
            source_url=self._places.home().console.catalog(),
        )
        return [service]

    def roots(self) -> Sequence[Scope]:
        """The scope of catalogs, from which all others are found; no remote call."""
        return [Scope(EntityType.DATABASE, (self._settings.service,))]

    def identity(self) -> str | None:
        """The recipe's own account and region, once the listing of databases has told the account.

        Not those that it reads besides: who adds one to a recipe, or takes one away, has no other catalog.
        """
        own_id = self._places.own_id
        return f"AWS account {own_id} in {self._session.region}" if own_id else None

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read one scope.

        Raises:
            RemoteError: The scope could not be read whole.
            DeadlineExceededError: The run's time is over.
            RecipeError: The label of the account's own catalog is another catalog's id.
        """
        readers = {
            EntityType.DATABASE: self._databases,
            EntityType.SCHEMA: self._schemas,
            EntityType.TABLE: self._tables,
        }
        yield from readers[scope.of](scope)

    def exists(self, reference: Reference) -> bool:
        """Whether Glue has a catalog, database or table, asked for by its name.

        Raises:
            RemoteError: It can't be told: denied, throttled, hidden, or a name that Glue can't be asked for.
            DeadlineExceededError: The run's time is over.
        """
        place = self._places.asked(reference)
        return is_there(place.session, reference, place.where)

    def _databases(self, _: Scope) -> Iterator[Finding]:
        page = next(self._places.home().databases())
        own, *others = self._places.names(_catalog_of(page["DatabaseList"]))
        for name in (own, *others):
            path = (self._settings.service, name)
            reference = Reference(EntityType.DATABASE, path)
            if reason := self._left_out(reference, self._settings.database_filter):
                yield Filtered(reference=reference, reason=reason)
                continue
            yield self._proven(reference, page if name == own else None)
            yield Scope(EntityType.SCHEMA, path)

    def _proven(self, reference: Reference, page: dict[str, Any] | None) -> Database | Failed:
        """A catalog that answers, or is only out of reach for now; its first page is kept for its own scope."""
        try:
            if page is None:
                page = next(self._places.of(reference.name).databases())
        except AuthenticationError:
            raise
        except RemoteError as error:
            if not error.retryable:
                return Failed(reference=reference, step="read", reason=str(error))
        else:
            with self._lock:
                self._first_pages[reference.path] = page
        return Database(path=reference.path)

    def _schemas(self, scope: Scope) -> Iterator[Finding]:
        place, words = self._places.of(scope.path[1]), _Words()
        for page in self._schema_pages(scope, place):
            for item in page["DatabaseList"]:
                reference = Reference(EntityType.SCHEMA, (*scope.path, _name(item)))
                if reason := self._left_out(reference, self._settings.schema_filter):
                    yield Filtered(reference=reference, reason=reason)
                    continue
                database = _checked(GlueDatabase, item, reference)
                if isinstance(database, Failed):
                    yield database
                    continue
                self._links.note_database(reference.path, database.target_database)
                tags = self._tags_of_schema(place, database)
                yield from words.of(tags)
                yield to_schema(database, reference.path, self._places.catalog_id(place.name), place.console, tags)
                yield Scope(EntityType.TABLE, reference.path)
        yield from self._notes()

    def _schema_pages(self, scope: Scope, place: Place) -> Iterator[dict[str, Any]]:
        with self._lock:
            first = self._first_pages.pop(scope.path, None)
        if first is None:
            yield from place.databases()
            return
        yield first
        if token := first.get("NextToken"):
            yield from place.databases(NextToken=token)

    def _tables(self, scope: Scope) -> Iterator[Finding]:
        _, catalog, schema = scope.path
        place, words = self._places.of(catalog), _Words()
        without_text = 0
        for page in place.tables(schema):
            for item in page["TableList"]:
                reference = Reference(EntityType.TABLE, (*scope.path, _name(item)))
                for found in self._table(item, reference, place, words):
                    without_text += isinstance(found, Table) and "sql" in found.unknown
                    yield found
        if without_text:
            yield Note(
                text=f"{without_text} views of {schema} come without a text that can be read. Lake Formation hides it "
                "from a role that may only describe a view."
            )
        yield from (Note(text=text) for text in self._links.notes(scope.path))
        yield from self._notes()

    def _table(self, item: object, reference: Reference, place: Place, words: _Words) -> Iterator[Finding]:
        if reason := self._left_out(reference, self._settings.table_filter):
            yield Filtered(reference=reference, reason=reason)
            return
        table = _checked(GlueTable, item, reference)
        if isinstance(table, Failed):
            yield table
            return
        if reason := self._kind_left_out(table_type(table)):
            yield Filtered(reference=reference, reason=reason)
            return
        owner = self._links.owner(table, reference.path[:-1], place)
        followed = self._links.followed(table, item, reference, place)
        if isinstance(followed, RemoteError):
            yield Failed(reference=reference, step="follow the resource link", reason=str(followed))
            return
        tags = self._tags_of_table(place, table, reference, owner)
        yield from words.of(tags.own if tags else None, *(tags.by_column().values() if tags else ()))
        catalog_id = self._places.catalog_id(place.name)
        made = to_table(
            followed,
            reference.path,
            catalog_id,
            place.console,
            include_owners=self._settings.include_owners,
            include_ddl=self._settings.include_ddl,
            # SQL may still name it by its id.
            names=((catalog_id, place.name),) if catalog_id != place.name else (),
        )
        made = tagged(made, tags) if tags else made
        if self._links.is_blind(reference):
            made = made.model_copy(update={"unknown": made.unknown | {"columns"}})
        yield made
        yield from self._lineage(made, owner)

    def _lineage(self, table: Table, owner: Owner | None) -> Iterator[Edge | ForeignEdge]:
        """A link's from its owner, if that is read as well; else a table's from where its data lies."""
        if owner is not None:
            place = self._places.find(owner.catalog_id, owner.region)
            path = (self._settings.service, place.name, owner.database, owner.name) if place else ()
            if path and self._is_read(path):
                yield edge_of_link(table, Reference(EntityType.TABLE, path))
        elif self._settings.locations and not is_view(table.table_type):
            yield from edges_of_location(table)

    def _is_read(self, path: tuple[str, ...]) -> bool:
        """Whether no filter leaves a table out, nor what is above it."""
        filters = (self._settings.database_filter, self._settings.schema_filter, self._settings.table_filter)
        kinds = (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE)
        above = (Reference(kind, path[:depth]) for depth, kind in enumerate(kinds, start=2))
        return not any(map(self._left_out, above, filters))

    def _tags_of_schema(self, place: Place, database: GlueDatabase) -> Pairs | None:
        """LF-tags of a database; those of a resource link are its owner's, for it has none of its own."""
        shown = (self._places.catalog_id(place.name), database.name)
        catalog_id, name = (database.target_database.database() if database.target_database else shown) or ("", "")
        tags = self._lf_tags(place, catalog_id)
        return tags.of_database(catalog_id, name) if tags else None

    def _tags_of_table(
        self, place: Place, table: GlueTable, reference: Reference, owner: Owner | None
    ) -> TagsOfTable | None:
        """LF-tags of a table and its columns; those of a resource link are its owner's."""
        if owner is None and table.target_table is not None:
            return None
        shown = (self._places.catalog_id(place.name), place.session.region, reference.path[-2], reference.name)
        catalog_id, region, database, name = owner or shown
        tags = self._lf_tags(place, catalog_id) if region == place.session.region else None
        return tags.of_table(catalog_id, database, name) if tags else None

    def _lf_tags(self, place: Place, catalog_id: str) -> LfTags | None:
        return self._places.tags(place, catalog_id) if self._settings.include_tags else None

    def _notes(self) -> Iterator[Note]:
        return (Note(text=text) for text in self._places.notes())

    def _left_out(self, reference: Reference, keep: Callable[[str], bool]) -> str | None:
        name = source_fqn(reference.path) if self._settings.use_fqn_for_filtering else reference.name
        return None if reference.name == _NAMELESS or keep(name) else _PATTERNS[reference.type]

    def _kind_left_out(self, kind: str) -> str | None:
        if is_view(kind):
            return None if self._settings.include_views else "includeViews is off"
        return None if self._settings.include_tables else "includeTables is off"


class _Words:
    """Tells of the words that labels of one scope need, each once."""

    def __init__(self) -> None:
        self._told: set[tuple[str, ...]] = set()

    def of(self, *tags: Pairs | None) -> Iterator[Word]:
        for pairs in tags:
            for word in to_words(pairs or ()):
                if word.path not in self._told:
                    self._told.add(word.path)
                    yield word


def _catalog_of(items: list[Any]) -> str | None:
    """The catalog that these databases are in, but for resource links: they may show their target's properties."""
    for item in items:
        match item:
            case {"CatalogId": str(catalog_id)} if not item.get("TargetDatabase"):
                return catalog_id
    return None


def _name(item: object) -> str:
    name = item.get("Name") if isinstance(item, dict) else None
    return name if isinstance(name, str) and name else _NAMELESS


def _checked(shape: type[ShapeT], item: object, reference: Reference) -> ShapeT | Failed:
    try:
        return shape.model_validate(item)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        reason = f"Glue describes it in an unknown shape. {faults}"
        return Failed(reference=reference, step="read", reason=reason, named=reference.name != _NAMELESS)
