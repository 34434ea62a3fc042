"""Owners follow the source, whatever a server makes of those in a bot's PUT: from 2.0 on it keeps the old ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.catalog import Entity, EntityType
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place, place
from ingest_assets_tests.ingestion.test_every_type import ESTATES, MakeEstate

ANN, BOB = "lena.berg", "omar.haddad"
ORDERS = "lake.db.sales.orders"


@pytest.fixture(params=["1.0.3", "1.5.7", "1.12.4", "2.0.7"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Each line of versions that treats owners in its own way."""
    with place(tmp_path, request.param) as made:
        yield made


def owners(here: Place, kind: EntityType, fqn: str) -> list[str]:
    name = here.admin.capabilities.owners
    found = here.get(kind, fqn, name).get(name) or []
    return [each["name"] for each in (found if isinstance(found, list) else [found])]


def choose(here: Place, fqn: str, user: str) -> None:
    """A person sets another owner on a table."""
    name = here.admin.capabilities.owners
    owner = {"id": here.sandbox.openmetadata.add_user(user), "type": "user"}
    operation = {"op": "add", "path": f"/{name}", "value": [owner] if name == "owners" else owner}
    here.admin.patch(f"/v1/tables/{here.table(fqn)['id']}", [operation])


def test_owners_of_tables_follow_the_source_and_a_persons_stay(server: Place) -> None:
    made = Lake()
    for name in ("orders", "hers", "nobodys"):
        made.put("sales", name, owners=(ANN,))
    server.run(made)
    choose(server, "lake.db.sales.hers", "eve")
    for name in ("orders", "hers"):
        made.put("sales", name, owners=(BOB,))
    made.put("sales", "nobodys", owners=())
    assert not server.run(made).failures()
    assert owners(server, EntityType.TABLE, ORDERS) == [BOB]
    assert owners(server, EntityType.TABLE, "lake.db.sales.hers") == ["eve"]
    assert owners(server, EntityType.TABLE, "lake.db.sales.nobodys") == []
    assert server.run(made).written() == 0


def owned(estate: Estate, owner: str) -> list[Entity]:
    estate.put(*(each.model_copy(update={"owners": (owner,)}) for each in list(estate.entities.values())))
    return list(estate.entities.values())


@pytest.mark.parametrize("make", ESTATES)
def test_owners_of_every_type_follow_the_source(server: Place, make: MakeEstate) -> None:
    estate, names = make(), server.admin.capabilities.names
    owned(estate, ANN)
    assert run_estate(server, estate).failures() == {}
    changed = owned(estate, BOB)
    assert run_estate(server, estate).failures() == {}
    found = [owners(server, each.reference.type, names.fqn(each.reference)) for each in changed]
    assert found == [[BOB]] * len(changed)
    assert run_estate(server, estate).written() == 0
