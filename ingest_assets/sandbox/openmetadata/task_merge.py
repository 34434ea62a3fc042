"""Tasks of a pipeline against the stored ones."""

from __future__ import annotations

from typing import Any

from ingest_assets.sandbox.openmetadata.changes import Changes
from ingest_assets.sandbox.openmetadata.labels import Labels

Task = dict[str, Any]


def merge_tasks(
    changes: Changes, labels: Labels, stored: list[Task], asked: list[Task], *, is_put: bool, held_back: bool
) -> None:
    """Carry into ``asked`` what stays of ``stored``, and note what changed.

    Tasks are the same if their names are; what else a task has is not compared, but for its description and labels
    [read in the source, the same from 1.0 on].

    Args:
        changes: Where changes are noted.
        labels: For merging labels.
        stored: The stored tasks.
        asked: Those of the request, changed in place.
        is_put: Whether stored labels stay.
        held_back: Whether stored descriptions stay.
    """
    known = {task["name"]: task for task in stored}
    for task in asked:
        before = known.get(task["name"])
        if before is None:
            continue
        field = f"tasks.{task['name']}"
        if held_back and before.get("description"):
            task["description"] = before["description"]
        elif task.get("description") is not None or before.get("description") is not None:
            changes.record(f"{field}.description", before.get("description"), task.get("description"))
        old, new = before.get("tags", []), task.get("tags", [])
        if is_put and old:
            new = task["tags"] = labels.merged(new, old)
        changes.record_list(f"{field}.tags", _fqns(old), _fqns(new))
    changes.record_list("tasks", known, [task["name"] for task in asked])


def _fqns(labels: list[Any]) -> list[str]:
    return [label["tagFQN"] for label in labels]
