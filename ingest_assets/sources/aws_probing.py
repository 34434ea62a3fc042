"""Trying permissions of AWS, each with one small call."""

from __future__ import annotations

from typing import Any

from ingest_assets.errors import AuthenticationError, NotFoundError, PermissionDeniedError, RemoteError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.probing import ProbeStep


def try_call(
    session: AwsSession, service: str, operation: str, subject: str, parameters: dict[str, Any]
) -> tuple[ProbeStep, dict[str, Any]]:
    """Try one call.

    Returns:
        What it tells, and its answer; an empty one where there was none.

    Raises:
        AuthenticationError: The credentials are refused; nothing else can be told.
    """
    name = f"{service}:{operation} of {subject}"
    try:
        answer = session.call(service, operation, subject, **parameters)
    except AuthenticationError:
        raise
    except RemoteError as error:
        refused = isinstance(error, (PermissionDeniedError, NotFoundError))
        return ProbeStep(name, False if refused else None, str(error)), {}
    return ProbeStep(name, True, "granted"), answer
