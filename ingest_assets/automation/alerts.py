"""Who hears of failed runs: mail and Slack, sent by Dagster's own helpers.

A run of which a blocking check failed is a failed run: such checks sit on a recipe's last asset.
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import dagster as dg

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.errors import DependencyError, RecipeError
from ingest_assets.recipe.settings import Alerts

_MOST = 10
_LONGEST = 1_000
_STEP_FAILURE = "STEP_FAILURE"


class MailServer(NamedTuple):
    """Who sends mail.

    Attributes:
        host: Of SMTP.
        type: ``SSL`` or ``STARTTLS``.
        port: None: the usual one of that type.
        user: Who logs in.
        password: With what.
        sender: From whom it comes.
    """

    host: str
    type: str
    port: int | None
    user: str
    password: str
    sender: str


def mail_server(environment: Mapping[str, str]) -> MailServer:
    """What the variables ``INGEST_ASSETS_SMTP_...`` say.

    Raises:
        RecipeError: A variable is missing, or can't be what it should be.
    """
    names = ("HOST", "USER", "PASSWORD")
    given = {name: environment.get(f"INGEST_ASSETS_SMTP_{name}", "") for name in (*names, "PORT", "TYPE", "FROM")}
    missing = [f"INGEST_ASSETS_SMTP_{name}" for name in names if not given[name]]
    if missing:
        raise RecipeError(f"dagster.alerts.email: nobody was told, for {', '.join(missing)} is not set.")
    kind = given["TYPE"].upper() or "STARTTLS"
    if kind not in {"SSL", "STARTTLS"} or not (given["PORT"] or "1").isdecimal():
        raise RecipeError("dagster.alerts.email: INGEST_ASSETS_SMTP_TYPE is SSL or STARTTLS, _PORT is a number.")
    port = int(given["PORT"]) if given["PORT"] else None
    return MailServer(given["HOST"], kind, port, given["USER"], given["PASSWORD"], given["FROM"] or given["USER"])


def alert_sensor(recipes: Sequence[RecipeAssets], component: str = "") -> dg.SensorDefinition | None:
    """Tells the people of a recipe that its run failed, and why; None where no recipe names anybody.

    It is on from the start: ``on_failure`` in a recipe is the switch. Passwords are looked up when a run has failed.

    Args:
        recipes: Of those whose runs it watches.
        component: Whose they are, where several components of a code location have some: part of the sensor's name.
    """
    alerted = {made.job.name: made for made in recipes if _asks_for_any(made.recipe.dagster.alerts)}
    if not alerted:
        return None

    @dg.run_failure_sensor(
        name=f"{component}__alerts" if component else "alerts",
        monitored_jobs=[made.job for made in alerted.values()],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Sends mail, or a message to Slack, when a run fails whose recipe asks for it (dagster.alerts).",
    )
    def alerts(context: dg.RunFailureSensorContext) -> None:
        made = alerted[context.dagster_run.job_name]
        failures: list[Exception] = []
        for messenger in _messengers(made):
            try:
                messenger(made, os.environ)(context)
            except Exception as error:  # noqa: PERF203  # whatever ails one of them, the other one is told
                failures.append(error)
        if failures:
            raise failures[0]

    return alerts


def _asks_for_any(wanted: Alerts) -> bool:
    return wanted.on_failure and bool(wanted.email or wanted.slack)


_Tell = Callable[[dg.RunFailureSensorContext], object]


def _messengers(made: RecipeAssets) -> Iterator[Callable[[RecipeAssets, Mapping[str, str]], _Tell]]:
    """What makes Dagster's own sensors, each for one kind of message."""
    if made.recipe.dagster.alerts.email:
        yield _mail
    if made.recipe.dagster.alerts.slack:
        yield _slack


def _mail(made: RecipeAssets, environment: Mapping[str, str]) -> _Tell:
    server = mail_server(environment)
    return dg.make_email_on_run_failure_sensor(
        email_from=server.sender,
        email_password=server.password,
        email_to=list(made.recipe.dagster.alerts.email),
        email_subject_fn=lambda _: f"{made.job.name} failed",
        email_body_fn=lambda context: "<br>".join(html.escape(line) for line in report(context, made)),
        smtp_host=server.host,
        smtp_type=server.type,
        smtp_port=server.port,
        smtp_user=server.user,
        webserver_base_url=environment.get("INGEST_ASSETS_DAGSTER_URL") or None,
    )


def _slack(made: RecipeAssets, environment: Mapping[str, str]) -> _Tell:
    try:
        from dagster_slack import make_slack_on_run_failure_sensor  # noqa: PLC0415  # comes with an extra
    except ModuleNotFoundError as error:
        raise DependencyError(f"dagster.alerts.slack needs {error.name}: pip install 'ingest_assets[slack]'") from None
    token = environment.get("INGEST_ASSETS_SLACK_TOKEN", "")
    if not token:
        raise RecipeError("dagster.alerts.slack: nobody was told, for INGEST_ASSETS_SLACK_TOKEN is not set.")
    told: _Tell = make_slack_on_run_failure_sensor(
        channel=made.recipe.dagster.alerts.slack or "",
        slack_token=token,
        text_fn=lambda context: "\n".join(report(context, made)),
        webserver_base_url=environment.get("INGEST_ASSETS_DAGSTER_URL") or None,
    )
    return told


def report(context: dg.RunFailureSensorContext, made: RecipeAssets) -> list[str]:
    """What people should know of a failed run, a line each: which assets and checks failed, and why."""
    run = context.dagster_run
    lines = [f"Run {run.run_id} of {made.recipe.path.name} ({made.recipe.service_name}, {made.recipe.type}) failed."]
    reasons = [*_failed_assets(context), *_failed_checks(context)]
    lines += reasons[:_MOST]
    if len(reasons) > _MOST:
        lines.append(f"And {len(reasons) - _MOST} more.")
    if not reasons:
        lines.append((context.failure_event.message or "")[:_LONGEST])
    return lines


def _failed_assets(context: dg.RunFailureSensorContext) -> Iterator[str]:
    for event in context.get_step_failure_events():
        failure = event.step_failure_data
        told = failure.user_failure_data.description if failure.user_failure_data else None
        # A blocking check that failed is told by itself.
        if told or not failure.error or "DagsterAssetCheckFailedError" not in failure.error.message:
            yield f"{event.step_key}: {(told or (failure.error.message if failure.error else ''))[:_LONGEST]}"


def _failed_checks(context: dg.RunFailureSensorContext) -> Iterator[str]:
    found = context.instance.all_logs(context.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    for entry in found:
        check = entry.get_dagster_event().asset_check_evaluation_data
        if not check.passed and check.severity is dg.AssetCheckSeverity.ERROR:
            where = f"{check.asset_key.to_user_string()}, check {check.check_name}"
            yield f"{where}: {(check.description or '')[:_LONGEST]}"
