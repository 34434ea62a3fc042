"""What is told when a release can't be installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest_assets_tests.conformance.__main__ import conformance
from ingest_assets_tests.conformance.environments import MissingReleaseError, environment
from ingest_assets_tests.conformance.releases import RELEASES, Release


@pytest.fixture(autouse=True)
def _no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pip knows no index but an empty folder: nothing is asked of the network."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))


def test_a_release_that_is_not_to_be_had_is_named_and_tried_again(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(MissingReleaseError, match=r"openmetadata-ingestion==9\.9\.9\.9 can't be installed: ERROR"):
            environment(tmp_path / "cache", Release("9.9.9.9", ("pydantic",)))


def test_a_version_that_no_release_is_known_for_is_a_wrong_use() -> None:
    result = CliRunner().invoke(conformance, ["1.5", "7.7"])
    assert result.exit_code == 2
    assert "no release is known for 7.7; there are 1.0, " in result.output


def test_each_release_is_of_the_minor_that_it_stands_for() -> None:
    for minor, release in RELEASES.items():
        assert release.server.startswith(f"{minor}.")
