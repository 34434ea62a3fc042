"""A second door to a running sandbox, with TLS."""

from __future__ import annotations

import ssl
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ingest_assets.sandbox.http_server import SandboxServer
from ingest_assets.sandbox.identity.app import OPENMETADATA_HOST, PROVIDER_HOSTS
from ingest_assets.sandbox.secure.certificates import Certificates, make_certificates
from ingest_assets.sandbox.secure.proxy import TunnelProxy
from ingest_assets.sandbox.server import Sandbox

_POLL_SECONDS = 0.02


class SecureFront:
    """Serves a sandbox over TLS while the context is open, and a proxy that leads there.

    The certificate is signed by an authority of its own, as in companies that have one: who talks to this door must be
    told of it. It is good for this machine and for the hosts of the real providers, which the proxy tunnels to here.

    Args:
        sandbox: Whose state is served.
        clients: Whether clients must show a certificate of the same authority.
    """

    def __init__(self, sandbox: Sandbox, clients: ssl.VerifyMode = ssl.CERT_NONE) -> None:
        self._app = sandbox.app
        self._clients = clients
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-tls-")
        self._certificates: Certificates = make_certificates(
            Path(self._folder.name), (*PROVIDER_HOSTS, OPENMETADATA_HOST)
        )
        self._server: SandboxServer | None = None
        self._proxy: TunnelProxy | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> SecureFront:
        """Start to serve."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificates.chain)
        context.load_verify_locations(self._certificates.authority)
        context.verify_mode = self._clients
        self._server = SandboxServer(self._app, tls=context)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="sandbox-tls", daemon=True
        )
        self._thread.start()
        self._proxy = TunnelProxy((*PROVIDER_HOSTS, OPENMETADATA_HOST), ("127.0.0.1", self._server.server_port))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and take the certificates away."""
        if self._proxy is not None:
            self._proxy.stop()
        if self._server is not None:
            self._server.stop()
        if self._thread is not None:
            self._thread.join()
        self._folder.cleanup()

    @property
    def url(self) -> str:
        """Where everything is served."""
        if self._server is None:
            raise RuntimeError("the front is not serving: use it as a context manager")
        return f"https://127.0.0.1:{self._server.server_port}"

    @property
    def openmetadata_host_port(self) -> str:
        """A recipe's ``hostPort``."""
        return f"{self.url}/api"

    @property
    def ca_file(self) -> str:
        """PEM file of the authority: ``sslConfig.caCertificate``, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE."""
        return str(self._certificates.authority)

    @property
    def client_certificate(self) -> tuple[str, str]:
        """PEM files of a client's certificate and its key: ``sslConfig.sslCertificate`` and ``sslKey``."""
        return str(self._certificates.client), str(self._certificates.client_key)

    @property
    def proxy_url(self) -> str:
        """HTTPS_PROXY."""
        if self._proxy is None:
            raise RuntimeError("the front is not serving: use it as a context manager")
        return self._proxy.url

    @property
    def tunnelled(self) -> Sequence[str]:
        """The hosts that the proxy was asked for, in order."""
        return tuple(self._proxy.tunnelled) if self._proxy is not None else ()
