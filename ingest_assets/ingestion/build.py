"""From a recipe to an ingestion: variables resolved, clients made, nothing asked yet."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from ingest_assets.calls import Calls
from ingest_assets.errors import UnavailableError
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.sign_on import SignedOnServer, token_source
from ingest_assets.ingestion.sources import (
    Explicit,
    build_source,
    lineage_services,
    mark_deleted,
    override,
    required_services,
    source_threads,
    wants_samples,
)
from ingest_assets.openmetadata.client import OpenMetadataClient, normalised
from ingest_assets.openmetadata.planner import PlanRules
from ingest_assets.openmetadata.server import Server
from ingest_assets.openmetadata.tls import Tls
from ingest_assets.progress import Progress
from ingest_assets.recipe.atlas import AtlasWorkflow
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.recipe.server import OpenMetadataServerConfig
from ingest_assets.recipe.settings import DagsterSettings
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.snapshots.crawler import Sampler
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.selection import Selection
from ingest_assets.snapshots.store import Store

_SECRET_TIMEOUT = 5.0  # seconds, for one secret in a tick
SERVER_THREADS = 8
"""Requests to the server at once: four saturate one of two cores, larger ones take more."""


@dataclass(frozen=True)
class RunOptions:
    """What a person may ask of one run.

    Attributes:
        dry_run: Read and plan, write nothing.
        full_refresh: Write every entity anew, whether it has changed or not.
        include: Patterns of what is read of the source, everything if there is none; see ``Selection``.
        exclude: Patterns of what isn't read, though ``include`` names it.
        approve_stale: Id of the run whose planned removals are approved although they exceed the ceiling.
    """

    dry_run: bool = False
    full_refresh: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    approve_stale: str = ""


def resolver() -> Resolver:
    """Looks variables up in this process's environment."""
    return Resolver(os.environ)


def hasty_resolver(until: float) -> Resolver:
    """The same for a sensor's tick, which Dagster ends after a minute.

    Args:
        until: Of ``time.monotonic()``: afterwards no secret is asked for.
    """

    def read(name: str) -> str:
        from ingest_assets.recipe.secrets_manager import SecretsManager  # noqa: PLC0415  # pulls boto3

        if time.monotonic() >= until:
            raise UnavailableError("there is no time left in this tick.", where=f"the secret {name}")
        return SecretsManager(os.environ, timeout=_SECRET_TIMEOUT).read(name)

    return Resolver(os.environ, read_secret=read)


def build_ingestion(
    recipe: Recipe,
    workflow: Workflow,
    *,
    store: Store,
    explicit: Explicit,
    options: RunOptions,
    progress: Progress,
    redact: Callable[[str], str] = str,
) -> Ingestion:
    """An ingestion whose time begins now.

    Raises:
        RecipeError: The recipe can't run.
    """
    wanted = recipe.dagster
    deadline = time.monotonic() + wanted.timeout
    source_calls, server_calls = Calls(deadline), Calls(deadline)
    threads = source_threads(workflow)
    source = build_source(workflow, explicit, source_calls, store)
    return Ingestion(
        source=source,
        lineage_services=lineage_services(workflow),
        sampler=source if isinstance(source, Sampler) and wants_samples(workflow) else None,
        source_calls=source_calls,
        server=Server(build_client(workflow, explicit, server_calls), SERVER_THREADS),
        server_calls=server_calls,
        snapshots=Snapshots(store, recipe.type, recipe.service_name),
        rules=_rules(workflow, wanted, options),
        threads=threads,
        progress=progress,
        redact=redact,
        dry_run=options.dry_run,
        success_threshold=workflow.workflow_config.success_threshold,
        shrink_percent=wanted.stale.max_percent,
        stale_percent=wanted.stale.max_percent,
        stale_count=wanted.stale.max_count,
        selection=Selection(options.include, options.exclude),
        approve_stale=options.approve_stale,
        required=required_services(workflow),
    )


def _rules(workflow: Workflow, wanted: DagsterSettings, options: RunOptions) -> PlanRules:
    return PlanRules(
        mark_deleted(workflow),
        SERVER_THREADS,
        rewrite=options.full_refresh,
        keep_deleted=wanted.keep_deleted,
        full_listing=wanted.full_listing,
        override=override(workflow),
        only_missing=isinstance(workflow, AtlasWorkflow),
    )


def build_client(workflow: Workflow, explicit: Explicit, calls: Calls) -> OpenMetadataClient:
    """The client of the recipe's server.

    Raises:
        DependencyError: The recipe's way to sign on needs an extra that is not installed.
        RecipeError: An address, a key or a certificate can't be used.
    """
    config = workflow.workflow_config.open_metadata_server_config
    token = config.security_config.jwt_token
    written = {"host_port": str(config.host_port), "jwt_token": token.get_secret_value() if token else ""}
    given = {**written, **explicit.openmetadata}
    tls = _tls(config)
    headers = {name: value.get_secret_value() for name, value in config.extra_headers.items()}
    server = SignedOnServer(normalised(given["host_port"]), tls, headers, calls)
    return OpenMetadataClient(
        given["host_port"],
        token_source(config, given["jwt_token"], server),
        calls,
        tls=tls,
        extra_headers=headers,
        threads=SERVER_THREADS,
    )


def _tls(config: OpenMetadataServerConfig) -> Tls:
    """The recipe's certificates; ``no-ssl`` is OpenMetadata's word for the usual check."""
    ours = config.ssl_config
    verify = False if config.verify_ssl == "ignore" else ours.ca_file or True
    return Tls(verify, ours.ssl_certificate, ours.ssl_key.get_secret_value() if ours.ssl_key else None)
