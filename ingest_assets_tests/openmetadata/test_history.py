from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.errors import InvalidAnswerError, NotFoundError
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.history import NOBODY, History, TextPath, authors
from ingest_assets_tests.openmetadata.misbehaving import Reply, client_of, routed, serving
from ingest_assets_tests.openmetadata.real import ADMIN_TOKEN, VERSIONS, real_server

TABLE = EntityType.TABLE
ID = "00000000-0000-4000-8000-000000000001"
OWN = ("description",)
ZIP = ("address", "zip", "description")


def text_paths(holder: dict[str, Any], key: str = "columns", above: TextPath = ()) -> list[TextPath]:
    """The paths of all texts that an entity and its columns can have, whether they have them or not."""
    below = [
        path for each in holder.get(key) or () for path in text_paths(each, "children", (*above, str(each["name"])))
    ]
    return [(*above, "displayName"), (*above, "description"), *below]


def version(number: float, by: str | None, previous: float | None = None, **properties: Any) -> dict[str, Any]:
    change = {} if previous is None else {"changeDescription": {"previousVersion": previous}}
    return {"version": number, "updatedBy": by, **change, **properties}


def column(name: str, description: str | None = None, *children: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": description, "children": list(children)}


@pytest.mark.parametrize(
    ("versions", "author"),
    [
        ([version(0.1, "bot", description="x")], "bot"),
        ([version(0.1, "bot")], NOBODY),
        ([version(0.2, "ann", 0.1, description="x"), version(0.1, "bot", description="y")], "ann"),
        ([version(0.2, "ann", 0.1, description="x"), version(0.1, "bot", description="x")], "bot"),
        ([version(0.2, "ann", 0.1), version(0.1, "bot", description="x")], "ann"),
        ([version(0.2, "ann", 0.1, description=""), version(0.1, "bot", description="x")], "ann"),
        ([version(0.2, "ann", 0.1, description=""), version(0.1, "bot")], NOBODY),
        (
            [
                version(0.3, "bot", 0.2, description="x"),
                version(0.2, "ann", 0.1, description="y"),
                version(0.1, "eve", description="x"),
            ],
            "bot",
        ),
        ([version(1.2, "bot", 0.2, description="x"), version(0.2, "ann", 0.1), version(0.1, "ann")], "bot"),
    ],
)
def test_a_text_is_of_the_one_who_made_it_what_it_is(versions: list[dict[str, Any]], author: str | None) -> None:
    assert authors(versions, [OWN]) == {OWN: author}


def label(fqn: str, kind: str = "Automated") -> dict[str, str]:
    return {"tagFQN": fqn, "labelType": kind}


def test_labels_and_owners_have_authors_too() -> None:
    inner = {**column("zip"), "tags": [label("PII.Sensitive")]}
    versions = [
        version(0.4, "eve", 0.3, tags=[label("PII.None", "Derived")], owners=[{"id": "1"}]),
        version(0.3, "ann", 0.2, tags=[], columns=[inner], owners=[{"id": "1"}, {"id": "2", "inherited": True}]),
        version(0.2, "bot", 0.1, tags=[label("Tier.Tier2")], columns=[column("zip")]),
        version(0.1, "bot", tags=[label("Tier.Tier1")]),
    ]
    assert authors(versions, [("tags", "Tier"), ("tags", "Tier.Tier1"), ("tags", "PII.None"), ("owners",)]) == {
        ("tags", "Tier"): "ann",
        ("tags", "Tier.Tier1"): "bot",
        ("tags", "PII.None"): NOBODY,
        ("owners",): "ann",
    }
    assert authors(versions[1:], [("zip", "tags", "PII.Sensitive")]) == {("zip", "tags", "PII.Sensitive"): "ann"}
    assert authors(versions, [("zip", "tags", "PII.Sensitive")]) == {("zip", "tags", "PII.Sensitive"): "eve"}


@pytest.mark.parametrize("oddly", [{"tags": [1]}, {"tags": [{}]}, {"owners": ["1"]}])
def test_labels_and_owners_of_another_shape_are_an_error(oddly: dict[str, Any]) -> None:
    with pytest.raises(InvalidAnswerError, match="another shape"):
        authors([version(0.1, "bot", **oddly)], [("tags", "PII.Sensitive"), ("owners",)])


@pytest.mark.parametrize(
    "versions",
    [
        [version(0.3, "bot", 0.2, description="x")],  # the older ones were pruned
        [version(0.3, "bot", 0.2, description="x"), version(0.1, "ann", description="y")],  # one between them was
        [version(0.2, "ann", 0.2, description="x"), version(0.1, "bot", description="y")],  # a session that was undone
        [version(0.1, "ann", 0.1, description="x")],
        [version(0.1, None, description="x")],
        [version(0.3, "bot", description="x")],
        [version(0.3, "bot", 0.2)],
    ],
)
def test_a_history_with_gaps_tells_of_no_author(versions: list[dict[str, Any]]) -> None:
    assert authors(versions, [OWN]) == {OWN: None}


def test_an_undone_session_hides_no_older_author() -> None:
    undone = [version(0.2, "ann", 0.2, description="x"), version(0.1, "bot", description="x")]
    assert authors(undone, [OWN]) == {OWN: "bot"}


def test_columns_are_found_by_their_names_down_to_the_innermost() -> None:
    versions = [
        version(0.2, "ann", 0.1, columns=[column("address", None, column("zip", "x")), column("zip", "y")]),
        version(0.1, "bot", columns=[column("address", None, column("zip")), column("zip", "y")]),
    ]
    told = {path: author for path, author in authors(versions, text_paths(versions[0])).items() if author}
    assert told == {ZIP: "ann", ("zip", "description"): "bot"}


def test_a_column_that_is_gone_tells_who_dropped_it() -> None:
    versions = [version(1.1, "bot", 0.1, columns=[]), version(0.1, "ann", columns=[column("a", "x")])]
    assert authors(versions, [("a", "description")]) == {("a", "description"): "bot"}


def test_a_column_that_only_changed_its_case_keeps_its_author() -> None:
    path = ("ID", "description")
    versions = [
        version(0.2, "bot", 0.1, columns=[column("ID", "x")]),
        version(0.1, "ann", columns=[column("id", "x")]),
    ]
    assert authors(versions, [path]) == {path: "ann"}
    both = version(0.2, "bot", 0.1, columns=[column("ID", "x"), column("id", "x")])
    assert authors([both, versions[1]], [path]) == {path: "bot"}
    several = version(0.1, "ann", columns=[column("id", "x"), column("Id", "x")])
    assert authors([versions[0], several], [path]) == {path: None}


def summary(**entries: str) -> dict[str, Any]:
    return {key: {"changedBy": by, "changeSource": "Manual", "changedAt": 1} for key, by in entries.items()}


def summarized(number: float, entries: dict[str, Any], **properties: Any) -> dict[str, Any]:
    change = {"previousVersion": round(number - 0.1, 1), "changeSummary": entries}
    return {"version": number, "updatedBy": "bot", "changeDescription": change, **properties}


@pytest.mark.parametrize(
    ("path", "field", "told"),
    [
        (OWN, "description", True),
        (("a.b", "description"), 'columns."a.b".description', True),
        (("flat", "description"), "columns.flat.description", True),
        (ZIP, "columns.zip.description", True),
        (ZIP, 'columns."address.zip".description', True),
        (ZIP, "columns.address.zip.description", True),
        (("twice", "description"), "columns.twice.description", False),
        (("address", "twice", "description"), "columns.twice.description", False),
        (("flat", "description"), "flat.description", False),
        (("flat", "description"), "tags.flat.description", False),
        (("flat", "description"), "columns.flat.tags", False),
        (("empty", "description"), "columns.empty.description", False),
    ],
)
def test_where_versions_are_silent_a_change_summary_tells_if_it_is_clear_what_it_means(
    path: TextPath, field: str, told: bool
) -> None:
    address = column("address", None, column("zip", "x"), column("twice", "x"))
    columns = [address, column("flat", "x"), column("a.b", "x"), column("twice", "x"), column("empty")]
    newest = summarized(3.4, summary(**{field: "ann"}), description="x", columns=columns, tags=[])
    assert authors([newest], [path]) == {path: "ann" if told else None}


@pytest.mark.parametrize("entries", [{"": {}}, {".": {}}, {"tags": {"changedBy": "ann"}}, {"description": "ann"}])
def test_a_change_summary_of_another_shape_tells_nothing(entries: dict[str, Any]) -> None:
    assert authors([summarized(3.4, entries, description="x", tags=[1])], [OWN]) == {OWN: None}


def test_versions_are_believed_before_a_change_summary() -> None:
    newest = summarized(0.2, summary(description="eve"), description="x")
    assert authors([newest, version(0.1, "ann", description="y")], [OWN]) == {OWN: "bot"}


@pytest.mark.parametrize(
    "versions",
    [
        [],
        [{"updatedBy": "ann"}],
        ["x"],
        [version(0.1, "ann", description=1)],
        [version(0.1, "ann", columns=[{}])],
        [version(0.1, "ann", columns=[1])],
        [version(0.1, "ann", columns="a")],
        [version(0.1, "ann"), version(0.2, "ann")],
        [{"version": "x"}],
        [{"version": 0.1, "changeDescription": []}, {"version": None}],
    ],
)
def test_versions_of_another_shape_are_an_error(versions: list[Any]) -> None:
    with pytest.raises(InvalidAnswerError, match="the versions of an entity"):
        authors(versions, [OWN])


def test_versions_are_read_only_as_far_as_it_takes() -> None:
    def documents() -> Iterator[dict[str, Any]]:
        yield version(0.3, "ann", 0.2, description="x")
        yield version(0.2, "bot", 0.1, description="y")
        raise AssertionError

    assert authors(documents(), [OWN]) == {OWN: "ann"}


USERS = st.sampled_from(["bot", "ann", "eve"])
COLUMNS: tuple[TextPath, ...] = (("a",), ("a", "x"), ("b",))
PATHS: tuple[TextPath, ...] = tuple(
    (*names, text) for names in ((), *COLUMNS) for text in ("description", "displayName")
)


@dataclass
class Stored:
    """A server's entity: what it holds, and who really made each text what it is."""

    number: float = 0.1
    by: str = ""
    previous: float | None = None
    columns: frozenset[TextPath] = frozenset()
    capital: bool = False
    texts: dict[TextPath, str] = field(default_factory=dict)
    truth: dict[TextPath, str] = field(default_factory=dict)

    def same(self, other: Stored) -> bool:
        # The case of a name is stored with the next change, and is none.
        return (self.columns, self.texts) == (other.columns, other.texts)

    def document(self) -> dict[str, Any]:
        def own(names: TextPath) -> dict[str, Any]:
            return {path[-1]: text for path, text in self.texts.items() if path[:-1] == names}

        def below(above: TextPath) -> list[dict[str, Any]]:
            inner = sorted(names for names in self.columns if names[:-1] == above)
            return [{"name": self.name(names[-1]), **own(names), "children": below(names)} for names in inner]

        change = {} if self.previous is None else {"changeDescription": {"previousVersion": self.previous}}
        return {"version": self.number, "updatedBy": self.by, **change, **own(()), "columns": below(())}

    def name(self, name: str) -> str:
        return name.upper() if self.capital else name


EDITS = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(PATHS), st.sampled_from(["", "x", "y", "z"])),
    st.tuples(st.just("drop"), st.sampled_from(COLUMNS), st.just("")),
    st.tuples(st.just("add"), st.sampled_from(COLUMNS), st.just("")),
    st.tuples(st.just("case"), st.just(()), st.just("")),
    st.tuples(st.just("touch"), st.just(()), st.just("")),  # tags, owners, soft deletes: versions without texts
)


