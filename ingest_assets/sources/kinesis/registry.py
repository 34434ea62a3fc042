"""Schemas of streams, from the Glue Schema Registry: those that are called as the stream is.

That is how its serializers name a schema unless they are told otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from uuid import UUID

from ingest_assets.catalog import MessageSchema
from ingest_assets.errors import (
    AuthenticationError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RemoteError,
)
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.optional import Optional
from ingest_assets.sources.schemas.reading import read_schema

_MOST_VERSIONS = 1000


class SchemaRegistry:
    """The schemas of one account and region. Safe to share among threads.

    Args:
        session: The run's AWS session.
        registries: Names of registries; empty: all.
    """

    def __init__(self, session: AwsSession, registries: Sequence[str] = ()) -> None:
        self._session = session
        self._registries = registries
        self._lock = threading.Lock()
        self._arns: dict[str, list[str]] | RemoteError | None = None
        self._versions: dict[UUID, MessageSchema | None] = {}
        self._listing = Optional("glue:ListSchemas", "Schemas of messages")
        self._reading = Optional("glue:GetSchemaVersion", "Schemas of messages")
        self._problems: list[str] = []

    def schema_of(self, stream: str) -> MessageSchema | None:
        """The latest schema that is called as a stream is; None where there is none, or several.

        Raises:
            PermissionDeniedError: It may not be read, of which ``notes`` tell.
            RemoteError: It could not be read this time.
        """
        arns = self._known().get(stream, [])
        if len(arns) > 1:
            self._note(f"Several schemas are called {stream}, and none is guessed: {', '.join(arns)}.")
        if len(arns) != 1:
            return None
        asked = {"SchemaId": {"SchemaArn": arns[0]}, "SchemaVersionNumber": {"LatestVersion": True}}
        return self._read(stream, asked)

    def version(self, version: UUID) -> MessageSchema | None:
        """The schema that a message names; None where it can't be read."""
        with self._lock:
            if version in self._versions:
                return self._versions[version]
        try:
            found = self._read(str(version), {"SchemaVersionId": str(version)})
        except AuthenticationError:
            raise
        except PermissionDeniedError:
            found = None
        except RemoteError as error:
            self._note(f"Schema version {version}, which messages name, could not be read: {error}")
            found = None
        with self._lock:
            while len(self._versions) >= _MOST_VERSIONS:
                del self._versions[next(iter(self._versions))]
            self._versions[version] = found
        return found

    def notes(self) -> list[str]:
        """What people should know."""
        with self._lock:
            problems = list(dict.fromkeys(self._problems))
        return [note for note in (self._listing.note(), self._reading.note(), *problems) if note]

    def _known(self) -> dict[str, list[str]]:
        """Listed once a run; one that failed, with all retries, is not tried again for each stream."""
        with self._lock:
            if self._arns is None:
                try:
                    listed = self._listing.ask(self._list)
                    self._arns = _denied("glue:ListSchemas") if listed is None else listed
                except RemoteError as error:
                    self._arns = error
            if isinstance(self._arns, RemoteError):
                raise self._arns.with_traceback(None)
            return self._arns

    def _list(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for page in self._pages():
            for item in page:
                match item:
                    case {"SchemaName": str(name), "SchemaArn": str(arn)}:
                        found.setdefault(name, []).append(arn)
                    case _:
                        raise InvalidAnswerError("a schema lacks its name or ARN.", where="glue:ListSchemas")
        return found

    def _pages(self) -> Iterator[list[object]]:
        places: list[dict[str, object]] = [{"RegistryId": {"RegistryName": name}} for name in self._registries]
        for place in places or [{}]:
            for page in self._session.pages("glue", "ListSchemas", "all schemas", key="Schemas", **place):
                yield page["Schemas"]

    def _read(self, subject: str, asked: dict[str, object]) -> MessageSchema | None:
        def read() -> dict[str, object]:
            return self._session.call("glue", "GetSchemaVersion", subject, **asked)

        try:
            answer = self._reading.ask(read)
        except NotFoundError:
            return None
        if answer is None:
            raise _denied("glue:GetSchemaVersion")
        text, kind = answer.get("SchemaDefinition"), answer.get("DataFormat")
        if not isinstance(text, str) or not isinstance(kind, str):
            raise InvalidAnswerError("the answer has no schema.", where=f"glue:GetSchemaVersion of {subject}")
        reading = read_schema(text, kind)
        if reading.reason is not None:
            self._note(f"The schema of {subject} is shown without some or all of its fields: {reading.reason}.")
        return reading.schema

    def _note(self, text: str) -> None:
        with self._lock:
            if len(self._problems) < _MOST_VERSIONS:
                self._problems.append(text)


def _denied(action: str) -> PermissionDeniedError:
    return PermissionDeniedError("schemas may not be read.", where=action)
