"""Where snapshots, plans and ledgers lie: a folder that outlasts the process, or S3.

Keys are paths with ``/``. A file is replaced whole or not at all, so a reader never meets half a file.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlparse

from ingest_assets.errors import StoreError

_LONGEST_RUN = 7 * 86_400  # seconds after which a scratch file is nobody's
# What file systems without hard links answer: FAT and exFAT, network shares, folders mounted by a program.
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})
_CONFLICTS = 5  # how often S3 may say that it can't tell who was first
_CONFLICT_PAUSE = 0.2  # seconds at most before it is asked again


class Store(Protocol):
    """A flat space of files by key."""

    def keep(self, key: str, file: Path) -> None:
        """Make ``file``'s content the content of ``key``; the file itself may be gone afterwards."""

    def create(self, key: str, content: bytes) -> bool:
        """Make ``content`` the content of ``key`` if there is no such key; whether it did.

        Of several who create a key at once, one does. The content must be the caller's alone (hold a token, say): by
        it a creation whose answer was lost on its way is told from another's.
        """

    def fetch(self, key: str) -> Path:
        """A local file with the content of ``key``, which must not be changed.

        Raises:
            StoreError: There is no such key.
        """

    def has(self, key: str) -> bool:
        """Whether there is such a key."""

    def size(self, key: str) -> int | None:
        """Bytes of a key's content; None if there is no such key."""

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with ``prefix``, in order."""

    def remove(self, key: str) -> None:
        """Remove a key; nothing happens if there is none."""

    def scratch(self) -> Path:
        """A new empty local file to write into, of which nobody else knows."""

    def sweep(self) -> None:
        """Remove scratch files that killed runs left behind."""


class FolderStore:
    """A folder of the local file system, or of one that is mounted.

    Args:
        folder: Made when the first file is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, key: str, file: Path) -> None:
        """Move the file into place in one step."""
        target = self.folder / key
        with self._named():
            target.parent.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as content:
                # Without it a power cut can leave a file of the right name and no content.
                os.fsync(content.fileno())
            file.replace(target)

    def create(self, key: str, content: bytes) -> bool:
        """Link a file that is whole into place, which fails where there is one already."""
        target = self.folder / key
        file = self.scratch()
        try:
            with self._named():
                target.parent.mkdir(parents=True, exist_ok=True)
                with file.open("wb") as whole:
                    whole.write(content)
                    whole.flush()
                    os.fsync(whole.fileno())
                return _linked(file, target)
        finally:
            file.unlink(missing_ok=True)

    def fetch(self, key: str) -> Path:
        """The file itself."""
        file = self.folder / key
        if not file.is_file():
            raise StoreError(
                f"{file} is not there. Was the store cleared, or does INGEST_ASSETS_STORE name another one?"
            )
        return file

    def has(self, key: str) -> bool:
        """Whether the file is there."""
        return (self.folder / key).is_file()

    def size(self, key: str) -> int | None:
        """Size of the file."""
        file = self.folder / key
        return file.stat().st_size if file.is_file() else None

    def keys(self, prefix: str) -> Iterator[str]:
        """Files below the folder, in order."""
        start = self.folder / prefix.rpartition("/")[0]
        found = (file.relative_to(self.folder).as_posix() for file in start.rglob("*") if file.is_file())
        return iter(sorted(key for key in found if key.startswith(prefix) and not key.startswith(".")))

    def remove(self, key: str) -> None:
        """Delete the file."""
        (self.folder / key).unlink(missing_ok=True)

    def scratch(self) -> Path:
        """A file beside the others, so that moving it into place is one step."""
        with self._named():
            self._scratch.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._scratch)
        os.close(handle)
        return Path(name)

    def sweep(self) -> None:
        """Remove scratch files that no run can still be writing."""
        old = time.time() - _LONGEST_RUN
        for file in self._scratch.iterdir() if self._scratch.is_dir() else ():
            if file.stat().st_mtime < old:
                file.unlink(missing_ok=True)

    @property
    def _scratch(self) -> Path:
        return self.folder / ".scratch"

    @contextmanager
    def _named(self) -> Iterator[None]:
        """What the file system refuses as an error of the store, which says where it is set."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"{self.folder} can't be written ({error.strerror}). Does INGEST_ASSETS_STORE name a folder, and may "
                "this process write there?"
            ) from error


class S3Store:
    """A prefix of an S3 bucket; files are fetched into a temporary folder and kept there while the store lives.

    Args:
        bucket: Name of the bucket.
        prefix: Beginning of all keys, without a slash at its end; may be empty.
        client: Makes the boto3 client when it is first needed.
    """

    def __init__(self, bucket: str, prefix: str, client: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._make_client = client
        self._client: Any = None
        self._lock = threading.Lock()
        self._cache = Path(tempfile.mkdtemp(prefix="ingest_assets_"))
        weakref.finalize(self, shutil.rmtree, self._cache, ignore_errors=True)

    def keep(self, key: str, file: Path) -> None:
        """Upload the file."""
        with file.open("rb") as body, self._named(key, "written"):
            self._s3.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=body)
        copy = self._copy_of(key)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(file, copy)

    def create(self, key: str, content: bytes) -> bool:
        """Upload it on the condition that there is no such object, and look whose it is.

        Stores that speak S3 and ignore the condition are why the key is looked up before, and read after: of two who
        create a key at once there, one may still be told so who is replaced a moment later.
        """
        if self.has(key):
            return False
        try:
            with self._named(key, "created"):
                self._put_new(key, content)
        except StoreError:
            # The answer may be lost to what was done: a lease would be held against the very run that took it.
            if self._content(key) == content:
                return True
            raise
        return self._content(key) == content

    def fetch(self, key: str) -> Path:
        """Download the file anew: another run may have replaced it."""
        copy = self._copy_of(key)
        copy.parent.mkdir(parents=True, exist_ok=True)
        part = self.scratch()
        with self._named(key, "read"):
            self._s3.download_file(self._bucket, self._prefix + key, str(part))
        part.replace(copy)
        return copy

    def has(self, key: str) -> bool:
        """Ask for the object's head."""
        return self.size(key) is not None

    def size(self, key: str) -> int | None:
        """Size in the object's head."""
        from botocore.exceptions import ClientError  # noqa: PLC0415  # boto3 is not for the code location's start

        with self._named(key, "looked up"):
            try:
                return int(self._s3.head_object(Bucket=self._bucket, Key=self._prefix + key)["ContentLength"])
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
                    raise
                return None

    def keys(self, prefix: str) -> Iterator[str]:
        """List the bucket."""
        with self._named(prefix, "listed"):
            paginator = self._s3.get_paginator("list_objects_v2")
            for page in paginator.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix):
                for item in page["Contents"] if page["KeyCount"] else ():
                    yield item["Key"].removeprefix(self._prefix)

    def remove(self, key: str) -> None:
        """Delete the object."""
        with self._named(key, "removed"):
            self._s3.delete_object(Bucket=self._bucket, Key=self._prefix + key)

    def scratch(self) -> Path:
        """A temporary file."""
        handle, name = tempfile.mkstemp(dir=self._cache)
        os.close(handle)
        return Path(name)

    def sweep(self) -> None:
        """Do nothing: scratch files go with the process's temporary folder."""

    @property
    def _s3(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._make_client()
            return self._client

    @contextmanager
    def _named(self, key: str, done: str) -> Iterator[None]:
        """AWS's refusals as errors of the store, which name the object."""
        from boto3.exceptions import Boto3Error  # noqa: PLC0415  # as above
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            yield
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise StoreError(
                f"s3://{self._bucket}/{self._prefix}{key} can't be {done} ({error}). Does INGEST_ASSETS_STORE name the "
                "right place, and may these AWS credentials get, put, list and delete there?"
            ) from error

    def _put_new(self, key: str, content: bytes) -> None:
        """Put it unless there is such an object; S3 may say that two came at once, then it is asked again."""
        for _ in range(_CONFLICTS):
            if self._put_if_new(key, content) != HTTPStatus.CONFLICT:
                return
            time.sleep(random.uniform(0, _CONFLICT_PAUSE))  # noqa: S311
        raise StoreError(
            f"s3://{self._bucket}/{self._prefix}{key} can't be created: {_CONFLICTS} times S3 answered that "
            "others write there at the same time (409 ConditionalRequestConflict). Try again later."
        )

    def _put_if_new(self, key: str, content: bytes) -> int:
        from botocore.exceptions import ClientError  # noqa: PLC0415  # as above

        try:
            self._s3.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=content, IfNoneMatch="*")
        except ClientError as error:
            status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
            # There is one: another's, or our own, if the answer was lost and boto3 sent it again.
            if status not in (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT):
                raise
            return status
        return HTTPStatus.OK

    def _content(self, key: str) -> bytes | None:
        """An object's content, past the copies of this process; None if there is no such object."""
        from botocore.exceptions import ClientError  # noqa: PLC0415  # as above

        with self._named(key, "read"):
            try:
                return bytes(self._s3.get_object(Bucket=self._bucket, Key=self._prefix + key)["Body"].read())
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
                    raise
                return None

    def _copy_of(self, key: str) -> Path:
        return self._cache / "fetched" / key


