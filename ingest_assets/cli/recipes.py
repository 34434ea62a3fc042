"""Commands about one recipe: ``run``, ``plan``, ``lint``, ``probe`` and ``schema``."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.markup import escape

from ingest_assets.calls import Calls
from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.cli.printing import print_changes, print_run
from ingest_assets.cli.progress import BarProgress
from ingest_assets.errors import IngestError
from ingest_assets.ingestion.probe import probe_recipe
from ingest_assets.ingestion.sources import Explicit
from ingest_assets.recipe.lint import lint as lint_recipe
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.policy import least_policy
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.recipe.schema import json_schema
from ingest_assets.resources.ingestion import OptionsResource

_RECIPE = click.argument("recipe", type=click.Path(path_type=Path))
_MARKS = {"honoured": "green", "not honoured": "yellow", "warning": "yellow", "error": "red"}

Out = TypeVar("Out")


def _or_exit(act: Callable[[], Out], redact: Callable[[str], str] = str) -> Out:
    """What ``act`` gives; one of our own errors ends the command with its message."""
    try:
        return act()
    except IngestError as error:
        raise click.ClickException(redact(str(error))) from None


def _execute(recipe: Recipe, options: OptionsResource, steps: Sequence[str] | None) -> RunResult:
    with BarProgress(Console(stderr=True)) as progress:
        return execute(recipe, progress, options, steps)


@click.command()
@_RECIPE
@click.option("--dry-run", is_flag=True, help="Read and plan; write nothing to OpenMetadata.")
@click.option("--full-refresh", is_flag=True, help="Write every entity anew, whether it has changed or not.")
@click.option("--json", "report", type=click.Path(path_type=Path), help="Write the report to this file.")
def run(recipe: Path, dry_run: bool, full_refresh: bool, report: Path | None) -> None:
    """Ingest RECIPE; exit status 1 if an asset or a blocking check failed."""
    loaded = _or_exit(lambda: load_recipe(recipe))
    result = _execute(loaded, OptionsResource(dry_run=dry_run, full_refresh=full_refresh), None)
    print_run(Console(), result)
    if report is not None:
        report.write_text(json.dumps(dataclasses.asdict(result), indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if result.success else 1)


@click.command()
@_RECIPE
def plan(recipe: Path) -> None:
    """Read RECIPE's service and print what a run would change; writes nothing to OpenMetadata."""
    loaded = _or_exit(lambda: load_recipe(recipe))
    result = _execute(loaded, OptionsResource(dry_run=True), ("snapshot", "plan"))
    console = Console()
    print_run(console, result)
    print_changes(console, result)
    sys.exit(0 if result.success else 1)


@click.command()
@click.argument("recipes", nargs=-1, required=True, type=click.Path(path_type=Path))
def lint(recipes: tuple[Path, ...]) -> None:
    """Say of each key of RECIPES whether it is honoured, and why not; exit status 1 if one would not run."""
    console, bad = Console(), False
    for path in recipes:
        console.print(f"[bold]{escape(str(path))}[/]")
        try:
            recipe = load_recipe(path)
        except IngestError as error:
            console.print(f"[red]error[/] {escape(str(error))}")
            bad = True
            continue
        for note in lint_recipe(recipe):
            bad |= note.level == "error"
            console.print(f"[{_MARKS[note.level]}]{note.level:>12}[/]  {escape(note.key)}  {escape(note.why)}")
        console.print("The least policy that it needs:")
        console.print_json(data=least_policy(recipe))
    sys.exit(1 if bad else 0)


@click.command()
@_RECIPE
def probe(recipe: Path) -> None:
    """Ask for each permission that RECIPE needs whether it is there; exit status 1 if one is missing."""
    loaded = _or_exit(lambda: load_recipe(recipe))
    lookup = Resolver(os.environ)
    workflow = _or_exit(lambda: loaded.resolve(lookup))
    console, missing = Console(), False
    steps = _or_exit(lambda: list(probe_recipe(workflow, Explicit({}, {}), Calls())), lookup.redact)
    for step in steps:
        mark = {True: "[green]granted[/]", False: "[red]missing[/]", None: "[yellow]unknown[/]"}[step.granted]
        missing |= step.required and step.granted is False
        console.print(f"{mark}  {escape(step.name)}  {escape(lookup.redact(step.detail))}")
    sys.exit(1 if missing else 0)


@click.command()
def schema() -> None:
    """Print the JSON Schema of recipes, for editors."""
    click.echo(json.dumps(json_schema(), indent=2))
