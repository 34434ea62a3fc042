"""Tries what an Atlas recipe needs: the sign-on, types, and one row of all that is read."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.errors import AuthenticationError, NotFoundError, PermissionDeniedError, RemoteError
from ingest_assets.sources.atlas.client import AtlasClient
from ingest_assets.sources.atlas.glossary import read_terms
from ingest_assets.sources.atlas.searching import Query, pages
from ingest_assets.sources.atlas.settings import AtlasSettings
from ingest_assets.sources.atlas.typedefs import Types, read_types
from ingest_assets.sources.probing import ProbeStep

_AT_ONCE = 100
_READ = "entity-read"
_ALL = "the user may read those only; Ranger's policy of Atlas must allow entity-read on all of them"


def probe(client: AtlasClient, settings: AtlasSettings) -> Iterator[ProbeStep]:
    """Try every permission with the smallest call that needs it.

    Args:
        client: Of the server.
        settings: The recipe's.

    Raises:
        AuthenticationError: Atlas refuses the sign-on; nothing else can be told.
        DeadlineExceededError: The run's time is over.
    """
    # Status is told to anybody: only the version tells that the sign-on is good.
    try:
        told = client.get("version", "the server", "/admin/version")
        version = told.get("Version") if isinstance(told, dict) else None
    except AuthenticationError:
        raise
    except RemoteError as error:
        yield _failed("atlas: sign-on", error)
        return
    name = f"atlas: sign-on at {client.access.host}"
    if version is None:
        yield ProbeStep(name, granted=False, detail="what answers there is no Atlas: it tells no version")
        return
    yield ProbeStep(name, granted=True, detail=f"granted; it is Atlas {version}")
    try:
        types = read_types(client)
        tables = types.tables_of(settings.entity_type) if settings.placing.databases else ()
    except RemoteError as error:
        yield _failed("atlas: type-read of all types (entity_type)", error)
        return
    yield ProbeStep("atlas: type-read of all types", granted=True, detail=f"granted; {len(types.entities)} are seen")
    for type_name in _searched(settings, types, tuple(each.name for each in tables)):
        yield _searches(client, type_name)
    for type_name in types.processes() if settings.include_lineage else ():
        yield _more(_searches(client, type_name), "lineage")
    if settings.include_tags:
        yield _more(_glossaries(client), "glossary terms")


def _searched(settings: AtlasSettings, types: Types, tables: tuple[str, ...]) -> Iterator[str]:
    found = [types.table_type(name) for name in tables]
    yield from sorted({each.holder.type for each in found if each.holder is not None})
    yield from tables
    yield from sorted({each.column for each in found if each.column is not None})
    yield from types.topics() if settings.placing.messaging else ()


def _searches(client: AtlasClient, type_name: str) -> ProbeStep:
    """One page: Atlas hides what may not be read in its place."""
    name = f"atlas: {_READ} of {type_name}"
    try:
        page = next(pages(client, Query(type_name, size=_AT_ONCE)))
    except RemoteError as error:
        return _failed(name, error)
    if page.scrubbed:
        detail = f"of the first {len(page.rows) + page.scrubbed} {page.scrubbed} are hidden: {_ALL}"
        return ProbeStep(name, granted=False, detail=detail)
    return ProbeStep(name, granted=True, detail="granted" if page.rows else "granted; there are none")


def _glossaries(client: AtlasClient) -> ProbeStep:
    name = f"atlas: {_READ} of AtlasGlossary and AtlasGlossaryTerm"
    try:
        terms = list(read_terms(client).words())
    except RemoteError as error:
        return _failed(name, error)
    # 2.1.0 says so to who may not see any, too.
    return ProbeStep(name, granted=True if terms else None, detail="granted" if terms else "none are seen")


def _failed(name: str, error: RemoteError) -> ProbeStep:
    refused = isinstance(error, PermissionDeniedError | NotFoundError) or not error.retryable
    return ProbeStep(name, granted=False if refused else None, detail=str(error))


def _more(step: ProbeStep, shows: str) -> ProbeStep:
    detail = step.detail if step.granted else f"would show {shows}; {step.detail}"
    return step._replace(required=False, detail=detail)
