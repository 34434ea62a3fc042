"""Artifacts in S3: each folder below a prefix that holds a manifest is a project. Pulls boto3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

from ingest_assets.errors import InvalidAnswerError, NotFoundError
from ingest_assets.sources.aws import AwsSession, required
from ingest_assets.sources.aws_errors import translate
from ingest_assets.sources.dbt.artifacts import Artifacts
from ingest_assets.sources.dbt.ways import KINDS, gathered
from ingest_assets.sources.fingerprint import digest

_CHUNK = 1 << 20
_MANIFEST = "manifest.json"
_MOST_KEYS = 100_000
_NARROW = "Name the folder that holds the artifacts in dbtObjectPrefix."


@dataclass(frozen=True)
class BucketFiles:
    """Objects of a bucket.

    Attributes:
        bucket: Its name.
        prefix: Folder of the artifacts, or above them; empty: the bucket.
        session: Of AWS.
    """

    bucket: str
    prefix: str
    session: AwsSession

    def fetch(self, folder: Path) -> Iterator[Artifacts]:
        """See ``Way``."""
        keys = frozenset(self._artifacts())
        for number, key in enumerate(sorted(filter(_is_manifest, keys))):
            yield self._project(key, keys, folder / str(number))

    def state(self) -> str:
        """See ``Way``."""
        return digest(self._artifacts().items())

    def place(self) -> str:
        """See ``Way``."""
        return f"s3://{self.bucket}/{self.prefix}"

    def _project(self, key: str, keys: frozenset[str], folder: Path) -> Artifacts:
        folder.mkdir()
        above = key[: -len(_MANIFEST)]
        manifest = self._copy(key, folder / _MANIFEST)

        def ask(kind: str) -> Path | None:
            name = f"{kind}.json"
            return self._copy(f"{above}{name}", folder / name) if f"{above}{name}" in keys else None

        return gathered(f"s3://{self.bucket}/{key}", manifest, ask, KINDS)

    def _artifacts(self) -> dict[str, str]:
        """ETags of the artifacts below the prefix, by key."""
        found = dict(self._objects())
        if not any(map(_is_manifest, found)):
            raise NotFoundError(
                f"there is no {_MANIFEST} below it.",
                where=self.place(),
                advice="Check dbtBucketName and dbtObjectPrefix.",
            )
        return found

    def _objects(self) -> Iterator[tuple[str, str]]:
        """Keys and ETags of artifacts below the prefix; S3 lists them in pages that continue by token."""
        token, met, names = "", 0, {_MANIFEST, *(f"{kind}.json" for kind in KINDS)}
        prefix = f"{self.prefix.strip('/')}/" if self.prefix.strip("/") else ""
        where = f"s3:ListObjectsV2 of {self.place()}"
        while True:
            more = {"ContinuationToken": token} if token else {}
            page = self.session.call("s3", "ListObjectsV2", self.place(), Bucket=self.bucket, Prefix=prefix, **more)
            rows = page.get("Contents") or []
            met += len(rows)
            yield from (
                (row["Key"], required(row, "ETag", str, where=where))
                for row in rows
                if required(row, "Key", str, where=where).rpartition("/")[2] in names
            )
            following = page.get("NextContinuationToken") or ""
            if not page.get("IsTruncated"):
                return
            if not following or following == token or met > _MOST_KEYS:
                too_many = met > _MOST_KEYS
                what = f"more than {_MOST_KEYS} objects lie there" if too_many else "its pages go round in circles"
                raise InvalidAnswerError(f"{what}.", where=where, advice=_NARROW)
            token = following

    def _copy(self, key: str, to: Path) -> Path:
        where = f"s3://{self.bucket}/{key}"
        answer = self.session.call("s3", "GetObject", where, Bucket=self.bucket, Key=key)
        try:
            with to.open("wb") as file:
                for chunk in answer["Body"].iter_chunks(_CHUNK):
                    file.write(chunk)
        except BotoCoreError as error:
            raise translate("s3:GetObject", where, error) from error
        except HTTPError as error:
            what = f"it was cut ({type(error).__name__})."
            raise InvalidAnswerError(what, where=f"s3:GetObject of {where}") from error
        return to


def _is_manifest(key: str) -> bool:
    return key.rpartition("/")[2] == _MANIFEST