def edited(before: Stored, kind: str, path: TextPath, value: str) -> Stored:
    columns, texts, capital = set(before.columns), dict(before.texts), before.capital
    if kind == "drop":
        columns -= {names for names in columns if names[: len(path)] == path}
    elif kind == "add" and path[:-1] in {(), *columns}:
        columns.add(path)
    elif kind == "set" and path[:-1] in {(), *columns}:
        texts[path] = value
    elif kind == "case":
        capital = not capital
    texts = {path: text for path, text in texts.items() if text and path[:-1] in {(), *columns}}
    return Stored(columns=frozenset(columns), capital=capital, texts=texts)


def follows(base: Stored, after: Stored, by: str) -> Stored:
    after.number, after.by, after.previous = round(base.number + 0.1, 1), by, base.number
    changed = {path: by for path in PATHS if after.texts.get(path) != base.texts.get(path)}
    after.truth = {**base.truth, **changed}
    return after


@given(
    st.lists(st.tuples(USERS, EDITS, st.booleans()), max_size=25),
    st.lists(EDITS, max_size=4),
    st.integers(0, 3),
)
def test_no_sequence_of_edits_makes_words_another_users(
    edits: list[tuple[str, tuple[str, TextPath, str], bool]], made_with: list[tuple[str, TextPath, str]], pruned: int
) -> None:
    made = Stored(columns=frozenset(COLUMNS))
    for edit in made_with:
        made = edited(made, *edit)
    made.number, made.by, made.truth = 0.1, "bot", dict.fromkeys(made.texts, "bot")
    versions = [made]
    undone = False
    for by, edit, in_session in edits:
        newest = versions[-1]
        after = edited(newest, *edit)
        if edit[0] != "touch" and after.same(newest):
            continue
        if in_session and len(versions) > 1 and newest.by == by and newest.previous == versions[-2].number:
            base = versions[-2]
            if edit[0] != "touch" and after.same(base):
                undone = True
                after.number, after.by, after.previous, after.truth = base.number, by, base.number, base.truth
                versions[-2:] = [after]
            else:
                versions[-1] = follows(base, after, by)
        else:
            versions.append(follows(newest, after, by))
    documents = [one.document() for one in reversed(versions)]
    newest = versions[-1]
    spelled = {(*map(newest.name, path[:-1]), path[-1]): newest.truth.get(path, NOBODY) for path in PATHS}
    told = authors(documents, spelled)
    assert told.keys() == spelled.keys()
    for path, author in told.items():
        assert author in {None, spelled[path]}
        assert author == spelled[path] or undone
    for path, author in authors(documents[: max(1, len(documents) - pruned)], spelled).items():
        assert author in {None, spelled[path]}


