"""``workflowConfig.openMetadataServerConfig``: where the OpenMetadata server is, and who we are to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from ingest_assets.recipe.fields import HttpUrl, Line, Switch, WorkflowBlock, any_case, http_url, one_word
from ingest_assets.recipe.sign_on import missing_keys

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


def is_key_file(secret_key: str) -> bool:
    """Whether google's ``secretKey`` is the path of a file: the key itself is a JSON object."""
    return not secret_key.lstrip().startswith("{")


def _token(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    return SecretStr(text if is_token_file(text) else one_word(text.removeprefix("Bearer ").strip()))


def _text_of(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _line_of(value: object) -> object:
    # Blanks may belong to a password; the line break at the end of its file does not.
    return value.strip("\r\n") if isinstance(value, str) else value


def _domain(value: str) -> str:
    try:
        http_url(value if "://" in value else f"https://{value}")
    except ValueError as error:
        raise ValueError("expected the name of a host, such as company.eu.auth0.com") from error
    return value


def _authority(value: str) -> str:
    url = urlsplit(value)
    if url.scheme != "https" or not url.path.strip("/"):
        raise ValueError("expected the address of a tenant, such as https://login.microsoftonline.com/TENANT")
    return value


_Secret = Annotated[SecretStr, BeforeValidator(_text_of)]
_Password = Annotated[SecretStr, BeforeValidator(_line_of)]
_Domain = Annotated[Line, AfterValidator(_domain)]
_Authority = Annotated[HttpUrl, AfterValidator(_authority)]


class SecurityConfig(WorkflowBlock):
    """The keys of all ways to sign on; which are needed, ``authProvider`` says."""

    jwt_token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        default=None, description="Token of the ingestion bot, or the path of a file that holds it."
    )
    client_id: Line | None = Field(default=None, description="Client id at the identity provider.")
    client_secret: _Secret | None = Field(default=None, description="Client secret (azure).")
    secret_key: _Secret | None = Field(
        default=None, description="Client secret (auth0, custom-oidc), or the key of a service account (google)."
    )
    domain: _Domain | None = Field(
        default=None,
        description="Domain of the provider (auth0, Amazon Cognito), or its issuer (custom-oidc).",
    )
    token_endpoint: HttpUrl | None = Field(default=None, description="Token address (custom-oidc).")
    authority: _Authority | None = Field(
        default=None, description="Address of the tenant (azure): https://login.microsoftonline.com/TENANT."
    )
    scopes: tuple[Line, ...] = Field(default=(), description="Scopes to ask for (azure, okta, auth0, custom-oidc).")
    audience: Line | None = Field(default=None, description="Audience of the token (google, auth0, custom-oidc).")
    org_url: HttpUrl | None = Field(default=None, alias="orgURL", description="Token address (okta).")
    private_key: _Secret | None = Field(default=None, description="Private key as JWK or PEM (okta).")
    email: Line | None = Field(default=None, description="E-mail of the user who logs in (basic).")
    password: _Password | None = Field(default=None, description="Password of the user who logs in (basic).")

    def given(self) -> tuple[str, ...]:
        """The keys that have a value, as a recipe spells them."""
        fields = type(self).model_fields.items()
        return tuple(str(field.alias or name) for name, field in fields if getattr(self, name) not in (None, ()))


class SslConfig(WorkflowBlock):
    """Certificates for the connection to the server."""

    ca_certificate: Line | None = Field(default=None, description="File of the certificate authority.")
    certificate_path: Line | None = Field(
        default=None, description="Spelling of OpenMetadata 1.0 to 1.3: file of the certificate authority."
    )
    ssl_certificate: Line | None = Field(default=None, description="File of the client's certificate.")
    ssl_key: _Secret | None = Field(default=None, description="File of the client's key, if it has one of its own.")

    @property
    def ca_file(self) -> str | None:
        """The file of the certificate authority, in either spelling."""
        return self.ca_certificate or self.certificate_path


class OpenMetadataServerConfig(WorkflowBlock):
    """The server, the sign-on and the connection's security."""

    host_port: HttpUrl = Field(description="Address of the API, such as https://openmetadata.example/api.")
    auth_provider: Annotated[AuthProvider, any_case(AuthProvider)] = Field(
        default="openmetadata",
        description="Who gives the token; openmetadata: the server itself, to its bot. A jwtToken signs on alone.",
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

    def secrets_in_files(self) -> tuple[SecretStr, ...]:
        """Values that are no secrets but the paths of their files."""
        config = self.security_config
        token = [config.jwt_token] if config.jwt_token and is_token_file(config.jwt_token.get_secret_value()) else []
        key = config.secret_key if self.auth_provider == "google" else None
        google = [key] if key and is_key_file(key.get_secret_value()) else []
        return (*token, *google, *([self.ssl_config.ssl_key] if self.ssl_config.ssl_key else []))

    @model_validator(mode="after")
    def _what_goes_together(self) -> OpenMetadataServerConfig:
        missing = missing_keys(self.auth_provider, self.security_config.given())
        if missing is not None:
            raise ValueError(missing)
        if self.verify_ssl == "validate" and self.ssl_config.ca_file is None:
            raise ValueError("verifySSL: validate needs sslConfig.caCertificate, the file of the authority")
        if self.ssl_config.ssl_key is not None and self.ssl_config.ssl_certificate is None:
            raise ValueError("sslConfig.sslKey needs sslConfig.sslCertificate, the certificate that it belongs to")
        return self
