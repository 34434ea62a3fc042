from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest_assets.catalog import EntityKey, EntityType
from ingest_assets.errors import BusyError
from ingest_assets.snapshots.edge_rows import WrittenEdge
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.removals import Removal
from ingest_assets.snapshots.store import FolderStore
from ingest_assets.snapshots.written_rows import Written

HOST = "http://catalog/api"
A, B, C, D, X, Y, Z = (EntityKey(EntityType.TABLE, name) for name in "abcdxyz")
ORDERS = Written("lake.db.sales.orders", "table", '["lake","db","sales","orders"]', "f1", "marks")


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def written(store: FolderStore) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.bind("service-1")
        ledger.end_plan("plan-1")
        ledger.end_publishing("run-1")
        ledger.acknowledge([ORDERS])
        ledger.edges.acknowledge(A, B, "e1")


def meant(source: EntityKey, target: EntityKey, fingerprint: str) -> WrittenEdge:
    return WrittenEdge(source, target, None, fingerprint, told_by=(target,))


def test_what_was_acknowledged_is_known_to_the_next_run(store: FolderStore) -> None:
    written(store)
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.begin_plan("run-2")
        ledger.bind("service-1")
        assert ledger.void_because is None
        assert ledger.entity(ORDERS.key) == ORDERS
        assert ledger.edges.get(A, B) == WrittenEdge(A, B, "e1", "", told_by=(B,))
        assert ledger.entity(B) is None
        assert ledger.edges.get(B, A) is None


def test_what_was_acknowledged_before_an_error_is_kept(store: FolderStore) -> None:
    def work() -> None:
        with Ledger(store, "ledger", HOST) as ledger:
            ledger.acknowledge([ORDERS])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.entity(ORDERS.key) == ORDERS


def test_a_ledger_that_was_only_read_is_not_kept_again(store: FolderStore, tmp_path: Path) -> None:
    written(store)
    before = (tmp_path / "ledger").stat()
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.entity(ORDERS.key) == ORDERS
    after = (tmp_path / "ledger").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not list((tmp_path / ".scratch").iterdir())


def test_what_was_removed_from_a_ledger_and_nothing_else_is_kept(store: FolderStore) -> None:
    written(store)
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.forget(ORDERS.key)
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.entity(ORDERS.key) is None


def test_what_was_intended_stays_beside_what_was_written_until_it_is_acknowledged(store: FolderStore) -> None:
    written(store)
    with Ledger(store, "ledger", HOST) as ledger:
        for number in (2, 3):
            ledger.intend([Written(ORDERS.fqn, "table", None, None, "", f"marks{number}", f"f{number}")])
        ledger.edges.intend([meant(A, B, "e2"), meant(A, B, "e3")])
    with Ledger(store, "ledger", HOST) as ledger:
        expected = ORDERS._replace(intended="marks2 marks3", intended_fingerprint="f3")
        assert ledger.entity(ORDERS.key) == expected
        edge = ledger.edges.get(A, B)
        assert edge is not None
        assert [edge.ours(fingerprint) for fingerprint in ("e1", "e2", "e3", "e4")] == [True, True, True, False]
        ledger.acknowledge([ORDERS._replace(fingerprint="f3", written="marks3")])
        ledger.edges.acknowledge(A, B, "e3")
        assert ledger.entity(ORDERS.key) == ORDERS._replace(fingerprint="f3", written="marks3")
        assert ledger.edges.get(A, B) == WrittenEdge(A, B, "e3", "", told_by=(B,))


def test_edges_are_paged_by_their_targets(store: FolderStore) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        for target in (A, B, C):
            for source in (X, Y):
                ledger.edges.acknowledge(source, target, "e")
        ledger.edges.intend([meant(X, D, "e"), meant(Z, A, "e")])
        assert ledger.edges.count_targets() == 3
        pages = [ledger.edges.of_targets(after, 2) for after in (None, B, C)]
    assert [[(edge.target, edge.source) for edge in page] for page in pages] == [
        [(A, X), (A, Y), (B, X), (B, Y)],
        [(C, X), (C, Y)],
        [],
    ]


def test_what_a_person_did_to_an_edge_is_known_until_it_is_written_again(store: FolderStore) -> None:
    written(store)
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.edges.note_persons(A, B, "taken away")
        ledger.edges.intend([meant(A, B, "e2")])
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.edges.get(A, B) == WrittenEdge(A, B, "e1", "e2", persons="taken away", told_by=(B,))
        ledger.edges.acknowledge(A, B, "e2")
        assert ledger.edges.get(A, B) == WrittenEdge(A, B, "e2", "", told_by=(B,))


def test_an_edge_knows_the_ids_that_it_was_drawn_between(store: FolderStore) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.edges.acknowledge(A, B, "e1", ("id of a", "id of b"))
        ledger.edges.acknowledge(A, C, "e1")
        known, unknown = ledger.edges.get(A, B), ledger.edges.get(A, C)
    assert known is not None
    assert unknown is not None
    assert known.joins("id of a", "id of b")
    assert not known.joins("id of a", "new id of b")
    assert unknown.joins("id of a", "id of c")


