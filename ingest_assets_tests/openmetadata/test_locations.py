from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote as percent_encoded

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_assets.catalog import Elsewhere, EntityKey, EntityType
from ingest_assets.errors import InvalidAnswerError, PermissionDeniedError, RejectedError
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets.openmetadata.elsewhere import Found, Missing, Neighbours
from ingest_assets.openmetadata.locations import Held, Locations, location_of, may_hold
from ingest_assets_tests.openmetadata.misbehaving import Reply, client_of, routed, scripted, serving

PART = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=8)
PARTS = st.lists(PART, min_size=1, max_size=5)
SERVICES, CONTAINERS = "/services/storageServices", "/containers"


def service(name: str = "s3", kind: str = "S3") -> dict[str, Any]:
    return {"name": name, "fullyQualifiedName": f'"{name}"' if "." in name else name, "serviceType": kind}


def container(fqn: str, address: str | None = None, *, of: str = "s3", **rest: Any) -> dict[str, Any]:
    above = {"name": of, "fullyQualifiedName": f'"{of}"' if "." in of else of}
    made = {"id": f"id of {fqn}", "fullyQualifiedName": fqn, "service": above} | rest
    return made if address is None else {**made, "fullPath": address}


def page(*rows: dict[str, Any], after: str | None = None) -> Reply:
    return Reply({"data": list(rows), "paging": {"total": len(rows)} | ({"after": after} if after else {})})


def held(
    names: Sequence[str] | str, *rows: dict[str, Any], version: str = "1.12.4", services: Sequence[str] = ()
) -> Held:
    names = (names,) if isinstance(names, str) else names
    with serving(routed({SERVICES: page(service()), CONTAINERS: page(*rows)})) as server:
        places = Locations(client_of(server.url), capabilities_of(Version.parse(version)), services)
        return places.holding(names)


def fqns(found: Held) -> list[str]:
    return [holder.key.fqn for holder in found.holders]


LAKE = (
    container("s3.lake", "s3://lake"),
    container("s3.lake.orders", "s3://lake/orders"),
    container("s3.lake.orders.2024", "s3a://lake/orders//2024/"),
    container("s3.lake.orders2", "s3://lake/orders2"),
    container("s3.lake.Case", "s3://lake/Case"),
    container("s3.gcs", "gs://lake/google"),
)


@pytest.mark.parametrize(
    ("address", "fqn"),
    [
        ("s3://lake/orders", "s3.lake.orders"),
        ("s3://lake/orders/", "s3.lake.orders"),
        ("s3a://lake/orders", "s3.lake.orders"),
        ("S3N://lake//orders//", "s3.lake.orders"),
        ("s3://lake/orders/2023/part", "s3.lake.orders"),
        ("s3://lake/orders/2024/part", "s3.lake.orders.2024"),
        ("s3://lake/orders/20244", "s3.lake.orders"),
        ("s3://lake/orders2/x", "s3.lake.orders2"),
        ("s3://lake/%6Frders/x", "s3.lake.orders"),
        ("s3://lake/Case", "s3.lake.Case"),
        ("s3://lake", "s3.lake"),
        ("s3://lake/", "s3.lake"),
    ],
)
def test_the_longest_path_that_is_the_same_or_above_holds_a_location(address: str, fqn: str) -> None:
    assert fqns(held(address, *LAKE)) == [fqn]


@pytest.mark.parametrize("address", ["s3://lake/case", "s3://lake/orders3", "s3://lake/google", "s3://lake/order"])
def test_a_bucket_that_is_not_named_itself_is_passed_over(address: str) -> None:
    assert held(address, *LAKE) == Held((), EntityKey(EntityType.CONTAINER, "s3.lake"))


@pytest.mark.parametrize("address", ["s3://lak/orders", "s3://LAKE/orders", "gs://lake/google", "s3:///lake", "lake"])
def test_other_buckets_and_other_storage_hold_nothing(address: str) -> None:
    assert held(address, *LAKE) == Held(())


def test_a_bucket_counts_that_is_named_before_the_path_in_it() -> None:
    assert fqns(held(("s3://lake", "orders3/"), *LAKE)) == ["s3.lake"]
    assert fqns(held(("s3://lake/", "/orders/x"), *LAKE)) == ["s3.lake.orders"]
    assert fqns(held(("s3://lake/elsewhere", "x"), *LAKE)) == []


