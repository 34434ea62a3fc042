"""What an Atlas of many tables costs to read: calls, time and memory, at one size and at ten times as much."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from ingest_assets.calls import Calls
from ingest_assets.sources.atlas.client import AtlasAccess, AtlasClient
from ingest_assets.sources.atlas.mapping import Placing
from ingest_assets.sources.atlas.settings import AtlasSettings
from ingest_assets.sources.atlas.source import AtlasSource
from ingest_assets_tests.bench.measuring import peak_of, sandbox

SIZES = (1_000, 10_000)
MOST_GROWTH = 40_000_000
"""Bytes that reading the larger one may hold besides."""
_ROWS = 2_000
_MODULE = "ingest_assets_tests.bench.atlas"


class ReadOnce(NamedTuple):
    """One reading.

    Attributes:
        findings: What it yielded.
        calls: Requests to Atlas.
        searches: Of these, pages of searches.
        seconds: Of the reading.
        peak: Bytes of memory held at most, imports included.
    """

    findings: int
    calls: int
    searches: int
    seconds: float
    peak: int


def print_atlas(console: Console) -> Iterator[str]:
    """Print what reading takes; what is too heavy."""
    table = Table(title="Atlas, tables of 20 columns", box=box.SIMPLE)
    for name in ("tables", "findings", "calls", "searches", "seconds", "ratio", "memory, MB"):
        table.add_column(name, justify="right")
    measured = {}
    for size in SIZES:
        with console.status(f"Atlas, {size:,} tables ..."), sandbox(size) as environment:
            measured[size] = _measure(environment)
    small, large = (measured[size] for size in SIZES)
    for size, each in measured.items():
        ratio, memory = f"{each.seconds / small.seconds:.1f}", f"{each.peak / 1e6:.0f}"
        row = (f"{size:,}", f"{each.findings:,}", str(each.calls), str(each.searches), f"{each.seconds:.1f}")
        table.add_row(*row, ratio, memory)
    console.print(table)
    if large.peak - small.peak > MOST_GROWTH:
        yield f"Reading an Atlas ten times as large holds {(large.peak - small.peak) / 1e6:.0f} MB more."
    if large.calls > SIZES[-1] * 21 / _ROWS:
        yield f"Reading an Atlas of {SIZES[-1]:,} tables takes {large.calls} calls."


def _measure(environment: Mapping[str, str]) -> ReadOnce:
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        peak = peak_of([sys.executable, "-m", _MODULE, str(told)], environment)
        return ReadOnce(**json.loads(told.read_text(encoding="utf-8")), peak=peak)


def read_all() -> dict[str, float]:
    """Read all of an Atlas and keep nothing; what it took."""
    access = AtlasAccess(os.environ["ATLAS_HOST_PORT"], os.environ["ATLAS_USERNAME"], os.environ["ATLAS_PASSWORD"])
    calls = Calls()
    source = AtlasSource(AtlasSettings("atlas", placing=Placing(("hive",), ("kafka",), {})), AtlasClient(access, calls))
    started = time.perf_counter()
    findings = sum(1 for scope in source.roots() for _ in source.read(scope))
    seconds, counts = time.perf_counter() - started, calls.counts()
    return {
        "findings": findings,
        "calls": sum(counts.values()),
        "searches": counts["atlas:search"],
        "seconds": seconds,
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(read_all()), encoding="utf-8")
