"""Airflow DAG files: those of the pages, and that nothing of any is run."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import RecipeError
from ingest_assets.recipe import load_recipe
from ingest_assets.recipe.airflow import read_config, read_dag_file, translate, with_settings
from ingest_assets_tests.recipe.airflow.dags import (
    FILLED,
    OF_THE_PAGES,
    dag_with,
    ingestions,
    write,
)
from ingest_assets_tests.recipe.texts import DAG, DAG_CONFIG, PAGES, dag_of, recipe_of

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
