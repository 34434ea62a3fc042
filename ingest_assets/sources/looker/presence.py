"""Whether Looker has something, asked for by its name: it answers alike for what is gone and what may not be seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from ingest_assets.catalog import EntityType, Failed, Reference
from ingest_assets.errors import NotFoundError, RejectedError
from ingest_assets.sources.looker.boards import Boards
from ingest_assets.sources.looker.explores import Explores
from ingest_assets.sources.looker.lookml.models import Model
from ingest_assets.sources.looker.lookml_findings import problems_of
from ingest_assets.sources.looker.lookml_reader import ReadProject
from ingest_assets.sources.looker.mapping import split_chart_name
from ingest_assets.sources.looker.names import VIEW
from ingest_assets.sources.looker.surroundings import Surroundings


class Presence:
    """Asks for things one by one.

    Args:
        service: Name of the dashboard service.
        boards: Reads dashboards and looks.
        explores: Reads explores.
        around: Knows what the API user may see.
        lookml: The projects of the recipe's repositories; none where it names none.
    """

    def __init__(
        self,
        service: str,
        boards: Boards,
        explores: Explores,
        around: Surroundings,
        lookml: Callable[[], Sequence[ReadProject]],
    ) -> None:
        self._service = service
        self._boards = boards
        self._explores = explores
        self._around = around
        self._lookml = lookml

    def of(self, reference: Reference) -> bool:
        """Whether Looker has it.

        Raises:
            RemoteError: It can't be told.
        """
        if reference.type is EntityType.DATA_MODEL:
            return self._has_data_model(reference.name)
        if reference.type is EntityType.CHART:
            return self._has_chart(*split_chart_name(reference.name))
        return self._has_board(reference.name)

    def _has_data_model(self, name: str) -> bool:
        projects = self._lookml()
        declared = self._declared(projects)
        if not name.endswith(VIEW):
            return self._explores.is_there(name, declared)
        where = f"lookml: {name}"
        if not projects:
            raise RejectedError("The recipe names no repository of LookML, which alone tells of views.", where=where)
        if unread := self._unread(projects):
            raise RejectedError(f"Some of the LookML can't be read: {unread}.", where=where)
        return self._has_view(projects, name, declared)

    def _unread(self, projects: Sequence[ReadProject]) -> str | None:
        """Why some of the LookML was not read; None if all was."""
        told = (
            each
            for read in projects
            for each in (*left_out_of(read, self._service), *problems_of(read.project, self._service))
        )
        return next((each.reason for each in told if isinstance(each, Failed)), None)

    def _has_view(self, projects: Sequence[ReadProject], name: str, declared: Collection[str] | None) -> bool:
        """Whether LookML declares a view of a name in the catalog, which begins with a model or a project."""
        heads = [(above, models) for read in projects for above, models in _heads(read) if name.startswith(f"{above}_")]
        if not heads:
            raise RejectedError("No project of the recipe's repositories may have it.", where=f"lookml: {name}")
        for above, models in heads:
            inner = name.removeprefix(f"{above}_")
            if any(model.view(inner.removesuffix(VIEW)) is not None for model in models):
                return True
            if any(inner in model.explores for model in models):
                # An explore may be called so as well.
                return self._explores.is_there(name, declared)
        return False

    def _declared(self, projects: Sequence[ReadProject]) -> set[str] | None:
        """Models that LookML declares; None where there are others, of which the recipe's repositories don't tell."""
        declared = {model for read in projects for model in read.project.models}
        others = {each.model for each in self._explores.listed() if not each.is_own} - declared
        return None if others or not projects else declared

    def _has_board(self, name: str) -> bool:
        """Whether Looker has a dashboard or a look.

        Of one that is not even in the trash, only who may see everything knows that it is gone; of one of LookML, its
        repository does.
        """
        found = self._boards.is_there(name)
        if found is not None:
            return found
        if self._around.sees_all() or self._is_undeclared(name):
            return False
        raise RejectedError(
            "It is not in the trash, and may be hidden from the API user.",
            where=f"looker: {name}",
            advice="If it is gone for good, delete it in OpenMetadata.",
        )

    def _is_undeclared(self, name: str) -> bool:
        """Whether a dashboard is one of LookML, ``model::name``, that its project does not hold."""
        model, is_lookml, inner = name.partition("::")
        projects = self._lookml() if is_lookml else ()
        if not any(model in read.project.models for read in projects) or self._unread(projects):
            return False
        return not any(read.project.may_have_dashboard(inner) for read in projects)

    def _has_chart(self, board_name: str, tile_id: str) -> bool:
        if not board_name:
            raise RejectedError("Nothing of Looker is asked for by that name.", where=f"looker: {tile_id}")
        try:
            board = self._boards.board(board_name)
        except NotFoundError:
            return self._has_board(board_name)
        return any(tile.id == tile_id for tile in board.tiles)


def left_out_of(read: ReadProject, service: str) -> Iterator[Failed]:
    """Files of a project that were not read: any view may be declared there, and none is gone for them."""
    for reason in read.left_out:
        reference = Reference(EntityType.DATA_MODEL, (service, read.name))
        yield Failed(reference=reference, step="read", reason=reason, named=False)


def _heads(read: ReadProject) -> Iterator[tuple[str, Sequence[Model]]]:
    """How the names of a project's views begin, and the models that may declare them: its own name, for all of them."""
    models = [read.project.model(name) for name in read.project.models]
    yield from ((model.name, [model]) for model in models)
    yield read.project.name, [*models, read.project.standalone]
