"""What a sandbox and a store held, to begin anew from there: a cell needs no first run of its own."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest_assets.sandbox.company.looker import Rows
from ingest_assets.sandbox.server import Sandbox


class Memory:
    """Copies of a sandbox's state and of a folder.

    Args:
        sandbox: Nobody may be asking it anything.
        folder: Of the store; need not be there.
        beside: Where the folder's copy goes.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, beside: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._kept = beside
        self._state = copy.deepcopy(_state(sandbox))
        self._tables = [(holder, name, dict(vars(holder)[name])) for holder, name in _tables(sandbox)]
        if folder.exists():
            shutil.copytree(folder, beside)

    def restore(self) -> None:
        """Make everything what it was; the sandbox goes on serving at its address."""
        for (holder, name), value in copy.deepcopy(self._state).items():
            setattr(_holders(self._sandbox)[holder], name, value)
        for holder, name, rows in self._tables:
            setattr(holder, name, dict(rows))
        # What searches found is remembered by a number that must not come again.
        self._sandbox.company.atlas.revision += 1
        # Rows are remembered by a number that now comes again.
        self._sandbox.openmetadata._server.listing._kept.clear()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._kept.exists():
            shutil.copytree(self._kept, self._folder)


def _holders(sandbox: Sandbox) -> dict[str, Any]:
    server = sandbox.openmetadata._server
    return {
        "store": server.store,
        "lineage": server.lineage,
        "events": server.events,
        "samples": sandbox.openmetadata.samples,
        "glue": sandbox.company.glue,
        "lf_tags": sandbox.company.lf_tags,
        "streams": sandbox.company.streams,
        "schemas": sandbox.company.schemas,
        "delivery": sandbox.company.delivery,
        "buckets": sandbox.company.buckets,
        "boards": sandbox.company.boards,
        "atlas": sandbox.company.atlas,
        "dbt": sandbox.company.dbt,
        "faults": sandbox.faults,
    }


def _tables(sandbox: Sandbox) -> Iterator[tuple[Any, str]]:
    """What holds rows that are never changed, only replaced: Looker's, and those of its repositories."""
    looker, repositories = sandbox.company.looker, sandbox.company.repositories
    yield from ((rows, "_rows") for rows in vars(looker).values() if isinstance(rows, Rows))
    yield looker, "_numbers"
    yield from ((repositories, name) for name in ("_repositories", "_names"))
    for repository in repositories._repositories.values():
        yield from ((repository, name) for name in ("_commits", "_branches", "_tags"))


def _state(sandbox: Sandbox) -> dict[tuple[str, str], Any]:
    attributes = {
        "store": ("_by_id", "_by_fqn", "_children", "_referring"),
        "lineage": ("_down", "_up"),
        "events": ("_events",),
        "samples": ("_samples",),
        "glue": ("_catalogs",),
        "lf_tags": ("_values", "_assigned"),
        "streams": ("_streams",),
        "schemas": ("_registries",),
        "delivery": ("_streams",),
        "buckets": ("_buckets",),
        "boards": ("_assets", "edition"),
        "dbt": ("runs", "published"),
        "atlas": ("_entities", "_by_type", "_by_name", "_relations", "_of_entity", "_purged"),
        "faults": ("_planned", "_struck"),
    }
    holders = _holders(sandbox)
    return {(holder, name): getattr(holders[holder], name) for holder, names in attributes.items() for name in names}
