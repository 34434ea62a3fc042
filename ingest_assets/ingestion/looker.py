"""How the keys of a Looker recipe become its API's, its LookML's and its source's settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from ingest_assets.calls import Calls
from ingest_assets.errors import RecipeError
from ingest_assets.recipe.looker import GitCredentials, LookerWorkflow
from ingest_assets.sources.looker.settings import LookerSettings

if TYPE_CHECKING:
    from ingest_assets.ingestion.sources import Explicit
    from ingest_assets.sources.git import Cache, Reading, Repository
    from ingest_assets.sources.git.places import Credentials
    from ingest_assets.sources.looker.api import LookerApi
    from ingest_assets.sources.looker.lookml.manifest import Dependency
    from ingest_assets.sources.looker.lookml_reader import LookmlReader, NamedRepository
    from ingest_assets.sources.looker.source import LookerSource

_HOSTS = {"GitHub": "https://github.com", "BitBucket": "https://bitbucket.org", "Gitlab": "https://gitlab.com"}


def looker_source(
    workflow: LookerWorkflow, explicit: Explicit, calls: Calls, cache: Cache, threads: int
) -> LookerSource:
    """The source of a Looker recipe, not yet asked anything."""
    from ingest_assets.sources.looker.source import LookerSource  # noqa: PLC0415  # pulls looker_sdk

    api = looker_api(workflow, explicit, calls, threads)
    return LookerSource(_settings(workflow, threads), api, _lookml(workflow, explicit, calls, cache))


def looker_parts(
    workflow: LookerWorkflow, explicit: Explicit, calls: Calls, threads: int
) -> tuple[LookerApi, LookerSettings, Sequence[NamedRepository]]:
    """The API, the settings and the repositories of a Looker recipe."""
    from ingest_assets.sources.git import Reading  # noqa: PLC0415  # only recipes with LookML need it

    credentials = git_of(workflow, explicit)
    found = tuple(repositories(credentials, Reading(calls))) if credentials is not None else ()
    return looker_api(workflow, explicit, calls, threads), _settings(workflow, threads), found


def looker_api(workflow: LookerWorkflow, explicit: Explicit, calls: Calls, threads: int) -> LookerApi:
    """The API of a recipe's instance; the resource's key where it gives one."""
    from ingest_assets.sources.looker.api import LookerApi  # noqa: PLC0415  # pulls looker_sdk
    from ingest_assets.sources.looker.transport import LookerCredentials  # noqa: PLC0415  # pulls looker_sdk

    config = workflow.source.service_connection.config
    secret = config.client_secret.get_secret_value().strip()
    written = {"base_url": config.host_port, "client_id": config.client_id, "client_secret": secret}
    return LookerApi(LookerCredentials(**{**written, **explicit.looker}), calls, threads=threads)


def _settings(workflow: LookerWorkflow, threads: int) -> LookerSettings:
    wanted, config = workflow.dagster.source, workflow.source.source_config.config
    projects = config.project_filter_pattern
    return LookerSettings(
        service=workflow.source.service_name,
        base_url=workflow.source.service_connection.config.host_port.rstrip("/"),
        dashboard_filter=config.dashboard_filter_pattern.keeps,
        chart_filter=config.chart_filter_pattern.keeps,
        data_model_filter=config.data_model_filter_pattern.keeps,
        project_filter=projects.keeps_one_of if projects.includes or projects.excludes else None,
        include_owners=config.include_owners or config.override_owner,
        include_tags=config.include_tags,
        include_data_models=config.include_data_models,
        include_drafts=config.include_draft_dashboard,
        include_looks=wanted.include_looks,
        include_usage=config.include_usage,
        places=wanted.connections,
        user_attributes=wanted.user_attributes,
        threads=threads,
    )


def _lookml(workflow: LookerWorkflow, explicit: Explicit, calls: Calls, cache: Cache) -> LookmlReader | None:
    from ingest_assets.sources.git import Reading  # noqa: PLC0415  # only recipes with LookML need it
    from ingest_assets.sources.looker.lookml_reader import LookmlReader  # noqa: PLC0415

    credentials = git_of(workflow, explicit)
    if credentials is None:
        return None
    reading = Reading(calls, cache)

    def imported(dependency: Dependency) -> Repository | None:
        return _imported(credentials, dependency, reading)

    return LookmlReader(tuple(repositories(credentials, reading)), imported, cache)


def git_of(workflow: LookerWorkflow, explicit: Explicit) -> GitCredentials | None:
    """Where the LookML lies, and with which token; the resource's where it gives one."""
    credentials = workflow.source.service_connection.config.repository
    if credentials is None:
        return None
    if not _is_of_github(credentials):
        # What the resource gives is for GitHub, and goes nowhere else.
        return credentials
    given = {"git_host_url": explicit.github.get("host"), "token": explicit.github.get("token")}
    update = {name: SecretStr(value) if name == "token" else value for name, value in given.items() if value}
    return credentials.model_copy(update=update)


