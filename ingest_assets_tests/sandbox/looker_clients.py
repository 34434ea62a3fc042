"""looker-sdk against a sandbox, with settings of its own."""

from __future__ import annotations

from typing import Any

import looker_sdk
import requests
from looker_sdk.rtl.api_settings import ApiSettings, SettingsConfig
from looker_sdk.sdk.api40.methods import Looker40SDK

from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.server import Sandbox


class Settings(ApiSettings):
    """Of one instance, and neither of a file nor of the environment."""

    def __init__(self, sandbox: Sandbox, client: LookerClient) -> None:
        self._config: SettingsConfig = {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "base_url": sandbox.url,
        }
        super().__init__(filename="")
        self.timeout = 5

    def read_config(self) -> SettingsConfig:
        return self._config


def connect(sandbox: Sandbox, client: LookerClient | None = None) -> Looker40SDK:
    return looker_sdk.init40(config_settings=Settings(sandbox, client or sandbox.looker_client))


def connect_with(sandbox: Sandbox, *permissions: str) -> Looker40SDK:
    user = sandbox.looker_client.user_id
    return connect(sandbox, sandbox.looker.sessions.add_client(user, frozenset(permissions)))


class Raw:
    """The API without the SDK, for what the SDK would not send or not show."""

    def __init__(self, sandbox: Sandbox, client: LookerClient | None = None) -> None:
        who = client or sandbox.looker_client
        self._url = f"{sandbox.url}/api/4.0"
        form = {"client_id": who.client_id, "client_secret": who.client_secret}
        self.token = requests.post(f"{self._url}/login", form, timeout=5).json()["access_token"]

    def get(self, path: str, **params: object) -> requests.Response:
        signed = {"Authorization": f"Bearer {self.token}"}
        sent: dict[str, Any] = params
        return requests.get(f"{self._url}{path}", sent, headers=signed, timeout=5)
