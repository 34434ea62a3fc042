"""The queues that recipes name, and what their messages mean for which recipe."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    IngestError,
    InvalidAnswerError,
    PermissionDeniedError,
    RecipeError,
)
from ingest_assets.ingestion.build import hasty_resolver
from ingest_assets.ingestion.events import EVERYTHING, queue_of, touched
from ingest_assets.ingestion.sources import Explicit, credentials_of
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sources.events.envelope import Change, change_of

if TYPE_CHECKING:
    from ingest_assets.sources.aws import AwsCredentials
    from ingest_assets.sources.events.queue import EventQueue, Message

T = TypeVar("T")

_PATIENCE = 8.0  # seconds for what one recipe or one queue is asked for in a tick
_READ_TIMEOUT = 5.0  # seconds
_ATTEMPTS = 3


class Taken(NamedTuple):
    """Messages of one queue.

    Attributes:
        wanted: Receipts of those that concern a recipe.
        unwanted: Receipts of events that concern none.
        needless: Receipts of events of a kind that concerns no recipe, whichever there are.
        unreadable: What is wrong with messages that are no events.
        touched: What is to be read, by the recipe's file: patterns, or none of them for everything.
        key: Of these very messages.
        problems: What could not be found out, for which messages stay in the queue.
    """

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    needless: tuple[str, ...]
    unreadable: tuple[str, ...]
    touched: Mapping[Path, tuple[str, ...]]
    key: str
    problems: tuple[str, ...]


class _Accounts:
    """Whose credentials are, asked once for each of them in a tick: recipes have the same ones, mostly."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._known: dict[AwsCredentials, str | IngestError] = {}

    def of(self, credentials: AwsCredentials) -> str:
        """Twelve digits.

        Raises:
            IngestError: AWS doesn't say it.
        """
        # The address of a recipe's service is none of STS.
        who = replace(credentials, endpoint_url=None)
        if who not in self._known:
            self._known[who] = self._ask(who)
        found = self._known[who]
        if isinstance(found, IngestError):
            raise found
        return found

    def _ask(self, who: AwsCredentials) -> str | IngestError:
        from ingest_assets.sources.aws import AwsSession  # noqa: PLC0415  # pulls boto3

        try:
            return AwsSession(
                who,
                _for_a_moment(self._until),
                # Not sts: its address is that of sts_endpoint_url.
                service="glue",
                read_timeout=_READ_TIMEOUT,
                attempts=_ATTEMPTS,
            ).account_id()
        except IngestError as error:
            return error


class _Reader:
    """A recipe that names a queue."""

    def __init__(self, recipe: Recipe, workflow: Workflow, credentials: AwsCredentials, accounts: _Accounts) -> None:
        self.path = recipe.path
        self.credentials = credentials
        self._workflow = workflow
        self._accounts = accounts

    def touched(self, change: Change) -> tuple[str, ...] | None:
        """What of it is to be read anew.

        Raises:
            IngestError: AWS doesn't say whose its credentials are.
        """
        return touched(self._workflow, change, lambda: self._accounts.of(self.credentials))


