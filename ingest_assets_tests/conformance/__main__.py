"""``python -m ingest_assets_tests.conformance [VERSION ...]``: what we send against the published classes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from ingest_assets_tests.conformance.environments import MissingReleaseError, environment
from ingest_assets_tests.conformance.releases import RELEASES

PROCESSES = 2

_ROOT = Path(__file__).parents[2]
_CACHE = _ROOT / ".conformance"
_VALIDATE = Path(__file__).with_name("validate.py")


@click.command()
@click.argument("versions", nargs=-1, metavar="[VERSION]...")
@click.option(
    "--bodies",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Bodies that a run of the tests with --record-bodies=FOLDER has left there; the tests are not run.",
)
@click.option("--tests", default="ingest_assets_tests", help="Tests that are run to record bodies.")
def conformance(versions: tuple[str, ...], bodies: Path | None, tests: str) -> None:
    """Validate the bodies that tests send to servers of VERSIONs, or of all; exit status 1 if one is refused."""
    chosen = versions or tuple(RELEASES)
    if strangers := [version for version in chosen if version not in RELEASES]:
        raise click.UsageError(f"no release is known for {', '.join(strangers)}; there are {', '.join(RELEASES)}.")
    started = time.monotonic()
    interpreters = _environments(chosen)
    installed = time.monotonic()
    failed = bodies is None and not _record(tests.split(), _CACHE / "bodies")
    recorded = time.monotonic()
    refused = [
        version
        for version, python in zip(chosen, interpreters, strict=True)
        if not _validate(python, version, bodies or _CACHE / "bodies")
    ]
    click.echo(
        f"Environments {installed - started:.0f} s, tests {recorded - installed:.0f} s, "
        f"validation {time.monotonic() - recorded:.0f} s"
    )
    if failed:
        click.echo("Some tests failed, so that bodies may be missing.", err=True)
    if refused:
        click.echo(f"Not conforming: {', '.join(refused)}", err=True)
    sys.exit(1 if refused or failed else 0)


def _environments(versions: Sequence[str]) -> list[Path]:
    try:
        with ThreadPoolExecutor(PROCESSES) as pool:
            return list(pool.map(lambda version: environment(_CACHE, RELEASES[version]), versions))
    except MissingReleaseError as error:
        raise click.ClickException(str(error)) from error


def _record(tests: Sequence[str], folder: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-n", str(PROCESSES), f"--record-bodies={folder}", *tests]
    return not subprocess.run(command, cwd=_ROOT, check=False).returncode  # noqa: S603  # our own tests


def _validate(python: Path, version: str, folder: Path) -> bool:
    # Isolated, or the interpreter would see this package instead of its own.
    command = [str(python), "-I", str(_VALIDATE), version, str(folder), *RELEASES[version].apart]
    sys.stdout.flush()
    return not subprocess.run(command, check=False).returncode  # noqa: S603  # our own script


if __name__ == "__main__":
    conformance()
