"""Looker's API, as looker-sdk speaks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import looker_sdk
import pytest
import requests
from looker_sdk import error
from looker_sdk.rtl.api_settings import ApiSettings, SettingsConfig
from looker_sdk.sdk.api40.methods import Looker40SDK

from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.server import Sandbox


class Settings(ApiSettings):
    """Of one instance, and neither of a file nor of the environment."""

    def __init__(self, sandbox: Sandbox, client_id: str, client_secret: str) -> None:
        self._config: SettingsConfig = {
            "client_id": client_id,
            "client_secret": client_secret,
            "base_url": sandbox.url,
        }
        super().__init__(filename="")
        self.timeout = 5

    def read_config(self) -> SettingsConfig:
        return self._config


def connect(sandbox: Sandbox, client: LookerClient | None = None) -> Looker40SDK:
    who = client or sandbox.looker_client
    return looker_sdk.init40(config_settings=Settings(sandbox, who.client_id, who.client_secret))


@pytest.fixture(autouse=True)
def no_documentation(monkeypatch: pytest.MonkeyPatch) -> None:
    """looker-sdk looks each error up on the internet, without a time limit."""

    def offline(*_args: object, **_words: object) -> None:
        raise requests.ConnectionError("no internet here")

    monkeypatch.setattr(error.ErrorDocHelper, "get_index", offline)


@pytest.fixture
def looker(sandbox: Sandbox) -> Iterator[Looker40SDK]:
    yield connect(sandbox)
    assert not list(sandbox.looker.unsound)


def test_the_sdk_logs_in_and_reads_who_it_is(sandbox: Sandbox, looker: Looker40SDK) -> None:
    assert looker.me(fields="id,display_name,is_service_account").display_name == "Catalog Service"
    versions = looker.versions()
    assert versions.current_version
    assert versions.current_version.version == "4.0"
    assert sandbox.looker.counts == {"login": 1, "me": 1, "versions": 1}


def test_a_wrong_secret_is_answered_with_404_as_lookers_specification_says(sandbox: Sandbox) -> None:
    form = {"client_id": sandbox.looker_client.client_id, "client_secret": "wrong"}
    answer = requests.post(f"{sandbox.url}/api/4.0/login", form, timeout=5)
    assert (answer.status_code, answer.json()["message"]) == (404, "Not found")
    assert answer.json()["documentation_url"].endswith("/4.0/404/post/login")


def test_folders_have_times_with_fractions(looker: Looker40SDK, sandbox: Sandbox) -> None:
    folders = {folder.name: folder for folder in looker.all_folders()}
    assert isinstance(folders["Month end"].created_at, datetime)
    assert folders["Month end"].parent_id == folders["Finance"].id
    token = looker.auth.token.access_token
    raw: Any = requests.get(
        f"{sandbox.url}/api/4.0/folders/1",
        {"fields": "created_at"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    ).json()
    assert raw == {"created_at": "2024-02-05T09:15:30.412+00:00"}
