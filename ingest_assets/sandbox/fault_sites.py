"""What may go wrong, and with which calls: a fault planned elsewhere would never strike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from fnmatch import fnmatchcase

from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES


class FaultKind(str, Enum):
    """What may go wrong with a call; two kinds take a number: ``hang:2`` hangs for two seconds."""

    THROTTLE = "throttle"  # the service's own "slow down": AWS 400 ThrottlingException, others 429 with Retry-After
    TOO_MANY = "429"  # a plain 429 with Retry-After, as gateways send it
    FORBIDDEN = "403"  # a plain 403, as proxies and firewalls send it
    SERVER_ERROR = "500"  # the service's own 500
    BAD_GATEWAY = "502"  # an HTML page of a load balancer
    UNAVAILABLE = "503"  # the service's own 503
    GATEWAY_TIMEOUT = "504"  # an HTML page of a load balancer
    HANG = "hang"  # nothing for some seconds, then the right answer
    CUT = "cut"  # 200, half the body, then the connection closes: shorter than Content-Length says
    TRUNCATED = "truncated"  # 200 and a Content-Length that fits, but the body is only the first half
    RESET_BEFORE = "reset-before"  # connection reset; the service never saw the call
    RESET_AFTER = "reset-after"  # connection reset; the service did what was asked
    EXPIRED_TOKEN = "expired-token"  # noqa: S105  # the session or access token has just run out
    ACCESS_DENIED = "access-denied"  # the service refuses this one call to this caller
    ELEMENT = "element"  # OpenMetadata: one element of a bulk request is refused: element:400, element:429, element:500
    IGNORE_FILTER = "ignore-filter"  # OpenMetadata: a listing ignores its filter, as old servers do
    LOOP_TOKEN = "loop-token"  # noqa: S105  # a page hands out the token or cursor it was asked with (listings only)
    VANISH = "vanish"  # what the call names is deleted for good just before it
    HIDDEN = "hidden"  # a listing leaves rows out without a word, as Lake Formation does


AWS_OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "glue": (
        "GetCatalogs",
        "GetDatabases",
        "GetDatabase",
        "GetTables",
        "GetTable",
        "GetTags",
        "CreateDatabase",
        "UpdateDatabase",
        "DeleteDatabase",
        "CreateTable",
        "UpdateTable",
        "DeleteTable",
        "BatchDeleteTable",
        "ListRegistries",
        "ListSchemas",
        "GetSchema",
        "GetSchemaVersion",
        "ListSchemaVersions",
    ),
    "s3": (
        "GetObject",
        "HeadObject",
        "PutObject",
        "DeleteObject",
        "ListObjectsV2",
        "HeadBucket",
        "CreateBucket",
    ),
    "secretsmanager": ("GetSecretValue",),
    "kinesis": (
        "ListStreams",
        "DescribeStreamSummary",
        "DescribeStream",
        "ListShards",
        "ListTagsForStream",
        "ListTagsForResource",
        "ListStreamConsumers",
        "DescribeLimits",
        "DescribeAccountSettings",
        "GetShardIterator",
        "GetRecords",
    ),
    "firehose": ("ListDeliveryStreams", "DescribeDeliveryStream", "ListTagsForDeliveryStream"),
    "lakeformation": (
        "ListLFTags",
        "GetLFTag",
        "GetResourceLFTags",
        "SearchDatabasesByLFTags",
        "SearchTablesByLFTags",
    ),
    "quicksight": (
        "ListDashboards",
        "ListAnalyses",
        "ListDataSets",
        "ListDataSources",
        "ListFolders",
        "DescribeDashboard",
        "DescribeDashboardDefinition",
        "DescribeDashboardPermissions",
        "DescribeAnalysis",
        "DescribeAnalysisDefinition",
        "DescribeAnalysisPermissions",
        "DescribeDataSet",
        "DescribeDataSetPermissions",
        "DescribeDataSource",
        "DescribeFolder",
        "ListFolderMembers",
        "ListTagsForResource",
        "ListIngestions",
        "ListRefreshSchedules",
        "ListUsers",
        "ListGroups",
        "ListGroupMemberships",
        "DescribeAccountSubscription",
    ),
    "sqs": (
        "CreateQueue",
        "DeleteQueue",
        "GetQueueUrl",
        "ListQueues",
        "GetQueueAttributes",
        "SetQueueAttributes",
        "SendMessage",
        "SendMessageBatch",
        "ReceiveMessage",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "PurgeQueue",
    ),
    "sts": ("GetCallerIdentity", "AssumeRole"),
}
"""What the sandbox has built of each service."""

_OF_BOARDS = ("ListDashboards", "ListAnalyses", "ListDataSets", "ListDataSources", "ListFolders")
_OF_PEOPLE = ("ListUsers", "ListGroups", "ListGroupMemberships")
_OF_ONE_BOARD = tuple(
    name
    for name in AWS_OPERATIONS["quicksight"]
    if name not in (*_OF_BOARDS, *_OF_PEOPLE, "DescribeAccountSubscription")
)
_OF_THE_ACCOUNT = ("ListStreams", "DescribeLimits", "DescribeAccountSettings")
_PAGED_BY_TOKEN = {
    "glue": ("GetCatalogs", "GetDatabases", "GetTables", "ListRegistries", "ListSchemas", "ListSchemaVersions"),
    "s3": ("ListObjectsV2",),
    "kinesis": ("ListStreams", "ListShards", "ListStreamConsumers"),
    "firehose": ("ListDeliveryStreams",),
    "lakeformation": ("ListLFTags", "SearchDatabasesByLFTags", "SearchTablesByLFTags"),
    "quicksight": (*_OF_BOARDS, *_OF_PEOPLE, "ListFolderMembers", "ListIngestions"),
}
_HIDING = {
    "glue": ("GetDatabases", "GetTables", "ListSchemas"),
    "kinesis": ("ListStreams",),
    "firehose": ("ListDeliveryStreams",),
    "quicksight": (*_OF_BOARDS, *_OF_PEOPLE, "ListFolderMembers", "ListIngestions"),
}
_VANISHING = {
    "glue": ("GetDatabase", "GetTable", "GetTables", "GetSchema", "GetSchemaVersion", "ListSchemaVersions"),
    "kinesis": tuple(name for name in AWS_OPERATIONS["kinesis"] if name not in _OF_THE_ACCOUNT),
    "firehose": ("DescribeDeliveryStream", "ListTagsForDeliveryStream"),
    "quicksight": _OF_ONE_BOARD,
}

IDENTITY_PROVIDERS = ("auth0", "azure", "cognito", "google", "keycloak", "log-in", "okta", "onelogin")
"""Who gives tokens; each is one operation of the service ``identity``."""

_GITHUB_REPOSITORIES = ("repos/download-tarball-archive", "repos/get", "repos/get-commit")
_LOOKER_ONES = (
    "connection",
    "dashboard",
    "dashboard_element",
    "folder",
    "look",
    "lookml_model",
    "lookml_model_explore",
    "me",
    "merge_query",
    "project",
    "query",
    "user",
    "user_roles",
    "versions",
)
_LOOKER_LISTINGS = (
    "all_connections",
    "all_dashboards",
    "all_folders",
    "all_lookml_models",
    "all_looks",
    "all_projects",
    "all_users",
    "dashboard_dashboard_elements",
    "dashboard_dashboard_filters",
    "search_dashboards",
    "search_folders",
    "search_looks",
    "search_users",
)
_LOOKER_VANISHING = ("dashboard", "folder", "look", "lookml_model_explore", "user")
LOOKER_OPERATIONS = (*_LOOKER_ONES, *_LOOKER_LISTINGS, "login", "logout")
"""What the sandbox has built of Looker's API, by looker-sdk's names."""

_ATLAS_LISTINGS = (
    "search.basic",
    "search.relationship",
    "glossary",
    "glossary.assignedEntities",
    "glossary.categories",
    "glossary.category.terms",
    "glossary.terms",
    "glossary.terms.headers",
)
ATLAS_VANISHING = ("entity.guid", "entity.header", "entity.uniqueAttribute", "lineage", "lineage.uniqueAttribute")
_ATLAS_FREE = "admin.status"
ATLAS_OPERATIONS = (
    *_ATLAS_LISTINGS,
    *ATLAS_VANISHING,
    _ATLAS_FREE,
    "admin.version",
    "entity.bulk",
    "entity.bulk.uniqueAttribute",
    "entity.classification",
    "entity.classifications",
    "glossary.category",
    "glossary.detailed",
    "glossary.one",
    "glossary.related",
    "glossary.term",
    "relationship.guid",
    "types.headers",
    "types.typedef",
    "types.typedefs",
)
"""What the sandbox has built of Atlas's API, by the paths below ``/api/atlas/v2``."""

