"""``ingest-assets demo``: the whole way on local counterparts of AWS and OpenMetadata."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.text import Text
from rich.tree import Tree

from ingest_assets.cli.execution import RunResult, execute
from ingest_assets.cli.printing import print_run
from ingest_assets.cli.progress import BarProgress
from ingest_assets.cli.sandbox import make_sandbox
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.resources.ingestion import OptionsResource

if TYPE_CHECKING:
    from ingest_assets.sandbox.server import Sandbox

_RECIPES = Path(__file__).parent.parent.parent / "recipes"
_SHOWN = ("glue", "kinesis", "quicksight", "looker", "atlas", "dbt")
_SHOWN_EACH = 8

Json = dict[str, Any]


@click.command()
@click.option(
    "--recipe",
    "recipes",
    type=click.Path(path_type=Path),
    multiple=True,
    default=[_RECIPES / f"{name}.yaml" for name in _SHOWN],
    help="Another recipe for the same sandbox; may be given again.",
)
@click.option("--tables", type=click.IntRange(min=0), default=0, help="Generated tables, besides those of the story.")
@click.option("--openmetadata-version", default="1.12.4", show_default=True, help="Server version to behave like.")
def demo(recipes: tuple[Path, ...], tables: int, openmetadata_version: str) -> None:
    """Ingest a company's Glue catalog, Kinesis streams, QuickSight, Looker, Atlas and dbt, twice, on this machine."""
    console, loaded = Console(), [load_recipe(recipe) for recipe in recipes]
    with make_sandbox(openmetadata_version, tables) as sandbox, _environment_of(sandbox):
        console.rule("First run: everything is new")
        first = [_run(recipe, console) for recipe in loaded]
        _print_catalog(sandbox, console)
        writes = sandbox.openmetadata.writes()
        console.rule("Second run: nothing has changed")
        second = [_run(recipe, console) for recipe in loaded]
        written = sandbox.openmetadata.writes() - writes
    plans = [step.counts for result in second for step in result.steps if step.name == "plan"]
    unchanged = sum(counts["unchanged"] for counts in plans)
    console.print(f"Second run: {unchanged} entities unchanged, {written} writes counted by the server.")
    sys.exit(0 if all(result.success for result in (*first, *second)) and not written else 1)


def _run(recipe: Recipe, console: Console) -> RunResult:
    with BarProgress(console) as progress:
        result = execute(recipe, progress, OptionsResource())
    print_run(console, result)
    return result


@contextmanager
def _environment_of(sandbox: Sandbox) -> Iterator[None]:
    """The sandbox's variables and a store of its own, for as long as the demo lasts."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="ingest_assets_demo_") as folder:
        os.environ.update(sandbox.environment(sandbox.reader), INGEST_ASSETS_STORE=folder)
        os.environ.pop("DAGSTER_HOME", None)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _print_catalog(sandbox: Sandbox, console: Console) -> None:
    """What landed, as the server's own API shows it."""
    from ingest_assets.calls import Calls  # noqa: PLC0415
    from ingest_assets.openmetadata.auth import BotToken  # noqa: PLC0415
    from ingest_assets.openmetadata.client import OpenMetadataClient  # noqa: PLC0415

    tree = Tree("What landed")
    with OpenMetadataClient(sandbox.openmetadata_host_port, BotToken(sandbox.bot_token), Calls()) as client:
        for title, found in (
            ("tables", _grouped(client.list("tables"), "databaseSchema", _table)),
            ("topics", _grouped(client.list("topics"), "service", _topic)),
            ("dashboards", _grouped(client.list("dashboards", {"fields": "charts,dataModels"}), "service", _dashboard)),
        ):
            _print_branches(tree, title, found)
    console.print(tree, no_wrap=True, overflow="ellipsis")


def _grouped(rows: Iterable[Json], above: str, words: Callable[[Json], str]) -> dict[str, list[str]]:
    """A line for each entity, by the FQN of what holds it."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        name = escape(str(row.get("displayName", row["name"])))
        groups.setdefault(row[above]["fullyQualifiedName"], []).append(f"{name} [dim]{words(row)}[/]")
    return groups


def _table(row: Json) -> str:
    return f"{row.get('tableType', '')}, {len(row['columns'])} columns"


def _topic(row: Json) -> str:
    return f"{row['partitions']} partitions"


def _dashboard(row: Json) -> str:
    return f"{len(row.get('charts', []))} charts, {len(row.get('dataModels', []))} data models"


def _print_branches(tree: Tree, title: str, groups: dict[str, list[str]]) -> None:
    for above, lines in sorted(groups.items()):
        branch = tree.add(f"{above} [dim]({len(lines)} {title})[/]")
        for words in lines[:_SHOWN_EACH]:
            branch.add(Text.from_markup(words, overflow="ellipsis"))
        if len(lines) > _SHOWN_EACH:
            branch.add(f"and {len(lines) - _SHOWN_EACH} more")