def test_percent_signs_mean_themselves_where_a_container_has_them() -> None:
    plain = container("s3.plain", "s3://lake/day=1:2")
    escaped = container("s3.escaped", "s3://lake/day=1%3A2")
    assert fqns(held("s3://lake/day=1%3A2/x", plain, escaped)) == ["s3.escaped"]
    assert fqns(held("s3://lake/day=1:2/x", plain, escaped)) == ["s3.plain"]
    assert fqns(held("s3://lake/day=1%3A2/x", plain)) == ["s3.plain"]
    assert fqns(held("s3://lake/day=1:2", escaped)) == ["s3.escaped"]
    assert fqns(held("s3://lake/day=1%3a2", plain, escaped)) == ["s3.plain", "s3.escaped"]
    # An escaped slash is part of a name: Hive writes values so.
    assert held("s3://lake/a/b", container("s3.value", "s3://lake/a%2Fb")) == Held(())


@pytest.mark.parametrize(
    ("fqn", "prefix", "address"),
    [
        ("s3.lake", "/", "s3://lake"),
        ("s3.lake", None, "s3://lake"),
        ('s3."my.lake"', "/", "s3://my.lake"),
        ("s3.lake.orders", "/raw/orders/", "s3://lake/raw/orders"),
        ("s3.lake.raw/orders", None, "s3://lake/raw/orders"),
        ("s3.lake.raw.orders", "/raw/orders", "s3://lake/raw/orders"),
        ("s3.lake.raw.orders", "orders/", "s3://lake/raw/orders"),
        ("s3.lake.raw.orders", None, "s3://lake/raw/orders"),
        ("s3.lake.raw__reserved__colon__x", None, None),
        ("s3.lake.raw__reserved__colon__x", "/raw::x", "s3://lake/raw::x"),
        ("s3.lake.raw__reserved__colon__x.orders", "orders", None),
    ],
)
@pytest.mark.parametrize("version", ["1.0.3", "1.12.4"])
def test_a_container_without_an_address_lies_where_its_names_and_prefix_say(
    fqn: str, prefix: str | None, address: str | None, version: str
) -> None:
    row = container(fqn, prefix=prefix)
    found = held(address or "s3://lake/raw::x/orders", row, version=version)
    assert fqns(found) == ([fqn] if address else [])
    if address:
        assert found.holders[0].written == address


def test_services_of_other_kinds_are_not_listed_and_the_recipe_narrows_down() -> None:
    rows = {
        "s3": container("s3.lake", "s3://lake"),
        "gcs": container("gcs.lake", "s3://lake", of="gcs"),
        "my.s3": container('"my.s3".lake.x', "s3://lake", of="my.s3"),
    }
    services = page(service(), service("gcs", "Gcs"), service("my.s3"))
    cases: dict[tuple[str, ...], list[str]] = {
        (): ["s3.lake", '"my.s3".lake.x'],
        ("s3",): ["s3.lake"],
        ("gcs",): ["gcs.lake"],
        ('"my.s3".lake',): ['"my.s3".lake.x'],
        ('"my.s3".lak',): [],
    }
    # The filter is ignored, as servers ignore what they do not know: each row tells its service.
    with serving(routed({SERVICES: services, CONTAINERS: page(*rows.values())})) as server:
        for named, found in cases.items():
            places = Locations(client_of(server.url), capabilities_of(Version.parse("1.12.4")), named)
            assert fqns(places.holding(("s3://lake",))) == found, named


def test_containers_are_listed_page_by_page_once_and_only_when_asked_for() -> None:
    replies = scripted(page(service()), page(LAKE[0], after="2"), page(*LAKE[1:]))
    with serving(replies) as server:
        places = Locations(client_of(server.url), capabilities_of(Version.parse("1.12.4")))
        assert (places.holding(("gs://lake",)), server.paths()) == (Held(()), [])
        for address in ("s3://lake/orders", "s3://lake", "s3://none"):
            places.holding((address,))
        assert [path.partition("?")[0] for path in server.paths()] == [
            f"GET /api/v1{path}" for path in (SERVICES, CONTAINERS, CONTAINERS)
        ]
        assert "after=2" in server.paths()[-1]


def test_a_listing_that_goes_round_in_circles_ends() -> None:
    with serving(routed({SERVICES: page(service()), CONTAINERS: page(LAKE[0], after="1")})) as server:
        places = Locations(client_of(server.url), capabilities_of(Version.parse("1.12.4")))
        for _ in range(2):
            with pytest.raises(InvalidAnswerError, match="does not end"):
                places.holding(("s3://lake/orders",))
        assert len(server.paths()) == 3


def test_a_refused_listing_is_not_asked_for_again() -> None:
    denied = Reply({"code": 403, "message": "no"}, status=403)
    with serving(routed({SERVICES: denied})) as server:
        places = Locations(client_of(server.url), capabilities_of(Version.parse("1.12.4")))
        for _ in range(3):
            with pytest.raises(PermissionDeniedError):
                places.holding(("s3://lake/orders",))
        assert len(server.paths()) == 1


