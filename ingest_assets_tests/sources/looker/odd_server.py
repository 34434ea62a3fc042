"""A server in Looker's place that logs everybody in and answers all else as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

JSON = "application/json"
TOKEN = {"access_token": "a-token-of-lookers", "token_type": "Bearer", "expires_in": 3600}


class Reply(NamedTuple):
    """What is answered; text goes as it is, anything else as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}


Behaviour = Callable[[str], Reply | None]


class OddServer(NamedTuple):
    """Where it is, and the requests that it got: path and headers."""

    url: str
    received: list[tuple[str, Mapping[str, str]]]


@contextmanager
def odd_server(behaviour: Behaviour) -> Iterator[OddServer]:
    """Serve on loopback.

    Args:
        behaviour: The reply to a path below ``/api/4.0``; None for what any Looker would do: log in, or 404.
    """
    received: list[tuple[str, Mapping[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.removeprefix("/api/4.0")
            received.append((path, dict(self.headers.items())))
            reply = behaviour(path) or (Reply(TOKEN) if path == "/login" else Reply({"message": "Not found"}, 404))
            content = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": JSON, "Content-Length": str(len(content)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield OddServer(f"http://127.0.0.1:{server.server_port}", received)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
