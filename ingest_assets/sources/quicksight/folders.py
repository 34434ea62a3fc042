"""In which folders dashboards, analyses and data sets lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest_assets.errors import NotFoundError, PermissionDeniedError
from ingest_assets.parallel import side_by_side
from ingest_assets.sources.aws import required
from ingest_assets.sources.once import Once
from ingest_assets.sources.quicksight.account import Account, checked
from ingest_assets.sources.quicksight.board_shapes import Folder

Members = Mapping[tuple[str, str], tuple[str, ...]]
"""Paths of the folders, e.g. ``Sales/Weekly``, that something lies in: by type (``DASHBOARD``) and id."""


class Folders:
    """Reads the folders of an account, and what lies in each. Safe to share among threads.

    Args:
        account: Whose.
        threads: Folders asked about at once.
    """

    def __init__(self, account: Account, threads: int) -> None:
        self._account = account
        self._threads = threads
        self._once: Once[str, Members | PermissionDeniedError] = Once(self._read)

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._once.forget_failures()

    def of(self, kind: str, member_id: str) -> tuple[str, ...] | None:
        """Paths of the folders that something lies in, sorted; None where that may not be seen.

        Args:
            kind: ``DASHBOARD``, ``ANALYSIS`` or ``DATASET``.
            member_id: Its id.

        Raises:
            RemoteError: They could not be read.
        """
        members = self._once.get("all")
        return None if isinstance(members, PermissionDeniedError) else members.get((kind, member_id), ())

    def note(self) -> str | None:
        """What people should know of those that were asked for."""
        members = self._once.known("all")
        if not isinstance(members, PermissionDeniedError):
            return None
        return f"Folders are not shown, as projects. What is known of them stays. {members}"

    def _read(self, _: str) -> Members | PermissionDeniedError:
        try:
            listed = [
                required(item, "FolderId", str, where="quicksight:ListFolders")
                for item in self._account.items("ListFolders", "all folders", key="FolderSummaryList")
            ]
            folders = [each for each in side_by_side(self._folder, listed, self._threads) if each is not None]
        except PermissionDeniedError as error:
            # Of half the folders nothing could be told for certain.
            return error
        paths = _paths([folder for folder, _ in folders])
        found: dict[tuple[str, str], list[str]] = {}
        for folder, members in folders:
            for member in members:
                found.setdefault(member, []).append(paths[folder.arn])
        return {member: tuple(sorted(set(where))) for member, where in found.items()}

    def _folder(self, folder_id: str) -> tuple[Folder, list[tuple[str, str]]] | None:
        """A folder and its members; None if it was deleted since it was listed."""
        try:
            answer = self._account.item("DescribeFolder", folder_id, key="Folder", FolderId=folder_id)
            members = self._account.items("ListFolderMembers", folder_id, key="FolderMemberList", FolderId=folder_id)
            return checked(Folder, answer, folder_id), list(_members(members, folder_id))
        except NotFoundError:
            return None


def _members(items: Iterator[dict[str, Any]], folder_id: str) -> Iterator[tuple[str, str]]:
    """Type and id of each member.

    botocore's model has no type in this answer's members, though AWS sends one: the ARN tells it as well.
    """
    where = f"quicksight:ListFolderMembers of {folder_id}"
    for item in items:
        # arn:aws:quicksight:eu-north-1:123456789012:dashboard/weekly
        kind, _, _ = required(item, "MemberArn", str, where=where).split(":", 5)[-1].partition("/")
        yield kind.upper(), required(item, "MemberId", str, where=where)


def _paths(folders: Sequence[Folder]) -> dict[str, str]:
    """The path of each folder by its ARN; a folder above that was not seen is left out of it."""
    names = {folder.arn: folder.name for folder in folders}
    return {
        folder.arn: "/".join([*(names[above] for above in folder.folder_path if above in names), folder.name])
        for folder in folders
    }
