"""Buckets and secrets of the company as state."""

from __future__ import annotations

import hashlib
import threading
import zlib
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timezone


@dataclass(frozen=True)
class StoredObject:
    """One S3 object.

    Attributes:
        body: Its bytes.
        content_type: As put.
        metadata: User metadata, names in lower case.
        modified: When it was put, in whole seconds as S3 keeps it.
    """

    body: bytes
    content_type: str = "binary/octet-stream"
    metadata: dict[str, str] = field(default_factory=dict)
    modified: datetime = field(default_factory=lambda: datetime.now(timezone.utc).replace(microsecond=0))

    @property
    def etag(self) -> str:
        """The MD5 of the bytes in quotes, as S3 makes it for single uploads."""
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'

    @property
    def crc32(self) -> str:
        """The checksum that boto3 sends and asks for by default."""
        return b64encode(zlib.crc32(self.body).to_bytes(4, "big")).decode()


class Buckets:
    """All buckets, with one lock so that conditional writes are decided one at a time."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._buckets: dict[str, dict[str, StoredObject]] = {}

    def create(self, bucket: str) -> bool:
        """Make a bucket; False when it is there already."""
        with self.lock:
            if bucket in self._buckets:
                return False
            self._buckets[bucket] = {}
            return True

    def objects(self, bucket: str) -> dict[str, StoredObject] | None:
        """The objects of a bucket by key, to be read and changed under ``lock``; None when there is no such bucket."""
        with self.lock:
            return self._buckets.get(bucket)

    def put(self, bucket: str, key: str, body: bytes) -> StoredObject:
        """Put an object from within the process, making the bucket when needed."""
        with self.lock:
            self.create(bucket)
            stored = StoredObject(body)
            self._buckets[bucket][key] = stored
            return stored


@dataclass(frozen=True)
class Secret:
    """One version of a secret.

    Attributes:
        name: Its name.
        value: Text or bytes.
        version_id: UUID of the version.
    """

    name: str
    value: str | bytes = field(repr=False)
    version_id: str
    created: datetime
