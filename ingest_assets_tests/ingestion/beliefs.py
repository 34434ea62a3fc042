"""What servers do without a word: changes that make no event, answers without a date, services made anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets_tests.ingestion.runs import Place, Steps

LISTED = "Everything on the server was listed: "
OTHERS = "Others changed on the server since the last look: "


@contextmanager
def without_events(here: Place) -> Iterator[None]:
    """What is done meanwhile makes no change event, as lineage doesn't, and bulk requests of some version may not."""
    app = here.sandbox.openmetadata
    events = app._server.events._events
    before = len(events)
    yield
    with app._lock:
        while len(events) > before:
            events.pop()


def listed_because(steps: Steps) -> str | None:
    """Why a run listed everything; None if it didn't."""
    found = [note.removeprefix(LISTED).rstrip(".") for note in steps.plan.notes if note.startswith(LISTED)]
    return found[0] if found else None


def changed_by_others(steps: Steps) -> set[str]:
    """What a run says that others have done, by FQN and word."""
    found = [note.removeprefix(OTHERS).rstrip(".") for note in steps.plan.notes if note.startswith(OTHERS)]
    return set(found[0].split(", ")) if found else set()


class Undated(HTTPAdapter):
    """Loses the ``Date`` of all answers, as some proxies do."""

    def send(self, request: requests.PreparedRequest, *args: Any, **settings: Any) -> requests.Response:
        response = super().send(request, *args, **settings)
        response.headers.pop("Date", None)
        return response


def undated(ingestion: Ingestion) -> Ingestion:
    """An ingestion that never learns the server's time."""
    ingestion.server.client._transport._session.mount("http://", Undated())
    return ingestion