def _linked(file: Path, target: Path) -> bool:
    """Give a file a second name, unless something bears it; whether it did."""
    try:
        os.link(file, target)
    except FileExistsError:
        # A network file system that lost its answer asks again, and is refused for what it did itself.
        return file.stat().st_nlink > 1
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _claimed(file, target)
    return True


def _claimed(file: Path, target: Path) -> bool:
    """Without links: claim the name with an empty file, then move the whole one over it.

    A process killed in between leaves the empty one, so readers must not take it for more than "somebody's".
    """
    try:
        target.touch(exist_ok=False)
    except FileExistsError:
        return False
    try:
        file.replace(target)
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return True


def open_store(address: str) -> Store:
    """The store at an address: ``s3://bucket/prefix`` or a folder; ``~`` is the home folder.

    Raises:
        StoreError: The address is of another kind.
    """
    parts = urlparse(address)
    if parts.scheme == "s3" and parts.netloc:
        return S3Store(parts.netloc, parts.path.strip("/"), _s3_client)
    if len(parts.scheme) > 1:  # one letter is a drive
        raise StoreError(f"INGEST_ASSETS_STORE: {address} is neither a folder nor s3://bucket/prefix.")
    return FolderStore(Path(address).expanduser().absolute())


def _s3_client() -> Any:
    import boto3  # noqa: PLC0415  # not for the code location's start
    from botocore.config import Config  # noqa: PLC0415

    limits = Config(connect_timeout=10, read_timeout=60, retries={"mode": "adaptive", "max_attempts": 6})
    return boto3.session.Session().client("s3", config=limits)
