"""What EventBridge tells of changes in Glue and QuickSight, in the envelopes that AWS documents.

The envelope: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html. Glue's two kinds, the
operations that each tells of, and that both are sent on a best effort basis, maybe out of order or never:
https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html. QuickSight's details:
https://docs.aws.amazon.com/quicksight/latest/developerguide/events-integration.html, and its names:
https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-quicksight.html (one page writes ``Dataset``, the other
``DataSet``, as is done here).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

Event = dict[str, Any]

DATABASE_CHANGES = frozenset({"CreateDatabase", "DeleteDatabase", "CreateTable", "DeleteTable", "BatchDeleteTable"})
"""Operations that Glue tells of as changes of a database; of ``UpdateDatabase`` it tells nothing."""

_ID_MEMBERS: Mapping[str, str] = {
    "Dashboard": "dashboardId",
    "Analysis": "analysisId",
    "DataSet": "datasetId",
    "DataSource": "datasourceId",
    "Folder": "folderId",
}


@dataclass(frozen=True)
class Origin:
    """Where and when events come about.

    Attributes:
        account: Twelve digits.
        region: Of the bus.
        now: Tells the time of an event.
    """

    account: str
    region: str
    now: Callable[[], datetime]


def glue_database_event(origin: Origin, operation: str, database: str, tables: Iterable[str] = ()) -> Event:
    """``Glue Data Catalog Database State Change``: databases, and tables that come and go.

    Args:
        origin: Where and when.
        operation: ``typeOfChange``, one of ``DATABASE_CHANGES``.
        database: Its name.
        tables: Names of the tables that came or went.
    """
    changed = list(tables)
    paths = [f"table/{database}/{table}" for table in changed] or [f"database/{database}"]
    detail = {"databaseName": database, "typeOfChange": operation, "changedTables": changed}
    return _event(origin, "glue", "Glue Data Catalog Database State Change", paths, detail)


def glue_table_event(
    origin: Origin, operation: str, database: str, table: str, partitions: Iterable[str] = ()
) -> Event:
    """``Glue Data Catalog Table State Change``: a table's definition or its partitions.

    Args:
        origin: Where and when.
        operation: ``typeOfChange``, e.g. ``UpdateTable`` or ``BatchCreatePartition``.
        database: Name of its database.
        table: Its name.
        partitions: Values of each changed partition as AWS writes them, e.g. ``[2026, 07]``.
    """
    detail = {
        "databaseName": database,
        "changedPartitions": list(partitions),
        "typeOfChange": operation,
        "tableName": table,
    }
    return _event(origin, "glue", "Glue Data Catalog Table State Change", [f"table/{database}/{table}"], detail)


def quicksight_event(origin: Origin, happened: str, asset_id: str, **detail: Any) -> Event:
    """An event of a QuickSight asset.

    Args:
        origin: Where and when.
        happened: The detail type without ``QuickSight``, e.g. ``Dashboard Published Version Updated`` or ``DataSet
            Created``.
        asset_id: Of the asset that its first word names.
        detail: Further members, e.g. ``versionNumber``.
    """
    kind = happened.partition(" ")[0]
    path = f"{kind.lower()}/{asset_id}"
    return _event(origin, "quicksight", f"QuickSight {happened}", [path], {_ID_MEMBERS[kind]: asset_id, **detail})


def _event(origin: Origin, service: str, detail_type: str, paths: Iterable[str], detail: Event) -> Event:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": f"aws.{service}",
        "account": origin.account,
        "time": origin.now().astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": origin.region,
        "resources": [f"arn:aws:{service}:{origin.region}:{origin.account}:{path}" for path in paths],
        "detail": detail,
    }
