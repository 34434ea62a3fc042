"""Cells, each played from the same beginning and held against the same scene without a fault."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from ingest_assets.errors import NotFoundError
from ingest_assets_tests.faults.atlas_scene import atlas_scene
from ingest_assets_tests.faults.board_scene import board_scene
from ingest_assets_tests.faults.cells import Cell, Estate, Setting
from ingest_assets_tests.faults.dbt_scene import dbt_scene
from ingest_assets_tests.faults.judging import Played, Verdict, judge
from ingest_assets_tests.faults.lake_scene import lake_scene
from ingest_assets_tests.faults.looker_scene import looker_scene
from ingest_assets_tests.faults.memory import Memory
from ingest_assets_tests.faults.scene import HANG, LATER, LONG, SOON, Ran, Scene, Variant
from ingest_assets_tests.faults.stream_scene import stream_scene

_SCENES: Mapping[Estate, Callable[[Path, Variant], AbstractContextManager[Scene]]] = {
    Estate.LAKE: lake_scene,
    Estate.STREAMS: stream_scene,
    Estate.BOARDS: board_scene,
    Estate.LOOKER: looker_scene,
    Estate.ATLAS: atlas_scene,
    Estate.DBT: dbt_scene,
}


class Judged(NamedTuple):
    """One cell and what came of it."""

    cell: Cell
    verdict: Verdict
    seconds: float


class Stage:
    """A scene that begins anew for each cell.

    Args:
        on: The scene, after a clean run and changes on both sides.
        beside: A folder of its own.
    """

    def __init__(self, on: Scene, beside: Path) -> None:
        self._on = on
        self._beginning = Memory(on.sandbox, on.store_folder, beside)
        self._goals: dict[str, Played] = {}

    def run(self, cell: Cell) -> Judged:
        """Play and judge one cell."""
        started = time.monotonic()
        verdict = judge(cell, self._play(cell, cell.kind, SOON if cell.kind == HANG else LONG), self._goal(cell))
        if cell.kind == HANG and verdict != Verdict():
            # On a busy machine a sound answer may take longer than this run waited: what is wrong is wrong at leisure.
            verdict = judge(cell, self._play(cell, f"hang:{LATER * 1.5}", LATER), self._goal(cell))
        return Judged(cell, verdict, time.monotonic() - started)

    def _play(self, cell: Cell, kind: str, answer_seconds: float) -> Played:
        self._rewind()
        before = self._on.portrait()
        faults = self._on.sandbox.faults
        fault = faults.add(
            kind,
            service=cell.site.service,
            operation=cell.site.operation,
            match=cell.match,
            count=None if cell.lasts else 1,
            after=cell.after,
        )
        faulty = self._on.run(answer_seconds)
        struck = any(strike.fault is fault for strike in faults.struck())
        faults.clear()
        after = self._on.portrait()
        mended = self._mend()
        return Played(before, faulty, after, mended, self._on.portrait(), struck, self._on.root)

    def _goal(self, cell: Cell) -> Played:
        """The same without the fault; what it makes vanish is gone before."""
        gone = f"{cell.site.service} {cell.match}" if cell.kind == "vanish" else ""
        if gone not in self._goals:
            self._rewind()
            before = self._on.portrait()
            if gone:
                self._delete(cell)
            one = self._on.run()
            after = self._on.portrait()
            two = self._mend()
            assert one.steps is not None, repr(one)
            assert two.steps is not None, repr(two)
            self._goals[gone] = Played(before, one, after, two, self._on.portrait(), False, self._on.root)
        return self._goals[gone]

    def _mend(self) -> Ran:
        """The run after the fault; without a ledger one more, for nothing is removed before there is one."""
        ran = self._on.run()
        return self._on.run() if self._on.variant is Variant.NO_LEDGER and ran.error is None else ran

    def _rewind(self) -> None:
        self._on.sandbox.settle()
        self._beginning.restore()

    def _delete(self, cell: Cell) -> None:
        if cell.site.service == "openmetadata":
            with suppress(NotFoundError):  # made in the very run in which it vanishes
                self._on.delete(cell.match)
        else:
            self._on.drop(cell.site.service, cell.match)


@contextmanager
def stage(setting: Setting) -> Iterator[Stage]:
    """A stage on which a clean run was made and both sides have changed; for a first run, nothing was."""
    estate, variant = setting
    with tempfile.TemporaryDirectory() as folder, _SCENES[estate](Path(folder), variant) as on:
        if variant is not Variant.FIRST_RUN:
            first = on.run()
            assert first.steps is not None, repr(first)
            on.edit()
            on.change()
        if variant is Variant.NO_LEDGER:
            on.forget_ledger()
        yield Stage(on, Path(folder) / "kept")


def run_cells(cells: Sequence[Cell]) -> list[Judged]:
    """Play and judge cells of one setting, in a process of their own.

    Raises:
        RuntimeError: The suite itself failed.
    """
    with stage(cells[0].site.setting) as on:
        try:
            return [on.run(cell) for cell in cells]
        except Exception as error:
            # our own errors can't be handed from one process to another
            raise RuntimeError(traceback.format_exc()) from error
