from __future__ import annotations

from pathlib import Path

from ingest_assets.calls import Calls
from ingest_assets.progress import SilentProgress
from ingest_assets.snapshots.crawler import Crawler
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.retention import prune
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.snapshots.fakes import SERVICE, lake, table


def test_what_only_old_manifests_refer_to_goes_and_all_else_stays(tmp_path: Path) -> None:
    snapshots = Snapshots(FolderStore(tmp_path), "glue", SERVICE)
    for number in range(6):
        same, new = table("same", "t"), table("new", f"t{number}")
        manifest = Crawler(lake(same=(same,), new=(new,)), snapshots, Calls(), SilentProgress(), 2).crawl(
            f"run{number}"
        )
        snapshots.publish(manifest)
        plan = snapshots.store.scratch()
        snapshots.store.keep(snapshots.plan_key(manifest.run_id, "http://catalog/api"), plan)

    prune(snapshots, keep=2)

    home = tmp_path / "glue" / SERVICE
    assert sorted(file.stem for file in (home / "manifests").iterdir()) == ["run4", "run5"]
    assert sorted(folder.name for folder in (home / "plans").iterdir() if any(folder.iterdir())) == ["run4", "run5"]
    files = {file.name.partition(".")[0] for file in (home / "scopes").rglob("*.gz")}
    assert files == snapshots.manifest("run4").files() | snapshots.manifest("run5").files()
    assert len(files) == 6  # service, databases, schemas and "same" are shared; "new" differs


def test_a_store_with_nothing_in_it_has_nothing_to_prune(tmp_path: Path) -> None:
    prune(Snapshots(FolderStore(tmp_path), "glue", SERVICE))
    assert list(tmp_path.rglob("*")) == []
