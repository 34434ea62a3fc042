"""``ingest-assets``: what its sub-commands are called."""

from __future__ import annotations

from typing import Any

import click

from ingest_assets.cli.airflow import import_airflow
from ingest_assets.cli.demo import demo
from ingest_assets.cli.recipes import lint, plan, probe, run, schema
from ingest_assets.cli.restore import restore
from ingest_assets.cli.sandbox import sandbox
from ingest_assets.errors import IngestError


class _Commands(click.Group):
    """Ends a command with the message of any of our own errors: it says what to do, a traceback does not."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except IngestError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands)
@click.version_option(package_name="ingest_assets")
def main() -> None:
    """Ingest metadata into OpenMetadata as recipes say."""


for command in (demo, sandbox, lint, schema, probe, plan, run, restore, import_airflow):
    main.add_command(command)
