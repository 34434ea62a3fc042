"""Looker's searches: SQL's LIKE without regard to case, pages by limit and offset, order by ``sorts``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ingest_assets.sandbox.company.looker import Row
from ingest_assets.sandbox.looker.refusals import invalid

PAGING = frozenset({"limit", "offset", "sorts"})


def search(rows: Iterable[Row], params: Mapping[str, Any], by: Iterable[str]) -> list[Row]:
    """The rows that match all parameters that were sent, one page of them.

    Args:
        rows: All that the caller may see.
        params: The call's.
        by: Members that may be searched by.

    Raises:
        LookerRefusalError: ``sorts`` names no member.
    """
    conditions = {name: params[name] for name in by if name in params}
    found = [row for row in rows if all(_matches(row.get(name), wanted) for name, wanted in conditions.items())]
    return page(sort(found, params.get("sorts")), params)


def page(rows: list[Row], params: Mapping[str, Any]) -> list[Row]:
    """The rows from ``offset`` on, ``limit`` of them."""
    start = params.get("offset", 0)
    limit = params.get("limit")
    return rows[start:] if limit is None else rows[start : start + limit]


def sort(rows: list[Row], sorts: str | None) -> list[Row]:
    """Rows in the order of e.g. ``title,id desc``; as they come when None.

    Raises:
        LookerRefusalError: That is no order.
    """
    for one in reversed(sorts.split(",") if sorts else []):
        name, _, direction = one.strip().partition(" ")
        if direction not in ("", "asc", "desc") or (rows and name not in rows[0]):
            raise invalid("sorts", f"is no order: {one}")
        rows = sorted(rows, key=lambda row: _rank(row.get(name)), reverse=direction == "desc")  # at once
    return rows


def _matches(value: object, wanted: object) -> bool:
    if isinstance(wanted, bool):
        return bool(value) is wanted
    if wanted == "IS NULL":
        return value is None
    if wanted == "NOT NULL":
        return value is not None
    if isinstance(value, bool):
        return str(value).lower() == wanted
    text = "" if value is None else str(value)
    if isinstance(value, int) or text.isdecimal():
        return text in [one.strip() for one in str(wanted).split(",")]
    return _like(str(wanted)).fullmatch(text) is not None


def _like(pattern: str) -> re.Pattern[str]:
    parts = [{"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern]
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _rank(value: object) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, datetime):
        return (1, value.timestamp())
    text = str(value)
    return (1, float(text)) if text.isdecimal() else (2, text.lower())
