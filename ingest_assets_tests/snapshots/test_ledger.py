from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.snapshots.ledger import Acknowledged, Ledger
from ingest_assets.snapshots.store import FolderStore

HOST = "http://catalog/api"
ORDERS = Acknowledged("lake.db.sales.orders", "table", "id-1", "f1")


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def written(store: FolderStore) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.bind("service-1")
        ledger.acknowledge([ORDERS])
        ledger.acknowledge_edge("a", "b", "e1")


def test_what_was_acknowledged_is_known_to_the_next_run(store: FolderStore) -> None:
    written(store)
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.bind("service-1")
        assert ledger.void_because is None
        assert ledger.entity(ORDERS.fqn) == ORDERS
        assert ledger.edge("a", "b") == "e1"
        assert ledger.entity("lake.db.sales.other") is None
        assert ledger.edge("b", "a") is None


def test_what_was_acknowledged_before_an_error_is_kept(store: FolderStore) -> None:
    def work() -> None:
        with Ledger(store, "ledger", HOST) as ledger:
            ledger.acknowledge([ORDERS])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.entity(ORDERS.fqn) == ORDERS


def test_a_bulk_answer_without_id_keeps_the_known_one(store: FolderStore) -> None:
    written(store)
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.acknowledge([ORDERS._replace(id=None, fingerprint="f2")])
        assert ledger.entity(ORDERS.fqn) == ORDERS._replace(fingerprint="f2")
        ledger.acknowledge([ORDERS._replace(id="id-2", fingerprint=None)])
        assert ledger.entity(ORDERS.fqn) == ORDERS._replace(id="id-2", fingerprint="f2")


@pytest.mark.parametrize("service_id", ["service-2", None])
def test_a_server_that_was_set_up_anew_voids_it(store: FolderStore, service_id: str | None) -> None:
    written(store)
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.bind(service_id)
        assert ledger.void_because is not None
        assert ledger.entity(ORDERS.fqn) is None
        assert ledger.edge("a", "b") is None


def test_another_address_voids_it(store: FolderStore) -> None:
    written(store)
    with Ledger(store, "ledger", "http://other/api") as ledger:
        assert ledger.void_because == f"the ledger was written for {HOST}"
        assert ledger.entity(ORDERS.fqn) is None


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.5, 0.9])
def test_a_cut_ledger_is_told_and_begun_anew(store: FolderStore, tmp_path: Path, keep: float) -> None:
    with Ledger(store, "ledger", HOST) as ledger:
        ledger.acknowledge(Acknowledged(f"lake.db.s.t{number}", "table", None, "f") for number in range(2000))
    file = tmp_path / "ledger"
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.void_because is not None
        assert ledger.entity("lake.db.s.t1") is None


def test_a_ledger_of_another_format_is_not_believed(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("not a database at all, but long enough to be looked at", encoding="utf-8")
    with Ledger(store, "ledger", HOST) as ledger:
        assert ledger.void_because == "the ledger is damaged"
