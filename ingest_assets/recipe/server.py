"""``workflowConfig.openMetadataServerConfig``: where the OpenMetadata server is, and who we are to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator

from ingest_assets.recipe.fields import HttpUrl, Line, Switch, WorkflowBlock, any_case, one_word

AuthProvider = Literal[
    "openmetadata",
    "no-auth",
    "auth0",
    "azure",
    "google",
    "okta",
    "custom-oidc",
    "aws-cognito",
    "basic",
    "ldap",
    "saml",
]
VerifySsl = Literal["no-ssl", "ignore", "validate"]
_ServerType = Literal["OpenMetadata"]


def is_token_file(jwt_token: str) -> bool:
    """Whether ``jwtToken`` is the path of a file: a token itself has no slash."""
    return "/" in jwt_token


def _token(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    return SecretStr(text if is_token_file(text) else one_word(text.removeprefix("Bearer ").strip()))


class SecurityConfig(WorkflowBlock):
    """The keys of all ways to sign on; which are needed, ``authProvider`` says."""

    jwt_token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        default=None, description="Token of the ingestion bot, or the path of a file that holds it."
    )
    client_id: str | None = Field(default=None, description="Client id at the identity provider.")
    client_secret: SecretStr | None = Field(default=None, description="Client secret (azure).")
    secret_key: SecretStr | None = Field(
        default=None, description="Client secret (auth0, custom-oidc), or the credentials file (google)."
    )
    domain: str | None = Field(default=None, description="Domain of the identity provider (auth0).")
    token_endpoint: str | None = Field(default=None, description="Token address (custom-oidc).")
    authority: str | None = Field(default=None, description="Address of the tenant (azure).")
    scopes: tuple[str, ...] = Field(default=(), description="Scopes to ask for (azure, okta).")
    audience: str | None = Field(default=None, description="Audience of the token (google).")
    org_url: str | None = Field(default=None, alias="orgURL", description="Token address (okta).")
    private_key: SecretStr | None = Field(default=None, description="Private key as JWK or PEM (okta).")
    email: str | None = Field(default=None, description="E-mail of the service user (okta).")


class SslConfig(WorkflowBlock):
    """Certificates for the connection to the server."""

    ca_certificate: Line | None = Field(default=None, description="File of the certificate authority.")
    certificate_path: Line | None = Field(
        default=None, description="Spelling of OpenMetadata 1.0 to 1.3: file of the certificate authority."
    )
    ssl_certificate: Line | None = Field(default=None, description="File of the client's certificate.")
    ssl_key: SecretStr | None = Field(default=None, description="File of the client's key.")

    @property
    def ca_file(self) -> str | None:
        """The file of the certificate authority, in either spelling."""
        return self.ca_certificate or self.certificate_path


class OpenMetadataServerConfig(WorkflowBlock):
    """The server, the sign-on and the connection's security."""

    host_port: HttpUrl = Field(description="Address of the API, such as https://openmetadata.example/api.")
    auth_provider: Annotated[AuthProvider, any_case(AuthProvider)] = Field(
        default="openmetadata", description="Who issues our token; openmetadata means the bot's own token."
    )
    security_config: SecurityConfig = Field(
        default=SecurityConfig(), description="The token, or what it takes to get one."
    )
    verify_ssl: Annotated[VerifySsl, any_case(VerifySsl)] = Field(
        default="no-ssl",
        alias="verifySSL",
        description="no-ssl: the usual check of https; validate: against sslConfig; ignore: no check at all.",
    )
    ssl_config: SslConfig = Field(default=SslConfig(), description="Certificates.")
    api_version: str = Field(default="v1", description="Version in the API's paths.")
    extra_headers: dict[str, SecretStr] = Field(
        default={}, description="Headers to send along with each request, for a proxy in front of the server."
    )
    type: Annotated[_ServerType, any_case(_ServerType)] = Field(
        default="OpenMetadata", description="Type of the metadata service."
    )
    cluster_name: str | None = Field(default=None, description="Name of the server's cluster.")
    store_service_connection: Switch = Field(default=True, description="Keep the service's connection on the server.")
    force_entity_overwriting: Switch = Field(default=False, description="Write services that exist anew.")
    enable_version_validation: Switch = Field(
        default=True, description="Compare the server's version with the client's."
    )
    secrets_manager_provider: str | None = Field(
        default=None, description="Secrets manager that the server keeps connections in."
    )
    secrets_manager_loader: str | None = Field(
        default=None, description="Where the client finds the secrets manager's credentials."
    )
    supports_data_insight_extraction: Switch = Field(default=True, description="A switch of the UI.")
    supports_elastic_search_reindexing_extraction: Switch = Field(default=True, description="A switch of the UI.")
    elastics_search: dict[str, Any] | None = Field(
        default=None, alias="elasticsSearch", description="Search index settings of the reindexing workflow."
    )
    limit_records: int | None = Field(default=None, ge=1, description="Records of the reindexing workflow.")

    @model_validator(mode="after")
    def _what_goes_together(self) -> OpenMetadataServerConfig:
        if self.auth_provider == "openmetadata" and self.security_config.jwt_token is None:
            raise ValueError("securityConfig.jwtToken is missing or empty: the token of the ingestion bot")
        if self.verify_ssl == "validate" and self.ssl_config.ca_file is None:
            raise ValueError("verifySSL: validate needs sslConfig.caCertificate, the file of the authority")
        return self
