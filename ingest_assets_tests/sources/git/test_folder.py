"""A folder as a repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.calls import Calls
from ingest_assets.errors import RejectedError, UnavailableError
from ingest_assets.sources.git import LeftOut, Limits, LocalFolder, Reading, Repository
from ingest_assets.sources.git.files import fault_of
from ingest_assets_tests.sources.git.memory import lkml

READING = Reading(Calls())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "deep" / ".git").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "a.lkml").write_text("no file of the project")
    (root / "deep" / ".git" / "a.lkml").write_text("nor this")
    (root / "a.view.lkml").write_text("view: a {}\n")
    (root / "deep" / "b.lkml").write_bytes(b"# b\r\n")
    (root / "logo.png").write_bytes(b"\x89PNG")
    return root


def test_a_folders_files_are_read_as_they_are_without_what_is_gits(folder: Path) -> None:
    files = LocalFolder(folder, READING).files(LocalFolder(folder, READING).commit(), lkml)
    assert dict(files) == {"a.view.lkml": b"view: a {}\n", "deep/b.lkml": b"# b\r\n"}
    assert files.paths == {"a.view.lkml", "deep/b.lkml", "logo.png"}


def test_a_relative_path_is_read_as_well_as_a_whole_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    relative = LocalFolder(Path("project"), READING)
    monkeypatch.chdir("/")
    assert relative.commit() == LocalFolder(folder, READING).commit()


def test_the_commit_is_another_when_a_content_or_a_name_is_though_size_and_time_stand(folder: Path) -> None:
    local = LocalFolder(folder, READING)
    commits = {local.commit()}
    times = (folder / "a.view.lkml").stat()
    (folder / "a.view.lkml").write_text("view: b {}\n")
    os.utime(folder / "a.view.lkml", ns=(times.st_atime_ns, times.st_mtime_ns))
    commits.add(local.commit())
    (folder / "a.view.lkml").rename(folder / "b.view.lkml")
    commits.add(local.commit())
    (folder / "empty.lkml").touch()
    commits.add(local.commit())
    assert len(commits) == 4
    (folder / ".git" / "index").write_text("changed")
    os.utime(folder / "logo.png", (1, 1))
    assert local.commit() in commits


def test_a_folder_that_changes_while_it_is_read_is_not_read_in_part(folder: Path) -> None:
    commit = LocalFolder(folder, READING).commit()
    (folder / "logo.png").write_bytes(b"other")
    with pytest.raises(UnavailableError, match="changed while they were read"):
        LocalFolder(folder, READING).files(commit, lkml)


def test_links_that_lead_out_are_left_out_and_those_within_are_followed(folder: Path) -> None:
    (folder.parent / "secret.lkml").write_text("secret")
    (folder / "out.lkml").symlink_to("../secret.lkml")
    (folder / "whole.lkml").symlink_to(folder.parent / "secret.lkml")
    (folder / "gone.lkml").symlink_to("nothing")
    (folder / "git.lkml").symlink_to(".git/a.lkml")
    (folder / "loop.lkml").symlink_to("loop.lkml")
    (folder / "up.lkml").symlink_to("..")
    (folder / "around").symlink_to(".")
    (folder / "within.lkml").symlink_to("deep/b.lkml")
    os.mkfifo(folder / "pipe.lkml")
    local = LocalFolder(folder, READING)
    files = local.files(local.commit(), lkml)
    assert files.keys() == {"a.view.lkml", "deep/b.lkml", "within.lkml"}
    assert files["within.lkml"] == b"# b\r\n"
    out = "a link that leads out of the folder"
    other = "a link to a folder, or no file but a device, a pipe or the like"
    assert set(files.left_out) == {
        *(LeftOut(name, out) for name in ("out.lkml", "whole.lkml", "git.lkml", "up.lkml")),
        *(LeftOut(name, other) for name in ("gone.lkml", "loop.lkml", "pipe.lkml")),
    }


def test_what_is_not_there_or_too_large_is_told(folder: Path) -> None:
    with pytest.raises(UnavailableError, match="it is not there"):
        LocalFolder(folder / "nothing", READING).commit()
    with pytest.raises(UnavailableError, match="it is not there"):
        LocalFolder(folder / "logo.png", READING).commit()
    for limits in (Limits(entries=2), Limits(whole=10)):
        with pytest.raises(RejectedError, match="larger than what is read"):
            LocalFolder(folder, READING._replace(limits=limits)).commit()


def test_no_page_shows_a_path_of_this_machine(folder: Path) -> None:
    local: Repository = LocalFolder(folder, READING)
    assert local.page("a.view.lkml", 3) is None


@given(st.text(max_size=30))
def test_a_path_without_fault_stays_within(path: str) -> None:
    if fault_of(path) is None:
        assert Path("/root", path).resolve().is_relative_to("/root")
        assert Path(path).as_posix() == path
