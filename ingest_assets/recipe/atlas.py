"""Recipes of Apache Atlas."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from ingest_assets.recipe.database import DatabaseMetadataConfig
from ingest_assets.recipe.fields import HttpUrl, Line, SecretKey, Switch, WorkflowBlock, any_case
from ingest_assets.recipe.filters import FilterPattern
from ingest_assets.recipe.settings import DagsterSettings, SourceSettings
from ingest_assets.recipe.workflow import Source, Workflow

_ConnectionType = Literal["Atlas"]
_LATIN_1 = 255


def _names(value: object) -> object:
    """One name stands for a list of one."""
    return [value] if isinstance(value, str) else value


ServiceNames = Annotated[tuple[Line, ...], BeforeValidator(_names)]
"""Names of services; one alone needs no list."""


class AtlasConnection(WorkflowBlock):
    """How to reach Atlas, and which services of OpenMetadata its knowledge is for."""

    type: Annotated[_ConnectionType, any_case(_ConnectionType)] = Field(
        default="Atlas", description="Type of the service."
    )
    host_port: HttpUrl = Field(
        description="Address of Atlas, such as http://atlas.example:21000, with a gateway's path where there is one."
    )
    username: Line | None = Field(default=None, description="User who may read all metadata.")
    password: SecretStr | None = Field(default=None, description="Password of the user.")
    token: SecretKey | None = Field(
        default=None, description="Token for a gateway such as Knox, in place of user and password."
    )
    extra_headers: dict[Line, SecretStr] = Field(
        default={}, description="Headers to send along with each request, as a gateway may ask for."
    )
    database_service_name: ServiceNames = Field(
        default=(), description="Database services whose databases, tables and columns Atlas knows more of."
    )
    messaging_service_name: ServiceNames = Field(
        default=(), description="Messaging services whose topics Atlas knows more of."
    )
    entity_type: Line | None = Field(
        default=None,
        alias="entity_type",
        description="Atlas's type of the tables to read, such as hive_table; Table for all types of tables.",
    )
    entity_type_camel: Line | None = Field(default=None, alias="entityType", description="The same in camel case.")
    connection_options: dict[str, str] = Field(default={}, description="Options of a driver that there is none of.")
    connection_arguments: dict[str, str] = Field(default={}, description="Arguments of a driver.")
    supports_metadata_extraction: Switch = Field(default=True, description="A switch of the UI.")

    @model_validator(mode="after")
    def _knows_how_to_sign_on(self) -> AtlasConnection:
        if (self.username is None) != (self.password is None):
            missing = "password" if self.password is None else "username"
            raise ValueError(f"{missing} is missing: basic sign-on takes both")
        if self.username is None and self.token is None and not self.extra_headers:
            raise ValueError("username and password are missing, or a token")
        return self

    @model_validator(mode="after")
    def _headers_can_be_sent(self) -> AtlasConnection:
        for name, value in self.extra_headers.items():
            if not name.isascii() or any(ord(letter) > _LATIN_1 for letter in value.get_secret_value()):
                raise ValueError(f"extraHeaders: {name} holds a letter that no header can")
        return self

    @model_validator(mode="after")
    def _address_has_no_query(self) -> AtlasConnection:
        parts = urlsplit(str(self.host_port))
        if parts.query or parts.fragment:
            raise ValueError("hostPort is an address without ? and #")
        return self

    @model_validator(mode="after")
    def _names_one_entity_type(self) -> AtlasConnection:
        if self.entity_type is not None and self.entity_type_camel is not None:
            raise ValueError("entity_type and entityType are two names of one thing; give one of them")
        return self

    @model_validator(mode="after")
    def _names_a_service(self) -> AtlasConnection:
        if not self.database_service_name and not self.messaging_service_name:
            raise ValueError(
                "databaseServiceName or messagingServiceName is missing: what Atlas knows is for a service"
            )
        return self

    @property
    def services(self) -> frozenset[str]:
        """All services that it names."""
        return frozenset((*self.database_service_name, *self.messaging_service_name))

    @property
    def entities(self) -> str:
        """The type of tables to read."""
        return self.entity_type or self.entity_type_camel or "Table"


class AtlasServiceConnection(WorkflowBlock):
    """How to reach the service."""

    config: AtlasConnection = Field(description="The connection.")


class AtlasMetadataConfig(DatabaseMetadataConfig):
    """What to read; of what databases have, and of topics."""

    topic_filter_pattern: FilterPattern = Field(default=FilterPattern(), description="Which topics to read.")


class AtlasSourceConfig(WorkflowBlock):
    """What to read."""

    config: AtlasMetadataConfig = Field(default=AtlasMetadataConfig(), description="The options.")


class AtlasSource(Source):
    """Apache Atlas."""

    service_connection: AtlasServiceConnection = Field(description="How to reach the service.")
    source_config: AtlasSourceConfig = Field(default=AtlasSourceConfig(), description="What to read.")


class AtlasSettings(SourceSettings):
    """What the Atlas source can do that OpenMetadata's schema has no key for."""

    create: Switch = Field(
        default=False,
        description="Make what OpenMetadata lacks in the named services: databases, schemas, tables and topics.",
    )
    database_name: Line = Field(
        default="default", description="With create: the database that Atlas's databases become schemas of."
    )
    clusters: dict[Line, ServiceNames] = Field(
        default={},
        description="Which of the named services hold what is of a cluster, by its name: what follows the @ in "
        "qualified names. Needed where several clusters have databases of one name.",
    )
    include_propagated: Switch = Field(
        default=True, description="Show classifications on what Atlas propagated them to, along lineage."
    )
    pipelines: Line | None = Field(
        default=None,
        description="Show processes as pipelines of a service of this name, which is made; lineage leads through them.",
    )
    include_lineage: Switch = Field(default=True, description="Read processes, as lineage.")
    ca_file: Line | None = Field(default=None, description="File of the authority that signed Atlas's certificate.")
    client_certificate: Line | None = Field(default=None, description="File of the client's certificate.")
    client_key: Line | None = Field(default=None, description="File of the client's key, if it has one of its own.")

    @model_validator(mode="after")
    def _a_key_belongs_to_a_certificate(self) -> AtlasSettings:
        if self.client_key is not None and self.client_certificate is None:
            raise ValueError("client_key needs client_certificate, the certificate that it belongs to")
        return self


class AtlasDagsterSettings(DagsterSettings):
    """The ``dagster`` block of an Atlas recipe."""

    source: AtlasSettings = Field(default=AtlasSettings(), description="Settings of the Atlas source.")


class AtlasWorkflow(Workflow):
    """A recipe of Apache Atlas."""

    source: AtlasSource = Field(description="The metadata to read.")
    dagster: AtlasDagsterSettings = Field(default=AtlasDagsterSettings(), description="When and how Dagster runs it.")

    @model_validator(mode="after")
    def _makes_things_elsewhere(self) -> AtlasWorkflow:
        is_named = self.source.service_name in self.source.service_connection.config.services
        if self.dagster.source.create and is_named:
            raise ValueError("source.serviceName must be another one than the services in which things are created")
        return self

    @model_validator(mode="after")
    def _clusters_lie_in_named_services(self) -> AtlasWorkflow:
        named = self.source.service_connection.config.services
        for cluster, services in self.dagster.source.clusters.items():
            for service in services:
                if service not in named:
                    raise ValueError(
                        f"dagster.source.clusters: {cluster} lies in {service}, which neither databaseServiceName nor "
                        "messagingServiceName names"
                    )
        return self
