"""A queue of the sandbox, and a recipe that names it."""

from __future__ import annotations

import json

from ingest_assets.sandbox.server import Sandbox

SETTINGS = "dagster:\n  retries: {max: 0, delay: 0}\n"
QUEUE = {SETTINGS: SETTINGS + "  source:\n    events_queue: ${METADATA_EVENTS_QUEUE_URL}\n"}


class Queue:
    """One queue of the sandbox."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self.sandbox = sandbox
        self._queues = sandbox.company.queues
        self._queue = self._queues.create(name)
        self.url = self._queues.url_of(self._queue)

    def send(self, body: str) -> None:
        self._queues.send(self._queue, body, sender="events.amazonaws.com")

    def tables_changed(self, database: str, kind: str = "UpdateTable", **envelope: str) -> None:
        """What EventBridge tells of a database's tables."""
        told = {
            "source": "aws.glue",
            "detail-type": "Glue Data Catalog Table State Change",
            "account": self.sandbox.company.account,
            "region": self.sandbox.company.region,
            **envelope,
        }
        self.send(json.dumps({**told, "detail": {"databaseName": database, "typeOfChange": kind}}))

    def left(self) -> int:
        """Messages that are there, hidden ones included."""
        return len(self._queue.messages)

    def show_all(self) -> None:
        """Let the visibility timeout of all messages end."""
        for message in self._queue.messages.values():
            message.visible = message.sent
