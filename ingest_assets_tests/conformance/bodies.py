"""Records what the product sends to sandboxes: each body once, by server version and endpoint."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

from ingest_assets.sandbox.openmetadata import RecordedRequest

SUFFIX = ".bodies.jsonl"

_AGENT = "ingest-assets"  # what the product calls itself; what tests send by themselves tells nothing of it
_BULK = "/bulk"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FIRST_ERROR = 300


class Bodies:
    """Writes bodies into a file while tests run: one line each, ``{"version", "endpoint", "body"}``.

    A bulk request counts as its elements. Bodies that differ by ids only, which are new in each run, are one. What a
    server refused is left out: tests provoke that, and its sender has to cope.

    Args:
        file: Made on the first body, with the folders above; one process has it for itself.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def __call__(self, version: str, endpoint: str, request: RecordedRequest) -> None:
        """Take note of a request, as an observer of the sandbox's server."""
        if request.method not in {"PUT", "POST"} or not request.body or request.status >= _FIRST_ERROR:
            return
        if request.headers.get("user-agent") != _AGENT:
            return
        body = json.loads(request.body)
        for each in body if endpoint.endswith(_BULK) else [body]:
            self._take(version, endpoint.removesuffix(_BULK), each)

    def _take(self, version: str, endpoint: str, body: Any) -> None:
        key = (version, endpoint, _UUID.sub("", json.dumps(body, sort_keys=True)))
        with self._lock:
            if key in self._seen:
                return
            self._seen.add(key)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"version": version, "endpoint": endpoint, "body": body}) + "\n")


def clear(folder: Path) -> None:
    """Remove what earlier runs recorded."""
    for file in folder.glob(f"*{SUFFIX}"):
        file.unlink()
