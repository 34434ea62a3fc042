"""Airflow DAG files: what is read of them without running them, and what a recipe makes of it."""

from __future__ import annotations

import ast
import datetime as dt
import string
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import RecipeError
from ingest_assets.recipe import DagsterSettings, load_recipe
from ingest_assets.recipe.airflow import Ingestion, read_config, read_dag_file, translate, with_settings
from ingest_assets.recipe.airflow.dag_file import ConfigText
from ingest_assets.recipe.airflow.intervals import cron_of
from ingest_assets.recipe.document import document_of

from .texts import DAG, DAG_CONFIG, MINIMAL, PAGES, dag_of, recipe_of

FILLED = DAG.replace(DAG_CONFIG, MINIMAL)
SCHEDULE = "schedule_interval='*/5 * * * *'"
OF_THE_PAGES = {
    "job": {"name": "sample_data", "description": "An example DAG which runs a OpenMetadata ingestion workflow"},
    "schedule": "*/5 * * * *",
    "started": True,
    "retries": {"max": 3, "delay": 300},
    "timeout": 3600,
    "owners": ["team:user_name"],
    "alerts": {"email": ["username@org.com"], "on_failure": False},
}
OTHERS_SIDE_EFFECTS = (
    "raise SystemExit('stop')",
    "open('{marker}', 'w').write('ran')",
    "import pathlib as p; p.Path('{marker}').write_text('ran')",
    "__import__('os').system('touch {marker}')",
    "exec('raise RuntimeError')",
    "while True: pass",
    "import a_module_that_nobody_has",
    "def again(): return again() + again()\nagain()",
    "[open('{marker}', 'w') for _ in range(3)]",
    "many = 10 ** 10 ** 10",
    "long = 'x' * 10 ** 12",
    "class Eager:\n    open('{marker}', 'w')",
    "assert open('{marker}', 'w') is None",
)


def write(folder: Path, text: str) -> Path:
    path = folder / "dag.py"
    path.write_text(text, encoding="utf-8")
    return path


def ingestions(folder: Path, text: str) -> list[Ingestion]:
    found = read_dag_file(write(folder, text))
    assert found.problems == []
    return found.ingestions


def settings(folder: Path, text: str) -> dict[str, Any]:
    """The one block of a file, which must be one that recipes take."""
    (ingestion,) = ingestions(folder, text)
    block = translate(ingestion).settings
    DagsterSettings.model_validate(block)
    return block


def told(folder: Path, text: str) -> dict[str, tuple[bool, str]]:
    (ingestion,) = ingestions(folder, text)
    return {row.name: (row.used, row.what) for row in translate(ingestion).rows}


def changed(before: str, after: str) -> str:
    assert before in FILLED
    return FILLED.replace(before, after)


def dag_with(arguments: str, before: str = "") -> str:
    """The DAG with one argument more, and lines before it."""
    return f"{before}\n{changed('catchup=False', f'catchup=False, {arguments}')}"


def scheduled(value: str, *more: str) -> str:
    text = changed(SCHEDULE, f"schedule={value}")
    for line in more:
        text = text.replace("start_date=days_ago(1)", line)
    return f"import datetime as dt\nimport pendulum\n{text}"


def without(name: str) -> str:
    """The DAG without the line of one argument."""
    return "\n".join(line for line in FILLED.splitlines() if name not in line) + "\n"


