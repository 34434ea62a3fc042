"""Children that are measured: each is a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("ingest-assets"))

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes on macOS, in KiB elsewhere
_LAST_EXPORT = "GITHUB_TOKEN"
_UNWANTED = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "DAGSTER_HOME")
_QUIET = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
}


@contextmanager
def sandbox(tables: int) -> Iterator[dict[str, str]]:
    """A sandbox in a process of its own, and the environment that points at it."""
    here = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    command = [COMMAND, "sandbox", "--tables", str(tables)]
    with subprocess.Popen(  # noqa: S603  # our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield here | _QUIET | dict(_exports(process))
        finally:
            process.terminate()


def _exports(process: subprocess.Popen[str]) -> Iterator[tuple[str, str]]:
    """The variables that a sandbox prints before it serves."""
    for line in process.stdout or ():
        name, _, value = line.removeprefix("export ").strip().partition("=")
        yield name, "".join(shlex.split(value))
        if name == _LAST_EXPORT:
            return
    raise SystemExit("The sandbox ended before it served.")


def peak_of(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end.

    Returns:
        Bytes of memory that its process held at most.

    Raises:
        SystemExit: It failed; its own words are told.
    """
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(  # noqa: S603  # as above
            command, env=dict(environment), stdout=printed, stderr=subprocess.STDOUT
        )
        # wait4 tells what this one child used; getrusage would tell the most of all children so far.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            printed.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{printed.read()}")
    return usage.ru_maxrss * _RSS_UNIT
