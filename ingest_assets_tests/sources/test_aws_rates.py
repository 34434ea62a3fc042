"""Calls are held back to the rates that AWS allows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.calls import Calls
from ingest_assets.errors import DeadlineExceededError
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.aws import AwsSession, Pace, Rate
from ingest_assets.sources.aws_rates import Place
from ingest_assets_tests.sources.aws_scene import Scene
from ingest_assets_tests.sources.conftest import SessionMaker

HERE, THERE = Place("", "eu-north-1"), Place("", "us-east-2")


class Hours:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


def pace_of(hours: Hours, **rates: Rate) -> Pace:
    return Pace({f"glue:{name}": rate for name, rate in rates.items()}, clock=hours, wait=hours.wait)


def test_the_sixth_call_of_five_a_second_waits_for_the_next_second() -> None:
    hours = Hours()
    pace = pace_of(hours, GetTables=Rate(5, burst=5))
    for _ in range(6):
        pace.take("glue:GetTables", HERE, Calls())
    assert hours.waited == pytest.approx([0.2])


@given(
    pauses=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60),
    rate=st.floats(0.5, 100),
    burst=st.floats(1, 10),
)
def test_no_second_has_more_calls_than_the_rate_and_one_burst(pauses: list[float], rate: float, burst: float) -> None:
    hours = Hours()
    pace = pace_of(hours, GetTables=Rate(rate, burst=burst))
    sent: list[float] = []
    for pause in pauses:
        hours.now += pause
        pace.take("glue:GetTables", HERE, Calls())
        sent.append(hours.now)
    for begin in sent:
        assert sum(begin <= moment < begin + 1 for moment in sent) <= rate + burst + 1e-6


def test_a_limit_of_a_region_does_not_hold_back_another_and_other_operations_have_none() -> None:
    hours = Hours()
    pace = pace_of(hours, GetTables=Rate(1))
    for place in (HERE, THERE, Place("210987654321", "eu-north-1")):
        pace.take("glue:GetTables", place, Calls())
    for _ in range(100):
        pace.take("glue:GetDatabases", HERE, Calls())
    assert hours.waited == []


def test_a_limit_of_each_subject_is_its_own() -> None:
    hours = Hours()
    pace = pace_of(hours, GetTables=Rate(1, of="subject"))
    for subject in ("clicks", "orders", "clicks"):
        with pace.about(subject):
            pace.take("glue:GetTables", HERE, Calls())
    assert hours.waited == pytest.approx([1.0])


def test_the_deadline_is_not_waited_past_and_who_gives_up_takes_nobodys_turn() -> None:
    hours = Hours()
    pace = pace_of(hours, GetTables=Rate(0.1))
    pace.take("glue:GetTables", HERE, Calls())
    for _ in range(3):
        with pytest.raises(DeadlineExceededError, match=r"glue:GetTables was not sent.*0\.1 a second"):
            pace.take("glue:GetTables", HERE, Calls(deadline=5.0, clock=hours))
    assert hours.waited == []
    pace.take("glue:GetTables", HERE, Calls(deadline=11.0, clock=hours))
    assert hours.waited == pytest.approx([10.0])


def test_calls_about_one_subject_wait_for_each_other_even_where_a_role_is_assumed_on_the_way(scene: Scene) -> None:
    hours = Hours()
    rates = {"glue:GetTables": Rate(1, of="subject")}
    pace = Pace(rates, clock=hours, wait=hours.wait, wall_clock=scene.clock)
    session = scene.session(scene.user("sts:*"), pace=pace, role_arn=scene.role().arn)
    for subject in ("sales", "finance", "sales", "finance"):
        session.call("glue", "GetTables", subject, DatabaseName="sales")
    assert hours.waited == pytest.approx([1.0])


def test_a_retry_waits_for_its_turn_as_well(sandbox: Sandbox, session_of: SessionMaker) -> None:
    hours, calls = Hours(), Calls()
    session = session_of(calls=calls, pace=pace_of(hours, GetDatabases=Rate(2)))
    sandbox.faults.add("500", operation="GetDatabases")
    assert session.call("glue", "GetDatabases", "all")["DatabaseList"]
    assert calls.counts() == {"glue:GetDatabases": 2}
    assert hours.waited == pytest.approx([0.5])


def test_threads_and_regions_of_a_run_share_its_limits(sandbox: Sandbox, session_of: SessionMaker) -> None:
    hours = Hours()
    session = session_of(pace=pace_of(hours, GetDatabases=Rate(10)))

    def read(where: AwsSession) -> None:
        where.call("glue", "GetDatabases", "all")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read, [session, session.at(), session.at(region=session.region), session.at(region="us-east-2")]))
    assert len(hours.waited) == 2
    assert 0.2 <= sum(hours.waited) <= 0.3 + 1e-6


def test_a_request_that_can_not_be_sent_in_time_is_not_counted(sandbox: Sandbox, session_of: SessionMaker) -> None:
    hours = Hours()
    calls = Calls(deadline=1.0, clock=hours)
    session = session_of(calls=calls, pace=pace_of(hours, GetDatabases=Rate(0.5)))
    session.call("glue", "GetDatabases", "all")
    with pytest.raises(DeadlineExceededError):
        session.call("glue", "GetDatabases", "all")
    assert calls.counts() == {"glue:GetDatabases": 1}
    assert sandbox.aws.counts["glue:GetDatabases"] == 1
