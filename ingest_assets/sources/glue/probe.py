"""Tries each permission that a Glue recipe needs, and those that would show more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest_assets.errors import AuthenticationError, RemoteError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.aws_probing import try_call
from ingest_assets.sources.glue.lf_tags import SEARCHES, refuse_another_place
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
    if settings.include_tags:
        yield from _probe_tags(session, "the account")
    for name, there in _besides(session, settings):
        yield from _elsewhere(there, f"the catalog of {name}", include_tags=settings.include_tags)
    step, answer = try_call(session, "glue", "GetCatalogs", "the account", {"Recursive": True})
    mounted = {each["CatalogId"] for each in answer.get("CatalogList", []) if "CatalogId" in each}
    unread = ", ".join(sorted(mounted.difference(settings.catalog_ids)))
    detail = f"catalogs that dagster.source.catalog_ids could name too: {unread}" if unread else step.detail
    yield step._replace(required=False, detail=detail if step.granted else f"would tell of mounted catalogs; {detail}")


def _probe_catalog(session: AwsSession, catalog: str, where: dict[str, object]) -> Iterator[ProbeStep]:
    step, answer = try_call(session, "glue", "GetDatabases", catalog, {**where, "MaxResults": 1})
    yield step
    schema = _first_name(answer.get("DatabaseList", []))
    if schema is None:
        yield ProbeStep(f"glue:GetTables of {catalog}", granted=None, detail="not tried: no database was seen")
        return
    place = {**where, "DatabaseName": schema}
    step, answer = try_call(session, "glue", "GetTables", f"{schema} in {catalog}", {**place, "MaxResults": 1})
    yield step
    yield _for_removals(
        try_call(session, "glue", "GetDatabase", f"{schema} in {catalog}", {**where, "Name": schema})[0]
    )
    table = _first_name(answer.get("TableList", []))
    if table is not None:
        asked = try_call(session, "glue", "GetTable", f"{schema}.{table} in {catalog}", {**place, "Name": table})
        yield _for_removals(asked[0])


def _besides(session: AwsSession, settings: GlueSettings) -> Iterator[tuple[str, AwsSession]]:
    """Other regions and accounts, and who asks there."""
    for region in settings.regions:
        if region != session.region:
            yield region, session.at(region=region)
    for account in settings.accounts:
        role = session.at(role_arn=account.role_arn, external_id=account.external_id)
        for region in account.regions or dict.fromkeys((session.region, *settings.regions)):
            yield f"{account.account_id} in {region}", role.at(region=region)


def _elsewhere(session: AwsSession, catalog: str, *, include_tags: bool) -> Iterator[ProbeStep]:
    """What is refused there ends no probe: a role that can't be assumed, a region that is not switched on."""
    try:
        yield from _probe_catalog(session, catalog, {})
        if include_tags:
            yield from _probe_tags(session, catalog)
    except AuthenticationError as error:
        yield ProbeStep(f"glue:GetDatabases of {catalog}", granted=False, detail=str(error))


def _probe_tags(session: AwsSession, subject: str) -> Iterator[ProbeStep]:
    """What shows Lake Formation's tags; searches need one that there is."""
    try:
        refuse_another_place(session)
    except RemoteError as error:
        yield _for_tags(ProbeStep(f"lakeformation:ListLFTags of {subject}", granted=None, detail=str(error)))
        return
    step, answer = try_call(session, "lakeformation", "ListLFTags", subject, {"MaxResults": 1})
    yield _for_tags(step)
    tags = answer.get("LFTags", [])
    for operation in SEARCHES:
        if not tags:
            detail = "not tried: no LF-tag was seen"
            yield _for_tags(ProbeStep(f"lakeformation:{operation} of {subject}", granted=None, detail=detail))
            continue
        wanted = {"TagKey": tags[0]["TagKey"], "TagValues": tags[0]["TagValues"][:1]}
        asked = {"Expression": [wanted], "MaxResults": 1}
        yield _for_tags(try_call(session, "lakeformation", operation, subject, asked)[0])


def _for_tags(step: ProbeStep) -> ProbeStep:
    why = "reading does without; needed to show Lake Formation's tags (includeTags)"
    return step._replace(required=False, detail=step.detail if step.granted else f"{why}; {step.detail}")


def _first_name(items: list[dict[str, Any]]) -> str | None:
    return next((each["Name"] for each in items), None)


def _for_removals(step: ProbeStep) -> ProbeStep:
    """What asks for one thing by its name, before it is removed from OpenMetadata; reading does without."""
    why = "reading does without; needed to remove what is gone from OpenMetadata, which is kept until then"
    return step._replace(required=False, detail=step.detail if step.granted else f"{why}; {step.detail}")
