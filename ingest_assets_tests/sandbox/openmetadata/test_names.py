"""Names at every level, and how FQNs spell them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sandbox.openmetadata.names import canonical, join, quote, split
from ingest_assets_tests.sandbox.openmetadata.api import table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker

_ODD = ["a.b", "a/b", "a%20b#c?d", " a ", "größe 表", "a+b&c=d", "ünï.cöde/x"]

_BARE_NAMES = st.text(
    st.characters(blacklist_characters='"', blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20
)


@given(st.lists(_BARE_NAMES, min_size=1, max_size=5))
def test_an_fqn_splits_into_the_names_it_was_made_of(names: list[str]) -> None:
    fqn = quote(names[0])
    for name in names[1:]:
        fqn = join(fqn, name)
    assert split(fqn) == tuple(names)
    assert canonical(fqn) == fqn


@given(st.lists(_BARE_NAMES, min_size=1, max_size=5))
def test_needless_quotes_are_dropped(names: list[str]) -> None:
    assert canonical(".".join(f'"{name}"' for name in names)) == ".".join(map(quote, names))


@pytest.mark.parametrize("fqn", ["", ".", "a.", ".a", "a..b", 'a"b', '"a', '"a"b'])
def test_what_is_no_fqn_has_no_parts(fqn: str) -> None:
    assert split(fqn) == ()


@pytest.mark.parametrize("name", _ODD)
@pytest.mark.parametrize("version", ["1.5.8", "1.12.4"])
def test_an_odd_name_comes_back_the_same_at_every_level(serve: ServerMaker, version: str, name: str) -> None:
    api = serve(version)
    schema = api.make_schema(name, name, name)["fullyQualifiedName"]
    column = {"name": name, "dataType": "STRUCT", "children": [{"name": name, "dataType": "INT"}]}
    made = api.make("tables", table(name, schema, columns=[column]))
    spelled = f'"{name}"' if "." in name else name
    assert made["fullyQualifiedName"] == ".".join([spelled] * 4)
    assert made["columns"][0]["children"][0]["fullyQualifiedName"] == ".".join([spelled] * 6)
    assert api.named("tables", made["fullyQualifiedName"]).json()["id"] == made["id"]
    assert [one["name"] for one in api.get("tables", databaseSchema=schema).json()["data"]] == [name]
    assert [one["name"] for one in api.get("databases", service=name).json()["data"]] == [name]
    assert api.named("services/databaseServices", name).json()["fullyQualifiedName"] == spelled


def test_on_1_0_a_service_with_a_dot_is_bare_and_its_databases_quote_it(serve: ServerMaker) -> None:
    """The 1.0 source builds a database's FQN from the service's name, not from its FQN."""
    api = serve("1.0.5")
    assert api.make_service("a.b")["fullyQualifiedName"] == "a.b"
    assert api.make("databases", {"name": "d", "service": "a.b"})["fullyQualifiedName"] == '"a.b".d'
    topics = {"name": "k.s", "serviceType": "Kinesis", "connection": {"config": {"type": "Kinesis"}}}
    api.make("services/messagingServices", topics)
    topic = api.make("topics", {"name": "t.1", "service": "k.s", "partitions": 1})
    assert topic["fullyQualifiedName"] == 'k.s."t.1"'
    assert api.put("databases", {"name": "d", "service": '"a.b"'}).status_code == 404


def test_from_1_2_on_a_database_names_its_service_by_the_quoted_fqn(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    api.make_service("a.b")
    assert api.put("databases", {"name": "d", "service": "a.b"}).status_code == 404
    assert api.make("databases", {"name": "d", "service": '"a.b"'})["fullyQualifiedName"] == '"a.b".d'


@pytest.mark.parametrize("name", ['a"b', '"a"', "a::b", "a\nb", "a\u2028b", "x" * 257])
def test_names_that_no_version_takes(serve: ServerMaker, name: str) -> None:
    api = serve()
    api.make_schema()
    assert api.put("tables", table(name)).status_code == 400


@pytest.mark.parametrize(
    ("version", "name", "status"),
    [
        ("1.3.4", "a", 400),
        ("1.3.4", "x" * 65, 400),
        ("1.3.4", "ab", 201),
        ("1.4.0", "a", 201),
        ("1.4.0", "x" * 65, 201),
    ],
)
def test_names_of_tags_were_between_two_and_64_long(serve: ServerMaker, version: str, name: str, status: int) -> None:
    api = serve(version)
    assert api.put("classifications", {"name": name, "description": "words"}).status_code == status
    assert api.put("tags", {"name": name, "classification": "PII", "description": "words"}).status_code == status


@pytest.mark.parametrize(
    ("version", "name", "status"),
    [
        ("1.0.5", "x" * 129, 400),
        ("1.2.5", "x" * 129, 400),
        ("1.3.0", "x" * 129, 201),
        ("1.0.5", "a/b", 400),
        ("1.2.5", "a/b", 400),
        ("1.2.5", "a%b", 201),
        ("1.0.5", "a%b", 400),
        ("1.3.0", "a/b", 201),
    ],
)
def test_names_of_topics_had_narrower_rules(serve: ServerMaker, version: str, name: str, status: int) -> None:
    api = serve(version)
    service = {"name": "k", "serviceType": "Kinesis", "connection": {"config": {"type": "Kinesis"}}}
    api.make("services/messagingServices", service)
    assert api.put("topics", {"name": name, "service": "k", "partitions": 1}).status_code == status


def test_user_names_are_found_in_any_case_from_1_2_on(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    api.app.add_user("Ann.B")
    found = api.named("users", "ANN.b").json()
    assert (found["name"], found["fullyQualifiedName"]) == ("ann.b", '"ann.b"')
    old = serve("1.0.5")
    old.app.add_user("Ann.B")
    assert old.named("users", "ann.b").status_code == 404
    assert old.named("users", "Ann.B").json()["fullyQualifiedName"] == "Ann.B"
