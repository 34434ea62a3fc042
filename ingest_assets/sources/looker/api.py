"""Looker's API 4.0 by looker-sdk, over a transport of our own. Pulls looker_sdk: imported in runs only.

It reads neither a file nor the environment.
"""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlsplit

from cattrs.errors import BaseValidationError
from looker_sdk.rtl import auth_session, model, serialize
from looker_sdk.sdk.api40.methods import Looker40SDK

from ingest_assets.calls import Calls
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.http import Patience
from ingest_assets.sources.looker.answers import reader
from ingest_assets.sources.looker.transport import LookerCredentials, LookerTransport, SdkSettings

_VERSION = "4.0"
_LISTINGS = ("all_", "search_", "user_roles")


class LookerApi:
    """One Looker instance as one run sees it. Safe to share among threads.

    Args:
        credentials: Who and where.
        calls: Counts each request as ``looker:dashboard``, and knows the deadline.
        threads: Connections used at once.
        patience: Timeouts and retries.
    """

    def __init__(
        self, credentials: LookerCredentials, calls: Calls, *, threads: int = 8, patience: Patience | None = None
    ) -> None:
        settings = SdkSettings(credentials)
        self._transport = LookerTransport(settings, calls, threads, patience or Patience())
        read = reader()
        self._auth = auth_session.AuthSession(settings, self._transport, read, _VERSION)
        self._transport.auth = self._auth
        self._sdk = Looker40SDK(self._auth, read, serialize.serialize40, self._transport, _VERSION)

    @property
    def host(self) -> str:
        """Host of the instance, for people."""
        return urlsplit(self._transport.settings.base_url).netloc

    def call(self, operation: str, subject: str, *arguments: object, **parameters: object) -> Any:
        """One call of looker-sdk, with its retries.

        Args:
            operation: As looker-sdk calls it, e.g. ``dashboard``.
            subject: What it is about, for messages.
            *arguments: As looker-sdk takes them.
            **parameters: As looker-sdk takes them; ``fields`` should be among them.

        Returns:
            An object of looker-sdk's models, or a list of them.

        Raises:
            RemoteError: The request failed for good.
            DeadlineExceededError: The run's time is over.
        """
        where = f"looker:{operation} of {subject}"
        with self._transport.about(operation, where):
            try:
                return _checked(operation, getattr(self._sdk, operation)(*arguments, **parameters))
            except (serialize.DeserializeError, BaseValidationError, ValueError, TypeError) as error:
                # Their words quote the answer.
                raise InvalidAnswerError(
                    f"The answer can't be read ({type(error).__name__}).",
                    where=where,
                    advice="Is hostPort that of Looker's API?",
                ) from error

    def all(self, operation: str, subject: str, *, size: int = 500, **parameters: object) -> list[Any]:
        """All of a listing that pages by ``limit`` and ``offset``.

        Raises:
            RemoteError: A page failed, or told nothing new.
        """
        found: dict[Any, Any] = {}
        for offset in itertools.count(0, size):
            page = self.call(operation, subject, **parameters, limit=size, offset=offset)
            fresh = {_identity(item): item for item in page}
            if len(page) >= size and fresh.keys() <= found.keys():
                raise InvalidAnswerError(
                    "The pages go round in circles: one told nothing new.", where=f"looker:{operation} of {subject}"
                )
            found |= fresh
            # Looker's older releases page no models: more than was asked for is all there is.
            if len(page) != size:
                break
        return list(found.values())


def _checked(operation: str, answer: object) -> object:
    """The answer, if it is one: looker-sdk takes an empty body for a list, and a text for one of things without ids.

    Raises:
        ValueError: It isn't.
    """
    rows = answer if operation.startswith(_LISTINGS) else [answer]
    if not isinstance(rows, list) or not all(map(_is_named, rows)):
        raise ValueError(operation)
    return answer


def _is_named(item: Any) -> bool:
    return isinstance(item, model.Model) and _identity(item) is not None


def _identity(item: Any) -> Any:
    return getattr(item, "id", None) or getattr(item, "name", None)
