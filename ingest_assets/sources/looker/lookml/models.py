"""Models, with the views and explores that are visible in each, and the views that are visible in none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ingest_assets.sources.looker.lookml import bodies
from ingest_assets.sources.looker.lookml.explores import (
    ExploreField,
    ExploreView,
    ViewFields,
    sets_of,
    shown_fields,
    views_of,
)
from ingest_assets.sources.looker.lookml.fields import Field, fields_of
from ingest_assets.sources.looker.lookml.includes import FileKey
from ingest_assets.sources.looker.lookml.manifest import Dependency
from ingest_assets.sources.looker.lookml.namespace import Merged, Namespace
from ingest_assets.sources.looker.lookml.parsing import Body, ParseCache
from ingest_assets.sources.looker.lookml.project import Library, Place, Problem, ProjectFiles


@dataclass(frozen=True)
class View:
    """A view, with its refinements and all that it extends.

    Attributes:
        name: Its name.
        body: Merged, in ``lkml``'s form.
        place: Where it is declared.
        refined_at: Where it is refined, in the order that counts.
        parents: What it extends.
        made_of: Views of the same are the same.
    """

    name: str
    body: Body
    place: Place
    refined_at: tuple[Place, ...]
    parents: tuple[str, ...]
    made_of: tuple[object, ...]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Dimensions with those of groups, measures, filters and parameters."""
        return fields_of(self.body)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by their names."""
        return {field.name: field for field in self.fields}

    @cached_property
    def sets(self) -> dict[str, tuple[str, ...]]:
        """Sets of fields, as written."""
        return sets_of(self.body)

    @property
    def label(self) -> str | None:
        """Its label; None where it has none of its own."""
        return bodies.words(self.body, "label")

    @property
    def description(self) -> str | None:
        """Its description."""
        return bodies.words(self.body, "description")

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""
        return bodies.texts(self.body, "tags")

    @property
    def is_template(self) -> bool:
        """Whether it is there to be extended only: ``extension: required``."""
        return bodies.words(self.body, "extension") == "required"


@dataclass(frozen=True)
class Explore:
    """An explore, with its refinements and all that it extends.

    Attributes:
        name: Its name.
        body: Merged, in ``lkml``'s form.
        place: Where it is declared.
        refined_at: Where it is refined.
        views: Its views, the one that it begins with first.
        fields: What it shows.
    """

    name: str
    body: Body
    place: Place
    refined_at: tuple[Place, ...]
    views: tuple[ExploreView, ...]
    fields: tuple[ExploreField, ...]

    @property
    def label(self) -> str | None:
        """Its label; None where it has none of its own."""
        return bodies.words(self.body, "label")

    @property
    def group_label(self) -> str | None:
        """Under which label it is listed."""
        return bodies.words(self.body, "group_label")

    @property
    def description(self) -> str | None:
        """Its description."""
        return bodies.words(self.body, "description")

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""
        return bodies.texts(self.body, "tags")

    @property
    def is_hidden(self) -> bool:
        """Whether people don't see it."""
        return bodies.is_yes(self.body, "hidden")


class Model:
    """A model: what its files declare.

    Attributes:
        name: Its name; empty for what is in no model.
        connection: Name of its database connection in Looker; None where it says none.
        label: None where it has none of its own.
        file: Its file; None for what is in no model.
    """

    def __init__(
        self, name: str, file: FileKey | None, library: Library, namespace: Namespace, known: dict[object, View]
    ) -> None:
        """Make a model of what is visible.

        Args:
            name: Its name.
            file: Its file.
            library: Where the files are.
            namespace: What the files declare.
            known: Views of this library's models; added to.
        """
        self.name = name
        self.file = file
        self._library = library
        self._namespace = namespace
        self._known = known
        self._views: dict[str, View | None] = {}
        self._explores: dict[str, Explore | None] = {}
        body = self._body()
        self.connection = bodies.words(body, "connection")
        self.label = bodies.words(body, "label")

    @property
    def files(self) -> list[FileKey]:
        """All files that are visible in it."""
        return self._namespace.files

    @cached_property
    def explores(self) -> list[str]:
        """Names of its explores, without those that are there to be extended only."""
        return [name for name in self._namespace.names("explore") if self._is_shown(name)]

    @cached_property
    def views(self) -> list[str]:
        """Names of all views that are visible in it, templates included."""
        return self._namespace.names("view")

    @cached_property
    def used_views(self) -> dict[str, tuple[str, ...]]:
        """Names of the explores that use a view, by its name; views that no explore uses are missing."""
        used: dict[str, list[str]] = {}
        for name in self.explores:
            found = self._namespace.find("explore", name)
            for view in dict.fromkeys(v.view for v in views_of(name, found.body)) if found else ():
                used.setdefault(view, []).append(name)
        return {view: tuple(explores) for view, explores in used.items()}

    def view(self, name: str) -> View | None:
        """A view; None if none is visible by that name."""
        if name not in self._views:
            found = self._namespace.find("view", name)
            self._views[name] = None if found is None else self._read_view(found)
        return self._views[name]

    def explore(self, name: str) -> Explore | None:
        """An explore, templates too; None if none is visible by that name."""
        if name not in self._explores:
            found = self._namespace.find("explore", name)
            self._explores[name] = None if found is None else self._read_explore(found)
        return self._explores[name]

    def _read_view(self, found: Merged) -> View:
        view = self._known.get(found.made_of)
        if view is None:
            view = View(found.name, found.body, found.place, found.refined_at, found.parents, found.made_of)
            self._known[found.made_of] = view
        return view

    def _read_explore(self, found: Merged) -> Explore:
        views = views_of(found.name, found.body)
        for alias, name in views:
            if self.view(name) is None:
                reason = f"the explore {found.name!r} uses the view {name!r} as {alias!r}, which is not included"
                self._report(found.place, reason)
        fields, unknown = shown_fields(found.body, views, self._view_fields)
        own_tables = [name for name, join in bodies.named(found.body, "joins") if "sql_table_name" in join]
        for name in [found.name] * ("sql_table_name" in found.body) + own_tables:
            self._report(
                found.place, f"the explore {found.name!r} reads {name!r} from another table than its view does"
            )
        for word in unknown:
            self._report(found.place, f"{word!r} in the fields of the explore {found.name!r} means nothing")
        return Explore(found.name, found.body, found.place, found.refined_at, views, tuple(fields))

    def _view_fields(self, name: str) -> ViewFields | None:
        view = self.view(name)
        return None if view is None else ViewFields(view.fields, view.sets)

    def _is_shown(self, name: str) -> bool:
        found = self._namespace.find("explore", name)
        return found is not None and bodies.words(found.body, "extension") != "required"

    def _body(self) -> Body:
        """Of included models, the last; of what the model's own file says, all."""
        merged: Body = {}
        for file in self._namespace.files if self.file else ():
            merged.update(self._library.contents(file).body)
        return merged

    def _report(self, place: Place, reason: str) -> None:
        self._library.report(place.file, reason, place.line)


