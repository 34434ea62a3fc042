"""One lake, one server, one store, and runs over them that lose no time on retries."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from ingest_assets.calls import Calls
from ingest_assets.errors import IngestError
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.sources import aws_credentials, glue_parts
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.server import Server
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.store import FolderStore, S3Store, Store
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.glue.source import GlueSource
from ingest_assets_tests.faults.lake import PARTNER, SERVICE, People, SmallLake
from ingest_assets_tests.faults.portrait import Portrait, portrait
from ingest_assets_tests.ingestion.recipes import NOTHING_GIVEN, GlueRecipe
from ingest_assets_tests.ingestion.runs import THREADS, Steps, run_steps
from ingest_assets_tests.openmetadata.misbehaving import patient

HANG = "hang:1.5"
SOON = 1.0
"""Seconds that a run waits for an answer that will not come in time."""
_LONG = 30.0  # a busy machine is no fault
_PAGE = 2  # rows of a server's listing, so that three of a kind have a second page
_AWS_PAGE = 2
_BUCKET = "ingestion"
_CONFIG = {"includeOwners": True, "markDeletedSchemas": True, "markDeletedDatabases": True}


class Variant(str, Enum):
    """Circumstances in which some call sites are reached that others don't meet."""

    LAKE = "lake"  # a server with bulk requests, the store a folder
    OLD_SERVER = "1.5"  # no bulk requests
    FIRST_RUN = "first run"  # an empty server
    EMPTY_ACCOUNT = "empty account"  # only STS can tell the account's id; the tables are a partner's
    IN_S3 = "S3"  # the store in S3
    LISTING = "listing"  # the server is listed whatever its change events tell
    NO_LEDGER = "no ledger"  # it was lost after the first run


class SmallPages(OpenMetadataClient):
    """A client that asks for few rows a page, so that small listings have several."""

    def list(
        self, collection: str, params: Mapping[str, str] | None = None, limit: int = _PAGE
    ) -> Iterator[dict[str, Any]]:
        """See the client that runs use."""
        return super().list(collection, params, min(limit, _PAGE))


@dataclass
class Ran:
    """What became of a run.

    Attributes:
        steps: Its reports; None if it ended early.
        error: The error of ours that ended it.
        wrong: What must never happen: another exception, or sums that do not balance.
    """

    steps: Steps | None = None
    error: IngestError | None = None
    wrong: str = ""


