"""What Dagster has of recipes before anything runs."""

from __future__ import annotations

import re
from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.assets.factory import broken_recipes_asset
from ingest_assets.assets.names import job_name, plain
from ingest_assets.errors import RecipeError
from ingest_assets.location import build_definitions, load_recipes
from ingest_assets.recipe import Recipe, load_recipe
from ingest_assets_tests.recipe_runs import STEPS, make_recipe, write_recipe

DAGSTER = """dagster:
  schedule: "30 4 * * 1-5"
  timezone: Europe/Stockholm
  owners: ["team:data-platform", "lake@norrpost.example"]
  timeout: 1800
  retries: {max: 2, delay: 60}
"""
SETTINGS = {"dagster:\n  retries: {max: 0, delay: 0}\n": DAGSTER}


def specs_of(recipe: Recipe) -> dict[str, dg.AssetSpec]:
    return {spec.key.path[-1]: spec for spec in build_definitions([recipe]).resolve_all_asset_specs()}


def test_keys_name_type_service_and_step_and_each_step_depends_on_the_one_before(tmp_path: Path) -> None:
    specs = specs_of(make_recipe(tmp_path, "lake"))
    assert {step: spec.key.path for step, spec in specs.items()} == {step: ["glue", "lake", step] for step in STEPS}
    before = {step: {dep.asset_key.path[-1] for dep in specs[step].deps} for step in STEPS}
    # Who selects some assets and leaves the tags out must have the others in their order all the same.
    besides = {"databases": {"plan"}}
    assert before == {step: {*STEPS[max(0, at - 1) : at], *besides.get(step, ())} for at, step in enumerate(STEPS)}


def test_assets_show_group_kinds_owners_and_description(tmp_path: Path) -> None:
    for step, spec in specs_of(make_recipe(tmp_path, "lake", SETTINGS)).items():
        assert spec.group_name == "lake"
        assert spec.kinds == {"glue", "aws", "openmetadata"} | ({"table"} if step == "tables" else set())
        assert spec.owners == ["team:data-platform", "lake@norrpost.example"]
        assert spec.description


def test_the_code_version_is_that_of_the_recipes_text(tmp_path: Path) -> None:
    def version(changes: dict[str, str]) -> str | None:
        return specs_of(make_recipe(tmp_path, "lake", changes))["tables"].code_version

    assert version({}) == version({})
    assert version({}) != version({"type: DatabaseMetadata": "includeViews: false"})


def test_retries_pool_and_timeout_are_the_recipes(tmp_path: Path) -> None:
    definitions = build_definitions([make_recipe(tmp_path, "lake", SETTINGS)])
    job = definitions.resolve_job_def("glue__lake")
    assert job.run_tags["dagster/max_runtime"] == "1800"
    for node in job.all_node_defs:
        assert isinstance(node, dg.OpDefinition)
        assert node.retry_policy is not None
        assert (node.retry_policy.max_retries, node.retry_policy.delay) == (2, 60)
        assert node.pool == "glue__lake"


def test_a_run_stays_in_one_process_with_the_job_and_without(tmp_path: Path) -> None:
    definitions = build_definitions([make_recipe(tmp_path, "lake")])
    repository = definitions.get_repository_def()
    for job in repository.get_all_jobs():
        assert job.executor_def is dg.in_process_executor, job.name


def test_checks_sit_where_their_proof_is_and_only_the_last_asset_blocks(tmp_path: Path) -> None:
    definitions = build_definitions([make_recipe(tmp_path, "lake")])
    graph = definitions.resolve_asset_graph()
    checks = {key.name: (key.asset_key.path[-1], graph.get_check_spec(key).blocking) for key in graph.asset_check_keys}
    assert checks == {
        "shrink_guard": ("snapshot", False),
        "server_compatible": ("plan", False),
        "lineage_coverage": ("lineage", False),
        "complete": ("stale", True),
        "removals": ("stale", False),
        "failed_ratio": ("stale", True),
    }


@pytest.mark.parametrize("started", [True, False])
def test_a_schedule_is_off_unless_it_is_started(tmp_path: Path, started: bool) -> None:
    text = DAGSTER + ("  started: true\n" if started else "")
    definitions = build_definitions(
        [make_recipe(tmp_path, "lake", {"dagster:\n  retries: {max: 0, delay: 0}\n": text})]
    )
    schedule = definitions.resolve_schedule_def("glue__lake__schedule")
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 4 * * 1-5", "Europe/Stockholm")
    status = dg.DefaultScheduleStatus.RUNNING if started else dg.DefaultScheduleStatus.STOPPED
    assert schedule.default_status is status