class _Concerned:
    """What the messages of one queue mean for its recipes, as it comes about.

    Attributes:
        problems: Why it is not known what concerns a recipe, by its file.
    """

    def __init__(self, readers: Sequence[_Reader]) -> None:
        self.problems: dict[Path, str] = {}
        self._readers = readers
        self._found: dict[Path, set[str] | None] = {}

    def by(self, change: Change) -> bool | None:
        """Note what a change means for each recipe.

        Returns:
            Whether it means anything for one; None if that can't be found out for all: the message must come again.
        """
        means: bool | None = False
        for reader in self._readers:
            try:
                patterns = reader.touched(change)
            except IngestError as error:
                # One recipe's credentials are no reason to run none of the others.
                self.problems[reader.path] = f"{reader.path.name}: what may concern it stays in the queue: {error}"
                means = None
                continue
            if patterns is not None:
                means = True if means is not None else None
                self._note(reader.path, patterns)
        return means

    def touched(self) -> dict[Path, tuple[str, ...]]:
        """What is to be read, by the recipe's file."""
        return {path: EVERYTHING if names is None else tuple(sorted(names)) for path, names in self._found.items()}

    def _note(self, path: Path, patterns: tuple[str, ...]) -> None:
        so_far = self._found.setdefault(path, set())
        if patterns == EVERYTHING:
            self._found[path] = None
        elif so_far is not None:
            so_far.update(patterns)


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
        until: Of ``time.monotonic()``: afterwards nothing is asked.

    Attributes:
        problems: Why recipes can't be read now, one text each.
    """

    def __init__(self, recipes: Sequence[Recipe], aws: Mapping[str, str], until: float) -> None:
        self.problems: list[str] = []
        self._readers: dict[str, list[_Reader]] = {}
        self._queues: dict[tuple[str, AwsCredentials], EventQueue] = {}
        self._calls: dict[str, Calls] = {}
        self._failed: dict[str, IngestError] = {}
        self._until = until
        # One for all: a secret that many recipes name is asked for once.
        self._lookup = hasty_resolver(until)
        accounts = _Accounts(until)
        for name in ("secret_access_key", "session_token"):
            self._lookup.redactor.add(aws.get(name, ""))
        for recipe in recipes:
            try:
                workflow = recipe.resolve(self._lookup)
            except IngestError as error:
                self.problems.append(f"{recipe.path.name} can't be read now: {error}")
                continue
            if (found := queue_parts(workflow, aws)) is not None:
                self._readers.setdefault(found[0], []).append(_Reader(recipe, workflow, found[1], accounts))

    def redact(self, text: str) -> str:
        """The text without any secret of the recipes."""
        return self._lookup.redact(text)

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
            RemoteError: The queue can't be asked.
        """
        found: dict[bool | None, list[str]] = {True: [], False: [], None: []}
        needless: list[str] = []
        unreadable: list[str] = []
        ids: list[str] = []
        concerned = _Concerned(self._readers[url])
        messages, cut_short = self._received(url, most, hidden_for)
        for message in messages:
            try:
                change = change_of(message.body)
            except InvalidAnswerError as error:
                unreadable.append(str(error))
                continue
            ids.append(message.id)
            (needless if change is None else found[concerned.by(change)]).append(message.receipt)
        return Taken(
            wanted=tuple(found[True]),
            unwanted=tuple(found[False]),
            needless=tuple(needless),
            unreadable=tuple(unreadable),
            touched=concerned.touched(),
            key=hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:32],
            problems=(*cut_short, *concerned.problems.values()),
        )

    def delete(self, url: str, receipts: Sequence[str]) -> int:
        """Remove messages; how many were not.

        Raises:
            RemoteError: The queue can't be asked.
            RecipeError: The recipe that names it can't be read now.
        """
        if url in self._readers:
            return self._asked(url, lambda queue: queue.delete(receipts))
        if self.problems:
            raise RecipeError(f"No recipe that can be read names {url}.")
        return len(receipts)

    def _received(self, url: str, most: int, hidden_for: int) -> tuple[list[Message], list[str]]:
        """Messages, and why there are not more: those that were received are hidden, and must not wait for that."""
        found: list[Message] = []

        def receive(queue: EventQueue) -> None:
            for message in queue.receive(most - len(found), hidden_for):
                found.append(message)  # noqa: PERF402  # what came before an error counts

        try:
            self._asked(url, receive)
        except IngestError as error:
            if not found:
                raise
            return found, [f"{url} could not be read to its end, which the next tick tries again: {error}"]
        return found, []

    def _asked(self, url: str, ask: Callable[[EventQueue], T]) -> T:
        """What a queue answers to the first recipe that names it and may ask it; in vain it is asked once a tick."""
        if url in self._failed:
            raise self._failed[url]
        refusals: list[IngestError] = []
        for holder in dict.fromkeys(reader.credentials for reader in self._readers[url]):
            try:
                return ask(self._queue(url, holder))
            except (AuthenticationError, PermissionDeniedError) as error:  # noqa: PERF203  # of a handful
                refusals.append(error)
            except IngestError as error:
                self._failed[url] = error
                raise
        self._failed[url] = refusals[0]
        raise refusals[0]

    def _queue(self, url: str, holder: AwsCredentials) -> EventQueue:
        from ingest_assets.sources.events.queue import EventQueue  # noqa: PLC0415  # pulls boto3

        if (url, holder) not in self._queues:
            calls = self._calls.setdefault(url, _for_a_moment(self._until))
            self._queues[url, holder] = EventQueue(url, holder, calls)
        return self._queues[url, holder]


def _for_a_moment(until: float) -> Calls:
    """Calls of one queue or recipe: whoever does not answer must leave time to the others."""
    return Calls(min(until, time.monotonic() + _PATIENCE))
