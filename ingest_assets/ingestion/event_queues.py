"""The queues that recipes name, and what their messages mean for which recipe."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ingest_assets.calls import Calls
from ingest_assets.errors import IngestError, InvalidAnswerError, RecipeError
from ingest_assets.ingestion.build import resolver
from ingest_assets.ingestion.events import EVERYTHING, queue_of, touched
from ingest_assets.ingestion.sources import Explicit, credentials_of
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sources.events.envelope import Change, change_of

if TYPE_CHECKING:
    from ingest_assets.sources.aws import AwsCredentials
    from ingest_assets.sources.events.queue import EventQueue


class Taken(NamedTuple):
    """Messages of one queue.

    Attributes:
        wanted: Receipts of those that concern a recipe.
        unwanted: Receipts of events that concern none.
        unreadable: What is wrong with messages that are no events.
        touched: What is to be read, by the recipe's file: patterns, or none of them for everything.
        key: Of these very messages.
    """

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    unreadable: tuple[str, ...]
    touched: Mapping[Path, tuple[str, ...]]
    key: str


class _Reader:
    """A recipe that names a queue."""

    def __init__(self, recipe: Recipe, workflow: Workflow, credentials: AwsCredentials, calls: Calls) -> None:
        self.path = recipe.path
        self.workflow = workflow
        self.credentials = credentials
        self._calls = calls

    @cached_property
    def account(self) -> str:
        """Whose its credentials are; AWS is asked once."""
        from ingest_assets.sources.aws import AwsSession  # noqa: PLC0415  # pulls boto3

        return AwsSession(self.credentials, self._calls, service=self.workflow.source.type).account_id()

    def touched(self, change: Change) -> tuple[str, ...] | None:
        """What of it is to be read anew."""
        return touched(self.workflow, change, lambda: self.account)


def queue_parts(workflow: Workflow, aws: Mapping[str, str]) -> tuple[str, AwsCredentials] | None:
    """The queue that a recipe names, and who asks it; None if it names none.

    Args:
        workflow: The recipe, resolved.
        aws: What a resource gives in place of what it says.
    """
    url = queue_of(workflow)
    if url is None or not isinstance(workflow, GlueWorkflow | QuickSightWorkflow):
        return None
    config = workflow.source.service_connection.config.aws_config
    return url, credentials_of(config, workflow.dagster.source, Explicit(aws, {}))


class Queues:
    """The queues of some recipes, for one tick of a sensor.

    Args:
        recipes: Those that name one.
        aws: What a resource gives in place of what they say.
        calls: Counts what is asked, and knows until when.

    Attributes:
        problems: Why recipes can't be read now, one text each.
    """

    def __init__(self, recipes: Sequence[Recipe], aws: Mapping[str, str], calls: Calls) -> None:
        self.problems: list[str] = []
        self._readers: dict[str, list[_Reader]] = {}
        self._queues: dict[str, EventQueue] = {}
        self._calls = calls
        for recipe in recipes:
            try:
                workflow = recipe.resolve(resolver())
            except IngestError as error:
                self.problems.append(f"{recipe.path.name} can't be read now: {error}")
                continue
            if (found := queue_parts(workflow, aws)) is not None:
                self._readers.setdefault(found[0], []).append(_Reader(recipe, workflow, found[1], calls))

    def urls(self) -> list[str]:
        """Addresses of the queues, each once."""
        return list(self._readers)

    def take(self, url: str, most: int, hidden_for: int) -> Taken:
        """Receive messages of a queue, and find out whom they concern.

        Args:
            url: The queue's.
            most: How many messages at most.
            hidden_for: Seconds for which SQS gives them to nobody else.

        Raises:
            RemoteError: The queue, or the account of a recipe's credentials, can't be asked. What was received comes
                again.
        """
        wanted: list[str] = []
        unwanted: list[str] = []
        unreadable: list[str] = []
        ids: list[str] = []
        found: dict[Path, set[str] | None] = {}
        for message in self._queue(url).receive(most, hidden_for):
            try:
                change = change_of(message.body)
            except InvalidAnswerError as error:
                unreadable.append(str(error))
                continue
            ids.append(message.id)
            concerned = self._concern(url, change, found) if change is not None else False
            (wanted if concerned else unwanted).append(message.receipt)
        key = hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:32]
        patterns = {path: EVERYTHING if names is None else tuple(sorted(names)) for path, names in found.items()}
        return Taken(tuple(wanted), tuple(unwanted), tuple(unreadable), patterns, key)

    def delete(self, url: str, receipts: Sequence[str]) -> int:
        """Remove messages; how many were not.

        Raises:
            RemoteError: The queue can't be asked.
            RecipeError: The recipe that names it can't be read now.
        """
        if url in self._readers:
            return self._queue(url).delete(receipts)
        if self.problems:
            raise RecipeError(f"No recipe that can be read names {url}.")
        return len(receipts)

    def _concern(self, url: str, change: Change, found: dict[Path, set[str] | None]) -> bool:
        """Note what a change means for each recipe; whether it means anything for one."""
        concerned = False
        for reader in self._readers[url]:
            patterns = reader.touched(change)
            if patterns is None:
                continue
            concerned = True
            so_far = found.setdefault(reader.path, set())
            if patterns == EVERYTHING:
                found[reader.path] = None
            elif so_far is not None:
                so_far.update(patterns)
        return concerned

    def _queue(self, url: str) -> EventQueue:
        """The queue, asked as the first recipe does that names it."""
        from ingest_assets.sources.events.queue import EventQueue  # noqa: PLC0415  # pulls boto3

        if url not in self._queues:
            self._queues[url] = EventQueue(url, self._readers[url][0].credentials, self._calls)
        return self._queues[url]
