"""Faults that people have met with Looker and its LookML, each told as a story of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.verdicts import Verdict, complete
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.store import FolderStore
from ingest_assets_tests.faults.looker_scene import LookerScene, by_name, looker_scene
from ingest_assets_tests.faults.lookers import MODELS, REPOSITORY, SERVICE
from ingest_assets_tests.faults.portrait import Key, Portrait
from ingest_assets_tests.faults.rewound import Rewound, rewound

GONE_BOARDS = {"looker.retired", "looker.retired~retired", "looker.sales~gone"}
COME_BOARDS = {"looker.refunds", "looker.refunds~refunds", "looker.sales~new"}
GONE = {*GONE_BOARDS, "looker.model.shop_returns", "looker.model.shop_returns_view"}
COME = {*COME_BOARDS, "looker.model.finance_repaid", "looker.model.finance_repaid_view"}


@pytest.fixture(scope="module")
def rewound_looker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rewound[LookerScene]]:
    folder = tmp_path_factory.mktemp("looker")
    with rewound(looker_scene(folder), folder) as made:
        yield made


@pytest.fixture
def on(rewound_looker: Rewound[LookerScene]) -> LookerScene:
    """A Looker that was read once."""
    made = rewound_looker.again()
    made.sandbox.looker.reset_counts()
    return made


def steps_of(on: LookerScene) -> dict[str, Report]:
    ran = on.run()
    assert ran.steps is not None, repr(ran)
    return by_name(ran.steps)


def healed(on: LookerScene) -> dict[str, Report]:
    """A run once the fault is over."""
    on.sandbox.faults.clear()
    return steps_of(on)


def break_(
    on: LookerScene, kind: str, operation: str, match: str = "*", *, service: str = "looker", count: int | None = None
) -> None:
    """A fault that lasts, if no count is given."""
    on.sandbox.faults.add(kind, service=service, operation=operation, match=match, count=count)


def verdict(on: LookerScene) -> Verdict:
    """What the check ``complete`` says of the last run."""
    manifest = Snapshots(FolderStore(on.store_folder), "looker", SERVICE).latest()
    assert manifest is not None
    return complete(manifest)


def live(shown: Portrait) -> set[str]:
    """Dashboards, charts and data models that are live."""
    entities = {key.fqn for key, each in shown.items() if each.live and not key.source}
    return {fqn for fqn in entities if fqn.startswith(f"{SERVICE}.")}


def told(steps: dict[str, Report]) -> str:
    """All that a run says of what did not arrive or stays."""
    problems = [f"{each.fqn} {each.step} {each.reason}" for report in steps.values() for each in report.problems]
    return "\n".join([*problems, *(note for report in steps.values() for note in report.notes)])


def failed(steps: dict[str, Report]) -> set[str]:
    """What could not be read."""
    problems = (problem for report in steps.values() for problem in report.problems)
    return {problem.fqn for problem in problems if problem.step in ("read", "list")}


def test_whatever_looker_answers_in_the_middle_is_told_by_name_and_costs_itself(on: LookerScene) -> None:
    before = live(on.portrait())
    on.change()
    break_(on, "429", "dashboard", "sales")
    break_(on, "500", "lookml_model_explore", "shop/orders")
    break_(on, "cut", "look", "buyers")
    break_(on, "expired-token", "all_users", count=1)
    break_(on, "vanish", "dashboard", "audit", count=1)
    steps = steps_of(on)
    shown = on.portrait()
    assert live(shown) == (before - GONE | COME | {"looker.sales~gone"}) - {"looker.sales~new"}
    assert failed(steps) == {"looker.sales", "looker.model.shop_orders", "looker.look:buyers", "looker.audit"}
    words = told(steps)
    for answer in (
        "looker:dashboard of sales",
        "429",
        "looker:lookml_model_explore of shop/orders",
        "500",
        "looker:look",
    ):
        assert answer in words
    assert "Looker lists it, and does not show it" in words
    assert on.sandbox.looker.counts["login"] == 2
    assert "Finance, each quarter" in shown[Key("looker.finance")].text
    assert '"mei.tanaka' in shown[Key("looker.finance")].text
    assert verdict(on).passed
    healed(on)
    assert live(on.portrait()) == before - GONE | COME


def test_all_dashboards_failing_to_the_end_delete_nothing_and_cost_data_models_nothing(on: LookerScene) -> None:
    before = live(on.portrait())
    on.change()
    break_(on, "500", "all_dashboards")
    for _ in range(2):
        steps = steps_of(on)
        passed, summary, _ = verdict(on)
        assert not passed
        assert "looker:all_dashboards" in summary
    assert (steps["charts"].listed, steps["dashboards"].listed) == (0, 0)
    assert live(on.portrait()) == before - (GONE - GONE_BOARDS) | (COME - COME_BOARDS)
    healed(on)
    assert live(on.portrait()) == before - GONE | COME
    assert verdict(on).passed


@pytest.mark.parametrize(
    ("kind", "operation", "words"),
    [
        ("500", "repos/get-commit", "github:GetCommit"),
        ("expired-token", "repos/get-commit", "github:GetCommit"),
        ("truncated", "codeload/download", "github:GetTarball"),
        ("vanish", "repos/get-commit", "github:GetCommit"),
    ],
)
def test_a_github_that_fails_leaves_all_views_and_dashboards_arrive(
    on: LookerScene, kind: str, operation: str, words: str
) -> None:
    before = live(on.portrait())
    on.change()
    break_(on, kind, operation, REPOSITORY, service="github")
    steps = steps_of(on)
    assert live(on.portrait()) == before - GONE_BOARDS | COME_BOARDS | {"looker.model.finance_repaid"}
    assert not [change for change in steps["stale"].changes if change.fqn.startswith(MODELS)]
    passed, summary, figures = verdict(on)
    assert not passed
    assert "lookml" in summary
    assert words in summary
    assert figures == {"listings": 4, "listings_failed": 1}
    assert words in told({"lookml": steps["lookml"]})


def test_a_model_that_a_role_may_not_see_is_not_taken_for_gone(on: LookerScene) -> None:
    before = live(on.portrait())
    on.sandbox.looker_client.models = frozenset({"shop"})
    try:
        steps = steps_of(on)
    finally:
        on.sandbox.looker_client.models = None
    assert live(on.portrait()) == before
    assert steps["stale"].removed == 0
    assert "looker.model.finance_ledger remove looker:" in told(steps)
