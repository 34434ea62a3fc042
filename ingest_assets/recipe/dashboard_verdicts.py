"""What becomes of each key of the recipes of dashboard services."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ingest_assets.recipe.verdict import Verdict
from ingest_assets.recipe.verdict import honoured as _yes
from ingest_assets.recipe.verdict import not_honoured as _no

_CONNECTION = "source.serviceConnection.config"
_OPTIONS = "source.sourceConfig.config"
_UI_PATTERN = _no("What the UI offers for new pipelines; the patterns under sourceConfig count.")
_REMOVAL = _yes(
    "Soft-deletes what a listing that was read whole no longer shows, once the source, asked for it by name, says that "
    "it is not there."
)
_PLACES = _yes("Where tables are looked for; everywhere that fits without it.")

DASHBOARDS: Mapping[str, Verdict] = MappingProxyType(
    {
        f"{_CONNECTION}.type": _yes("There is one."),
        f"{_CONNECTION}.dashboardFilterPattern": _UI_PATTERN,
        f"{_CONNECTION}.chartFilterPattern": _UI_PATTERN,
        f"{_CONNECTION}.dataModelFilterPattern": _UI_PATTERN,
        f"{_CONNECTION}.projectFilterPattern": _UI_PATTERN,
        f"{_CONNECTION}.supportsMetadataExtraction": _no("A switch of OpenMetadata's UI."),
        f"{_OPTIONS}.type": _yes("There is one."),
        f"{_OPTIONS}.dbServiceNames": _PLACES,
        f"{_OPTIONS}.lineageInformation": _PLACES,
        f"{_OPTIONS}.dashboardFilterPattern": _yes(
            "Keeps and drops dashboards by their titles; what is dropped costs no further call, and is never gone."
        ),
        f"{_OPTIONS}.chartFilterPattern": _yes("Keeps and drops charts by their titles."),
        f"{_OPTIONS}.dataModelFilterPattern": _yes("Keeps and drops data models."),
        f"{_OPTIONS}.projectFilterPattern": _yes(
            "Keeps and drops dashboards by the path of the folders that they lie in; one of several folders is enough."
        ),
        f"{_OPTIONS}.includeOwners": _yes("Owners, if a user or team of OpenMetadata matches."),
        f"{_OPTIONS}.includeTags": _yes("Tags become tags of OpenMetadata."),
        f"{_OPTIONS}.includeDataModels": _yes("Without them there is no lineage."),
        f"{_OPTIONS}.includeDraftDashboard": _yes("Dashboards that readers can't see count as filtered without it."),
        f"{_OPTIONS}.markDeletedDashboards": _REMOVAL,
        f"{_OPTIONS}.markDeletedCharts": _REMOVAL,
        f"{_OPTIONS}.markDeletedDataModels": _REMOVAL,
        f"{_OPTIONS}.overrideOwner": _yes("Owners are read, and replace those that people set."),
        f"{_OPTIONS}.overrideMetadata": _yes(
            "What the source says replaces what people set; where it says nothing, theirs stays."
        ),
        f"{_OPTIONS}.overrideLineage": _no("Lineage is compared; edges that are gone are dropped."),
        f"{_OPTIONS}.queryParserConfig": _no("There is one parser: sqlglot, in the dialect of the database."),
        f"{_OPTIONS}.threads": _yes("Dashboards and data models that are asked about side by side."),
    }
)
"""Keys that all dashboard services share."""

QUICKSIGHT: Mapping[str, Verdict] = MappingProxyType(
    {
        **DASHBOARDS,
        f"{_CONNECTION}.awsAccountId": _yes("The account whose QuickSight is read."),
        f"{_CONNECTION}.identityType": _no(
            "How readers of embedded dashboards sign in; metadata is read with awsConfig's credentials. ANONYMOUS is "
            "refused without a namespace."
        ),
        f"{_CONNECTION}.namespace": _yes("Only its users and groups may be owners; any namespace's without it."),
        f"{_OPTIONS}.includeUsage": _no("QuickSight does not tell how often dashboards are looked at."),
        "dagster.source.include_analyses": _yes("Analyses become dashboards of type Report."),
        "dagster.source.events_queue": _yes("The sensor events runs what the queue's events touch."),
        "dagster.source.include_refreshes": _yes("Notes name data sets whose last refresh in SPICE failed."),
        "dagster.source.data_sources": _yes(
            "Where the tables of a data source are, before dbServiceNames: a service, or service.database."
        ),
    }
)
"""Keys of QuickSight, but for those that all sources in AWS share."""

_GIT: Mapping[str, Verdict] = MappingProxyType(
    {
        "": _yes("The repository of LookML: views, and lineage to tables."),
        ".type": _yes("Kind of host."),
        ".gitHostURL": _yes("Address of the host."),
        ".repositoryOwner": _yes("Whose repository."),
        ".repositoryName": _yes("The repository; several are divided by commas."),
        ".token": _yes(
            "Sent to the host of that owner only. It needs Contents: read, and for public repositories none."
        ),
        ".branch": _yes("Which branch, tag or commit is read."),
        ".url": _yes("Any other repository, or a folder."),
    }
)

LOOKER: Mapping[str, Verdict] = MappingProxyType(
    {
        **DASHBOARDS,
        f"{_CONNECTION}.clientId": _yes("Whose permissions count."),
        f"{_CONNECTION}.clientSecret": _yes("Sent to Looker's log-in only."),
        f"{_CONNECTION}.hostPort": _yes("Address of the API, and of the links."),
        **{f"{_CONNECTION}.githubCredentials{key}": verdict for key, verdict in _GIT.items()},
        **{f"{_CONNECTION}.gitCredentials{key}": verdict for key, verdict in _GIT.items()},
        f"{_OPTIONS}.includeUsage": _yes(
            "How often dashboards and looks were looked at, by the days of runs. Looker tells totals only: the first "
            "run remembers them, each later one adds what is new to its day."
        ),
        f"{_OPTIONS}.includeDraftDashboard": _yes(
            "Without it hidden dashboards, and those in people's own folders, count as filtered."
        ),
        "dagster.source.include_looks": _yes("Looks become dashboards of type Report."),
        "dagster.source.connections": _yes(
            "Where the tables of a connection are, before dbServiceNames: a service, or service.database."
        ),
        "dagster.source.user_attributes": _yes("What Liquid in LookML asks for; what is missing is told."),
    }
)
"""Keys of Looker."""
