"""A Dagster as `make dev` starts it, with its UI on a free port, for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent.parent
_SERVING = "Serving dagster-webserver"
_SECONDS_TO_STOP = 30


@contextmanager
def deployed(folder: Path, recipes: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Dagster's webserver and daemon over a folder of recipes; gives the address of the UI.

    Args:
        folder: For its instance, its store and its log.
        recipes: What it loads.
        environment: The variables of the recipes.
    """
    home = folder / "home"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DAGSTER_"))},
        **environment,
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "INGEST_ASSETS_RECIPES": str(recipes),
        "INGEST_ASSETS_STORE": str(folder / "store"),
    }
    port = str(_free_port())
    dagster = str(Path(sys.executable).with_name("dagster"))
    command = [dagster, "dev", "--workspace", "workspace.yaml", "--host", "127.0.0.1", "--port", port]
    process = subprocess.Popen(  # noqa: S603  # installed with the tests
        command,
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A process group of its own: it starts others, and all of them are to end.
        start_new_session=True,
    )
    try:
        _wait_until_served(process, folder / "dagster.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_served(process: subprocess.Popen[str], log: Path) -> None:
    output = process.stdout
    if output is None:
        raise TypeError("the process has no output")
    seen: list[str] = []
    for line in output:
        seen.append(line)
        if _SERVING in line:
            break
    else:
        raise RuntimeError(f"Dagster ended before it served its UI:\n{''.join(seen)}")
    # Nobody reads on: a full pipe would hold Dagster up.
    threading.Thread(target=_keep, args=(output, log, seen), daemon=True).start()


def _keep(output: IO[str], log: Path, seen: list[str]) -> None:
    with log.open("w", encoding="utf-8") as file:
        file.writelines(seen)
        file.writelines(output)


def _stop(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
