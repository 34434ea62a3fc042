"""What becomes of each key of a recipe: tables by source, read by ``lint``.

A key without an entry of its own has that of the nearest key above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ingest_assets.recipe.atlas_verdicts import ATLAS
from ingest_assets.recipe.dashboard_verdicts import LOOKER, QUICKSIGHT
from ingest_assets.recipe.dbt_verdicts import DBT
from ingest_assets.recipe.verdict import Verdict
from ingest_assets.recipe.verdict import honoured as _yes
from ingest_assets.recipe.verdict import not_honoured as _no

_UI_SWITCH = _no("A switch of OpenMetadata's UI.")
_DRIVER = _no("Glue's API has no use for it.")
_UI_PATTERN = _no("What the UI offers for new pipelines; the patterns under sourceConfig count.")
_PROCEDURES = _no("Glue has no stored procedures.")
_QUERIES = _no("Glue keeps no query log.")
_REMOVAL = _yes(
    "Soft-deletes what a listing that was read whole no longer shows, once the source, asked for it by name, says that "
    "it is not there."
)
_REINDEXING = _no("Belongs to the server's reindexing workflow.")

_SECURITY = "workflowConfig.openMetadataServerConfig.securityConfig"
_SIGN_ON: Mapping[str, Verdict] = MappingProxyType(
    {
        "jwtToken": _yes("Sent to the server only."),
        "clientId": _yes("Who asks the identity provider for a token."),
        "clientSecret": _yes("Sent to the identity provider only."),
        "secretKey": _yes("Sent to the identity provider only; google's signs, and is not sent."),
        "domain": _yes("Where the token is asked for; with custom-oidc, where OpenID discovery begins."),
        "tokenEndpoint": _yes("Where the token is asked for."),
        "authority": _yes("The tenant that is asked for the token."),
        "scopes": _yes("Asked for with the token."),
        "audience": _yes("Whom the token is for."),
        "orgURL": _yes("Where the token is asked for."),
        "privateKey": _yes("Signs the request for a token, and is not sent."),
        "email": _yes("Who logs in."),
        "password": _yes("Sent to the server's log-in only."),
    }
)

SHARED: Mapping[str, Verdict] = MappingProxyType(
    {
        "source.type": _yes("Says which source runs."),
        "source.serviceName": _yes("The service in OpenMetadata, and the assets' group."),
        "sink.type": _yes("There is one sink: the OpenMetadata API."),
        "sink.config": _no("Batches follow what the server can take."),
        "workflowConfig.loggerLevel": _yes(
            "What the run's log on the console holds, if it is no variable; the UI filters its own view."
        ),
        "workflowConfig.raiseOnError": _no("A run always fails when one of its blocking checks fails."),
        "workflowConfig.successThreshold": _yes("The failed_ratio check fails below it."),
        "workflowConfig.config": _no("Belongs to OpenMetadata's own runner."),
        "workflowConfig.openMetadataServerConfig.hostPort": _yes("Address of the API."),
        "workflowConfig.openMetadataServerConfig.authProvider": _yes(
            "Says who gives the token; a jwtToken signs on alone."
        ),
        **{f"{_SECURITY}.{key}": verdict for key, verdict in _SIGN_ON.items()},
        "workflowConfig.openMetadataServerConfig.verifySSL": _yes("How the server's certificate is checked."),
        "workflowConfig.openMetadataServerConfig.sslConfig": _yes(
            "File of the authority that signed the server's certificate, and perhaps the identity provider's."
        ),
        "workflowConfig.openMetadataServerConfig.sslConfig.sslCertificate": _yes(
            "Shown to a server, or a gateway before it, that asks for one."
        ),
        "workflowConfig.openMetadataServerConfig.sslConfig.sslKey": _yes("Proves that the certificate is ours."),
        "workflowConfig.openMetadataServerConfig.apiVersion": _no("v1 is the only one that servers have."),
        "workflowConfig.openMetadataServerConfig.extraHeaders": _yes("Sent along with each request."),
        "workflowConfig.openMetadataServerConfig.type": _yes("There is one."),
        "workflowConfig.openMetadataServerConfig.clusterName": _no("It is part of no entity's name."),
        "workflowConfig.openMetadataServerConfig.storeServiceConnection": _no(
            "The connection never goes to the server: its secrets stay here."
        ),
        "workflowConfig.openMetadataServerConfig.forceEntityOverwriting": _no(
            "Services are compared and updated like everything else."
        ),
        "workflowConfig.openMetadataServerConfig.enableVersionValidation": _no(
            "The server's version is always asked for, and the requests fitted to it."
        ),
        "workflowConfig.openMetadataServerConfig.secretsManagerProvider": _no(
            "Secrets come from ${NAME}, ${file:...} and ${aws-secretsmanager:...}."
        ),
        "workflowConfig.openMetadataServerConfig.secretsManagerLoader": _no(
            "Secrets come from ${NAME}, ${file:...} and ${aws-secretsmanager:...}."
        ),
        "workflowConfig.openMetadataServerConfig.supportsDataInsightExtraction": _UI_SWITCH,
        "workflowConfig.openMetadataServerConfig.supportsElasticSearchReindexingExtraction": _UI_SWITCH,
        "workflowConfig.openMetadataServerConfig.elasticsSearch": _REINDEXING,
        "workflowConfig.openMetadataServerConfig.limitRecords": _REINDEXING,
        "ingestionPipelineFQN": _no("Runs are recorded in Dagster, not as a pipeline of the server."),
        "pipelineRunId": _no("Runs are recorded in Dagster, not as a pipeline of the server."),
        "enableStreamableLogs": _no("Logs are kept by Dagster."),
        "dagster.job": _yes("What the recipe's job is called."),
        "dagster.job.description": _yes("What the job's page says."),
        "dagster.schedule": _yes("The schedule of the recipe's job; off until started: true."),
        "dagster.timezone": _yes("Time zone of the schedule."),
        "dagster.started": _yes("Whether the schedule is on with the deployment."),
        "dagster.retries": _yes("Attempts after a failure that a retry can mend."),
        "dagster.timeout": _yes("The run's deadline."),
        "dagster.owners": _yes("Owners of the assets in Dagster."),
        "dagster.alerts": _yes("Who hears of failed runs, by mail or Slack, with on_failure: true."),
        "dagster.stale": _yes("Ceiling: of a run that would remove more, nothing goes until approve_stale names it."),
        "dagster.stale.max_percent": _yes(
            "Percent of the live entities, from ten of them up, that a run removes without approval; a source that "
            "shrinks by more is warned of."
        ),
        "dagster.stale.max_count": _yes("Entities, with all below them, that a run removes without approval."),
        "dagster.full_listing": _yes("How often the server is listed although its change events tell what happened."),
        "dagster.keep_deleted": _yes(
            "On: what a person deleted in OpenMetadata stays deleted. Off: it is restored while the source has it."
        ),
    }
)

_CONNECTION = "source.serviceConnection.config"
_OPTIONS = "source.sourceConfig.config"


def _aws(service: str, config: str = f"{_CONNECTION}.awsConfig") -> Mapping[str, Verdict]:
    """Keys of the sources in AWS."""
    return {
        f"{config}.enabled": _no("IAM sign-on to databases; AWS requests are always signed."),
        f"{config}.awsAccessKeyId": _yes("Signs the requests."),
        f"{config}.awsSecretAccessKey": _yes("Signs the requests."),
        f"{config}.awsSessionToken": _yes("Signs the requests."),
        f"{config}.awsRegion": _yes("Region that is read."),
        f"{config}.endPointURL": _yes(f"Address of {service} only; its path is kept."),
        f"{config}.profileName": _yes("Whose credentials sign, if there are no keys."),
        f"{config}.assumeRoleArn": _yes("The role that reads; its credentials are renewed while a run lasts."),
        f"{config}.assumeRoleSessionName": _yes("Name of the role's session, with assumeRoleArn."),
        f"{config}.assumeRoleSourceIdentity": _yes("Source identity of the role's session, with assumeRoleArn."),
        "dagster.source.assumeRoleExternalId": _yes("Shown to the role's trust policy, with assumeRoleArn."),
        "dagster.source.assumeRoleDurationSeconds": _yes("How long the role's credentials last, with assumeRoleArn."),
        "dagster.source.stsEndpointUrl": _yes("Address of STS, which roles are asked of."),
    }


_GLUE: Mapping[str, Verdict] = MappingProxyType(
    {
        f"{_CONNECTION}.type": _yes("There is one."),
        **_aws("Glue"),
        f"{_CONNECTION}.databaseName": _yes("Label of the account's own catalog; it hides nothing."),
        f"{_CONNECTION}.connectionOptions": _DRIVER,
        f"{_CONNECTION}.connectionArguments": _DRIVER,
        f"{_CONNECTION}.databaseFilterPattern": _UI_PATTERN,
        f"{_CONNECTION}.schemaFilterPattern": _UI_PATTERN,
        f"{_CONNECTION}.tableFilterPattern": _UI_PATTERN,
        f"{_CONNECTION}.supportsMetadataExtraction": _UI_SWITCH,
        f"{_CONNECTION}.supportsDBTExtraction": _UI_SWITCH,
        f"{_OPTIONS}.type": _yes("There is one."),
        f"{_OPTIONS}.markDeletedTables": _REMOVAL,
        f"{_OPTIONS}.markDeletedSchemas": _REMOVAL,
        f"{_OPTIONS}.markDeletedDatabases": _REMOVAL,
        f"{_OPTIONS}.markDeletedStoredProcedures": _PROCEDURES,
        f"{_OPTIONS}.markAllDeletedTables": _no("Tables of a schema that is gone go with markDeletedTables."),
        f"{_OPTIONS}.includeTables": _yes("Tables that are left out count as filtered, never as gone."),
        f"{_OPTIONS}.includeViews": _yes("Views that are left out count as filtered, never as gone."),
        f"{_OPTIONS}.includeDDL": _yes(
            "Statements that make tables, composed as Athena does; the SQL of views is kept with includeViews."
        ),
        f"{_OPTIONS}.includeOwners": _yes("Owner of a table, if a user or team of OpenMetadata matches."),
        f"{_OPTIONS}.includeTags": _yes(
            "Lake Formation's tags of databases, tables and columns, inherited ones too, if the role may see them."
        ),
        f"{_OPTIONS}.includeCustomProperties": _no("Glue has no custom properties."),
        f"{_OPTIONS}.ownerConfig": _no("Not yet: owners come from Glue (includeOwners)."),
        f"{_OPTIONS}.includeStoredProcedures": _PROCEDURES,
        f"{_OPTIONS}.storedProcedureFilterPattern": _PROCEDURES,
        f"{_OPTIONS}.overrideMetadata": _yes(
            "What the source says replaces what people set; where it says nothing, theirs stays."
        ),
        f"{_OPTIONS}.overrideOwner": _yes("Owners are read, and replace those that people set."),
        f"{_OPTIONS}.overrideViewLineage": _no("Lineage of views is compared; edges that are gone are dropped."),
        f"{_OPTIONS}.queryLogDuration": _QUERIES,
        f"{_OPTIONS}.queryParsingTimeoutLimit": _QUERIES,
        f"{_OPTIONS}.viewParsingTimeoutLimit": _no("SQL of views is parsed in this process, by size and not by time."),
        f"{_OPTIONS}.useFqnForFiltering": _yes("Patterns see fully qualified names."),
        f"{_OPTIONS}.pushDownFilter": _no("Glue's own filter has another syntax and another meaning."),
        f"{_OPTIONS}.databaseFilterPattern": _yes("Keeps and drops catalogs."),
        f"{_OPTIONS}.schemaFilterPattern": _yes("Keeps and drops Glue databases."),
        f"{_OPTIONS}.tableFilterPattern": _yes("Keeps and drops tables and views."),
        f"{_OPTIONS}.threads": _yes("Glue databases that are read side by side."),
        f"{_OPTIONS}.incremental": _no("Glue lists in full; what did not change costs nothing further."),
        f"{_OPTIONS}.extractJsonSchema": _no("Rows are never read."),
        f"{_OPTIONS}.jsonSchemaSampleSize": _no("Rows are never read."),
        "dagster.source.catalog_ids": _yes("Catalogs to read."),
        "dagster.source.regions": _yes("Regions to read besides awsRegion; catalogs there are called after them, too."),
        "dagster.source.accounts": _yes("Accounts to read besides the credentials' own, each by a role of its own."),
        "dagster.source.events_queue": _yes("The sensor events runs what the queue's events touch."),
        "dagster.source.storage_services": _yes(
            "Lineage from the containers of these services to the tables whose data lies there."
        ),
    }
)

_KINESIS: Mapping[str, Verdict] = MappingProxyType(
    {
        f"{_CONNECTION}.type": _yes("There is one."),
        **_aws("Kinesis"),
        f"{_CONNECTION}.topicFilterPattern": _UI_PATTERN,
        f"{_CONNECTION}.supportsMetadataExtraction": _UI_SWITCH,
        f"{_OPTIONS}.type": _yes("There is one."),
        f"{_OPTIONS}.topicFilterPattern": _yes("Keeps and drops streams; what is dropped costs no further call."),
        f"{_OPTIONS}.generateSampleData": _yes("Shows some messages of each stream, within dagster.source.sample."),
        f"{_OPTIONS}.markDeletedTopics": _REMOVAL,
        f"{_OPTIONS}.overrideMetadata": _yes(
            "What the source says replaces what people set; where it says nothing, theirs stays."
        ),
        "dagster.source.firehose": _yes("Delivery streams become pipelines of the service that it names."),
        "dagster.source.firehose.filter_pattern": _yes("Keeps and drops delivery streams."),
        "dagster.source.firehose.mark_deleted": _REMOVAL,
        "dagster.source.firehose.storage_services": _yes("Where the containers of deliveries are looked for."),
        "dagster.source.firehose.database_services": _yes("Where the tables of deliveries are looked for."),
        "dagster.source.include_tags": _yes("Tags of streams become tags, and one of them names the owner."),
        "dagster.source.owner_tag": _yes("Tag whose value is the owner, if a user or team of OpenMetadata matches."),
        "dagster.source.schema_registries": _yes("Where a schema is looked for that is called as its stream is."),
        "dagster.source.sample": _yes("How much generateSampleData reads and shows."),
    }
)

_BY_SOURCE: Mapping[str, Mapping[str, Verdict]] = MappingProxyType(
    {
        "glue": _GLUE,
        "kinesis": _KINESIS,
        "quicksight": {**_aws("QuickSight"), **QUICKSIGHT},
        "looker": LOOKER,
        "atlas": ATLAS,
        "dbt": {**_aws("S3", f"{_OPTIONS}.dbtConfigSource.dbtSecurityConfig"), **DBT},
    }
)


def verdicts_of(source_type: str) -> Mapping[str, Verdict]:
    """The table of one source: what all share, and what is its own."""
    return {**SHARED, **_BY_SOURCE[source_type]}
