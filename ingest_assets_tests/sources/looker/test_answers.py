"""Answers of Looker's, read as looker-sdk's models."""

from __future__ import annotations

import json

import pytest
from looker_sdk.rtl import serialize
from looker_sdk.sdk.api40.models import Dashboard

from ingest_assets.sources.looker.answers import reader

BOARD = json.dumps({"id": "1", "folder": {"id": "2", "name": "Sales"}, "dashboard_elements": [{"id": "3"}]})


def rules(read: object) -> tuple[int, int]:
    """How many rules the converter of a reader has, and looker-sdk's own."""
    own = read.args[0]  # type: ignore[attr-defined]
    return own._structure_func.get_num_fns(), serialize.converter40._structure_func.get_num_fns()


def test_an_answer_is_read_with_all_that_it_holds() -> None:
    board = reader()(data=BOARD, structure=Dashboard)
    assert (board.id, board.folder.name, [tile.id for tile in board.dashboard_elements]) == ("1", "Sales", ["3"])


def test_no_answer_leaves_a_rule_behind_that_would_make_the_next_one_slower() -> None:
    read = reader()
    before = rules(read)
    for _ in range(5):
        read(data=f"[{BOARD}]", structure=list[Dashboard])
    assert rules(read) == before


@pytest.mark.parametrize("answer", [BOARD[:20], "", "["])
def test_what_is_no_answer_is_an_error_that_does_not_quote_it(answer: str) -> None:
    with pytest.raises(serialize.DeserializeError) as error:
        reader()(data=answer, structure=Dashboard)
    assert str(error.value).startswith("Bad data (")
