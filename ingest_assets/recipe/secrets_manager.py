"""Reading secrets from AWS Secrets Manager. Importing this module imports boto3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from ingest_assets.errors import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.recipe.fields import one_word

_CONNECT_TIMEOUT = 10
_READ_TIMEOUT = 30
_ATTEMPTS = 4
_ARN_PARTS = 7
_ERRORS: Mapping[str, tuple[type[RemoteError], str]] = {
    "ResourceNotFoundException": (NotFoundError, "Check its name and the region."),
    "AccessDeniedException": (PermissionDeniedError, "Allow secretsmanager:GetSecretValue (and kms:Decrypt)."),
    "DecryptionFailure": (PermissionDeniedError, "Allow kms:Decrypt on the secret's key."),
    "UnrecognizedClientException": (AuthenticationError, "Check the AWS credentials of the environment."),
    "InvalidClientTokenId": (AuthenticationError, "Check the AWS credentials of the environment."),
    "InvalidSignatureException": (AuthenticationError, "Check the AWS credentials of the environment."),
    "ExpiredTokenException": (AuthenticationError, "The AWS credentials of the environment have expired."),
    "InternalServiceError": (UnavailableError, ""),
    "ThrottlingException": (UnavailableError, ""),
}


class SecretsManager:
    """Reads secrets as the environment's credentials may.

    Args:
        environ: Keys, session token, ``AWS_REGION`` (or ``AWS_DEFAULT_REGION``) and ``AWS_ENDPOINT_URL`` (or
            ``AWS_ENDPOINT_URL_SECRETS_MANAGER``) are read here, everything else by boto3's own chain. The region of
            an ARN wins.
        timeout: Seconds in which an answer is there, or none is waited for; None: a run's own, with its retries.
    """

    def __init__(self, environ: Mapping[str, str], *, timeout: float | None = None) -> None:
        self._environ = environ
        self._timeout = timeout

    def read(self, name: str) -> str:
        """The text of a secret.

        Args:
            name: Its name or ARN.

        Raises:
            RemoteError: The kind says whether it is missing, denied, or can be had later.
        """
        where = f"secretsmanager:GetSecretValue of {name}"
        try:
            answer = self._client(name, where).get_secret_value(SecretId=name)
        except ClientError as error:
            raise _as_ours(error, where) from error
        except NoCredentialsError as error:
            raise AuthenticationError("no AWS credentials in the environment.", where=where) from error
        except NoRegionError as error:
            advice = "Set AWS_REGION, or write the secret's ARN."
            raise RejectedError("no region is known.", where=where, advice=advice) from error
        except ValueError as error:
            advice = "Check AWS_ENDPOINT_URL and AWS_REGION of the environment."
            raise RejectedError("the address of the service is none.", where=where, advice=advice) from error
        except BotoCoreError as error:
            # Its words may quote a header that can't be sent, or a proxy's password.
            advice = "Check the AWS variables of the environment, and the network."
            raise UnavailableError(f"no answer ({type(error).__name__}).", where=where, advice=advice) from error
        text = answer.get("SecretString")
        return str(text) if text is not None else _decoded(answer["SecretBinary"], where)

    def _client(self, name: str, where: str) -> Any:
        environ = self._environ
        session = boto3.Session(
            aws_access_key_id=self._key("AWS_ACCESS_KEY_ID", where),
            aws_secret_access_key=self._key("AWS_SECRET_ACCESS_KEY", where),
            aws_session_token=self._key("AWS_SESSION_TOKEN", where),
        )
        return session.client(
            "secretsmanager",
            region_name=_region_of(name) or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION"),
            endpoint_url=environ.get("AWS_ENDPOINT_URL_SECRETS_MANAGER") or environ.get("AWS_ENDPOINT_URL"),
            config=Config(
                connect_timeout=self._timeout or _CONNECT_TIMEOUT,
                read_timeout=self._timeout or _READ_TIMEOUT,
                retries={"mode": "standard", "total_max_attempts": 1 if self._timeout else _ATTEMPTS},
            ),
        )

    def _key(self, name: str, where: str) -> str | None:
        try:
            return one_word(self._environ.get(name, "").strip()) or None
        except ValueError as error:
            raise AuthenticationError(f"{name} of the environment {error}", where=where) from None


def _region_of(name: str) -> str | None:
    parts = name.split(":")
    return parts[3] if len(parts) >= _ARN_PARTS and parts[0] == "arn" else None


def _as_ours(error: ClientError, where: str) -> RemoteError:
    code = error.response["Error"]["Code"]
    status = error.response["ResponseMetadata"].get("HTTPStatusCode")
    kind, advice = _ERRORS.get(code, (RejectedError, ""))
    # On a wrong signature AWS quotes the signed headers, session token included.
    message = "" if kind is AuthenticationError else error.response["Error"].get("Message", "")
    return kind(f"{code}: {message or 'refused'}", where=where, advice=advice, status=status)


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedError("the secret is binary, not UTF-8 text.", where=where) from error
