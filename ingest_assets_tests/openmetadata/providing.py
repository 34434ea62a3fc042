"""A token endpoint that answers what a test tells it to, over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.wrappers import Request, Response

from ingest_assets.calls import Calls
from ingest_assets.openmetadata.auth.grants import Client
from ingest_assets.openmetadata.auth.keys import Keys
from ingest_assets.openmetadata.auth.oauth import ClientCredentials
from ingest_assets.sandbox.http_server import SandboxServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SECRET = "the-clients-secret"
KEYS = Keys("auth0", "domain")


class Said(NamedTuple):
    """What is answered; bytes are sent as they are."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


class Asked(NamedTuple):
    path: str
    form: dict[str, str]
    headers: Mapping[str, str]


def token(text: str, **more: Any) -> Said:
    return Said({"access_token": text, "token_type": "Bearer", **more})


class Provider:
    """Serves the answers in turn, the last one from then on; counts what it is asked."""

    def __init__(self, *answers: Said | Callable[[], Said]) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.url = ""
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        with self._lock:
            self.asked.append(Asked(request.path, dict(request.form), dict(request.headers)))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        said = answer if isinstance(answer, Said) else answer()
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        headers = {"Content-Type": "application/json", **said.headers}
        return Response(body, said.status, headers)(environ, start_response)

    def client(self, **settings: Any) -> ClientCredentials:
        """Asks this provider for tokens."""
        settings.setdefault("calls", Calls())
        endpoint = settings.pop("endpoint", f"{self.url}/token")
        client = settings.pop("client", Client("me", SECRET))
        return ClientCredentials(endpoint, client, settings.pop("keys", KEYS), settings.pop("calls"), **settings)


@contextmanager
def providing(*answers: Said | Callable[[], Said]) -> Iterator[Provider]:
    provider = Provider(*answers)
    server = SandboxServer(provider)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.stop()
        thread.join()
        assert not list(server.crashes)
