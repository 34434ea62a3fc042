"""Results of a run as people read them. Lines are not wrapped: names and paths in them must stay whole to be copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape

from ingest_assets.cli.execution import CheckResult, RunResult, StepResult
from ingest_assets.ingestion.report import COUNTS


def say(console: Console, markup: str) -> None:
    """Print a line as it is, however long."""
    console.print(markup, soft_wrap=True, highlight=False)


def print_run(console: Console, result: RunResult) -> None:
    """The counts of each step, what failed, the notes and the checks."""
    say(console, f"[bold]{escape(result.recipe)}[/], run {result.run_id}")
    for line in _counts(result.steps):
        say(console, line)
    for step in result.steps:
        _print_problems(console, step)
        if step.metadata.get("notes"):
            say(console, escape(str(step.metadata["notes"])))
    for check in result.checks:
        _print_check(console, check)
    for error in result.errors:
        say(console, f"[red]error[/] {escape(error)}")


def print_changes(console: Console, result: RunResult) -> None:
    """What a plan would change."""
    step = next((step for step in result.steps if step.name == "plan"), None)
    if step is None:
        return
    if not step.changes:
        say(console, "Nothing would change.")
        return
    say(console, "What would change:")
    for line in step.changes:
        say(console, escape(line))


def _counts(steps: Sequence[StepResult]) -> Iterator[str]:
    """A table of the counts that are not zero throughout, one line a step."""
    shown = [name for name in COUNTS if any(step.counts[name] for step in steps)]
    rows = [["step", *shown, "calls", "seconds"]]
    for step in steps:
        seconds = float(step.metadata["seconds_crawl"]) + float(step.metadata["seconds_publish"])
        calls = sum(step.metadata["api_calls"].values())
        rows.append([step.name, *(str(step.counts[name]) for name in shown), str(calls), f"{seconds:.2f}"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *figures in rows if steps else ():
        cells = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
        yield "  ".join([name.ljust(widths[0]), *cells])


def _print_problems(console: Console, step: StepResult) -> None:
    for problem in step.problems:
        name, reason = escape(str(problem["fqn"])), escape(str(problem["reason"]))
        say(console, f"[yellow]{problem['step']}[/] {name}: {reason}")
    more = sum(step.counts[name] for name in ("failed", "parked", "unmatched")) - len(step.problems)
    if step.problems and more > 0:
        say(console, f"[yellow]{step.name}[/] and {more} more.")


def _print_check(console: Console, check: CheckResult) -> None:
    mark = "[green]passed[/]" if check.passed else ("[red]failed[/]" if check.blocking else "[yellow]warning[/]")
    say(console, f"check {check.name}: {mark}  {escape(check.summary)}")
