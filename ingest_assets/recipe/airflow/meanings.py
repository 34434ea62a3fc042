"""What each argument of Airflow is in a recipe, or why it is nothing there."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from pydantic import ValidationError

from ingest_assets.recipe.airflow.intervals import cron_of
from ingest_assets.recipe.airflow.values import Moment, Timetable, Value
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.variables import is_unresolved

# The names that OpenMetadata's pages print where a reader's own belong.
_PRINTED = frozenset({"user_name", "username@org.com", "sample_data"})
_STILL_PRINTED = " That is what the docs print: write your own."
_SAME_AS = {"@quarterly": "0 0 1 */3 *"}


@dataclass(frozen=True)
class Given:
    """An argument that a DAG file gives.

    Attributes:
        place: What it is given to.
        name: Its name.
        value: Its value.
        line: Where it stands.
        overridden: Where the one stands that holds instead.
    """

    place: str
    name: str
    value: Value
    line: int
    overridden: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What becomes of an argument.

    Attributes:
        what: In a sentence.
        used: What it sets in the ``dagster:`` block, by dotted key.
    """

    what: str
    used: dict[str, Any] = field(default_factory=dict)


Effective: TypeAlias = Mapping[str, Given]
Meaning: TypeAlias = Callable[[Given, Effective, Mapping[str, Any]], Outcome]


def not_used(why: str) -> Outcome:
    """Nothing of the recipe says the same."""
    return Outcome(why)


