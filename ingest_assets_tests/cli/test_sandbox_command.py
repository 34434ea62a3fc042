"""``ingest-assets sandbox`` as a process: its exports, its service, its end."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import urllib.request

import pytest
from click.testing import CliRunner

from ingest_assets.cli.main import main

EXPORTED = {
    "OPENMETADATA_HOST_PORT",
    "OM_BOT_TOKEN",
    "OM_ADMIN_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
}
WITHOUT_WERKZEUG = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name == "werkzeug":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
"""


def python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  # our own interpreter, our own text
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_exports_serves_and_ends_well_when_it_is_stopped(stop: signal.Signals) -> None:
    code = "from ingest_assets.cli.main import main; main(['sandbox', '--openmetadata-version', '1.5.7'])"
    with python(code) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in EXPORTED]
        exports = dict(shlex.split(line)[1].split("=", 1) for line in lines)
        assert all(line.startswith("export ") for line in lines)
        assert "until interrupted" in process.stderr.readline()
        with urllib.request.urlopen(f"{exports['OPENMETADATA_HOST_PORT']}/v1/system/version") as answer:  # noqa: S310
            assert json.load(answer)["version"] == "1.5.7"
        process.send_signal(stop)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""
    assert set(exports) == EXPORTED


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_without_werkzeug_it_says_how_to_install_it(command: str) -> None:
    with python(f"{WITHOUT_WERKZEUG}\nfrom ingest_assets.cli.main import main; main(['{command}'])") as process:
        output, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == ""
    assert error.startswith("Error: ")
    assert "pip install 'ingest_assets[sandbox]'" in error
    assert "Traceback" not in error


def test_a_version_that_there_is_no_server_of_is_refused() -> None:
    result = CliRunner().invoke(main, ["sandbox", "--openmetadata-version", "0.13"])
    assert result.exit_code == 2
    assert "0.13 is outside 1.0 to 2.0" in result.output