DBT_OPERATIONS = ("artifact", "runs", "web")
"""What the sandbox has built of dbt Cloud, and of the web server beside it."""

GITHUB_OPERATIONS = (
    "codeload/download",
    "git/info-refs",
    "git/upload-pack",
    "rate-limit/get",
    "repos/download-tarball-archive",
    "repos/get",
    "repos/get-commit",
)
"""What the sandbox has built of GitHub, by GitHub's own names, of its downloads and of clones."""

_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LINEAGE = tuple(f"{verb} /v1/lineage" for verb in ("GET", "PUT", "PATCH", "DELETE"))
_USAGE = tuple(f"{verb} /v1/usage" for verb in ("GET", "PUT", "POST"))
_NEW_PROPERTY = "PUT /v1/metadata"
_VERSION = "GET /v1/system"

Site = tuple[str, str]


def openmetadata_operation(verb: str, path: str) -> str:
    """An OpenMetadata request in the words that faults are planned in, by its path from ``/v1`` on.

    It holds the first part of the path only: ``PUT /v1/tables`` is also ``PUT /v1/tables/bulk``.
    """
    return f"{verb} {'/'.join(path.split('/')[:3])}"


def can_strike(kind: FaultKind, service: str, operation: str) -> bool:
    """Whether there is a call that these patterns (fnmatch) match and that can fail so."""
    return any(fnmatchcase(name, service) and fnmatchcase(call, operation) for name, call in _sites(kind))