def test_without_a_schedule_there_is_none(tmp_path: Path) -> None:
    assert not build_definitions([make_recipe(tmp_path, "lake")]).schedules


@pytest.mark.parametrize("service", ["prod.lake - über/eu 1", "ØΨ", "lake::x", "012"])
def test_any_service_name_becomes_keys_that_dagster_takes(tmp_path: Path, service: str) -> None:
    recipe = make_recipe(tmp_path, f'"{service}"')
    assert recipe.service_name == service
    repository = build_definitions([recipe]).get_repository_def()
    names = {part for key in repository.asset_graph.get_all_asset_keys() for part in key.path}
    assert all(re.fullmatch("[A-Za-z0-9_]+", name) for name in names)


def test_services_in_any_script_keep_keys_of_their_own(tmp_path: Path) -> None:
    for number, service in enumerate(("配送", "東京", "kassa/öst", "kassa/väst", "kassa/vast")):
        write_recipe(tmp_path, {"serviceName: lake": f'serviceName: "{service}"'}, f"{number}.yaml")
    recipes, problems = load_recipes(tmp_path)
    assert problems == []
    assert len({job_name(recipe) for recipe in recipes}) == 5
    build_definitions(recipes).get_repository_def()


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("lake", "lake"),
        ("prod.lake-eu 1", "prod_lake_eu_1"),
        ("配送", "___a662b9"),
    ],
)
def test_a_name_stays_the_same_for_good(service: str, name: str) -> None:
    assert plain(service) == name


def test_two_recipes_that_would_meet_are_refused_by_both_files(tmp_path: Path) -> None:
    write_recipe(tmp_path, {"serviceName: lake": "serviceName: my.lake"}, "a.yaml")
    write_recipe(tmp_path, {"serviceName: lake": "serviceName: my_lake"}, "b.yaml")
    recipes, problems = load_recipes(tmp_path)
    assert [recipe.path.name for recipe in recipes] == ["a.yaml"]
    assert len(problems) == 1
    assert "a.yaml" in problems[0]
    assert "b.yaml" in problems[0]
    assert "Rename one service" in problems[0]


def test_two_recipes_of_one_service_are_refused_with_advice_how_to_make_them_one(tmp_path: Path) -> None:
    write_recipe(tmp_path, {}, "a.yaml")
    write_recipe(tmp_path, {}, "b.yaml")
    _, problems = load_recipes(tmp_path)
    assert len(problems) == 1
    assert "both write the databaseService 'lake'" in problems[0]
    assert "regions, accounts and catalog_ids of dagster.source" in problems[0]


def test_two_kinesis_recipes_with_one_firehose_service_are_refused(tmp_path: Path) -> None:
    changes = {"type: glue": "type: kinesis", "type: Glue": "type: Kinesis", "DatabaseMetadata": "MessagingMetadata"}
    changes["dagster:\n"] = "dagster:\n  source:\n    firehose:\n      service_name: deliveries\n"
    for name in ("a", "b"):
        write_recipe(tmp_path, {**changes, "serviceName: lake": f"serviceName: {name}"}, f"{name}.yaml")
    _, problems = load_recipes(tmp_path)
    assert len(problems) == 1
    assert "both write the pipelineService 'deliveries'" in problems[0]


def test_an_atlas_recipe_that_makes_what_is_missing_leaves_the_services_of_other_recipes_alone(tmp_path: Path) -> None:
    write_recipe(tmp_path, {}, "glue.yaml")
    connection = "databaseServiceName: [lake]\n      hostPort: http://atlas\n      username: a\n      password: b"
    changes = {
        "type: glue": "type: atlas",
        "serviceName: lake": "serviceName: atlas",
        "      type: Glue": f"      type: Atlas\n      {connection}",
        "dagster:\n": "dagster:\n  source: {create: true}\n",
    }
    text = write_recipe(tmp_path, changes, "atlas.yaml").read_text()
    before, _, after = text.partition("      awsConfig:\n")
    (tmp_path / "atlas.yaml").write_text(before + "  sourceConfig" + after.partition("  sourceConfig")[2])
    _, problems = load_recipes(tmp_path)
    assert len(problems) == 1
    assert "both write the databaseService 'lake'" in problems[0]
    assert "Leave dagster.source.create out" in problems[0]


