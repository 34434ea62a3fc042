"""What a fault has cost: held against the same run without it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest_assets_tests.faults.cells import Cell
from ingest_assets_tests.faults.portrait import Key, Portrait, Shown
from ingest_assets_tests.faults.scene import Ran

_NOTHING = Shown(False, "")


class Played(NamedTuple):
    """What a server held in the course of a scene.

    Attributes:
        before: Before the run with the fault.
        faulty: That run.
        after: After it.
        mended: The run after it, without fault.
        end: After that.
        struck: Whether the fault has struck.
        root: FQN of what holds all that cells name; empty where they name FQNs.
    """

    before: Portrait
    faulty: Ran
    after: Portrait
    mended: Ran
    end: Portrait
    struck: bool
    root: str


@dataclass
class Verdict:
    """What must be empty.

    Attributes:
        wrong_deletes: What the source has and the server lost.
        lost: What did not arrive though the fault did not touch it, or never.
        unreported: What did not arrive and nothing says so.
    """

    wrong_deletes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unreported: list[str] = field(default_factory=list)


def judge(cell: Cell, played: Played, goal: Played) -> Verdict:
    """Hold a scene with a fault against the same one without."""
    verdict = Verdict()
    if not played.struck:
        verdict.unreported.append("the fault was never met: the call site is not reached")
    verdict.unreported += [ran.wrong for ran in (played.faulty, played.mended) if ran.wrong]
    if played.mended.error:
        verdict.lost.append(f"the next run failed: {played.mended.error}")
    _judge_the_faulty_run(verdict, cell, played, goal)
    for key in _behind(played.end, goal.end):
        deleted = _is_deleted(key, played.before, played.end, goal.end)
        (verdict.wrong_deletes if deleted else verdict.lost).append(f"{key} at the end")
    return verdict


def _judge_the_faulty_run(verdict: Verdict, cell: Cell, played: Played, goal: Played) -> None:
    gone = _gone(cell, played.root)
    for key in _behind(played.after, goal.after):
        told = _is_told(key, played, goal) or _is_told_by_words(key, cell, played, goal)
        if not told and not _is_named_by_what_it_lacks(key, played, goal):
            verdict.unreported.append(str(key))
        if _is_below(key, gone):
            continue
        if _is_deleted(key, played.before, played.after, goal.after):
            verdict.wrong_deletes.append(str(key))
        elif not _may_be_behind(key, cell.costs, played.root):
            verdict.lost.append(str(key))


def _gone(cell: Cell, root: str) -> tuple[str, ...]:
    """FQNs that the fault itself deletes on the server."""
    if cell.kind != "vanish" or cell.site.service != "openmetadata":
        return ()
    return (_full(cell.match, root),)


def _full(name: str, root: str) -> str:
    """FQN of what a cell names; a service is named as a whole."""
    return name if not root or name == root.partition(".")[0] else f"{root}.{name}"


def _behind(shown: Portrait, goal: Portrait) -> Iterator[Key]:
    for key in sorted({*shown, *goal}):
        one, other = shown.get(key, _NOTHING), goal.get(key, _NOTHING)
        if one.live != other.live or (one.live and one.text != other.text):
            yield key


def _is_deleted(key: Key, before: Portrait, shown: Portrait, goal: Portrait) -> bool:
    was, wanted = before.get(key, _NOTHING).live, goal.get(key, _NOTHING).live
    return was and wanted and not shown.get(key, _NOTHING).live


def _is_below(key: Key, above: tuple[str, ...]) -> bool:
    return any(end == fqn or end.startswith(f"{fqn}.") for end in key.ends() for fqn in above)


def _may_be_behind(key: Key, costs: tuple[str, ...], root: str) -> bool:
    for cost in costs:
        if cost == "*":
            return True
        if cost.startswith("->"):
            if key.source and key.fqn == _full(cost[2:], root):
                return True
        elif cost.endswith(".*"):
            if _is_below(key, (_full(cost[:-2], root),)):
                return True
        elif _full(cost, root) in key.ends():
            return True
    return False


def _is_told(key: Key, played: Played, goal: Played) -> bool:
    """Whether the run's error, or a problem or note that the clean run has not, names it or what it is part of."""
    if played.faulty.error is not None:
        return bool(str(played.faulty.error))
    told = set(_told(played.faulty)) - set(_told(goal.faulty))
    least = played.root.count(".") + 1 if played.root else 1
    for end in key.ends():
        parts = end.split(".")
        names = {".".join(parts[:depth]) for depth in range(least, len(parts) + 1)}
        named = re.compile(rf"(?<![\w.]){re.escape(end)}(?!\w)")
        if any(fqn in names or named.search(text) for fqn, text in told):
            return True
    return False


def _is_told_by_words(key: Key, cell: Cell, played: Played, goal: Played) -> bool:
    """Whether a note tells of a permission that is missing, which is said once and not of each thing."""
    words = cell.told_as
    if not words or not _may_be_behind(key, cell.costs, played.root):
        return False
    return any(words in text for _, text in set(_told(played.faulty)) - set(_told(goal.faulty)))


def _is_named_by_what_it_lacks(key: Key, played: Played, goal: Played) -> bool:
    """Whether nothing but owners and labels is missing, and each is named: a note is about these, not who has them."""
    steps, shown, wanted = played.faulty.steps, played.after.get(key, _NOTHING), goal.after.get(key, _NOTHING)
    if steps is None or not (shown.live and wanted.live) or key.source:
        return False
    had, wants = json.loads(shown.text), json.loads(wanted.text)
    missing = set(wants.pop("owners", [])) - set(had.pop("owners", []))
    labels, wanted_labels = had.pop("tags", []), wants.pop("tags", [])
    missing |= {label["tagFQN"] for label in wanted_labels if label not in labels}
    if any(label not in wanted_labels for label in labels):
        return False
    notes = [note for report in steps for note in report.notes]
    return had == wants and all(any(each.strip('"') in note for note in notes) for each in missing)


def _told(ran: Ran) -> Iterator[tuple[str, str]]:
    """FQNs of what failed or is shown as stale, and all words about it."""
    for report in ran.steps or ():
        for problem in report.problems:
            yield problem.fqn.replace(" / ", "."), f"{problem.fqn} {problem.reason}"
        for note in report.notes:
            yield "", note.replace(" / ", ".")
        for change in report.changes:
            if change.action == "stale":
                yield change.fqn, change.why
