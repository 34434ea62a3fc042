"""Atlas's API as plain HTTP, without a cookie jar: a session's cookie would hide a wrong password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests

from ingest_assets.sandbox.atlas.users import AtlasUser
from ingest_assets.sandbox.server import Sandbox

Row = dict[str, Any]


class Raw:
    """Requests of one user."""

    def __init__(self, sandbox: Sandbox, user: AtlasUser | None = None) -> None:
        who = user or sandbox.atlas_user
        self.base = f"{sandbox.atlas_host_port}/api/atlas"
        self.auth = (who.name, who.password)

    def get(self, path: str, **params: Any) -> requests.Response:
        return requests.get(f"{self.base}{path}", params, auth=self.auth, timeout=10)

    def search(self, **body: Any) -> requests.Response:
        return requests.post(f"{self.base}/v2/search/basic", json=body, auth=self.auth, timeout=60)

    def found(self, **body: Any) -> list[Row]:
        answer = self.search(**body)
        assert answer.status_code == 200, answer.text
        rows: list[Row] = answer.json().get("entities", [])
        return rows

    def named(self, type_name: str, qualified_name: str, **params: Any) -> Row:
        path = f"/v2/entity/uniqueAttribute/type/{type_name}"
        answer = self.get(path, **{"attr:qualifiedName": qualified_name}, **params)
        assert answer.status_code == 200, answer.text
        row: Row = answer.json()
        return row

    def walk(self, limit: int, **body: Any) -> Iterator[Row]:
        """All rows by offset, until a page is short."""
        for offset in range(0, 1_000_000, limit):
            page = self.found(**body, limit=limit, offset=offset)
            yield from page
            if len(page) < limit:
                return


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errorCode"]
