import subprocess
import sys
from pathlib import Path

import pytest

from ingest_assets.errors import UnsetVariableError
from ingest_assets.recipe import GlueWorkflow, Resolver, find_recipes, lint, load_recipe

RECIPES = Path(__file__).parents[2] / "recipes"
ENVIRON = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "eu-west-1",
    "OPENMETADATA_HOST_PORT": "https://openmetadata.example/api",
    "OM_BOT_TOKEN": "of-the-bot",
}


@pytest.mark.parametrize("path", find_recipes(RECIPES), ids=lambda path: path.name)
def test_every_shipped_recipe_loads_without_error_or_warning(path: Path) -> None:
    assert {note.level for note in lint(load_recipe(path))} <= {"honoured", "not honoured"}


def test_the_glue_recipe_runs_with_the_variables_that_it_names() -> None:
    workflow = load_recipe(RECIPES / "glue.yaml").resolve(Resolver(ENVIRON))
    assert isinstance(workflow, GlueWorkflow)
    aws = workflow.source.service_connection.config.aws_config
    assert (aws.end_point_url, aws.aws_session_token) == (None, None)
    assert workflow.dagster.schedule
    assert not workflow.dagster.started


def test_every_variable_without_a_default_is_needed() -> None:
    recipe = load_recipe(RECIPES / "glue.yaml")
    needed = [use.reference.name for use in recipe.variables if use.reference.default is None]
    assert needed == ["AWS_REGION", "OPENMETADATA_HOST_PORT", "OM_BOT_TOKEN"]
    for missing in needed:
        with pytest.raises(UnsetVariableError, match=missing):
            recipe.resolve(Resolver({name: value for name, value in ENVIRON.items() if name != missing}))


def test_no_default_of_a_shipped_recipe_holds_an_address_or_a_secret() -> None:
    for path in find_recipes(RECIPES):
        for use in load_recipe(path).variables:
            assert use.reference.default is None or use.reference.default.parts == ()


def test_loading_and_resolving_imports_neither_boto3_nor_dagster() -> None:
    code = (
        "import sys; from pathlib import Path; from ingest_assets.recipe import *;"
        f"load_recipe(Path({str(RECIPES / 'glue.yaml')!r})).resolve(Resolver({ENVIRON!r}));"
        "print(sorted({'boto3', 'botocore', 'dagster'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert result.stdout == "[]\n"
