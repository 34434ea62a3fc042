"""What tests say to a server."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any
from urllib.parse import quote

import requests

from ingest_assets.sandbox.openmetadata import OpenMetadataApp

BOT, ADMIN = "bot-token", "admin-token"
_TIMEOUT = 10
Answer = requests.Response


class Api:
    """One server; calls are the bot's unless a token is given."""

    def __init__(self, app: OpenMetadataApp, address: str) -> None:
        self.app = app
        self.address = address
        self._session = requests.Session()

    def __enter__(self) -> Api:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = BOT, **query: Any) -> Answer:
        """A request to a path below ``/api/v1``."""
        text = None if body is None else json.dumps(body)
        media_type = "application/json-patch+json" if method == "PATCH" else "application/json"
        return self.send(method, path, text, media_type, token=token, **query)

    def send(
        self, method: str, path: str, text: str | None, media_type: str, *, token: str | None = BOT, **query: Any
    ) -> Answer:
        """A request with a body as it stands."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if text is not None:
            headers["Content-Type"] = media_type
        return self._session.request(
            method, f"{self.address}/api/v1/{path}", data=text, params=query, headers=headers, timeout=_TIMEOUT
        )

    def get(self, path: str, *, token: str | None = BOT, **query: Any) -> Answer:
        return self.call("GET", path, token=token, **query)

    def put(self, path: str, body: Any, *, token: str | None = BOT, **query: Any) -> Answer:
        return self.call("PUT", path, body, token=token, **query)

    def patch(self, path: str, *operations: dict[str, Any], token: str | None = BOT) -> Answer:
        return self.call("PATCH", path, list(operations), token=token)

    def delete(self, path: str, *, token: str | None = BOT, **query: Any) -> Answer:
        return self.call("DELETE", path, token=token, **query)

    def named(self, collection: str, fqn: str, *, token: str | None = BOT, **query: Any) -> Answer:
        """An entity by its FQN, percent-encoded whole."""
        return self.get(f"{collection}/name/{quote(fqn, safe='')}", token=token, **query)

    def make(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Put what must be accepted."""
        answer = self.put(path, body)
        assert answer.status_code in (200, 201), answer.text
        made: dict[str, Any] = answer.json()
        return made

    def make_service(self, name: str = "lake") -> dict[str, Any]:
        return self.make(
            "services/databaseServices",
            {"name": name, "serviceType": "Glue", "connection": {"config": {"type": "Glue"}}},
        )

    def make_schema(self, service: str = "lake", database: str = "d", schema: str = "s") -> dict[str, Any]:
        """A schema and all above it."""
        above = self.make_service(service)
        middle = self.make("databases", {"name": database, "service": above["fullyQualifiedName"]})
        return self.make("databaseSchemas", {"name": schema, "database": middle["fullyQualifiedName"]})


def table(name: str, schema: str = "lake.d.s", **properties: Any) -> dict[str, Any]:
    """A ``CreateTable`` request with one column unless columns are given."""
    return {"name": name, "databaseSchema": schema, "columns": [{"name": "a", "dataType": "INT"}], **properties}


def change(answer: Answer) -> str:
    """The change header."""
    return str(answer.headers.get("X-OpenMetadata-Change", ""))


def names(answer: Answer) -> list[str]:
    """Names of a list's entities."""
    return [entity["name"] for entity in answer.json()["data"]]
