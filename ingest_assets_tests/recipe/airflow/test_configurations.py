"""Airflow DAG files: the recipes in them, and the block that is added to one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.airflow import read_config, read_dag_file, translate, with_settings
from ingest_assets.recipe.airflow.dag_file import ConfigText
from ingest_assets.recipe.document import document_of
from ingest_assets_tests.recipe.airflow.dags import (
    FILLED,
    changed,
    ingestions,
    settings,
    told,
    write,
)
from ingest_assets_tests.recipe.texts import MINIMAL


class TestConfigurations:
    def of(self, folder: Path, text: str) -> str:
        (ingestion,) = ingestions(folder, text)
        return ingestion.config.text

    def test_variables_are_spelled_as_a_recipe_does(self, tmp_path: Path) -> None:
        text = changed('config = """', 'token = Variable.get("om-token")\nconfig = f"""').replace(
            "${OM_BOT_TOKEN}", "{token}"
        )
        text = text.replace("awsRegion: us-east-2", "awsRegion: {os.environ['AWS_REGION']}")
        text = text.replace("serviceName: lake", "serviceName: {os.getenv('SERVICE', 'lake')}")
        found = yaml.safe_load(self.of(tmp_path, text))
        assert found["workflowConfig"]["openMetadataServerConfig"]["securityConfig"]["jwtToken"] == "${om_token}"
        assert found["source"]["serviceName"] == "${SERVICE:-lake}"
        assert found["source"]["serviceConnection"]["config"]["awsConfig"]["awsRegion"] == "${AWS_REGION}"

    def test_templates_of_variables_are_too_and_others_are_told(self, tmp_path: Path) -> None:
        text = changed("${OM_BOT_TOKEN}", "'{{ var.value.om_token }}'").replace(
            "serviceName: lake", "serviceName: '{{ ds }}'"
        )
        assert "jwtToken: '${om_token}'" in self.of(tmp_path, text)
        rows = told(tmp_path, text)
        assert not rows["{{ ds }}"][0]
        assert rows["${om_token}"][0]

    def test_of_a_template_that_stays_the_default_is_not_shown(self, tmp_path: Path) -> None:
        text = changed("${OM_BOT_TOKEN}", """'{{ var.value.get("om_token", "it's s3cret") }}'""")
        rows = told(tmp_path, text)
        assert not rows["{{ var.value.get… }}"][0]
        assert "s3cret" not in str(rows)

    @pytest.mark.parametrize("default", ["a}b", '{"a": 1}', "${", "${a b}"])
    def test_a_default_that_no_recipe_can_hold_is_a_problem(self, tmp_path: Path, default: str) -> None:
        text = changed(f'config = """\n{MINIMAL}"""', f"config = {{'source': Variable.get('lake', {default!r})}}")
        found = read_dag_file(write(tmp_path, text.replace("yaml.safe_load(config)", "config")))
        assert found.ingestions == []
        assert "a default that no recipe can hold" in found.problems[0] or "refused by Python" in found.problems[0]

    def test_a_mapping_that_says_more_than_any_recipe_is_refused_soon(self, tmp_path: Path) -> None:
        doubled = "many = [many, many]\n" * 45
        text = f"many = []\n{doubled}" + changed("yaml.safe_load(config)", "{'source': many}")
        found = read_dag_file(write(tmp_path, text))
        assert found.ingestions == []
        assert "too large" in found.problems[0]

    @pytest.mark.parametrize(
        "body",
        [
            "workflow_config = load_config_file('glue.yaml')",
            "workflow_config = load_config_file(pathlib.Path(__file__).parent / 'glue.yaml')",
            "workflow_config = yaml.safe_load(open(os.path.join(os.path.dirname(__file__), 'glue.yaml')))",
            "with open('glue.yaml') as file:\n        workflow_config = yaml.safe_load(file)",
            "with open('glue.yaml') as file:\n        workflow_config = yaml.safe_load(file.read())",
            "workflow_config = yaml.safe_load(pathlib.Path('glue.yaml').read_text())",
        ],
    )
    def test_a_file_beside_the_dag_is_read_with_its_comments(self, tmp_path: Path, body: str) -> None:
        (tmp_path / "glue.yaml").write_text(f"# ours\n{MINIMAL}", encoding="utf-8")
        text = changed("workflow_config = yaml.safe_load(config)", body)
        assert self.of(tmp_path, text) == f"# ours\n{MINIMAL}"

    def test_a_mapping_is_written_as_yaml(self, tmp_path: Path) -> None:
        tree = yaml.safe_load(MINIMAL)
        text = changed(f'config = """\n{MINIMAL}"""', f"config = {tree!r}").replace("yaml.safe_load(config)", "config")
        assert yaml.safe_load(self.of(tmp_path, text)) == tree

    def test_several_dags_have_each_its_own(self, tmp_path: Path) -> None:
        text = f"""
LAKES = [("north", {MINIMAL.replace("lake", "north")!r}), ("south", {MINIMAL.replace("lake", "south")!r})]
def ingest(text):
    workflow = MetadataWorkflow.create(yaml.safe_load(text))
def declare(name, text):
    with DAG(name, schedule="@daily") as dag:
        PythonOperator(task_id="ingest", python_callable=ingest, op_kwargs={{"text": text}})
    return dag
for name, text in LAKES:
    globals()[name] = declare(name, text)
"""
        found = ingestions(tmp_path, text)
        assert [translate(one).job["name"] for one in found] == ["north", "south"]
        assert [read_config(one.config).at(("source", "serviceName")) for one in found] == ["north", "south"]

    def test_decorated_dags_and_tasks_are_read(self, tmp_path: Path) -> None:
        text = f"""
@dag(schedule="@daily", default_args={{"owner": "lake"}})
def nightly():
    @task(retries=1)
    def ingest():
        Workflow.create(yaml.safe_load({MINIMAL!r}))
    ingest()
nightly()
"""
        block = settings(tmp_path, text)
        assert (block["job"]["name"], block["schedule"], block["retries"]["max"]) == ("nightly", "@daily", 1)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (changed('config = """', 'config = requests.get("x").text or """'), "only known when the DAG runs"),
            (
                changed("yaml.safe_load(config)", "load_config_file('gone.yaml')"),
                "gone.yaml: can't be read: No such file",
            ),
            (changed("workflow = ", "workflow_config['source']['type'] = kind()\n    workflow = "), "changed in place"),
            (changed("workflow = ", "workflow_config['source'].update(kind())\n    workflow = "), "changed in place"),
            (
                changed("load_config_file\n", "load_config_file\nlong = 'x' * 300\n").replace(
                    "yaml.safe_load(config)", "load_config_file('x\\0')"
                ),
                "no file can have",
            ),
            (changed("Workflow.create(workflow_config)", "None"), "never calls Workflow.create"),
        ],
    )
    def test_one_that_cannot_be_known_is_a_problem_with_a_line(self, tmp_path: Path, text: str, message: str) -> None:
        found = read_dag_file(write(tmp_path, text))
        assert found.ingestions == []
        (problem,) = found.problems
        assert problem.startswith(f"{tmp_path}/dag.py:")
        assert message in problem
        assert "--config" in problem

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("print('hello')\n", "dag.py:1: no DAG in this file"),
            ("x = 1\ndef f(:\n", "dag.py:2: not Python"),
            ("x = 1\n\0", "not Python"),
            ("x = " + "(" * 5000 + ")" * 5000, "not Python"),
            ("x = " + "-" * 100_000 + "1", "dag.py:1: "),
        ],
    )
    def test_what_is_no_file_of_dags_is_refused(self, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(RecipeError, match=message):
            read_dag_file(write(tmp_path, text))

    def test_another_workflow_is_refused_with_the_line_in_the_dag(self, tmp_path: Path) -> None:
        (ingestion,) = ingestions(tmp_path, changed("workflowConfig:", "processor: {}\nworkflowConfig:"))
        line = FILLED.splitlines().index("workflowConfig:") + 1
        with pytest.raises(RecipeError, match=rf"dag\.py:{line}: processor"):
            read_config(ingestion.config)


BLOCK = {"job": {"name": "nightly"}, "schedule": "*/5 * * * *", "owners": ["team:a: b"]}


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            MINIMAL,
            MINIMAL.rstrip("\n"),
            f"---\n# first\n{MINIMAL}# last\n\n",
            f"{MINIMAL}...\n",
            "".join(f"    {line}\n" for line in MINIMAL.splitlines()),
            '{"source": {"type": "glue"}, "sink": {}}',
            "{}",
        ],
    )
    def test_the_block_is_added_and_all_else_stays_as_it_is(self, text: str) -> None:
        written = with_settings(ConfigText(text, Path("dag.py"), 1), BLOCK)
        found = yaml.safe_load(written)
        assert found.pop("dagster") == BLOCK
        assert found == yaml.safe_load(text)
        if not text.startswith("{"):
            lines = text.splitlines()
            assert [line for line in written.splitlines() if line in lines] == lines

    @given(st.text(), st.booleans())
    def test_a_description_of_any_characters_is_read_as_it_was_written(self, description: str, in_braces: bool) -> None:
        block = {"job": {"description": description}}
        written = with_settings(ConfigText("{}" if in_braces else MINIMAL, Path("dag.py"), 1), block)
        assert document_of(Path("lake.yaml"), written).tree["dagster"] == block

    @pytest.mark.parametrize(
        "text", ["!!map {source: {}}", "&all\r  source: {}\n", "{source: {serviceCo? nnection: {}}}"]
    )
    def test_yaml_in_which_the_block_finds_no_place_is_refused_with_its_line(self, text: str) -> None:
        config = ConfigText(text, Path("dag.py"), 7)
        assert read_config(config).tree
        with pytest.raises(RecipeError, match=r"dag\.py:7: .* no block can be added"):
            with_settings(config, BLOCK)

    def test_a_block_that_is_there_is_not_overwritten(self) -> None:
        config = ConfigText(f"{MINIMAL}dagster:\n  timeout: 5\n", Path("dag.py"), 7)
        line = 7 + len(MINIMAL.splitlines())
        with pytest.raises(RecipeError, match=rf"dag\.py:{line}: dagster: there is such a block already"):
            read_config(config)
