"""Identity providers: auth0, Cognito, Microsoft, Google, Okta, Keycloak, OneLogin, and OpenMetadata's own log-in."""

from ingest_assets.sandbox.identity.app import IdentityApp

__all__ = ["IdentityApp"]
