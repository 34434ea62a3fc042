"""Stored connections of services: known properties, filled-in flags, masked secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import bad_request
from ingest_assets.sandbox.openmetadata.versions import Line

MASK = "*********"

_AWS = frozenset(
    {
        "enabled",
        "awsAccessKeyId",
        "awsSecretAccessKey",
        "awsRegion",
        "awsSessionToken",
        "endPointURL",
        "profileName",
        "assumeRoleArn",
        "assumeRoleSessionName",
        "assumeRoleSourceIdentity",
    }
)
_DASHBOARD_FILTERS = "dashboardFilterPattern chartFilterPattern dataModelFilterPattern projectFilterPattern "
# What the connection class of a service type takes; types that are not here take anything.
_KNOWN = {
    "Glue": "type awsConfig databaseName connectionOptions connectionArguments schemaFilterPattern "
    "tableFilterPattern databaseFilterPattern supportsMetadataExtraction supportsDBTExtraction",
    "Kinesis": "type awsConfig topicFilterPattern supportsMetadataExtraction",
    "QuickSight": "type awsConfig awsAccountId identityType namespace supportsMetadataExtraction " + _DASHBOARD_FILTERS,
    "Looker": "type clientId clientSecret hostPort githubCredentials gitCredentials "
    "supportsMetadataExtraction " + _DASHBOARD_FILTERS,
    "Atlas": "type hostPort username password databaseServiceName messagingServiceName entity_type "
    "supportsMetadataExtraction",
    "S3": "type awsConfig bucketNames connectionOptions connectionArguments supportsMetadataExtraction "
    "containerFilterPattern",
    "CustomDatabase": "type sourcePythonClass connectionOptions supportsMetadataExtraction",
    "CustomMessaging": "type sourcePythonClass connectionOptions supportsMetadataExtraction",
    "CustomDashboard": "type sourcePythonClass connectionOptions supportsMetadataExtraction",
    "CustomPipeline": "type sourcePythonClass connectionOptions supportsMetadataExtraction",
    "CustomStorage": "type sourcePythonClass connectionOptions supportsMetadataExtraction",
}
_SECRETS = frozenset({"awsSecretAccessKey", "awsSessionToken", "clientSecret", "password", "token", "privateKey"})


def stored_connection(line: Line, request: Mapping[str, Any], stored: Mapping[str, Any] | None) -> Any:
    """The connection to keep: checked, with the server's flags, and with stored secrets in place of masks.

    Raises:
        Refused: A property that the connection of this service type does not have.
    """
    connection = request["connection"]
    config = connection.get("config")
    if config is None:
        return connection
    kind = request["serviceType"]
    if not _fits(kind, config):
        raise bad_request(_misfit(line, request["name"], kind))
    return {
        **connection,
        "config": {"supportsMetadataExtraction": True, **_unmasked(config, (stored or {}).get("config", {}))},
    }


def _fits(kind: str, config: Mapping[str, Any]) -> bool:
    known = _KNOWN.get(kind)
    if known is None:
        return True
    aws = config.get("awsConfig")
    return config.keys() <= set(known.split()) and (not isinstance(aws, dict) or aws.keys() <= _AWS)


def _misfit(line: Line, name: str, kind: str) -> str:
    if line.has("optional connection"):
        return f"Failed to convert [{name}] to type [{kind}]. Review the connection."
    return (
        f"InvalidServiceConnectionException for service [{kind}] due to "
        f"[Failed to encrypt connection instance of {kind}]."
    )


def _unmasked(config: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in config.items():
        before = stored.get(name)
        if isinstance(value, dict):
            shown[name] = _unmasked(value, before if isinstance(before, dict) else {})
        else:
            shown[name] = before if value == MASK and before is not None else value
    return shown


def masked(value: Any, name: str = "") -> Any:
    """A connection as people see it."""
    if isinstance(value, dict):
        return {key: masked(item, key) for key, item in value.items()}
    return MASK if name in _SECRETS and value else value
