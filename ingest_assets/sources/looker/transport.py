"""How looker-sdk's requests reach Looker: timeouts, retries, log-ins, and answers that are no success as errors.

What looker-sdk's own transport lacks (observed with 26.22): it repeats nothing, tells no HTTP status, never renews a
token that was revoked, and looks the documentation of each error up on the internet, without a time limit. Answers that
are no success never reach it here.
"""

from __future__ import annotations

import threading
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import requests
from looker_sdk.rtl import auth_session, auth_token, transport
from looker_sdk.rtl.api_settings import SettingsConfig
from requests.adapters import HTTPAdapter

from ingest_assets.calls import Calls
from ingest_assets.errors import (
    AuthenticationError,
    InvalidAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from ingest_assets.sources.http import REDIRECTS, Answer, Patience, no_netrc, persevere, received, within

_LOGIN = "/login"
_LONGEST_MESSAGE = 300
_SERVER_ERROR = 500
_ADVICE = {
    401: "Check clientId and clientSecret: the API key may have been deleted, or its user disabled.",
    403: "Give the API user's role what `ingest-assets lint` lists.",
}
_ADDRESS = "Is hostPort ({}) that of Looker's API, with its port where it has one?"


@dataclass(frozen=True)
class LookerCredentials:
    """Who and where.

    Attributes:
        base_url: Address of the instance, without ``/api/4.0``.
        client_id: Of the API key.
        client_secret: Of the API key.
    """

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)


class SdkSettings:
    """What looker-sdk asks its settings for.

    Args:
        credentials: Who and where.
    """

    agent_tag = "ingest-assets"
    headers: MutableMapping[str, str] | None = None
    timeout = 120
    verify_ssl = True

    def __init__(self, credentials: LookerCredentials) -> None:
        self.base_url = credentials.base_url.rstrip("/")
        self._credentials = credentials

    def is_configured(self) -> bool:
        """Whether there is a key: always, as the recipe needs one."""
        return True

    def read_config(self) -> SettingsConfig:
        """Address and key."""
        who = self._credentials
        return {"base_url": self.base_url, "client_id": who.client_id, "client_secret": who.client_secret}


class _About(NamedTuple):
    operation: str
    where: str


