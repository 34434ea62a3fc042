"""The validating script, run as it is in an environment of its own, with classes of a made-up release."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest_assets_tests.conformance import validate
from ingest_assets_tests.conformance.bodies import SUFFIX

CLASS = """
import re
from typing import List
from pydantic import BaseModel, ConfigDict

PATTERN = re.compile("^(?u)[a-z]+$")  # as old releases have it

class Column(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str

class CreateTableRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    columns: List[Column]
"""
GOOD = {"name": "t", "columns": [{"name": "c"}]}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A package whose own ``__init__`` can't be imported, as the real one's can't without all that it depends on."""
    package = tmp_path / "release" / "metadata"
    module = package / "generated" / "schema" / "api" / "data" / "createTable.py"
    module.parent.mkdir(parents=True)
    module.write_text(CLASS)
    (package / "__init__.py").write_text("import no_such_module_anywhere")
    return package.parent


def run(release: Path, bodies: list[tuple[str, str, Any]], *arguments: str) -> tuple[int, str]:
    folder = release.parent / "bodies"
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"version": version, "endpoint": place, "body": body}) for version, place, body in bodies]
    (folder / f"some{SUFFIX}").write_text("\n".join(lines))
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, validate.__file__, arguments[0], str(folder), *arguments[1:]],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(release)},
        timeout=60,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def test_bodies_of_the_version_are_validated_and_no_others(release: Path) -> None:
    bad = {"name": "t"}
    status, told = run(
        release,
        [("1.5.7", "PUT /v1/tables", GOOD), ("1.5.15", "PUT /v1/tables", GOOD), ("1.50.1", "PUT /v1/tables", bad)],
        "1.5",
    )
    assert (status, told.splitlines()[-1]) == (0, "1.5: 2 bodies validated, 0 refused")
    assert "2  PUT /v1/tables  CreateTableRequest" in told


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({**GOOD, "colour": "red"}, "colour: Extra inputs are not permitted"),
        ({**GOOD, "columns": [{"name": "c"}, {"name": "d", "x": 1}, {"name": "e", "x": 1}]}, "columns.*.x: Extra"),
        ({"name": "t"}, "columns: Field required"),
    ],
)
def test_a_body_that_the_class_refuses_is_told_with_its_reason(release: Path, body: Any, reason: str) -> None:
    status, told = run(release, [("1.5.7", "PUT /v1/tables", GOOD), ("1.5.7", "PUT /v1/tables", body)], "1.5")
    assert (status, told.splitlines()[-1]) == (1, "1.5: 2 bodies validated, 1 refused")
    assert f"refused 1 times: PUT /v1/tables  CreateTableRequest: {reason}" in told
    assert json.dumps(body) in told


def test_places_that_are_set_apart_are_not_judged_and_others_still_are(release: Path) -> None:
    body = {**GOOD, "columns": [{"name": "c", "x": 1}]}
    status, told = run(release, [("1.0.5", "PUT /v1/tables", body)], "1.0.5", "columns.*.x")
    assert (status, "1 of them are other than the class wants" in told) == (0, True)
    assert run(release, [("1.0.5", "PUT /v1/tables", {**body, "y": 1})], "1.0.5", "columns.*.x")[0] == 1


def test_an_endpoint_without_a_class_and_a_version_without_bodies_are_no_success(release: Path) -> None:
    status, told = run(release, [("1.5.7", "PUT /v1/unheardOf", {})], "1.5")
    assert (status, "no class is known" in told) == (1, True)
    assert run(release, [("1.5.7", "PUT /v1/tables", GOOD)], "1.6")[0] == 1
