"""``ingest-assets sandbox``: local services to try recipes on."""

from __future__ import annotations

import shlex
import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING

import click

from ingest_assets.errors import DependencyError

if TYPE_CHECKING:
    from ingest_assets.sandbox.server import Sandbox


def make_sandbox(openmetadata_version: str, tables: int, port: int = 0) -> Sandbox:
    """A sandbox that is yet to be started.

    Raises:
        DependencyError: Its extra is not installed.
        BadParameter: There is no such version.
    """
    try:
        from ingest_assets.sandbox.server import Sandbox  # noqa: PLC0415  # werkzeug comes with an extra
    except ModuleNotFoundError as error:
        if error.name not in {"werkzeug", "jwt", "cryptography"}:
            raise
        raise DependencyError(f"The sandbox needs {error.name}: pip install 'ingest_assets[sandbox]'") from None
    try:
        return Sandbox(openmetadata_version, tables=tables, port=port)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--openmetadata-version") from None


@click.command()
@click.option("--openmetadata-version", default="1.12.4", show_default=True, help="Server version to behave like.")
@click.option(
    "--tables", type=click.IntRange(min=0), default=0, help="Generated tables in the lake, besides some sixty."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; 0 takes a free one.")
def sandbox(openmetadata_version: str, tables: int, port: int) -> None:
    """Serve local AWS, Looker, Atlas, GitHub and OpenMetadata, to try recipes on.

    Runs until interrupted.

    The first lines are exports that point recipes, boto3 and curl at it; send them to a file and source that:
    ingest-assets sandbox > sandbox.env &
    """
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    with make_sandbox(openmetadata_version, tables, port) as running:
        for name, value in running.environment().items():
            click.echo(f"export {name}={shlex.quote(value)}")
        click.echo(f"Serving {running.url} until interrupted.", err=True)
        stopped.wait()
