"""Looker and GitHub in anyone's own assets, and what they give explicitly against what a recipe says."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from ingest_assets.calls import Calls
from ingest_assets.ingestion.looker import git_of, looker_api
from ingest_assets.ingestion.sources import Explicit
from ingest_assets.recipe import Resolver, load_recipe
from ingest_assets.recipe.looker import LookerWorkflow
from ingest_assets.resources.looker import GitHubResource, LookerResource
from ingest_assets.sandbox.server import Sandbox

RECIPE = Path(__file__).parent.parent.parent / "recipes" / "looker.yaml"


def workflow(**environment: str) -> LookerWorkflow:
    wrong = dict.fromkeys(("LOOKER_CLIENT_ID", "LOOKER_CLIENT_SECRET", "GITHUB_TOKEN"), "wrong")
    made = load_recipe(RECIPE).resolve(Resolver({**environment, **wrong}))
    assert isinstance(made, LookerWorkflow)
    return made


def test_the_clients_work_in_anyones_own_assets(services: Sandbox) -> None:
    there = services.environment()
    looker = LookerResource(
        base_url=there["LOOKER_HOST_PORT"],
        client_id=there["LOOKER_CLIENT_ID"],
        client_secret=there["LOOKER_CLIENT_SECRET"],
    )
    assert looker.get_client().call("me", "the user", fields="id,display_name").display_name == "Catalog Service"
    github = GitHubResource(token=there["GITHUB_TOKEN"], host=there["GITHUB_SERVER_URL"])
    repository = github.get_repository(there["GITHUB_REPOSITORY_OWNER"], there["GITHUB_REPOSITORY_NAME"].split(", ")[0])
    assert "manifest.lkml" in repository.files(repository.commit(), lambda path: path.endswith(".lkml"))


def test_what_a_resource_gives_wins_over_the_recipe(services: Sandbox) -> None:
    there = services.environment()
    given = Explicit(
        {},
        {},
        LookerResource(client_id=there["LOOKER_CLIENT_ID"], client_secret=there["LOOKER_CLIENT_SECRET"]).explicit(),
        GitHubResource(token="a-token").explicit(),
    )
    written = workflow(**there)
    assert looker_api(written, given, Calls(), 1).call("me", "the user", fields="id").id
    credentials = git_of(written, given)
    assert credentials is not None
    assert credentials.token is not None
    assert (credentials.token.get_secret_value(), credentials.git_host_url) == ("a-token", there["GITHUB_SERVER_URL"])


def test_a_looker_resource_says_what_it_lacks_and_shows_no_secret() -> None:
    with pytest.raises(dg.DagsterInvariantViolationError, match="base_url, client_id and client_secret"):
        LookerResource(base_url="https://looker.example").get_client()
    assert "hush" not in repr((LookerResource(client_secret="hush"), GitHubResource(token="hush")))
