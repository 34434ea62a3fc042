"""Airflow DAG files: what becomes of a DAG's and a task's arguments."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.recipe.airflow.intervals import cron_of
from ingest_assets_tests.recipe.airflow.dags import (
    FILLED,
    changed,
    dag_with,
    scheduled,
    settings,
    told,
    without,
)


class TestSchedules:
    @pytest.mark.parametrize(
        ("value", "cron"),
        [
            ('"0 3 * * 1-5"', "0 3 * * 1-5"),
            ('"@daily"', "@daily"),
            ('"@quarterly"', "0 0 1 */3 *"),
            ("timedelta(minutes=15)", "*/15 * * * *"),
            ("timedelta(hours=1)", "0 * * * *"),
            ("timedelta(days=1)", "0 0 * * *"),
            ("dt.timedelta(hours=2) * 3", "0 */6 * * *"),
            ("pendulum.duration(weeks=1)", "0 0 * * 0"),
            ('CronTriggerTimetable("5 4 * * *", timezone="Europe/Berlin")', "5 4 * * *"),
            ("DeltaDataIntervalTimetable(timedelta(minutes=30))", "*/30 * * * *"),
            ('"0 3 * * *" if False else "0 4 * * *"', None),
            ("None", None),
            ('"@once"', None),
            ('"0 0 * * 5#1"', None),
            ("timedelta(minutes=45)", None),
            ("timedelta(days=2)", None),
            ("[Dataset('s3://x')]", None),
            ("Variable.get('cron')", None),
        ],
    )
    def test_what_cron_says_too_is_the_schedule_and_nothing_else(
        self, tmp_path: Path, value: str, cron: str | None
    ) -> None:
        text = scheduled(value)
        assert settings(tmp_path, text).get("schedule") == cron
        used, what = told(tmp_path, text)["DAG.schedule"]
        assert used is (cron is not None)
        assert what

    @pytest.mark.parametrize(
        ("start", "cron"),
        [
            ("start_date=dt.datetime(2024, 1, 3, 2, 30)", "30 2 * * *"),
            ("start_date=days_ago(2, hour=4)", "0 4 * * *"),
            ("start_date=dt.datetime.now()", "0 0 * * *"),
            ("start_date=pendulum.today('UTC').add(days=-1)", "0 0 * * *"),
        ],
    )
    def test_an_interval_begins_where_start_date_says(self, tmp_path: Path, start: str, cron: str) -> None:
        assert settings(tmp_path, scheduled("timedelta(days=1)", start))["schedule"] == cron

    @pytest.mark.parametrize(
        ("start", "zone"),
        [
            ('start_date=pendulum.datetime(2024, 1, 1, tz="Europe/Berlin")', "Europe/Berlin"),
            ('start_date=dt.datetime(2024, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))', "Asia/Tokyo"),
            ("start_date=dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)", "UTC"),
            ("start_date=dt.datetime(2024, 1, 1)", None),
            ('start_date=pendulum.datetime(2024, 1, 1, tz="Mars/Olympus")', None),
        ],
    )
    def test_the_time_zone_is_that_of_start_date_where_it_says_one(
        self, tmp_path: Path, start: str, zone: str | None
    ) -> None:
        assert settings(tmp_path, scheduled('"0 3 * * *"', start)).get("timezone") == zone

    def test_no_schedule_is_no_schedule_and_cannot_be_started(self, tmp_path: Path) -> None:
        text = without("schedule_interval")
        assert not {"schedule", "started", "timezone"} & set(settings(tmp_path, text))
        rows = told(tmp_path, text)
        assert "once a day" in rows["schedule"][1]
        assert "no schedule" in rows["DAG.is_paused_upon_creation"][1]

    @given(minutes=st.integers(1, 7 * 24 * 60), hour=st.integers(0, 23), minute=st.integers(0, 59))
    def test_a_cron_expression_for_an_interval_fires_as_often(self, minutes: int, hour: int, minute: int) -> None:
        cron = cron_of(dt.timedelta(minutes=minutes), dt.time(hour, minute), 0)
        if cron is None:
            evenly = 60 % minutes == 0 or (minutes % 60 == 0 and (24 * 60) % minutes == 0) or minutes == 7 * 24 * 60
            assert not evenly
            return
        at_minutes, at_hours, _, _, weekday = cron.split()
        fired = [
            day * 24 * 60 + hours * 60 + minutes_
            for day in range(7)
            for hours in _numbers(at_hours, 24)
            for minutes_ in _numbers(at_minutes, 60)
            if weekday == "*" or int(weekday) == day
        ]
        assert len(fired) * minutes == 7 * 24 * 60
        assert (hour * 60 + minute) % minutes in {one % minutes for one in fired} or weekday != "*"
        assert {after - before for before, after in pairwise(fired)} <= {minutes}


def _numbers(part: str, end: int) -> list[int]:
    if part.startswith("*"):
        return list(range(0, end, int(part[2:] or 1)))
    return [int(number) for number in part.split(",")]


class TestPeople:
    @pytest.mark.parametrize(
        ("owner", "owners"),
        [
            ('"airflow"', ["team:airflow"]),
            ('"ana@norrpost.example"', ["ana@norrpost.example"]),
            ('"data platform, ana@norrpost.example"', ["team:data platform", "ana@norrpost.example"]),
            ('""', None),
            ("OWNER", None),
        ],
    )
    def test_owners_are_spelled_as_dagster_takes_them(
        self, tmp_path: Path, owner: str, owners: list[str] | None
    ) -> None:
        assert settings(tmp_path, changed('"user_name"', owner)).get("owners") == owners

    def test_addresses_that_are_none_are_told(self, tmp_path: Path) -> None:
        text = changed('["username@org.com"]', '"ana@norrpost.example; nobody"')
        assert settings(tmp_path, text)["alerts"] == {"email": ["ana@norrpost.example"], "on_failure": False}
        assert "nobody" in told(tmp_path, text)["default_args.email"][1]

    def test_airflow_sends_mails_unless_it_is_told_not_to(self, tmp_path: Path) -> None:
        assert settings(tmp_path, without("email_on_failure"))["alerts"]["on_failure"] is True


class TestArguments:
    def test_a_task_wins_over_default_args_and_both_are_told(self, tmp_path: Path) -> None:
        text = changed("python_callable=", "retries=1, python_callable=")
        assert settings(tmp_path, text)["retries"] == {"max": 1, "delay": 300}
        rows = told(tmp_path, text)
        assert rows["PythonOperator.retries"][0]
        assert "says otherwise" in rows["default_args.retries"][1]

    @pytest.mark.parametrize(
        "spelled",
        [
            'dict(owner="lake", retries=2)',
            '{**{"owner": "x", "retries": 2}, "owner": "lake"}',
            'BASE | {"owner": "lake"}',
            "made()",
            "base",
            '{"owner": BASE.get("owner", "lake"), "retries": BASE.get("retries")}',
        ],
    )
    def test_default_args_may_be_spelled_in_many_ways(self, tmp_path: Path, spelled: str) -> None:
        before = """
