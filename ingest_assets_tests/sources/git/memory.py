"""A cache that forgets nothing, for tests."""

from __future__ import annotations


class MemoryCache:
    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.contents.get(key)

    def put(self, key: str, content: bytes) -> None:
        self.contents[key] = content


def lkml(path: str) -> bool:
    return path.endswith(".lkml")
