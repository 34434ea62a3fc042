"""A server that answers what a test tells it to, bad manners included."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from ingest_assets.calls import Calls
from ingest_assets.openmetadata.auth import BotToken, TokenSource
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.patience import Patience

TOKEN = "the-bots-own-token"


class Received(NamedTuple):
    verb: str
    path: str
    headers: Mapping[str, str]
    body: Any


class Reply(NamedTuple):
    """What is answered; ``cut`` announces more bytes than come, ``reset`` closes without a word."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}
    cut: bool = False
    reset: bool = False


Behaviour = Callable[[Received], Reply]


class Server:
    def __init__(self, behaviour: Behaviour) -> None:
        self.received: list[Received] = []
        self._behaviour = behaviour
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                content = self.rfile.read(length)
                body = json.loads(content) if content else None
                received = Received(self.command, self.path, dict(self.headers.items()), body)
                outer.received.append(received)
                self.reply(outer._behaviour(received))

            def reply(self, reply: Reply) -> None:
                if reply.reset:
                    self.close_connection = True
                    return
                body = reply.body
                content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content) + (10 if reply.cut else 0)))
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = reply.cut

            do_GET = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._http = Quiet(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self._http.server_bind()
        self.url = f"http://127.0.0.1:{self._http.server_port}/api"

    def start(self) -> None:
        self._http.server_activate()
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def tls(self, context: Any) -> None:
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.url = self.url.replace("http://", "https://")

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def paths(self) -> list[str]:
        return [f"{received.verb} {received.path}" for received in self.received]


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Server]:
    server = Server(behaviour)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def scripted(*replies: Reply) -> Behaviour:
    """The replies in turn; the last one from then on."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def routed(routes: Mapping[str, Reply]) -> Behaviour:
    """Replies by path without its query; a 404 as a server of the 1.5 line words it where there is none."""
    missing = Reply({"code": 404, "message": "instance not found"}, 404)
    return lambda received: routes.get(received.path.partition("?")[0].removeprefix("/api/v1"), missing)


def patient(slept: list[float] | None = None, **settings: Any) -> Patience:
    """Patience that does not wait, and notes how long it would have."""
    return Patience(sleep=(slept if slept is not None else []).append, **settings)


def client_of(
    url: str, calls: Calls | None = None, tokens: TokenSource | None = None, **settings: Any
) -> OpenMetadataClient:
    settings.setdefault("patience", patient())
    return OpenMetadataClient(url, tokens or BotToken(TOKEN), calls or Calls(), **settings)


def unused_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
