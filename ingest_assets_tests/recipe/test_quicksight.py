"""QuickSight's keys: a verdict for each, what is refused, and the least policy for what a recipe asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.catalog import EntityType
from ingest_assets.errors import RecipeError
from ingest_assets.ingestion.sources import lineage_services, mark_deleted, override
from ingest_assets.recipe import least_policy, lint, load_recipe
from ingest_assets.recipe.document import dotted
from ingest_assets.recipe.honoured import verdicts_of
from ingest_assets.recipe.model_keys import places
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.recipe.workflow import Workflow

OPTIONS = "source.sourceConfig.config"
CONNECTION = "source.serviceConnection.config"


def load(folder: Path, options: str = "", source: str = "", connection: str = "") -> Recipe:
    """A recipe with keys of ``sourceConfig.config``, of ``dagster.source`` and of the connection, each as flow YAML."""
    text = f"""\
source:
  type: quicksight
  serviceName: boards
  serviceConnection:
    config:
      awsConfig: {{awsRegion: eu-north-1}}
      {connection or "awsAccountId: '012345678901'"}
  sourceConfig:
    config: {{type: DashboardMetadata, {options}}}
workflowConfig:
  openMetadataServerConfig:
    hostPort: http://localhost:8585/api
    securityConfig:
      jwtToken: ${{OM_BOT_TOKEN}}
dagster:
  source: {{{source}}}
"""
    path = folder / "quicksight.yaml"
    path.write_text(text, encoding="utf-8")
    return load_recipe(path)


def workflow(folder: Path, options: str = "", source: str = "", connection: str = "") -> Workflow:
    return load(folder, options, source, connection).resolve(Resolver({"OM_BOT_TOKEN": "a-token"}))


def actions(recipe: Recipe) -> dict[str, set[str]]:
    return {
        statement["Sid"]: {action.partition(":")[2] for action in statement["Action"]}
        for statement in least_policy(recipe)["Statement"]
    }


def test_every_key_that_a_recipe_can_have_is_decided_upon() -> None:
    keys, verdicts = [dotted(place) for place in places(QuickSightWorkflow)], verdicts_of("quicksight")
    leaves = [key for key in keys if not any(other.startswith(f"{key}.") for other in keys)]
    assert [key for key in leaves if not any(key == known or key.startswith(f"{known}.") for known in verdicts)] == []
    assert [key for key in verdicts if key not in keys] == []


@pytest.mark.parametrize(
    ("key", "level"),
    [
        (f"{OPTIONS}.includeUsage", "not honoured"),
        (f"{OPTIONS}.overrideLineage", "not honoured"),
        (f"{OPTIONS}.includeDraftDashboard", "honoured"),
        (f"{OPTIONS}.markDeletedCharts", "honoured"),
        (f"{CONNECTION}.awsAccountId", "honoured"),
    ],
)
def test_lint_says_what_becomes_of_a_key(tmp_path: Path, key: str, level: str) -> None:
    switches = "includeUsage: true, overrideLineage: true, includeDraftDashboard: false, markDeletedCharts: false"
    (note,) = (note for note in lint(load(tmp_path, switches)) if note.key == key)
    assert note.level == level
    assert note.why


@pytest.mark.parametrize(
    ("connection", "told"),
    [
        ("awsAccountId: '12345'", "twelve digits"),
        ("{}", "awsAccountId"),
        ("{awsAccountId: '012345678901', identityType: ANONYMOUS}", "namespace is missing"),
        ("{awsAccountId: '012345678901', identityType: SOMEBODY}", "identityType"),
        ("{awsAccountId: '012345678901', namespace: 'a/b'}", "namespace"),
    ],
)
def test_a_connection_that_can_not_be_is_refused_with_the_reason(tmp_path: Path, connection: str, told: str) -> None:
    if connection.startswith("{"):
        inner = connection[1:-1]
        connection = "\n      ".join(filter(None, (each.strip() for each in inner.split(","))))
    with pytest.raises(RecipeError, match=told):
        workflow(tmp_path, connection=connection or "type: QuickSight")


def test_what_is_marked_follows_the_switches(tmp_path: Path) -> None:
    everything = {EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL}
    assert mark_deleted(workflow(tmp_path)) == everything
    for switch, kind in (
        ("Dashboards", EntityType.DASHBOARD),
        ("Charts", EntityType.CHART),
        ("DataModels", EntityType.DATA_MODEL),
    ):
        assert mark_deleted(workflow(tmp_path, f"markDeleted{switch}: false")) == everything - {kind}


def test_owners_that_replace_those_that_people_set_are_asked_for(tmp_path: Path) -> None:
    assert override(workflow(tmp_path)) == frozenset()
    assert override(workflow(tmp_path, "includeOwners: true")) == frozenset()
    assert override(workflow(tmp_path, "overrideOwner: true")) == {"owners"}


def test_places_of_tables_are_read_from_either_spelling(tmp_path: Path) -> None:
    old = lineage_services(workflow(tmp_path, "dbServiceNames: [lake, warehouse]"))
    new = lineage_services(workflow(tmp_path, "lineageInformation: {dbServiceNames: [lake, warehouse]}"))
    assert old == new
    assert list(old) == [EntityType.DATABASE_SERVICE]
    prefixed = lineage_services(workflow(tmp_path, "lineageInformation: {dbServicePrefixes: [lake.db.schema]}"))
    assert "lake" in str(prefixed[EntityType.DATABASE_SERVICE])
    assert lineage_services(workflow(tmp_path)) == {}


def test_the_least_policy_is_what_a_plain_recipe_calls(tmp_path: Path) -> None:
    assert actions(load(tmp_path)) == {
        "ReadMetadata": {
            "ListDashboards",
            "DescribeDashboard",
            "ListDataSets",
            "DescribeDataSet",
            "ListDataSources",
            "DescribeDataSource",
        },
        "ShowMore": {
            "DescribeDashboardDefinition",
            "ListFolders",
            "DescribeFolder",
            "ListFolderMembers",
            "ListTagsForResource",
            "ListIngestions",
            "GetObject",
        },
    }


@pytest.mark.parametrize("switch", ["includeOwners", "overrideOwner"])
def test_the_least_policy_with_owners_and_analyses_holds_what_tells_of_them(tmp_path: Path, switch: str) -> None:
    plain, owners = actions(load(tmp_path)), actions(load(tmp_path, f"{switch}: true"))
    of_boards = {"DescribeDashboardPermissions", "DescribeDataSetPermissions", "ListUsers"}
    assert owners["ShowMore"] - plain["ShowMore"] == of_boards
    analyses = actions(load(tmp_path, f"{switch}: true", "include_analyses: true"))
    assert analyses["ReadMetadata"] - plain["ReadMetadata"] == {"ListAnalyses", "DescribeAnalysis"}
    assert analyses["ShowMore"] - owners["ShowMore"] == {"DescribeAnalysisDefinition", "DescribeAnalysisPermissions"}


def test_the_least_policy_leaves_out_what_the_recipe_does_not_read(tmp_path: Path) -> None:
    found = actions(load(tmp_path, "includeDataModels: false, includeTags: false, includeOwners: true"))
    assert found["ReadMetadata"] == {"ListDashboards", "DescribeDashboard"}
    assert not {"ListIngestions", "GetObject", "ListTagsForResource", "DescribeDataSetPermissions"} & found["ShowMore"]
    assert "ListIngestions" not in actions(load(tmp_path, source="include_refreshes: false"))["ShowMore"]
