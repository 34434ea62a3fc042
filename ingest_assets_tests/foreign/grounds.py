"""Three implementations of Kinesis behind one set of deeds. Those that are not installed are skipped."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import KINESIS_ACTIONS, Sandbox

ACCOUNT = "123456789012"
REGION = "eu-north-1"
NODE_MODULES = Path(os.environ.get("INGEST_ASSETS_NODE_MODULES", "node_modules"))
"""Where npm has put kinesalite; ``make foreign`` says so."""

_PATIENCE = 20.0  # seconds


class Ground(Protocol):
    """An implementation of Kinesis, and what tests do to it.

    Attributes:
        endpoint: Its address.
        key: Access key id and secret.
    """

    endpoint: str
    key: tuple[str, str]

    def make(self, name: str, shards: int = 1) -> None:
        """Make a stream that takes records."""

    def put(self, name: str, data: bytes, key: str) -> None:
        """Put a record."""

    def split(self, name: str) -> None:
        """Split a stream's first shard in two."""

    def drop(self, name: str) -> None:
        """Delete a stream."""


class Ours:
    """The sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._streams = sandbox.company.streams
        for name in self._streams.names():
            self._streams.drop(name)
        who: Principal = sandbox.aws.identities.add_principal("page", KINESIS_ACTIONS, account=ACCOUNT)
        self.endpoint, self.key = sandbox.aws_endpoint_url, (who.access_key_id, who.secret_access_key)

    def make(self, name: str, shards: int = 1) -> None:
        self._streams.add(name, shards=shards)

    def put(self, name: str, data: bytes, key: str) -> None:
        self._streams.put(name, data, key)

    def split(self, name: str) -> None:
        first = self._streams.stream(name).shards[0]
        self._streams.split(name, f"shardId-{first.number:012}")

    def drop(self, name: str) -> None:
        self._streams.drop(name)


class Theirs:
    """A server of others, told what to hold by Kinesis's own API."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint, self.key = endpoint, ("AKIDEXAMPLE", "secret")
        self._client: Any = boto3.client(
            "kinesis",
            region_name=REGION,
            endpoint_url=endpoint,
            aws_access_key_id=self.key[0],
            aws_secret_access_key=self.key[1],
            config=Config(connect_timeout=2, read_timeout=10),
        )

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            self._client.list_streams()
        except (BotoCoreError, ClientError):
            return False
        return True

    def make(self, name: str, shards: int = 1) -> None:
        self._client.create_stream(StreamName=name, ShardCount=shards)
        self._settle(name)

    def put(self, name: str, data: bytes, key: str) -> None:
        self._client.put_record(StreamName=name, Data=data, PartitionKey=key)

    def split(self, name: str) -> None:
        first = self._client.list_shards(StreamName=name)["Shards"][0]
        keys = first["HashKeyRange"]
        middle = str((int(keys["StartingHashKey"]) + int(keys["EndingHashKey"])) // 2)
        self._client.split_shard(StreamName=name, ShardToSplit=first["ShardId"], NewStartingHashKey=middle)
        self._settle(name)

    def drop(self, name: str) -> None:
        self._client.delete_stream(StreamName=name)
        _wait_until(lambda: not self._status(name), f"{name} is gone")

    def _settle(self, name: str) -> None:
        _wait_until(lambda: self._status(name) == "ACTIVE", f"{name} is active")

    def _status(self, name: str) -> str:
        try:
            answer = self._client.describe_stream_summary(StreamName=name)
        except self._client.exceptions.ResourceNotFoundException:
            return ""
        return str(answer["StreamDescriptionSummary"]["StreamStatus"])


@contextmanager
def ours() -> Iterator[Ground]:
    """The sandbox."""
    with Sandbox() as sandbox:
        yield Ours(sandbox)


@contextmanager
def moto() -> Iterator[Ground]:
    """moto's server."""
    if importlib.util.find_spec("moto") is None:
        pytest.skip("moto is not installed: make foreign")
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  # an extra

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        # All of its servers share one state.
        requests.post(f"{endpoint}/moto-api/reset", timeout=_PATIENCE).raise_for_status()
        yield Theirs(endpoint)
    finally:
        server.stop()


@contextmanager
def kinesalite() -> Iterator[Ground]:
    """kinesalite, from npm."""
    program = NODE_MODULES / ".bin" / "kinesalite"
    if not program.exists():
        pytest.skip("kinesalite is not installed: make foreign")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [str(program), "--port", str(port), "--createStreamMs", "5", "--deleteStreamMs", "5"]
    process = subprocess.Popen([*arguments, "--updateStreamMs", "5", "--shardLimit", "2000"])  # noqa: S603
    try:
        ground = Theirs(f"http://127.0.0.1:{port}")
        _wait_until(ground.is_up, "kinesalite answers")
        yield ground
    finally:
        process.terminate()
        process.wait()


def _wait_until(is_so: Any, what: str) -> None:
    """Other processes tell nobody when they are done; nothing here is timed."""
    until = time.monotonic() + _PATIENCE
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"not in {_PATIENCE:g} s: {what}")
        time.sleep(0.02)
