"""What the real server has and the sandbox lacks: it answers 501, never an empty list."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.sandbox.openmetadata.answers import Answer, not_provided
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.entity_types import EntityType
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.versions import Line

_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_RESOURCES = """
analytics apiCollections apiEndpoints apps automations bots collections contextCenter dataContracts dataInsights
dataProducts dataQuality docStore drives elasticsearch feed governance kpi limits mcp metrics mlmodels
permissions personas policies queries rdf report reports scim search searchIndexes suggestions
testCases testSuites util webanalytics webhook workflowDefinitions workflowInstances
"""
_PATHS = (
    "lineage/getLineage",
    "services/apiServices",
    "services/ingestionPipelines",
    "services/mlmodelServices",
    "services/searchServices",
    "services/testConnectionDefinitions",
    "system/config/auth",
    "system/config/authorizer",
    "system/config/jwks",
    "system/settings",
    "system/status",
    "users/login",
    "users/refresh",
)
# Below one entity of a collection.
_PARTS = """
followers vote dataModel tableProfile tableProfilerConfig joins customMetric addColumn export
import
"""


def missing_resource(segments: list[str]) -> bool:
    """Whether a path belongs to a resource of the real server that the sandbox lacks as a whole."""
    return bool(segments) and segments[0] in _RESOURCES.split()


def missing_parts(line: Line, kinds: list[EntityType]) -> Iterator[Route]:
    """Routes of parts that the sandbox lacks, of resources that it has."""
    paths = [*_PATHS]
    for kind in kinds:
        paths.extend(f"{kind.path}/{{id}}/{part}" for part in _PARTS.split())
        if kind.read_only:
            paths.extend((kind.path, f"{kind.path}/{{id}}", f"{kind.path}/name/{{fqn}}"))
        if line.version >= (1, 7, 0):
            paths.append(f"{kind.path}/async/{{id}}")
        if line.version >= (1, 12, 0):
            paths.append(f"{kind.path}/history")
    for path in paths:
        for verb in _VERBS:
            yield Route(verb, path, _refuse)


def _refuse(_call: Call) -> Answer:
    raise not_provided("this part of the API")
