"""The sandbox's dbt Cloud refuses what the real one would, and its artifacts are of one project without traces."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
        assert not list(running.crashes)


def ask(sandbox: Sandbox, path: str, token: str | None = None, **params: str) -> requests.Response:
    headers = {"Authorization": f"Token {token or sandbox.dbt_token}"}
    return requests.get(f"{sandbox.url}{path}", headers=headers, params=params, timeout=10)


def test_runs_are_filtered_ordered_and_cut(sandbox: Sandbox) -> None:
    path = f"/api/v2/accounts/{sandbox.company.dbt.account}/runs/"
    told = ask(sandbox, path, status="10", order_by="-finished_at", limit="2").json()
    assert [(run["id"], run["artifacts_saved"]) for run in told["data"]] == [(804, False), (802, True)]
    assert [run["id"] for run in ask(sandbox, path, job_definition_id="5151").json()["data"]] == [804]


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/api/v2/accounts/1/runs/", {}, 404),
        ("/api/v2/accounts/70471/runs/", {"limit": "101"}, 400),
        ("/api/v2/accounts/70471/runs/", {"include": "x"}, 400),
        ("/api/v2/accounts/70471/runs/804/artifacts/manifest.json", {}, 404),
        ("/api/v2/accounts/70471/runs/999/artifacts/manifest.json", {}, 404),
        ("/dbt-docs/other.json", {}, 404),
    ],
)
def test_what_is_not_there_or_not_allowed_is_refused(
    sandbox: Sandbox, path: str, params: dict[str, str], status: int
) -> None:
    assert ask(sandbox, path, **params).status_code == status


def test_without_its_token_nothing_is_told_but_what_is_published(sandbox: Sandbox) -> None:
    path = "/api/v2/accounts/70471/runs/"
    assert ask(sandbox, path, token="other").status_code == 401
    assert requests.get(f"{sandbox.url}{path}", timeout=10).status_code == 401
    assert requests.post(f"{sandbox.url}{path}", timeout=10).status_code == 405
    published = requests.get(f"{sandbox.url}/dbt-docs/manifest.json", timeout=10)
    assert published.content == (DBT_TARGET / "manifest.json").read_bytes()


def test_artifacts_hold_no_paths_and_no_ids_of_who_made_them() -> None:
    for file in DBT_TARGET.iterdir():
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"/(home|root|Users|var)/|tmp", text)
        assert not re.search(r'"(invocation_id|user_id|project_id)": "', text)
