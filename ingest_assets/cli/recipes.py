"""Commands about one recipe: ``run``, ``plan``, ``lint``, ``probe`` and ``schema``."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.markup import escape

from ingest_assets.assets.twins import refuse_twins
from ingest_assets.calls import Calls
from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.cli.printing import print_changes, print_run, say
from ingest_assets.cli.progress import BarProgress
from ingest_assets.errors import IngestError
from ingest_assets.ingestion.probe import probe_recipe
from ingest_assets.ingestion.sources import Explicit
from ingest_assets.recipe.lint import lint as lint_recipe
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.policy import ATLAS_PERMISSIONS, GITHUB_PERMISSION, LOOKER_PERMISSIONS, least_policy
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.recipe.schema import json_schema
from ingest_assets.resources.ingestion import OptionsResource
from ingest_assets.sources.probing import ProbeStep

_RECIPE = click.argument("recipe", type=click.Path(path_type=Path))
_INCLUDE = click.option(
    "--include",
    multiple=True,
    metavar="PATTERN",
    help="Read only this database or schema, such as '*.sales'; may be given again. The rest stays as it is.",
)
_EXCLUDE = click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Don't read this database or schema, though --include names it; may be given again.",
)
_GRANTED = {True: "[green]granted[/]", False: "[red]missing[/]", None: "[yellow]unknown[/]"}
_MARKS = {"honoured": "green", "not honoured": "yellow", "warning": "yellow", "error": "red"}


def _execute(recipe: Recipe, options: OptionsResource, steps: Sequence[str] | None) -> RunResult:
    with BarProgress(Console(stderr=True)) as progress:
        return execute(recipe, progress, options, steps)


@click.command()
@_RECIPE
@click.option("--dry-run", is_flag=True, help="Read and plan; write nothing to OpenMetadata.")
@click.option("--full-refresh", is_flag=True, help="Write every entity anew, whether it has changed or not.")
@_INCLUDE
@_EXCLUDE
@click.option(
    "--approve-stale",
    default="",
    metavar="RUN",
    help="Remove what the run of this id planned to remove, although it exceeds the ceiling. Does nothing else.",
)
@click.option(
    "--json",
    "report",
    # Opened before the run: a folder that isn't there must not cost the report of an hour's work.
    type=click.File("w", encoding="utf-8", lazy=False, atomic=True),
    help="Write the report to this file.",
)
def run(
    recipe: Path,
    dry_run: bool,
    full_refresh: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    approve_stale: str,
    report: TextIO | None,
) -> None:
    """Ingest RECIPE.

    Exit status 1 if an asset or a blocking check failed.
    """
    if approve_stale and (full_refresh or include or exclude):
        raise click.UsageError("--approve-stale reads nothing: it goes with --dry-run and --json only.")
    options = OptionsResource(
        dry_run=dry_run,
        full_refresh=full_refresh,
        include=list(include),
        exclude=list(exclude),
        approve_stale=approve_stale,
    )
    result = _execute(load_recipe(recipe), options, ("stale",) if approve_stale else None)
    print_run(Console(), result)
    if report is not None:
        report.write(json.dumps(dataclasses.asdict(result), indent=2) + "\n")
    sys.exit(0 if result.success else 1)


@click.command()
@_RECIPE
@_INCLUDE
@_EXCLUDE
def plan(recipe: Path, include: tuple[str, ...], exclude: tuple[str, ...]) -> None:
    """Print what running RECIPE would change.

    Reads the service and the server; writes nothing to OpenMetadata.
    """
    options = OptionsResource(dry_run=True, include=list(include), exclude=list(exclude))
    result = _execute(load_recipe(recipe), options, ("snapshot", "plan"))
    console = Console()
    print_run(console, result)
    print_changes(console, result)
    sys.exit(0 if result.success else 1)


@click.command()
@click.argument("recipes", nargs=-1, required=True, type=click.Path(path_type=Path))
def lint(recipes: tuple[Path, ...]) -> None:
    """Say which keys of RECIPES are honoured, and why others aren't.

    Asks no service. Exit status 1 if a recipe would not run.
    """
    console, bad = Console(), False
    loaded: list[Recipe] = []
    for path in recipes:
        say(console, f"[bold]{escape(str(path))}[/]")
        try:
            recipe = load_recipe(path)
        except IngestError as error:
            for line in str(error).splitlines():
                say(console, f"[red]error[/] {escape(line)}")
            bad = True
            continue
        bad |= _print_notes(console, recipe)
        loaded.append(recipe)
    try:
        refuse_twins(loaded)
    except IngestError as error:
        say(console, f"[red]error[/] {escape(str(error))}")
        bad = True
    sys.exit(1 if bad else 0)


def _print_notes(console: Console, recipe: Recipe) -> bool:
    """Print what becomes of a recipe's keys, and the least policy; whether it would not run."""
    notes = lint_recipe(recipe)
    for note in notes:
        mark = f"[{_MARKS[note.level]}]{note.level:>12}[/]"
        say(console, f"{note.line:>4} {mark}  {escape(note.key)}  [dim]{escape(note.why)}[/]")
    if recipe.type == "looker":
        say(console, "The permissions that the API user's role needs:")
        console.print_json(data=dict(LOOKER_PERMISSIONS))
        say(console, f"What a token of GitHub needs, where the repository is private: {GITHUB_PERMISSION}")
    elif recipe.type == "atlas":
        say(console, "The permissions that Atlas's user needs:")
        console.print_json(data=dict(ATLAS_PERMISSIONS))
    else:
        say(console, "The least policy that it needs:")
        console.print_json(data=least_policy(recipe))
    return any(note.level == "error" for note in notes)


@click.command()
@_RECIPE
def probe(recipe: Path) -> None:
    """Ask for each permission that RECIPE needs.

    Exit status 1 if one is missing.
    """
    lookup = Resolver(os.environ)
    console, missing = Console(), False
    try:
        workflow = load_recipe(recipe).resolve(lookup)
        for step in probe_recipe(workflow, Explicit({}, {}), Calls()):
            missing |= step.required and step.granted is False
            _print_step(console, step, lookup.redact(step.detail))
    except IngestError as error:
        # Only the recipe's own resolver knows what must be blanked.
        raise click.ClickException(lookup.redact(str(error))) from None
    sys.exit(1 if missing else 0)


def _print_step(console: Console, step: ProbeStep, detail: str) -> None:
    mark = _GRANTED[step.granted] if step.required or step.granted else "[yellow]not there, not needed[/]"
    about = "" if detail == "granted" else f"  {escape(detail)}"
    say(console, f"{mark}  {escape(step.name)}{about}")


@click.command()
def schema() -> None:
    """Print the JSON Schema of recipes, for editors."""
    click.echo(json.dumps(json_schema(), indent=2))
