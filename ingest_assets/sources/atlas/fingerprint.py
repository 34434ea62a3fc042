"""What Atlas says has changed since one asked before."""

from __future__ import annotations

from collections.abc import Callable

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.atlas.client import AtlasClient

_ANYTHING = "Referenceable"  # above all types that have a name
_CHANGED = "__modificationTimestamp"
_ROWS = 1_000
_DAY = 86_400_000  # milliseconds


def last_change(client: AtlasClient, before: str | None, now: Callable[[], float]) -> str:
    """When something was changed last, deleted things included, in milliseconds since 1970.

    Only changes after ``before`` are searched for: that filter works with 2.1.0 and 2.4.0, while both take an order by
    time of change and don't keep it.

    Args:
        client: Of the server.
        before: What this said the last time; None: the first time, which looks back for one day.
        now: Seconds since 1970.

    Raises:
        RemoteError: Atlas can't be asked.
    """
    since = before or str(int(now() * 1000) - _DAY)
    criterion = {"attributeName": _CHANGED, "operator": "gt", "attributeValue": since}
    body = {
        "typeName": _ANYTHING,
        "excludeDeletedEntities": False,
        "limit": _ROWS,
        "attributes": [_CHANGED],
        "entityFilters": {"condition": "AND", "criterion": [criterion]},
    }
    answer = client.post("search", "what has changed", "/v2/search/basic", body)
    try:
        # Without any hit the key is absent. Rows that the user may not see tell no time.
        times = [(row.get("attributes") or {}).get(_CHANGED) for row in answer.get("entities") or []]
        return str(max([int(since), *(int(time) for time in times if time is not None)]))
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidAnswerError("It tells no times of changes.", where="atlas:search of what has changed") from error
