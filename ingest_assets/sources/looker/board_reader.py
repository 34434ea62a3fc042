"""What the catalog holds of dashboards and looks, and of their tiles as charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from ingest_assets.catalog import EntityType, Failed, Filtered, Finding, Note, Parked, Reference, Scope, Unlisted
from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.sources.looker.boards import LOOK, Board, Boards, Listed
from ingest_assets.sources.looker.mapping import Besides, chart_name, lineage_of, title_of, to_chart, to_dashboard
from ingest_assets.sources.looker.settings import LookerSettings
from ingest_assets.sources.looker.surroundings import Surroundings
from ingest_assets.sources.looker.tiles import Tile
from ingest_assets.sources.one_by_one import read_each

_SHOWN = 5


class BoardReader:
    """Reads dashboards and looks. Safe to share among threads.

    Args:
        settings: From the recipe.
        boards: Asks Looker for them.
        around: Knows folders and users.
    """

    def __init__(self, settings: LookerSettings, boards: Boards, around: Surroundings) -> None:
        self._settings = settings
        self._boards = boards
        self._around = around
        self._missed: dict[str, str] = {}

    def dashboards(self, scope: Scope) -> Iterator[Finding]:
        """Dashboards and looks, with what their charts show.

        Raises:
            RemoteError: They could not be listed, or Looker answers nothing about several in a row.
        """
        listed = {Reference(EntityType.DASHBOARD, (*scope.path, each.name)): each for each in self._boards.listed()}
        yield from read_each(listed, lambda each: self._board(each, listed[each]), self._settings.threads)
        if not self._settings.include_looks:
            yield Unlisted(prefix=LOOK)
        yield from (Note(text=text) for text in self._notes() if text)

    def _notes(self) -> Iterator[str | None]:
        yield from self._around.notes("all_folders", "all_users")
        if not self._settings.include_drafts and not self._around.sees_folders():
            yield "Dashboards in people's own folders are shown (includeDraftDashboard): which these are can't be told."
        for what, why in self._missed.items():
            yield f"{what} could not be read, and stay as they were. {why}"

    def _board(self, reference: Reference, listed: Listed) -> Iterator[Finding]:
        if reason := self._left_out(listed):
            yield Filtered(reference=reference, reason=reason)
            return
        board = self._described(reference)
        if board is None:
            yield Failed(reference=reference, step="read", reason="Looker lists it, and does not show it")
            return
        kept = [tile for tile in board.tiles if self._keeps(tile)]
        charts = [chart_name(board.name, tile.id) for tile in kept]
        dashboard = to_dashboard(self._settings.service, board, charts, self._page(board), self._besides(board))
        if not self._settings.include_data_models or any(tile.is_unshown for tile in board.tiles):
            dashboard = dashboard.model_copy(update={"unknown": dashboard.unknown | {"data_models"}})
        yield dashboard
        if self._settings.include_data_models:
            yield from lineage_of(self._settings.service, board, kept)
            if unshown := [title_of(tile) for tile in board.tiles if tile.is_unshown]:
                told = f"what {', '.join(unshown[:_SHOWN])} shows is not shown to the API user"
                yield Parked(target=reference, reason=told)
        elif dashboard.data_models:
            yield Parked(target=reference, reason="data models are not read (includeDataModels)")

    def charts(self, scope: Scope) -> Iterator[Finding]:
        """The charts of all dashboards; of those that are left out, or could not be read, none is taken for gone.

        Raises:
            RemoteError: They could not be listed, or Looker answers nothing about several in a row.
        """
        listed = {Reference(EntityType.DASHBOARD, (*scope.path, each.name)): each for each in self._boards.listed()}
        yield from read_each(listed, lambda each: self._charts(each, listed[each]), self._settings.threads, _unlisted)
        if not self._settings.include_looks:
            yield Unlisted(prefix=LOOK)

    def _charts(self, reference: Reference, listed: Listed) -> Iterator[Finding]:
        board = None if self._left_out(listed) else self._described(reference)
        if board is None:
            yield Unlisted(prefix=chart_name(listed.name, ""))
            return
        for tile in board.tiles:
            chart = to_chart(self._settings.service, board, tile, self._page(board))
            if self._keeps(tile):
                yield chart
            else:
                yield Filtered(reference=chart.reference, reason="chartFilterPattern")

    def _described(self, reference: Reference) -> Board | None:
        """A listed dashboard; None where Looker does not show it: for that it answers as for what is gone."""
        try:
            return self._boards.board(reference.name)
        except NotFoundError:
            return None

    def _left_out(self, listed: Listed) -> str | None:
        """Why a dashboard is left out, before anything is asked about it; None if it isn't."""
        if not self._settings.dashboard_filter(listed.title or listed.name):
            return "dashboardFilterPattern"
        if not self._settings.include_drafts and (listed.is_hidden or self._around.is_personal(listed.folder.id)):
            return "includeDraftDashboard"
        keeps = self._settings.project_filter
        if keeps is not None:
            folder = self._around.folder(listed.folder)
            if not keeps(None if folder is None else (folder,) if folder else ()):
                return "projectFilterPattern"
        return None

    def _keeps(self, tile: Tile) -> bool:
        return self._settings.chart_filter(title_of(tile))

    def _besides(self, board: Board) -> Besides:
        """Owner and folder; what may not be seen, or can't be read this time, stays as it is."""
        unknown: set[str] = set()
        owners = None
        if self._settings.include_owners:
            mail = self._try("Owners", lambda: self._around.mail(board.user))
            owners = None if mail is None else (mail,) if mail else ()
            unknown |= {"owners"} if mail is None else set()
        folder = self._try("Folders", lambda: self._around.folder(board.folder))
        unknown |= {"project"} if folder is None else set()
        views = board.views if self._settings.include_usage else None
        return Besides(owners, folder or None, views, frozenset(unknown))

    def _try(self, what: str, read: Callable[[], str | None]) -> str | None:
        try:
            return read()
        except AuthenticationError:
            raise
        except RemoteError as error:
            # The same for all dashboards.
            self._missed[what] = str(error)
            return None

    def _page(self, board: Board) -> str:
        kind, board_id = ("looks", board.name.removeprefix(LOOK)) if board.is_look else ("dashboards", board.name)
        return f"{self._settings.base_url}/{kind}/{quote(board_id, safe=':')}"


def _unlisted(reference: Reference, _: RemoteError) -> Sequence[Finding]:
    return [Unlisted(prefix=chart_name(reference.name, ""))]
