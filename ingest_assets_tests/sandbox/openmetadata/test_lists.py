"""Lists: pages, filters, order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ingest_assets.sandbox.faults import Fault, Faults
from ingest_assets.sandbox.openmetadata_faults import StepFaults
from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, names, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker


def _fill(api: Api, count: int = 7) -> list[str]:
    api.make_schema()
    made = [f"t{number}" for number in range(count)]
    for name in made:
        api.make("tables", table(name))
    return made


def _walk(api: Api, **query: Any) -> Iterator[list[str]]:
    after: dict[str, str] = {}
    for _ in range(20):
        answer = api.get("tables", **query, **after)
        yield names(answer)
        paging = answer.json()["paging"]
        if "after" not in paging:
            return
        after = {"after": paging["after"]}
    pytest.fail("the pages never end")


@pytest.mark.parametrize("version", ["1.0.5", "1.5.8", "1.12.4"])
@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_pages_make_up_the_whole(serve: ServerMaker, version: str, limit: int) -> None:
    api = serve(version)
    made = _fill(api)
    pages = list(_walk(api, limit=limit, database="lake.d"))
    assert [name for page in pages for name in page] == made
    assert len(pages) == -(-len(made) // limit)


def test_what_is_made_or_deleted_between_pages_shifts_nothing(serve: ServerMaker) -> None:
    api = serve()
    _fill(api, 4)
    first = api.get("tables", limit=2)
    api.make("tables", table("a"))
    api.delete("tables/name/lake.d.s.t1")
    second = api.get("tables", limit=2, after=first.json()["paging"]["after"])
    assert (names(first), names(second)) == (["t0", "t1"], ["t2", "t3"])


def test_equal_names_in_many_schemas_are_all_listed(serve: ServerMaker) -> None:
    api = serve()
    for schema in "stuv":
        api.make_schema(schema=schema)
        api.make("tables", table("same", f"lake.d.{schema}"))
    assert list(_walk(api, limit=1)) == [["same"]] * 4


def test_a_page_back_holds_what_was_before(serve: ServerMaker) -> None:
    api = serve()
    _fill(api, 5)
    second = api.get("tables", limit=2, after=api.get("tables", limit=2).json()["paging"]["after"])
    back = api.get("tables", limit=2, before=second.json()["paging"]["before"])
    assert names(back) == ["t0", "t1"]


def test_the_default_page_has_ten(serve: ServerMaker) -> None:
    api = serve()
    _fill(api, 12)
    answer = api.get("tables")
    assert len(names(answer)) == 10
    assert answer.json()["paging"]["total"] == 12


def test_a_filter_takes_whole_parts_of_an_fqn(serve: ServerMaker) -> None:
    api = serve()
    for schema in ("s", "sx"):
        api.make_schema(schema=schema)
        api.make("tables", table(f"in_{schema}", f"lake.d.{schema}"))
    assert names(api.get("tables", databaseSchema="lake.d.s")) == ["in_s"]
    assert names(api.get("tables", databaseSchema='"lake".d.s')) == ["in_s"]


def test_1_0_ignores_the_schema_but_not_the_database(serve: ServerMaker) -> None:
    api = serve("1.0.5")
    for database in ("d", "e"):
        api.make_schema(database=database)
        api.make("tables", table(f"in_{database}", f"lake.{database}.s"))
    assert names(api.get("tables", databaseSchema="lake.d.s")) == ["in_d", "in_e"]
    assert names(api.get("tables", database="lake.d")) == ["in_d"]


def test_on_demand_a_filter_is_ignored(serve: ServerMaker) -> None:
    api = serve(faults=StepFaults(Faults([Fault("ignore-filter", operation="GET /v1/tables")])))
    _fill(api, 2)
    answer = api.get("tables", databaseSchema="lake.d.none", limit=1)
    assert (names(answer), answer.json()["paging"]["total"]) == (["t0"], 2)
    assert names(api.get("databaseSchemas", database="lake.none")) == []


def test_a_list_follows_every_write(serve: ServerMaker) -> None:
    api = serve()
    _fill(api, 2)
    assert names(api.get("tables")) == ["t0", "t1"]
    api.delete("tables/name/lake.d.s.t0")
    assert names(api.get("tables")) == ["t1"]
    assert names(api.get("tables", include="deleted")) == ["t0"]
    assert names(api.get("tables", include="all")) == ["t0", "t1"]
    api.delete("databaseSchemas/name/lake.d.s", recursive="true", hardDelete="true")
    assert names(api.get("tables", include="all")) == []


def test_fields_bring_what_is_hidden_and_nothing_else_does(serve: ServerMaker) -> None:
    api = serve()
    _fill(api, 0)
    api.make(
        "tables",
        table("t", schemaDefinition="select 1", tableConstraints=[{"constraintType": "UNIQUE", "columns": ["a"]}]),
    )
    hidden = {"schemaDefinition", "tableConstraints", "tags", "owners", "followers"}
    assert not hidden & api.get("tables").json()["data"][0].keys()
    assert hidden <= api.get("tables", fields=",".join(hidden)).json()["data"][0].keys()


def test_children_are_shown_when_asked_for(serve: ServerMaker) -> None:
    api = serve()
    _fill(api, 2)
    api.delete("tables/name/lake.d.s.t0")
    schema = api.named("databaseSchemas", "lake.d.s", fields="tables").json()
    assert [one["fullyQualifiedName"] for one in schema["tables"]] == ["lake.d.s.t1"]


def test_users_and_teams_are_listed_and_filtered(serve: ServerMaker) -> None:
    api = serve()
    team = api.app.add_team("crew")
    api.app.add_user("ann")
    api.make("users", {"name": "bob", "email": "bob@example.com", "teams": [team]})
    assert names(api.get("users", isBot="true")) == ["ingestion-bot"]
    assert names(api.get("users", team="crew")) == ["bob"]
    assert names(api.get("users", limit=100)) == ["admin", "ann", "bob", "ingestion-bot"]
    bob = api.named("users", "bob", fields="teams").json()
    assert (bob["email"], [one["name"] for one in bob["teams"]]) == ("bob@example.com", ["crew"])
    assert names(api.get("teams")) == ["crew"]


def test_a_membership_is_one_whoever_names_it(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    ann = api.app.add_user("ann")
    crew = api.make("teams", {"name": "crew", "teamType": "Group", "users": [ann]})
    api.make("users", {"name": "bob", "email": "bob@example.com", "teams": [crew["id"]]})
    assert [one["name"] for one in api.named("teams", "crew", fields="users").json()["users"]] == ["ann", "bob"]
    for name in ("ann", "bob"):
        assert [one["name"] for one in api.named("users", name, fields="teams").json()["teams"]] == ["crew"]
    assert names(api.get("users", team="crew")) == ["ann", "bob"]
    zoe = api.app.add_user("zoe")
    api.make("teams", {"name": "crew", "teamType": "Group", "users": [ann, zoe]})
    assert names(api.get("users", team="crew")) == ["ann", "bob", "zoe"]
    api.make("teams", {"name": "below", "teamType": "Group", "parents": [crew["id"]]})
    assert names(api.get("teams", parentTeam="crew")) == ["below"]


def test_services_are_listed_by_domain(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    api.put("domains", {"name": "sales", "domainType": "Aggregate", "description": "words"}, token=ADMIN)
    for name, extra in (("in", {"domain": "sales"}), ("out", {})):
        api.make("services/dashboardServices", {"name": name, "serviceType": "Looker", **extra})
    assert names(api.get("services/dashboardServices", domain="sales")) == ["in"]
    assert names(api.get("services/dashboardServices", domain="none")) == []
