"""Fingerprints of listings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable


def digest(told: Iterable[object]) -> str:
    """Sixteen hexadecimal digits of what is told, in whatever order."""
    found = hashlib.sha256()
    for text in sorted(json.dumps(each, default=str, sort_keys=True) for each in told):
        found.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return found.hexdigest()[:16]
