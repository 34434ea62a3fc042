"""The state that is followed by change events is the state that a listing shows, whatever is done to the server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_assets.catalog import EntityType, Reference
from ingest_assets.errors import RemoteError
from ingest_assets.openmetadata.edge_state import EdgeState
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.server import Server
from ingest_assets.openmetadata.state import Learned, ServerState
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.server_rows import ServerRow
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.ingestion.runs import Place, place

HOST = "http://catalog/api"
SCHEMAS, TABLES = ("a", "b"), ("t", "u")
NUMBERS = itertools.count()


@pytest.fixture(scope="module", params=["1.5.7", "1.12.4"])
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """From 1.2 on restorations make events; before, one that is no PUT goes unseen."""
    with place(tmp_path_factory.mktemp("state"), request.param) as made:
        yield made


class Catalog:
    """A service of its own, what people do to it, and the ledger of one who follows."""

    def __init__(self, there: Place, folder: Path) -> None:
        self.there = there
        self.name = f"lake{next(NUMBERS)}"
        self.store = FolderStore(folder)
        self.server = Server(there.client(there.sandbox.bot_token), 4)
        self.admin = there.admin
        service = {"name": self.name, "serviceType": "Glue"}
        self.admin.put_entity("services/databaseServices", service)
        self.admin.put_entity("databases", {"name": "db", "service": self.name})

    def learn(self, key: str, full_listing: str = "never") -> tuple[Learned, dict[str, ServerRow]]:
        known = self.server.listing.service(Reference(EntityType.DATABASE_SERVICE, (self.name,)))
        assert known is not None
        with Ledger(self.store, key, HOST) as ledger:
            ledger.begin_plan("another")
            ledger.bind(known.id)
            edges = EdgeState(self.server.client, ledger, self.server.capabilities, SilentProgress())
            listing, events = self.server.listing, self.server.events
            state = ServerState(
                ledger, listing, events, edges, [known.key], SilentProgress(), full_listing=full_listing
            )
            learned = state.learn([known])
            ledger.end_plan("plan")
            ledger.end_publishing("one")
            kinds = (EntityType.DATABASE, EntityType.SCHEMA, EntityType.TABLE)
            parents = ["", self.name, f"{self.name}.db", *(f"{self.name}.db.{schema}" for schema in SCHEMAS)]
            found = (row for kind in kinds for parent in parents for row in ledger.server.children(kind.value, parent))
            # When a child changed with its parent, no event tells.
            return learned, {row.fqn: row._replace(updated_at=0) for row in found}

    def schema(self, schema: str) -> dict[str, Any]:
        return {"name": schema, "database": f"{self.name}.db"}

    def table(self, schema: str, table: str) -> dict[str, Any]:
        columns = [{"name": "id", "dataType": "INT"}]
        return {"name": table, "databaseSchema": f"{self.name}.db.{schema}", "columns": columns}

    def do(self, act: str, schema: str, table: str | None) -> None:
        """Do something, if it can be done."""
        kind = EntityType.SCHEMA if table is None else EntityType.TABLE
        collection, fqn = collection_of(kind), ".".join([self.name, "db", schema, *([table] if table else [])])
        try:
            if act == "put":
                self.admin.put_entity(collection, self.table(schema, table) if table else self.schema(schema))
                return
            entity = self.admin.get_by_name(collection, fqn, {"include": "all"})
            acts: dict[str, Callable[[], object]] = {
                "delete": lambda: self.delete(collection, entity, "false"),
                "delete for good": lambda: self.delete(collection, entity, "true"),
                "restore": lambda: self.admin.restore(collection, entity["id"]),
                "describe": lambda: self.describe(collection, entity, f"Words {next(NUMBERS)}"),
            }
            acts[act]()
        except RemoteError:
            pass

    def delete(self, collection: str, entity: dict[str, Any], hard: str) -> None:
        self.admin.delete(f"/v1/{collection}/{entity['id']}", {"recursive": "true", "hardDelete": hard})

    def describe(self, collection: str, entity: dict[str, Any], words: str) -> None:
        self.admin.patch(f"/v1/{collection}/{entity['id']}", [{"op": "add", "path": "/description", "value": words}])


ACTS = st.one_of(
    st.just(None),
    st.tuples(
        st.sampled_from(["put", "put", "put", "delete", "delete for good", "restore", "describe"]),
        st.sampled_from(SCHEMAS),
        st.sampled_from([None, *TABLES]),
    ),
)
"""None: a look at the server."""


@settings(max_examples=15, deadline=None)
@given(acts=st.lists(ACTS, min_size=5, max_size=25))
def test_what_is_followed_is_what_a_listing_shows(there: Place, acts: list[tuple[str, str, str | None] | None]) -> None:
    with TemporaryDirectory() as folder:
        catalog = Catalog(there, Path(folder))
        for schema, table in itertools.product(SCHEMAS, (None, *TABLES)):
            catalog.do("put", schema, table)
        catalog.learn("followed")
        for act in acts:
            if act is None:
                catalog.learn("followed")
            else:
                catalog.do(*act)
        before, _ = catalog.learn("followed")
        learned, followed = catalog.learn("followed")
        _, listed = catalog.learn("listed")
    assert (before.listed_because, learned) == (None, Learned(None))
    assert followed == listed
