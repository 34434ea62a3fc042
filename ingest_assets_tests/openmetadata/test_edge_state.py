"""Which of our edges people have changed, where index and graph disagree, fail, or answer oddly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest_assets.catalog import EntityKey, EntityType
from ingest_assets.errors import AuthenticationError
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets.openmetadata.edge_state import CHANGED, TAKEN_AWAY, WHY_LEFT, EdgeState
from ingest_assets.openmetadata.plan import Action, ParkedEdge, Plan, PlannedEdge
from ingest_assets.openmetadata.search_index import LineageIndex
from ingest_assets.openmetadata.wire import held_edge_fingerprint
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.edge_rows import WrittenEdge
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.server_rows import ServerRow
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.openmetadata.misbehaving import Received, Reply, Server, client_of, scripted, serving

CAPABILITIES = capabilities_of(Version(1, 12, 4))
SOURCE = "lake.db.s.source"
FROM = EntityKey(EntityType.TABLE, SOURCE)
PAIRS = [{"fromColumns": [f"{SOURCE}.a"], "toColumn": "x.a"}]
OURS: dict[str, Any] = {"sqlQuery": "select a", "source": "ViewLineage", "columnsLineage": PAIRS}
IN_INDEX = {"sqlQuery": "select a", "source": "ViewLineage", "columns": PAIRS}
GONE: dict[str, Any] = {"upstreamEdges": []}

Json = dict[str, Any]
Document = Callable[[str], Json | None]


def fqn(number: int) -> str:
    return f"lake.db.s.view_{number:02d}"


def key(number: int) -> EntityKey:
    return EntityKey(EntityType.TABLE, fqn(number))


def uuid(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


def told(target: str, **more: object) -> Json:
    """A document of 1.7 and later that tells of our edge as it was written."""
    return {"id": target, "upstreamLineage": [{"fromEntity": {"id": uuid(0)}, **IN_INDEX, **more}]}


def hits(documents: list[Json]) -> Reply:
    return Reply({"hits": {"hits": [{"_source": each} for each in documents]}})


def graph_of(details: Json) -> Json:
    return {"upstreamEdges": [{"fromEntity": uuid(0), "toEntity": "t", "lineageDetails": details}]}


def answering(
    search: Callable[[list[str]], Reply], graph: Callable[[str], Reply] = lambda _: Reply(GONE)
) -> Callable[[Received], Reply]:
    """A server whose search is asked for ids, and whose graph for one."""

    def reply(received: Received) -> Reply:
        url = urlsplit(received.path)
        if not url.path.endswith("/search/query"):
            return graph(url.path.rpartition("/")[2])
        return search(json.loads(parse_qs(url.query)["query_filter"][0])["query"]["ids"]["values"])

    return reply


def by_document(document: Document) -> Callable[[list[str]], Reply]:
    return lambda ids: hits([found for each in ids if (found := document(each)) is not None])


@contextmanager
def learning(
    folder: Path, behaviour: Callable[[Received], Reply], targets: int = 1, version: str = "1.12.4", **more: Any
) -> Iterator[tuple[EdgeState, Ledger, Server]]:
    """A ledger with an edge of ours into each of some targets, and a server."""
    with serving(behaviour) as server, Ledger(FolderStore(folder), "ledger", server.url) as ledger:
        ledger.server.put(
            ServerRow(name, "table", "lake.db.s", uuid(number), None, deleted=False, held="")
            for number, name in enumerate((SOURCE, *map(fqn, range(1, targets + 1))))
        )
        for number in range(1, targets + 1):
            fingerprint = held_edge_fingerprint(FROM, key(number), OURS, CAPABILITIES)
            ledger.edges.acknowledge(FROM, key(number), fingerprint, (uuid(0), uuid(number)))
        with client_of(server.url) as client:
            capabilities = capabilities_of(Version.parse(version))
            yield EdgeState(client, ledger, capabilities, SilentProgress(), **more), ledger, server


def persons(ledger: Ledger, number: int = 1) -> str | None:
    edge = ledger.edges.get(FROM, key(number))
    assert edge is not None
    return edge.persons


def graph_calls(server: Server) -> int:
    return sum("/v1/lineage/" in each for each in server.paths())


@pytest.mark.parametrize(
    "document",
    [
        told,
        lambda target: told(target, toEntity={"id": target}),
        lambda target: {
            "id": target,
            "lineage": [
                {"fromEntity": {"id": uuid(0)}, "toEntity": {"id": target}, "pipeline": None, **IN_INDEX},
                {"fromEntity": {"id": target}, "toEntity": {"id": uuid(9)}, "sqlQuery": None},
            ],
        },
        lambda target: {
            **told(target, sqlQuery=None, sqlQueryKey="1"),
            "lineageSqlQueries": {"1": "select a"},
        },
    ],
    ids=["1.12", "1.12 after it was made anew", "1.5", "newest"],
)
def test_what_the_index_tells_as_it_was_written_is_believed(tmp_path: Path, document: Document) -> None:
    with learning(tmp_path, answering(by_document(document)), targets=3) as (state, ledger, server):
        state.learn()
        assert (persons(ledger), graph_calls(server), state.notes()) == (None, 0, [])


@pytest.mark.parametrize(
    "document",
    [
        lambda _: None,
        lambda target: {"id": target, "upstreamLineage": []},
        lambda target: told(target, sqlQuery="select b"),
        lambda target: {"id": target, "upstreamLineage": [{"fromEntity": {"id": uuid(0)}}]},
    ],
    ids=["no document", "no edge", "another edge", "an edge without details"],
)
@pytest.mark.parametrize("held", [OURS, {**OURS, "sqlQuery": "by hand"}, None], ids=["ours", "a person's", "gone"])
def test_what_the_index_tells_otherwise_is_asked_of_the_graph(
    tmp_path: Path, document: Document, held: Json | None
) -> None:
    expected = TAKEN_AWAY if held is None else None if held is OURS else CHANGED
    graph = Reply(GONE if held is None else graph_of(held))
    with learning(tmp_path, answering(by_document(document), lambda _: graph)) as (state, ledger, server):
        state.learn()
        assert (persons(ledger), graph_calls(server)) == (expected, 1)


def test_what_a_person_did_is_not_undone_by_the_word_of_the_index_alone(tmp_path: Path) -> None:
    with learning(tmp_path, answering(by_document(told))) as (state, ledger, server):
        ledger.edges.note_persons(FROM, key(1), TAKEN_AWAY)
        state.learn()
        assert (persons(ledger), graph_calls(server), state.notes()) == (TAKEN_AWAY, 1, [])


def test_an_edge_that_a_killed_run_meant_to_write_is_ours(tmp_path: Path) -> None:
    later = {**OURS, "sqlQuery": "select b"}
    graph = Reply(graph_of(later))
    with learning(tmp_path, answering(by_document(lambda _: None), lambda _: graph)) as (state, ledger, _):
        fingerprint = held_edge_fingerprint(FROM, key(1), later, CAPABILITIES)
        ledger.edges.intend([WrittenEdge(FROM, key(1), None, fingerprint)])
        state.learn()
        assert persons(ledger) is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply({}),
        Reply([]),
        Reply({"hits": {"hits": None}}),
        Reply({"hits": {"hits": [{"_id": uuid(1)}]}}),
        hits([{"id": uuid(1), "name": "a table without lineage"}]),
        hits([told(uuid(77))]),
        hits([{"id": uuid(1), "upstreamLineage": [{"toEntity": None}]}]),
        hits([{"id": uuid(1), "upstreamLineage": ["edge"]}]),
        hits([told(uuid(1), columns=[{"fromColumns": []}])]),
        Reply({"message": "broken"}, 500),
        Reply({"message": "not for bots"}, 403),
        Reply(b'{"hits": {"hits": [', 200),
        Reply({"hits": {"hits": []}}, cut=True),
        Reply(reset=True),
    ],
)
def test_a_search_that_answers_what_can_not_be_used_is_done_without(tmp_path: Path, reply: Reply) -> None:
    behaviour = answering(lambda _: reply, lambda target: Reply(GONE if target == uuid(2) else graph_of(OURS)))
    with learning(tmp_path, behaviour, targets=2) as (state, ledger, server):
        state.learn()
        assert (persons(ledger, 1), persons(ledger, 2), graph_calls(server)) == (None, TAKEN_AWAY, 2)
        first, second = state.notes()
        assert first.startswith(
            f"1 edge found otherwise than written, and left as people have it: {SOURCE} -> {fqn(2)}"
        )
        assert second.startswith("The search index could not be asked for edges")


def test_a_search_that_failed_once_is_not_asked_again(tmp_path: Path) -> None:
    behaviour = answering(lambda _: Reply({"message": "not for bots"}, 403), lambda _: Reply(graph_of(OURS)))
    with learning(tmp_path, behaviour, targets=120) as (state, _, server):
        state.learn()
        assert (len(server.received) - graph_calls(server), graph_calls(server)) == (1, 120)


def test_edges_that_lead_away_from_a_table_are_not_taken_for_edges_into_it(tmp_path: Path) -> None:
    """On 1.5 a document has the edges at both ends, and a table may be read to make itself."""
    own, away = ({"fromEntity": {"id": uuid(1)}, "toEntity": {"id": uuid(end)}, "source": "Manual"} for end in (1, 2))
    document = {"id": uuid(1), "lineage": [own, {**away, "sqlQuery": "select b"}]}
    with serving(scripted(hits([document]))) as server, client_of(server.url) as client:
        found = LineageIndex(client).edges_into([uuid(1)])
    assert found == {uuid(1): {uuid(1): {"columnsLineage": [], "sqlQuery": None, "source": "Manual"}}}


def test_lineage_of_which_both_ends_are_known_is_not_lineage_that_could_not_be_told(tmp_path: Path) -> None:
    file = tmp_path / "plan.sqlite"
    file.touch()
    with Plan(file) as plan:
        plan.add_edge(PlannedEdge(FROM, key(1), Action.PARKED.value, "fingerprint", WHY_LEFT[TAKEN_AWAY]))
        plan.add_edge(PlannedEdge(FROM, key(2), Action.PARKED.value, None, "not part of this snapshot"))
        plan.park(ParkedEdge(key(3), "sales.nowhere", "no such table"))
        assert [list(plan.wanted(key(number))) for number in (1, 2, 3)] == [[], [], ["sales.nowhere"]]
        assert list(plan.wanted(None)) == ["sales.nowhere"]
        assert [parked.wanted for parked in plan.parked()] == [SOURCE, SOURCE, "sales.nowhere"]
        assert plan.edge_counts() == {"parked": 3}


def test_without_an_index_no_more_than_so_many_targets_are_looked_at(tmp_path: Path) -> None:
    with learning(tmp_path, answering(by_document(told)), 4, "1.2.0", graph_calls=3) as (state, ledger, server):
        state.learn()
        assert server.paths() == []
        assert persons(ledger) is None
        (note,) = state.notes()
        assert note.startswith("What people did to the edges into 4 targets could not be learnt")


def test_an_index_that_is_made_anew_is_not_the_graphs_burden(tmp_path: Path) -> None:
    with learning(tmp_path, answering(by_document(lambda _: None)), 60, graph_calls=5) as (state, ledger, server):
        state.learn()
        assert graph_calls(server) == 5
        assert [number for number in range(1, 61) if persons(ledger, number)] == [1, 2, 3, 4, 5]
        assert any("into 55 targets" in note for note in state.notes())


def test_a_graph_that_fails_again_and_again_is_left_alone(tmp_path: Path) -> None:
    behaviour = answering(by_document(lambda _: None), lambda _: Reply({"message": "denied"}, 403))
    with learning(tmp_path, behaviour, targets=120) as (state, ledger, server):
        state.learn()
        assert (graph_calls(server), persons(ledger)) == (50, None)
        (note,) = state.notes()
        assert note.startswith("What people did to the edges into 120 targets could not be learnt")
        assert "denied" in note


@pytest.mark.parametrize("edge", [{}, "edge", {"fromEntity": uuid(0), "lineageDetails": {"columnsLineage": [{}]}}])
def test_a_graph_of_another_shape_tells_nothing(tmp_path: Path, edge: object) -> None:
    graph = Reply({"upstreamEdges": [edge]})
    with learning(tmp_path, answering(by_document(lambda _: None), lambda _: graph)) as (state, ledger, _):
        state.learn()
        assert persons(ledger) is None
        assert any("into 1 target " in note for note in state.notes())


def test_a_target_that_is_gone_tells_nothing(tmp_path: Path) -> None:
    gone = Reply({"code": 404, "message": "table instance not found"}, 404)
    with learning(tmp_path, answering(by_document(lambda _: None), lambda _: gone)) as (state, ledger, _):
        state.learn()
        assert (persons(ledger), state.notes()) == (None, [])


@pytest.mark.parametrize("part", ["/search/", "/lineage/"])
def test_a_refused_token_ends_the_run(tmp_path: Path, part: str) -> None:
    inner = answering(by_document(lambda _: None))

    def behaviour(received: Received) -> Reply:
        return Reply({"code": 401, "message": "expired"}, 401) if part in received.path else inner(received)

    with learning(tmp_path, behaviour) as (state, _, _), pytest.raises(AuthenticationError):
        state.learn()


def test_a_question_fits_into_a_url(tmp_path: Path) -> None:
    with learning(tmp_path, answering(by_document(told)), targets=60) as (state, _, server):
        state.learn()
        assert len(server.received) == 2
        assert max(len(received.path) for received in server.received) < 4096
