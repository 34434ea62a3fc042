"""Recipes of dbt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from ingest_assets.recipe.atlas import ServiceNames
from ingest_assets.recipe.aws import AwsConfig, AwsSourceSettings
from ingest_assets.recipe.fields import HttpUrl, Line, SecretKey, Switch, WorkflowBlock, any_case, known_keys
from ingest_assets.recipe.filters import FilterPattern
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.workflow import Source, Workflow

_PipelineType = Literal["DBT"]
_Way = Literal["local", "http", "s3", "cloud", "gcs", "azure"]

_ELSEWHERE = "copy the artifacts to S3, to a web server or to this machine"
_NOT_BUILT = {
    "gcs": f"gcs: artifacts in Google Cloud Storage are not read yet: {_ELSEWHERE}",
    "azure": f"azure: artifacts in Azure's storage are not read yet: {_ELSEWHERE}",
}
_TELLING = {
    "gcs": frozenset({"gcpConfig", "gcpImpersonateServiceAccount"}),
    "azure": frozenset({"accountName", "tenantId", "vaultName"}),
}
"""Keys of ``dbtSecurityConfig`` that tell a way which is not built."""

_OF_WAY = {
    "local": ("dbtManifestFilePath", "dbtCatalogFilePath", "dbtRunResultsFilePath", "dbtSourcesFilePath"),
    "http": ("dbtManifestHttpPath", "dbtCatalogHttpPath", "dbtRunResultsHttpPath", "dbtSourcesHttpPath"),
    "s3": ("dbtSecurityConfig", "dbtPrefixConfig"),
    "cloud": ("dbtCloudAuthToken", "dbtCloudAccountId", "dbtCloudProjectId", "dbtCloudJobId", "dbtCloudUrl"),
}
_NEEDED = {
    "local": ("dbtManifestFilePath",),
    "http": ("dbtManifestHttpPath",),
    "s3": ("dbtSecurityConfig", "dbtPrefixConfig"),
    "cloud": ("dbtCloudAuthToken", "dbtCloudAccountId"),
}


class DbtPrefixConfig(WorkflowBlock):
    """Where in S3 the artifacts are."""

    dbt_bucket_name: Line = Field(description="Name of the bucket.")
    dbt_object_prefix: Line = Field(
        default="", description="Folder that holds the artifacts, or folders of projects that do."
    )


def _identifier(value: str) -> str:
    # It becomes a part of an address.
    if not value.isascii() or not value.isalnum():
        raise ValueError("expected an id of dbt Cloud, in digits")
    return value


CloudId = Annotated[Line, AfterValidator(_identifier)]


class DbtConfigSource(WorkflowBlock):
    """Where the artifacts are: one of OpenMetadata's ways, whose keys are given."""

    dbt_config_type: Annotated[_Way, any_case(_Way)] | None = Field(
        default=None, description="The way: local, http, s3 or cloud; older recipes tell it by their keys alone."
    )
    dbt_manifest_file_path: Line | None = Field(default=None, description="Path of manifest.json.")
    dbt_catalog_file_path: Line | None = Field(default=None, description="Path of catalog.json.")
    dbt_run_results_file_path: Line | None = Field(default=None, description="Path of run_results.json.")
    dbt_sources_file_path: Line | None = Field(default=None, description="Path of sources.json.")
    dbt_manifest_http_path: HttpUrl | None = Field(default=None, description="Address of manifest.json.")
    dbt_catalog_http_path: HttpUrl | None = Field(default=None, description="Address of catalog.json.")
    dbt_run_results_http_path: HttpUrl | None = Field(default=None, description="Address of run_results.json.")
    dbt_sources_http_path: HttpUrl | None = Field(default=None, description="Address of sources.json.")
    dbt_security_config: AwsConfig | None = Field(
        default=None, description="Credentials for S3; without them boto3's own chain is asked."
    )
    dbt_prefix_config: DbtPrefixConfig | None = Field(default=None, description="Where in S3.")
    dbt_cloud_auth_token: SecretKey | None = Field(default=None, description="Token of dbt Cloud.")
    dbt_cloud_account_id: CloudId | None = Field(default=None, description="Id of the account in dbt Cloud.")
    dbt_cloud_project_id: CloudId | None = Field(default=None, description="Id of the project; any, without it.")
    dbt_cloud_job_id: CloudId | None = Field(default=None, description="Id of the job; any, without it.")
    dbt_cloud_url: HttpUrl | None = Field(
        default=None, description="Address of dbt Cloud, such as https://abc12.us1.dbt.com."
    )

    @model_validator(mode="before")
    @classmethod
    def _is_built(cls, data: Any) -> Any:
        # Before their own keys are called unknown, which would not tell why.
        if isinstance(data, Mapping):
            way = str(data.get("dbtConfigType") or "").strip().casefold()
            security = data.get("dbtSecurityConfig")
            keys = security.keys() if isinstance(security, Mapping) else ()
            way = next((each for each, telling in _TELLING.items() if telling.intersection(keys)), way)
            if way in _NOT_BUILT:
                raise ValueError(f"dbtConfigType {_NOT_BUILT[way]}")
        return data

    @model_validator(mode="after")
    def _is_one_way(self) -> DbtConfigSource:
        way = self.way
        given = set(self._given())
        if not way:
            raise ValueError(f"dbtConfigType is missing: expected one of {', '.join(_OF_WAY)}")
        if missing := [key for key in _NEEDED[way] if key not in given]:
            raise ValueError(f"{' and '.join(missing)} missing: dbtConfigType {way} can't do without")
        if others := sorted(given.difference(_OF_WAY[way])):
            raise ValueError(f"{', '.join(others)}: not of dbtConfigType {way}; take it out, or write another type")
        return self

    @property
    def way(self) -> str:
        """How the artifacts are reached, by the type or else by the first key that tells it."""
        if self.dbt_config_type is not None:
            return self.dbt_config_type
        return next((way for key in self._given() for way, keys in _OF_WAY.items() if key in keys), "")

    def _given(self) -> Iterator[str]:
        names = zip(known_keys(type(self)), type(self).model_fields, strict=True)
        return (key for key, name in names if name != "dbt_config_type" and getattr(self, name) is not None)