def unknown_name(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    """An argument that no table here knows."""
    return not_used("Nothing in a recipe says the same.")


def _used(what: str, **settings: Any) -> Outcome:
    """As ``dagster`` keys, whose dots are written ``__``; or not, where these refuse the values."""
    used = {key.replace("__", "."): value for key, value in settings.items()}
    for key, value in used.items():
        refusal = _refusal(key, value)
        if refusal is not None:
            return not_used(f"dagster.{key} can't hold it: {refusal}.")
    keys = ", ".join(f"dagster.{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in used.items())
    return Outcome(f"{keys}.{f' {what}' if what else ''}", used)


def _refusal(key: str, value: object) -> str | None:
    tree: dict[str, Any] = {}
    block = tree
    *parents, last = key.split(".")
    for parent in parents:
        block = block.setdefault(parent, {})
    block[last] = value
    if any(is_unresolved(text) for text in (value if isinstance(value, list | tuple) else [value])):
        return "it would need a variable, and Dagster reads this before any run"
    try:
        DagsterSettings.model_validate(tree)
    except ValidationError as error:
        details = error.errors()[0]
        return str(details.get("ctx", {}).get("error", details["msg"])).rstrip(".")
    return None


def _wrong_kind(expected: str) -> Outcome:
    return not_used(f"It is not {expected}.")


def _hint(*texts: str) -> str:
    return _STILL_PRINTED.strip() if _PRINTED.intersection(texts) else ""


# The job


def _dag_id(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if not isinstance(one.value, str):
        return _wrong_kind("a text")
    return _used(_hint(one.value), job__name=one.value)


def _description(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if one.value is None:
        return not_used("It says nothing.")
    return _used("", job__description=one.value) if isinstance(one.value, str) else _wrong_kind("a text")


# The schedule


def _schedule(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if "schedule" in settings:
        return not_used("Another argument says the schedule.")
    value = one.value.schedule if isinstance(one.value, Timetable) else one.value
    zone = one.value.zone if isinstance(one.value, Timetable) else None
    if value is None:
        return Outcome("No schedule, here as there.", {})
    if isinstance(value, dt.timedelta):
        return _interval(value, _moment(effective), zone)
    if not isinstance(value, str):
        return not_used("Neither a cron expression nor an interval. Set dagster.schedule.")
    if value in {"@once", "@continuous"}:
        return not_used(f"No cron expression says {value}. Start the job by hand, or set dagster.schedule.")
    return _scheduled(_SAME_AS.get(value, " ".join(value.split())), zone, "")


def _scheduled(cron: str, zone: str | None, what: str) -> Outcome:
    return _used(what, schedule=cron, timezone=zone) if zone else _used(what, schedule=cron)


def _interval(interval: dt.timedelta, start: Moment | None, zone: str | None) -> Outcome:
    time, weekday = (start.time, start.weekday) if start else (None, None)
    cron = cron_of(interval, time, weekday)
    if cron is None:
        return not_used(f"No cron expression says every {interval}. Set dagster.schedule to what comes near.")
    since = "as start_date says" if time is not None else "counted from midnight, as start_date does not say more"
    return _scheduled(cron, zone, f"Every {interval}, {since}.")


def _moment(effective: Effective) -> Moment | None:
    start = effective.get("start_date")
    return start.value if start is not None and isinstance(start.value, Moment) else None


def _start_date(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    tail = "Not used itself: a schedule of Dagster begins when it is switched on."
    if not isinstance(one.value, Moment):
        return not_used(tail)
    if one.value.zone is None or "schedule" not in settings:
        return not_used(tail)
    if "timezone" in settings:
        return not_used(f"{tail} The timetable says the time zone.")
    return _used(tail, timezone=one.value.zone)


def _is_paused(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if not isinstance(one.value, bool):
        return not_used("It says nothing: the schedule is off until it is switched on, or started is true.")
    if "schedule" not in settings:
        return not_used("There is no schedule that could be switched on.")
    return _used("", started=not one.value)


def _catchup(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if one.value is False:
        return not_used("Not needed: schedules here never catch up.")
    return not_used("A run reads what the service holds now: there is nothing to catch up with.")


def _max_active_runs(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if one.value == 1:
        return not_used("Not needed: one run of a recipe at a time, always.")
    return not_used("One run of a recipe at a time, always: each compares with what the one before wrote.")


# Retries and time limits


def _retries(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if isinstance(one.value, bool) or not isinstance(one.value, int):
        return _wrong_kind("a whole number")
    return _used("", retries__max=one.value)


def _seconds(value: Value) -> int | None:
    if isinstance(value, dt.timedelta):
        return round(value.total_seconds())
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(value)


def _retry_delay(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    seconds = _seconds(one.value)
    return _wrong_kind("an interval") if seconds is None else _used("Seconds.", retries__delay=seconds)


def _timeout(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if one.value is None:
        return not_used("It says no limit; here a run may take an hour. dagster.timeout changes it.")
    seconds = _seconds(one.value)
    return _wrong_kind("an interval") if seconds is None else _used("Seconds, for the whole run.", timeout=seconds)


def _dagrun_timeout(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if "execution_timeout" in effective:
        return not_used("execution_timeout is the limit of the run.")
    return _timeout(one, effective, settings)


# People


def _owner(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if not isinstance(one.value, str):
        return _wrong_kind("a text")
    names = [name for part in one.value.split(",") if (name := part.strip())]
    owners = [name if "@" in name and _refusal("owners", [name]) is None else f"team:{name}" for name in names]
    return _used(_hint(*names), owners=owners) if owners else not_used("It names nobody.")


def _email(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    values = re.split(r"[,;]", one.value) if isinstance(one.value, str) else one.value
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        return not_used("Not addresses that can be read. Write them to dagster.alerts.email.")
    addresses = [str(value).strip() for value in values if str(value).strip()]
    good = [address for address in addresses if _refusal("alerts.email", [address]) is None]
    bad = [address for address in addresses if address not in good]
    told = f"No e-mail address: {', '.join(bad)}." if bad else ""
    if not good:
        return not_used(told or "It names nobody.")
    mails = effective.get("email_on_failure")
    # Airflow sends mails to addresses that it has unless it is told not to.
    more: dict[str, Any] = {} if mails else {"alerts__on_failure": True}
    return _used(" ".join(part for part in (told, _hint(*good)) if part), alerts__email=good, **more)


def _email_on_failure(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    return _used("", alerts__on_failure=one.value) if isinstance(one.value, bool) else _wrong_kind("True or False")


def _email_on_retry(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
    if one.value is False:
        return not_used("Not needed: a run that is tried again sends no mail here.")
    return not_used("A run that is tried again sends no mail here; one that failed does.")


# What is nothing in a recipe


def _says(why: str) -> Meaning:
    def _meaning(one: Given, effective: Effective, settings: Mapping[str, Any]) -> Outcome:
        return not_used(why)

    return _meaning


_END = _says("Schedules here have no end: switch this one off on that day.")
_PAST = _says("Each run compares with what the last one wrote, whether that failed or not.")
_ONE_PROCESS = _says("A run is one process, and at most one of a recipe at a time.")
_RUNS_IN = _says("How runs are launched is said in dagster.yaml.")
_PAGE = _says("About Airflow's pages.")
_CALLED = _says("A run calls the recipe, and no function.")
_STEPS = _says("Steps of a run are called after what they do.")
_TEMPLATES = _says("Recipes have variables, ${NAME}, and no templates.")
_CALLBACK = _says("No function is called: dagster.alerts tells of failed runs.")
_BACKOFF = _says("The pause between two attempts stays the same, give or take a part of it.")
_ORDER = _says("Recipes are ordered by what they name of each other.")

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "dag_id": _dag_id,
        "description": _description,
        "schedule": _schedule,
        "schedule_interval": _schedule,
        "timetable": _schedule,
        "start_date": _start_date,
        "is_paused_upon_creation": _is_paused,
        "catchup": _catchup,
        "max_active_runs": _max_active_runs,
        "retries": _retries,
        "retry_delay": _retry_delay,
        "execution_timeout": _timeout,
        "dagrun_timeout": _dagrun_timeout,
        "owner": _owner,
        "email": _email,
        "email_on_failure": _email_on_failure,
        "email_on_retry": _email_on_retry,
        "end_date": _END,
        **dict.fromkeys(("depends_on_past", "wait_for_downstream", "ignore_first_depends_on_past"), _PAST),
        **dict.fromkeys(
            ("concurrency", "max_active_tasks", "task_concurrency", "max_active_tis_per_dag", "pool", "pool_slots"),
            _ONE_PROCESS,
        ),
        **dict.fromkeys(("queue", "executor", "executor_config", "run_as_user", "priority_weight"), _RUNS_IN),
        **dict.fromkeys(
            (
                "tags",
                "default_view",
                "orientation",
                "doc",
                "doc_md",
                "owner_links",
                "access_control",
            ),
            _PAGE,
        ),
        **dict.fromkeys(("python_callable", "op_args", "op_kwargs", "provide_context"), _CALLED),
        **dict.fromkeys(("task_id", "dag"), _STEPS),
        **dict.fromkeys(
            (
                "params",
                "user_defined_macros",
                "user_defined_filters",
                "template_searchpath",
            ),
            _TEMPLATES,
        ),
        **dict.fromkeys(
            (
                "on_failure_callback",
                "on_success_callback",
                "on_retry_callback",
                "sla",
                "sla_miss_callback",
            ),
            _CALLBACK,
        ),
        **dict.fromkeys(("retry_exponential_backoff", "max_retry_delay"), _BACKOFF),
        **dict.fromkeys(("trigger_rule", "weight_rule"), _ORDER),
    }
)
"""By the argument's name, which is the same for a DAG, a task and ``default_args``."""

AFTER_OTHERS: Mapping[str, int] = MappingProxyType({"start_date": 1, "is_paused_upon_creation": 1})
"""Arguments whose meaning depends on what others have set."""
