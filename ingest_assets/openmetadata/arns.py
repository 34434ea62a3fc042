"""Streams that a source names by their ARN: a name alone may be that of another account's or region's stream."""

from __future__ import annotations

import re
from typing import Any

_STREAM = re.compile(r"arn:[^:]+:kinesis:[^:]+:\d{12}:stream/(.+)")
_TOLD_AS = "streamARN"

Json = dict[str, Any]


def stream_name(name: str) -> str:
    """The name of the stream that an ARN is of; any other name is itself."""
    match = _STREAM.fullmatch(name)
    return match[1] if match else name


def is_called(stored: Json, name: str) -> bool:
    """Whether a topic on the server is the stream of an ARN, by what its configuration says; any is, of another name.

    What other tools have made without an ARN can't be told from a stream of the same name elsewhere.
    """
    return _STREAM.fullmatch(name) is None or (stored.get("topicConfig") or {}).get(_TOLD_AS) == name
