from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ingest_assets.catalog import EntityType, Health
from ingest_assets.ingestion.verdicts import arrived, health, lineage_drawn
from ingest_assets.snapshots.manifest import Manifest, ScopeResult

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


def snapshot(*told: Health) -> Manifest:
    scope = ScopeResult(of=EntityType.TOPIC, path=("s",), run_id="now", read_at=1.0, complete=True, health=told)
    facts: Any = {"source_type": "kinesis", "service": "s", "service_file": "f", "started": 0.0, "ended": 1.0}
    return Manifest(format=1, run_id="now", scopes=(scope,), **facts)


def test_what_is_not_well_is_counted_and_named() -> None:
    told = (
        Health(about="refreshes", known=5, unwell=1, unknown=2, examples=("Orders (no table)",)),
        Health(about="refreshes", known=4),
        Health(about="others", known=3, unwell=3, examples=("no part of it",)),
    )
    verdict = health(snapshot(*told), "refreshes")
    assert not verdict.passed
    assert verdict.summary == "1 of 9 are not well; of 2 more it is not known: Orders (no table)"
    assert verdict.figures == {"known": 9, "unwell": 1, "unknown": 2}
    assert health(snapshot(told[1]), "refreshes").passed


def test_where_the_source_says_nothing_it_is_said_and_the_figures_are_the_same() -> None:
    verdict = health(snapshot(), "refreshes")
    assert (verdict.passed, verdict.summary) == (True, "nothing is known of it")
    assert verdict.figures == {"known": 0, "unwell": 0, "unknown": 0}
    unknown = health(snapshot(Health(about="refreshes", known=0, unknown=7)), "refreshes")
    assert unknown.passed
    assert unknown.figures["unknown"] == 7


def test_lineage_that_is_missing_is_counted() -> None:
    verdict = lineage_drawn(Counter(create=3, unchanged=4, parked=1, failed=2))
    assert not verdict.passed
    assert verdict.figures == {"edges": 10, "edges_missing": 3}
    assert lineage_drawn(Counter(unchanged=4)).passed