BROKEN = {
    "key": ({"awsRegion": "awsRegoin"}, "Did you mean awsRegion"),
    "placeholder": ({"${OM_BOT_TOKEN}": '"{bot_jwt_token}"'}, "{bot_jwt_token} is left from the docs"),
    "account": ({"${AWS_REGION}": '"<aws-region>"'}, "left from the docs"),
    "sign-on": (
        {
            "jwtToken: ${OM_BOT_TOKEN}": "secretKey: ${KEY}",
            "    securityConfig": "    authProvider: azure\n    securityConfig",
        },
        "securityConfig.clientId and securityConfig.clientSecret and securityConfig.authority",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_recipe_costs_itself_and_shows_as_a_failing_asset(tmp_path: Path, case: str) -> None:
    changes, message = BROKEN[case]
    write_recipe(tmp_path, {"serviceName: lake": "serviceName: whole"}, "whole.yaml")
    write_recipe(tmp_path, changes, "broken.yaml")
    recipes, problems = load_recipes(tmp_path)
    definitions = build_definitions(recipes, problems)
    assert [recipe.service_name for recipe in recipes] == ["whole"]
    assert {spec.key.path[-1] for spec in definitions.resolve_all_asset_specs()} == {*STEPS, "recipe_status"}
    result = dg.materialize([broken_recipes_asset(problems)], raise_on_error=False)
    assert not result.success
    failure = next(event for event in result.all_events if event.is_step_failure)
    shown = failure.step_failure_data.user_failure_data
    assert shown is not None
    assert "broken.yaml:" in (shown.description or "")
    assert message in (shown.description or "")


def test_without_broken_recipes_there_is_no_such_asset(tmp_path: Path) -> None:
    definitions = build_definitions([make_recipe(tmp_path, "lake")], [])
    assert dg.AssetKey("recipe_status") not in {spec.key for spec in definitions.resolve_all_asset_specs()}


@pytest.mark.parametrize(("level", "shown"), [("DEBUG", True), ("WARN", False)])
def test_the_console_shows_what_the_recipe_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], level: str, shown: bool
) -> None:
    monkeypatch.delenv("OPENMETADATA_HOST_PORT", raising=False)
    changes = {"workflowConfig:\n": f"workflowConfig:\n  loggerLevel: {level}\n"}
    job = build_definitions([make_recipe(tmp_path, "lake", changes)]).resolve_job_def("glue__lake")
    assert not job.execute_in_process(raise_on_error=False).success
    assert ("STEP_START" in capfd.readouterr().err) == shown


class TestJobNames:
    """``dagster.job`` names and describes a recipe's job; nothing else of the recipe is called after it."""

    def recipe(self, folder: Path, service: str, job: str, name: str = "glue.yaml") -> Recipe:
        settings = {"dagster:\n": f"dagster:\n  job: {{name: {job}, description: Every night.}}\n"}
        write_recipe(folder, {"serviceName: lake": f"serviceName: {service}", **settings}, name)
        return load_recipe(folder / name)

    def test_a_job_is_called_as_the_recipe_says_and_assets_and_pool_are_not(self, tmp_path: Path) -> None:
        definitions = build_definitions([self.recipe(tmp_path, "lake", "nightly.lake-1")])
        job = definitions.resolve_job_def("nightly_lake_1")
        assert job.description == "Every night."
        assert {spec.key.path[1] for spec in definitions.resolve_all_asset_specs()} == {"lake"}
        assert {node.pool for node in job.all_node_defs if isinstance(node, dg.OpDefinition)} == {"glue__lake"}

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("nightly", "nightly"),
            ("night-ly", "night.ly"),
            ("nightly", "glue__north__tables"),
            ("glue__south", "other"),
        ],
    )
    def test_jobs_of_one_name_and_those_called_as_an_asset_are_refused(
        self, tmp_path: Path, first: str, second: str
    ) -> None:
        self.recipe(tmp_path, "north", first, "a.yaml")
        self.recipe(tmp_path, "south", second, "b.yaml")
        if first == "glue__south":
            write_recipe(tmp_path, {"serviceName: lake": "serviceName: south"}, "b.yaml")
        recipes, problems = load_recipes(tmp_path)
        assert [recipe.path.name for recipe in recipes] == ["a.yaml"]
        assert len(problems) == 1
        assert "b.yaml" in problems[0]
        build_definitions(recipes, problems).get_repository_def()

    @pytest.mark.parametrize("name", ["config", "arg-dict", "class", "recipe_status", "__ASSET_JOB", "--"])
    def test_names_that_dagster_keeps_are_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(RecipeError, match=r"dagster\.job\.name"):
            self.recipe(tmp_path, "lake", f"'{name}'")
