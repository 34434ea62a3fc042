"""Entity types and their collections, as data: what a type is made of, shows, and compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest_assets.sandbox.openmetadata.versions import FIRST, NEVER, Version


@dataclass(frozen=True)
class Parent:
    """A property of the request that names the entity which contains this one.

    Attributes:
        property: Property of the request, and of the answer.
        type: The parent's entity type.
        reference: Whether it is an EntityReference; else it is an FQN.
        live: Whether a soft-deleted parent counts as missing.
    """

    property: str
    type: str
    reference: bool = False
    live: bool = False


@dataclass(frozen=True)
class Default:
    """A value that the server fills in."""

    property: str
    value: Any
    since: Version = FIRST
    until: Version = NEVER


@dataclass(frozen=True)
class EntityType:
    """One entity type.

    Attributes:
        type: Name in references, e.g. ``databaseSchema``.
        path: Collection below ``/v1``.
        create: Class of its requests.
        parents: The innermost first: the first one given contains the entity.
        reference_key: Under which name descendants show it.
        infix: Literal part of the FQN before the name; what stands before it is the parent's bare name, not its FQN.
        compared: Property to how it is compared on PUT and PATCH; what is not here changes nothing by itself.
        patched: Properties that no create request has and a PATCH may set.
        hidden: Properties that a GET shows only when ``fields`` asks for them.
        shown_empty: What ``fields`` shows when there is none.
        filters: Query parameter to kind of filter.
        defaults: What the server fills in.
        owners_from_parent: Whether owners are inherited, and shown as an empty list in answers to PUT.
        quotes_parent: Whether its FQN quotes the parent's name itself instead of taking the parent's FQN.
        root_allowed: Whether it may be without a parent.
        bulk: Whether the type has ``/bulk``.
        since: First version with this type.
        read_only: Whether the sandbox only shows what a fresh server has of it; writes answer 501.
    """

    type: str
    path: str
    create: str
    parents: tuple[Parent, ...] = ()
    reference_key: str = ""
    infix: str = ""
    compared: Mapping[str, str] = field(default_factory=dict)
    patched: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    shown_empty: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    defaults: tuple[Default, ...] = ()
    owners_from_parent: bool = False
    quotes_parent: bool = False
    root_allowed: bool = False
    bulk: bool = False
    since: Version = FIRST
    read_only: bool = False


_VALUES = dict.fromkeys(("sourceUrl", "sourceHash", "retentionPeriod"), "value")
_SERVICE_FILTER = {"service": "service"}
_FOLLOWED: dict[str, Any] = {
    "followers": [],
    "votes": {"upVotes": 0, "downVotes": 0, "upVoters": [], "downVoters": []},
}
# Members of ``shown_empty`` that came later than their type.
SHOWN_SINCE: Mapping[str, Version] = {"votes": (1, 2, 0), "customMetrics": (1, 2, 0)}


def _service(kind: str) -> EntityType:
    return EntityType(
        type=f"{kind}Service",
        path=f"services/{kind}Services",
        create=f"Create{kind.capitalize()}Service",
        reference_key="service",
        compared={"connection": "connection"},
        shown_empty={"pipelines": []},
        filters={"domain": "domain", **({"name": "name"} if kind == "dashboard" else {})},
    )


_DATA_TYPES = (
    EntityType(
        type="database",
        path="databases",
        create="CreateDatabase",
        parents=(Parent("service", "databaseService", live=True),),
        reference_key="database",
        compared=_VALUES,
        shown_empty={"databaseSchemas": "children"},
        filters=_SERVICE_FILTER,
        defaults=(Default("default", value=False),),
        quotes_parent=True,
        bulk=True,
    ),
    EntityType(
        type="databaseSchema",
        path="databaseSchemas",
        create="CreateDatabaseSchema",
        parents=(Parent("database", "database"),),
        reference_key="databaseSchema",
        compared=_VALUES,
        shown_empty={"tables": "children"},
        filters={"database": "prefix"},
        owners_from_parent=True,
        bulk=True,
    ),
    EntityType(
        type="table",
        path="tables",
        create="CreateTable",
        parents=(Parent("databaseSchema", "databaseSchema"),),
        compared={
            "columns": "columns",
            "tableType": "value",
            "tableConstraints": "list",
            "tablePartition": "first",
            **_VALUES,
        },
        hidden=frozenset({"tableConstraints", "schemaDefinition", "viewDefinition", "tableProfilerConfig"}),
        shown_empty={**_FOLLOWED, "customMetrics": [], "joins": {"dayCount": 0, "columnJoins": []}},
        filters={"database": "prefix", "databaseSchema": "schema prefix"},
        owners_from_parent=True,
        bulk=True,
    ),
    EntityType(
        type="storedProcedure",
        path="storedProcedures",
        create="CreateStoredProcedure",
        parents=(Parent("databaseSchema", "databaseSchema"),),
        compared={"storedProcedureCode": "value", "storedProcedureType": "value", **_VALUES},
        shown_empty=_FOLLOWED,
        filters={"database": "prefix", "databaseSchema": "prefix"},
        owners_from_parent=True,
        bulk=True,
        since=(1, 2, 0),
    ),
    EntityType(
        type="topic",
        path="topics",
        create="CreateTopic",
        parents=(Parent("service", "messagingService"),),
        compared={
            "messageSchema": "message schema",
            **dict.fromkeys(
                (
                    "maximumMessageSize",
                    "minimumInSyncReplicas",
                    "partitions",
                    "replicationFactor",
                    "retentionTime",
                    "retentionSize",
                    "topicConfig",
                ),
                "value",
            ),
            "cleanupPolicies": "list",
            **_VALUES,
        },
        shown_empty=_FOLLOWED,
        filters=_SERVICE_FILTER,
        defaults=(Default("retentionSize", -1.0),),
        bulk=True,
    ),
    EntityType(
        type="chart",
        path="charts",
        create="CreateChart",
        parents=(Parent("service", "dashboardService"),),
        compared={"chartType": "value", "chartUrl": "value", **_VALUES},
        shown_empty=_FOLLOWED,
        filters=_SERVICE_FILTER,
        bulk=True,
    ),
    EntityType(
        type="dashboardDataModel",
        path="dashboard/datamodels",
        create="CreateDashboardDataModel",
        parents=(Parent("service", "dashboardService"),),
        infix="model",
        compared={"columns": "columns", **_VALUES},
        shown_empty=_FOLLOWED,
        filters=_SERVICE_FILTER,
        bulk=True,
    ),
    EntityType(
        type="dashboard",
        path="dashboards",
        create="CreateDashboard",
        parents=(Parent("service", "dashboardService", live=True),),
        compared={"dashboardUrl": "value", **_VALUES},
        shown_empty=_FOLLOWED,
        filters=_SERVICE_FILTER,
        bulk=True,
    ),
    EntityType(
        type="container",
        path="containers",
        create="CreateContainer",
        parents=(Parent("parent", "container", reference=True), Parent("service", "storageService", live=True)),
        compared={
            "dataModel": "container model",
            "prefix": "value",
            "fileFormats": "list",
            "fullPath": "value",
            **_VALUES,
        },
        hidden=frozenset({"dataModel"}),
        shown_empty={**_FOLLOWED, "children": "children"},
        filters={**_SERVICE_FILTER, "root": "root"},
    ),
    EntityType(
        type="pipeline",
        path="pipelines",
        create="CreatePipeline",
        parents=(Parent("service", "pipelineService", live=True),),
        compared={
            "tasks": "tasks",
            **dict.fromkeys(("concurrency", "pipelineLocation", "pipelineUrl", "state"), "value"),
            **_VALUES,
        },
        hidden=frozenset({"tasks"}),
        shown_empty=_FOLLOWED,
        filters=_SERVICE_FILTER,
    ),
)

_TAG_DEFAULTS = (
    Default("mutuallyExclusive", value=False),
    Default("provider", "user", until=(1, 2, 0)),
)

_KNOWLEDGE_TYPES = (
    EntityType(
        type="domain",
        path="domains",
        create="CreateDomain",
        parents=(Parent("parent", "domain"),),
        compared={"domainType": "value"},
        root_allowed=True,
        since=(1, 2, 0),
    ),
    EntityType(
        type="classification",
        path="classifications",
        create="CreateClassification",
        reference_key="classification",
        compared={"mutuallyExclusive": "value", "disabled": "value"},
        patched=frozenset({"disabled"}),
        defaults=_TAG_DEFAULTS,
        shown_empty={"usageCount": 0, "termCount": 0},
    ),
    EntityType(
        type="tag",
        path="tags",
        create="CreateTag",
        parents=(Parent("parent", "tag"), Parent("classification", "classification")),
        compared={"mutuallyExclusive": "value", "style": "value", "disabled": "value"},
        patched=frozenset({"disabled"}),
        defaults=(*_TAG_DEFAULTS, Default("deprecated", value=False)),
        shown_empty={"usageCount": 0, "children": "children"},
        filters={"parent": "prefix"},
        bulk=True,
    ),
    EntityType(
        type="glossary",
        path="glossaries",
        create="CreateGlossary",
        reference_key="glossary",
        defaults=_TAG_DEFAULTS,
        shown_empty={"usageCount": 0, "termCount": 0},
    ),
    EntityType(
        type="glossaryTerm",
        path="glossaryTerms",
        create="CreateGlossaryTerm",
        parents=(Parent("parent", "glossaryTerm"), Parent("glossary", "glossary")),
        compared={"synonyms": "list", "references": "list", "style": "value"},
        defaults=(
            *_TAG_DEFAULTS,
            Default("status", "Draft", until=(1, 2, 0)),
            Default("status", "Approved", since=(1, 2, 0)),
        ),
        shown_empty={"usageCount": 0, "children": "children"},
        filters={"glossary": "parent id", "parent": "parent id"},
        bulk=True,
    ),
)

_PEOPLE_TYPES = (
    EntityType(
        type="user",
        path="users",
        create="CreateUser",
        compared=dict.fromkeys(("email", "isBot", "isAdmin", "profile", "timezone"), "value"),
        defaults=(Default("isBot", value=False, since=(1, 2, 0)), Default("isAdmin", value=False)),
        hidden=frozenset({"profile"}),
        shown_empty={"follows": [], "owns": [], "personas": []},
        filters={"isBot": "flag", "isAdmin": "flag", "team": "team"},
    ),
    EntityType(
        type="team",
        path="teams",
        create="CreateTeam",
        compared=dict.fromkeys(("email", "teamType", "isJoinable", "profile"), "value"),
        defaults=(Default("isJoinable", value=True),),
        hidden=frozenset({"profile"}),
        shown_empty={"owns": [], "userCount": 0, "childrenCount": 0},
        filters={"isJoinable": "flag", "parentTeam": "parent team"},
    ),
)

_SYSTEM_TYPES = (
    EntityType(
        type="role",
        path="roles",
        create="CreateRole",
        shown_empty={"policies": [], "teams": [], "users": []},
        read_only=True,
    ),
    EntityType(
        type="type",
        path="metadata/types",
        create="CreateType",
        compared={"customProperties": "list"},
        hidden=frozenset({"customProperties"}),
        shown_empty={"customProperties": []},
        filters={"category": "value"},
        read_only=True,
    ),
)

ENTITY_TYPES: dict[str, EntityType] = {
    kind.type: kind
    for kind in (
        *(_service(kind) for kind in ("database", "messaging", "dashboard", "pipeline", "storage", "metadata")),
        *_DATA_TYPES,
        *_KNOWLEDGE_TYPES,
        *_PEOPLE_TYPES,
        *_SYSTEM_TYPES,
    )
}
