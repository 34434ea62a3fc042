"""All identity providers in one WSGI application, told apart by path, and by host where the caller names one."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.faults import Call as FaultCall
from ingest_assets.sandbox.identity.calls import Answer, Call, RefusalError
from ingest_assets.sandbox.identity.clients import Auth0, Azure, Cognito, Keycloak, OneLogin, Provider
from ingest_assets.sandbox.identity.directory import Directory
from ingest_assets.sandbox.identity.issuer import Issuer
from ingest_assets.sandbox.identity.login import LogIn
from ingest_assets.sandbox.identity.signers import Google, Okta

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PROVIDERS: tuple[type[Provider], ...] = (Auth0, Cognito, Azure, Okta, Google, Keycloak, OneLogin)
PROVIDER_HOSTS = tuple(provider.host for provider in _PROVIDERS)
"""The hosts that the providers would have."""

OPENMETADATA_HOST = LogIn.host
"""The host that the company's own OpenMetadata server would have."""

_HOSTS = (*PROVIDER_HOSTS, OPENMETADATA_HOST)
_RECORDED = 1_000


class RecordedRequest(NamedTuple):
    """A request that was answered."""

    provider: str
    path: str
    headers: Mapping[str, str]
    status: int


class IdentityApp:
    """The providers, their one application, and the tokens that they gave.

    Attributes:
        directory: Who may sign on; change it to change a secret.
        issuer: Their tokens: let them expire, or revoke them.
        log_in: OpenMetadata's own.
    """

    def __init__(self) -> None:
        self.directory = Directory()
        self.issuer = Issuer()
        self.log_in = LogIn(self.directory, self.issuer)
        self._providers: list[Provider] = [kind(self.directory, self.issuer) for kind in _PROVIDERS]
        self._providers.append(self.log_in)
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._requests: deque[RecordedRequest] = deque(maxlen=_RECORDED)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        provider = self._provider(environ)
        if provider is None:
            return Response("Not Found", 404, content_type="text/plain")(environ, start_response)
        try:
            answer = provider.answer(Call.of(request))
        except RefusalError as refusal:
            answer = Answer(refusal.body, refusal.status)
        recorded = RecordedRequest(provider.name, request.path, dict(request.headers.items()), answer.status)
        with self._lock:
            self._counts[f"{request.method} {provider.name} {request.path}"] += 1
            self._requests.append(recorded)
        response = Response(json.dumps(answer.body), answer.status, content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response(environ, start_response)

    def serves(self, environ: WSGIEnvironment) -> bool:
        """Whether a request is meant for a provider, and not for what else is served at the same port."""
        return self._provider(environ) is not None or _host(environ) in PROVIDER_HOSTS

    def name_call(self, request: Request) -> FaultCall:
        """A request in the words that faults are planned in: ``identity``, the provider, the path."""
        provider = self._provider(request.environ)
        return FaultCall("identity", provider.name if provider else "", request.path)

    @property
    def counts(self) -> Counter[str]:
        """Requests by verb, provider and path, e.g. ``POST auth0 /oauth/token``."""
        with self._lock:
            return Counter(self._counts)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The newest requests, oldest first."""
        with self._lock:
            return list(self._requests)

    def reset_counts(self) -> None:
        """Count and record from here on."""
        with self._lock:
            self._counts.clear()
            self._requests.clear()

    def token_requests(self) -> int:
        """How often a token was asked for, whatever came of it."""
        return sum(number for name, number in self.counts.items() if name.startswith("POST"))

    def _provider(self, environ: WSGIEnvironment) -> Provider | None:
        host, path = _host(environ), environ["PATH_INFO"]
        for provider in self._providers:
            # By the address of this machine all of them can be reached; a host of one provider is that one's alone.
            if provider.paths.fullmatch(path) and (host not in _HOSTS or host == provider.host):
                return provider
        return None


def _host(environ: WSGIEnvironment) -> str:
    return str(environ.get("HTTP_HOST", "")).partition(":")[0].lower()
