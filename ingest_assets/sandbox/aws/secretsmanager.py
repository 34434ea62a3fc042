"""AWS Secrets Manager: reading a secret."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ingest_assets.sandbox.aws.operations import Caller, Operation, Params
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.objects import Secret

_CURRENT = "AWSCURRENT"


class SecretsManagerService:
    """The Secrets Manager operations that are built."""

    name = "secretsmanager"

    def __init__(self, company: Company) -> None:
        self._company = company

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        honours = frozenset({"SecretId", "VersionId", "VersionStage"})
        return {"GetSecretValue": Operation(self.get_secret_value, honours)}

    def get_secret_value(self, caller: Caller, params: Params) -> Params:
        """``GetSecretValue``: by name, or by ARN with or without its random end."""
        wanted = params["SecretId"]
        caller.principal.require("secretsmanager:GetSecretValue", wanted)
        secret = next((s for s in self._company.secrets.values() if wanted in self._names(s)), None)
        if secret is None or caller.account != self._company.account:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        stage, version = params.get("VersionStage", _CURRENT), params.get("VersionId", secret.version_id)
        if stage != _CURRENT or version != secret.version_id:
            message = "Secrets Manager can't find the specified secret value"
            raise Refusal("ResourceNotFoundException", f"{message} for staging label or version.")
        return {
            "ARN": self._arn(secret),
            "Name": secret.name,
            "VersionId": secret.version_id,
            "SecretString" if isinstance(secret.value, str) else "SecretBinary": secret.value,
            "VersionStages": [_CURRENT],
            "CreatedDate": secret.created,
        }

    def _arn(self, secret: Secret) -> str:
        end = hashlib.sha256(secret.name.encode()).hexdigest()[:6]
        return f"{self._partial_arn(secret)}-{end}"

    def _partial_arn(self, secret: Secret) -> str:
        return f"arn:aws:secretsmanager:{self._company.region}:{self._company.account}:secret:{secret.name}"

    def _names(self, secret: Secret) -> tuple[str, str, str]:
        return secret.name, self._partial_arn(secret), self._arn(secret)
