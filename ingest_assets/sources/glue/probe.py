"""Tries each permission that a Glue recipe needs, and those that would show more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest_assets.errors import AuthenticationError, NotFoundError, PermissionDeniedError, RemoteError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.glue.source import GlueSettings
from ingest_assets.sources.probing import ProbeStep


def probe(session: AwsSession, settings: GlueSettings) -> Iterator[ProbeStep]:
    """Try every permission with the smallest call that needs it.

    Raises:
        AuthenticationError: The credentials are refused; nothing else can be told.
        DeadlineExceededError: The run's time is over.
    """
    account = session.account_id()
    yield ProbeStep("credentials", granted=True, detail=f"account {account}, region {session.region}")
    for catalog in dict.fromkeys([account, *settings.catalog_ids]):
        yield from _probe_catalog(session, catalog, {} if catalog == account else {"CatalogId": catalog})
    step, answer = _try(session, "GetCatalogs", account, {})
    nested = [each["CatalogId"] for each in answer.get("CatalogList", []) if "CatalogId" in each]
    unread = ", ".join(sorted(set(nested) - {account, *settings.catalog_ids}))
    yield step._replace(
        required=False, detail=f"catalogs that the recipe does not name: {unread}" if unread else _more(step)
    )


def _probe_catalog(session: AwsSession, catalog: str, where: dict[str, object]) -> Iterator[ProbeStep]:
    step, answer = _try(session, "GetDatabases", catalog, where)
    yield step
    names = [each["Name"] for each in answer.get("DatabaseList", []) if "TargetDatabase" not in each]
    if names:
        step, _ = _try(session, "GetTables", f"{catalog} / {names[0]}", {**where, "DatabaseName": names[0]})
        yield step
    else:
        detail = "could not be tried: no database was seen"
        yield ProbeStep(f"glue:GetTables of {catalog}", granted=None, detail=detail)


def _try(
    session: AwsSession, operation: str, subject: str, parameters: dict[str, object]
) -> tuple[ProbeStep, dict[str, Any]]:
    name = f"glue:{operation} of {subject}"
    try:
        answer = session.call("glue", operation, subject, MaxResults=1, **parameters)
    except AuthenticationError:
        raise
    except RemoteError as error:
        refused = isinstance(error, (PermissionDeniedError, NotFoundError))
        return ProbeStep(name, False if refused else None, str(error)), {}
    return ProbeStep(name, True, "granted"), answer


def _more(step: ProbeStep) -> str:
    return step.detail if step.granted else f"would show the account's other catalogs; {step.detail}"