def test_more_containers_than_memory_is_given_are_refused() -> None:
    with serving(routed({SERVICES: page(service()), CONTAINERS: page(*LAKE)})) as server:
        places = Locations(client_of(server.url), capabilities_of(Version.parse("1.12.4")), most=2)
        with pytest.raises(RejectedError, match="more than 2 containers"):
            places.holding(("s3://lake/orders",))


def test_a_row_without_its_service_is_no_answer() -> None:
    row = container("s3.lake", "s3://lake")
    del row["service"]
    with pytest.raises(InvalidAnswerError, match="lacks 'service'"):
        held("s3://lake", row)


def test_a_container_that_goes_while_it_is_looked_for_is_missing() -> None:
    gone = Reply({"code": 404, "message": "gone"}, status=404)
    replies = {SERVICES: page(service()), "/containers/name/s3.lake.orders": gone, CONTAINERS: page(*LAKE)}
    with serving(routed(replies)) as server:
        there = Neighbours(client_of(server.url), capabilities_of(Version.parse("1.12.4")))
        found = there.find(Elsewhere(type=EntityType.CONTAINER, names=("s3://lake/orders",), system="s3"))
    assert found == Missing("s3.lake.orders was listed and is gone")
    assert not isinstance(found, Found)


@given(PARTS, st.lists(PART, max_size=3))
def test_a_place_is_held_by_itself_and_all_above_in_any_spelling(parts: list[str], below: list[str]) -> None:
    plain = location_of("s3://" + "/".join(parts))
    spelled = location_of("s3a://" + "//".join(percent_encoded(part, safe="") for part in [*parts, *below]) + "/")
    assert plain is not None
    assert spelled is not None
    twice = location_of(percent_encoded(plain.address, safe=":/%"))
    assert twice is not None
    assert twice.address == plain.address
    if not any("%" in part for part in parts):
        assert plain.address in [place.address for place in spelled.above()]


@pytest.fixture(scope="module")
def listed() -> Iterator[tuple[str, dict[str, Reply]]]:
    """A server whose listing an example replaces."""
    routes = {SERVICES: page(service())}
    with serving(routed(routes)) as server:
        yield server.url, routes


FEW = st.lists(st.sampled_from(["a", "ab", "A", "a b"]), min_size=1, max_size=4).map(tuple)


@settings(max_examples=60)
@given(there=st.sets(FEW, max_size=8), wanted=FEW)
def test_of_all_containers_the_longest_that_is_the_same_or_above_is_taken(
    listed: tuple[str, dict[str, Reply]], there: set[tuple[str, ...]], wanted: tuple[str, ...]
) -> None:
    url, routes = listed
    routes[CONTAINERS] = page(*(container(".".join(("s3", *path)), "s3://" + "/".join(path)) for path in there))
    found = Locations(client_of(url), capabilities_of(Version.parse("1.12.4"))).holding(("s3://" + "/".join(wanted),))
    above = [path for path in there if path == wanted[: len(path)]]
    longest = max(above, key=len, default=())
    fqn = ".".join(("s3", *longest))
    if not longest or (len(longest) == 1 and len(wanted) > 1):
        assert found == Held((), EntityKey(EntityType.CONTAINER, fqn) if longest else None)
    else:
        assert fqns(found) == [fqn]


@given(PARTS, PARTS)
def test_two_places_have_one_address_only_if_they_mean_the_same(one: list[str], other: list[str]) -> None:
    first, second = (location_of("s3://" + "/".join(parts)) for parts in (one, other))
    assert first is not None
    assert second is not None
    assert (first.address == second.address) == (first.plain == second.plain)


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    for address in (text, f"s3://{text}"):
        place = location_of(address)
        assert place is None or location_of(place.address) is not None


@pytest.mark.parametrize(
    ("fqn", "may"),
    [
        ("s3.lake", True),
        ("s3.lake.orders", True),
        ("s3.lake.raw", False),
        ("s3.lake.orders/2024", True),
        ("s3.lake.orders.2024.x", False),
        ("s3.other.orders", False),
        ("s3.lake.a__reserved__colon__", True),
    ],
)
def test_what_an_address_was_found_in_is_told_by_names(fqn: str, may: bool) -> None:
    assert may_hold("s3://lake/orders/2024", EntityKey(EntityType.CONTAINER, fqn)) is may
    assert not may_hold("s3://lake/orders/2024", EntityKey(EntityType.TABLE, fqn))
