"""``ingest-assets import-airflow``: a DAG file becomes recipes with schedules, without being run."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from ingest_assets.assets.names import job_name, plain
from ingest_assets.assets.twins import refuse_twins
from ingest_assets.cli.printing import say
from ingest_assets.errors import RecipeError
from ingest_assets.recipe.airflow import (
    Ingestion,
    Row,
    file_name,
    read_config,
    read_dag_file,
    translate,
    with_settings,
)
from ingest_assets.recipe.lint import lint
from ingest_assets.recipe.loader import find_recipes, load_recipe
from ingest_assets.recipe.recipe import Recipe


@dataclass(frozen=True)
class _Planned:
    """A recipe that is to be written, what its job is called, and what it came from."""

    path: Path
    text: str
    job: str
    rows: tuple[Row, ...]


@click.command("import-airflow")
@click.argument("dag", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "folder",
    default=Path("recipes"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder that the recipe is written to.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="File that holds the YAML, where the DAG has a placeholder for it or puts it together while it runs.",
)
@click.option("--force", is_flag=True, help="Replace a recipe that is there already.")
def import_airflow(dag: Path, folder: Path, config: Path | None, force: bool) -> None:
    """Make recipes, with their schedules, of the DAG file DAG.

    Nothing of the file is run. Exit status 1 if a recipe can't be made, or would not run as it is written.
    """
    console, found = Console(), read_dag_file(dag, config)
    problems, planned = list(found.problems), list[_Planned]()
    for ingestion in found.ingestions:
        try:
            recipe = _plan(ingestion, folder, planned, force)
        except RecipeError as error:
            problems += str(error).splitlines()
            continue
        planned.append(recipe)
    for recipe in planned:
        _write(recipe, force)
        say(console, f"[bold]{escape(str(recipe.path))}[/]")
        for row in recipe.rows:
            _print_row(console, row)
        problems += _print_warnings(console, recipe.path)
    for problem in problems:
        say(console, f"[red]error[/] {escape(problem)}")
    sys.exit(1 if problems else 0)


def _plan(ingestion: Ingestion, folder: Path, planned: list[_Planned], force: bool) -> _Planned:
    document = read_config(ingestion.config)
    translation = translate(ingestion)
    named = str(translation.job.get("name", ""))
    path = folder / file_name(document, plain(named) or ingestion.path.stem)
    if any(other.path == path for other in planned):
        raise RecipeError(f"{path}: two workflows of {ingestion.path} would be written there. Divide the file.")
    if path.exists() and not force:
        raise RecipeError(f"{path} is there already. Give another folder with --to, or --force to replace it.")
    other = {**_jobs_in(folder), **{recipe.job: recipe.path for recipe in planned}}.get(plain(named))
    if named and other not in {None, path}:
        translation = translation.without_job_name(f"The job of {other} is called so; this one keeps its usual name.")
        named = ""
    return _Planned(path, with_settings(ingestion.config, translation.settings), plain(named), translation.rows)


def _recipes_in(folder: Path) -> list[Recipe]:
    recipes = []
    for path in find_recipes(folder) if folder.is_dir() else ():
        try:
            recipe = load_recipe(path)
        except RecipeError:
            continue  # It has no job either; lint tells what is wrong with it.
        recipes.append(recipe)
    return recipes


def _jobs_in(folder: Path) -> dict[str, Path]:
    return {job_name(recipe): recipe.path for recipe in _recipes_in(folder)}


def _write(recipe: _Planned, force: bool) -> None:
    try:
        recipe.path.parent.mkdir(parents=True, exist_ok=True)
        if not force:
            with recipe.path.open("xb") as file:
                file.write(recipe.text.encode("utf-8"))
            return
        # What is there stays whole until the new text is: a full disk must not cost a recipe. Nobody loads this name.
        beside = recipe.path.with_name(f".{recipe.path.name}.new")
        beside.write_bytes(recipe.text.encode("utf-8"))
        beside.replace(recipe.path)
    except OSError as error:
        raise RecipeError(f"{recipe.path}: can't be written: {error.strerror}.") from error


def _print_row(console: Console, row: Row) -> None:
    mark = "[green]    used[/]" if row.used else "[yellow]not used[/]"
    say(console, f"{row.line or '-':>4} {mark}  {escape(row.name)}  [dim]{escape(row.what)}[/]")


def _print_warnings(console: Console, path: Path) -> list[str]:
    """Print what lint warns of in a recipe; give what keeps it from running."""
    try:
        recipe = load_recipe(path)
    except RecipeError as error:
        return str(error).splitlines()
    notes = lint(recipe)
    for note in notes:
        if note.level == "warning":
            say(console, f"{note.line:>4} [yellow] warning[/]  {escape(note.key)}  [dim]{escape(note.why)}[/]")
    problems = [f"{path}:{note.line}: {note.key}: {note.why}" for note in notes if note.level == "error"]
    try:
        refuse_twins([*(other for other in _recipes_in(path.parent) if other.path != path), recipe])
    except RecipeError as error:
        problems.append(str(error))
    return problems
