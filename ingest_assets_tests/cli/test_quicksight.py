"""The command line with a recipe of QuickSight."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.cli.test_commands import call

RECIPE = """\
source:
  type: quicksight
  serviceName: {service}
  serviceConnection:
    config:
      type: QuickSight
      awsConfig: {{awsRegion: "${{AWS_REGION}}", endPointURL: "${{AWS_ENDPOINT_URL}}"}}
      awsAccountId: ${{AWS_ACCOUNT_ID}}
  sourceConfig:
    config: {{type: DashboardMetadata, includeOwners: true}}
workflowConfig:
  openMetadataServerConfig:
    hostPort: ${{OPENMETADATA_HOST_PORT}}
    securityConfig:
      jwtToken: ${{OM_BOT_TOKEN}}
"""


def recipe_of(folder: Path, service: str) -> Path:
    path = folder / "quicksight.yaml"
    path.write_text(RECIPE.format(service=service), encoding="utf-8")
    return path


def test_lint_shows_the_policy_and_what_becomes_of_keys(services: Sandbox, tmp_path: Path) -> None:
    result = call("lint", recipe_of(tmp_path, "bi_lint"))
    assert result.exit_code == 0, result.output
    for action in ("quicksight:ListDashboards", "quicksight:DescribeDashboardPermissions", "quicksight:ListUsers"):
        assert action in result.output
    assert not services.aws.counts


def test_probe_names_every_permission_and_fails_for_none_that_is_not_needed(services: Sandbox, tmp_path: Path) -> None:
    result = call("probe", recipe_of(tmp_path, "bi_probe"))
    assert result.exit_code == 0, result.output
    assert "granted  quicksight:ListDashboards" in result.output
    assert "granted  quicksight:DescribeDataSource" in result.output
    for operation in ("DescribeDashboardDefinition", "ListTagsForResource", "ListUsers", "DescribeDataSetPermissions"):
        assert f"not there, not needed  quicksight:{operation}" in result.output
    assert "would show mail addresses of owners" in result.output
    assert services.openmetadata.writes() == 0


@pytest.mark.parametrize("operation", ["ListDashboards", "DescribeDataSet"])
def test_probe_exits_1_for_a_permission_that_is_missing(services: Sandbox, tmp_path: Path, operation: str) -> None:
    services.faults.add("access-denied", service="quicksight", operation=operation, count=None)
    result = call("probe", recipe_of(tmp_path, "bi_denied"))
    assert result.exit_code == 1
    assert f"missing  quicksight:{operation}" in result.output
    assert f"Allow quicksight:{operation} in IAM" in result.output


def test_plan_shows_what_would_be_made_and_makes_nothing(services: Sandbox, tmp_path: Path) -> None:
    result = call("plan", recipe_of(tmp_path, "bi_plan"))
    assert result.exit_code == 0, result.output
    assert "bi_plan.model.orders" in result.output
    assert services.openmetadata.writes() == 0
