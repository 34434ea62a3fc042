from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.openmetadata.words import words_of, words_patch

TEXTS = st.sampled_from(["", "a", "b", "c"])


def bodies(depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    columns = st.lists(bodies(depth - 1), max_size=3, unique_by=lambda each: each["name"]) if depth else st.just([])
    return st.fixed_dictionaries(
        {
            "name": st.sampled_from(["x", "y/z", "ä.b"]),
            "description": TEXTS,
            "columns" if depth == 2 else "children": columns,
        }
    )


def described(body: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    found = {path: body["description"]}
    for column in [*body.get("columns", []), *body.get("children", [])]:
        found |= described(column, (*path, column["name"]))
    return found


def patched(stored: dict[str, Any], operations: list[dict[str, Any]]) -> dict[tuple[str, ...], str]:
    for operation in operations:
        holder: Any = stored
        *steps, last = operation["path"].strip("/").split("/")
        for step in steps:
            holder = holder[int(step) if step.isdigit() else step]
        assert holder[last]
        if operation["op"] == "test":
            assert holder[last] == operation["value"]
        else:
            holder[last] = operation.get("value", "")
    return described(stored)


@given(stored=bodies(), written=bodies(), wanted=bodies())
def test_words_that_are_ours_become_the_sources_and_no_other_change(
    stored: dict[str, Any], written: dict[str, Any], wanted: dict[str, Any]
) -> None:
    before, ours, new = described(stored), described(written), described(wanted)
    after = patched(stored, words_patch(stored, wanted, words_of(written)))
    for path, text in before.items():
        is_ours = bool(text) and ours.get(path) == text
        assert after[path] == (new.get(path, text) if is_ours else text)


@given(body=bodies())
def test_what_is_stored_as_we_wrote_it_needs_no_patch(body: dict[str, Any]) -> None:
    assert words_patch(body, body, words_of(body)) == []