class DbtConfig(WorkflowBlock):
    """What to read of dbt, and what of it arrives."""

    type: Annotated[_PipelineType, any_case(_PipelineType)] = Field(default="DBT", description="The kind of workflow.")
    dbt_config_source: DbtConfigSource = Field(description="Where the artifacts are.")
    db_service_names: ServiceNames = Field(
        default=(), description="Database services that hold dbt's tables; without any: serviceName."
    )
    dbt_update_descriptions: Switch = Field(
        default=False, description="dbt's descriptions replace those that others wrote."
    )
    dbt_update_owners: Switch = Field(default=False, description="dbt's owners replace those that others set.")
    override_lineage: Switch = Field(default=False, description="Drop old lineage first.")
    include_tags: Switch = Field(default=True, description="Read tags.")
    dbt_classification_name: str = Field(default="dbtTags", description="Classification of dbt's tags.")
    search_across_databases: Switch = Field(
        default=False, description="Look for tables in all databases, whatever the manifest calls theirs."
    )
    parsing_timeout_limit: int = Field(default=300, ge=1, description="Seconds for parsing one query.")
    database_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which databases to read.")
    schema_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which schemas to read.")
    table_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which tables to read.")


class DbtSourceConfig(WorkflowBlock):
    """What to read."""

    config: DbtConfig = Field(description="The options.")


class DbtSource(Source):
    """dbt."""

    source_config: DbtSourceConfig = Field(description="What to read.")

    @property
    def services(self) -> tuple[str, ...]:
        """Database services that hold dbt's tables."""
        return self.source_config.config.db_service_names or (self.service_name,)


class DbtSettings(AwsSourceSettings):
    """What the dbt source can do that OpenMetadata's schema has no key for."""

    dagster_dbt_keys: Switch | Line = Field(
        default=False,
        description="Name the models' assets as dagster-dbt calls them as what comes before; or what their keys begin "
        "with. The manifest must be a file that is there when Dagster loads the code location.",
    )


class DbtDagsterSettings(DagsterSettings):
    """The ``dagster`` block of a dbt recipe."""

    source: DbtSettings = Field(default=DbtSettings(), description="Settings of the dbt source.")


class DbtWorkflow(Workflow):
    """A recipe of dbt."""

    source: DbtSource = Field(description="The metadata to read.")
    dagster: DbtDagsterSettings = Field(default=DbtDagsterSettings(), description="When and how Dagster runs it.")
