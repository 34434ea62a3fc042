"""What each type refuses, on each line of servers."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import Api
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import MINIMAL, make_all, minimal

_LINES = ["1.0.5", "1.5.8", "1.12.4", "2.0.7"]
_UNKNOWN = "00000000-0000-4000-8000-000000000000"

# Collection to a property that it can't do without, besides its name.
_REQUIRED = {
    "databases": "service",
    "databaseSchemas": "database",
    "tables": "columns",
    "topics": "partitions",
    "charts": "service",
    "dashboards": "service",
    "dashboard/datamodels": "dataModelType",
    "containers": "service",
    "pipelines": "service",
    "classifications": "description",
    "tags": "description",
    "glossaries": "description",
    "glossaryTerms": "glossary",
    "users": "email",
    "teams": "teamType",
    "services/metadataServices": "serviceType",
}
_WRONG: dict[str, dict[str, Any]] = {
    "services/messagingServices": {"serviceType": "PubSub9"},
    "services/dashboardServices": {"serviceType": "Kinesis"},
    "services/pipelineServices": {"serviceType": "Glue"},
    "services/storageServices": {"serviceType": "S4"},
    "services/metadataServices": {"serviceType": "Atlass"},
    "topics": {"cleanupPolicies": ["keep"]},
    "charts": {"chartType": "Nope"},
    "dashboard/datamodels": {"dataModelType": "Nope"},
    "dashboards": {"charts": {}},
    "containers": {"fileFormats": ["docx"]},
    "pipelines": {"tasks": [{"name": "one", "nope": 1}]},
    "tags": {"provider": "nobody"},
    "teams": {"teamType": "Choir"},
    "users": {"isBot": "perhaps"},
}
# Collection to what it names that is not there.
_MISSING: dict[str, dict[str, Any]] = {
    "databases": {"service": "none"},
    "databaseSchemas": {"database": "db.none"},
    "tables": {"databaseSchema": "db.d.none"},
    "topics": {"service": "none"},
    "charts": {"service": "none"},
    "dashboard/datamodels": {"service": "none"},
    "dashboards": {"charts": ["dash.none"]},
    "containers": {"parent": {"id": _UNKNOWN, "type": "container"}},
    "pipelines": {"service": "none"},
    "tags": {"classification": "None"},
    "glossaryTerms": {"glossary": "none"},
}


@pytest.fixture(params=_LINES)
def version(request: pytest.FixtureRequest) -> str:
    line: str = request.param
    return line


@pytest.fixture
def api(serve: ServerMaker, version: str) -> Api:
    api = serve(version)
    make_all(api, version)
    return api


def _others(body: dict[str, Any], name: str = "other") -> dict[str, Any]:
    mail = {"email": "other@example.com"} if "email" in body else {}
    return {**body, "name": name, **mail}


def test_a_property_that_nobody_knows_refuses_any_type(api: Api, version: str) -> None:
    for path, body in minimal(version).items():
        answer = api.put(path, {**_others(body), "nope": 1})
        assert answer.status_code == 400, path
        assert 'Unrecognized field "nope"' in answer.json()["message"]


def test_what_is_required_is_asked_for(api: Api) -> None:
    for path, name in _REQUIRED.items():
        body = {key: value for key, value in _others(MINIMAL[path]).items() if key != name}
        answer = api.put(path, body)
        assert (answer.status_code, answer.json()["message"]) == (400, f"[{name} must not be null]"), path


def test_a_member_or_value_of_another_kind_is_refused(api: Api) -> None:
    for path, wrong in _WRONG.items():
        assert api.put(path, {**_others(MINIMAL[path]), **wrong}).status_code == 400, path


def test_what_is_named_must_be_there(api: Api) -> None:
    for path, missing in _MISSING.items():
        assert api.put(path, {**_others(MINIMAL[path]), **missing}).status_code == 404, path
        assert api.named(path, "other").status_code == 404


def test_colons_quotes_and_length_are_refused_in_any_name(api: Api, version: str) -> None:
    for path, body in minimal(version).items():
        for name in ("a::b", 'a"b', "", "x" * 257):
            assert api.put(path, _others(body, name)).status_code == 400, (path, name)


def test_a_parent_with_children_is_deleted_only_with_them(api: Api) -> None:
    parents = {
        "services/messagingServices": ("msg", "topics"),
        "services/dashboardServices": ("dash", "charts"),
        "services/pipelineServices": ("pipe", "pipelines"),
        "services/storageServices": ("store", "containers"),
        "classifications": ("Kind", "tags"),
        "glossaries": ("terms", "glossaryTerms"),
    }
    for path, (name, below) in parents.items():
        refused = api.delete(f"{path}/name/{name}")
        assert (refused.status_code, refused.json()["message"].endswith(" is not empty")) == (400, True), path
        assert api.delete(f"{path}/name/{name}", recursive="true").status_code == 200
        assert MINIMAL[below]["name"] not in [one["name"] for one in api.get(below, limit=100).json()["data"]], path


def test_an_unknown_field_and_owner_are_refused_by_any_type(api: Api, version: str) -> None:
    name = "owner" if version == "1.0.5" else "owners"
    nobody: Any = {"id": _UNKNOWN, "type": "user"}
    for path in ("topics", "charts", "dashboards", "dashboard/datamodels", "containers", "pipelines"):
        assert api.get(path, fields="nope").json()["message"] == "Invalid field name nope"
        other = {"owner": "owners", "owners": "owner"}[name]
        assert api.get(path, fields=other).status_code == 400
        owned = {**_others(MINIMAL[path]), name: nobody if name == "owner" else [nobody]}
        assert api.put(path, owned).status_code == 404, path
