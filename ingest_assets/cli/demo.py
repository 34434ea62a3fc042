"""``ingest-assets demo``: the whole way on local counterparts of AWS and OpenMetadata."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

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
_SHOWN = ("glue", "kinesis", "quicksight")
_TABLES_SHOWN = 6


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
    """Ingest a company's Glue catalog and Kinesis streams, twice, on this machine."""
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
        schemas: dict[str, list[str]] = {}
        for table in client.list("tables"):
            name = escape(str(table.get("displayName", table["name"])))
            words = f"{name} [dim]{table.get('tableType', '')}, {len(table['columns'])} columns[/]"
            schemas.setdefault(table["databaseSchema"]["fullyQualifiedName"], []).append(words)
        streams: dict[str, list[str]] = {}
        for topic in client.list("topics"):
            words = f"{escape(str(topic['name']))} [dim]{topic['partitions']} partitions[/]"
            streams.setdefault(topic["service"]["fullyQualifiedName"], []).append(words)
    for schema, tables in sorted(schemas.items()):
        branch = tree.add(f"{schema} [dim]({len(tables)} tables)[/]")
        for words in tables[:_TABLES_SHOWN]:
            branch.add(Text.from_markup(words, overflow="ellipsis"))
        if len(tables) > _TABLES_SHOWN:
            branch.add(f"and {len(tables) - _TABLES_SHOWN} more")
    for service, topics in sorted(streams.items()):
        branch = tree.add(f"{service} [dim]({len(topics)} topics)[/]")
        for words in topics:
            branch.add(Text.from_markup(words, overflow="ellipsis"))
    console.print(tree, no_wrap=True, overflow="ellipsis")