class LookerTransport(transport.Transport):
    """Sends looker-sdk's requests; whatever is no success is raised as an error of ours.

    Args:
        settings: Who and where.
        calls: Counts requests, and knows the deadline.
        threads: Connections used at once.
        patience: Timeouts and retries.
    """

    def __init__(self, settings: SdkSettings, calls: Calls, threads: int, patience: Patience) -> None:
        self.settings = settings
        self.auth: auth_session.AuthSession
        self._calls = calls
        self._patience = patience
        self._login = threading.Lock()
        self._about = threading.local()
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=threads, pool_block=True)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    @classmethod
    def configure(cls, settings: transport.PTransportSettings) -> transport.Transport:
        """Not used: whoever makes one has more to say than settings."""
        raise NotImplementedError

    def about(self, operation: str, where: str) -> _Subject:
        """Name what this thread's requests are about while the context lasts."""
        return _Subject(self._about, _About(operation, where))

    def request(
        self,
        method: transport.HttpMethod,
        path: str,
        query_params: MutableMapping[str, str] | None = None,
        body: bytes | None = None,
        authenticator: Any = None,
        transport_options: transport.TransportOptions | None = None,
    ) -> transport.Response:
        """One request of looker-sdk.

        Raises:
            RemoteError: It failed for good.
        """
        url = path if path.startswith(self.settings.base_url) else f"{self.settings.base_url}{path}"
        about = self._named(url)
        sent = {"params": query_params, "data": body}
        options = transport_options or {}
        used = self._token(authenticator, options)
        answer = self._persevere(about, method.name, url, {**sent, "headers": self._headers(options, used)})
        if answer.status == requests.codes.unauthorized and used is not None:
            self._renew(used)
            self._calls.retry(f"looker:{about.operation}")
            used = self._token(authenticator, options)
            answer = self._persevere(about, method.name, url, {**sent, "headers": self._headers(options, used)})
        # A redirect is no answer either: looker-sdk would take its empty body for a listing of nothing.
        if answer.status != requests.codes.ok:
            raise _refusal(answer, about, self.settings)
        mode = transport.response_mode(answer.headers.get("content-type"))
        if mode is not transport.ResponseMode.STRING:
            raise InvalidAnswerError("The answer is no JSON.", where=about.where)
        return transport.Response(True, answer.content, mode)  # looker-sdk's own

    def _named(self, url: str) -> _About:
        if url.endswith(_LOGIN):
            return _About("login", f"looker:login at {self.settings.base_url}")
        return cast("_About", getattr(self._about, "now", _About("unknown", f"looker: {url}")))

    def _token(self, authenticator: Any, options: transport.TransportOptions) -> str | None:
        """The header with the token; looker-sdk logs in for it where there is none, one thread at a time."""
        if authenticator is None:
            return None
        with self._login:
            # looker-sdk writes the log-in's own headers into these options.
            return str(authenticator({**options, "headers": {}})["Authorization"])

    def _renew(self, used: str) -> None:
        """Forget a token that was refused, unless another thread has done so."""
        with self._login:
            if f"Bearer {self.auth.token.access_token}" == used:
                self.auth.token = auth_token.AuthToken()

    def _headers(self, options: transport.TransportOptions, token: str | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": self.settings.agent_tag, **options.get("headers", {})}
        return headers if token is None else {**headers, "Authorization": token}

    def _persevere(self, about: _About, verb: str, url: str, sent: dict[str, Any]) -> Answer:
        """The first answer that need not be asked for again."""
        patience = self._patience
        return persevere(
            lambda: self._send(about, verb, url, sent),
            lambda answer: patience.retries if _may_pass(answer.status) else 0,
            patience,
            self._calls,
            f"looker:{about.operation}",
        )

    def _send(self, about: _About, verb: str, url: str, sent: dict[str, Any]) -> Answer | RemoteError:
        self._calls.begin(f"looker:{about.operation}")
        try:
            with self._session.request(
                verb,
                url,
                auth=no_netrc,
                timeout=within(self._patience.timeouts, self._calls),
                allow_redirects=False,
                stream=True,
                **sent,
            ) as response:
                return received(response, self._calls, about.where)
        except requests.exceptions.SSLError:
            return UnavailableError(
                "The certificate can't be checked.",
                where=about.where,
                advice="Name the file of the authority that signed it in the variable REQUESTS_CA_BUNDLE.",
            )
        except requests.RequestException as error:
            return UnavailableError(
                f"{type(error).__name__}.", where=about.where, advice="Check hostPort and the network."
            )


class _Subject:
    """A context in which a thread's requests are about one thing."""

    def __init__(self, about: threading.local, now: _About) -> None:
        self._about = about
        self._now = now

    def __enter__(self) -> None:
        self._about.now = self._now

    def __exit__(self, *_: object) -> None:
        del self._about.now


def _may_pass(status: int) -> bool:
    return status == requests.codes.too_many_requests or status >= _SERVER_ERROR


def _refusal(answer: Answer, about: _About, settings: SdkSettings) -> RemoteError:
    status, words = answer.status, _words(answer)
    if about.operation == "login":
        # A wrong key is answered with 404.
        kind: type[RemoteError] = UnavailableError if _may_pass(status) else AuthenticationError
        return kind(
            f"Looker refuses the log-in: {words}", where=about.where, status=status, advice=_at_log_in(answer, settings)
        )
    kinds: dict[int, type[RemoteError]] = {
        401: AuthenticationError,
        403: PermissionDeniedError,
        404: NotFoundError,
    }
    kind = UnavailableError if _may_pass(status) else kinds.get(status, RejectedError)
    advice = _ADVICE.get(status, "")
    if status in REDIRECTS:
        advice = _ADDRESS.format(settings.base_url)
    return kind(words, where=about.where, status=status, advice=advice)


def _at_log_in(answer: Answer, settings: SdkSettings) -> str:
    """What to do: what does not speak as Looker does is none."""
    return _ADVICE[401] if _message(answer) is not None else _ADDRESS.format(settings.base_url)


def _words(answer: Answer) -> str:
    """What Looker says, in a line."""
    message = _message(answer)
    if message is None:
        return f"{answer.status} without words of Looker's."
    return f"{answer.status}: {' '.join(message.split())[:_LONGEST_MESSAGE]}."


def _message(answer: Answer) -> str | None:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return None
