"""Atlas against what real servers answered; runs where the recordings lie beside the project."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from ingest_assets.sandbox.atlas import AtlasApp
from ingest_assets.sandbox.company.atlas_model import VERSIONS
from ingest_assets.sandbox.faults import Faults
from ingest_assets_tests.sandbox.atlas_recordings import Row, World, recordings

# What the sandbox has not built: writing, searches in Atlas's own language and by full text, the audit.
_UNBUILT = (
    "scratch", "dsl", "fulltext", "search attribute", "quick", "suggestions", "audit", "delete unknown", "purge",
    "entity after purge", "limited user dsl", "limited user create",
)  # fmt: skip

# Exchanges whose answers have the recorded shape but not every value, each with its reason.
_CUT = "the sandbox knows fewer types, and nothing of what an enum's values mean"
_ORDER = "the order of an index is its own, and a page of it holds others"
_DIFFERENT = {
    "limited user types": _CUT,
    "typedefs entity": _CUT,
    "typedefs enum": _CUT,
    "typedefs headers": _CUT,
    "typedefs headers exclude internal": _CUT,
    "basic all types": "the index counts internal types, of which the servers had others",
    "basic post attributes struct": _ORDER,
    "basic post sortBy qualifiedName": _ORDER,
    "basic post sortBy __guid": _ORDER,
    "basic post marker with classification": _ORDER,
    "basic post marker with query": _ORDER,
    "basic post attributes processes": "of two unknown attributes any may be told",
    "basic post broken json": "the parser's words",
    "relationship guid": "nothing else told when the relationship was made",
    "relationship guid ext": "nothing else told when the relationship was made",
}
_OF_TYPES = ("guid", "createTime", "updateTime", "version", "subTypes")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Replay:
    """Asks the sandbox what a recorded server was asked, in order."""

    def __init__(self, version: str) -> None:
        self.exchanges = recordings(version)
        if not self.exchanges:
            pytest.skip("no recordings; INGEST_ASSETS_CONTRACT names their folder")
        self.app = AtlasApp(World(version, self.exchanges).atlas, Faults())
        self.app.users.add("admin", "admin")
        self.app.users.add("rangertagsync", "rangertagsync")
        self.app.users.add("limited", "limited", entities=("default.*", "default@*"))
        self._markers: dict[str, str] = {}

    def built(self) -> Iterator[Row]:
        return (one for one in self.exchanges if not one["name"].startswith(_UNBUILT))

    def send(self, exchange: Row) -> TestResponse:
        headers = {"Accept": "application/json", **(exchange.get("headers") or {})}
        kind, _, user = (exchange["as"] or "").partition(" ")
        if kind == "basic":
            wrong = exchange["name"].startswith(("wrong password", "unknown user"))
            pair = f"{user}:{'wrong' if wrong else user}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        body = exchange.get("body")
        if isinstance(body, dict) and body.get("marker") in self._markers:
            body = {**body, "marker": self._markers[body["marker"]]}
        sent = None if body is None else body if isinstance(body, str) else json.dumps(body)
        client = Client(self.app, use_cookies=False)
        method, path = exchange["method"], exchange["path"]
        return client.open(path, method=method, headers=headers, data=None if method == "GET" else sent)

    def read(self, exchange: Row, response: TestResponse) -> Any:
        """The body, markers translated: they hide a number that is the server's own."""
        text = response.get_data(as_text=True)
        try:
            answer = json.loads(text) if text else None
        except ValueError:
            return text
        expected = exchange["answer"]
        if isinstance(answer, dict) and "nextMarker" in answer and answer["nextMarker"] != "-1":
            self._markers[expected["nextMarker"]] = answer["nextMarker"]
            answer["nextMarker"] = expected["nextMarker"]
        if isinstance(answer, dict) and "marker" in answer.get("searchParameters", {}):
            answer["searchParameters"]["marker"] = expected["searchParameters"]["marker"]
        return answer


@pytest.fixture(scope="module", params=VERSIONS)
def replay(request: pytest.FixtureRequest) -> Replay:
    return Replay(request.param)


def test_every_recorded_request_is_answered_as_the_real_server_did(replay: Replay) -> None:
    wrong, asked = [], 0
    for exchange in replay.built():
        response = replay.send(exchange)
        got, expected = replay.read(exchange, response), exchange["answer"]
        asked += 1
        if response.status_code != exchange["status"] or not _agrees(exchange["name"], expected, got):
            wrong.append(f"{exchange['name']}: {response.status_code} {json.dumps(got, ensure_ascii=False)[:500]}")
    assert not wrong, "\n".join(wrong)
    assert asked > 230


def test_every_recorded_content_type_is_the_real_servers(replay: Replay) -> None:
    wrong = [
        f"{exchange['name']}: {response.content_type}"
        for exchange in replay.built()
        if (response := replay.send(exchange)).content_type != exchange["type"] and exchange["type"]
    ]
    assert not wrong


def test_what_may_differ_does_differ(replay: Replay) -> None:
    """A reason that no longer holds must go."""
    differing = {
        exchange["name"]
        for exchange in replay.built()
        if exchange["name"] in _DIFFERENT
        and _same(exchange["answer"]) != _same(replay.read(exchange, replay.send(exchange)))
    }
    only_newer = {"basic post broken json"}
    assert differing | only_newer == set(_DIFFERENT) - (
        set() if replay.app.version == "2.4.0" else {"basic post attributes processes"}
    )


def _agrees(name: str, expected: Any, got: Any) -> bool:
    reason = _DIFFERENT.get(name)
    if reason is None:
        return bool(_same(expected) == _same(got))
    if reason is _ORDER:
        rows = ("entities", "referredEntities")
        told = [{key: one for key, one in answer.items() if key not in rows} for answer in (expected, got)]
        return bool(_same(told[0]) == _same(told[1])) and len(expected["entities"]) == len(got["entities"])
    return {one for one in _shapes(expected) if "elementDefs[].description" not in one[0]} <= _shapes(got)


def _same(value: Any) -> Any:
    """A value without what is arbitrary: the order of lists, ids of log entries, and when a type was defined."""
    if isinstance(value, dict):
        kept = {name: _same(one) for name, one in value.items() if "category" not in value or name not in _OF_TYPES}
        return sorted(kept.items())
    if isinstance(value, list):
        return sorted((_same(one) for one in value), key=repr)
    return re.sub(r"logged \(ID [0-9a-f]{16}\)", "logged", value) if isinstance(value, str) else value


def _shapes(value: Any, path: str = "") -> set[tuple[str, str]]:
    """Where there are which kinds of JSON values; guids as keys are one place."""
    if isinstance(value, dict):
        return {(path, "object")}.union(*(_shapes(one, f"{path}.{_GUID.sub('*', key)}") for key, one in value.items()))
    if isinstance(value, list):
        return {(path, "array")}.union(*(_shapes(one, f"{path}[]") for one in value))
    return {(path, "null" if value is None else type(value).__name__)}
