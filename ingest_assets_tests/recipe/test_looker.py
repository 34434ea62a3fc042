"""Where a Looker recipe says that its LookML lies, in each form that OpenMetadata has had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingest_assets.calls import Calls
from ingest_assets.errors import RecipeError
from ingest_assets.ingestion.looker import repositories
from ingest_assets.recipe.looker import LookerConnection
from ingest_assets.sources.git import Reading

WHO: dict[str, Any] = {"clientId": "Client ID", "clientSecret": "Client Secret", "hostPort": "https://looker.example"}
OURS = {"repositoryOwner": "norrpost", "repositoryName": "looker"}


def described(**keys: Any) -> list[str]:
    credentials = LookerConnection.model_validate({**WHO, **keys}).repository
    return (
        []
        if credentials is None
        else [each.repository.describe() for each in repositories(credentials, Reading(Calls()))]
    )


def test_github_is_meant_by_either_name() -> None:
    assert described(githubCredentials=OURS) == ["https://github.com/norrpost/looker"]
    assert described(gitCredentials={"type": "GitHub", **OURS}) == ["https://github.com/norrpost/looker"]
    with pytest.raises(ValidationError, match="two names of one thing"):
        described(githubCredentials=OURS, gitCredentials=OURS)


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ({"type": "Gitlab", **OURS, "token": "t"}, "https://gitlab.com/norrpost/looker"),
        ({"type": "BitBucket", **OURS, "branch": "main"}, "https://bitbucket.org/norrpost/looker at main"),
        (
            {"type": "Gitlab", **OURS, "gitHostURL": "https://git.norrpost.example"},
            "https://git.norrpost.example/norrpost/looker",
        ),
        ("https://git.example/group/looker.git", "https://git.example/group/looker.git"),
        ("git@git.example:group/looker.git", "git@git.example:group/looker.git"),
    ],
)
def test_other_hosts_are_read_by_git(credentials: Any, expected: str) -> None:
    assert described(gitCredentials=credentials) == [expected]


def test_a_text_is_a_folder(tmp_path: Path) -> None:
    assert described(gitCredentials=str(tmp_path)) == [f"the folder {tmp_path}"]


@pytest.mark.parametrize("nothing", [{}, "", None])
def test_no_credentials_are_none(nothing: Any) -> None:
    """``gitCredentials: {}`` ends openmetadata-ingestion's run."""
    assert described(gitCredentials=nothing) == []


def test_several_names_are_several_repositories() -> None:
    many = {"repositoryOwner": "norrpost", "repositoryName": "looker, looker-parcels"}
    assert described(githubCredentials=many) == [
        "https://github.com/norrpost/looker",
        "https://github.com/norrpost/looker-parcels",
    ]


def test_half_a_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="repositoryOwner and repositoryName are missing"):
        described(githubCredentials={"repositoryOwner": "norrpost"})
    with pytest.raises(RecipeError):
        described(gitCredentials="ext::sh -c touch@x")
