"""botocore's exceptions in our own words."""

from __future__ import annotations

import re

from botocore import exceptions as boto
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from ingest_assets.errors import (
    AuthenticationError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)

_LONGEST_MESSAGE = 500
_SERVER_ERROR = 500

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "ExpiredTokenFault"}
_CLOCK = {"RequestExpired", "RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch"}
_UNKNOWN_KEY = {
    "AuthFailure",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthenticated",
    "OptInRequired",
    "UnrecognizedClientException",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "NotAuthorized",
    "UnauthorizedException",
    "UnauthorizedOperation",
}
_DENIED_OTHERWISE = {
    "GlueEncryptionException": "Allow kms:Decrypt on the key that encrypts the catalog.",
    "KMSAccessDeniedException": "Allow kms:Decrypt on the key that encrypts the stream.",
    "UnsupportedUserEditionException": "This needs QuickSight's Enterprise edition.",
}
"""Refusals that no permission of the operation itself mends, and what does."""
_GOVERNED = ("glue:Get", "lakeformation:")
_NOT_FOUND = {"EntityNotFoundException", "NoSuchEntity", "ResourceNotFoundException", "NotFoundException"}
_LATER = {
    "FederationSourceRetryableException",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "InternalServiceException",
    "LimitExceededException",
    "OperationTimeoutException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
# Their words are those of another program, or of Python about what it was given: either may be a secret.
_QUOTING = (
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.SSOTokenLoadError,
    ResponseParserError,
    TypeError,
    AttributeError,
    UnicodeError,
)
_QUOTED_REQUEST = re.compile(r"authorization[=:]|signature=|credential=|x-amz-security-token", re.IGNORECASE)
_ASSUMING = {"AssumeRole", "AssumeRoleWithWebIdentity"}
_ALLOW_ROLE = (
    "Allow sts:AssumeRole in IAM, and let the role's trust policy name the caller, with sts:SetSourceIdentity and the "
    "external id where they are used (assumeRoleSourceIdentity, dagster.source.assumeRoleExternalId)."
)
_CHECK_ROLE = (
    "Check assumeRoleArn, assumeRoleSessionName, assumeRoleSourceIdentity, and assumeRoleExternalId and "
    "assumeRoleDurationSeconds of dagster.source: an hour at most for a role that is assumed by another."
)
_NEW_CREDENTIALS = "Get new credentials (awsAccessKeyId, awsSecretAccessKey, awsSessionToken) and run again."


def is_expired(exc: ClientError) -> bool:
    """Whether AWS says that a session token is over: other credentials may help."""
    return str(exc.response.get("Error", {}).get("Code", "")) in _EXPIRED


def translate(operation: str, subject: str, exc: Exception, renewal: str = "") -> RemoteError:
    """What an exception of botocore means.

    Args:
        operation: E.g. ``glue:GetTables``.
        subject: What the call was about.
        exc: What botocore raised.
        renewal: What to do about credentials that are over; empty: get new keys.

    Returns:
        One of our errors; its message never holds a secret. (AWS's own words on a wrong signature or a malformed key
        quote the signed headers, session token included, so none of them are passed on.)
    """
    where = f"{operation} of {subject}"
    if isinstance(exc, ClientError):
        return _of_answer(operation, where, exc, renewal or _NEW_CREDENTIALS)
    return _without_words(where, exc) or _of_client(where, exc)


def _of_answer(operation: str, where: str, exc: ClientError, renewal: str) -> RemoteError:
    code = str(exc.response.get("Error", {}).get("Code", ""))
    status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    refused = _refused_identity(code, where, status, renewal)
    if refused is not None:
        return refused
    message = str(exc.response.get("Error", {}).get("Message", ""))
    words = f"{code}: {_in_a_line('its words quote the request' if _QUOTED_REQUEST.search(message) else message)}"
    if code in _NOT_FOUND:
        return NotFoundError(words, where=where, status=status)
    if code in _DENIED_OTHERWISE:
        return PermissionDeniedError(words, where=where, status=status, advice=_DENIED_OTHERWISE[code])
    if code in _LATER or (status or 0) >= _SERVER_ERROR or status == 429:  # noqa: PLR2004  # Too Many Requests
        return UnavailableError(words, where=where, status=status, advice="Retries did not help; try again later.")
    if code in _DENIED or status == 403:  # noqa: PLR2004  # Forbidden
        # A role of a profile is assumed by botocore, in the middle of another call.
        lake = ", and in Lake Formation where it governs the data" if operation.startswith(_GOVERNED) else ""
        advice = _ALLOW_ROLE if exc.operation_name in _ASSUMING else f"Allow {operation} in IAM{lake}."
        return PermissionDeniedError(words, where=where, status=status, advice=advice)
    advice = _CHECK_ROLE if exc.operation_name in _ASSUMING else ""
    return RejectedError(words, where=where, status=status, advice=advice)


def _refused_identity(code: str, where: str, status: int | None, renewal: str) -> AuthenticationError | None:
    if code in _EXPIRED:
        return AuthenticationError(f"{code}: the session token is over.", where=where, advice=renewal, status=status)
    if code in _CLOCK:
        advice = "Check awsSecretAccessKey, and this machine's clock."
        return AuthenticationError(
            f"{code}: AWS computes another signature.", where=where, advice=advice, status=status
        )
    if code in _UNKNOWN_KEY:
        advice = "Check awsAccessKeyId and awsSessionToken, and that the region is enabled for the account."
        return AuthenticationError(
            f"{code}: AWS does not know these credentials.", where=where, advice=advice, status=status
        )
    return None


def _of_client(where: str, exc: Exception) -> RemoteError:
    credentials = (
        boto.NoCredentialsError,
        boto.PartialCredentialsError,
        boto.CredentialRetrievalError,
        boto.ProfileNotFound,
    )
    words = _in_a_line(type(exc).__name__ if isinstance(exc, _QUOTING) else str(exc))
    if isinstance(exc, (boto.UnauthorizedSSOTokenError, boto.SSOTokenLoadError, boto.TokenRetrievalError)):
        return AuthenticationError(words, where=where, advice="Sign in to the profile again: aws sso login.")
    if isinstance(exc, credentials):
        advice = "Set awsAccessKeyId and awsSecretAccessKey, or credentials that boto3 finds by itself."
        return AuthenticationError(words, where=where, advice=advice)
    if isinstance(exc, boto.SSLError):
        advice = "Name the file of the authority that signed the certificate in the variable AWS_CA_BUNDLE."
        return UnavailableError(words, where=where, advice=advice)
    if isinstance(exc, (boto.HTTPClientError, boto.ConnectionError, boto.IncompleteReadError)):
        return UnavailableError(words, where=where, advice="Check awsRegion, endPointURL and the network.")
    if isinstance(exc, (ResponseParserError, TypeError, AttributeError)):
        advice = "Is endPointURL that of AWS?"
        return InvalidAnswerError(f"The answer can't be read: {words}", where=where, advice=advice)
    advice = "" if isinstance(exc, boto.ParamValidationError) else "Check awsRegion and endPointURL."
    return RejectedError(words, where=where, advice=advice)


def _without_words(where: str, exc: Exception) -> RemoteError | None:
    """Errors whose own words may hold a secret."""
    if isinstance(exc, boto.ProxyConnectionError):
        # They quote the proxy's address, with its password.
        return UnavailableError("the proxy can't be reached.", where=where, advice="Check HTTPS_PROXY.")
    if type(exc) is boto.HTTPClientError:
        # They quote the header that can't be sent: a token, a signature.
        advice = "Check the AWS keys for line breaks and blanks, then awsRegion and endPointURL."
        return RejectedError("the request can't be sent.", where=where, advice=advice)
    return None


def _in_a_line(text: str) -> str:
    line = " ".join(text.split())[:_LONGEST_MESSAGE]
    if line.startswith("<"):
        line = "an HTML page, as a proxy or a firewall sends it"
    return line if line.endswith((".", "!")) else f"{line}."
