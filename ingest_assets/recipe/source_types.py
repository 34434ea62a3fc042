"""Which sources there are, and which workflows and sources are refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ingest_assets.recipe.atlas import AtlasWorkflow
from ingest_assets.recipe.dbt import DbtWorkflow
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.kinesis import KinesisWorkflow
from ingest_assets.recipe.looker import LookerWorkflow
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.workflow import Workflow


@dataclass(frozen=True)
class SourceType:
    """One source that a recipe can name.

    Attributes:
        name: ``source.type``, in lower case.
        title: The service as its owner spells it.
        workflow: The model of its recipes.
        in_service: Whether ``serviceName`` is that of another recipe's service, unless ``dbServiceNames`` tells those.
    """

    name: str
    title: str
    workflow: type[Workflow]
    in_service: bool = False


SOURCE_TYPES: Mapping[str, SourceType] = MappingProxyType(
    {
        source.name: source
        for source in (
            SourceType("glue", "AWS Glue", GlueWorkflow),
            SourceType("kinesis", "Amazon Kinesis", KinesisWorkflow),
            SourceType("quicksight", "Amazon QuickSight", QuickSightWorkflow),
            SourceType("looker", "Looker", LookerWorkflow),
            SourceType("atlas", "Apache Atlas", AtlasWorkflow),
            SourceType("dbt", "dbt", DbtWorkflow, in_service=True),
        )
    }
)

METADATA_CONFIGS = ("DatabaseMetadata", "MessagingMetadata", "DashboardMetadata", "DBT")
"""``sourceConfig.config.type`` of the workflows that this project runs."""

_ELSEWHERE = "Keep it where it runs today"

OTHER_WORKFLOWS: Mapping[str, str] = MappingProxyType(
    {
        "Profiler": f"This project reads structure, not rows. {_ELSEWHERE}, or write a Dagster asset check.",
        "AutoClassification": f"This project reads structure, not rows. {_ELSEWHERE}.",
        "DatabaseUsage": "This project reads no query logs: Glue has none, and dashboards bring their own usage.",
        "DatabaseLineage": "Here lineage needs no workflow of its own: the metadata recipe (type DatabaseMetadata) "
        "brings it in the same run.",
        "DBT": "It has a recipe of its own, with source.type: dbt.",
        "TestSuite": f"This project runs no tests on data. {_ELSEWHERE}, or write a Dagster asset check.",
        "DataInsight": f"This is a job of the server itself. {_ELSEWHERE}.",
        "MetadataToElasticSearch": f"This is a job of the server itself. {_ELSEWHERE}.",
        "Application": f"This is a job of the server itself. {_ELSEWHERE}.",
        "PipelineMetadata": "This project has no source of pipeline services.",
        "MlModelMetadata": "This project has no source of model services.",
        "StorageMetadata": "This project has no source of storage services.",
        "SearchMetadata": "This project has no source of search services.",
        "ApiMetadata": "This project has no source of API services.",
    }
)
"""``sourceConfig.config.type`` of other workflows, and what to do instead."""

_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {name.casefold(): name for name in OTHER_WORKFLOWS}
    | {
        "databaseautoclassification": "AutoClassification",
        "databaseprofiler": "Profiler",
        "databasequeryusage": "DatabaseUsage",
        "databasequerylineage": "DatabaseLineage",
    }
)


def other_workflow(config_type: str) -> str | None:
    """The name of a workflow that this project does not run, whatever its spelling."""
    return _SPELLINGS.get(config_type.casefold())