class LookmlDashboard(NamedTuple):
    """A file of LookML dashboards, which are YAML and not read here.

    Attributes:
        file: The file.
        models: Names of the models that include it.
    """

    file: FileKey
    models: tuple[str, ...]


class LookmlProject:
    """A project with all that it imports.

    Attributes:
        name: As the manifest says, else as it was given.
    """

    def __init__(self, main: ProjectFiles, imported: Sequence[ProjectFiles], cache: ParseCache) -> None:
        """Read the manifests; all else is read when it is asked for.

        Args:
            main: The project whose models count.
            imported: Projects that it imports, see ``missing_projects``.
            cache: Parsed files, which other projects may share.
        """
        self._library = Library(main, imported, cache)
        self._merged: dict[object, Merged] = {}
        self._views: dict[object, View] = {}
        self._models: dict[str, Model] = {}
        self.name = self._library.main

    @property
    def problems(self) -> list[Problem]:
        """What was found wrong in what was read so far."""
        return list(self._library.problems)

    @property
    def missing_projects(self) -> list[Dependency]:
        """Imported projects that were not given; to be fetched, and handed to another ``LookmlProject``."""
        return self._library.missing_projects()

    @property
    def models(self) -> list[str]:
        """Names of its models."""
        return list(self._library.models)

    def model(self, name: str) -> Model:
        """A model.

        Raises:
            KeyError: There is none of that name.
        """
        if name not in self._models:
            file = self._library.models[name]
            self._models[name] = self._make(name, file, [file])
        return self._models[name]

    @cached_property
    def standalone(self) -> Model:
        """What the main project declares in files that no model includes."""
        included = {file for name in self.models for file in self.model(name).files}
        return self._make("", None, [file for file in self._library.files() if file not in included])

    def unread_models(self) -> list[str]:
        """Paths of models that can't be parsed: what they include is not known."""
        return self._library.unread_models()

    def standalone_views(self) -> Iterator[View]:
        """The views that are visible in no model, templates included."""
        seen = {file for name in self.models for file in self.model(name).files}
        for name in self.standalone.views:
            view = self.standalone.view(name)
            if view is not None and view.place.file not in seen and view.place.file.project == self.name:
                yield view

    def dashboards(self) -> list[LookmlDashboard]:
        """The main project's files of LookML dashboards."""
        including: dict[FileKey, list[str]] = {}
        for name in self.models:
            for file in self.model(name).files:
                including.setdefault(file, []).append(name)
        return [LookmlDashboard(file, tuple(including.get(file, ()))) for file in self._library.dashboards()]

    def may_have_dashboard(self, name: str) -> bool:
        """Whether a file of dashboards, of this project or of one that it imports, declares one of a name.

        They are looked at as text, so that a dashboard in a file that is no good YAML is not taken for gone.
        """
        named = re.compile(rf"(?m)^[\s-]*dashboard\s*:\s*(['\"]?){re.escape(name)}\1\s*(#.*)?$")
        return any(named.search(text) or "@{" in text for text in self._library.dashboard_texts())

    def data(self, file: FileKey) -> bytes:
        """A file's content."""
        return self._library.data(file)

    def text(self, place: Place) -> str:
        """The text of a view's or explore's own block."""
        return self._library.text(place)

    def _make(self, name: str, file: FileKey | None, roots: list[FileKey]) -> Model:
        namespace = Namespace(self._library, roots, self._merged)
        if file is not None:
            namespace.report_loose_ends()
        return Model(name, file, self._library, namespace, self._views)
