"""``python -m ingest_assets_tests.bench [TABLES ...]``: what whole runs cost, held against reading alone."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich import box
from rich.console import Console
from rich.table import Table

from ingest_assets_tests.bench.measuring import COMMAND, peak_of, sandbox

SIZES = (1_000, 10_000)
MOST_MEMORY = 350_000_000
"""Bytes that a run of 10,000 tables of 20 columns may hold at most, Dagster included."""

_RECIPE = str(Path(__file__).parents[2] / "recipes" / "glue.yaml")
_MEASURED = "reading alone", "snapshot", "first run", "second run"
_READING, _SNAPSHOT, *_RUNS = _MEASURED


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
    """Measure lakes of SIZES generated tables; exit status 1 if a run holds more memory than it may."""
    console, too_much = Console(), False
    for size in sizes or SIZES:
        found: list[Measurement] = []
        with console.status("") as status, sandbox(size) as environment, tempfile.TemporaryDirectory() as folder:
            for what in _MEASURED:
                status.update(f"{size:,} tables: {what} ...")
                found.append(_measure(what, Path(folder), environment))
        console.print(_shown(size, found))
        heaviest = max(measurement.peak for measurement in found)
        too_much |= size <= max(SIZES) and heaviest > MOST_MEMORY
    console.print(
        "Seconds are those of the work, without Python's start; the ratio is to reading alone. REST and AWS count "
        "requests. Memory is the process's, Dagster included: "
        f"at most {MOST_MEMORY / 1e6:.0f} MB for {max(SIZES):,} tables. Runs and sandbox share this machine's cores."
    )
    sys.exit(1 if too_much else 0)


def _measure(what: str, folder: Path, environment: Mapping[str, str]) -> Measurement:
    report = folder / "report.json"
    store = folder / ("runs" if what in _RUNS else what)
    commands = {
        _READING: [sys.executable, "-m", "ingest_assets_tests.bench.reading", str(report)],
        _SNAPSHOT: [sys.executable, "-m", "ingest_assets_tests.bench.snapshot", _RECIPE, str(report)],
    }
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
