"""Signature Version 4, checked with the signer that boto3 itself uses."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from datetime import datetime

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.wrappers import Request

from ingest_assets.sandbox.aws.identity import Identities, Principal
from ingest_assets.sandbox.aws.refusal import Refusal

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([^/,]+)/([^/,]+)/aws4_request,\s*"
    r"SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})"
)
_CLOCK_SKEW = 15 * 60  # seconds that AWS tolerates between its clock and the caller's
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

# The same refusal has another code, status and wording in each family of services.
_CODES = {
    "unknown_key": {
        "json": ("UnrecognizedClientException", 400, "The security token included in the request is invalid."),
        "query": ("InvalidClientTokenId", 403, "The security token included in the request is invalid."),
        "rest-xml": (
            "InvalidAccessKeyId",
            403,
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
    },
    "wrong_token": {
        "json": ("UnrecognizedClientException", 400, "The security token included in the request is invalid."),
        "query": ("InvalidClientTokenId", 403, "The security token included in the request is invalid."),
        "rest-xml": ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
    },
    "expired": {
        "json": ("ExpiredTokenException", 400, "The security token included in the request is expired"),
        "query": ("ExpiredToken", 403, "The security token included in the request is expired"),
        "rest-xml": ("ExpiredToken", 400, "The provided token has expired."),
    },
    "mismatch": {
        "json": ("InvalidSignatureException", 400, _MISMATCH),
        "query": ("SignatureDoesNotMatch", 403, _MISMATCH),
        "rest-xml": ("SignatureDoesNotMatch", 403, _MISMATCH),
    },
    "skew": {
        "json": ("InvalidSignatureException", 400, "Signature expired: the request's time is too far from ours."),
        "query": ("SignatureDoesNotMatch", 403, "Signature expired: the request's time is too far from ours."),
        "rest-xml": (
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
        ),
    },
}


def auth_refusal(reason: str, family: str) -> Refusal:
    """The refusal of a caller, in the words of its family of services.

    Args:
        reason: ``unknown_key``, ``wrong_token``, ``expired``, ``mismatch`` or ``skew``.
        family: ``json``, ``query`` or ``rest-xml``.
    """
    error, status, message = _CODES[reason][family]
    return Refusal(error, message, status)


@dataclass(frozen=True)
class Scope:
    """What an ``Authorization`` header says."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def read_scope(request: Request) -> Scope | None:
    """The credential scope of a signed request; None when it isn't signed with Signature Version 4."""
    match = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        return None
    key, date, region, service, headers, signature = match.groups()
    return Scope(key, date, region, service, tuple(headers.split(";")), signature)


def authenticate(request: Request, scope: Scope, family: str, identities: Identities) -> Principal:
    """The principal that signed a request.

    Args:
        request: The request.
        scope: Its credential scope.
        family: Of the service; decides the words of a refusal.
        identities: The known principals and the clock.

    Raises:
        Refusal: The key is unknown, the signature or the session token wrong, or one of them too old.
    """
    principal = identities.principal(scope.access_key_id)
    if principal is None:
        raise auth_refusal("unknown_key", family)
    token = request.headers.get("X-Amz-Security-Token")
    if token != principal.session_token:
        raise auth_refusal("wrong_token", family)
    if not hmac.compare_digest(_expected_signature(request, scope, principal), scope.signature):
        raise auth_refusal("mismatch", family)
    if not _payload_is_as_signed(request):
        raise auth_refusal("mismatch", family)
    if principal.expires is not None and identities.clock() >= principal.expires:
        raise auth_refusal("expired", family)
    if abs(time.time() - _signed_at(request, family)) > _CLOCK_SKEW:
        raise auth_refusal("skew", family)
    return principal


def _expected_signature(request: Request, scope: Scope, principal: Principal) -> str:
    credentials = Credentials(principal.access_key_id, principal.secret_access_key)
    signer = (S3SigV4Auth if scope.service == "s3" else SigV4Auth)(credentials, scope.service, scope.region)
    raw_uri = request.environ.get("RAW_URI") or request.full_path.rstrip("?")
    signed = AWSRequest(
        method=request.method,
        url=f"http://{request.host}{raw_uri}",
        headers={name: request.headers.get(name, "") for name in scope.signed_headers},
        data=request.get_data(),
    )
    signed.context["timestamp"] = request.headers.get("X-Amz-Date", "")
    text = signer.string_to_sign(signed, signer.canonical_request(signed))
    return str(signer.signature(text, signed))


def _payload_is_as_signed(request: Request) -> bool:
    declared = request.headers.get("X-Amz-Content-SHA256")
    if declared is None or declared == "UNSIGNED-PAYLOAD" or declared.startswith("STREAMING-"):
        return True
    return declared == hashlib.sha256(request.get_data()).hexdigest()


def _signed_at(request: Request, family: str) -> float:
    try:
        moment = datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%S%z")
    except (KeyError, ValueError):
        raise auth_refusal("mismatch", family) from None
    return moment.timestamp()
