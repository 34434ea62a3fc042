"""The recipes of OpenMetadata's own documentation pages, where these lie beside the project."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest_assets.errors import RecipeError
from ingest_assets.recipe import GlueWorkflow, Recipe, Resolver, lint
from ingest_assets.recipe.atlas import AtlasWorkflow
from ingest_assets.recipe.looker import LookerWorkflow
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.recipe import refusals_of

from .texts import PAGES, load, recipe_of, sign_ons_of, with_comments_on

pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="the documentation pages are not here")

VARIANTS = pytest.mark.parametrize("variant", [str, with_comments_on], ids=["as printed", "all lines on"])


def page_of(source: str) -> str:
    pages = [path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.txt"))]
    return next(page for page in pages if f"/{source}/airflow" in page)


@VARIANTS
def test_the_glue_page_loads_and_runs_once_its_placeholder_is_filled(
    tmp_path: Path, variant: Callable[[str], str]
) -> None:
    text = variant(recipe_of(page_of("glue")))
    recipe = load(tmp_path, text)
    assert [key[-1] for key, _ in refusals_of(recipe)] == ["jwtToken"]
    workflow = load(tmp_path, text.replace("{bot_jwt_token}", "a-token")).resolve(Resolver({}))
    assert isinstance(workflow, GlueWorkflow)
    connection = workflow.source.service_connection.config
    assert connection.database_name == "database_name"
    assert (connection.aws_config.end_point_url is not None) is (variant is with_comments_on)


def test_lint_names_each_key_of_the_glue_page(tmp_path: Path) -> None:
    recipe = load(tmp_path, with_comments_on(recipe_of(page_of("glue"))))
    named = {note.key for note in lint(recipe)}
    keys = {".".join(part for part in key if isinstance(part, str)) for key, _ in recipe.document.scalars()}
    assert keys <= named


@VARIANTS
def test_the_quicksight_page_loads_and_runs_once_its_placeholders_are_filled(
    tmp_path: Path, variant: Callable[[str], str]
) -> None:
    text = variant(recipe_of(page_of("quicksight")))
    recipe = load(tmp_path, text)
    assert [key[-1] for key, _ in refusals_of(recipe)] == ["awsAccountId", "jwtToken"]
    assert lint(recipe)
    filled = text.replace("{bot_jwt_token}", "a-token").replace("<aws-account-id>", "012345678901")
    workflow = load(tmp_path, filled).resolve(Resolver({}))
    assert isinstance(workflow, QuickSightWorkflow)
    connection, options = workflow.source.service_connection.config, workflow.source.source_config.config
    assert (connection.aws_account_id, connection.identity_type, connection.namespace) == ("012345678901", "IAM", None)
    names = ("service1", "service2") if variant is with_comments_on else ()
    assert options.names_and_prefixes() == (names, ())


@VARIANTS
def test_the_looker_page_loads_and_runs_once_its_placeholder_is_filled(
    tmp_path: Path, variant: Callable[[str], str]
) -> None:
    text = variant(recipe_of(page_of("looker")))
    recipe = load(tmp_path, text)
    assert [key[-1] for key, _ in refusals_of(recipe)] == ["jwtToken"]
    assert lint(recipe)
    workflow = load(tmp_path, text.replace("{bot_jwt_token}", "a-token")).resolve(Resolver({}))
    assert isinstance(workflow, LookerWorkflow)
    repository = workflow.source.service_connection.config.repository
    assert repository is not None
    assert (repository.repository_owner, repository.repository_name) == ("open-metadata", ("OpenMetadata",))
    assert workflow.source.source_config.config.override_owner


@VARIANTS
def test_the_atlas_page_loads_and_runs_once_its_placeholders_are_filled(
    tmp_path: Path, variant: Callable[[str], str]
) -> None:
    text = variant(recipe_of(page_of("atlas")))
    recipe = load(tmp_path, text)
    assert {key[-1] for key, _ in refusals_of(recipe)} == {"hostPort", "authProvider"}
    assert lint(recipe)
    text = text.replace('"<OpenMetadata host and port>"', "http://localhost:8585/api")
    text = text.replace('"<OpenMetadata auth provider>"', "openmetadata\n    securityConfig:\n      jwtToken: a-token")
    workflow = load(tmp_path, text).resolve(Resolver({}))
    assert isinstance(workflow, AtlasWorkflow)
    connection = workflow.source.service_connection.config
    assert (connection.entities, connection.database_service_name) == ("Table", ("local_hive",))


def sign_ons() -> list[str]:
    return sign_ons_of(page_of("atlas")) if PAGES.is_dir() else []


@pytest.mark.parametrize("number", range(10))
def test_every_sign_on_of_the_atlas_page_loads(tmp_path: Path, number: int) -> None:
    blocks = sign_ons()
    assert len(blocks) == 10
    head, _, _ = recipe_of(page_of("glue")).partition("workflowConfig:")
    recipe: Recipe = load(tmp_path, head + blocks[number])
    with pytest.raises(RecipeError):
        recipe.resolve(Resolver({}))


def test_the_services_of_the_atlas_page_are_known(tmp_path: Path) -> None:
    assert load(tmp_path, recipe_of(page_of("atlas"))).names_services == ("local_hive",)
