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
    yield from _probe_catalog(session, "the account's own catalog", {})
    for catalog in settings.catalog_ids:
        yield from _probe_catalog(session, catalog, {"CatalogId": catalog})
    step, answer = _try(session, "GetCatalogs", "the account", {"Recursive": True})
    mounted = {each["CatalogId"] for each in answer.get("CatalogList", []) if "CatalogId" in each}
    unread = ", ".join(sorted(mounted.difference(settings.catalog_ids)))
    detail = f"catalogs that dagster.source.catalog_ids could name too: {unread}" if unread else step.detail
    yield step._replace(required=False, detail=detail if step.granted else f"would tell of mounted catalogs; {detail}")


def _probe_catalog(session: AwsSession, catalog: str, where: dict[str, object]) -> Iterator[ProbeStep]:
    step, answer = _try(session, "GetDatabases", catalog, {**where, "MaxResults": 1})
    yield step
    names = [each["Name"] for each in answer.get("DatabaseList", [])]
    if names:
        place = {**where, "DatabaseName": names[0], "MaxResults": 1}
        yield _try(session, "GetTables", f"{names[0]} in {catalog}", place)[0]
    else:
        yield ProbeStep(f"glue:GetTables of {catalog}", granted=None, detail="not tried: no database was seen")


def _try(
    session: AwsSession, operation: str, subject: str, parameters: dict[str, object]
) -> tuple[ProbeStep, dict[str, Any]]:
    name = f"glue:{operation} of {subject}"
    try:
        answer = session.call("glue", operation, subject, **parameters)
    except AuthenticationError:
        raise
    except RemoteError as error:
        refused = isinstance(error, (PermissionDeniedError, NotFoundError))
        return ProbeStep(name, False if refused else None, str(error)), {}
    return ProbeStep(name, True, "granted"), answer
