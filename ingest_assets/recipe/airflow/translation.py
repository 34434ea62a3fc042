"""What a recipe makes of the arguments of a DAG and its task. Each one is told of, whether it is used or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ingest_assets.recipe.airflow.dag_file import Ingestion, templates_in
from ingest_assets.recipe.airflow.meanings import (
    AFTER_OTHERS,
    MEANINGS,
    Given,
    Meaning,
    Outcome,
    not_used,
    unknown_name,
)
from ingest_assets.recipe.airflow.values import Arguments, Dag, Table, Task, Unknown
from ingest_assets.recipe.variables import parse_template

_NOT_GIVEN = {
    "schedule": "Airflow 2 would run it once a day, Airflow 3 never. No schedule is written: set dagster.schedule.",
    "retries": "Airflow tries once; here what a retry can mend is tried three times more. dagster.retries changes it.",
    "execution_timeout": "Airflow sets no limit; here a run may take an hour. dagster.timeout changes it.",
}
_SCHEDULES = ("schedule", "schedule_interval", "timetable")
# Only these say what holds for the DAG, though default_args are for its tasks.
_OF_DAG = frozenset({"start_date", "end_date"})


@dataclass(frozen=True)
class Row:
    """What became of one argument.

    Attributes:
        name: The argument, with what it belongs to, such as ``default_args.retries``.
        line: Where it stands in the file; 0 for one that isn't there.
        used: Whether the recipe says the same.
        what: As what it is used, or why not.
    """

    name: str
    line: int
    used: bool
    what: str


@dataclass(frozen=True)
class Translation:
    """A ``dagster:`` block, and what it came from.

    Attributes:
        settings: The block.
        rows: One for each argument.
    """

    settings: dict[str, Any]
    rows: tuple[Row, ...]

    @property
    def job(self) -> dict[str, Any]:
        """The block's ``job``."""
        return dict(self.settings.get("job", {}))

    def without_job_name(self, why: str) -> Translation:
        """The same for a job that can't be called as the DAG is."""
        job = {key: value for key, value in self.job.items() if key != "name"}
        settings = {**self.settings, "job": job}
        rows = (replace(row, used=False, what=why) if row.name == "DAG.dag_id" else row for row in self.rows)
        return Translation({key: value for key, value in settings.items() if value != {}}, tuple(rows))


def translate(ingestion: Ingestion) -> Translation:
    """The ``dagster:`` block that says what a DAG's arguments say, and what became of each of them."""
    given = [*_given(ingestion.dag, ingestion.task)]
    effective = {one.name: one for one in given if not one.overridden}
    settings: dict[str, Any] = {}
    rows: list[Row] = []
    for one in sorted(given, key=lambda one: AFTER_OTHERS.get(one.name, 0)):
        outcome = _outcome(one, effective, settings)
        _put(settings, outcome)
        rows.append(Row(f"{one.place}.{one.name}", one.line, bool(outcome.used), outcome.what))
    rows += [*_not_given(effective), *_other_tasks(ingestion), *_variables(ingestion)]
    return Translation(_in_order(settings), tuple(sorted(rows, key=lambda row: row.line or 1 << 30)))


def _given(dag: Dag, task: Task) -> Iterator[Given]:
    """Every argument with where it stands; the task's own win over ``default_args``."""
    defaults = dag.arguments.get("default_args")
    for name, argument in dag.arguments.items():
        if name != "default_args":
            yield Given("DAG", name, argument.value, argument.line)
    if defaults is not None:
        yield from _given_by_default(defaults.value, dag.arguments, task.arguments, defaults.line)
    for name, argument in task.arguments.items():
        yield Given(task.kind or "task", name, argument.value, argument.line)


def _given_by_default(value: object, of_dag: Arguments, of_task: Arguments, line: int) -> Iterator[Given]:
    if not isinstance(value, Table):
        why = value if isinstance(value, Unknown) else Unknown("no dict that can be read", line)
        yield Given("DAG", "default_args", why, line)
        return
    for key, held in value.items():
        name = str(key)
        winner = of_task.get(name) or (of_dag.get(name) if name in _OF_DAG else None)
        yield Given("default_args", name, held, value.lines[key], winner.line if winner else None)


def _outcome(one: Given, effective: dict[str, Given], settings: dict[str, Any]) -> Outcome:
    if one.overridden is not None:
        return not_used(f"Line {one.overridden} says otherwise.")
    if isinstance(one.value, Unknown):
        where = f" (line {one.value.line})" if one.value.line != one.line else ""
        return not_used(f"Its value is {one.value.why}{where}. Write it into the recipe by hand.")
    meaning: Meaning = MEANINGS.get(one.name, unknown_name)
    return meaning(one, effective, settings)


def _put(settings: dict[str, Any], outcome: Outcome) -> None:
    for path, value in outcome.used.items():
        block = settings
        *parents, last = path.split(".")
        for parent in parents:
            block = block.setdefault(parent, {})
        block[last] = value


def _in_order(settings: dict[str, Any]) -> dict[str, Any]:
    order = ("job", "schedule", "timezone", "started", "retries", "timeout", "owners", "alerts")
    return {key: settings[key] for key in order if key in settings}


def _not_given(effective: dict[str, Given]) -> Iterator[Row]:
    for name, what in _NOT_GIVEN.items():
        others = _SCHEDULES if name == "schedule" else (name,)
        if name == "execution_timeout" and "dagrun_timeout" in effective:
            continue
        if not any(other in effective for other in others):
            yield Row(name, 0, used=False, what=f"Not given. {what}")


def _other_tasks(ingestion: Ingestion) -> Iterator[Row]:
    for task in ingestion.dag.tasks:
        if task is not ingestion.task and not task.configs:
            name = task.arguments.get("task_id")
            told = f"{task.kind} {name.value}" if name and isinstance(name.value, str) else task.kind
            yield Row(told, task.line, used=False, what="A task that runs no metadata workflow. It stays in Airflow.")


def _variables(ingestion: Ingestion) -> Iterator[Row]:
    config = ingestion.config
    for number, line in enumerate(config.text.splitlines(), start=config.line):
        if line.lstrip().startswith("#"):
            continue
        for template in templates_in(line):
            yield Row(template, number, used=False, what="Airflow fills it in, nothing here does. Write a ${NAME}.")
        try:
            references = [*parse_template(line).references()]
        except ValueError:
            continue  # The check of what was written tells of it.
        for reference in references:
            what = "Looked up when a run begins: set it where Dagster runs."
            yield Row(str(reference), number, used=True, what=what)
