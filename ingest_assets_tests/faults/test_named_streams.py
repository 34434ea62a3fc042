"""Faults that people have met with streams, each told as a story of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.assets import steps as assets
from ingest_assets.recipe.loader import load_recipe
from ingest_assets_tests.faults.portrait import Key, Portrait
from ingest_assets_tests.faults.rewound import Rewound, rewound
from ingest_assets_tests.faults.stream_scene import StreamScene, StreamSteps, stream_scene
from ingest_assets_tests.recipe_runs import run

STREAMS = {"audit", "clicks", "orders", "parcels", "payments", "returns"}
HOSES = {"audit-to-lake", "clicks-to-lake", "orders-to-lake", "returns-to-lake"}
ALL = {f"kinesis.{name}" for name in STREAMS} | {f"firehose.{name}" for name in HOSES}
STEPS = tuple(step.name for step in assets.steps_of("kinesis"))


@pytest.fixture(scope="module")
def rewound_streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rewound[StreamScene]]:
    folder = tmp_path_factory.mktemp("streams")
    with rewound(stream_scene(folder), folder) as made:
        yield made


@pytest.fixture
def on(rewound_streams: Rewound[StreamScene]) -> StreamScene:
    """Streams that were read once."""
    return rewound_streams.again()


def steps_of(on: StreamScene) -> StreamSteps:
    ran = on.run()
    assert isinstance(ran.steps, StreamSteps), repr(ran)
    return ran.steps


def live(shown: Portrait) -> set[str]:
    """Topics and pipelines that are live."""
    entities = {key.fqn for key, each in shown.items() if each.live and not key.source}
    return {fqn for fqn in entities if fqn.startswith(("kinesis.", "firehose.")) and not fqn.endswith(".sampleData")}


def told(steps: StreamSteps) -> str:
    """All that a run says of what did not arrive or stays."""
    problems = [f"{each.fqn} {each.step} {each.reason}" for report in steps for each in report.problems]
    return "\n".join([*problems, *(note for report in steps for note in report.notes)])


def test_liststreams_denied_is_one_failed_asset_with_a_reason_after_one_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """openmetadata-ingestion asked 34,386 times in three seconds, and never returned."""
    with stream_scene(tmp_path) as on:
        del on.recipe.dagster["source"]["firehose"]
        for name, value in {**on.recipe.variables(), "INGEST_ASSETS_STORE": str(on.store_folder)}.items():
            monkeypatch.setenv(name, value)
        on.sandbox.faults.add("access-denied", service="kinesis", operation="ListStreams", count=None)
        path = tmp_path / "kinesis.yaml"
        path.write_text(on.recipe.text(), encoding="utf-8")
        result = run(load_recipe(path), STEPS)
        (failed,) = [event for event in result.all_events if event.is_step_failure]
        assert failed.step_key is not None
        assert "snapshot" in failed.step_key
        assert "kinesis:ListStreams" in str(failed.step_failure_data.error)
        assert result.get_asset_materialization_events() == []
        assert on.sandbox.aws.counts["kinesis:ListStreams"] == 1
        assert live(on.portrait()) == set()


def test_liststreams_denied_costs_firehose_nothing(on: StreamScene) -> None:
    on.change()
    on.sandbox.aws.reset_counts()
    on.sandbox.faults.add("access-denied", service="kinesis", operation="ListStreams", count=None)
    steps = steps_of(on)
    assert on.sandbox.aws.counts["kinesis:ListStreams"] == 1
    assert [(problem.fqn, "ListStreams" in problem.reason) for problem in steps.snapshot.problems] == [
        ("kinesis", True)
    ]
    assert live(on.portrait()) == ALL - {"firehose.returns-to-lake"} | {"firehose.shipments-to-lake"}


def test_listshards_denied_for_one_stream_costs_that_topic_and_the_next_run_heals_it(on: StreamScene) -> None:
    on.change()
    on.sandbox.faults.add("access-denied", service="kinesis", operation="ListShards", match="orders", count=None)
    steps = steps_of(on)
    shown = on.portrait()
    assert [problem.fqn for problem in steps.topics.problems] == ["kinesis.orders"]
    assert "kinesis:ListShards" in steps.topics.problems[0].reason
    assert '"retentionTime": 86400000.0' in shown[Key("kinesis.orders")].text
    assert live(shown) >= ALL - {"kinesis.returns", "firehose.returns-to-lake"}
    assert "env.live" in shown[Key("kinesis.clicks")].text
    assert "kinesis.shipments" in live(shown)
    on.sandbox.faults.clear()
    assert steps_of(on).failures() == {}
    assert '"retentionTime": 172800000.0' in on.portrait()[Key("kinesis.orders")].text


def test_a_tag_that_is_refused_costs_a_label_that_comes_with_the_next_run(on: StreamScene) -> None:
    on.change()
    on.sandbox.faults.add("access-denied", service="openmetadata", operation="PUT /v1/tags", match='"silver"')
    steps = steps_of(on)
    orders = on.portrait()[Key("kinesis.orders")].text
    assert '"retentionTime": 172800000.0' in orders
    assert "tier.silver" not in orders
    assert [problem.fqn for problem in steps.tags.problems] == ["tier.silver"]
    assert "Label tier.silver is left out in 1 places" in told(steps)
    healed = steps_of(on)
    assert (healed.failures(), healed.tags.created, healed.topics.updated) == ({}, 1, 1)
    assert "tier.silver" in on.portrait()[Key("kinesis.orders")].text
    assert "tier.silver" in on.portrait()[Key("firehose.orders-to-lake")].text
    assert steps_of(on).written() == 0


def test_a_tightened_filter_deletes_nothing(on: StreamScene) -> None:
    on.recipe.config["topicFilterPattern"] = {"excludes": ["o.*"]}
    on.recipe.dagster["source"]["firehose"]["filter_pattern"] = {"includes": ["clicks.*"]}
    on.sandbox.aws.reset_counts()
    steps = steps_of(on)
    assert live(on.portrait()) == ALL
    assert (steps.topics.filtered, steps.pipelines.filtered) == (1, 3)
    assert (steps.stale.stale, steps.written()) == (0, 0)
    assert on.sandbox.aws.counts["firehose:DescribeDeliveryStream"] == 1
    assert on.sandbox.aws.counts["kinesis:DescribeStreamSummary"] == len(STREAMS) - 1


def test_an_emptied_account_is_not_emptied_on_the_server(on: StreamScene) -> None:
    """The listings are complete, and every stream is definitely not found: only the ceiling is in the way."""
    del on.recipe.dagster["stale"]
    for name in STREAMS:
        on.drop("kinesis", name)
    for name in HOSES:
        on.drop("firehose", name)
    steps = steps_of(on)
    assert live(on.portrait()) == ALL
    assert (steps.stale.stale, steps.stale.removed) == (len(ALL), 0)
    assert "without approval" in told(steps)


def test_a_listing_of_firehose_that_fails_keeps_pipelines_while_a_stream_goes(on: StreamScene) -> None:
    on.drop("kinesis", "returns")
    on.drop("firehose", "returns-to-lake")
    on.sandbox.faults.add("access-denied", service="firehose", operation="ListDeliveryStreams", count=None)
    steps = steps_of(on)
    assert live(on.portrait()) == ALL - {"kinesis.returns"}
    assert [problem.fqn for problem in steps.snapshot.problems] == ["firehose"]
    assert steps.stale.removed == 1
    on.sandbox.faults.clear()
    steps_of(on)
    assert live(on.portrait()) == ALL - {"kinesis.returns", "firehose.returns-to-lake"}


def test_streams_that_the_listing_hides_stay_and_are_told(on: StreamScene) -> None:
    """Asked for by their names, the services still have them."""
    on.sandbox.faults.add("hidden", service="kinesis", operation="ListStreams", match="orders", count=None)
    on.sandbox.faults.add("hidden", service="firehose", operation="ListDeliveryStreams", match="orders", count=None)
    steps = steps_of(on)
    assert live(on.portrait()) == ALL
    assert steps.stale.removed == 0
    assert "kinesis.orders " in told(steps)
    assert "firehose.orders-to-lake " in told(steps)


def test_samples_that_can_not_be_read_cost_themselves(on: StreamScene) -> None:
    on.change()
    before = on.portrait()[Key("kinesis.orders.sampleData")]
    on.sandbox.faults.add("access-denied", service="kinesis", operation="GetRecords", match="orders", count=None)
    steps = steps_of(on)
    assert [(problem.fqn, problem.step) for problem in steps.samples.problems] == [("kinesis.orders", "sample")]
    assert on.portrait()[Key("kinesis.orders.sampleData")] == before
    assert '"retentionTime": 172800000.0' in on.portrait()[Key("kinesis.orders")].text
    on.sandbox.faults.clear()
    assert steps_of(on).samples.updated == 1
