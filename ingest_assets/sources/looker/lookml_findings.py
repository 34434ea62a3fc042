"""From a LookML project that was read to what the catalog holds of it. Pure: everything else is told by the context.

A view is a data model of each model whose explores use it, for its refinements, its connection and what Liquid makes of
it differ from model to model. What such a view reads is used as well. Views that no explore uses are told once, under
the project's name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingest_assets.catalog import EntityType, Failed, Filtered, Finding, Note, Parked, Reference
from ingest_assets.sources.looker.connections import UNKNOWN, Connection, Tables, system_of
from ingest_assets.sources.looker.lookml.derived import ViewSource
from ingest_assets.sources.looker.lookml.includes import FileKey
from ingest_assets.sources.looker.lookml.lineage import Lineages, ViewLineage
from ingest_assets.sources.looker.lookml.models import LookmlProject, Model, View
from ingest_assets.sources.looker.lookml.parsing import parse
from ingest_assets.sources.looker.lookml.project import Place
from ingest_assets.sources.looker.names import FreeNames, explore_model_name, view_model_name
from ingest_assets.sources.looker.tags import words_of
from ingest_assets.sources.looker.view_lineage import Known, explore_edges, view_edges
from ingest_assets.sources.looker.views import column_fields, tags_on, to_data_model

_FILTERED = "dataModelFilterPattern"
_TEMPLATE = "it is there to be extended only (extension: required)"
_AS_WRITTEN = "its tables are looked for by the names that LookML writes"


@dataclass(frozen=True)
class LookmlContext:
    """What a LookML project does not know of itself.

    Attributes:
        service: Name of the dashboard service.
        connections: Looker's database connections by name; one that is not told may be missing.
        places: FQN of the service, or the database in one, that the tables of a connection lie in, by its name.
        user_attributes: What Liquid may ask for, by name.
        keeps: Whether a view is wanted, by the name of its data model (``dataModelFilterPattern``).
        include_tags: Whether tags are asked for.
        page: Address of a file for people, by project, path and line; None where it has none.
        explores: Names of the fields of those explores that Looker's API told, by model and explore.
    """

    service: str
    connections: Mapping[str, Connection]
    places: Mapping[str, str]
    user_attributes: Mapping[str, str]
    keeps: Callable[[str], bool]
    include_tags: bool
    page: Callable[[str, str, int], str | None]
    explores: Mapping[tuple[str, str], frozenset[str]]


def lookml_findings(project: LookmlProject, context: LookmlContext) -> Iterator[Finding]:
    """The views of a project as data models, with their lineage and that of the explores made from them.

    Args:
        project: The project, read.
        context: What it does not know of itself.
    """
    yield from _Reading(project, context).findings()


class _Reading:
    """One project on its way into the catalog."""

    def __init__(self, project: LookmlProject, context: LookmlContext) -> None:
        self.project = project
        self.context = context
        self.names = FreeNames(explore_model_name(*key) for key in self._explores())
        self.by_place: dict[Place, Known] = {}
        self._tags: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        models = [_ModelReading(self, self.project.model(name)) for name in self.project.models]
        for model in models:
            yield from model.used_views()
        if unread := self.project.unread_models():
            # Any view may be one of theirs: under the project's name it would be there twice once they are read.
            yield Note(text=f"Views that no explore uses are not shown: {', '.join(unread)} can't be read.")
        else:
            for model in (*models, _ModelReading(self, self.project.standalone)):
                yield from model.other_views()
        yield from problems_of(self.project, self.context.service)

    def reference(self, name: str) -> Reference:
        return Reference(EntityType.DATA_MODEL, (self.context.service, name))

    def entity(self, view: View, known: Known) -> Iterator[Finding]:
        """A view's data model, with the words that its labels need."""
        context, file = self.context, view.place.file
        if context.include_tags:
            new = {each: None for each in tags_on(view) if each not in self._tags}
            self._tags.update(new)
            yield from words_of(new)
        yield to_data_model(
            view,
            known.reference.path,
            self.project.name,
            self.project.text(view.place),
            context.page(file.project, file.path, view.place.line),
            include_tags=context.include_tags,
        )

    def _explores(self) -> list[tuple[str, str]]:
        models = (self.project.model(name) for name in self.project.models)
        declared = {(model.name, explore) for model in models for explore in model.explores}
        return sorted({*declared, *self.context.explores})


