"""QuickSight as a source: data sets as data models, dashboards and analyses, and their visuals as charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ingest_assets.catalog import (
    DashboardService,
    EntityType,
    Filtered,
    Finding,
    Note,
    Parked,
    Reference,
    Scope,
    Service,
    Unlisted,
)
from ingest_assets.errors import NotFoundError, PermissionDeniedError, RejectedError, RemoteError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.one_by_one import read_each
from ingest_assets.sources.quicksight.account import Account
from ingest_assets.sources.quicksight.besides import BesidesReader
from ingest_assets.sources.quicksight.boards import ANALYSIS, SHEET, Board, Boards, Listed
from ingest_assets.sources.quicksight.console import QuickSightConsole
from ingest_assets.sources.quicksight.data_sets import DataSets
from ingest_assets.sources.quicksight.mapping import (
    chart_name,
    lineage_of,
    references_of,
    split_chart_name,
    title_of,
    to_chart,
    to_dashboard,
    unlisted_charts,
    unlisted_visuals,
)
from ingest_assets.sources.quicksight.visuals import Visual


def _keep_all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class QuickSightSettings:
    """What a recipe says about QuickSight.

    Attributes:
        service: Name of the dashboard service.
        account_id: Whose QuickSight; twelve digits.
        dashboard_filter: Tells by title which dashboards and analyses are kept.
        chart_filter: Tells by title which visuals are kept.
        data_model_filter: Tells by name which data sets are kept.
        project_filter: Tells by the folders that something lies in whether it is kept, where they may not be
            seen by None; None: all is kept.
        namespace: The only one whose users and groups may be owners; None: any.
        include_owners: Whether owners are asked for.
        include_tags: Whether tags are asked for.
        include_data_models: Whether data sets are read.
        include_drafts: Whether dashboards are read of which readers have no version.
        include_analyses: Whether analyses are read.
        include_refreshes: Whether the last refresh of data sets in SPICE is asked for.
        data_sources: Where the tables of a data source are, by its id: FQN of a service, or of a database in one.
        threads: Things asked about at once.
    """

    service: str
    account_id: str
    dashboard_filter: Callable[[str], bool] = _keep_all
    chart_filter: Callable[[str], bool] = _keep_all
    data_model_filter: Callable[[str], bool] = _keep_all
    project_filter: Callable[[Sequence[str] | None], bool] | None = None
    namespace: str | None = None
    include_owners: bool = False
    include_tags: bool = True
    include_data_models: bool = True
    include_drafts: bool = True
    include_analyses: bool = False
    include_refreshes: bool = True
    data_sources: Mapping[str, str] = field(default_factory=dict)
    threads: int = 8


class QuickSightSource:
    """Reads QuickSight of one account and region; any number of threads may read a scope each.

    Args:
        settings: From the recipe.
        session: The run's AWS session.
    """

    def __init__(self, settings: QuickSightSettings, session: AwsSession) -> None:
        self._settings = settings
        self._session = session
        self._account = Account(session, settings.account_id, settings.threads)
        self._boards = Boards(self._account, include_analyses=settings.include_analyses)
        self._besides = BesidesReader(self._account, settings)

    def services(self) -> Sequence[Service]:
        """The dashboard service; no remote call."""
        told = {"awsConfig": {"awsRegion": self._session.region}, "awsAccountId": self._settings.account_id}
        service = DashboardService(
            path=(self._settings.service,),
            service_type="QuickSight",
            connection={"type": "QuickSight", **told},
            source_url=self._console.start(),
        )
        return [service]

    def roots(self) -> Sequence[Scope]:
        """The listings of data sets, of charts and of dashboards; no remote call."""
        # Each attempt of a crawl begins here, and what failed in the one before is asked for again.
        for memory in (self._boards, self._besides, self._data_sets):
            memory.forget_failures()
        path = (self._settings.service,)
        models = [Scope(EntityType.DATA_MODEL, path)] if self._settings.include_data_models else []
        return [*models, Scope(EntityType.CHART, path), Scope(EntityType.DASHBOARD, path)]

    def identity(self) -> str | None:
        """Account and region, which the recipe tells."""
        return f"AWS account {self._settings.account_id} in {self._session.region}"

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read one scope.

        Raises:
            RemoteError: The scope could not be read whole.
            DeadlineExceededError: The run's time is over.
        """
        if scope.of is EntityType.DATA_MODEL:
            yield from self._data_sets.read(scope)
        elif scope.of is EntityType.DASHBOARD:
            yield from self._read_boards(scope)
        else:
            yield from self._read_charts(scope)

    def exists(self, reference: Reference) -> bool:
        """Whether QuickSight has it, asked for by its id.

        Raises:
            RemoteError: It can't be told.
        """
        if reference.type is EntityType.DATA_MODEL:
            return self._data_sets.exists(reference.name)
        if reference.type is EntityType.CHART:
            return self._has_chart(*split_chart_name(reference.name))
        return self._boards.is_there(reference.name)

    def _read_boards(self, scope: Scope) -> Iterator[Finding]:
        listed = {Reference(EntityType.DASHBOARD, (*scope.path, each.name)): each for each in self._boards.listed()}
        yield from read_each(listed, lambda each: self._board(each, listed[each]), self._settings.threads)
        if not self._boards.sees_analyses:
            yield Unlisted(prefix=ANALYSIS)
        notes = (*self._boards.notes(), *self._besides.notes(EntityType.DASHBOARD))
        yield from (Note(text=text) for text in notes if text)

    def _board(self, reference: Reference, listed: Listed) -> Iterator[Finding]:
        if reason := self._left_out(listed):
            yield Filtered(reference=reference, reason=reason)
            return
        board = self._boards.board(listed.name)
        besides = self._besides.of_board(board, listed.arn)
        yield from besides.words
        kept = [visual for visual in board.visuals if self._keeps(visual)]
        models = references_of(self._settings.service, board.data_set_arns, self._account.id, self._session.region)
        unknown = besides.told.unknown if self._settings.include_data_models else {*besides.told.unknown, "data_models"}
        yield to_dashboard(
            self._settings.service,
            board,
            [chart_name(listed.name, visual.id) for visual in kept],
            [model.name for model in models.values()],
            self._page(board),
            besides.told._replace(unknown=frozenset(unknown)),
        )
        if self._settings.include_data_models:
            yield from lineage_of(reference, board, models, kept)
        elif models:
            yield Parked(target=reference, reason="data models are not read (includeDataModels)")

    def _read_charts(self, scope: Scope) -> Iterator[Finding]:
        """The charts of all dashboards; of those that are left out, or could not be read, none is taken for gone."""
        listed = {Reference(EntityType.DASHBOARD, (*scope.path, each.name)): each for each in self._boards.listed()}
        yield from read_each(listed, lambda each: self._charts(listed[each]), self._settings.threads, _unread)
        if not self._boards.sees_analyses:
            yield from unlisted_charts(ANALYSIS)

    def _charts(self, listed: Listed) -> Iterator[Finding]:
        if self._left_out(listed):
            yield from unlisted_charts(listed.name)
            return
        board = self._boards.board(listed.name)
        if not board.is_defined or board.lacks_visuals:
            yield unlisted_visuals(listed.name)
        for visual in board.visuals:
            chart = to_chart(self._settings.service, board, visual, self._page(board))
            if self._keeps(visual):
                yield chart
            else:
                yield Filtered(reference=chart.reference, reason="chartFilterPattern")

    def _left_out(self, listed: Listed) -> str | None:
        """Why a dashboard is left out, before anything is asked about it; None if it isn't."""
        if not self._settings.dashboard_filter(listed.title or listed.id):
            return "dashboardFilterPattern"
        if not listed.is_published and not self._settings.include_drafts:
            return "includeDraftDashboard"
        keeps = self._settings.project_filter
        if keeps is not None and not keeps(self._besides.folders_of(listed.name)):
            return "projectFilterPattern"
        return None

    def _keeps(self, visual: Visual) -> bool:
        return self._settings.chart_filter(title_of(visual))

    def _has_chart(self, board_name: str, visual_id: str) -> bool:
        if not board_name:
            raise RejectedError("Nothing of QuickSight is asked for by that name.", where=f"quicksight: {visual_id}")
        try:
            board = self._boards.board(board_name)
        except NotFoundError:
            return False
        if any(visual.id == visual_id for visual in board.visuals):
            return True
        if (not board.is_defined or board.lacks_visuals) and not visual_id.startswith(SHEET):
            raise PermissionDeniedError("Not all of its visuals can be read.", where=f"quicksight: {board_name}")
        return False

    def _page(self, board: Board) -> str | None:
        page = self._console.analysis if board.is_analysis else self._console.dashboard
        return page(board.id)

    @cached_property
    def _data_sets(self) -> DataSets:
        return DataSets(self._account, self._settings, self._besides, self._console)

    @cached_property
    def _console(self) -> QuickSightConsole:
        return QuickSightConsole(self._session.partition, self._session.region)


def _unread(reference: Reference, _: RemoteError) -> Sequence[Finding]:
    return unlisted_charts(reference.name)
