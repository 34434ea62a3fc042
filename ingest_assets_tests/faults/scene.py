"""A source, one server, one store, and runs over them that lose no time on retries."""

from __future__ import annotations

import itertools
import os
from abc import ABC, abstractmethod
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
from ingest_assets.ingestion.report import Report
from ingest_assets.openmetadata.auth import BotToken
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.server import Server
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.crawler import Sampler, Source
from ingest_assets.snapshots.store import FolderStore, S3Store, Store
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets_tests.faults.portrait import Portrait, portrait
from ingest_assets_tests.ingestion.recipes import GlueRecipe
from ingest_assets_tests.ingestion.runs import THREADS
from ingest_assets_tests.openmetadata.misbehaving import patient

HANG = "hang:1.5"
SOON, LATER = 1.0, 5.0
"""Seconds that a run waits for an answer that will not come in time, and when the machine was too busy for others."""
LONG = 30.0  # a busy machine is no fault
_PAGE = 2  # rows of a server's listing, so that three of a kind have a second page
AWS_PAGE = 2
_BUCKET = "ingestion"


class Variant(str, Enum):
    """Circumstances in which some call sites are reached that others don't meet."""

    USUAL = "usual"  # a server with bulk requests, the store a folder
    OLD_SERVER = "1.5"  # no bulk requests
    FIRST_RUN = "first run"  # an empty server
    EMPTY_ACCOUNT = "empty account"  # of a lake: only STS can tell the account's id; the tables are a partner's
    IN_S3 = "S3"  # the store in S3
    LISTING = "listing"  # the server is listed whatever its change events tell
    NO_LEDGER = "no ledger"  # it was lost after the first run
    NARROW = "narrow"  # of QuickSight: no listing of data sources is granted
    ROLE = "role"  # the recipe's keys are those of a role that has to be assumed


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

    steps: tuple[Report, ...] | None = None
    error: IngestError | None = None
    wrong: str = ""


class Scene(ABC):
    """Sandbox, source, store and recipe of one cell.

    Args:
        sandbox: It serves, and is this scene's alone.
        folder: For the recipe and the store.
        variant: Circumstances.

    Attributes:
        root: FQN of what holds all that cells name; empty where they name FQNs.
        recipe: Of the source.
    """

    root: str
    recipe: GlueRecipe

    def __init__(self, sandbox: Sandbox, folder: Path, variant: Variant) -> None:
        self.sandbox = sandbox
        self.variant = variant
        # A thing or two of so few is more than any ceiling allows, whose own test has more of them.
        self.dagster: dict[str, Any] = {"stale": {"max_percent": 100}}
        if variant is Variant.LISTING:
            self.dagster["full_listing"] = "always"
        self.store_folder = folder / "store"
        self._numbers = itertools.count(1)
        self._sessions: dict[tuple[AwsCredentials, float], tuple[AwsSession, Calls]] = {}
        self._s3: dict[float, Any] = {}
        self.admin = OpenMetadataClient(
            sandbox.openmetadata_host_port, BotToken(sandbox.admin_token), Calls(), patience=patient()
        )
        if variant is Variant.IN_S3:
            sandbox.company.buckets.create(_BUCKET)

    @abstractmethod
    def change(self) -> None:
        """What the source does between two runs: something of everything."""

    @abstractmethod
    def edit(self) -> None:
        """What people do on the server between two runs."""

    @abstractmethod
    def drop(self, service: str, name: str) -> None:
        """Take something away from a service of the source; named as faults that make it vanish do."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete something on the server for good; named as cells do."""

    @abstractmethod
    def _read(self, workflow: Workflow, answer_seconds: float) -> tuple[Source, Calls]:
        """The source, and what counts its calls."""

    @abstractmethod
    def _steps(self, ingestion: Ingestion, run_id: str) -> tuple[Report, ...]:
        """The reports of one run from end to end, its sums proven."""

    def close(self) -> None:
        """Close the connections."""
        self.admin.close()

    def portrait(self) -> Portrait:
        """What the server holds, once all that was asked of it is done: a request that hung may still be."""
        self.sandbox.settle()
        return portrait(self.sandbox.openmetadata)

    def forget_ledger(self) -> None:
        """Lose what was last written, as a store does that was cleared in part."""
        for file in self.store_folder.rglob("ledgers/*"):
            file.unlink()

    def run(self, answer_seconds: float = LONG) -> Ran:
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
                steps = self._steps(ingestion, run_id)
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
        path = self.recipe.folder / f"{self.recipe.service}.yaml"
        source, calls = self._read(load_recipe(path).resolve(Resolver(self.recipe.variables())), answer_seconds)
        made.close()
        client = SmallPages(
            made.server.client.host_port,
            BotToken(self.sandbox.bot_token),
            made.server_calls,
            patience=patient(timeouts=(5, answer_seconds), retries=2, retries_of_500=1),
        )
        sampler = source if made.sampler is not None and isinstance(source, Sampler) else None
        server = Server(client, THREADS)
        return replace(made, source=source, sampler=sampler, source_calls=calls, server=server)

    def _session(self, credentials: AwsCredentials, service: str, answer_seconds: float) -> tuple[AwsSession, Calls]:
        """A session that asks once: no retry, no wait. Boto's clients take longer to make than a run of few things."""
        if (credentials, answer_seconds) in self._sessions:
            return self._sessions[credentials, answer_seconds]
        calls = Calls()
        session = AwsSession(credentials, calls, service=service, attempts=1, read_timeout=answer_seconds)
        if self.variant not in (Variant.EMPTY_ACCOUNT, Variant.ROLE):  # where each run has to ask who it is
            self._sessions[credentials, answer_seconds] = session, calls
        return session, calls

    def _store(self, answer_seconds: float) -> Store:
        if self.variant is not Variant.IN_S3:
            return FolderStore(self.store_folder)
        return S3Store(_BUCKET, "store", lambda: self._s3_client(answer_seconds))

    def _s3_client(self, answer_seconds: float) -> Any:
        if answer_seconds not in self._s3:
            who = self.sandbox.reader
            self._s3[answer_seconds] = boto3.client(
                "s3",
                region_name=self.sandbox.company.region,
                endpoint_url=self.sandbox.aws_endpoint_url,
                aws_access_key_id=who.access_key_id,
                aws_secret_access_key=who.secret_access_key,
                # Asked twice, as boto3 does and more: a creation that hangs lands later, and what it makes nobody
                # awaits.
                config=Config(read_timeout=answer_seconds, retries={"total_max_attempts": 2}),
            )
        return self._s3[answer_seconds]


@contextmanager
def serving(variant: Variant, version: str) -> Iterator[Sandbox]:
    """A sandbox that must not have crashed by the end.

    Args:
        variant: Circumstances.
        version: Of the server, where the circumstances ask for none.
    """
    with Sandbox("1.5.8" if variant is Variant.OLD_SERVER else version, aws_page=AWS_PAGE) as sandbox:
        yield sandbox
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
