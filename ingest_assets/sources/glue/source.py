"""AWS Glue's Data Catalog as a source: catalogs are databases, Glue databases are schemas, and below are tables.

Least permissions: ``glue:GetDatabases`` and ``glue:GetTables`` on the catalog, its databases and tables. The account's
own id comes with the databases; only where there are none, STS is asked, which needs no permission.

The tables behind a resource link are read through the link, by its own name: AWS follows it, across regions too, and
the target needs no call of its own. Rights on both are needed (Lake Formation's rule); without them that schema fails.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from pydantic import ValidationError

from ingest_assets.catalog import (
    Database,
    DatabaseService,
    EntityType,
    Failed,
    Filtered,
    Finding,
    Note,
    Reference,
    Scope,
    Table,
    source_fqn,
)
from ingest_assets.errors import AuthenticationError, RecipeError, RejectedError, RemoteError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.glue.console import GlueConsole
from ingest_assets.sources.glue.formats import is_view, table_type
from ingest_assets.sources.glue.mapping import to_schema, to_table
from ingest_assets.sources.glue.presence import is_there
from ingest_assets.sources.glue.shapes import GlueDatabase, GlueTable

ShapeT = TypeVar("ShapeT", GlueDatabase, GlueTable)

_NAMELESS = "(without a name)"
_CATALOG_ID = re.compile(r"\d{12}(:.+)?")

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
        include_tables: Off: tables are counted as filtered.
        include_views: Off: views are counted as filtered.
        include_owners: Whether owners are asked for.
        include_ddl: Whether statements that make tables are asked for.
        use_fqn_for_filtering: Whether filters see fully qualified names in place of names.
        database_filter: Tells which catalogs are kept; like the other two, by name or FQN.
        schema_filter: Tells which Glue databases are kept.
        table_filter: Tells which tables are kept.
    """

    service: str
    database_name: str | None = None
    catalog_ids: tuple[str, ...] = ()
    include_tables: bool = True
    include_views: bool = True
    include_owners: bool = False
    include_ddl: bool = False
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
        self._lock = threading.Lock()
        self._first_pages: dict[tuple[str, ...], dict[str, Any]] = {}
        self._own_id: str | None = None

    def services(self) -> Sequence[DatabaseService]:
        """The service that all of it lies in; no remote call."""
        connection = {"type": "Glue", "awsConfig": {"awsRegion": self._session.region}}
        service = DatabaseService(
            path=(self._settings.service,),
            service_type="Glue",
            connection=connection,
            source_url=self._console.catalog(),
        )
        return [service]

    def roots(self) -> Sequence[Scope]:
        """The scope of catalogs, from which all others are found; no remote call."""
        return [Scope(EntityType.DATABASE, (self._settings.service,))]

    def identity(self) -> str | None:
        """Account and region, once the listing of databases has told the account."""
        return f"AWS account {self._own_id} in {self._session.region}" if self._own_id else None

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
        return is_there(self._session, reference, self._asked_place(reference))

    def _databases(self, _: Scope) -> Iterator[Finding]:
        page = next(self._database_pages({}, "the account's catalog"))
        own_id, name = _catalog_of(page["DatabaseList"]), self._settings.database_name
        if not name:
            name = own_id = own_id or self._session.account_id()
        self._own_id = own_id
        own = (self._settings.service, name)
        others = [(self._settings.service, each) for each in self._settings.catalog_ids if each != self._own_id]
        if self._settings.database_name and own in others:
            raise RecipeError(f"databaseName {name!r} is the id of another catalog that the recipe reads: rename it.")
        for path in dict.fromkeys([own, *others]):
            reference = Reference(EntityType.DATABASE, path)
            if reason := self._left_out(reference, self._settings.database_filter):
                yield Filtered(reference=reference, reason=reason)
                continue
            yield self._proven(reference, page if path == own else None)
            yield Scope(EntityType.SCHEMA, path)

    def _proven(self, reference: Reference, page: dict[str, Any] | None) -> Database | Failed:
        """A catalog that answers, or is only out of reach for now; its first page is kept for its own scope."""
        try:
            if page is None:
                page = next(self._database_pages(self._place(reference.path), reference.name))
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
        for page in self._schema_pages(scope):
            for item in page["DatabaseList"]:
                reference = Reference(EntityType.SCHEMA, (*scope.path, _name(item)))
                if reason := self._left_out(reference, self._settings.schema_filter):
                    yield Filtered(reference=reference, reason=reason)
                    continue
                database = _checked(GlueDatabase, item, reference)
                if isinstance(database, Failed):
                    yield database
                    continue
                yield to_schema(database, reference.path, self._catalog_id(scope.path[1]), self._console)
                yield Scope(EntityType.TABLE, reference.path)

    def _schema_pages(self, scope: Scope) -> Iterator[dict[str, Any]]:
        with self._lock:
            first = self._first_pages.pop(scope.path, None)
        if first is None:
            yield from self._database_pages(self._place(scope.path), scope.path[1])
            return
        yield first
        if token := first.get("NextToken"):
            yield from self._database_pages({**self._place(scope.path), "NextToken": token}, scope.path[1])

    def _tables(self, scope: Scope) -> Iterator[Finding]:
        _, catalog, schema = scope.path
        where = {**self._place(scope.path), "DatabaseName": schema}
        without_text = 0
        for page in self._session.pages("glue", "GetTables", schema, key="TableList", **where):
            for item in page["TableList"]:
                found = self._table(item, Reference(EntityType.TABLE, (*scope.path, _name(item))), catalog)
                without_text += isinstance(found, Table) and "sql" in found.unknown
                yield found
        if without_text:
            yield Note(
                text=f"{without_text} views of {schema} come without a text that can be read. Lake Formation hides it "
                "from a role that may only describe a view."
            )

    def _table(self, item: object, reference: Reference, catalog: str) -> Finding:
        if reason := self._left_out(reference, self._settings.table_filter):
            return Filtered(reference=reference, reason=reason)
        table = _checked(GlueTable, item, reference)
        if isinstance(table, Failed):
            return table
        if reason := self._kind_left_out(table_type(table)):
            return Filtered(reference=reference, reason=reason)
        return to_table(
            table,
            reference.path,
            self._catalog_id(catalog),
            self._console,
            include_owners=self._settings.include_owners,
            include_ddl=self._settings.include_ddl,
            labels=self._labels(),
        )

    def _labels(self) -> tuple[tuple[str, str], ...]:
        """The account's own catalog where paths call it by a label: SQL may still name it by its id."""
        label = self._settings.database_name
        return ((self._catalog_id(label), label),) if label else ()

    def _left_out(self, reference: Reference, keep: Callable[[str], bool]) -> str | None:
        name = source_fqn(reference.path) if self._settings.use_fqn_for_filtering else reference.name
        return None if reference.name == _NAMELESS or keep(name) else _PATTERNS[reference.type]

    def _kind_left_out(self, kind: str) -> str | None:
        if is_view(kind):
            return None if self._settings.include_views else "includeViews is off"
        return None if self._settings.include_tables else "includeTables is off"

    def _database_pages(self, where: Mapping[str, object], subject: str) -> Iterator[dict[str, Any]]:
        return self._session.pages("glue", "GetDatabases", subject, key="DatabaseList", **where)

    def _place(self, path: tuple[str, ...]) -> dict[str, object]:
        """The ``CatalogId`` parameter, which the account's own catalog does without."""
        return {} if self._is_own(path[1]) else {"CatalogId": path[1]}

    def _asked_place(self, reference: Reference) -> dict[str, object]:
        """The ``CatalogId`` parameter for what may be of an earlier recipe: of a catalog that is no longer read, too.

        Raises:
            RejectedError: The catalog is called by what is no id, such as an earlier label of the account's own.
        """
        catalog = reference.path[1]
        if catalog in (self._settings.database_name, self._own_id):
            return {}
        if not _CATALOG_ID.fullmatch(catalog):
            raise RejectedError(
                f"{catalog} is no id of a catalog, nor the databaseName of the recipe.",
                where=f"glue: {reference}",
                advice="So it can't be asked for, and is kept. Delete it by hand if it is gone.",
            )
        return {"CatalogId": catalog}

    def _is_own(self, catalog: str) -> bool:
        return catalog == self._settings.database_name or catalog not in self._settings.catalog_ids

    def _catalog_id(self, catalog: str) -> str:
        """Glue's id of a catalog by what it is called in a path."""
        if catalog != self._settings.database_name:
            return catalog
        # A retry in a new process finds the listing of catalogs proven, and does not read it again.
        return self._own_id or self._session.account_id()

    @cached_property
    def _console(self) -> GlueConsole:
        return GlueConsole(self._session.console_host(), self._session.region)


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
