"""Looker as a source: explores and views as data models, dashboards and looks, and their tiles as charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from ingest_assets.catalog import (
    DashboardService,
    EntityType,
    Failed,
    Filtered,
    Finding,
    Note,
    Parked,
    Reference,
    Scope,
    Service,
    Unlisted,
)
from ingest_assets.errors import (
    AuthenticationError,
    DependencyError,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
)
from ingest_assets.sources.looker.api import LookerApi
from ingest_assets.sources.looker.boards import LOOK, Board, Boards, Listed
from ingest_assets.sources.looker.explores import Explore, Explores
from ingest_assets.sources.looker.explores import Listed as ListedExplore
from ingest_assets.sources.looker.lookml_findings import LookmlContext, lookml_findings
from ingest_assets.sources.looker.lookml_reader import LookmlReader, ReadProject
from ingest_assets.sources.looker.mapping import (
    Besides,
    chart_name,
    lineage_of,
    tags_in,
    title_of,
    to_chart,
    to_dashboard,
    to_data_model,
)
from ingest_assets.sources.looker.names import explore_model_name
from ingest_assets.sources.looker.presence import Presence, left_out_of
from ingest_assets.sources.looker.surroundings import Surroundings
from ingest_assets.sources.looker.tags import words_of
from ingest_assets.sources.looker.tiles import Tile
from ingest_assets.sources.one_by_one import read_each
from ingest_assets.sources.preparing import Prepared

_UNANSWERED = 3
"""Explores in a row of which nothing can be learnt, after all retries, before the listing is given up."""

_SHOWN = 5

LOOKML = "lookml"
"""The part of the data models that LookML alone tells of."""


def _keep_all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class LookerSettings:
    """What a recipe says about Looker.

    Attributes:
        service: Name of the dashboard service.
        base_url: Address of the instance, which links lead to.
        dashboard_filter: Tells by title which dashboards and looks are kept.
        chart_filter: Tells by title which tiles are kept.
        data_model_filter: Tells by the names of their data models which explores and views are kept.
        project_filter: Tells by the folders that something lies in whether it is kept, where they may not be seen by
            None; None: all is kept.
        include_owners: Whether owners are asked for.
        include_tags: Whether LookML's tags become tags.
        include_data_models: Whether explores and views are read.
        include_drafts: Whether hidden dashboards are read, and those in people's own folders.
        include_looks: Whether looks are read.
        include_usage: Whether it is told how often dashboards and looks were looked at.
        places: Where the tables of a connection lie, by its name: FQN of a service, or of a database in one.
        user_attributes: What Liquid in LookML may ask for, by name.
        threads: Things asked about at once.
    """

    service: str
    base_url: str
    dashboard_filter: Callable[[str], bool] = _keep_all
    chart_filter: Callable[[str], bool] = _keep_all
    data_model_filter: Callable[[str], bool] = _keep_all
    project_filter: Callable[[Sequence[str] | None], bool] | None = None
    include_owners: bool = False
    include_tags: bool = True
    include_data_models: bool = True
    include_drafts: bool = True
    include_looks: bool = False
    include_usage: bool = True
    places: Mapping[str, str] = field(default_factory=dict)
    user_attributes: Mapping[str, str] = field(default_factory=dict)
    threads: int = 8


class LookerSource:
    """Reads one Looker instance and its LookML; any number of threads may read a scope each.

    Args:
        settings: From the recipe.
        api: Of the instance.
        lookml: Reads the LookML; None: the recipe names no repository.
    """

    def __init__(self, settings: LookerSettings, api: LookerApi, lookml: LookmlReader | None) -> None:
        self._settings = settings
        self._api = api
        self._lookml = lookml
        self._boards = Boards(api, include_looks=settings.include_looks)
        self._explores = Explores(api)
        self._around = Surroundings(api)
        self._missed: dict[str, str] = {}

    def services(self) -> Sequence[Service]:
        """The dashboard service; no remote call."""
        connection = {"type": "Looker", "hostPort": self._settings.base_url}
        service = DashboardService(
            path=(self._settings.service,),
            service_type="Looker",
            connection=connection,
            source_url=self._settings.base_url,
        )
        return [service]

    def roots(self) -> Sequence[Scope]:
        """The listings of explores, of LookML's views, of charts and of dashboards; no remote call."""
        self._forget_failures()
        path = (self._settings.service,)
        models = []
        if self._settings.include_data_models:
            models = [Scope(EntityType.DATA_MODEL, path)]
            models += [Scope(EntityType.DATA_MODEL, path, LOOKML)] if self._lookml is not None else []
        return [*models, Scope(EntityType.CHART, path), Scope(EntityType.DASHBOARD, path)]

    def identity(self) -> str | None:
        """The instance."""
        return f"Looker at {self._api.host}"

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read one scope.

        Raises:
            RemoteError: The scope could not be read whole.
            DeadlineExceededError: The run's time is over.
        """
        if scope.part == LOOKML:
            yield from self._read_lookml(scope)
        elif scope.of is EntityType.DATA_MODEL:
            yield from self._read_explores(scope)
        elif scope.of is EntityType.DASHBOARD:
            yield from self._read_boards(scope)
        else:
            yield from self._read_charts(scope)

    def prepare(self) -> Prepared | None:
        """Read the LookML.

        Raises:
            RemoteError: It could not be read.
        """
        if self._lookml is None or not self._settings.include_data_models:
            return None
        self._forget_failures()
        read = self.lookml()
        told = [f"{each.name} is at commit {each.commit}." for each in read]
        return Prepared(self._lookml.version(), sum(each.files for each in read), self._lookml.parsed, tuple(told))

    def _forget_failures(self) -> None:
        """Each attempt of a run begins so: what failed in the one before is asked for again."""
        for memory in (self._boards, self._explores, self._around):
            memory.forget_failures()
        if self._lookml is not None:
            self._lookml.forget_failures()

    def lookml(self) -> tuple[ReadProject, ...]:
        """The projects of the recipe's repositories; none where it names none.

        Raises:
            RemoteError: They could not be read.
        """
        if self._lookml is None:
            return ()
        try:
            return self._lookml.projects()
        except AuthenticationError as error:
            # It is the repository's token that is refused. As Looker's own key it would end the whole run.
            raise PermissionDeniedError(
                error.what, where=error.where, advice=error.advice, status=error.status
            ) from error
        except DependencyError as error:
            # Without the git program LookML can't be read, and all else can.
            raise RejectedError(str(error), where="git") from error

    def exists(self, reference: Reference) -> bool:
        """Whether Looker has it, asked for by its name.

        Raises:
            RemoteError: It can't be told: Looker answers alike for what is gone and what the API user may not see.
        """
        return Presence(self._settings.service, self._boards, self._explores, self.lookml).of(reference)

    def _read_explores(self, scope: Scope) -> Iterator[Finding]:
        listed = {
            Reference(EntityType.DATA_MODEL, (*scope.path, explore_model_name(each.model, each.name))): each
            for each in self._explores.listed()
        }
        yield from read_each(listed, lambda each: self._explore(each, listed[each]), self._settings.threads)
        if self._lookml is None:
            yield Note(
                text="Views and their lineage to tables are not shown: the recipe names no repository of LookML "
                "(githubCredentials or gitCredentials). What is known of them stays."
            )

    def _explore(self, reference: Reference, listed: ListedExplore) -> Iterator[Finding]:
        if listed.is_own:
            yield Filtered(reference=reference, reason="it is of a model by which Looker watches itself")
            return
        if not self._settings.data_model_filter(reference.name):
            yield Filtered(reference=reference, reason="dataModelFilterPattern")
            return
        try:
            explore = self._explores.explore(listed.model, listed.name)
        except NotFoundError:
            # Looker lists those that are there to be extended only, and shows them to nobody.
            yield Filtered(reference=reference, reason="Looker lists it, and does not show it to the API user")
            return
        if self._settings.include_tags:
            yield from words_of(tags_in(explore))
        page = f"{self._settings.base_url}/explore/{quote(listed.model, safe='')}/{quote(listed.name, safe='')}"
        yield to_data_model(self._settings.service, explore, page, with_tags=self._settings.include_tags)

    def _read_lookml(self, scope: Scope) -> Iterator[Finding]:
        connections = self._around.connections()
        explores = {
            (each.model, each.name): frozenset(field.name for field in each.fields) for each in self._all_explores()
        }
        for read in self.lookml():
            yield from left_out_of(read, self._settings.service)
            context = LookmlContext(
                service=self._settings.service,
                connections=connections,
                places=self._settings.places,
                user_attributes=self._settings.user_attributes,
                keeps=self._settings.data_model_filter,
                include_tags=self._settings.include_tags,
                page=read.pages,
                explores=explores,
            )
            yield from lookml_findings(read.project, context)
        yield from (Note(text=text) for text in self._around.notes("all_connections") if text)

    def _all_explores(self) -> Iterator[Explore]:
        """All explores that are kept and can be read: those that another scope has read are not asked for again."""
        unanswered = 0
        for listed in self._explores.listed():
            name = explore_model_name(listed.model, listed.name)
            if listed.is_own or not self._settings.data_model_filter(name):
                continue
            try:
                explore = self._explores.explore(listed.model, listed.name)
            except RemoteError as error:
                # It is told where explores are read; a Looker that answers nothing is not asked about all of them.
                unanswered = unanswered + 1 if error.retryable else 0
                if unanswered > _UNANSWERED:
                    raise
                continue
            unanswered = 0
            yield explore

    def _read_boards(self, scope: Scope) -> Iterator[Finding]:
        listed = {Reference(EntityType.DASHBOARD, (*scope.path, each.name)): each for each in self._boards.listed()}
        yield from read_each(listed, lambda each: self._board(each, listed[each]), self._settings.threads)
        if not self._settings.include_looks:
            yield Unlisted(prefix=LOOK)
        missed = (f"{what} could not be read, and stay as they were. {why}" for what, why in self._missed.items())
        notes = (*self._around.notes("all_folders", "all_users"), *missed)
        yield from (Note(text=text) for text in notes if text)

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

    def _read_charts(self, scope: Scope) -> Iterator[Finding]:
        """The charts of all dashboards; of those that are left out, or could not be read, none is taken for gone."""
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
        if not self._settings.include_drafts and (listed.is_hidden or self._around.is_personal(listed.folder)):
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
