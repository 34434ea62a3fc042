"""The DAG of the pages, changed as tests need it, and what is read of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest_assets.recipe import DagsterSettings
from ingest_assets.recipe.airflow import Ingestion, read_dag_file, translate
from ingest_assets_tests.recipe.texts import DAG, DAG_CONFIG, MINIMAL

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
