"""What lies beside an entity and makes no version of it: sample data and usage. No change event tells of either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ingest_assets.catalog import EntityType
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of


def put_messages(client: OpenMetadataClient, topic_id: str, messages: Sequence[str]) -> None:
    """Replace a topic's sample messages.

    Raises:
        RemoteError: The server does not take them.
    """
    client.put(f"/v1/{collection_of(EntityType.TOPIC)}/{topic_id}/sampleData", {"messages": list(messages)})


def put_rows(client: OpenMetadataClient, table_id: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Replace a table's sample rows.

    Args:
        client: The server.
        table_id: Of the table.
        columns: Names of columns that the table has, as the server spells them; it refuses others.
        rows: As many JSON values each as there are columns.

    Raises:
        RemoteError: The server does not take them.
    """
    body = {"columns": list(columns), "rows": [list(row) for row in rows]}
    client.put(f"/v1/{collection_of(EntityType.TABLE)}/{table_id}/sampleData", body)


def put_usage(client: OpenMetadataClient, kind: EntityType, entity_id: str, day: date, count: int) -> None:
    """Say how often a table, dashboard, chart or pipeline was used on a day.

    By POST, which replaces the day's count; PUT would add to it, and count twice what is sent twice.

    Raises:
        RemoteError: The server does not take it.
    """
    client.post(f"/v1/usage/{kind}/{entity_id}", {"date": day.isoformat(), "count": count})


def compute_percentiles(client: OpenMetadataClient, kind: EntityType, day: date) -> None:
    """Have the server rank all entities of a type by how often they were used on a day.

    Raises:
        RemoteError: The server does not.
    """
    client.post(f"/v1/usage/compute.percentile/{kind}/{day.isoformat()}", None)
