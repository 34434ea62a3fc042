"""The server against what real servers answered; runs where the recordings lie beside the project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, BOT
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker

_ROOT = Path(__file__).parents[3]
_CONTRACT = Path(os.environ.get("INGEST_ASSETS_CONTRACT", _ROOT.parent / "shared" / "contract"))

# Answered with 501 (or following from that): usage, dbt models, pipeline status, the type system, roles.
_NOT_PROVIDED = {
    "pipelines: status",
    "pipelines: status of an unknown task",
    "samples: dbt model",
    "samples: type of tables",
    "samples: usage",
    "samples: usage of no number",
    "types: an admin changes the value",
    "types: bot adds a custom property",
    "types: bot changes the value",
    "types: bot may not read bots' tokens",
    "types: ingestion role",
    "types: string type",
    "types: table type",
    "types: table with the property",
    "types: value after that",
    "types: value stored",
    "types: wrong type of value",
}
# 1.0 stores a new entity before it refuses its unknown custom property; the sandbox does not.
_NOT_ON_1_0 = {"errors: nothing of all that was stored"}


@pytest.mark.parametrize(
    ("version", "line", "known"),
    [
        ("1.5.8", "1.5", _NOT_PROVIDED),
        ("1.0.5", "1.0", _NOT_ON_1_0 | {step for step in _NOT_PROVIDED if step.startswith("samples")}),
    ],
)
def test_every_recorded_step_is_answered_as_the_real_server_did(
    serve: ServerMaker, version: str, line: str, known: set[str]
) -> None:
    replay = _CONTRACT / "replay.py"
    if not replay.exists():
        pytest.skip("no recordings; INGEST_ASSETS_CONTRACT names their folder")
    run = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, str(replay), "check", line, f"{serve(version).address}/api/v1"],
        env={**os.environ, "OM_BOT_TOKEN": BOT, "OM_ADMIN_TOKEN": ADMIN},
        capture_output=True,
        text=True,
        check=False,
    )
    *lines, summary = run.stdout.splitlines()
    different = {text for text in lines if not text.startswith("  ")}
    assert different == known, run.stdout + run.stderr
    assert int(summary.split(" ")[0]) > 450
