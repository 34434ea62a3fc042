"""``ingest-assets``: what its sub-commands are called."""

from __future__ import annotations

import click

from ingest_assets.cli.demo import demo
from ingest_assets.cli.recipes import lint, plan, probe, run, schema
from ingest_assets.cli.sandbox import sandbox


@click.group()
@click.version_option(package_name="ingest_assets")
def main() -> None:
    """Ingest metadata into OpenMetadata as recipes say."""


for command in (demo, sandbox, lint, schema, probe, plan, run):
    main.add_command(command)
