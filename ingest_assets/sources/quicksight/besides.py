"""What is asked for besides dashboards and data sets themselves: tags, owners and folders."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from ingest_assets.catalog import EntityType, Reference, Word
from ingest_assets.errors import AuthenticationError, RemoteError
from ingest_assets.sources.aws import required
from ingest_assets.sources.aws_tags import AwsTags, read_tags
from ingest_assets.sources.optional import Optional, Unread
from ingest_assets.sources.quicksight.account import Account, listed_in
from ingest_assets.sources.quicksight.boards import ANALYSIS, Board
from ingest_assets.sources.quicksight.folders import Folders
from ingest_assets.sources.quicksight.mapping import Besides
from ingest_assets.sources.quicksight.people import People

T = TypeVar("T")


class Wanted(Protocol):
    """What a recipe asks for."""

    @property
    def namespace(self) -> str | None:
        """The only one whose users and groups may be owners."""

    @property
    def include_owners(self) -> bool:
        """Whether owners are asked for."""

    @property
    def include_tags(self) -> bool:
        """Whether tags are asked for."""

    @property
    def threads(self) -> int:
        """Things asked about at once."""


class Read(NamedTuple):
    """What was read besides.

    Attributes:
        told: Of the entity.
        words: That its labels are made of.
    """

    told: Besides
    words: tuple[Word, ...] = ()


class BesidesReader:
    """Reads tags, owners and folders; what fails of them leaves the rest alone. Safe to share among threads.

    Args:
        account: Whose.
        wanted: From the recipe.
    """

    def __init__(self, account: Account, wanted: Wanted) -> None:
        self._account = account
        self._wanted = wanted
        self._tags = Optional("quicksight:ListTagsForResource", "Tags")
        self._people = People(account, wanted.namespace)
        self._folders = Folders(account, wanted.threads)
        self._unread = {
            kind: Unread(f"Of {{}} {things} something could not be read, and stays as it was")
            for kind, things in ((EntityType.DASHBOARD, "dashboards"), (EntityType.DATA_MODEL, "data sets"))
        }
        self._lock = threading.Lock()
        self._no_folders = ""
        self._told: set[str] = set()

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._people.forget_failures()
        self._folders.forget_failures()

    def folders_of(self, board_name: str) -> tuple[str, ...] | None:
        """Paths of the folders that a dashboard or an analysis lies in; None where they may not be seen.

        Raises:
            RemoteError: They could not be read.
        """
        kind = "ANALYSIS" if board_name.startswith(ANALYSIS) else "DASHBOARD"
        return self._folders.of(kind, board_name.removeprefix(ANALYSIS))

    def of_board(self, board: Board, arn: str) -> Read:
        """What there is of a dashboard or an analysis."""
        reference = Reference(EntityType.DASHBOARD, (board.name,))
        operation, key = (
            ("DescribeAnalysisPermissions", "AnalysisId")
            if board.is_analysis
            else ("DescribeDashboardPermissions", "DashboardId")
        )
        return self._read(
            reference,
            arn,
            lambda: self._people.owners(operation, board.id, **{key: board.id}),
            lambda: self.folders_of(board.name),
        )

    def of_data_set(self, data_set_id: str, arn: str) -> Read:
        """What there is of a data set."""
        return self._read(
            Reference(EntityType.DATA_MODEL, (data_set_id,)),
            arn,
            lambda: self._people.owners("DescribeDataSetPermissions", data_set_id, DataSetId=data_set_id),
            lambda: self._folders.of("DATASET", data_set_id),
        )

    def notes(self, of: EntityType) -> list[str]:
        """What people should know of what may not be seen, or could not be read; what listings share is told once.

        Args:
            of: What the listing is of that tells it.
        """
        shared = {self._tags.note(), *self._people.notes(), self._folders.note(), self._no_folders} - {None, ""}
        with self._lock:
            fresh = sorted(text for text in shared if text and text not in self._told)
            self._told.update(fresh)
        return [*fresh, *filter(None, [self._unread[of].note()])]

    def _read(
        self,
        reference: Reference,
        arn: str,
        owners: Callable[[], tuple[str, ...] | None],
        folders: Callable[[], tuple[str, ...] | None],
    ) -> Read:
        unknown: set[str] = set()
        tags = (
            self._try(reference, lambda: self._tags_of(arn), unknown, "labels") if self._wanted.include_tags else None
        )
        found = self._try(reference, owners, unknown, "owners") if self._wanted.include_owners else None
        try:
            paths = folders()
        except AuthenticationError:
            raise
        except RemoteError as error:
            # The same for all, and told once.
            self._no_folders = f"Folders could not be read. What is known of projects stays. {error}"
            paths = None
        if paths is None:
            unknown.add("project")
        told = Besides(
            project=paths[0] if paths else None,
            owners=found,
            labels=tags.labels if tags else None,
            unknown=frozenset(unknown),
        )
        return Read(told, tags.words if tags else ())

    def _try(self, of: Reference, read: Callable[[], T | None], unknown: set[str], attribute: str) -> T | None:
        """What is read; where that is refused or fails, what is known of the attribute stays."""
        try:
            answer = read()
        except AuthenticationError:
            raise
        except RemoteError as error:
            self._unread[of.type].add(of, error)
            answer = None
        if answer is None:
            unknown.add(attribute)
        return answer

    def _tags_of(self, arn: str) -> AwsTags | None:
        # This operation names the resource by its ARN, and no account.
        operation = "ListTagsForResource"
        answer = self._tags.ask(lambda: self._account.call_about(operation, arn, ResourceArn=arn))
        if answer is None:
            return None
        where = f"quicksight:{operation} of {arn}"
        listed = listed_in(answer, "Tags", where=where)
        return read_tags({required(tag, "Key", str, where=where): str(tag.get("Value") or "") for tag in listed}, "")
