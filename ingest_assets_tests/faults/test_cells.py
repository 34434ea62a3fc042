"""Whatever goes wrong wherever: nothing is deleted that the source has, nothing else is lost, and all of it is told.

Some cells of each call site; ``make faults`` runs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ingest_assets_tests.faults.cells import Cell, Setting, cells_of
from ingest_assets_tests.faults.judging import Verdict
from ingest_assets_tests.faults.sites import CALL_SITES, quick_cells
from ingest_assets_tests.faults.stage import Stage, stage


@pytest.fixture(scope="module")
def stage_of() -> Iterator[Callable[[Setting], Stage]]:
    """Stages by setting, each prepared when its first cell comes."""
    with ExitStack() as stack:
        made: dict[Setting, Stage] = {}

        def give(setting: Setting) -> Stage:
            if setting not in made:
                made[setting] = stack.enter_context(stage(setting))
            return made[setting]

        yield give


LEASE_IN_S3 = "s3:PutObject leases: reset-after"
"""A lease was held against the very run that had taken it. The site's other cells are left to `make faults`."""


def judged_cells() -> Iterator[Any]:
    kept = [cell for site in CALL_SITES for cell in cells_of(site) if str(cell) == LEASE_IN_S3]
    assert kept
    for name, cell in {str(cell): cell for cell in (*quick_cells(), *kept)}.items():
        yield pytest.param(cell, id=name)


@pytest.mark.parametrize("cell", list(judged_cells()))
def test_a_fault_costs_what_it_touches_and_is_told(cell: Cell, stage_of: Callable[[Setting], Stage]) -> None:
    assert stage_of(cell.site.setting).run(cell).verdict == Verdict()


def test_no_two_call_sites_have_one_name() -> None:
    """The table would show both in one row."""
    names = [site.name for site in CALL_SITES]
    assert len(set(names)) == len(names)
