"""Words whose names a server can't hold, or holds otherwise, and that stand between others' words."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import Classification, Tag
from ingest_assets_tests.ingestion.estates import run_estate
from ingest_assets_tests.ingestion.runs import Place
from ingest_assets_tests.ingestion.test_words import estate, labels


@pytest.mark.parametrize("name", ["cost.centre", 'a"b', "a::b", "k" * 300, "1"])
def test_a_group_that_no_server_can_spell_is_met_again_by_its_tags_labels(anywhere: Place, name: str) -> None:
    group, odd = Classification(path=(name,)), Tag(path=(name, "a.b"))
    made = estate(odd, words=(group, odd))
    assert run_estate(anywhere, made).failures() == {}
    assert len(labels(anywhere)) == 1
    assert run_estate(anywhere, made).written() == 0
