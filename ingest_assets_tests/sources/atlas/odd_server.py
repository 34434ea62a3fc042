"""A server in Atlas's place that answers as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

API = "/api/atlas"


class Asked(NamedTuple):
    """A request.

    Attributes:
        method: ``GET`` or ``POST``.
        path: As it came.
        query: Parameters, each with all of its values.
        body: What was posted.
        headers: As they came.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: Any
    headers: Mapping[str, str]


class Reply(NamedTuple):
    """What is answered; text goes as it is, anything else as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}


Behaviour = Callable[[Asked], Reply]


class OddServer(NamedTuple):
    """Where it is, and the requests that it got."""

    url: str
    received: list[Asked]

    def searches(self, type_name: str) -> list[Any]:
        """Bodies of the searches for a type."""
        return [each.body for each in self.received if each.method == "POST" and each.body["typeName"] == type_name]


@contextmanager
def odd_server(behaviour: Behaviour) -> Iterator[OddServer]:
    """Serve on loopback."""
    received: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            asked = Asked(
                self.command,
                url.path,
                parse_qs(url.query),
                json.loads(content) if content else None,
                dict(self.headers.items()),
            )
            received.append(asked)
            reply = behaviour(asked)
            body = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
            self.send_response(reply.status)
            told = {"Content-Type": "application/json", "Content-Length": str(len(body)), **reply.headers}
            for name, value in told.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

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
