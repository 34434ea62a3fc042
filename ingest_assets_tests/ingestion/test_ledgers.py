"""What a run costs and does when the ledger is lost, cut or of another server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets_tests.ingestion.lakes import Lake
from ingest_assets_tests.ingestion.runs import Place


def lake() -> Lake:
    made = Lake()
    made.put("sales", "orders", description="Orders")
    made.view("sales", "top", "select id from sales.orders")
    return made


def lose(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def overwrite(file: Path) -> None:
    file.write_text("of another format", encoding="utf-8")


@pytest.mark.parametrize("harm", [lose, cut, overwrite])
def test_without_a_ledger_entities_are_known_by_their_hash_and_edges_by_what_they_say(
    anywhere: Place, harm: object
) -> None:
    anywhere.run(lake())
    for file in (anywhere.folder / "store").rglob("ledgers/*.sqlite"):
        harm(file)  # type: ignore[operator]  # one of three
    anywhere.sandbox.openmetadata.reset_counts()
    second = anywhere.run(lake())
    assert any("ledger" in note for note in second.plan.notes)
    assert not second.failures()
    if anywhere.version.startswith("1.0"):
        # No hash to know them by: all are put again, and nothing changes.
        assert second.written() == 4
        assert anywhere.table("lake.db.sales.orders")["version"] == 0.1
    else:
        assert (second.lineage.unchanged, second.written()) == (1, 0)
        assert anywhere.writes() == []
    assert anywhere.run(lake()).written() == 0
    assert second.stale_fqns() == []


def test_runs_on_another_server_begin_anew(tmp_path: Path, here: Place) -> None:
    """One store, two servers: each has its own ledger."""
    from ingest_assets_tests.ingestion.runs import place  # noqa: PLC0415

    here.run(lake())
    with place(tmp_path, "1.5.7") as other:
        assert other.run(lake()).written() == 5
        assert other.run(lake()).written() == 0
    assert here.run(lake()).written() == 0


@pytest.mark.parametrize("harm", [cut, overwrite])
def test_a_damaged_plan_is_made_again(here: Place, harm: Callable[[Path], None]) -> None:
    with closing(here.ingestion(lake())) as ingestion:
        ingestion.snapshot("one", last_attempt=True)
        ingestion.plan("one")
        (file,) = (here.folder / "store").rglob("plans/*/*")
        harm(file)
        assert ingestion.publish("one", EntityType.DATABASE).created == 1
        assert ingestion.publish("one", EntityType.SCHEMA).created == 1
        assert ingestion.publish("one", EntityType.TABLE).created == 2
