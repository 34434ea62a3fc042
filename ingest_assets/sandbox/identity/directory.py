"""Who may sign on: one application at each provider, which stands for the ingestion bot, and one person."""

from __future__ import annotations

import json
import secrets
import uuid
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ingest_assets.sandbox.identity.issuer import new_key

BOT = "ingestion-bot"
PERSON = "admin"
REALM = "norrpost"
SCOPE = "openmetadata"
"""What may be asked for at the providers whose scopes are words."""


class Directory:
    """Ids, secrets and keys.

    Attributes:
        client_id: The application's.
        secret: The application's.
        tenant: The company's, at Microsoft.
        email: Who logs in to OpenMetadata itself.
        password: With which password.
        account: The service account, at Google.
        key_id: The id of the keys.
    """

    def __init__(self) -> None:
        self.client_id = str(uuid.uuid4())
        # With characters that a form could spoil; providers make none that both ways of sending it could.
        self.secret = f"{secrets.token_urlsafe(18)}~&= /:"
        self.tenant = str(uuid.uuid4())
        self.email = f"{PERSON}@openmetadata.org"
        self.password = secrets.token_urlsafe(12)
        self.account = "catalog@norrpost.iam.gserviceaccount.com"
        self.key_id = secrets.token_hex(20)

    @property
    def azure_scope(self) -> str:
        """What may be asked for at Microsoft."""
        return f"api://{self.client_id}/.default"

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        """The private key whose public half Okta and Google know."""
        return new_key()

    def pem(self) -> str:
        """The private key as PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def jwk(self) -> str:
        """The private key as JWK."""
        fields: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self.key, as_dict=True)
        fields.pop("key_ops", None)
        return json.dumps({**fields, "kid": self.key_id})

    def google_key(self, base: str) -> dict[str, str]:
        """The file that Google gives for a service account's key.

        Args:
            base: Where Google is.
        """
        return {
            "type": "service_account",
            "project_id": "norrpost",
            "private_key_id": self.key_id,
            "private_key": self.pem(),
            "client_email": self.account,
            "client_id": "104857600000000000000",
            "token_uri": f"{base}/token",
        }
