"""A project and those that it imports: their files, what these declare, and what each of them includes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ingest_assets.sources.looker.lookml import bodies
from ingest_assets.sources.looker.lookml.includes import FileKey, Paths, absolute, is_too_wild
from ingest_assets.sources.looker.lookml.manifest import (
    MANIFEST,
    Dependency,
    Manifest,
    constants_of,
    fill,
    fill_all,
    read_manifest,
    refused_overrides,
)
from ingest_assets.sources.looker.lookml.parsing import Body, ParseCache, ParsedFile, blob_id, text_of

MODEL = ".model.lkml"
"""How the paths of models end."""


@dataclass(frozen=True)
class ProjectFiles:
    """A project as text.

    Attributes:
        name: What it is imported by; for the main project the name that counts where its manifest gives none.
        files: Contents by path from the root; files that are no LookML do no harm.
        blobs: What git calls each content; computed where it is missing.
    """

    name: str
    files: Mapping[str, bytes]
    blobs: Mapping[str, str] = field(default_factory=dict)


class Problem(NamedTuple):
    """Something that can't be read or does not hold together.

    Attributes:
        project: Name of the project.
        path: The file; empty where it is the project as a whole.
        line: From 1; None where it is not known.
        reason: What is wrong.
    """

    project: str
    path: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        """``//shop/views/orders.view.lkml line 3: ...``."""
        where = f"//{self.project}/{self.path}" + (f" line {self.line}" if self.line else "")
        return f"{where}: {self.reason}"


class Place(NamedTuple):
    """Where a view or explore is declared.

    Attributes:
        file: The file.
        line: Its first line, from 1.
        start: Its first character in the file's text.
        end: The place behind its last.
    """

    file: FileKey
    line: int
    start: int
    end: int


class Layer(NamedTuple):
    """One declaration of a view or explore, or one refinement.

    Attributes:
        kind: ``view`` or ``explore``.
        name: Without the plus of a refinement.
        is_refinement: Whether it was written with a plus.
        body: With constants filled in.
        place: Where it stands.
    """

    kind: str
    name: str
    is_refinement: bool
    body: Body
    place: Place


class Contents(NamedTuple):
    """What a file declares.

    Attributes:
        includes: Its patterns, in order.
        layers: Its views and explores, in order.
        body: All the rest: of a model ``connection`` and ``label``.
    """

    includes: tuple[str, ...]
    layers: tuple[Layer, ...]
    body: Body


_NOTHING = Contents((), (), {})