class Scene:
    """Sandbox, lake, store and recipe of one cell.

    Args:
        sandbox: It serves, and is this scene's alone.
        folder: For the recipe and the store.
        variant: Circumstances.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, variant: Variant) -> None:
        self.sandbox = sandbox
        self.variant = variant
        catalog_id = PARTNER if variant is Variant.EMPTY_ACCOUNT else None
        self.lake = SmallLake(sandbox.company, catalog_id)
        self.lake.fill()
        self.recipe = GlueRecipe(sandbox, folder, service=SERVICE, config=_CONFIG, principal=sandbox.reader)
        # One table of so few is more than any ceiling allows, whose own test has more of them.
        self.recipe.dagster = {"stale": {"max_percent": 100}}
        if catalog_id:
            self.recipe.dagster |= {"source": {"catalog_ids": [catalog_id]}}
        if variant is Variant.LISTING:
            self.recipe.dagster |= {"full_listing": "always"}
        self.store_folder = folder / "store"
        self._numbers = itertools.count(1)
        self._sessions: dict[tuple[AwsCredentials, float], tuple[AwsSession, Calls]] = {}
        self._admin = OpenMetadataClient(
            sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls(), patience=patient()
        )
        self.people = People(self._admin, self.lake)
        if variant is Variant.IN_S3:
            sandbox.company.buckets.create(_BUCKET)

    def close(self) -> None:
        """Close the connections."""
        self._admin.close()

    def renew_sessions(self) -> None:
        """Forget the sessions with AWS: one that was throttled goes slowly from then on."""
        self._sessions.clear()

    def portrait(self) -> Portrait:
        """What the server holds, once all that was asked of it is done: a request that hung may still be."""
        self.sandbox.settle()
        return portrait(self.sandbox.openmetadata)

    def forget_ledger(self) -> None:
        """Lose what was last written, as a store does that was cleared in part."""
        for file in self.store_folder.rglob("ledgers/*"):
            file.unlink()

    def run(self, answer_seconds: float = _LONG) -> Ran:
        """One run from end to end, as a new process would make it.

        Args:
            answer_seconds: How long each answer is waited for.
        """
        with _only_the_sandboxs(self.sandbox.aws_endpoint_url):
            return self._run(answer_seconds)

    def _run(self, answer_seconds: float) -> Ran:
        ingestion, run_id = self._ingestion(answer_seconds), f"run-{next(self._numbers)}"
        try:
            with closing(ingestion):
                steps = run_steps(ingestion, run_id)
                ingestion.outcomes(run_id)  # as the checks of the assets do
            return Ran(steps=steps)
        except IngestError as error:
            return Ran(error=error)
        except AssertionError as error:
            return Ran(wrong=f"the sums don't balance: {error}")
        except Exception as error:  # the suite tells what must never happen, it does not stop there
            return Ran(wrong=f"{type(error).__name__}: {error}")

    def _ingestion(self, answer_seconds: float) -> Ingestion:
        """An ingestion as recipes make it, but for the patience of its clients."""
        made = self.recipe.ingestion(self._store(answer_seconds))
        workflow = load_recipe(self.recipe.folder / f"{SERVICE}.yaml").resolve(Resolver(self.recipe.variables()))
        assert isinstance(workflow, GlueWorkflow)
        session, calls = self._session(workflow, answer_seconds)
        _, settings = glue_parts(workflow, NOTHING_GIVEN, calls)
        made.close()
        client = SmallPages(
            made.server.client.host_port,
            BotToken(self.sandbox.bot_token),
            made.server_calls,
            patience=patient(timeouts=(5, answer_seconds), retries=2, retries_of_500=1),
        )
        return replace(made, source=GlueSource(settings, session), source_calls=calls, server=Server(client, THREADS))

    def _session(self, workflow: GlueWorkflow, answer_seconds: float) -> tuple[AwsSession, Calls]:
        """A session that asks once: no retry, no wait. Boto's clients take longer to make than a run of few tables."""
        credentials = aws_credentials(workflow, NOTHING_GIVEN)
        if (credentials, answer_seconds) in self._sessions:
            return self._sessions[credentials, answer_seconds]
        calls = Calls()
        session = AwsSession(credentials, calls, service="glue", attempts=1, read_timeout=answer_seconds)
        if self.variant is not Variant.EMPTY_ACCOUNT:  # where each run has to ask who it is
            self._sessions[credentials, answer_seconds] = session, calls
        return session, calls

    def _store(self, answer_seconds: float) -> Store:
        if self.variant is not Variant.IN_S3:
            return FolderStore(self.store_folder)
        who = self.sandbox.reader
        # Asked twice, as boto3 does and more: a creation that hangs lands later, and what it makes nobody awaits.
        limits = Config(read_timeout=answer_seconds, retries={"total_max_attempts": 2})
        return S3Store(
            _BUCKET,
            "store",
            lambda: boto3.client(
                "s3",
                region_name=self.sandbox.company.region,
                endpoint_url=self.sandbox.aws_endpoint_url,
                aws_access_key_id=who.access_key_id,
                aws_secret_access_key=who.secret_access_key,
                config=limits,
            ),
        )


@contextmanager
def scene(folder: Path, variant: Variant = Variant.LAKE, version: str = "1.12.4") -> Iterator[Scene]:
    """A fresh scene, in a sandbox that must not have crashed by the end.

    Args:
        folder: For the recipe and the store.
        variant: Circumstances.
        version: Of the server, where the circumstances ask for none.
    """
    with Sandbox("1.5.8" if variant is Variant.OLD_SERVER else version, aws_page=_AWS_PAGE) as sandbox:
        made = Scene(sandbox, folder, variant)
        try:
            yield made
        finally:
            made.close()
        assert not list(sandbox.crashes)
        assert not list(sandbox.aws.unsound)


@contextmanager
def _only_the_sandboxs(endpoint_url: str) -> Iterator[None]:
    """An environment in which boto3 sees nothing of this machine's own AWS configuration."""
    before = dict(os.environ)
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    quiet = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ.update(quiet, AWS_EC2_METADATA_DISABLED="true", AWS_ENDPOINT_URL=endpoint_url)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
