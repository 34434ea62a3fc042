"""``python -m ingest_assets_tests.faults [SITE ...]``: every call site against every kind of fault, as a table."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import click
from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ingest_assets_tests.faults.cells import CALLS, CallSite, Cell, Setting, cells_of
from ingest_assets_tests.faults.scene import HANG
from ingest_assets_tests.faults.sites import CALL_SITES
from ingest_assets_tests.faults.stage import Judged, run_cells

PROCESSES = 2
WIDTH = 140
"""Columns where the output is no terminal."""

_AT_ONCE = 20
_HEADINGS = {
    "throttle": "thr",
    HANG: "hang",
    "truncated": "half",
    "reset-before": "rst-",
    "reset-after": "-rst",
    "access-denied": "den",
    "expired-token": "exp",
}


@click.command()
@click.argument("sites", nargs=-1)
def faults(sites: tuple[str, ...]) -> None:
    """Run every cell of the call sites whose names hold one of SITES, or of all; exit status 1 if one is not well.

    ``lake``, ``streams``, ``boards``, ``looker``, ``atlas`` and ``dbt`` stand for all sites of a recipe.
    """
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    chosen = [site for site in CALL_SITES if not sites or _is_meant(site, sites)]
    batches = list(_batches(cell for site in chosen for cell in cells_of(site)))
    started = time.monotonic()
    found: list[Judged] = []
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for judged in track(pool.map(run_cells, batches), "faults", len(batches), console=console):
            found += judged
    console.print(_shown(chosen, found))
    for line in (*_pending(chosen), *_details(found)):
        console.print(line, highlight=False, soft_wrap=True)
    totals = _totals(found)
    console.print(
        f"{len(found)} cells of {len(chosen)} call sites in {time.monotonic() - started:.0f} s: "
        f"wrong deletes {totals[0]}, lost {totals[1]}, unreported {totals[2]}"
    )
    sys.exit(1 if any(totals) else 0)


def _is_meant(site: CallSite, parts: Iterable[str]) -> bool:
    return any(part in site.name or part == site.estate.value for part in parts)


def _batches(cells: Iterable[Cell]) -> Iterator[list[Cell]]:
    """Cells that share a beginning, few enough for two processes to end together."""
    by_setting: dict[Setting, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_setting[cell.site.setting].append(cell)
    for same in by_setting.values():
        yield from (same[start : start + _AT_ONCE] for start in range(0, len(same), _AT_ONCE))


def _shown(sites: Sequence[CallSite], found: Iterable[Judged]) -> Table:
    by_place: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for judged in found:
        own = judged.cell.kind in judged.cell.site.special
        by_place[judged.cell.site.name, "own" if own else judged.cell.kind].append(judged)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("call site", no_wrap=True)
    for kind in CALLS:
        table.add_column(_HEADINGS.get(kind, kind), no_wrap=True)
    table.add_column("own")
    for site in sites:
        if not site.pending:
            table.add_row(site.name, *(_brief(by_place[site.name, kind]) for kind in (*CALLS, "own")))
    return table


def _brief(found: list[Judged]) -> str:
    totals = _totals(found)
    if not found:
        return "-"
    if not any(totals):
        return "[green]ok[/]"
    return "[red]" + "".join(f"{letter}{number}" for letter, number in zip("dlu", totals, strict=True) if number)


def _pending(sites: Iterable[CallSite]) -> Iterator[str]:
    return (f"{site.name}: not tried, {site.pending}" for site in sites if site.pending)


def _details(found: Iterable[Judged]) -> Iterator[str]:
    """What is wrong, once for all kinds that did the same at one site."""
    kinds: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for judged in found:
        verdict = judged.verdict
        for what, each in (
            ("wrong deletes", verdict.wrong_deletes),
            ("lost", verdict.lost),
            ("unreported", verdict.unreported),
        ):
            if each:
                kinds[judged.cell.site.name, f"{what} {len(each)}", "; ".join(each)].append(judged.cell.what)
    for (site, number, named), same in kinds.items():
        yield f"{site}: {', '.join(same)}: {number}: {named}"


def _totals(found: Iterable[Judged]) -> tuple[int, int, int]:
    verdicts = [judged.verdict for judged in found]
    return (
        sum(len(verdict.wrong_deletes) for verdict in verdicts),
        sum(len(verdict.lost) for verdict in verdicts),
        sum(len(verdict.unreported) for verdict in verdicts),
    )


if __name__ == "__main__":
    faults()