class Library:
    """The main project with all that it imports. Files are parsed when they are first asked for.

    Attributes:
        main: The main project's name.
        problems: What was found wrong so far, each once.
    """

    def __init__(self, main: ProjectFiles, imported: Sequence[ProjectFiles], cache: ParseCache) -> None:
        """Read the manifests.

        Args:
            main: The project whose models count.
            imported: The projects that ``missing_projects`` asked for, as far as they could be had.
            cache: Parsed files.
        """
        self.problems: dict[Problem, None] = {}
        self._cache = cache
        self._contents: dict[FileKey, Contents] = {}
        self._includes: dict[FileKey, tuple[tuple[FileKey, ...], ...]] = {}
        own = self._read_manifest(main.name, main)
        self.main = own.project_name or main.name
        self._projects = {self.main: main} | {p.name: p for p in imported if p.name != self.main}
        others = {name: self._read_manifest(name, p) for name, p in self._projects.items() if name != self.main}
        self._manifests = {self.main: own} | others
        self._paths = {name: Paths(name, project.files) for name, project in self._projects.items()}
        self._constants = {name: self._constants_of(name) for name in self._projects}

    @property
    def manifest(self) -> Manifest:
        """The main project's manifest."""
        return self._manifests[self.main]

    @cached_property
    def models(self) -> dict[str, FileKey]:
        """The main project's models by name; of two of one name the first path counts."""
        found: dict[str, FileKey] = {}
        for path in sorted(self._projects[self.main].files):
            if path.endswith(MODEL):
                name = path.rsplit("/", 1)[-1].removesuffix(MODEL)
                if found.setdefault(name, FileKey(self.main, path)).path != path:
                    self.report(FileKey(self.main, path), f"another file declares the model {name!r}")
        return found

    def unread_models(self) -> list[str]:
        """Paths of the main project's models that can't be parsed."""
        main = self._projects[self.main]
        files = self.models.values()
        return [file.path for file in files if _parsed(main, file.path, self._cache).reason is not None]

    def missing_projects(self) -> list[Dependency]:
        """Projects that are imported, by the main project or by others, and were not given."""
        wanted: dict[str, Dependency] = {}
        for manifest in self._manifests.values():  # the main project's comes first
            for dependency in manifest.dependencies:
                wanted.setdefault(dependency.name, dependency)
        return [dependency for name, dependency in wanted.items() if name not in self._projects]

    def files(self) -> Iterator[FileKey]:
        """The main project's LookML files, in the order of their paths."""
        for path in sorted(self._projects[self.main].files):
            if path.endswith(".lkml"):
                yield FileKey(self.main, path)

    def dashboards(self) -> list[FileKey]:
        """The main project's files in YAML: LookML dashboards."""
        return [FileKey(self.main, p) for p in sorted(self._projects[self.main].files) if p.endswith(".lookml")]

    def dashboard_texts(self) -> Iterator[str]:
        """Texts of the files of dashboards, imported ones included."""
        for project in self._projects.values():
            yield from (text_of(data) for path, data in project.files.items() if path.endswith(".lookml"))

    def data(self, file: FileKey) -> bytes:
        """A file's content."""
        return self._projects[file.project].files[file.path]

    def text(self, place: Place) -> str:
        """The text of a block."""
        return text_of(self.data(place.file))[place.start : place.end]

    def report(self, file: FileKey, reason: str, line: int | None = None) -> None:
        """Note a problem, once."""
        self.problems[Problem(file.project, file.path, line, reason)] = None

    def contents(self, file: FileKey) -> Contents:
        """What a file declares; nothing if it can't be parsed, which is reported."""
        if file not in self._contents:
            self._contents[file] = self._read(file)
        return self._contents[file]

    def included(self, file: FileKey) -> tuple[tuple[FileKey, ...], ...]:
        """The files that a file includes, for each of its patterns in order; one that means none is reported."""
        if file not in self._includes:
            self._includes[file] = tuple(self._targets(pattern, file) for pattern in self.contents(file).includes)
        return self._includes[file]

    def _read(self, file: FileKey) -> Contents:
        if not file.path.endswith(".lkml"):
            return _NOTHING
        project = self._projects[file.project]
        parsed = _parsed(project, file.path, self._cache)
        if parsed.reason is not None:
            self.report(file, parsed.reason, parsed.line)
            return _NOTHING
        for repeated in parsed.repeated:
            self.report(file, f"{repeated.key!r} stands again where only one can count; the last does", repeated.line)
        unknown: set[str] = set()
        constants = self._constants[file.project]
        document: Any = parsed.document
        if b"@{" in project.files[file.path]:
            document = fill_all(document, constants, unknown)
        for name in sorted(unknown):
            self.report(file, f"the constant @{{{name}}} has no value in the manifest")
        layers = []
        for kind in ("view", "explore"):
            places = [block for block in parsed.blocks if block.kind == kind]
            for block, body in zip(places, bodies.blocks(document, f"{kind}s"), strict=False):
                name = fill(block.name, constants, unknown)
                place = Place(file, block.line, block.start, block.end)
                layers.append(Layer(kind, name.removeprefix("+"), name.startswith("+"), body, place))
        rest = {key: value for key, value in document.items() if key not in ("views", "explores")}
        return Contents(bodies.texts(document, "includes"), tuple(layers), rest)

    def _targets(self, pattern: str, file: FileKey) -> tuple[FileKey, ...]:
        wanted = absolute(pattern, file)
        if wanted is None:
            self.report(file, f"the include {pattern!r} leads out of the project")
            return ()
        if wanted.project not in self._paths:
            self.report(file, f"the include {pattern!r} is of the project {wanted.project!r}, which was not read")
            return ()
        if is_too_wild(wanted.path):
            self.report(file, f"the include {pattern!r} has more wildcards than are followed")
            return ()
        found = self._paths[wanted.project].matching(wanted.path)
        if not found:
            self.report(file, f"the include {pattern!r} means no file")
        return found

    def _read_manifest(self, name: str, project: ProjectFiles) -> Manifest:
        if MANIFEST not in project.files:
            return Manifest()
        parsed = _parsed(project, MANIFEST, self._cache)
        if parsed.reason is not None:
            self.report(FileKey(name, MANIFEST), parsed.reason, parsed.line)
        return read_manifest(parsed.document)

    def _constants_of(self, name: str) -> dict[str, str]:
        overrides: dict[str, str] = {}
        for importer, manifest in self._manifests.items():  # the main project comes first
            given = next((d.overrides for d in manifest.dependencies if d.name == name), None)
            if given is not None and name != self.main:
                own = constants_of(manifest, {})
                overrides = {key: fill(value, own, set()) for key, value in given.items()}
                for refused in refused_overrides(self._manifests[name], overrides):
                    self.report(FileKey(importer, MANIFEST), f"{name!r} has no constant {refused!r} to override")
                break
        return constants_of(self._manifests[name], overrides)


def _parsed(project: ProjectFiles, path: str, cache: ParseCache) -> ParsedFile:
    data = project.files[path]
    return cache.file(project.blobs.get(path) or blob_id(data), data)
