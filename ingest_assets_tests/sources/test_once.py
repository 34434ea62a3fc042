"""Work that is done once for each key, and again where it failed and another attempt begins."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from ingest_assets.errors import UnavailableError
from ingest_assets.parallel import side_by_side
from ingest_assets.sources.once import Once


def test_a_failure_is_told_to_all_until_another_attempt_begins() -> None:
    done: Counter[str] = Counter()

    def work(key: str) -> str:
        done[key] += 1
        if key == "bad" and done[key] == 1:
            raise UnavailableError("not now", where=key)
        return key.upper()

    once = Once(work)
    assert once.get("good") == "GOOD"
    for _ in range(2):
        with pytest.raises(UnavailableError):
            once.get("bad")
    assert (once.known("good"), once.known("bad"), once.known("other")) == ("GOOD", None, None)
    once.forget_failures()
    assert (once.get("bad"), once.get("good")) == ("BAD", "GOOD")
    assert done == {"good": 1, "bad": 2}


def test_threads_that_ask_at_once_share_one_work() -> None:
    started, done = threading.Barrier(4), Counter[str]()

    def work(key: str) -> str:
        done[key] += 1
        return key

    def ask(key: str) -> str:
        started.wait(timeout=10)
        return once.get(key)

    once = Once(work)
    assert list(side_by_side(ask, ["a"] * 4, 4)) == ["a"] * 4
    assert done == {"a": 1}