BASE = {"retries": 2}
base = BASE.copy()
base["own" + "er"] = "nobody"
base.update(owner="lake")
def made():
    return {"owner": "lake", **BASE}
"""
        text = before + changed("default_args=default_args", f"default_args={spelled}")
        block = settings(tmp_path, text)
        assert (block["owners"], block["retries"]) == (["team:lake"], {"max": 2})

    def test_what_is_computed_is_told_with_its_line_and_left_out(self, tmp_path: Path) -> None:
        text = changed('"retries": 3', '"retries": len(open("x").read())').replace('"sample_data"', 'f"lake_{stage()}"')
        block = settings(tmp_path, text)
        assert "max" not in block["retries"]
        assert "name" not in block["job"]
        rows = told(tmp_path, text)
        assert rows["default_args.retries"] == (
            False,
            "Its value is only known when the DAG runs. Write it into the recipe by hand.",
        )
        assert not rows["DAG.dag_id"][0]

    def test_an_argument_that_nobody_knows_is_told_and_its_value_is_not_shown(self, tmp_path: Path) -> None:
        rows = told(tmp_path, dag_with('params={"password": "s3cret"}, invented=1, max_active_runs=1, tags=["a"]'))
        assert rows["DAG.invented"] == (False, "Nothing in a recipe says the same.")
        assert not rows["DAG.params"][0]
        assert "s3cret" not in str(rows)

    @pytest.mark.parametrize("asked", ['given.get("retries")', 'given.pop("retries", 1)', "given.get()", "given.pop()"])
    def test_what_may_stand_in_a_mapping_that_is_not_known_whole_is_not_known(self, tmp_path: Path, asked: str) -> None:
        text = "given = {**theirs(), 'owner': 'lake'}\n" + changed('"retries": 3', f'"retries": {asked}')
        assert "max" not in settings(tmp_path, text)["retries"]
        assert told(tmp_path, text)["default_args.retries"][1].startswith("Its value is ")

    @pytest.mark.parametrize("timeout", ["1e999", "-1e999", "1e999 - 1e999", f"0x{'f' * 5000}"])
    def test_a_time_that_no_recipe_holds_is_told(self, tmp_path: Path, timeout: str) -> None:
        used, what = told(tmp_path, dag_with(f"dagrun_timeout={timeout}").replace("execution_timeout", "sla"))[
            "DAG.dagrun_timeout"
        ]
        assert not used
        assert what

    @pytest.mark.parametrize("retries", ["21", "-1", "True", "'3'"])
    def test_what_a_recipe_does_not_take_is_told(self, tmp_path: Path, retries: str) -> None:
        text = changed('"retries": 3', f'"retries": {retries}')
        assert settings(tmp_path, text)["retries"] == {"delay": 300}
        assert not told(tmp_path, text)["default_args.retries"][0]

    def test_what_depends_on_a_condition_is_unknown(self, tmp_path: Path) -> None:
        before = "OWNER = 'a'\nif stage():\n    OWNER = 'b'\n"
        assert "owners" not in settings(tmp_path, before + changed('"user_name"', "OWNER"))

    @pytest.mark.parametrize(
        "change",
        [
            "default_args.pop('owner')",
            "del default_args['owner']",
            "default_args.update(owner=who())",
            "if stage():\n    default_args.update(owner='b')",
            "default_args['owner'] = who()",
        ],
    )
    def test_what_is_changed_afterwards_is_not_taken_for_what_it_was(self, tmp_path: Path, change: str) -> None:
        text = changed("with DAG(", f"{change}\nwith DAG(")
        assert "owners" not in settings(tmp_path, text)

    def test_half_a_character_is_told_and_not_written(self, tmp_path: Path) -> None:
        text = changed('"sample_data"', r'"lake\ud800"')
        assert "name" not in settings(tmp_path, text)["job"]
        assert not told(tmp_path, text)["DAG.dag_id"][0]

    def test_other_tasks_are_told(self, tmp_path: Path) -> None:
        text = f"{FILLED}    done = BashOperator(task_id='done', bash_command='true')\n    ingest_task >> done\n"
        assert "stays in Airflow" in told(tmp_path, text)["BashOperator done"][1]
