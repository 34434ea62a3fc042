"""Retention: what only old manifests refer to goes, so that a nightly run doesn't fill the disk."""

from __future__ import annotations

from ingest_assets.errors import StoreError
from ingest_assets.snapshots.manifest import Manifest
from ingest_assets.snapshots.repository import Snapshots

KEPT = 10
"""Manifests, with their plans, that stay; the scope files they share are kept once."""


def prune(snapshots: Snapshots, keep: int = KEPT) -> None:
    """Remove manifests before the last ``keep`` of the latest one's line, and the files that only they refer to.

    Args:
        snapshots: Those of one service.
        keep: At least one.
    """
    line = _line(snapshots)
    kept, old = line[:keep], line[keep:]
    in_use = {file for manifest in kept for file in manifest.files()}
    for manifest in old:
        for file in manifest.files() - in_use:
            snapshots.remove_findings(file)
        snapshots.remove(manifest.run_id)
    snapshots.store.sweep()


def _line(snapshots: Snapshots) -> list[Manifest]:
    """The latest manifest and those before it, as far back as they are there."""
    line: list[Manifest] = []
    seen: set[str] = set()
    manifest = snapshots.latest()
    while manifest is not None and manifest.run_id not in seen:
        line.append(manifest)
        seen.add(manifest.run_id)
        manifest = _before(snapshots, manifest)
    return line


def _before(snapshots: Snapshots, manifest: Manifest) -> Manifest | None:
    before = manifest.previous
    try:
        return snapshots.manifest(before) if before and snapshots.has_manifest(before) else None
    except StoreError:
        # A damaged one ends the line: what it referred to is not known, so it stays.
        return None
