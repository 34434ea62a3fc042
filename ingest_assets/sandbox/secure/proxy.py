"""An HTTP proxy as companies have them: it tunnels (CONNECT) to hosts that it knows, and refuses all others."""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
from collections.abc import Collection
from contextlib import suppress

_HEAD_LIMIT = 16_384
_CHUNK = 65_536
_IDLE_SECONDS = 60.0


class TunnelProxy(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine.

    Args:
        hosts: The hosts to which it tunnels.
        target: The address of this machine where all of them are.

    Attributes:
        tunnelled: The hosts that were asked for, in order, refused ones included.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, hosts: Collection[str], target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.hosts = frozenset(hosts)
        self.target = target
        self.tunnelled: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="proxy", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """For HTTPS_PROXY."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        """Stop listening; tunnels end with their connections."""
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Tunnel(socketserver.BaseRequestHandler):
    server: TunnelProxy
    request: socket.socket

    def handle(self) -> None:
        verb, _, rest = self._head().partition(" ")
        host = rest.partition(" ")[0].rpartition(":")[0]
        if verb != "CONNECT":
            self._refuse("405 Method Not Allowed")
            return
        self.server.tunnelled.append(host)
        if host not in self.server.hosts:
            self._refuse("403 Forbidden")
            return
        with socket.create_connection(self.server.target, timeout=_IDLE_SECONDS) as other:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._splice(other)

    def _head(self) -> str:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _HEAD_LIMIT:
            chunk = self.request.recv(_CHUNK)
            if not chunk:
                break
            head += chunk
        return head.decode("latin-1").partition("\r\n")[0]

    def _refuse(self, status: str) -> None:
        self.request.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    def _splice(self, other: socket.socket) -> None:
        with selectors.DefaultSelector() as selector, suppress(OSError):
            selector.register(self.request, selectors.EVENT_READ, (self.request, other))
            selector.register(other, selectors.EVENT_READ, (other, self.request))
            while ready := selector.select(_IDLE_SECONDS):
                for key, _ in ready:
                    source, sink = key.data
                    chunk = source.recv(_CHUNK)
                    if not chunk:
                        return
                    sink.sendall(chunk)
