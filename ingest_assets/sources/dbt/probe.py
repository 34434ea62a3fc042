"""Tries what a dbt recipe needs: that its artifacts can be had, and are such."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest_assets.errors import AuthenticationError, RemoteError
from ingest_assets.sources.dbt.artifacts import (
    CATALOG,
    MANIFEST,
    RUN_RESULTS,
    SOURCES,
    Artifacts,
    check_version,
    heading,
)
from ingest_assets.sources.dbt.ways import Way
from ingest_assets.sources.probing import ProbeStep


def probe(way: Way) -> Iterator[ProbeStep]:
    """Fetch the artifacts as a run would, and read what they say of themselves.

    Raises:
        AuthenticationError: Who we are is refused.
        DeadlineExceededError: The run's time is over.
    """
    name = f"dbt: artifacts of {way.place()}"
    with TemporaryDirectory(prefix="ingest_assets_dbt_") as folder:
        try:
            for artifacts in way.fetch(Path(folder)):
                yield from _project(artifacts)
        except AuthenticationError:
            raise
        except RemoteError as error:
            yield ProbeStep(name, granted=None if error.retryable else False, detail=str(error))


def _project(artifacts: Artifacts) -> Iterator[ProbeStep]:
    found = heading(artifacts.manifest, MANIFEST, artifacts.name)
    newer = check_version(found, artifacts.name)
    what = f"granted; it is a manifest v{found.version}" + (f" of {found.project}" if found.project else "")
    yield ProbeStep(f"dbt: manifest {artifacts.name}", granted=True, detail=newer or what)
    beside = ((CATALOG, artifacts.catalog), (RUN_RESULTS, artifacts.run_results), (SOURCES, artifacts.sources))
    for kind, file in beside:
        if file is not None:
            heading(file, kind, f"the {kind} beside {artifacts.name}")
            yield ProbeStep(f"dbt: {kind} beside it", granted=True, detail="granted", required=False)
    for note in artifacts.notes:
        yield ProbeStep("dbt: artifacts beside it", granted=False, detail=note, required=False)