def _sites(kind: FaultKind) -> Iterator[Site]:
    if kind is FaultKind.LOOP_TOKEN:
        yield from _of_aws(_PAGED_BY_TOKEN)
        yield "atlas", "search.basic"
        yield from _collections("GET")
    elif kind is FaultKind.HIDDEN:
        yield from _of_aws(_HIDING)
        yield from (("looker", name) for name in _LOOKER_LISTINGS)
        yield from (("atlas", name) for name in _ATLAS_LISTINGS)
        yield from _collections("GET")
    elif kind is FaultKind.VANISH:
        yield from _of_aws(_VANISHING)
        yield from (("looker", name) for name in _LOOKER_VANISHING)
        yield from (("atlas", name) for name in ATLAS_VANISHING)
        yield from (("github", name) for name in _GITHUB_REPOSITORIES)
        yield from _collections("GET", "PUT", "PATCH", "DELETE")
        yield from (("openmetadata", name) for name in (*_LINEAGE, *_USAGE, _NEW_PROPERTY))
    elif kind is FaultKind.ELEMENT:
        yield from (("openmetadata", openmetadata_operation("PUT", path)) for path in _bulk_paths())
    elif kind is FaultKind.IGNORE_FILTER:
        yield from _collections("GET")
    else:
        yield from _calls_that_may_fail(kind)


def _calls_that_may_fail(kind: FaultKind) -> Iterator[Site]:
    """Any call, but for refusals of those that AWS and OpenMetadata answer to everybody."""
    for service, operations in AWS_OPERATIONS.items():
        for operation in operations:
            if (operation, kind) != ("GetCallerIdentity", FaultKind.ACCESS_DENIED):
                yield service, operation
    yield from _collections(*_VERBS)
    yield from (
        ("openmetadata", name) for name in (*_LINEAGE, *_USAGE, _NEW_PROPERTY, "GET /v1/events", "GET /v1/search")
    )
    if kind not in (FaultKind.EXPIRED_TOKEN, FaultKind.ACCESS_DENIED):
        yield "openmetadata", _VERSION
    if kind is not FaultKind.EXPIRED_TOKEN:
        yield from (("identity", name) for name in IDENTITY_PROVIDERS)
    refused = kind in (FaultKind.EXPIRED_TOKEN, FaultKind.ACCESS_DENIED)
    yield from (("looker", name) for name in LOOKER_OPERATIONS if not (refused and name in ("login", "logout")))
    yield from (("atlas", name) for name in ATLAS_OPERATIONS if not (refused and name == _ATLAS_FREE))
    yield from (("github", name) for name in (_GITHUB_REPOSITORIES if refused else GITHUB_OPERATIONS))
    yield from (("dbt", name) for name in DBT_OPERATIONS)


def _of_aws(operations: Mapping[str, tuple[str, ...]]) -> Iterator[Site]:
    return ((service, name) for service, names in operations.items() for name in names)


def _collections(*verbs: str) -> Iterator[Site]:
    for entity_type in ENTITY_TYPES.values():
        for verb in verbs if not entity_type.read_only else {"GET"} & set(verbs):
            yield "openmetadata", openmetadata_operation(verb, f"/v1/{entity_type.path}")


def _bulk_paths() -> Iterator[str]:
    return (f"/v1/{entity_type.path}" for entity_type in ENTITY_TYPES.values() if entity_type.bulk)
