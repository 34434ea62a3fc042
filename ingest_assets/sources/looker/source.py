"""Looker as a source: explores and views as data models, dashboards and looks, and their tiles as charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from ingest_assets.catalog import (
    DashboardService,
    EntityType,
    Filtered,
    Finding,
    Note,
    Reference,
    Scope,
    Service,
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
from ingest_assets.sources.looker.board_reader import BoardReader
from ingest_assets.sources.looker.boards import Boards
from ingest_assets.sources.looker.explores import Explore, Explores
from ingest_assets.sources.looker.explores import Listed as ListedExplore
from ingest_assets.sources.looker.lookml_findings import LookmlContext, lookml_findings
from ingest_assets.sources.looker.lookml_reader import LookmlReader, ReadProject
from ingest_assets.sources.looker.mapping import (
    tags_in,
    to_data_model,
)
from ingest_assets.sources.looker.names import explore_model_name
from ingest_assets.sources.looker.presence import Presence, left_out_of
from ingest_assets.sources.looker.settings import LookerSettings
from ingest_assets.sources.looker.surroundings import Surroundings
from ingest_assets.sources.looker.tags import words_of
from ingest_assets.sources.one_by_one import read_each
from ingest_assets.sources.preparing import Prepared
from ingest_assets.wording import first_of

_UNSHOWN = "Looker lists it, and does not show it to the API user"
_UNANSWERED = 3
"""Explores in a row of which nothing can be learnt, after all retries, before the listing is given up."""

LOOKML = "lookml"
"""The part of the data models that LookML alone tells of."""


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
        self._presence = Presence(settings.service, self._boards, self._explores, self._around, self.lookml)
        self._board_reader = BoardReader(settings, self._boards, self._around)

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
            yield from self._board_reader.dashboards(scope)
        else:
            yield from self._board_reader.charts(scope)

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
        return self._presence.of(reference)

    def _read_explores(self, scope: Scope) -> Iterator[Finding]:
        listed = {
            Reference(EntityType.DATA_MODEL, (*scope.path, explore_model_name(each.model, each.name))): each
            for each in self._explores.listed()
        }
        unshown: list[str] = []
        for found in read_each(listed, lambda each: self._explore(each, listed[each]), self._settings.threads):
            yield found
            if isinstance(found, Filtered) and found.reason == _UNSHOWN:
                unshown.append(found.reference.name)
        if unshown:
            yield Note(text=f"{len(unshown)} explores are listed by Looker and not shown: {first_of(unshown)}.")
        yield self._explores.health()
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
            yield Filtered(reference=reference, reason=_UNSHOWN)
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
