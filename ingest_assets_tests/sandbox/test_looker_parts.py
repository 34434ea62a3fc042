"""Pieces of the Looker sandbox by themselves: fields, searches, git's objects, and changes from several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from looker_sdk.sdk.api40 import models

from ingest_assets.errors import InvalidAnswerError, NotFoundError
from ingest_assets.sandbox.company.looker import SHARED, LookerState
from ingest_assets.sandbox.company.looker_git import SUBMODULE, Entry, tree_objects
from ingest_assets.sandbox.company.looker_repositories import Repositories
from ingest_assets.sandbox.looker.clients import LookerSessions
from ingest_assets.sandbox.looker.field_trees import FieldTree, read_fields
from ingest_assets.sandbox.looker.refusals import LookerRefusalError
from ingest_assets.sandbox.looker.rendering import members, render
from ingest_assets.sandbox.looker.searching import search

NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
TREES: st.SearchStrategy[FieldTree] = st.recursive(
    st.just({}), lambda below: st.dictionaries(NAMES, below, max_size=4), max_leaves=20
)


def written(tree: FieldTree, blank: str) -> str:
    parts = [f"{name}({written(below, blank)})" if below else name for name, below in tree.items()]
    return f"{blank},{blank}".join(parts)


@given(tree=TREES, blank=st.sampled_from(["", " "]))
def test_fields_are_read_as_they_are_written(tree: FieldTree, blank: str) -> None:
    assert read_fields(written(tree, blank)) == tree


@given(st.text("ab(),. ", max_size=20))
def test_fields_are_read_or_refused_and_never_break(text: str) -> None:
    with suppress(LookerRefusalError):
        tree = read_fields(text)
        assert read_fields(written(tree, "")) == tree


@given(rows=st.lists(st.integers(0, 50), max_size=30), limit=st.integers(1, 10))
def test_pages_of_a_search_are_the_whole_of_it(rows: list[int], limit: int) -> None:
    found = [{"id": str(row)} for row in rows]
    whole = search(found, {"sorts": "id"}, ("id",))
    paged: list[dict[str, str]] = []
    while page := search(found, {"sorts": "id", "limit": limit, "offset": len(paged)}, ("id",)):
        paged += page
    assert paged == whole
    assert [int(row["id"]) for row in whole] == sorted(rows)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"name": "f", "created_at": datetime(2024, 1, 1)}, "is no datetime"),  # noqa: DTZ001  # without a zone
        ({"name": "f", "child_count": True}, "is no int"),
        ({"name": "f", "can": {"show": "yes"}}, "is no bool"),
        ({"id": "1"}, "needs name"),
        ([], "is no Folder"),
    ],
)
def test_a_row_that_the_sdk_could_not_read_is_told(row: object, problem: str) -> None:
    with pytest.raises(InvalidAnswerError, match=problem):
        render(row, models.Folder, {}, "folder")


def test_values_of_an_enumeration_and_reserved_words_are_known() -> None:
    field = {"category": "dimension", "align": "left"}
    assert render(field, models.LookmlModelExploreField, {"category": {}}, "field") == {"category": "dimension"}
    with pytest.raises(InvalidAnswerError, match="is no Category"):
        render({"category": "column"}, models.LookmlModelExploreField, {}, "field")
    assert "from" in members(models.LookmlModelExploreJoins)


def test_a_time_in_another_zone_keeps_its_zone_and_its_fraction() -> None:
    row = {"name": "f", "created_at": datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)}
    sent = render(row, models.Folder, {"created_at": {}}, "folder")
    assert sent == {"created_at": "2024-05-06T07:08:09.000+00:00"}


def test_a_token_is_good_until_its_time() -> None:
    now = [0.0]
    sessions = LookerSessions(lambda: now[0])
    client = sessions.add_client("1")
    token = sessions.log_in(client.client_id, client.client_secret)
    assert token
    now[0] = 3599.9
    assert sessions.client(token) is client
    now[0] = 3600.0
    assert sessions.client(token) is None


def test_several_threads_may_add_drop_and_list() -> None:
    looker = LookerState()

    def work(number: int) -> int:
        made = [looker.add_dashboard(f"{number}", SHARED, None, []) for _ in range(20)]
        looker.add_folder(f"{number}")
        looker.dashboards.drop(made[0])
        return len(list(looker.dashboards.all()))

    with ThreadPoolExecutor(8) as pool:
        assert all(seen >= 19 for seen in pool.map(work, range(16)))
    assert len(looker.dashboards.keys()) == 16 * 19
    assert looker.folders.get(SHARED)["child_count"] == 16
    with pytest.raises(NotFoundError, match="no dashboard"):
        looker.dashboards.drop("none")


@given(st.dictionaries(st.text("ab.-", min_size=1, max_size=3), st.binary(max_size=5), max_size=6))
def test_the_order_of_changes_does_not_matter_to_a_tree(files: dict[str, bytes]) -> None:
    entries = {f"x{path}": Entry(content) for path, content in files.items()}
    backwards = dict(reversed(list(entries.items())))
    assert tree_objects(entries)[0] == tree_objects(backwards)[0]


def test_a_tree_is_named_as_git_names_it() -> None:
    assert tree_objects({})[0] == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # the one that everybody knows
    assert Entry(b"a" * 40, SUBMODULE).sha == "a" * 40


def test_a_commit_changes_only_what_it_says() -> None:
    repository = Repositories().add("owner", "name")
    first = repository.commit({"a": b"1", "b/c": b"2"}, "Begin")
    second = repository.commit({"a": None}, "Drop a")
    assert [commit.sha for commit in repository.commits] == [first, second]
    assert set(repository.head.entries) == {"b/c"}
    assert repository.head.parent == first
    with pytest.raises(KeyError):
        repository.commit({"a": None}, "Again")
