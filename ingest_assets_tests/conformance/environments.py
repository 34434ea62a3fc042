"""An environment for the classes of each release: made once, kept in a folder."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from ingest_assets_tests.conformance.releases import Release

PACKAGE = "openmetadata-ingestion"
MINUTES = 10
"""An installation that takes longer has failed."""

_STAMP = "installed"
_OPTIONS = ("--quiet", "--disable-pip-version-check", "--no-compile", "--no-warn-conflicts", "--only-binary", ":all:")


class MissingReleaseError(Exception):
    """A release can't be installed."""


def environment(folder: Path, release: Release) -> Path:
    """The interpreter of a release's environment, which is made if it isn't there, or is another's.

    Raises:
        MissingReleaseError: It can't be installed.
    """
    place = folder / release.version
    python = place / "bin" / "python"
    stamp, wanted = place / _STAMP, "\n".join((sys.version, release.version, *release.needs))
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    venv.EnvBuilder(clear=True, symlinks=True).create(place)
    # Without what it depends on, which is half of PyPI: only its classes are imported.
    _install(python, "--no-deps", f"{PACKAGE}=={release.version}")
    _install(python, *release.needs)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def _install(python: Path, *what: str) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", *_OPTIONS, *what]
    try:
        run = subprocess.run(  # noqa: S603  # our own table of releases
            command, capture_output=True, text=True, timeout=60 * MINUTES, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MissingReleaseError(f"pip took more than {MINUTES} minutes to install {what[-1]}.") from error
    if run.returncode:
        told = [line for line in run.stderr.splitlines() if line.startswith("ERROR")] or run.stderr.splitlines()
        raise MissingReleaseError(
            f"{what[-1]} can't be installed: {' '.join(told[-2:])[-600:] or 'pip does not say why.'} "
            "Is the package index that pip asks reachable, and does it have this version?"
        )
