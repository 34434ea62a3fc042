"""What becomes of each key of the recipes of Apache Atlas."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ingest_assets.recipe.verdict import Verdict
from ingest_assets.recipe.verdict import honoured as _yes
from ingest_assets.recipe.verdict import not_honoured as _no

_CONNECTION = "source.serviceConnection.config"
_OPTIONS = "source.sourceConfig.config"
_ENTITY_TYPE = _yes("Narrows which tables are read; topics are read by a type of their own in any case.")
_DRIVER = _no("Atlas's API has no use for it.")
_NOTHING_GOES = _no("What Atlas no longer knows is not gone: its owner's recipe tells that.")
_NOT_IN_ATLAS = _no("Atlas has none.")

ATLAS: Mapping[str, Verdict] = MappingProxyType(
    {
        f"{_CONNECTION}.type": _yes("There is one."),
        f"{_CONNECTION}.hostPort": _yes("Address of Atlas; a gateway's path in it is kept."),
        f"{_CONNECTION}.username": _yes("Signs on with each request."),
        f"{_CONNECTION}.password": _yes("Sent to Atlas only, and along no redirect."),
        f"{_CONNECTION}.token": _yes("Sent to Atlas's gateway in place of user and password."),
        f"{_CONNECTION}.extraHeaders": _yes("Sent along with each request."),
        f"{_CONNECTION}.databaseServiceName": _yes(
            "Where databases, tables and columns are looked for, and nowhere else."
        ),
        f"{_CONNECTION}.messagingServiceName": _yes("Where topics are looked for, and nowhere else."),
        f"{_CONNECTION}.entity_type": _ENTITY_TYPE,
        f"{_CONNECTION}.entityType": _ENTITY_TYPE,
        f"{_CONNECTION}.connectionOptions": _DRIVER,
        f"{_CONNECTION}.connectionArguments": _DRIVER,
        f"{_CONNECTION}.supportsMetadataExtraction": _no("A switch of OpenMetadata's UI."),
        f"{_OPTIONS}.type": _yes("There is one."),
        f"{_OPTIONS}.markDeletedTables": _NOTHING_GOES,
        f"{_OPTIONS}.markDeletedSchemas": _NOTHING_GOES,
        f"{_OPTIONS}.markDeletedDatabases": _NOTHING_GOES,
        f"{_OPTIONS}.markDeletedStoredProcedures": _NOTHING_GOES,
        f"{_OPTIONS}.markAllDeletedTables": _NOTHING_GOES,
        f"{_OPTIONS}.includeTables": _no("Atlas's types say what is read (entity_type), not what is a view."),
        f"{_OPTIONS}.includeViews": _no("Atlas's types say what is read (entity_type), not what is a view."),
        f"{_OPTIONS}.includeTags": _yes("Classifications and labels become tags, and glossaries' terms terms."),
        f"{_OPTIONS}.includeCustomProperties": _no("Not yet: business metadata is told of in a note."),
        f"{_OPTIONS}.includeOwners": _yes("Owners, if a user or team of OpenMetadata matches."),
        f"{_OPTIONS}.ownerConfig": _no("Not yet: owners come from Atlas (includeOwners)."),
        f"{_OPTIONS}.includeStoredProcedures": _NOT_IN_ATLAS,
        f"{_OPTIONS}.storedProcedureFilterPattern": _NOT_IN_ATLAS,
        f"{_OPTIONS}.includeDDL": _no("Only the recipe that owns a table keeps what made it."),
        f"{_OPTIONS}.overrideMetadata": _yes(
            "What the source says replaces what people set; where it says nothing, theirs stays."
        ),
        f"{_OPTIONS}.overrideOwner": _yes("Owners are read, and replace those that people set."),
        f"{_OPTIONS}.overrideViewLineage": _no("Lineage is compared; edges that are gone are dropped."),
        f"{_OPTIONS}.queryLogDuration": _no("Atlas keeps no query log; processes tell the queries."),
        f"{_OPTIONS}.queryParsingTimeoutLimit": _no("No query is parsed: Atlas knows what it joins."),
        f"{_OPTIONS}.viewParsingTimeoutLimit": _no("No query is parsed: Atlas knows what it joins."),
        f"{_OPTIONS}.useFqnForFiltering": _no("Which database of OpenMetadata a table lies in, Atlas does not know."),
        f"{_OPTIONS}.pushDownFilter": _no("Atlas's own filter can't be asked for databases."),
        f"{_OPTIONS}.databaseFilterPattern": _yes(
            "Keeps and drops by the names of Atlas's databases, which are schemas in OpenMetadata."
        ),
        f"{_OPTIONS}.schemaFilterPattern": _yes("The same; of relational databases it sees schemas."),
        f"{_OPTIONS}.tableFilterPattern": _yes("Keeps and drops tables and views."),
        f"{_OPTIONS}.topicFilterPattern": _yes("Keeps and drops topics."),
        f"{_OPTIONS}.threads": _yes("Listings that are read side by side."),
        f"{_OPTIONS}.incremental": _no("Searches list in full; what did not change costs nothing further."),
        f"{_OPTIONS}.extractJsonSchema": _no("Rows are never read."),
        f"{_OPTIONS}.jsonSchemaSampleSize": _no("Rows are never read."),
        "dagster.source.create": _yes("Makes what the named services lack, and them too; what is there stays others'."),
        "dagster.source.database_name": _yes(
            "With create: the database in which Hive's databases are made, as schemas."
        ),
        "dagster.source.clusters": _yes(
            "Tells services of several clusters apart; what is of none of them is left out."
        ),
        "dagster.source.include_propagated": _yes("Without it only what a classification was put on has it."),
        "dagster.source.pipelines": _yes("Processes become pipelines of that service, and lineage leads through them."),
        "dagster.source.include_lineage": _yes("Processes become lineage between what they read and write."),
        "dagster.source.ca_file": _yes("Checks Atlas's certificate."),
        "dagster.source.client_certificate": _yes("Shown to an Atlas, or a gateway, that asks for one."),
        "dagster.source.client_key": _yes("Proves that the certificate is ours."),
    }
)
