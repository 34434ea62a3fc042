"""Results of a run as people read them."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ingest_assets.cli.execution import RunResult, StepResult
from ingest_assets.ingestion.report import COUNTS

_PROBLEMS = 20


def print_run(console: Console, result: RunResult) -> None:
    """The counts of each step, what failed, the notes and the checks."""
    console.print(_counts(result))
    for step in result.steps:
        _print_problems(console, step)
        if step.metadata.get("notes"):
            console.print(escape(str(step.metadata["notes"])))
    for check in result.checks:
        mark = "[green]passed[/]" if check.passed else ("[red]failed[/]" if check.blocking else "[yellow]warning[/]")
        console.print(f"check {check.name}: {mark}  {escape(check.summary)}")
    for error in result.errors:
        console.print(f"[red]error[/] {escape(error)}")


def print_changes(console: Console, result: RunResult) -> None:
    """What a plan would change."""
    step = next((step for step in result.steps if step.name == "plan"), None)
    if step is None:
        return
    table = Table(title="What would change", title_justify="left")
    for column in ("action", "type", "name", "why"):
        table.add_column(column, overflow="fold")
    for change in step.changes:
        table.add_row(*(escape(str(change[key])) for key in ("action", "type", "fqn", "why")))
    console.print(table if step.changes else "Nothing would change.")


def _counts(result: RunResult) -> Table:
    shown = [name for name in COUNTS if any(step.counts[name] for step in result.steps)]
    table = Table(title=f"{result.recipe}, run {result.run_id}", title_justify="left")
    table.add_column("step")
    for name in (*shown, "calls", "seconds"):
        table.add_column(name, justify="right")
    for step in result.steps:
        seconds = float(step.metadata["seconds_crawl"]) + float(step.metadata["seconds_publish"])
        calls = sum(step.metadata["api_calls"].values())
        table.add_row(step.name, *(str(step.counts[name]) for name in shown), str(calls), f"{seconds:.2f}")
    return table


def _print_problems(console: Console, step: StepResult) -> None:
    for problem in step.problems[:_PROBLEMS]:
        name, reason = escape(str(problem["fqn"])), escape(str(problem["reason"]))
        console.print(f"[yellow]{problem['step']}[/] {name}: {reason}")
