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

# Steps that may differ, each with a reason that a user of the sandbox would accept: none at present.
_DIFFERENT: dict[str, frozenset[str]] = {"1.5": frozenset(), "1.0": frozenset()}


@pytest.mark.parametrize(("version", "line"), [("1.5.8", "1.5"), ("1.0.5", "1.0")])
def test_every_recorded_step_is_answered_as_the_real_server_did(serve: ServerMaker, version: str, line: str) -> None:
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
    assert different == _DIFFERENT[line], run.stdout + run.stderr
    assert int(summary.split(" ")[0]) > 450
