"""``python -m ingest_assets_tests.bench [TABLES ...]``: what whole runs cost, held against reading alone."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich import box
from rich.console import Console
from rich.table import Table

from ingest_assets_tests.bench.atlas import print_atlas
from ingest_assets_tests.bench.dbt import print_dbt
from ingest_assets_tests.bench.definitions import print_definitions
from ingest_assets_tests.bench.lookml import print_lookml
from ingest_assets_tests.bench.measuring import COMMAND, peak_of, sandbox

SIZES = (10_000, 100_000)
MOST_MEMORY = 350_000_000
"""Bytes that a run of 10,000 tables of 20 columns may hold at most, Dagster included."""
MOST_GROWTH = 90_000_000
"""Bytes that a run of ten times as many may hold besides."""
EDGES = 200_000
EDGE_COLUMNS = (2, 20)
_SAME = 1.1

_RECIPE = str(Path(__file__).parents[2] / "recipes" / "glue.yaml")
_MEASURED = "reading alone", "snapshot", "first run", "second run", "events run", "listing run"
_READING, _SNAPSHOT, *_RUNS = _MEASURED
_LISTING = _RUNS[-1]


class Measurement(NamedTuple):
    """What one process did.

    Attributes:
        seconds: Of the work itself, without the start of Python and its imports.
        rest_calls: Requests to OpenMetadata.
        aws_calls: Requests to AWS.
        peak: Bytes of memory held at most, imports included.
        tables: How many were read, where nothing but reading is measured.
    """

    what: str
    seconds: float
    rest_calls: int
    aws_calls: int
    peak: int
    tables: int = 0


@click.command()
@click.argument("sizes", nargs=-1, type=click.IntRange(min=1))
def bench(sizes: tuple[int, ...]) -> None:
    """Measure lakes of SIZES generated tables, and edges; exit status 1 if a run holds more memory than it may, or
    definitions take too long to load."""
    console = Console()
    measured: dict[int, list[Measurement]] = {}
    for size in sizes or SIZES:
        found = measured[size] = []
        with console.status("") as status, sandbox(size) as environment, tempfile.TemporaryDirectory() as folder:
            for what in _MEASURED:
                status.update(f"{size:,} tables: {what} ...")
                found.append(_measure(what, Path(folder), environment))
        console.print(_shown(size, found))
    console.print(
        "Seconds are those of the work, without Python's start; the ratio is to reading alone. REST and AWS count "
        "requests. Memory is the process's, Dagster included. Runs and sandbox share this machine's cores.\n"
    )
    if not sizes:
        print_lookml(console)
    faults = [*_too_heavy(measured, console)]
    if not sizes:
        faults += [*print_definitions(console), *_edges_too_heavy(console), *print_atlas(console), *print_dbt(console)]
    for fault in faults:
        console.print(f"[red]{fault}[/]")
    sys.exit(1 if faults else 0)


def _too_heavy(measured: Mapping[int, list[Measurement]], console: Console) -> Iterator[str]:
    """Print how memory grows with the lake; what holds more than it may."""
    small, large = min(measured), max(measured)
    for few, many in zip(measured[small], measured[large], strict=True):
        if small <= min(SIZES) and few.peak > MOST_MEMORY:
            yield f"{few.what}: {few.peak / 1e6:.0f} MB for {small:,} tables; {MOST_MEMORY / 1e6:.0f} are allowed."
        growth = many.peak - few.peak
        if small == large or few.what not in _RUNS:
            continue
        console.print(f"{few.what}: {growth / 1e6:+.0f} MB for {large - small:,} tables more")
        if growth > MOST_GROWTH:
            yield f"{few.what}: {growth / 1e6:.0f} MB more; {MOST_GROWTH / 1e6:.0f} are allowed."


def _edges_too_heavy(console: Console) -> Iterator[str]:
    """Print what planning edges holds, whatever their columns; whether it depends on them."""
    peaks = []
    for columns in EDGE_COLUMNS:
        with tempfile.TemporaryDirectory() as folder, console.status(f"{EDGES:,} edges of {columns} columns ..."):
            module = [sys.executable, "-m", "ingest_assets_tests.bench.edges"]
            peak_of([*module, "make", folder, str(EDGES), str(columns)], os.environ)
            report = Path(folder) / "report.json"
            peaks.append(peak_of([*module, "plan", folder, str(report)], os.environ))
            told = json.loads(report.read_text(encoding="utf-8"))
        console.print(
            f"{EDGES:,} edges of {columns} columns planned without a write: {told['seconds']:.1f} s, "
            f"{peaks[-1] / 1e6:.0f} MB"
        )
    if max(peaks) > min(peaks) * _SAME:
        yield "The memory that planning edges takes depends on their columns."


def _measure(what: str, folder: Path, environment: Mapping[str, str]) -> Measurement:
    report = folder / "report.json"
    store = folder / ("runs" if what in _RUNS else what)
    commands = {
        _READING: [sys.executable, "-m", "ingest_assets_tests.bench.reading", str(report)],
        _SNAPSHOT: [sys.executable, "-m", "ingest_assets_tests.bench.snapshot", _RECIPE, str(report)],
    }
    if what == _LISTING:
        for ledger in store.rglob("ledgers/*.sqlite"):
            ledger.unlink()
    command = commands.get(what, [COMMAND, "run", _RECIPE, "--json", str(report)])
    peak = peak_of(command, {**environment, "INGEST_ASSETS_STORE": str(store)})
    told = json.loads(report.read_text(encoding="utf-8"))
    if what == _READING:
        return Measurement(what, told["seconds"], 0, told["aws_calls"], peak, told["tables"])
    return _of_run(what, told["steps"], peak)


def _of_run(what: str, steps: list[dict[str, Any]], peak: int) -> Measurement:
    calls = {step["name"]: sum(step["metadata"]["api_calls"].values()) for step in steps}
    seconds = sum(step["metadata"]["seconds_crawl"] + step["metadata"]["seconds_publish"] for step in steps)
    aws_calls = calls.pop("snapshot")
    return Measurement(what, seconds, sum(calls.values()), aws_calls, peak)


def _shown(size: int, found: list[Measurement]) -> Table:
    table = Table(title=f"{size:,} generated tables", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for heading in ("seconds", "tables/s", "REST", "AWS", "peak MB", "ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in _rows(found):
        table.add_row(*row)
    return table


def _rows(found: list[Measurement]) -> Iterator[tuple[str, ...]]:
    alone = found[0]
    for each in found:
        yield (
            each.what,
            f"{each.seconds:.2f}",
            f"{alone.tables / each.seconds:,.0f}",
            f"{each.rest_calls:,}",
            f"{each.aws_calls:,}",
            f"{each.peak / 1e6:.0f}",
            f"{each.seconds / alone.seconds:.2f}",
        )


if __name__ == "__main__":
    bench()
