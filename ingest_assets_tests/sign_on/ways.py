"""The documentation's blocks for signing on, filled in for the sandbox's providers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingest_assets.calls import Calls
from ingest_assets.ingestion.build import build_client
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.recipe import Resolver, load_recipe
from ingest_assets.sandbox.identity.clients import Auth0, Cognito, Keycloak, OneLogin
from ingest_assets.sandbox.identity.directory import Directory
from ingest_assets.sandbox.identity.signers import Okta
from ingest_assets.sandbox.secure import SecureFront
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN

_CLIENT = ("clientId: '{your_client_id}'", "secretKey: '{your_client_secret}'", "domain: '{your_domain}'")

# As OpenMetadata's page about Atlas prints them, each with what follows authProvider.
PRINTED: Mapping[str, tuple[str, ...]] = {
    "OpenMetadata": ("openmetadata", "jwtToken: '{bot_jwt_token}'"),
    "Auth0": ("auth0", *_CLIENT),
    "Azure": (
        "azure",
        "clientSecret: '{your_client_secret}'",
        "authority: '{your_authority_url}'",
        "clientId: '{your_client_id}'",
        "scopes:",
        "  - your_scopes",
    ),
    "Custom OIDC": ("custom-oidc", *_CLIENT),
    "Google": ("google", "secretKey: '{path-to-json-creds}'"),
    "Okta": (
        "okta",
        'clientId: "{CLIENT_ID - SPA APP}"',
        'orgURL: "{ISSUER_URL}/v1/token"',
        'privateKey: "{public/private keypair}"',
        'email: "{email}"',
        "scopes:",
        "  - token",
    ),
    "Amazon Cognito": ("auth0", *_CLIENT),
    "OneLogin": ("custom-oidc", *_CLIENT),
    "KeyCloak": ("custom-oidc", *_CLIENT),
}
THREADS = 16
PROVIDERS = ["auth0", "azure", "custom-oidc", "google", "okta", "basic"]
SECRETS = {
    "auth0": "secretKey",
    "azure": "clientSecret",
    "custom-oidc": "secretKey",
    "google": "secretKey",
    "okta": "privateKey",
    "basic": "password",
}
DOMAINS = {
    "Auth0": Auth0.host,
    "Custom OIDC": f"{Keycloak.host}/realms/norrpost",
    "Amazon Cognito": Cognito.host,
    "OneLogin": f"https://{OneLogin.host}/oidc/2",
    "KeyCloak": f"https://{Keycloak.host}/realms/norrpost/",
}


def printed(title: str) -> str:
    """A block as the page prints it."""
    provider, *lines = PRINTED[title]
    head = "workflowConfig:\n  openMetadataServerConfig:\n    hostPort: 'http://localhost:8585/api'\n"
    return f"{head}    authProvider: {provider}\n    securityConfig:\n" + "".join(f"      {line}\n" for line in lines)


@dataclass
class SignOns:
    """A sandbox, its front with TLS, and a folder for recipes and keys."""

    sandbox: Sandbox
    front: SecureFront
    folder: Path

    def filled(self, title: str, block: str) -> dict[str, Any]:
        """``openMetadataServerConfig`` of a printed block, with what a reader fills in; the hosts are the real ones."""
        directory = self.sandbox.identity.directory
        key_file = self.folder / "google.json"
        key_file.write_text(json.dumps(directory.google_key("https://oauth2.googleapis.com")))
        values = {
            "http://localhost:8585/api": self.sandbox.openmetadata_host_port,
            "{bot_jwt_token}": self.sandbox.bot_token,
            "{your_client_id}": directory.client_id,
            "{CLIENT_ID - SPA APP}": directory.client_id,
            "{your_client_secret}": directory.secret,
            "{your_domain}": DOMAINS.get(title, ""),
            "{your_authority_url}": f"https://login.microsoftonline.com/{directory.tenant}",
            "your_scopes": directory.azure_scope,
            "{path-to-json-creds}": str(key_file),
            "{ISSUER_URL}/v1/token": f"https://{Okta.host}/oauth2/default/v1/token",
            "{public/private keypair}": directory.jwk(),
            "{email}": "catalog@norrpost.example",
            "token": "openmetadata",  # the scope
        }
        config: dict[str, Any] = yaml.safe_load(block)["workflowConfig"]["openMetadataServerConfig"]
        return {name: _filled(value, values) for name, value in config.items()}

    def block(self, title: str) -> dict[str, Any]:
        """``openMetadataServerConfig`` of one of the page's ways to sign on."""
        return self.filled(title, printed(title))

    def local(self, provider: str, directory: Directory | None = None) -> dict[str, Any]:
        """``openMetadataServerConfig`` for a provider at this machine; keys of another directory are wrong."""
        directory, url = directory or self.sandbox.identity.directory, self.sandbox.url
        client = {"clientId": directory.client_id, "secretKey": directory.secret}
        realm = f"{url}/realms/norrpost"
        blocks: dict[str, dict[str, Any]] = {
            "auth0": {**client, "domain": url},
            "azure": {
                "clientId": directory.client_id,
                "clientSecret": directory.secret,
                "authority": f"{self.front.url}/{directory.tenant}",
                "scopes": [directory.azure_scope],
            },
            "custom-oidc": {**client, "tokenEndpoint": f"{realm}/protocol/openid-connect/token"},
            "google": {"secretKey": json.dumps(directory.google_key(url)), "audience": "https://om.norrpost.example"},
            "okta": {
                "clientId": directory.client_id,
                "privateKey": directory.pem(),
                "orgURL": f"{url}/oauth2/default/v1/token",
                "scopes": ["openmetadata"],
            },
            "basic": {"email": directory.email, "password": directory.password},
        }
        return {
            "hostPort": self.sandbox.openmetadata_host_port,
            "authProvider": provider,
            "securityConfig": blocks[provider],
            "sslConfig": {"caCertificate": self.front.ca_file},
        }

    @contextmanager
    def client(self, server: Mapping[str, Any], calls: Calls | None = None) -> Iterator[OpenMetadataClient]:
        """The client of a recipe with this ``openMetadataServerConfig``."""
        path = self.folder / "sign_on.yaml"
        path.write_text(json.dumps(recipe_with(server)), encoding="utf-8")
        workflow = load_recipe(path).resolve(Resolver({}))
        with build_client(workflow, NOTHING_GIVEN, calls or Calls()) as client:
            yield client

    def user(self, server: Mapping[str, Any]) -> str:
        """Whom the server takes us for."""
        with self.client(server) as client:
            return str(client.get("/v1/users/loggedInUser")["name"])

    def asked(self) -> int:
        """How often a token was asked for."""
        return self.sandbox.identity.token_requests()


def recipe_with(server: Mapping[str, Any]) -> dict[str, Any]:
    connection = {"type": "Glue", "awsConfig": {"awsRegion": "eu-north-1"}}
    source = {"type": "glue", "serviceName": "lake", "serviceConnection": {"config": connection}}
    return {"source": source, "workflowConfig": {"openMetadataServerConfig": dict(server)}}


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(item, values) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    return values.get(value, value)
