"""A plan as Dagster's page shows it: how much of each type, and the changes in a block that reads like a diff.

Dagster's tables give each column the width of its longest word, so that one long FQN pushes the reason off the page. A
block of code keeps the reason below the name, and Dagster colours it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.report import Change, Report
from ingest_assets.ingestion.reporting import EDGE
from ingest_assets.openmetadata.plan import Action

_SIGNS = {
    Action.CREATE.value: "+",
    Action.RESTORE.value: "+",
    Action.UPDATE.value: "~",
    Action.STALE.value: "-",
    Action.DROP.value: "-",
}
_COLUMNS = {
    "+ new": (Action.CREATE,),
    "+ restored": (Action.RESTORE,),
    "~ changed": (Action.UPDATE,),
    "- gone": (Action.STALE, Action.DROP),
    "unchanged": (Action.UNCHANGED,),
    "left out": (Action.FILTERED,),
    "failed": (Action.FAILED,),
    "parked": (Action.PARKED,),
}
_AT_THE_TOP = frozenset(kind.value for kind in EntityType if kind.parent is None and kind.held)
_AROUND = 60  # characters: fences, line ends, and how many more there are
_WIDTH = 60  # of a reason's lines: what fits beside the keys on a screen of 1600 pixels
# Four spaces and more: no reason and no name can end the block of code.
_BELOW_THE_SIGN = 6
_FENCE = "```"
IN_FULL = "changes_in_full"
"""Name of the metadata that holds the changes for which the page has no room."""

INLINE = 999
"""Characters of Markdown up to which Dagster shows it in the page; behind a link otherwise."""

_OF_NO_INTEREST = "not on the server"
_NOT_LISTED = "How much has changed is in the counts."
NOTHING = "Nothing changes on the server."
"""What stands in the place of an empty diff."""


def diff(report: Report, longest: int | None = None) -> str:
    """Markdown of what a step changes, or would change: counts by type above, if they are known, and the diff.

    Args:
        report: Of the step.
        longest: Most characters; changes that have no room are counted at the end. None: all that the report has.
    """
    above = list(_table(report.planned))
    if not report.changes:
        return "\n\n".join([*above, _NOT_LISTED if _total(report) else NOTHING])
    width = max(len(change.type) for change in report.changes)
    room = None if longest is None else longest - sum(map(len, above)) - _AROUND
    lines: list[str] = []
    shown = 0
    for change in report.changes:
        more = list(_lines(change, width))
        if room is not None and shown and sum(len(line) + 1 for line in (*lines, *more)) > room:
            break
        lines += more
        shown += 1
    if (left := _total(report) - shown) > 0:
        lines.append(f"  and {left} more")
    return "\n\n".join([*above, "\n".join([f"{_FENCE}diff", *lines, _FENCE])])


def diff_lines(markdown: str) -> list[str]:
    """The lines of the diff in what ``diff`` gave; none if nothing changes."""
    _, opened, rest = markdown.partition(f"{_FENCE}diff\n")
    return rest.removesuffix(f"\n{_FENCE}").split("\n") if opened else []


def _total(report: Report) -> int:
    """How many changes there are; the counts leave services out, and a plan's its edges."""
    counted = report.created + report.updated + report.restored + report.stale + report.removed
    edges = report.planned.get(EDGE, {})
    counted += sum(edges.get(action.value, 0) for action in (Action.CREATE, Action.UPDATE, Action.DROP))
    return counted + sum(change.type in _AT_THE_TOP for change in report.changes)


def _lines(change: Change, width: int) -> Iterator[str]:
    # A name may hold line ends, and a line of its own would be one of the diff.
    yield f"{_SIGNS[change.action]} {change.type:<{width}}  {' '.join(change.fqn.split())}"
    if change.why and change.why != _OF_NO_INTEREST:
        for line in textwrap.wrap(change.why, _WIDTH, break_long_words=False, break_on_hyphens=False):
            yield " " * _BELOW_THE_SIGN + line


def _table(planned: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """How much of each type, with the columns that are not empty throughout."""
    sums = {
        kind: {name: sum(counts.get(action.value, 0) for action in actions) for name, actions in _COLUMNS.items()}
        for kind, counts in planned.items()
    }
    rows = {kind: row for kind, row in sums.items() if any(row.values())}
    names = [name for name in _COLUMNS if any(row[name] for row in rows.values())]
    if names:
        head = [f"| type | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
        body = [f"| {kind} | {' | '.join(str(row[name]) for name in names)} |" for kind, row in rows.items()]
        yield "\n".join([*head, *body])
