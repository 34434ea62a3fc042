"""Recipes of Looker."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from ingest_assets.recipe.dashboards import DashboardConnection, DashboardMetadataConfig
from ingest_assets.recipe.fields import HttpUrl, Line, SecretKey, Switch, WorkflowBlock, any_case
from ingest_assets.recipe.settings import DagsterSettings, SourceSettings
from ingest_assets.recipe.workflow import Source, Workflow

_ConnectionType = Literal["Looker"]
_GitType = Literal["GitHub", "BitBucket", "Gitlab"]


def _names(value: object) -> object:
    """OpenMetadata takes several names divided by commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class GitCredentials(WorkflowBlock):
    """A repository that holds LookML."""

    type: Annotated[_GitType, any_case(_GitType)] = Field(default="GitHub", description="Kind of host.")
    git_host_url: HttpUrl | None = Field(
        default=None, alias="gitHostURL", description="Address of the host where it is not the public one."
    )
    repository_owner: Line | None = Field(default=None, description="User, organization or group.")
    repository_name: Annotated[tuple[Line, ...], BeforeValidator(_names)] = Field(
        default=(), description="The repository; several divided by commas."
    )
    token: SecretKey | None = Field(
        default=None, description="Only for private repositories, and for GitHub's higher limit."
    )
    branch: Line | None = Field(default=None, description="Branch, tag or commit; the default branch by default.")
    url: Line | None = Field(default=None, description="Address of any other git repository, or a local folder.")

    @model_validator(mode="after")
    def _names_a_repository(self) -> GitCredentials:
        if self.url is None and (self.repository_owner is None or not self.repository_name):
            raise ValueError("repositoryOwner and repositoryName are missing, or url")
        return self


def _git(value: object) -> object:
    """``{}`` stands for no credentials, and a text for a local folder or an address."""
    if isinstance(value, str):
        return {"url": value} if value.strip() else None
    return value or None


class LookerConnection(DashboardConnection):
    """How to reach Looker."""

    type: Annotated[_ConnectionType, any_case(_ConnectionType)] = Field(
        default="Looker", description="Type of the service."
    )
    client_id: Line = Field(description="Client id of the API key.")
    client_secret: SecretStr = Field(description="Client secret of the API key.")
    host_port: HttpUrl = Field(description="Address of the Looker instance.")
    github_credentials: GitCredentials | None = Field(
        default=None, description="The GitHub repository that holds the LookML."
    )
    git_credentials: Annotated[GitCredentials | None, BeforeValidator(_git)] = Field(
        default=None, description="The same for any host, or a local folder."
    )

    @model_validator(mode="after")
    def _one_way_to_the_repository(self) -> LookerConnection:
        if self.github_credentials is not None and self.git_credentials is not None:
            raise ValueError("githubCredentials and gitCredentials are two names of one thing; give one of them")
        return self

    @property
    def repository(self) -> GitCredentials | None:
        """Where the LookML lies; None: it is not read."""
        return self.github_credentials or self.git_credentials


class LookerServiceConnection(WorkflowBlock):
    """How to reach the service."""

    config: LookerConnection = Field(description="The connection.")


class LookerSourceConfig(WorkflowBlock):
    """What to read."""

    config: DashboardMetadataConfig = Field(default=DashboardMetadataConfig(), description="The options.")


class LookerSource(Source):
    """Looker."""

    service_connection: LookerServiceConnection = Field(description="How to reach the service.")
    source_config: LookerSourceConfig = Field(default=LookerSourceConfig(), description="What to read.")


class LookerSettings(SourceSettings):
    """What the Looker source can do that OpenMetadata's schema has no key for."""

    include_looks: Switch = Field(default=False, description="Read looks too, as dashboards of type Report.")
    connections: dict[Line, Line] = Field(
        default={},
        description="Where the tables of a connection are, by its name: a database service, or service.database.",
    )
    user_attributes: dict[Line, str] = Field(
        default={}, description="Values of user attributes that Liquid in LookML asks for."
    )


class LookerDagsterSettings(DagsterSettings):
    """The ``dagster`` block of a Looker recipe."""

    source: LookerSettings = Field(default=LookerSettings(), description="Settings of the Looker source.")


class LookerWorkflow(Workflow):
    """A recipe of Looker."""

    source: LookerSource = Field(description="The dashboards to read.")
    dagster: LookerDagsterSettings = Field(default=LookerDagsterSettings(), description="When and how Dagster runs it.")