def as_admin(url: str) -> OpenMetadataClient:
    return client_of(url, tokens=BotToken(ADMIN_TOKEN))


@pytest.mark.parametrize("server", VERSIONS)
def test_a_servers_own_versions_tell_whose_words_they_are(server: str) -> None:
    calls = Calls()
    with real_server(server) as (_, bot):
        ann = as_admin(bot.host_port)
        connection = {"config": {"type": "Glue", "awsConfig": {"awsRegion": "eu-north-1"}}}
        bot.put_entity("services/databaseServices", {"name": "s", "serviceType": "Glue", "connection": connection})
        bot.put_entity("databases", {"name": "d", "service": "s"})
        bot.put_entity("databaseSchemas", {"name": "x", "database": "s.d"})
        inner = {"name": "zip", "dataType": "INT", "description": "of the source"}
        columns = [{"name": "address", "dataType": "STRUCT", "children": [inner]}, {"name": "b", "dataType": "INT"}]
        body = {"name": "t", "databaseSchema": "s.d.x", "description": "of the source", "columns": columns}
        table = bot.put_entity("tables", body).entity
        path = f"/v1/tables/{table['id']}"
        ann.patch(
            path,
            [
                {"op": "replace", "path": "/columns/0/children/0/description", "value": "by hand"},
                {"op": "add", "path": "/displayName", "value": "By Hand"},
            ],
        )
        ann.patch(path, [{"op": "remove", "path": "/description"}])
        bot.put_entity("tables", {**body, "description": None, "columns": [*columns, {"name": "c", "dataType": "INT"}]})
        bot.patch(path, [{"op": "add", "path": "/columns/1/description", "value": "of the source"}])
        bot.delete(path)
        bot.restore("tables", table["id"])
        asker = client_of(bot.host_port, calls)
        told = History(asker).authors(TABLE, table["id"], text_paths(bot.get(path)))
    assert {path: author for path, author in told.items() if author} == {
        # From the 1.12 line on a PUT that carries none takes a display name away.
        ("displayName",): "ingestion-bot" if server == "1.12.4" else "admin",
        OWN: "admin",
        ZIP: "admin",
        ("b", "description"): "ingestion-bot",
    }
    assert told["c", "description"] == NOBODY
    assert calls.counts() == {"GET /v1/tables/{id}/versions": 1}


