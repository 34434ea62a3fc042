"""Charts on dashboards: one relation, which is told from both ends.

A dashboard's ``charts`` and a chart's ``dashboards`` are the same rows. From 1.5 on a chart may name its dashboards,
and a PUT that does not name them takes the chart off all of them, which is a change of the chart and none of the
dashboards [read in the source].
"""

from __future__ import annotations

from dataclasses import replace

from ingest_assets.sandbox.openmetadata.store import Entity, Pointer, State, Store
from ingest_assets.sandbox.openmetadata.versions import Line

_BOARDS, _CHARTS = "dashboards", "charts"


class ChartBoards:
    """Which charts stand on which dashboards; the rows are kept in the states of the dashboards."""

    def __init__(self, line: Line, store: Store) -> None:
        self._line = line
        self._store = store

    def boards(self, chart: Entity) -> tuple[Pointer, ...]:
        """The live dashboards that a chart stands on, by name."""
        return tuple(Pointer(board.type, board.id) for board in self._holding(chart) if not board.state.deleted)

    def complete(self, entity: Entity, state: State) -> State:
        """A state to which a request is compared: that of a chart with its dashboards."""
        if not self._applies(entity):
            return state
        return replace(state, pointers={**state.pointers, _BOARDS: self.boards(entity)})

    def store(self, entity: Entity) -> None:
        """Put a chart that was just written onto the dashboards that it names, and onto no others."""
        if not self._applies(entity):
            return
        wanted = entity.state.pointers.get(_BOARDS, ())
        own = Pointer(entity.type, entity.id)
        for board in self._holding(entity):
            if Pointer(board.type, board.id) not in wanted:
                charts = board.state.pointers[_CHARTS]
                self._keep(board, tuple(chart for chart in charts if chart != own))
        for board in map(self._store.at, wanted):
            charts = board.state.pointers.get(_CHARTS, ())
            if own not in charts:
                self._keep(board, (*charts, own))

    def _applies(self, entity: Entity) -> bool:
        return entity.type == "chart" and self._line.has("charts name dashboards")

    def _holding(self, chart: Entity) -> list[Entity]:
        return self._store.referring(chart, "dashboard", _CHARTS)

    def _keep(self, board: Entity, charts: tuple[Pointer, ...]) -> None:
        state = replace(board.state, pointers={**board.state.pointers, _CHARTS: charts})
        self._store.replace(board, state, keep=False)
