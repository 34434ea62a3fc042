"""What each type of entity has besides what all have, as properties of its create request. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ingest_assets.catalog import (
    Chart,
    Classification,
    Container,
    Dashboard,
    Database,
    DataModel,
    Entity,
    EntityType,
    Glossary,
    GlossaryTerm,
    MessageSchema,
    Pipeline,
    Reference,
    Schema,
    SchemaField,
    Service,
    Table,
    Tag,
    Task,
    Topic,
)
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.columns import column_bodies, label_bodies, partition_body

Json = dict[str, Any]
Facets = dict[str, tuple[str, Any]]
"""Property on the wire to attribute of the entity and value; what has no value is not sent."""

_NEAREST_TABLE_TYPES = {
    "Transient": "Regular",
    "Dynamic": "MaterializedView",
    "Stage": "External",
    "SemanticView": "View",
}
_PLAIN_TABLE = "Regular"
_PLAIN_DATA_MODEL = "TableauDataModel"  # a published data source is the nearest of the words that all servers know
_PLAIN_CHART = "Other"
_CUSTOM = {
    EntityType.DATABASE_SERVICE: "CustomDatabase",
    EntityType.MESSAGING_SERVICE: "CustomMessaging",
    EntityType.DASHBOARD_SERVICE: "CustomDashboard",
    EntityType.PIPELINE_SERVICE: "CustomPipeline",
    EntityType.STORAGE_SERVICE: "CustomStorage",
}


def facets_of(entity: Entity, capabilities: Capabilities) -> Facets:
    """What an entity has besides what all have, but for what is empty."""
    make = _SERVICE if isinstance(entity, Service) else _BY_TYPE[EntityType(entity.type)]
    return {name: facet for name, facet in make(entity, capabilities).items() if facet[1] is not None}


def _service(service: Service, capabilities: Capabilities) -> Facets:
    kind = EntityType(service.type)
    known = service.service_type in capabilities.services[kind]
    word = service.service_type if known else _CUSTOM[kind]
    facets: Facets = {"serviceType": ("service_type", word)}
    if capabilities.connection_required:
        config = {"type": word} | (service.connection if known else {})
        facets["connection"] = ("connection", {"config": config})
    return facets


def _database(_: Database, __: Capabilities) -> Facets:
    return {}


def _schema(schema: Schema, capabilities: Capabilities) -> Facets:
    period = schema.retention_period if capabilities.retention_period else None
    return {"retentionPeriod": ("retention_period", period)}


def _table(table: Table, capabilities: Capabilities) -> Facets:
    columns = column_bodies(table.columns, capabilities)
    created = {"created": {"timestamp": table.created}} if table.created is not None else None
    return {
        "tableType": ("table_type", _table_type(table.table_type, capabilities)),
        "columns": ("columns", columns.bodies),
        "tablePartition": ("partitions", partition_body(table.partitions, columns.names, capabilities)),
        "fileFormat": ("file_format", table.file_format if table.file_format in capabilities.file_formats else None),
        "locationPath": ("location", (table.location or None) if capabilities.location_path else None),
        "retentionPeriod": ("retention_period", table.retention_period if capabilities.retention_period else None),
        "lifeCycle": ("created", created if capabilities.life_cycle else None),
        capabilities.schema_definition: ("sql", table.sql or table.ddl or None),
    }


def _table_type(wanted: str, capabilities: Capabilities) -> str:
    while wanted not in capabilities.table_types:
        wanted = _NEAREST_TABLE_TYPES.get(wanted, _PLAIN_TABLE)
    return wanted


def _topic(topic: Topic, capabilities: Capabilities) -> Facets:
    schema = message_schema(topic.message_schema, capabilities) if topic.message_schema else None
    return {
        "partitions": ("partitions", topic.partitions),
        "messageSchema": ("message_schema", schema),
        "cleanupPolicies": ("cleanup_policies", list(topic.cleanup_policies) or None),
        "replicationFactor": ("replication_factor", topic.replication_factor),
        "retentionTime": ("retention_time", topic.retention_time),
        "retentionSize": ("retention_size", topic.retention_size),
        "maximumMessageSize": ("maximum_message_size", topic.maximum_message_size),
        "minimumInSyncReplicas": ("minimum_in_sync_replicas", topic.minimum_in_sync_replicas),
        "topicConfig": ("config", topic.config or None),
    }


def message_schema(schema: MessageSchema, capabilities: Capabilities) -> Json:
    """``messageSchema`` of a topic."""
    fields = [_field(field, capabilities) for field in schema.fields]
    return {"schemaText": schema.text, "schemaType": schema.type} | ({"schemaFields": fields} if fields else {})


def _field(field: SchemaField, capabilities: Capabilities) -> Json:
    name = capabilities.names.name(field.name)
    body: Json = {"name": name, "dataType": field.data_type}
    if name != field.name and field.name:
        body["displayName"] = field.name
    if field.data_type_display:
        body["dataTypeDisplay"] = field.data_type_display
    if field.description:
        body["description"] = field.description
    if field.labels is not None:
        body["tags"] = label_bodies(field.labels)
    if field.children:
        body["children"] = [_field(child, capabilities) for child in field.children]
    return body


def _data_model(model: DataModel, capabilities: Capabilities) -> Facets:
    word = model.data_model_type if model.data_model_type in capabilities.data_model_types else _PLAIN_DATA_MODEL
    return {
        "dataModelType": ("data_model_type", word),
        "columns": ("columns", column_bodies(model.columns, capabilities).bodies),
        "sql": ("sql", model.sql or None),
        "project": ("project", (model.project or None) if capabilities.projects else None),
    }


def _chart(chart: Chart, capabilities: Capabilities) -> Facets:
    word = chart.chart_type if chart.chart_type in capabilities.chart_types else _PLAIN_CHART
    return {"chartType": ("chart_type", word)}


def _dashboard(dashboard: Dashboard, capabilities: Capabilities) -> Facets:
    service = dashboard.path[0]
    charts, models = (
        sorted(capabilities.names.fqn(Reference(kind, (service, name))) for name in names)
        for kind, names in ((EntityType.CHART, dashboard.charts), (EntityType.DATA_MODEL, dashboard.data_models))
    )
    published = {"updated": {"timestamp": dashboard.published}} if dashboard.published is not None else None
    facets: Facets = {
        "charts": ("charts", charts),
        "dataModels": ("data_models", models),
        "lifeCycle": ("published", published if capabilities.life_cycle else None),
    }
    if capabilities.projects:
        facets["dashboardType"] = ("dashboard_type", dashboard.dashboard_type)
        facets["project"] = ("project", dashboard.project or None)
    return facets


def _pipeline(pipeline: Pipeline, capabilities: Capabilities) -> Facets:
    schedule = pipeline.schedule_interval if capabilities.schedules else None
    return {
        "tasks": ("tasks", [_task(task, capabilities) for task in pipeline.tasks]),
        "concurrency": ("concurrency", pipeline.concurrency),
        "pipelineLocation": ("location", pipeline.location or None),
        "startDate": ("start_date", pipeline.start_date),
        "scheduleInterval": ("schedule_interval", schedule),
    }


def _task(task: Task, capabilities: Capabilities) -> Json:
    url = "sourceUrl" if capabilities.urls.get(EntityType.PIPELINE) == "sourceUrl" else "taskUrl"
    told = {
        "displayName": task.display_name,
        "description": task.description,
        "taskType": task.task_type,
        "taskSQL": task.sql,
        url: task.source_url,
        "downstreamTasks": list(task.downstream),
    }
    return {"name": task.name} | {name: value for name, value in told.items() if value}


def _container(container: Container, capabilities: Capabilities) -> Facets:
    model = None
    if container.columns is not None:
        columns = column_bodies(container.columns, capabilities).bodies
        model = {"isPartitioned": container.is_partitioned, "columns": columns}
    return {
        "prefix": ("prefix", container.prefix or None),
        "fullPath": ("full_path", (container.full_path or None) if capabilities.full_path else None),
        "size": ("size", container.size),
        "numberOfObjects": ("number_of_objects", container.number_of_objects),
        "fileFormats": ("file_formats", [each for each in container.file_formats if _is_format(each, capabilities)]),
        "dataModel": ("columns", model),
    }


def _is_format(word: str, capabilities: Capabilities) -> bool:
    return word in capabilities.container_formats


def _group(group: Classification | Glossary, _: Capabilities) -> Facets:
    return {
        # The server insists on one, and takes an empty one.
        "description": ("description", group.description or ""),
        "mutuallyExclusive": ("mutually_exclusive", group.mutually_exclusive),
    }


def _word(word: Tag | GlossaryTerm, capabilities: Capabilities) -> Facets:
    above = word.reference.parent
    nested = above is not None and above.type is word.reference.type
    facets: Facets = {"description": ("description", word.description or "")}
    if above is not None and nested:
        facets["parent"] = ("path", capabilities.names.fqn(above))
    if isinstance(word, GlossaryTerm):
        facets["synonyms"] = ("synonyms", list(word.synonyms))
    return facets


_Make = Callable[[Any, Capabilities], Facets]
_SERVICE: _Make = _service
_BY_TYPE: Mapping[EntityType, _Make] = {
    EntityType.DATABASE: _database,
    EntityType.SCHEMA: _schema,
    EntityType.TABLE: _table,
    EntityType.TOPIC: _topic,
    EntityType.DATA_MODEL: _data_model,
    EntityType.CHART: _chart,
    EntityType.DASHBOARD: _dashboard,
    EntityType.PIPELINE: _pipeline,
    EntityType.CONTAINER: _container,
    EntityType.CLASSIFICATION: _group,
    EntityType.TAG: _word,
    EntityType.GLOSSARY: _group,
    EntityType.GLOSSARY_TERM: _word,
}

CLEARED: Mapping[EntityType, Mapping[str, str]] = {
    EntityType.SCHEMA: {"retention_period": "retentionPeriod"},
    EntityType.TABLE: {
        "retention_period": "retentionPeriod",
        "table_type": "tableType",
        "partitions": "tablePartition",
        "file_format": "fileFormat",
        "location": "locationPath",
    },
    EntityType.TOPIC: {
        "message_schema": "messageSchema",
        "cleanup_policies": "cleanupPolicies",
        "replication_factor": "replicationFactor",
        "retention_time": "retentionTime",
        "retention_size": "retentionSize",
        "maximum_message_size": "maximumMessageSize",
        "minimum_in_sync_replicas": "minimumInSyncReplicas",
        "config": "topicConfig",
    },
    EntityType.DATA_MODEL: {"sql": "sql", "project": "project"},
    EntityType.CHART: {"chart_type": "chartType"},
    EntityType.DASHBOARD: {
        "charts": "charts",
        "data_models": "dataModels",
        "dashboard_type": "dashboardType",
        "project": "project",
    },
    EntityType.PIPELINE: {
        "tasks": "tasks",
        "concurrency": "concurrency",
        "location": "pipelineLocation",
        "start_date": "startDate",
        "schedule_interval": "scheduleInterval",
    },
    EntityType.CONTAINER: {
        "prefix": "prefix",
        "full_path": "fullPath",
        "size": "size",
        "number_of_objects": "numberOfObjects",
        "file_formats": "fileFormats",
        "columns": "dataModel",
    },
}
"""What a PUT without it clears, by type and attribute. A life cycle, owners and labels stay."""
