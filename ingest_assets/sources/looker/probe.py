"""Tries what a Looker recipe needs: the log-in, dashboards, models, and the repository of the LookML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ingest_assets.errors import AuthenticationError, NotFoundError, PermissionDeniedError, RemoteError
from ingest_assets.sources.looker.api import LookerApi
from ingest_assets.sources.looker.settings import LookerSettings
from ingest_assets.sources.probing import ProbeStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest_assets.sources.looker.lookml_reader import NamedRepository


def probe(api: LookerApi, settings: LookerSettings, repositories: Sequence[NamedRepository]) -> Iterator[ProbeStep]:
    """Try every permission with the smallest call that needs it.

    Args:
        api: Of the instance.
        settings: The recipe's.
        repositories: Of LookML; none where the recipe names none.

    Raises:
        AuthenticationError: Looker refuses the API key; nothing else can be told.
        DeadlineExceededError: The run's time is over.
    """
    yield _tried(api, "me", "the API user", "log-in", fields="id,display_name")[0]
    step, dashboards = _tried(api, "all_dashboards", "all dashboards", "see_user_dashboards", fields="id")
    yield _seen(step, dashboards, "dashboards", "access to their folders")
    if settings.include_data_models:
        fields = "name,explores(name)"
        step, models = _tried(api, "all_lookml_models", "all models", "explore, access_data", fields=fields, limit=100)
        yield _seen(step, models, "models", "a model set that names them")
        yield from _explore(api, models or [])
        step, _ = _tried(api, "all_connections", "all connections", "manage_models", fields="name")
        yield _more(step, "which databases connections lead to, and their dialects")
    step, _ = _tried(api, "all_folders", "all folders", "see_user_dashboards", fields="id,name")
    yield _more(step, "folders, as projects")
    if settings.include_owners:
        step, _ = _tried(api, "all_users", "all users", "see_users", fields="id,email", limit=1)
        yield _more(step, "mail addresses of owners")
    for each in repositories:
        yield _repository(each)


def _explore(api: LookerApi, models: Sequence[Any]) -> Iterator[ProbeStep]:
    named = ((model.name, explore.name) for model in models for explore in model.explores or ())
    first = next((each for each in named if not each[0].startswith("system__")), None)
    if first is None:
        return
    fields = "id,fields(dimensions(name,sql))"
    step, found = _tried(api, "lookml_model_explore", "/".join(first), "explore, access_data", *first, fields=fields)
    yield step
    dimensions = found.fields.dimensions if found is not None and found.fields else None
    if dimensions and all(each.sql is None for each in dimensions):
        yield ProbeStep(
            "looker: see_lookml", granted=False, detail="would show the SQL of explores to people", required=False
        )


def _tried(
    api: LookerApi, operation: str, subject: str, permission: str, *arguments: object, **parameters: object
) -> tuple[ProbeStep, Any]:
    name = f"looker:{operation} of {subject} ({permission})"
    try:
        answer = api.call(operation, subject, *arguments, **parameters)
    except AuthenticationError:
        raise
    except RemoteError as error:
        refused = isinstance(error, (PermissionDeniedError, NotFoundError))
        return ProbeStep(name, False if refused else None, str(error)), None
    return ProbeStep(name, True, "granted"), answer


def _seen(step: ProbeStep, found: Sequence[Any] | None, what: str, advice: str) -> ProbeStep:
    """Looker leaves out, without a word, what the API user may not see."""
    if found is None:
        return step
    if found:
        return step._replace(detail=f"granted; {len(found)} {what} are seen")
    return step._replace(granted=None, detail=f"no {what} are seen: there are none, or the API user lacks {advice}")


def _more(step: ProbeStep, shows: str) -> ProbeStep:
    detail = step.detail if step.granted else f"would show {shows}; {step.detail}"
    return step._replace(required=False, detail=detail)


def _repository(named: NamedRepository) -> ProbeStep:
    name = f"git: Contents: read of {named.repository.describe()}"
    try:
        commit = named.repository.commit()
    except RemoteError as error:
        return ProbeStep(name, False if not error.retryable else None, str(error))
    return ProbeStep(name, True, f"granted; it is at {commit[:12]}")
