from __future__ import annotations

from collections import Counter

import pytest

from ingest_assets.ingestion.verdicts import arrived, lineage_drawn

KINDS = ("table", "lineage")


def test_what_is_not_known_to_have_arrived_has_not_arrived() -> None:
    verdict = arrived({"table": Counter(create=5)}, KINDS, 90)
    assert not verdict.passed
    assert "lineage" in verdict.summary
    assert not arrived({}, KINDS, 0).passed


@pytest.mark.parametrize(("failed", "passed"), [(0, True), (10, True), (11, False), (100, False)])
def test_the_share_that_arrived_is_held_against_the_threshold(failed: int, passed: bool) -> None:
    counts = Counter(create=100 - failed, failed=failed, filtered=1000, stale=1000)
    assert arrived({"table": counts, "lineage": Counter()}, KINDS, 90).passed is passed


def test_an_empty_service_has_arrived() -> None:
    assert arrived({"table": Counter(), "lineage": Counter()}, KINDS, 100).passed


def test_lineage_that_is_missing_is_counted() -> None:
    verdict = lineage_drawn(Counter(create=3, unchanged=4, parked=1, failed=2))
    assert not verdict.passed
    assert verdict.figures == {"edges": 10, "edges_missing": 3}
    assert lineage_drawn(Counter(unchanged=4)).passed
