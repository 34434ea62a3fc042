"""Each entity type on each line of servers."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, change, names, table
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker

_VERSIONS = [f"1.{minor}.0" for minor in range(14)] + ["2.0.7"]
_COLUMNS = [{"name": "x", "dataType": "INT"}]


def _service(kind: str, name: str) -> dict[str, Any]:
    return {"name": name, "serviceType": kind, "connection": {"config": {"type": kind}}}


# Parents first.
_MINIMAL: dict[str, dict[str, Any]] = {
    "services/databaseServices": _service("Glue", "db"),
    "services/messagingServices": _service("Kinesis", "msg"),
    "services/dashboardServices": _service("Looker", "dash"),
    "services/pipelineServices": _service("GluePipeline", "pipe"),
    "services/storageServices": _service("S3", "store"),
    "services/metadataServices": _service("Atlas", "meta"),
    "databases": {"name": "d", "service": "db"},
    "databaseSchemas": {"name": "s", "database": "db.d"},
    "tables": table("t", "db.d.s"),
    "storedProcedures": {"name": "p", "databaseSchema": "db.d.s", "storedProcedureCode": {"code": "x"}},
    "topics": {"name": "t", "service": "msg", "partitions": 1},
    "charts": {"name": "c", "service": "dash"},
    "dashboard/datamodels": {"name": "m", "service": "dash", "dataModelType": "LookMlView", "columns": _COLUMNS},
    "dashboards": {"name": "d", "service": "dash", "charts": ["dash.c"], "dataModels": ["dash.model.m"]},
    "containers": {"name": "c", "service": "store", "dataModel": {"isPartitioned": False, "columns": _COLUMNS}},
    "pipelines": {"name": "p", "service": "pipe", "tasks": [{"name": "one"}]},
    "domains": {"name": "sales", "description": "words", "domainType": "Aggregate"},
    "classifications": {"name": "Kind", "description": "words"},
    "tags": {"name": "good", "description": "words", "classification": "Kind"},
    "glossaries": {"name": "terms", "description": "words"},
    "glossaryTerms": {"name": "parcel", "description": "words", "glossary": "terms"},
    "users": {"name": "ann", "email": "ann@example.com"},
    "teams": {"name": "crew", "teamType": "Group"},
}
_SINCE_1_2 = {"storedProcedures", "domains"}


@pytest.mark.parametrize("version", _VERSIONS)
def test_every_type_is_created_kept_patched_listed_and_shown_whole(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    old = version in ("1.0.0", "1.1.0")
    for path, body in _MINIMAL.items():
        if old and path in _SINCE_1_2:
            assert api.put(path, body).status_code == 500
            continue
        made = api.put(path, body, token=ADMIN)
        assert (made.status_code, change(made)) == (201, "entityCreated"), (path, made.text)
        assert change(api.put(path, body, token=ADMIN)) == "entityNoChange", path
        one = f"{path}/{made.json()['id']}"
        patched = api.patch(one, {"op": "add", "path": "/displayName", "value": "Shown"}, token=ADMIN)
        assert (patched.status_code, patched.json()["displayName"]) == (200, "Shown"), (path, patched.text)
        assert body["name"] in names(api.get(path, fields="*", limit=100)), path
        assert api.get(one, fields="*").json().keys() >= api.get(one).json().keys(), path
        assert len(api.get(f"{one}/versions").json()["versions"]) == 2
