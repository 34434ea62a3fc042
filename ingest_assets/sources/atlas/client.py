"""Apache Atlas over REST: one request with its retries. What its answers mean is told by ``refusals``.

A session of its own that keeps no cookie: Atlas takes a valid session cookie for the sign-on, whatever password comes
with it (observed with 2.4.0), so that a wrong password would pass for a right one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from ingest_assets.calls import Calls
from ingest_assets.errors import InvalidAnswerError, RemoteError, UnavailableError
from ingest_assets.sources.atlas.refusals import attempts_after, is_success, refusal
from ingest_assets.sources.http import Answer, Patience, no_netrc, persevere, received, within

_API = "/api/atlas"
_TIMEOUTS = (10.0, 180.0)  # a search of thousands of rows takes a while
_NO_JSON = "It answers with something else than JSON."
_GATEWAY = "Is hostPort that of Atlas, with the gateway's path where there is one? A log-in page answers so too."


@dataclass(frozen=True)
class AtlasAccess:
    """Where Atlas is, and how to sign on.

    Attributes:
        host_port: Its address, with a gateway's path; ``/api/atlas`` follows.
        username: For basic sign-on; None: no such sign-on.
        password: For basic sign-on.
        token: Sent as ``Authorization: Bearer``, in place of user and password.
        headers: Sent along, as gateways ask for.
        ca_file: File of the authority that signed the certificate; None: those of the machine.
        client_certificate: Files of our own certificate, and of its key where it has one of its own.
    """

    host_port: str
    username: str | None = None
    password: str = field(default="", repr=False)
    token: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str | None = None
    client_certificate: tuple[str, str | None] | None = None

    @property
    def base_url(self) -> str:
        """Address of Atlas without its API."""
        return self.host_port.rstrip("/").removesuffix("/v2").removesuffix(_API)

    @property
    def host(self) -> str:
        """Host, port and path of a gateway, for people."""
        parts = urlsplit(self.base_url)
        return f"{parts.netloc}{parts.path}"

    def signed(self) -> dict[str, str]:
        """The headers of each request."""
        headers = {"Accept": "application/json", "User-Agent": "ingest-assets"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        elif self.username is not None:
            # requests would write it in Latin-1, in which most passwords of the world can't be written.
            pair = base64.b64encode(f"{self.username}:{self.password}".encode())
            headers["Authorization"] = f"Basic {pair.decode()}"
        return {**headers, **self.headers}


class AtlasClient:
    """One Atlas as one run sees it. Safe to share among threads.

    Args:
        access: Where and who.
        calls: Counts each request as ``atlas:search``, and knows the deadline.
        threads: Connections used at once.
        patience: Timeouts and retries.
    """

    def __init__(
        self, access: AtlasAccess, calls: Calls, *, threads: int = 8, patience: Patience | None = None
    ) -> None:
        self.access = access
        self._calls = calls
        self._patience = patience or Patience(timeouts=_TIMEOUTS)
        self._headers = access.signed()
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # With each request: the session's own would give way to REQUESTS_CA_BUNDLE.
        self._tls: dict[str, Any] = {"verify": access.ca_file or True, "cert": _certificate(access)}
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=threads, pool_block=True)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def get(self, operation: str, subject: str, path: str, params: object = None) -> Any:
        """What a GET answers.

        Args:
            operation: What it is counted as, e.g. ``typedefs``.
            subject: What it is about, for messages.
            path: Below ``/api/atlas``.
            params: As requests takes them.

        Raises:
            RemoteError: The request failed for good.
            DeadlineExceededError: The run's time is over.
        """
        return self._answer("GET", operation, subject, path, {"params": params})

    def post(self, operation: str, subject: str, path: str, body: Mapping[str, object]) -> Any:
        """What a POST answers; used for searches only, which change nothing.

        Raises:
            RemoteError: The request failed for good.
            DeadlineExceededError: The run's time is over.
        """
        return self._answer("POST", operation, subject, path, {"json": body})

    def _answer(self, verb: str, operation: str, subject: str, path: str, sent: Mapping[str, Any]) -> Any:
        where = f"atlas:{operation} of {subject}"
        url, name = f"{self.access.base_url}{_API}{path}", f"atlas:{operation}"
        answer = persevere(
            lambda: self._send(verb, url, name, where, sent), attempts_after, self._patience, self._calls, name
        )
        if not is_success(answer):
            raise refusal(answer, where)
        try:
            return answer.json()
        except ValueError as error:
            raise InvalidAnswerError(_NO_JSON, where=where, advice=_GATEWAY, status=answer.status) from error

    def _send(self, verb: str, url: str, operation: str, where: str, sent: Mapping[str, Any]) -> Answer | RemoteError:
        self._calls.begin(operation)
        try:
            # A redirect would carry the password to wherever it leads.
            with self._session.request(
                verb,
                url,
                headers=self._headers,
                auth=no_netrc,
                timeout=within(self._patience.timeouts, self._calls),
                allow_redirects=False,
                stream=True,
                **self._tls,
                **sent,
            ) as response:
                return received(response, self._calls, where)
        except requests.exceptions.SSLError as error:
            return UnavailableError(
                f"The secure connection failed ({type(error).__name__}).",
                where=where,
                advice="Name the file of the authority that signed Atlas's certificate in dagster.source.ca_file.",
            )
        except (requests.RequestException, OSError) as error:
            # OSError: a certificate's file that isn't there.
            told = error if type(error) is OSError else type(error).__name__
            return UnavailableError(f"{told}.", where=where, advice="Check hostPort and the network.")


def _certificate(access: AtlasAccess) -> str | tuple[str, str] | None:
    if access.client_certificate is None:
        return None
    certificate, key = access.client_certificate
    return certificate if key is None else (certificate, key)
