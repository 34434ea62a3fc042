"""The server around the services."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from ingest_assets.sandbox.http_server import SandboxServer
from ingest_assets.sandbox.server import Sandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def test_a_connection_is_kept(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("POST", "/api/v1/nowhere", body=b"unread " * 1000)
        connection.getresponse().read()
        assert connection.sock is first
    connection.close()


def test_a_body_in_chunks_is_read(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    connection.request("POST", "/__faults", body=iter([b'{"kind":', b' "cut"}']), encode_chunked=True)
    assert connection.getresponse().status == 200
    assert [fault.kind for fault in sandbox.faults.pending()] == ["cut"]
    connection.close()


def test_a_stop_is_quick_and_cuts_what_clients_keep_open() -> None:
    with Sandbox() as running:
        connection = http.client.HTTPConnection(running.url.removeprefix("http://"), timeout=5)
        connection.request("GET", "/__requests")
        connection.getresponse().read()
        started = time.monotonic()
    assert time.monotonic() - started < 1
    assert connection.sock.recv(1) == b""
    connection.close()


def test_a_client_that_leaves_before_its_answer_is_no_crash_and_prints_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    asked, gone = threading.Event(), threading.Event()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        asked.set()
        gone.wait(10)
        start_response("200 OK", [])
        return [b"for nobody"]

    server = SandboxServer(app)
    server.daemon_threads = False  # so that its closing waits for them
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert asked.wait(10)
        # What lingers for no time is reset when it is closed.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gone.set()
    server.stop()
    server.server_close()
    assert not list(server.crashes)
    assert capfd.readouterr().err == ""


def test_several_sandboxes_run_side_by_side_and_share_nothing() -> None:
    with Sandbox() as one, Sandbox() as other:
        one.company.glue.drop_database("sales")
        assert other.company.glue.database("sales")
        assert one.url != other.url
        assert one.bot_token != other.bot_token
        assert one.aws.identities.principal(other.principal.access_key_id) is None


def test_the_environment_is_complete(sandbox: Sandbox) -> None:
    environment = sandbox.environment()
    assert environment["OPENMETADATA_HOST_PORT"] == f"{sandbox.url}/api"
    assert environment["AWS_ACCESS_KEY_ID"] == sandbox.principal.access_key_id
    assert environment["OM_BOT_TOKEN"].count(".") == 2
    assert "AWS_SESSION_TOKEN" not in environment


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_exports_serves_and_ends_well(ending: signal.Signals) -> None:
    command = [sys.executable, "-c", "from ingest_assets.cli.sandbox import sandbox; sandbox()", "--tables", "5"]
    with subprocess.Popen(  # noqa: S603  # our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        lines = [process.stdout.readline().strip() for _ in range(8)]
        variables = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        host = variables["AWS_ENDPOINT_URL"].removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.request("GET", "/__requests")
        assert connection.getresponse().status == 200
        os.kill(process.pid, ending)
        assert process.wait(timeout=5) == 0
