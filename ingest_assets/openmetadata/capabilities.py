"""What a server of a version understands: one table, read by everything that builds a request.

Facts come from the published JSON schemas and models of each minor from 1.0 to 2.0 and from running 1.0 and 1.5
servers. Where a minor is only known by its last patch release and an earlier patch of it was seen to refuse a property
(``locationPath`` on 1.5), the next minor counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.catalog import EntityType, NameRules
from ingest_assets.errors import IncompatibleServerError
from ingest_assets.openmetadata import words
from ingest_assets.openmetadata.words import Minor, known_words

_WITH_COLUMNS = frozenset(
    {EntityType.TABLE, EntityType.TOPIC, EntityType.CONTAINER, EntityType.DATA_MODEL, EntityType.DASHBOARD}
)
_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_WHERE = "GET /v1/system/version"


class Version(NamedTuple):
    """A server's version; compares as numbers do."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version in a server's words, e.g. ``1.5.7-SNAPSHOT`` or ``1.12``.

        Raises:
            IncompatibleServerError: There is no version in it.
        """
        found = _NUMBERS.search(text)
        if not found:
            raise IncompatibleServerError(
                f"the server calls its version {text[:80]!r}, which is none.",
                where=_WHERE,
                advice="Is hostPort the address of an OpenMetadata server?",
            )
        return cls(*(int(number or 0) for number in found.groups()))

    def __str__(self) -> str:
        """As people write it: ``1.5.7``."""
        return ".".join(map(str, self))


@dataclass(frozen=True)
class Capabilities:
    """What the server of one version knows.

    Attributes:
        version: As the server says.
        note: What people should know about this version, else None.
        names: How it spells names and builds FQNs.
        owners: Property and field of owners: ``owner`` (one reference) or ``owners`` (a list).
        schema_definition: Property of a view's text: ``viewDefinition`` or ``schemaDefinition``.
        partition_objects: Partition columns are objects with an interval each, not names with one interval for all.
        source_hash: ``sourceHash`` on databases, schemas and tables.
        urls: Property of the page in the source's own console, by entity type; a type that isn't there has none.
        retention_period: ``retentionPeriod`` on databases and schemas too.
        life_cycle: ``lifeCycle``.
        location_path: ``locationPath`` of tables.
        full_path: ``fullPath`` of containers.
        projects: ``project`` of dashboards and data models, and a dashboard's type.
        schedules: ``scheduleInterval`` of pipelines.
        adds_schemas: A topic that has no schema can be given one; on 1.0 the server answers 500 (observed).
        deletes_nested: A container can be deleted with what is in it. On 1.0 it can't (observed), and what is in it
            counts when it is soft-deleted as well (read in its source): one that ever held another stays.
        chart_dashboards: A chart names its dashboards, and is taken off those that a PUT does not name.
        connection_required: A service can't be made without a connection.
        bulk: Collections with ``PUT /v1/{collection}/bulk``.
        change_events: Whether ``GET /v1/events`` is known to be there; where it is not, ask (``ChangeEvents``).
        lower_cases_users: User names are stored in lower case and found in any.
        lineage_source: ``lineageDetails.source``.
        lineage_columns: Types of which column pairs may name columns, fields or, of a dashboard, charts.
        lineage_nested_columns: Column pairs may name nested columns.
        lineage_index: The search index tells of edges, where the server has an engine for it.
        lineage_sources: Words of ``lineageDetails.source``.
        services: Words of a service's ``serviceType``, by the type of the service.
        table_types: Words of ``tableType``.
        data_types: Words of a column's ``dataType``.
        file_formats: Words of a table's ``fileFormat``; empty where it has none.
        partition_intervals: Words of a partition's ``intervalType``.
        data_model_needs_sql: A table's ``dataModel`` can't be without ``sql``.
        data_model_resource_type: ``resourceType`` of a table's ``dataModel``.
        data_model_project: ``dbtSourceProject`` of a table's ``dataModel``.
        data_model_types: Words of ``dataModelType``.
        chart_types: Words of ``chartType``.
        container_formats: Words of a container's ``fileFormats``.
    """

    version: Version
    note: str | None
    names: NameRules
    owners: str
    schema_definition: str
    partition_objects: bool
    source_hash: bool
    urls: Mapping[EntityType, str]
    retention_period: bool
    life_cycle: bool
    location_path: bool
    full_path: bool
    projects: bool
    schedules: bool
    adds_schemas: bool
    deletes_nested: bool
    chart_dashboards: bool
    connection_required: bool
    bulk: frozenset[str]
    change_events: bool
    lower_cases_users: bool
    lineage_source: bool
    lineage_columns: frozenset[EntityType]
    lineage_nested_columns: bool
    lineage_index: bool
    lineage_sources: frozenset[str]
    services: Mapping[EntityType, frozenset[str]]
    table_types: frozenset[str]
    data_types: frozenset[str]
    file_formats: frozenset[str]
    partition_intervals: frozenset[str]
    data_model_needs_sql: bool
    data_model_resource_type: bool
    data_model_project: bool
    data_model_types: frozenset[str]
    chart_types: frozenset[str]
    container_formats: frozenset[str]


_OLDEST: Minor = (1, 0)
_NEWEST: Minor = (2, 0)
_LAST_OF_1: Minor = (1, 13)


def capabilities_of(version: Version) -> Capabilities:
    """What a server of this version understands.

    A version newer than all known ones counts as the newest known one of its line, with a note.

    Raises:
        IncompatibleServerError: The version is below 1.0.
    """
    minor = _known(version)
    return Capabilities(
        version=version,
        note=_note(version),
        # Seen: 1.0 does not quote services, 1.5 does. What lies between is an assumption.
        names=_names(minor),
        owners="owners" if minor >= (1, 5) else "owner",
        schema_definition="schemaDefinition" if minor >= (1, 4) else "viewDefinition",
        partition_objects=minor >= (1, 4),
        source_hash=minor >= (1, 2),
        urls=_urls(minor),
        retention_period=minor >= (1, 1),
        life_cycle=minor >= (1, 2),
        location_path=minor >= (1, 6),
        full_path=minor >= (1, 4),
        projects=minor >= (1, 1),
        schedules=minor >= (1, 1),
        adds_schemas=minor >= (1, 2),
        deletes_nested=minor >= (1, 1),
        chart_dashboards=minor >= (1, 5),
        connection_required=minor < (1, 2),
        bulk=known_words(words.BULK, minor),
        change_events=minor <= (1, 12),
        lower_cases_users=minor >= (1, 5),
        lineage_source=minor >= (1, 2),
        # Refused by 1.0, taken by 1.5; what lies between was not seen, and a refusal would cost the whole edge.
        lineage_columns=_WITH_COLUMNS if minor >= (1, 5) else frozenset({EntityType.TABLE}),
        lineage_nested_columns=minor >= (1, 5),
        # Seen on 1.5; the graph is made of it since 1.3.
        lineage_index=minor >= (1, 3),
        lineage_sources=known_words(words.LINEAGE_SOURCES, minor),
        services={kind: known_words(growth, minor) for kind, growth in words.SERVICES.items()},
        table_types=known_words(words.TABLE_TYPES, minor),
        data_types=known_words(words.DATA_TYPES, minor),
        file_formats=known_words(words.FILE_FORMATS, minor),
        partition_intervals=known_words(words.PARTITION_INTERVALS, minor),
        data_model_needs_sql=minor < (1, 5),
        data_model_resource_type=minor >= (1, 2),
        data_model_project=minor >= (1, 9),
        data_model_types=known_words(words.DATA_MODEL_TYPES, minor),
        chart_types=known_words(words.CHART_TYPES, minor),
        container_formats=known_words(words.CONTAINER_FORMATS, minor),
    )


def _urls(minor: Minor) -> dict[EntityType, str]:
    if minor < (1, 1):
        return {
            EntityType.DASHBOARD: "dashboardUrl",
            EntityType.CHART: "chartUrl",
            EntityType.PIPELINE: "pipelineUrl",
        }
    kinds = {
        EntityType.DATABASE,
        EntityType.SCHEMA,
        EntityType.TABLE,
        EntityType.TOPIC,
        EntityType.CHART,
        EntityType.DASHBOARD,
        EntityType.PIPELINE,
        EntityType.CONTAINER,
        *([EntityType.DATA_MODEL] if minor >= (1, 9) else []),
    }
    return dict.fromkeys(kinds, "sourceUrl")


def _names(minor: Minor) -> NameRules:
    characters = r"\w'\- .&()" + ("%" if minor >= (1, 1) else "")
    tags = NameRules(longest=64, shortest=2, above_tables=characters) if minor < (1, 4) else None
    if minor >= (1, 3):
        return NameRules(tags=tags)
    return NameRules(longest=128, above_tables=characters, quotes_services=minor >= (1, 2), tags=tags)


def _known(version: Version) -> Minor:
    minor = (version.major, version.minor)
    if minor < _OLDEST:
        raise IncompatibleServerError(
            f"the server is OpenMetadata {version}; the oldest that can be written to is 1.0.",
            where=_WHERE,
            advice="Upgrade the server.",
        )
    return min(minor, _LAST_OF_1 if version.major == 1 else _NEWEST)


def _note(version: Version) -> str | None:
    known = _known(version)
    if (version.major, version.minor) == known:
        return None
    return f"OpenMetadata {version} is newer than this package knows; it is treated as {known[0]}.{known[1]}."