class _ModelReading:
    """One model of it: what its views refer to."""

    def __init__(self, reading: _Reading, model: Model) -> None:
        context = reading.context
        self._reading = reading
        self._model = model
        self._connection = context.connections.get(model.connection or "")
        system = system_of(self._connection.dialect if self._connection else None)
        place = context.places.get(model.connection or "", "")
        self.tables = Tables(self._connection or Connection(model.connection or ""), system, place)
        self._known: dict[str, Known] = {}

    def used_views(self) -> Iterator[Finding]:
        """The views that its explores use, with all that these read, and what flows into the explores."""
        yield from self._note()
        yield from self._views(self._model.used_views, self._model.name, ())
        yield from self._explore_edges()

    def other_views(self) -> Iterator[Finding]:
        """The project's own views that are visible here, that nothing uses, and that no other model has told."""
        project, told = self._reading.project, self._reading.by_place
        views = filter(None, map(self._model.view, self._model.views))
        own = [view.name for view in views if view.place.file.project == project.name]
        yield from self._views(own, project.name, told)

    def view(self, name: str) -> Known | None:
        """The data model of a view; None where it has none."""
        if name in self._known:
            return self._known[name]
        view = self._model.view(name)
        return self._reading.by_place.get(view.place) if view is not None else None

    def explore(self, name: str) -> Known | None:
        """The data model of an explore; None where Looker does not tell of it."""
        fields = self._reading.context.explores.get((self._model.name, name))
        if fields is None:
            return None
        return Known(self._reading.reference(self.explore_name(name)), dict.fromkeys(sorted(fields)))

    def view_name(self, name: str) -> str:
        """What the data model of a view is called, or would be."""
        return view_model_name(self._model.name or self._reading.project.name, name)

    def explore_name(self, name: str) -> str:
        """What the data model of an explore is called, or would be."""
        return explore_model_name(self._model.name, name)

    def _views(self, names: Iterable[str], above: str, told: Container[Place]) -> Iterator[Finding]:
        """Views, and the views that they read.

        Args:
            names: Of the views.
            above: What they are named by: the model or the project.
            told: Where the views stand that need not be told again.
        """
        lineages = Lineages(self._model, self.tables.system.dialect, self._reading.context.user_attributes)
        found: dict[str, ViewLineage] = {}
        waiting = deque(names)
        while waiting:
            view = self._model.view(waiting.popleft())
            if view is None or view.name in self._known or view.place in told:
                continue
            known = self._introduce(view, above)
            if view.is_template:
                yield Filtered(reference=known.reference, reason=_TEMPLATE)
                continue
            found[view.name] = lineage = lineages.of(view.name)
            waiting.extend(source.view for source in lineage.sources if isinstance(source, ViewSource))
        for name, lineage in found.items():
            yield from self._view(name, lineage)

    def _view(self, name: str, lineage: ViewLineage) -> Iterator[Finding]:
        view, known = self._model.view(name), self._known[name]
        if view is None or not self._reading.context.keeps(known.reference.name):
            yield Filtered(reference=known.reference, reason=_FILTERED)
            return
        yield from self._reading.entity(view, known)
        yield from view_edges(view, known, lineage, self)

    def _introduce(self, view: View, above: str) -> Known:
        name = self._reading.names.of_view(above, view.name)
        known = Known(self._reading.reference(name), dict.fromkeys(field.name for field in column_fields(view)))
        self._known[view.name] = known
        self._reading.by_place.setdefault(view.place, known)
        return known

    def _explore_edges(self) -> Iterator[Finding]:
        told = {explore for model, explore in self._reading.context.explores if model == self._model.name}
        # Those that Looker does not tell of are read all the same, for what may be wrong with them.
        for name in sorted({*self._model.explores, *told}):
            explore, known = self._model.explore(name), self.explore(name)
            if known is not None and explore is not None:
                yield from explore_edges(known, explore.views, self)
            elif known is not None:
                # It is not deployed as it stands in git, or lies in a file that could not be read.
                yield Parked(target=known.reference, reason="its LookML is not in the project")

    def _note(self) -> Iterator[Note]:
        name, known = self._model.connection, self._connection
        if name is None:
            yield Note(text=f"The model {self._model.name} names no connection: {_AS_WRITTEN}.")
        elif known is None and self._reading.context.connections:
            yield Note(text=f"Looker tells of no connection {name}, which {self._model.name} uses: {_AS_WRITTEN}.")
        elif known is not None and known.dialect and self.tables.system is UNKNOWN:
            yield Note(text=f"The dialect {known.dialect} of the connection {name} is new: {_AS_WRITTEN}.")


def problems_of(project: LookmlProject, service: str) -> Iterator[Failed | Note]:
    """What is wrong in what was read of a project.

    A file that can't be read may declare any view: none of them is gone for it.
    """
    parsed: dict[FileKey, str | None] = {}
    for problem in project.problems:
        file = FileKey(problem.project, problem.path)
        if file not in parsed:
            parsed[file] = _why_unreadable(project, file)
        if problem.reason == parsed[file]:
            name = problem.path if problem.project == project.name else str(file)
            yield _failed(service, name, "parse", str(problem))
        else:
            yield Note(text=f"{problem}.")
    for dependency in project.missing_projects:
        # Its address may hold a password.
        yield _failed(service, f"//{dependency.name}", "import", f"the imported project {dependency.name} was not read")


def _why_unreadable(project: LookmlProject, file: FileKey) -> str | None:
    try:
        return parse(project.data(file)).reason
    except KeyError:  # of the project as a whole
        return None


def _failed(service: str, name: str, step: str, reason: str) -> Failed:
    return Failed(reference=Reference(EntityType.DATA_MODEL, (service, name)), step=step, reason=reason, named=False)
