from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import pytest

from ingest_assets.errors import UnavailableError
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets.openmetadata.owners import OwnerLookup, Owners
from ingest_assets_tests.openmetadata.misbehaving import Received, Reply, Server, client_of, scripted, serving

USERS: dict[str, dict[str, Any]] = {
    "ann": {"id": "u1", "email": "ann@example.com"},
    "bob": {"id": "u2", "email": "Robert@Example.com"},
    '"cy.d"': {"id": "u3", "email": "cy.d@example.com"},
    "eve": {"id": "u4"},
} | {f"u{number}": {"id": f"n{number}", "email": f"u{number}@example.com"} for number in range(9)}
TEAMS = {
    "data": {"id": "t1", "teamType": "Group"},
    "sales": {"id": "t2", "teamType": "Department"},
}


def company(received: Received) -> Reply:
    collection, _, name = received.path.partition("?")[0].removeprefix("/api/v1/").partition("/name/")
    if not name:
        return Reply({"data": list(USERS.values()), "paging": {"total": len(USERS)}})
    if '"' in unquote(name).strip('"'):
        return Reply({"code": 400, "message": "Invalid name"}, 400)
    found = (USERS if collection == "users" else TEAMS).get(unquote(name))
    return Reply(found) if found else Reply({"code": 404, "message": f"{name} not found"}, 404)


@contextmanager
def looking_up(version: str = "1.5.7") -> Iterator[tuple[OwnerLookup, Server]]:
    with serving(company) as server:
        yield OwnerLookup(client_of(server.url), capabilities_of(Version.parse(version))), server


def resolve(names: Sequence[str], version: str = "1.5.7") -> Owners:
    with looking_up(version) as (lookup, _):
        return lookup.resolve(names)


def ids(owners: Owners) -> list[str]:
    return [owner["id"] for owner in owners.found]


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("ann", {"id": "u1", "type": "user"}),
        ("ANN", {"id": "u1", "type": "user"}),
        (" ann ", {"id": "u1", "type": "user"}),
        ("Cy.D", {"id": "u3", "type": "user"}),
        ("Ann@Example.com", {"id": "u1", "type": "user"}),
        ("robert@example.com", {"id": "u2", "type": "user"}),
        ("data", {"id": "t1", "type": "team"}),
    ],
)
def test_a_name_or_address_is_found(name: str, owner: dict[str, str]) -> None:
    assert resolve([name]) == Owners((owner,), {})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("hadoop", "no user or team"),
        ("nobody@example.com", "no user or team"),
        ("eve@example.com", "no user or team"),  # her user has another address or none
        ("sales", "type Department"),
        ('a"b', "no user or team"),
        ("", "empty"),
    ],
)
def test_what_is_no_owner_is_told_with_its_reason(name: str, reason: str) -> None:
    found, missing = resolve([name])
    assert found == ()
    assert reason in missing[name]


def test_users_of_1_0_keep_their_case() -> None:
    with looking_up("1.0.3") as (lookup, server):
        assert ids(lookup.resolve(["ANN"])) == ["u1"]
    assert [path.rpartition("/")[2] for path in server.paths()] == ["ANN", "ann"]


def test_several_users_are_sent_together_and_a_team_is_not_sent_beside_them() -> None:
    found = resolve(["ann", "data", "bob", "ann"])
    assert ids(found) == ["u1", "u2"]
    assert "not both" in found.missing["data"]
    assert ids(resolve(["data", "ann"])) == ["t1"]


def test_one_user_met_under_two_names_is_one_owner() -> None:
    assert ids(resolve(["ann", "ann@example.com"])) == ["u1"]


def test_no_more_users_than_the_server_allows() -> None:
    found = resolve([f"u{number}" for number in range(7)])
    assert len(found.found) == 5
    assert set(found.missing) == {"u5", "u6"}


def test_a_server_before_1_5_holds_one_owner() -> None:
    found = resolve(["ann", "bob"], "1.4.8")
    assert ids(found) == ["u1"]
    assert "one owner" in found.missing["bob"]


def test_each_name_is_asked_for_once_by_many_threads() -> None:
    with looking_up() as (lookup, server):
        threads = [threading.Thread(target=lookup.resolve, args=(["ann", "hadoop"],)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(path.removeprefix("GET /api/v1/") for path in server.paths()) == [
        "teams/name/hadoop",
        "users/name/ann",
        "users/name/hadoop",
    ]


def test_users_are_paged_once_for_all_addresses() -> None:
    with looking_up() as (lookup, server):
        lookup.resolve(["a@x", "b@x", "robert@example.com"])
    assert sum(path.startswith("GET /api/v1/users?") for path in server.paths()) == 1


def test_a_bot_that_may_not_look_up_users_gets_a_reason() -> None:
    with serving(scripted(Reply({"message": "operations [ViewAll] not allowed"}, 403))) as server:
        found = OwnerLookup(client_of(server.url), capabilities_of(Version(1, 5))).resolve(["ann"])
    assert "may not" in found.missing["ann"]


def test_a_server_that_fails_leaves_owners_unknown_and_not_missing() -> None:
    with serving(scripted(Reply({}, 503))) as server, pytest.raises(UnavailableError):
        OwnerLookup(client_of(server.url), capabilities_of(Version(1, 5))).resolve(["ann"])
