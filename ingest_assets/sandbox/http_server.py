"""HTTP/1.1 server with keep-alive for WSGI applications.

Werkzeug's own handler closes every connection, which costs a client that pages through a lake a connection a page.
"""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_IDLE_SECONDS = 300  # an idle kept-alive connection holds a thread; real load balancers drop it sooner
_NO_BODY = (204, 304)


class KeepAliveHandler(WSGIRequestHandler):
    """Reads each request whole, and keeps the connection.

    Answers go out whole too, but for those without a length: they are sent in chunks while they are made.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = _IDLE_SECONDS
    server: SandboxServer

    def handle_expect_100(self) -> bool:
        """Answer ``Expect: 100-continue`` at once: boto3 waits a second for it before each upload."""
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def run_wsgi(self) -> None:
        """Serve one request."""
        with self.server.answering():
            self._serve()

    def _serve(self) -> None:
        self.environ = environ = self.make_environ()
        stream = environ["wsgi.input"]
        length = None if environ.get("wsgi.input_terminated") else int(environ.get("CONTENT_LENGTH") or 0)
        body = stream.read() if length is None else stream.read(length)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        try:
            chunks, status, headers = run_wsgi_app(self.server.app, environ)
            sent = list(headers)
            answer = None if self._takes_chunks(status, sent) else _joined(chunks)
        except ConnectionError:
            self.close_connection = True
            return
        except Exception:  # the outermost boundary: the caller gets a 500, tests read `crashes`
            trace = traceback.format_exc()
            self.server.crashes.append(trace)
            status, sent, answer = "500 INTERNAL SERVER ERROR", [("Content-Type", "text/plain")], trace.encode()
        if answer is None:
            self._stream(status, sent, chunks)
        else:
            self._send(status, sent, answer)

    def _takes_chunks(self, status: str, headers: list[tuple[str, str]]) -> bool:
        speaks = self.request_version == self.protocol_version
        return speaks and not self._is_bodiless(status) and not _tells_length(headers)

    def _is_bodiless(self, status: str) -> bool:
        return int(status.partition(" ")[0]) in _NO_BODY or self.command == "HEAD"

    def _stream(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        try:
            self._send_head(status, [*headers, ("Transfer-Encoding", "chunked")])
            for chunk in filter(None, chunks):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.close_connection = True
        except Exception:  # the status has gone out: what is left is an answer without its end
            self.server.crashes.append(traceback.format_exc())
            self.close_connection = True
        finally:
            _close(chunks)

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        bodiless = self._is_bodiless(status)
        length = [] if bodiless or _tells_length(headers) else [("Content-Length", str(len(body)))]
        self._send_head(status, [*headers, *length])
        if not bodiless:
            self.wfile.write(body)

    def _send_head(self, status: str, headers: list[tuple[str, str]]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's own parameter name
        """Write nothing: applications keep their request logs themselves."""


def _tells_length(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-length" for name, _ in headers)


def _joined(chunks: Iterable[bytes]) -> bytes:
    try:
        return b"".join(chunks)
    finally:
        _close(chunks)


def _close(chunks: Iterable[bytes]) -> None:
    """Tell a WSGI application's answer that nobody reads on."""
    close = getattr(chunks, "close", None)
    if close is not None:
        close()


class SandboxServer(ThreadedWSGIServer):
    """One thread a connection, on loopback only, gone at once when told to stop.

    Args:
        app: What is served.
        port: 0 for any free one.
        tls: The server's certificate, to speak TLS.

    Attributes:
        crashes: Tracebacks of requests that an application failed to answer, newest last.
    """

    daemon_threads = True

    def __init__(self, app: WSGIApplication, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__("127.0.0.1", port, app, handler=KeepAliveHandler)
        if tls is not None:
            self.ssl_context = tls
            # Left to the connection's own thread: a client that doesn't shake hands would hold up all others.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.crashes: deque[str] = deque(maxlen=100)
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        self._under_way = 0
        self._idle = threading.Condition()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request while it is answered."""
        with self._idle:
            self._under_way += 1
        try:
            yield
        finally:
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait until no request is being answered; False if that takes longer."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._under_way, seconds)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, and remember it while it is open."""
        with self._connections_lock:
            self._connections.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._connections_lock:
                self._connections.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what broke a connection, unless that was its socket.

        A client that left while its answer was still to be sent is no crash, and socketserver would print a traceback
        about it among what a command prints.
        """
        if not isinstance(sys.exc_info()[1], OSError):
            self.crashes.append(traceback.format_exc())

    def shutdown_request(self, request: Any) -> None:
        """Close without a FIN of our own first, so that a reset on demand arrives as a reset."""
        self.close_request(request)

    def stop(self) -> None:
        """Stop listening and cut the connections that clients keep open, which would be served for ever."""
        # A socket that is shut down wakes the thread that serves: the tests start thousands of sandboxes, and each of
        # them would wait for a poll. macOS knows this of connections only; there the next poll sees the stop.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.shutdown()
        with self._connections_lock:
            for connection in self._connections:
                with suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)
