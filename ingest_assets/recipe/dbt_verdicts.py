"""What becomes of each key of the recipes of dbt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ingest_assets.recipe.verdict import Verdict
from ingest_assets.recipe.verdict import honoured as _yes
from ingest_assets.recipe.verdict import not_honoured as _no

_OPTIONS = "source.sourceConfig.config"
_ARTIFACTS = f"{_OPTIONS}.dbtConfigSource"
_MANIFEST = _yes("Models, sources, seeds, snapshots and exposures; read as a stream.")
_CATALOG = _yes("Types and order of columns; without it a note tells so.")
_RESULTS = _yes("Tests that did not pass are told in a note; nothing is written for them.")
_FRESHNESS = _yes("Sources that are late are told in a note; nothing is written for them.")

DBT: Mapping[str, Verdict] = MappingProxyType(
    {
        f"{_OPTIONS}.type": _yes("There is one."),
        f"{_ARTIFACTS}.dbtConfigType": _yes("The way to the artifacts; gcs and azure are refused."),
        f"{_ARTIFACTS}.dbtManifestFilePath": _MANIFEST,
        f"{_ARTIFACTS}.dbtCatalogFilePath": _CATALOG,
        f"{_ARTIFACTS}.dbtRunResultsFilePath": _RESULTS,
        f"{_ARTIFACTS}.dbtSourcesFilePath": _FRESHNESS,
        f"{_ARTIFACTS}.dbtManifestHttpPath": _MANIFEST,
        f"{_ARTIFACTS}.dbtCatalogHttpPath": _CATALOG,
        f"{_ARTIFACTS}.dbtRunResultsHttpPath": _RESULTS,
        f"{_ARTIFACTS}.dbtSourcesHttpPath": _FRESHNESS,
        f"{_ARTIFACTS}.dbtPrefixConfig.dbtBucketName": _yes("The bucket."),
        f"{_ARTIFACTS}.dbtPrefixConfig.dbtObjectPrefix": _yes("Each folder below it that holds a manifest is read."),
        f"{_ARTIFACTS}.dbtCloudAuthToken": _yes("Sent to dbt Cloud only, and along no redirect."),
        f"{_ARTIFACTS}.dbtCloudAccountId": _yes("The account whose runs are looked at."),
        f"{_ARTIFACTS}.dbtCloudProjectId": _yes("Of its runs the latest good one counts."),
        f"{_ARTIFACTS}.dbtCloudJobId": _yes("Of its runs the latest good one counts."),
        f"{_ARTIFACTS}.dbtCloudUrl": _yes("Address of dbt Cloud."),
        f"{_OPTIONS}.dbServiceNames": _yes("Where tables are looked for; without any, in serviceName."),
        f"{_OPTIONS}.dbtUpdateDescriptions": _yes("dbt's descriptions replace others'; where it has none, these stay."),
        f"{_OPTIONS}.dbtUpdateOwners": _yes("meta.owner, else a group's owner, replaces owners that others set."),
        f"{_OPTIONS}.overrideLineage": _no("Lineage is compared; edges that are gone are dropped."),
        f"{_OPTIONS}.includeTags": _yes("Tags of tables and columns, and tier and glossary of meta.openmetadata."),
        f"{_OPTIONS}.dbtClassificationName": _yes("The classification of dbt's tags."),
        f"{_OPTIONS}.searchAcrossDatabases": _yes("A table of which the services have several is told, and not taken."),
        f"{_OPTIONS}.parsingTimeoutLimit": _no("SQL is parsed in this process, by size and not by time."),
        f"{_OPTIONS}.databaseFilterPattern": _yes("Keeps and drops by the manifest's databases."),
        f"{_OPTIONS}.schemaFilterPattern": _yes("Keeps and drops by the manifest's schemas."),
        f"{_OPTIONS}.tableFilterPattern": _yes("Keeps and drops by names of tables."),
        "dagster.source.dagster_dbt_keys": _yes("The models' asset keys come before this recipe's first asset."),
    }
)
