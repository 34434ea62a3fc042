"""One entity of each type, parents first."""

from __future__ import annotations

from typing import Any

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, table

Body = dict[str, Any]

COLUMNS = [{"name": "x", "dataType": "INT"}]
FIELDS = [{"name": "f", "dataType": "STRING"}]
SCHEMA = {"schemaType": "JSON", "schemaText": "{}", "schemaFields": FIELDS}


def service(kind: str, name: str) -> Body:
    """A ``Create…Service`` request with the smallest connection of its type."""
    return {"name": name, "serviceType": kind, "connection": {"config": {"type": kind}}}


MINIMAL: dict[str, Body] = {
    "services/databaseServices": service("Glue", "db"),
    "services/messagingServices": service("Kinesis", "msg"),
    "services/dashboardServices": service("Looker", "dash"),
    "services/pipelineServices": service("GluePipeline", "pipe"),
    "services/storageServices": service("S3", "store"),
    "services/metadataServices": service("Atlas", "meta"),
    "databases": {"name": "d", "service": "db"},
    "databaseSchemas": {"name": "s", "database": "db.d"},
    "tables": table("t", "db.d.s", columns=COLUMNS),
    "storedProcedures": {"name": "p", "databaseSchema": "db.d.s", "storedProcedureCode": {"code": "x"}},
    "topics": {"name": "t", "service": "msg", "partitions": 1, "messageSchema": SCHEMA},
    "charts": {"name": "c", "service": "dash"},
    "dashboard/datamodels": {"name": "m", "service": "dash", "dataModelType": "LookMlView", "columns": COLUMNS},
    "dashboards": {"name": "d", "service": "dash", "charts": ["dash.c"], "dataModels": ["dash.model.m"]},
    "containers": {"name": "c", "service": "store", "dataModel": {"isPartitioned": False, "columns": COLUMNS}},
    "pipelines": {"name": "p", "service": "pipe", "tasks": [{"name": "one"}]},
    "domains": {"name": "sales", "description": "words", "domainType": "Aggregate"},
    "classifications": {"name": "Kind", "description": "words"},
    "tags": {"name": "good", "description": "words", "classification": "Kind"},
    "glossaries": {"name": "terms", "description": "words"},
    "glossaryTerms": {"name": "parcel", "description": "words", "glossary": "terms"},
    "users": {"name": "ann", "email": "ann@example.com"},
    "teams": {"name": "crew", "teamType": "Group"},
}
SINCE_1_2 = frozenset({"storedProcedures", "domains"})


def minimal(version: str) -> dict[str, Body]:
    """The smallest request of each collection that a server of this version has, parents first."""
    old = version.startswith(("1.0.", "1.1."))
    return {path: body for path, body in MINIMAL.items() if not (old and path in SINCE_1_2)}


def make_all(api: Api, version: str) -> dict[str, Body]:
    """Make one entity of each type; the answers by collection."""
    made = {}
    for path, body in minimal(version).items():
        answer = api.put(path, body, token=ADMIN)
        assert answer.status_code == 201, (path, answer.text)
        made[path] = answer.json()
    return made
