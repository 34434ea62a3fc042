"""The company's EventBridge: a bus whose rules put events into queues."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ingest_assets.sandbox.company.boards import BoardChange
from ingest_assets.sandbox.company.change_events import (
    DATABASE_CHANGES,
    Event,
    Origin,
    glue_database_event,
    glue_table_event,
    quicksight_event,
)
from ingest_assets.sandbox.company.glue import GlueChange, Row
from ingest_assets.sandbox.company.queues import Queues

METADATA_EVENTS = "metadata-events"
"""Name of the queue that every sandbox has, and of the rule that feeds it."""

_SENDER = "events.amazonaws.com"


@dataclass(frozen=True)
class Rule:
    """A rule with one target.

    Attributes:
        name: Its name.
        sources: The event pattern: events from these sources match.
        queue: Name of the target, a queue of the company.
    """

    name: str
    sources: frozenset[str]
    queue: str


class EventBus:
    """The default bus of the company's account and region.

    Args:
        queues: Where the targets are.

    Attributes:
        origin: Where and when its events come about; for the makers of events.
        rules: Where events go; one that no rule matches is gone.
        undelivered: Events for a queue that isn't there, which EventBridge gives up too.
    """

    def __init__(self, queues: Queues) -> None:
        self.origin = Origin(queues.account, queues.region, lambda: queues.now())  # noqa: PLW0108  # a clock set later
        self.rules = [Rule(METADATA_EVENTS, frozenset({"aws.glue", "aws.quicksight"}), METADATA_EVENTS)]
        self.undelivered = 0
        self._queues = queues

    def put(self, event: Event) -> None:
        """Send an event to the targets of all rules that match it; twice, and it arrives twice, as may happen."""
        for rule in self.rules:
            if event["source"] not in rule.sources:
                continue
            queue = self._queues.find(rule.queue)
            if queue is None:
                self.undelivered += 1
            else:
                self._queues.send(queue, json.dumps(event), sender=_SENDER)

    def tell_of_glue(self, change: GlueChange) -> None:
        """Put the event of a change in the Data Catalog.

        Other accounts and regions have buses of their own, and what is mounted (S3 Tables) is not changed by Glue.
        """
        if (change.catalog_id, change.region) != (self.origin.account, self.origin.region):
            return
        if change.operation == "UpdateTable":
            for table in change.tables:
                self.put(glue_table_event(self.origin, change.operation, change.database, table))
        elif change.operation in DATABASE_CHANGES:
            self.put(glue_database_event(self.origin, change.operation, change.database, change.tables))

    def tell_of_boards(self, change: BoardChange) -> None:
        """Put the events of a change in QuickSight."""
        for happened, detail in _happenings(change):
            self.put(quicksight_event(self.origin, happened, change.asset.id, **detail))


def _happenings(change: BoardChange) -> list[tuple[str, Row]]:
    """What QuickSight tells of a change: detail types without its name, with their further members."""
    asset, action = change.asset, change.action
    if action == "members":
        return [("Folder Membership Updated", {"membersAdded": list(change.members_added), "membersRemoved": []})]
    if asset.kind == "dashboard":
        return [("Dashboard Deleted", {})] if action == "delete" else _of_dashboard(asset.row, action)
    kind = {"analysis": "Analysis", "dataset": "DataSet", "datasource": "DataSource", "folder": "Folder"}[asset.kind]
    if action == "delete" or (asset.kind == "analysis" and asset.row["Status"] == "DELETED"):
        return [(f"{kind} Deleted", {})]
    if asset.kind in ("dataset", "folder"):
        parent: Row = {} if asset.parent is None or action == "update" else {"parentFolderArn": change.parent_arn}
        return [(f"{kind} {'Created' if action == 'create' else 'Updated'}", parent)]
    return [(f"{kind} {'Creation' if action == 'create' else 'Update'} Successful", {})]


def _of_dashboard(row: Row, action: str) -> list[tuple[str, Row]]:
    what, version = "Creation" if action == "create" else "Update", row["Version"]
    number: Row = {"versionNumber": version["VersionNumber"]}
    if not version["Status"].endswith("SUCCESSFUL"):
        return [(f"Dashboard {what} Failed", {**number, "errors": version.get("Errors", [])})]
    published = [("Dashboard Published Version Updated", number)] if action == "update" else []
    return [(f"Dashboard {what} Successful", number), *published]