@pytest.mark.parametrize("server", ["1.5.7", "1.12.4"])
def test_a_session_that_undid_itself_does_not_make_the_words_before_it_its_users(server: str) -> None:
    with real_server(server) as (_, bot):
        ann = as_admin(bot.host_port)
        connection = {"config": {"type": "Glue", "awsConfig": {"awsRegion": "eu-north-1"}}}
        path = "/v1/services/databaseServices"
        body = {"name": "s", "serviceType": "Glue", "connection": connection}
        service = bot.put_entity("services/databaseServices", body).entity
        bot.put_entity("services/databaseServices", {**body, "description": "of the source"})
        for value in ("by hand", "of the source"):
            ann.patch(f"{path}/{service['id']}", [{"op": "replace", "path": "/description", "value": value}])
        held = bot.get(f"{path}/{service['id']}")
        told = History(bot).authors(EntityType.DATABASE_SERVICE, service["id"], [OWN])
    assert (held["description"], held["updatedBy"]) == ("of the source", "admin")
    assert told == {OWN: None}


def served(body: Any, status: int = 200) -> dict[TextPath, str | None]:
    with serving(routed({f"/tables/{ID}/versions": Reply(body, status)})) as server:
        return History(client_of(server.url)).authors(TABLE, ID, [OWN])


def test_versions_come_as_texts_and_may_come_as_objects() -> None:
    one = version(0.1, "ann", description="x")
    assert served({"entityType": "table", "versions": [json.dumps(one)]}) == {OWN: "ann"}
    assert served({"entityType": "table", "versions": [one]}) == {OWN: "ann"}


@pytest.mark.parametrize("body", [{}, {"versions": None}, {"versions": []}, {"versions": ["{"]}, {"versions": "[]"}])
def test_an_answer_without_versions_is_an_error(body: Any) -> None:
    with pytest.raises(InvalidAnswerError):
        served(body)


def test_an_entity_that_is_not_there_has_no_history() -> None:
    with pytest.raises(NotFoundError):
        served({"code": 404, "message": f"table instance for {ID} not found"}, 404)
