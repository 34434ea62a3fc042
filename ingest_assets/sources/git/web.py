"""One HTTP request to an API: timeouts, and redirects that the token does not follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError

from ingest_assets.calls import Calls
from ingest_assets.errors import IncompatibleServerError
from ingest_assets.sources.git.reading import Patience
from ingest_assets.sources.git.unreached import unreached
from ingest_assets.sources.http import REDIRECTS, chunks, within

_MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}


class Received(NamedTuple):
    """An answer whose body has not been read.

    Attributes:
        response: The answer.
        is_home: Whether it comes from where the request was sent first, and not from where that sent it on.
    """

    response: requests.Response
    is_home: bool


class _Signed(requests.auth.AuthBase):
    """Puts the token into its header, or nothing, and keeps a ``.netrc`` from putting there what it knows."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Web:
    """Asks one API. Safe to share among threads: each request has a connection of its own, for there are few.

    Proxies and authorities are those of the environment (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE).

    Args:
        base: The API's address, without a slash at its end.
        token: Sent there and nowhere else.
        calls: Counts requests, and knows the deadline.
        patience: Timeouts.
    """

    def __init__(self, base: str, token: str | None, calls: Calls, patience: Patience) -> None:
        self._base = base
        self._token = token
        self._calls = calls
        self._patience = patience

    @contextmanager
    def get(self, operation: str, path: str, headers: Mapping[str, str], where: str) -> Iterator[Received]:
        """The answer to one request, redirects followed.

        Raises:
            RemoteError: There was none.
            DeadlineExceededError: The run's time is over.
        """
        with requests.Session() as session:
            session.mount("https://", HTTPAdapter(max_retries=0))
            url, origin = f"{self._base}{path}", _origin(self._base)
            for _ in range(_MOST_REDIRECTS + 1):
                is_home = _origin(url) == origin
                response = self._send(session, operation, url, headers if is_home else {}, where)
                if response.status_code not in REDIRECTS:
                    with response:
                        yield Received(response, is_home)
                    return
                url = self._onward(url, response, where)
        what = f"it was sent on more than {_MOST_REDIRECTS} times."
        raise IncompatibleServerError(what, where=where, advice="Is this the API's own address?")

    def chunks(self, response: requests.Response, where: str) -> Iterator[bytes]:
        """The body as it comes.

        Raises:
            InvalidAnswerError: It is cut.
            UnavailableError: The connection broke, or nothing came in time.
            DeadlineExceededError: The run's time is over.
        """
        try:
            yield from chunks(response, self._calls, where)
        except requests.RequestException as error:
            raise unreached(error, where) from error

    def _send(
        self, session: requests.Session, operation: str, url: str, headers: Mapping[str, str], where: str
    ) -> requests.Response:
        self._calls.begin(operation)
        session.cookies.clear()
        try:
            return session.get(
                url,
                headers={"User-Agent": "ingest-assets", **headers},
                auth=_Signed(self._token if _origin(url) == _origin(self._base) else None),
                timeout=within(self._patience.timeouts, self._calls),
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, LocationParseError) as error:
            raise unreached(error, where) from error

    def _onward(self, url: str, response: requests.Response, where: str) -> str:
        """Where an answer sends on to. Its query may hold a key, so no message shows it."""
        onward = urljoin(url, response.headers.get("Location", ""))
        response.close()
        to = urlsplit(onward)
        if to.scheme not in _PORTS or not to.hostname or (url.startswith("https:") and to.scheme == "http"):
            raise IncompatibleServerError(
                f"it is sent on ({response.status_code}) to {to.scheme or 'no'}://{to.hostname or ''}, which is not "
                "followed.",
                where=where,
                advice="Is this the API's own address?",
                status=response.status_code,
            )
        return onward


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
