"""Whether the last refresh of data sets in SPICE failed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from ingest_assets.catalog import EntityType, Health, Reference
from ingest_assets.errors import AuthenticationError, RemoteError
from ingest_assets.sources.optional import Optional, Unread
from ingest_assets.sources.quicksight.account import Account, checked, listed_in
from ingest_assets.sources.quicksight.board_shapes import Ingestion

ABOUT = "spice_refreshes"
"""Name of what is told of the refreshes' health."""

_LOOKED_AT = 10  # refreshes; QuickSight shows the last ones first
_SHOWN = 20
_FAILED = "FAILED"


class Refreshes:
    """Asks for refreshes, and remembers those that failed. Safe to share among threads.

    Args:
        account: Whose.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._permission = Optional("quicksight:ListIngestions", "Refreshes that failed", "")
        self._unread = Unread("Of {} data sets it is not known whether their last refresh failed")
        self._lock = threading.Lock()
        self._asked: set[str] = set()
        self._told: set[str] = set()
        self._failed: dict[tuple[str, str], str] = {}

    def ask(self, data_set_id: str, name: str) -> None:
        """Look at the last refresh of a data set; what can't be told costs the data set nothing."""
        with self._lock:
            self._asked.add(data_set_id)
        try:
            answer = self._permission.ask(
                lambda: self._account.call("ListIngestions", data_set_id, DataSetId=data_set_id, MaxResults=_LOOKED_AT)
            )
            if answer is None:
                return
            where = f"quicksight:ListIngestions of {data_set_id}"
            listed = [checked(Ingestion, each, data_set_id) for each in listed_in(answer, "Ingestions", where=where)]
        except AuthenticationError:
            raise
        except RemoteError as error:
            self._unread.add(Reference(EntityType.DATA_MODEL, (data_set_id,)), error)
            return
        with self._lock:
            self._told.add(data_set_id)
        last = max(listed, key=lambda each: each.created_time, default=None)
        if last is not None and last.ingestion_status == _FAILED:
            told = last.error_info or {}
            why = ": ".join(str(told[key]) for key in ("Type", "Message") if told.get(key))
            with self._lock:
                self._failed[name, data_set_id] = f"{last.created_time:%Y-%m-%d %H:%M} UTC{f', {why}' if why else ''}"

    def health(self) -> Health:
        """How many data sets were asked about, and the last refresh of which failed."""
        with self._lock:
            failed = sorted(self._failed.items())
            known, asked = len(self._told), len(self._asked)
        return Health(
            about=ABOUT,
            known=known,
            unknown=asked - known,
            unwell=len(failed),
            examples=tuple(f"{name} ({why})" for (name, _), why in failed[:_SHOWN]),
        )

    def notes(self) -> Iterator[str | None]:
        """What people should know."""
        yield self._permission.note()
        yield self._unread.note()
        with self._lock:
            failed = sorted(self._failed.items())
        if failed:
            shown = "; ".join(f"{name} ({why})" for (name, _), why in failed[:_SHOWN])
            more = f"; and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
            yield f"The last refresh of {len(failed)} data sets failed: {shown}{more}."
