"""Dashboards that a source names by the address of their page: a name alone may be that of another instance's."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

_WEB = ("http://", "https://")
_TOLD_AS = ("sourceUrl", "dashboardUrl")

Json = dict[str, Any]


def page_name(name: str) -> str:
    """What a dashboard is called whose page has an address: the last part of its path; any other name is itself."""
    if not name.startswith(_WEB):
        return name
    return unquote(urlsplit(name).path.rstrip("/").rpartition("/")[2]) or name


def is_page(stored: Json, name: str) -> bool:
    """Whether a dashboard on the server has that page; any has, of another name. One that tells no page can't be it."""
    if not name.startswith(_WEB):
        return True
    return any(_place(stored.get(told) or "") == _place(name) for told in _TOLD_AS)


def _place(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.netloc.lower(), unquote(parts.path).rstrip("/")