class TestThePages:
    @pytest.mark.skipif(not PAGES.is_dir(), reason="the documentation pages are not here")
    def test_each_page_prints_the_dag_that_the_tests_read(self) -> None:
        pages = [path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.txt"))]
        assert len(pages) == 5
        for page in pages:
            statements = {ast.dump(statement) for statement in ast.parse(dag_of(page)).body}
            assert statements == {ast.dump(statement) for statement in ast.parse(DAG).body}

    @pytest.mark.skipif(not PAGES.is_dir(), reason="the documentation pages are not here")
    @pytest.mark.parametrize("source", ["glue", "kinesis", "quicksight", "looker", "atlas"])
    def test_each_dag_with_the_recipe_of_its_page_becomes_a_recipe_that_loads(
        self, tmp_path: Path, source: str
    ) -> None:
        texts = (path.read_text(encoding="utf-8") for path in PAGES.glob("*.txt"))
        page = next(text for text in texts if f"/{source}/airflow" in text)
        (ingestion,) = ingestions(tmp_path, dag_of(page).replace(DAG_CONFIG, recipe_of(page)))
        block = translate(ingestion).settings
        assert block == OF_THE_PAGES
        path = tmp_path / "recipe.yaml"
        path.write_text(with_settings(ingestion.config, block), encoding="utf-8")
        recipe = load_recipe(path)
        assert recipe.service_name == f"local_{source}"
        assert recipe.dagster.schedule == "*/5 * * * *"
        assert (recipe.dagster.retries.max, recipe.dagster.retries.delay, recipe.dagster.timeout) == (3, 300, 3600)
        assert recipe.dagster.started
        assert path.read_text(encoding="utf-8").startswith(recipe_of(page).rstrip())

    def test_every_argument_is_told_of_with_its_line(self, tmp_path: Path) -> None:
        (ingestion,) = ingestions(tmp_path, FILLED)
        lines = FILLED.splitlines()
        rows = {row.name.rpartition(".")[2]: row for row in translate(ingestion).rows}
        names = {"owner", "email", "email_on_failure", "retries", "retry_delay", "execution_timeout", "dag_id"}
        names |= {"description", "start_date", "is_paused_upon_creation", "schedule_interval", "catchup"}
        assert names | {"task_id", "python_callable", "${OM_BOT_TOKEN}"} == set(rows)
        for name in names - {"dag_id"}:
            assert name in lines[rows[name].line - 1]
        assert {name for name in names if not rows[name].used} == {"start_date", "catchup"}

    def test_a_placeholder_for_the_recipe_is_refused_with_its_line(self, tmp_path: Path) -> None:
        (ingestion,) = ingestions(tmp_path, DAG)
        line = DAG.splitlines().index(DAG_CONFIG.strip()) + 1
        with pytest.raises(RecipeError, match=rf"dag\.py:{line}: <your YAML configuration> is left from the docs"):
            read_config(ingestion.config)


class TestSchedules:
    @pytest.mark.parametrize(
        ("value", "cron"),
        [
            ('"0 3 * * 1-5"', "0 3 * * 1-5"),
            ('"@daily"', "@daily"),
            ('"@quarterly"', "0 0 1 */3 *"),
            ("timedelta(minutes=15)", "*/15 * * * *"),
            ("timedelta(hours=1)", "0 * * * *"),
            ("timedelta(days=1)", "0 0 * * *"),
            ("dt.timedelta(hours=2) * 3", "0 */6 * * *"),
            ("pendulum.duration(weeks=1)", "0 0 * * 0"),
            ('CronTriggerTimetable("5 4 * * *", timezone="Europe/Berlin")', "5 4 * * *"),
            ("DeltaDataIntervalTimetable(timedelta(minutes=30))", "*/30 * * * *"),
            ('"0 3 * * *" if False else "0 4 * * *"', None),
            ("None", None),
            ('"@once"', None),
            ('"0 0 * * 5#1"', None),
            ("timedelta(minutes=45)", None),
            ("timedelta(days=2)", None),
            ("[Dataset('s3://x')]", None),
            ("Variable.get('cron')", None),
        ],
    )
    def test_what_cron_says_too_is_the_schedule_and_nothing_else(
        self, tmp_path: Path, value: str, cron: str | None
    ) -> None:
        text = scheduled(value)
        assert settings(tmp_path, text).get("schedule") == cron
        used, what = told(tmp_path, text)["DAG.schedule"]
        assert used is (cron is not None)
        assert what

    @pytest.mark.parametrize(
        ("start", "cron"),
        [
            ("start_date=dt.datetime(2024, 1, 3, 2, 30)", "30 2 * * *"),
            ("start_date=days_ago(2, hour=4)", "0 4 * * *"),
            ("start_date=dt.datetime.now()", "0 0 * * *"),
            ("start_date=pendulum.today('UTC').add(days=-1)", "0 0 * * *"),
        ],
    )
    def test_an_interval_begins_where_start_date_says(self, tmp_path: Path, start: str, cron: str) -> None:
        assert settings(tmp_path, scheduled("timedelta(days=1)", start))["schedule"] == cron

    @pytest.mark.parametrize(
        ("start", "zone"),
        [
            ('start_date=pendulum.datetime(2024, 1, 1, tz="Europe/Berlin")', "Europe/Berlin"),
            ('start_date=dt.datetime(2024, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))', "Asia/Tokyo"),
            ("start_date=dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)", "UTC"),
            ("start_date=dt.datetime(2024, 1, 1)", None),
            ('start_date=pendulum.datetime(2024, 1, 1, tz="Mars/Olympus")', None),
        ],
    )
    def test_the_time_zone_is_that_of_start_date_where_it_says_one(
        self, tmp_path: Path, start: str, zone: str | None
    ) -> None:
        assert settings(tmp_path, scheduled('"0 3 * * *"', start)).get("timezone") == zone

    def test_no_schedule_is_no_schedule_and_cannot_be_started(self, tmp_path: Path) -> None:
        text = without("schedule_interval")
        assert not {"schedule", "started", "timezone"} & set(settings(tmp_path, text))
        rows = told(tmp_path, text)
        assert "once a day" in rows["schedule"][1]
        assert "no schedule" in rows["DAG.is_paused_upon_creation"][1]

    @given(minutes=st.integers(1, 7 * 24 * 60), hour=st.integers(0, 23), minute=st.integers(0, 59))
    def test_a_cron_expression_for_an_interval_fires_as_often(self, minutes: int, hour: int, minute: int) -> None:
        cron = cron_of(dt.timedelta(minutes=minutes), dt.time(hour, minute), 0)
        if cron is None:
            evenly = 60 % minutes == 0 or (minutes % 60 == 0 and (24 * 60) % minutes == 0) or minutes == 7 * 24 * 60
            assert not evenly
            return
        at_minutes, at_hours, _, _, weekday = cron.split()
        fired = [
            day * 24 * 60 + hours * 60 + minutes_
            for day in range(7)
            for hours in _numbers(at_hours, 24)
            for minutes_ in _numbers(at_minutes, 60)
            if weekday == "*" or int(weekday) == day
        ]
        assert len(fired) * minutes == 7 * 24 * 60
        assert (hour * 60 + minute) % minutes in {one % minutes for one in fired} or weekday != "*"
        assert {after - before for before, after in pairwise(fired)} <= {minutes}


def _numbers(part: str, end: int) -> list[int]:
    if part.startswith("*"):
        return list(range(0, end, int(part[2:] or 1)))
    return [int(number) for number in part.split(",")]


class TestPeople:
    @pytest.mark.parametrize(
        ("owner", "owners"),
        [
            ('"airflow"', ["team:airflow"]),
            ('"ana@norrpost.example"', ["ana@norrpost.example"]),
            ('"data platform, ana@norrpost.example"', ["team:data platform", "ana@norrpost.example"]),
            ('""', None),
            ("OWNER", None),
        ],
    )
    def test_owners_are_spelled_as_dagster_takes_them(
        self, tmp_path: Path, owner: str, owners: list[str] | None
    ) -> None:
        assert settings(tmp_path, changed('"user_name"', owner)).get("owners") == owners

    def test_addresses_that_are_none_are_told(self, tmp_path: Path) -> None:
        text = changed('["username@org.com"]', '"ana@norrpost.example; nobody"')
        assert settings(tmp_path, text)["alerts"] == {"email": ["ana@norrpost.example"], "on_failure": False}
        assert "nobody" in told(tmp_path, text)["default_args.email"][1]

    def test_airflow_sends_mails_unless_it_is_told_not_to(self, tmp_path: Path) -> None:
        assert settings(tmp_path, without("email_on_failure"))["alerts"]["on_failure"] is True


class TestArguments:
    def test_a_task_wins_over_default_args_and_both_are_told(self, tmp_path: Path) -> None:
        text = changed("python_callable=", "retries=1, python_callable=")
        assert settings(tmp_path, text)["retries"] == {"max": 1, "delay": 300}
        rows = told(tmp_path, text)
        assert rows["PythonOperator.retries"][0]
        assert "says otherwise" in rows["default_args.retries"][1]

    @pytest.mark.parametrize(
        "spelled",
        [
            'dict(owner="lake", retries=2)',
            '{**{"owner": "x", "retries": 2}, "owner": "lake"}',
            'BASE | {"owner": "lake"}',
            "made()",
            "base",
            '{"owner": BASE.get("owner", "lake"), "retries": BASE.get("retries")}',
        ],
    )
    def test_default_args_may_be_spelled_in_many_ways(self, tmp_path: Path, spelled: str) -> None:
        before = """
BASE = {"retries": 2}
base = BASE.copy()
base["own" + "er"] = "nobody"
base.update(owner="lake")
def made():
    return {"owner": "lake", **BASE}
"""
        text = before + changed("default_args=default_args", f"default_args={spelled}")
        block = settings(tmp_path, text)
        assert (block["owners"], block["retries"]) == (["team:lake"], {"max": 2})

    def test_what_is_computed_is_told_with_its_line_and_left_out(self, tmp_path: Path) -> None:
        text = changed('"retries": 3', '"retries": len(open("x").read())').replace('"sample_data"', 'f"lake_{stage()}"')
        block = settings(tmp_path, text)
        assert "max" not in block["retries"]
        assert "name" not in block["job"]
        rows = told(tmp_path, text)
        assert rows["default_args.retries"] == (
            False,
            "Its value is only known when the DAG runs. Write it into the recipe by hand.",
        )
        assert not rows["DAG.dag_id"][0]

    def test_an_argument_that_nobody_knows_is_told_and_its_value_is_not_shown(self, tmp_path: Path) -> None:
        rows = told(tmp_path, dag_with('params={"password": "s3cret"}, invented=1, max_active_runs=1, tags=["a"]'))
        assert rows["DAG.invented"] == (False, "Nothing in a recipe says the same.")
        assert not rows["DAG.params"][0]
        assert "s3cret" not in str(rows)

    @pytest.mark.parametrize("asked", ['given.get("retries")', 'given.pop("retries", 1)', "given.get()", "given.pop()"])
    def test_what_may_stand_in_a_mapping_that_is_not_known_whole_is_not_known(self, tmp_path: Path, asked: str) -> None:
        text = "given = {**theirs(), 'owner': 'lake'}\n" + changed('"retries": 3', f'"retries": {asked}')
        assert "max" not in settings(tmp_path, text)["retries"]
        assert told(tmp_path, text)["default_args.retries"][1].startswith("Its value is ")

    @pytest.mark.parametrize("timeout", ["1e999", "-1e999", "1e999 - 1e999", f"0x{'f' * 5000}"])
    def test_a_time_that_no_recipe_holds_is_told(self, tmp_path: Path, timeout: str) -> None:
        used, what = told(tmp_path, dag_with(f"dagrun_timeout={timeout}").replace("execution_timeout", "sla"))[
            "DAG.dagrun_timeout"
        ]
        assert not used
        assert what

    @pytest.mark.parametrize("retries", ["21", "-1", "True", "'3'"])
    def test_what_a_recipe_does_not_take_is_told(self, tmp_path: Path, retries: str) -> None:
        text = changed('"retries": 3', f'"retries": {retries}')
        assert settings(tmp_path, text)["retries"] == {"delay": 300}
        assert not told(tmp_path, text)["default_args.retries"][0]

    def test_what_depends_on_a_condition_is_unknown(self, tmp_path: Path) -> None:
        before = "OWNER = 'a'\nif stage():\n    OWNER = 'b'\n"
        assert "owners" not in settings(tmp_path, before + changed('"user_name"', "OWNER"))

    @pytest.mark.parametrize(
        "change",
        [
            "default_args.pop('owner')",
            "del default_args['owner']",
            "default_args.update(owner=who())",
            "if stage():\n    default_args.update(owner='b')",
            "default_args['owner'] = who()",
        ],
    )
    def test_what_is_changed_afterwards_is_not_taken_for_what_it_was(self, tmp_path: Path, change: str) -> None:
        text = changed("with DAG(", f"{change}\nwith DAG(")
        assert "owners" not in settings(tmp_path, text)

    def test_half_a_character_is_told_and_not_written(self, tmp_path: Path) -> None:
        text = changed('"sample_data"', r'"lake\ud800"')
        assert "name" not in settings(tmp_path, text)["job"]
        assert not told(tmp_path, text)["DAG.dag_id"][0]

    def test_other_tasks_are_told(self, tmp_path: Path) -> None:
        text = f"{FILLED}    done = BashOperator(task_id='done', bash_command='true')\n    ingest_task >> done\n"
        assert "stays in Airflow" in told(tmp_path, text)["BashOperator done"][1]


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


class TestNothingIsRun:
    @given(lines=st.lists(st.sampled_from(OTHERS_SIDE_EFFECTS), min_size=1, max_size=4), place=st.integers(0, 40))
    def test_statements_with_effects_change_nothing(
        self, tmp_path_factory: pytest.TempPathFactory, lines: list[str], place: int
    ) -> None:
        folder = tmp_path_factory.mktemp("dag")
        marker = folder / "marker"
        before = [statement for line in lines for statement in line.format(marker=marker).splitlines()]
        tops = [0, *(at for at, line in enumerate(FILLED.splitlines()) if line.startswith(("import", "default_args")))]
        at = tops[place % len(tops)]
        whole = FILLED.splitlines()
        text = "\n".join([*whole[:at], *before, *whole[at:]])
        if "again" in text:
            with pytest.raises(RecipeError, match="steps"):
                read_dag_file(write(folder, text))
        else:
            (ingestion,) = ingestions(folder, text)
            assert translate(ingestion).settings == OF_THE_PAGES
        assert not marker.exists()

    @given(text=st.text(alphabet=string.printable, max_size=200))
    def test_any_text_is_read_or_refused(self, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
        path = write(tmp_path_factory.mktemp("dag"), text)
        with pytest.raises(RecipeError):
            read_dag_file(path)

    @given(
        value=st.recursive(
            st.none() | st.booleans() | st.integers(0, 1 << 60) | st.text(max_size=10),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=10,
        )
    )
    def test_a_literal_is_read_as_python_reads_it(
        self, tmp_path_factory: pytest.TempPathFactory, value: object
    ) -> None:
        (ingestion,) = ingestions(tmp_path_factory.mktemp("dag"), dag_with(f"params={value!r}"))
        assert ingestion.dag.arguments["params"].value == value


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
