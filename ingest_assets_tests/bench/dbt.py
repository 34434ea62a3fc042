"""What a dbt project of many models costs: reading it at one size and at ten times as much, and whole runs."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.scale import GeneratedTables
from ingest_assets.sources.dbt.settings import DbtSettings
from ingest_assets.sources.dbt.source import DbtSource
from ingest_assets.sources.dbt.ways import LocalFiles
from ingest_assets_tests.bench.measuring import COMMAND, peak_of, sandbox

SIZES = (500, 5_000)
MOST_GROWTH = 40_000_000
"""Bytes that reading the larger one may hold besides."""
_MODULE = "ingest_assets_tests.bench.dbt"
_SCHEMA = "https://schemas.getdbt.com/dbt/{}.json"
_FILLER = "-- " + "x" * 4_000 + "\n"  # models of people are longer than these

Json = dict[str, Any]


class Made(NamedTuple):
    """A table that a model makes."""

    schema: str
    name: str
    columns: tuple[str, ...]


class Read(NamedTuple):
    """One reading: what it yielded, seconds, and bytes of memory held at most, imports included."""

    findings: int
    seconds: float
    peak: int


def print_dbt(console: Console) -> Iterator[str]:
    """Print what reading and runs take; what is too heavy."""
    table = Table(title="dbt, models of 20 columns", box=box.SIMPLE)
    for name in ("models", "manifest, MB", "findings", "seconds", "memory, MB"):
        table.add_column(name, justify="right")
    measured = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "told.json"
            # By a process of its own: what this one holds would count as the next one's.
            peak_of([sys.executable, "-m", _MODULE, "make", folder, str(size)], os.environ)
            peak = peak_of([sys.executable, "-m", _MODULE, "read", folder, str(told)], os.environ)
            read = Read(**json.loads(told.read_text(encoding="utf-8")), peak=peak)
            megabytes = (Path(folder) / "manifest.json").stat().st_size / 1e6
        measured.append(read)
        row = (f"{size:,}", f"{megabytes:.0f}", f"{read.findings:,}", f"{read.seconds:.1f}", f"{read.peak / 1e6:.0f}")
        table.add_row(*row)
    console.print(table)
    growth = measured[-1].peak - measured[0].peak
    if growth > MOST_GROWTH:
        yield f"Reading a dbt project ten times as large holds {growth / 1e6:.0f} MB more."
    yield from _runs(console)


def _runs(console: Console) -> Iterator[str]:
    """Runs over the tables of a generated lake: each model is one of these, made of the one before."""
    size = SIZES[-1]
    with sandbox(size) as environment, tempfile.TemporaryDirectory() as folder:
        store = {**environment, "INGEST_ASSETS_STORE": str(Path(folder) / "store"), "DBT_TARGET": folder}
        recipes = Path(__file__).parents[2] / "recipes"
        _run(recipes / "glue.yaml", store, folder)
        peak_of([sys.executable, "-m", _MODULE, "make", folder, str(size)], os.environ)
        for what in ("first run", "second run"):
            calls, seconds, peak = _run(recipes / "dbt.yaml", store, folder)
            writes = {name: count for name, count in calls.items() if not name.startswith("GET")}
            console.print(
                f"dbt, {size:,} models, {what}: {seconds:.1f} s, {peak / 1e6:.0f} MB, {sum(calls.values()):,} calls; "
                f"writes {writes or 'none'}"
            )
            if what == "second run" and writes:
                yield f"A second run of dbt writes: {writes}."
            if what == "first run" and sum(writes.values()) > 3 * size + 100:
                yield f"A first run of dbt over {size:,} models writes {sum(writes.values()):,} times."


def _run(recipe: Path, environment: Mapping[str, str], folder: str) -> tuple[Counter[str], float, int]:
    report = Path(folder) / "report.json"
    peak = peak_of([COMMAND, "run", str(recipe), "--json", str(report)], environment)
    calls: Counter[str] = Counter()
    seconds = 0.0
    for step in json.loads(report.read_text(encoding="utf-8"))["steps"]:
        if step["name"] != "snapshot":  # its calls are to the source
            calls.update(step["metadata"]["api_calls"])
        seconds += step["metadata"]["seconds_crawl"] + step["metadata"]["seconds_publish"]
    return calls, seconds, peak


def make(folder: Path, size: int) -> None:
    """Write manifest and catalog of a model for each generated table of a lake, each made of the one before."""
    tables = list(_tables(size))
    nodes = {_id(each.name): _node(each, above) for each, above in zip(tables, [None, *tables], strict=False)}
    _write(
        folder / "manifest.json",
        "manifest/v12",
        {"nodes": nodes, "sources": {}, "exposures": {}},
        adapter_type="athena",
    )
    told = {
        _id(each.name): {
            "columns": {name: {"name": name, "type": "bigint", "index": at} for at, name in enumerate(each.columns)}
        }
        for each in tables
    }
    _write(folder / "catalog.json", "catalog/v1", {"nodes": told, "sources": {}})


def _tables(size: int) -> Iterator[Made]:
    company = Company(size)
    catalog = company.glue.catalog(company.account)
    for schema, database in catalog.databases.items() if catalog else ():
        rows = database.tables.after(None) if isinstance(database.tables, GeneratedTables) else ()
        for row in rows:
            columns = tuple(column["Name"] for column in row["StorageDescriptor"]["Columns"])
            yield Made(schema, row["Name"], columns)


def _node(made: Made, above: Made | None) -> Json:
    read = f'from "awsdatacatalog"."{above.schema}"."{above.name}"' if above else ""
    taken = [f"{name} as {into}" for name, into in zip(above.columns, made.columns, strict=False)] if above else ["1"]
    sql = f"{_FILLER}select {', '.join(taken)} {read}"
    return {
        "unique_id": _id(made.name),
        "resource_type": "model",
        "database": "awsdatacatalog",
        "schema": made.schema,
        "name": made.name,
        "package_name": "bench",
        "original_file_path": f"models/{made.name}.sql",
        "language": "sql",
        "description": f"About {made.name}",
        "raw_code": sql,
        "compiled_code": sql,
        "columns": {column: {"name": column, "description": f"The {column}"} for column in made.columns},
        "depends_on": {"nodes": [_id(above.name)] if above else []},
    }


def _id(name: str) -> str:
    return f"model.bench.{name}"


def _write(path: Path, schema: str, told: Json, **metadata: str) -> None:
    heading = {"dbt_schema_version": _SCHEMA.format(schema), **metadata}
    path.write_text(json.dumps({"metadata": heading, **told}), encoding="utf-8")


def read_all(folder: str) -> dict[str, float]:
    """Read all of a project and keep nothing; what it took."""
    way = LocalFiles(f"{folder}/manifest.json", {"catalog": f"{folder}/catalog.json"})
    source, started = DbtSource(DbtSettings("lake"), way), time.perf_counter()
    findings = sum(1 for scope in source.roots() for _ in source.read(scope))
    return {"findings": findings, "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    _, act, place, other = sys.argv
    if act == "make":
        make(Path(place), int(other))
    else:
        Path(other).write_text(json.dumps(read_all(place)), encoding="utf-8")
