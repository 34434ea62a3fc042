"""Progress on a terminal: one bar a stage."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class BarProgress:
    """Bars that grow as work comes to light; a context manager. Shows nothing where the output is no terminal.

    Args:
        console: Where the bars go.
    """

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description:>16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._stages: dict[str, TaskID] = {}

    def __enter__(self) -> BarProgress:
        """Show the bars."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take them away."""
        self._bars.stop()

    def found(self, stage: str, count: int = 1) -> None:
        """Lengthen a stage's bar."""
        task = self._stages.get(stage)
        if task is None:
            self._stages[stage] = self._bars.add_task(stage, total=count)
        else:
            known = next(bar.total for bar in self._bars.tasks if bar.id == task)
            self._bars.update(task, total=(known or 0) + count)

    def done(self, stage: str, count: int = 1) -> None:
        """Move a stage's bar."""
        self._bars.advance(self._stages[stage], count)
