"""``ingest-assets restore``: what a run removed from OpenMetadata comes back."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from ingest_assets.cli.printing import say
from ingest_assets.cli.progress import BarProgress
from ingest_assets.errors import IngestError
from ingest_assets.ingestion.build import RunOptions, build_ingestion, resolver
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.sources import Explicit
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.resources.systems import StoreResource


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--run", "removed_by", required=True, metavar="RUN", help="Id of the run that removed it.")
def restore(recipe: Path, removed_by: str) -> None:
    """Bring back what a run of RECIPE removed from OpenMetadata.

    It stays from then on, though the service does not have it. Exit status 1 if something did not come back.
    """
    lookup = resolver()
    try:
        report = _restore(recipe, removed_by, lookup)
    except IngestError as error:
        # Only the recipe's own resolver knows what must be blanked.
        raise click.ClickException(lookup.redact(str(error))) from None
    console = Console()
    for problem in report.problems:
        say(console, f"[yellow]{problem.step}[/] {escape(problem.fqn)}: {escape(lookup.redact(problem.reason))}")
    say(console, f"{report.restored} of {report.listed} that run {escape(removed_by)} removed are back.")
    sys.exit(1 if report.failed else 0)


def _restore(path: Path, removed_by: str, lookup: Resolver) -> Report:
    recipe = load_recipe(path)
    with BarProgress(Console(stderr=True)) as progress:
        ingestion = build_ingestion(
            recipe,
            recipe.resolve(lookup),
            store=StoreResource().open(),
            explicit=Explicit({}, {}),
            options=RunOptions(),
            progress=progress,
            redact=lookup.redact,
        )
        try:
            return ingestion.restore(f"restore-{uuid.uuid4()}", removed_by.strip())
        finally:
            ingestion.close()