@pytest.mark.parametrize("told_by", [(), (B,), (A,), (B, X)])
def test_an_edge_knows_what_tells_of_it_until_something_else_does(
    store: FolderStore, told_by: tuple[EntityKey, ...]
) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.edges.intend([meant(A, B, "e1")._replace(told_by=told_by)])
        ledger.edges.acknowledge(A, B, "e1")
    with Ledger(store, "ledger", HOST) as ledger:
        edge = ledger.edges.get(A, B)
        assert edge is not None
        assert edge.told_by == told_by
        ledger.edges.note_told_by([edge._replace(told_by=(Y,))])
        assert ledger.edges.get(A, B) == WrittenEdge(A, B, "e1", "", told_by=(Y,))


def test_ids_of_neighbours_are_known_as_long_as_an_edge_needs_them(store: FolderStore) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.edges.acknowledge(A, B, "e1")
        for key in (A, C):
            ledger.neighbours.note(f"wanted {key.fqn}", "found", key, f"id of {key.fqn}")
        ledger.neighbours.forget()
        assert ledger.neighbours.get("wanted a") is None
        assert [ledger.neighbours.id_of(key) for key in (A, B, C)] == ["id of a", None, None]
        ledger.bind("service-1")
        ledger.bind("service-2")
        assert ledger.neighbours.id_of(A) is None


def test_what_is_kept_in_between_outlasts_a_killed_process(store: FolderStore) -> None:
    ledger = Ledger(store, "ledger", HOST).__enter__()
    ledger.acknowledge([ORDERS])
    ledger.keep()
    ledger.acknowledge([ORDERS._replace(fingerprint="f2")])
    with Ledger(store, "ledger", HOST) as after:
        assert after.entity(ORDERS.key) == ORDERS


def test_a_removal_that_was_only_intended_is_forgotten_at_the_end(store: FolderStore) -> None:
    done, intended = (Removal(f"lake.db.s.{name}", "table", name, "run-1", done=False) for name in ("a", "b"))
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.removals.intend([done, intended])
        assert ledger.removals.of("run-1") == [done, intended]
        ledger.removals.note(done._replace(done=True))
        ledger.removals.forget_intended("run-1")
        assert ledger.removals.of("run-1") == [done._replace(done=True)]
        assert ledger.removals.get(intended.key) is None


def test_a_void_ledger_stays_void_until_a_manifest_was_published_and_another_is_planned(store: FolderStore) -> None:
    """What fails between the first look and the plan, or is planned twice, must not make a new ledger an old one."""
    for manifest in ("run-1", "run-2"):
        with Ledger(store, "ledger", HOST) as ledger:
            ledger.begin_plan(manifest)
            assert ledger.void_because == "there is no ledger yet"
    for _ in range(2):
        with Ledger(store, "ledger", HOST) as ledger:
            ledger.begin_plan("run-2")
            assert ledger.void_because is not None
            ledger.end_plan("plan")
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.begin_plan("run-3")
        assert ledger.void_because is not None, "a dry run writes nothing"
        ledger.end_publishing("run-3")
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.begin_plan("run-4")
        assert ledger.void_because is None


def test_a_ledger_is_not_kept_once_another_run_has_taken_over(store: FolderStore) -> None:
    written(store)

    def refuse() -> None:
        raise BusyError("another run")

    def work(last: Callable[[Ledger], None]) -> None:
        with Ledger(store, "ledger", HOST, refuse) as ledger:
            ledger.forget(ORDERS.key)
            last(ledger)

    def fail(_: Ledger) -> None:
        raise KeyError

    for last, error in ((Ledger.keep, BusyError), (fail, KeyError), (lambda _: None, BusyError)):
        with pytest.raises(error):
            work(last)
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.entity(ORDERS.key) == ORDERS


def test_what_is_refused_night_after_night_does_not_grow(store: FolderStore) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        for _ in range(3):
            ledger.intend([Written(ORDERS.fqn, "table", None, None, "", "one two", "f2")])
            ledger.edges.intend([meant(A, B, "e2")])
        known, edge = ledger.entity(ORDERS.key), ledger.edges.get(A, B)
    assert known is not None
    assert known.intended == "one two"
    assert edge is not None
    assert edge.intended == "e2"


@pytest.mark.parametrize("service_id", ["service-2", None])
def test_a_server_that_was_set_up_anew_voids_it(store: FolderStore, service_id: str | None) -> None:
    written(store)
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.bind(service_id)
        assert ledger.void_because is not None
        assert ledger.entity(ORDERS.key) is None
        assert ledger.edges.get(A, B) is None


def test_another_address_voids_it(store: FolderStore) -> None:
    written(store)
    with Ledger(store, "ledger", "http://other/api") as ledger:
        assert ledger.void_because == f"the ledger was written for {HOST}"
        assert ledger.entity(ORDERS.key) is None


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.5, 0.9])
def test_a_cut_ledger_is_told_and_begun_anew(store: FolderStore, tmp_path: Path, keep: float) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.acknowledge(Written(f"lake.db.s.t{number}", "table", None, "f") for number in range(2000))
    file = tmp_path / "ledger"
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.void_because is not None
        assert ledger.entity(EntityKey(EntityType.TABLE, "lake.db.s.t1")) is None


def test_a_ledger_of_another_format_is_not_believed(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("not a database at all, but long enough to be looked at", encoding="utf-8")
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.void_because == "the ledger is damaged"