def _is_of_github(credentials: GitCredentials) -> bool:
    from ingest_assets.sources.git.addresses import parse  # noqa: PLC0415
    from ingest_assets.sources.git.hosts import Hosting, hosting_of  # noqa: PLC0415

    if credentials.url is None:
        return credentials.type == "GitHub"
    return _is_address(credentials.url) and hosting_of(parse(credentials.url).host) is Hosting.GITHUB


def repositories(credentials: GitCredentials, reading: Reading) -> Iterator[NamedRepository]:
    """The repositories that a recipe names.

    Raises:
        RecipeError: A name or an address can't be one.
    """
    from ingest_assets.sources.git.folder import LocalFolder  # noqa: PLC0415
    from ingest_assets.sources.git.places import repository_at, repository_of  # noqa: PLC0415
    from ingest_assets.sources.looker.lookml_reader import NamedRepository  # noqa: PLC0415

    own, url = _own(credentials), credentials.url
    if url is None:
        for name in credentials.repository_name:
            address = f"{own.host}/{own.owner}/{name}" if own is not None else name
            yield NamedRepository(name, repository_of(address, credentials.branch, reading, own))
    elif _is_address(url):
        name = url.rstrip("/").rpartition("/")[2].removesuffix(".git")
        token = credentials.token.get_secret_value() if credentials.token else None
        yield NamedRepository(name, repository_at(url, credentials.branch, reading, token))
    else:
        folder = Path(url)
        yield NamedRepository(folder.name, LocalFolder(folder, reading))


def _is_address(url: str) -> bool:
    """Whether a repository lies elsewhere; all else is a folder of this machine."""
    return "://" in url or "@" in url


def _own(credentials: GitCredentials) -> Credentials | None:
    """Whose repositories the recipe's token is for; None for a folder."""
    from ingest_assets.sources.git.addresses import parse  # noqa: PLC0415
    from ingest_assets.sources.git.hosts import Hosting  # noqa: PLC0415
    from ingest_assets.sources.git.places import Credentials  # noqa: PLC0415

    token = credentials.token.get_secret_value() if credentials.token else None
    if credentials.url is not None:
        if not _is_address(credentials.url):
            return None
        address = parse(credentials.url)
        return Credentials(address.web, address.owner, token)
    hosting = {"GitHub": Hosting.GITHUB, "BitBucket": Hosting.BITBUCKET, "Gitlab": Hosting.GITLAB}[credentials.type]
    host = credentials.git_host_url or _HOSTS[credentials.type]
    return Credentials(host.rstrip("/"), credentials.repository_owner or "", token, hosting=hosting)


def _imported(credentials: GitCredentials, dependency: Dependency, reading: Reading) -> Repository | None:
    """The repository of a project that LookML imports; None for one of the same Looker, or of no address that is read.

    A token is only sent to the host and the owner that the recipe gives it for.
    """
    from ingest_assets.sources.git.places import repository_of  # noqa: PLC0415

    if dependency.url is None:
        return None
    try:
        return repository_of(dependency.url, dependency.ref, reading, _own(credentials))
    except RecipeError:
        # It is told that the project is missing.
        return None
