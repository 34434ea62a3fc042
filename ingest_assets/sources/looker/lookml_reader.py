"""The LookML of an instance, read from its git repositories with all that these import."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.git import Cache, Repository
from ingest_assets.sources.looker.lookml.manifest import Dependency
from ingest_assets.sources.looker.lookml.models import LookmlProject
from ingest_assets.sources.looker.lookml.parsing import ParseCache
from ingest_assets.sources.looker.lookml.project import ProjectFiles
from ingest_assets.sources.once import Once

_SUFFIXES = (".lkml", ".lookml")
_MOST_IMPORTS = 100
_PARSED = "lookml/parsed"
_LARGEST_CACHE = 1 << 29  # bytes, unpacked


class NamedRepository(NamedTuple):
    """A repository, by the name that its project has where its manifest gives none."""

    name: str
    repository: Repository


@dataclass(frozen=True)
class ReadProject:
    """A project as it was at one commit.

    Attributes:
        name: Of the repository.
        commit: Which.
        project: What it says.
        pages: Address of a file, by the project's name, for people.
        left_out: Files that were not read, with the reason: any view may be declared there.
        files: Files of LookML in it, imports included.
    """

    name: str
    commit: str
    project: LookmlProject
    pages: Callable[[str, str, int], str | None]
    left_out: tuple[str, ...]
    files: int


class LookmlReader:
    """Reads projects, each once a run. Safe to share among threads.

    Args:
        repositories: The recipe's; what one of them imports from the same Looker is looked for among the others.
        imported: The repository of an imported project; None where the recipe can't read it.
        cache: Parsed files of earlier runs.

    Attributes:
        parsed: Files that had to be parsed, as no earlier run had.
    """

    def __init__(
        self,
        repositories: Sequence[NamedRepository],
        imported: Callable[[Dependency], Repository | None],
        cache: Cache,
    ) -> None:
        self._repositories = repositories
        self._imported = imported
        self._cache = cache
        self._projects: Once[str, tuple[ReadProject, ...]] = Once(self._read_all)
        self._met: dict[str, Repository] = {}
        self._commits: Once[str, str] = Once(lambda address: self._met[address].commit())
        self.parsed = 0

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._projects.forget_failures()
        self._commits.forget_failures()

    def version(self) -> str:
        """The commits that the repositories, and those that they import, are at, in a line.

        Raises:
            RemoteError: A repository, or one that it imports, could not be read.
        """
        self.projects()
        return " ".join(self._commit_of(each) for each in list(self._met.values()))

    def projects(self) -> tuple[ReadProject, ...]:
        """All projects.

        Raises:
            RemoteError: A repository, or one that it imports, could not be read.
        """
        return self._projects.get("all")

    def _commit_of(self, repository: Repository) -> str:
        """Its commit, asked for once however many projects import it."""
        address = repository.describe()
        self._met.setdefault(address, repository)
        return self._commits.get(address)

    def _read_all(self, _: str) -> tuple[ReadProject, ...]:
        parses = self._remembered()
        read = tuple(self._read(each, parses) for each in self._repositories)
        for each in read:
            # Files are parsed when they are first asked for.
            for name in each.project.models:
                each.project.model(name).views  # noqa: B018  # parses what the model includes
            for _view in each.project.standalone_views():
                pass
        self.parsed = parses.parsed
        if parses.parsed:
            self._cache.put(_PARSED, zlib.compress(json.dumps(parses.as_json()).encode(), 3))
        return read

    def _remembered(self) -> ParseCache:
        content = self._cache.get(_PARSED)
        if content is None:
            return ParseCache()
        try:
            unpacked = json.loads(zlib.decompressobj().decompress(content, _LARGEST_CACHE))
            return ParseCache(remembered=unpacked if isinstance(unpacked, dict) else None)
        except (zlib.error, ValueError, TypeError):
            # A damaged cache is no cache.
            return ParseCache()

    def _read(self, named: NamedRepository, parses: ParseCache) -> ReadProject:
        commit = self._commit_of(named.repository)
        main, left_out = self._files(named.name, named.repository, commit)
        repositories = {named.name: named.repository}
        imports: dict[str, ProjectFiles] = {}
        tried: set[str] = set()
        project = LookmlProject(main, (), parses)
        while missing := [each for each in project.missing_projects if each.name not in tried]:
            for dependency in missing:
                repository = self._imported(dependency) or self._beside(dependency, parses)
                tried.add(dependency.name)
                if repository is None or len(imports) >= _MOST_IMPORTS:
                    # It stays among what the project misses: any view may be declared there.
                    continue
                files, more = self._files(dependency.name, repository, self._commit_of(repository))
                imports[dependency.name] = files
                repositories[dependency.name] = repository
                left_out += more
            project = LookmlProject(main, tuple(imports.values()), parses)
        repositories[project.name] = named.repository
        return ReadProject(
            name=named.name,
            commit=commit,
            project=project,
            pages=lambda of, path, line: repositories[of].page(path, line) if of in repositories else None,
            left_out=tuple(left_out),
            files=sum(len(each.files) for each in (main, *imports.values())),
        )

    def _beside(self, dependency: Dependency, parses: ParseCache) -> Repository | None:
        """A local project: one of the recipe's other repositories, by the name that its manifest gives it."""
        if dependency.url is not None:
            return None
        for each in self._repositories:
            files, _ = self._files(each.name, each.repository, self._commit_of(each.repository))
            if dependency.name in (each.name, LookmlProject(files, (), parses).name):
                return each.repository
        return None

    def _files(self, name: str, repository: Repository, commit: str) -> tuple[ProjectFiles, list[str]]:
        files = repository.files(commit, is_lookml)
        left_out = [
            f"{count} files of {repository.describe()} were left out: {reason}"
            for reason, count in files.reasons().items()
        ]
        if not files and not left_out:
            raise InvalidAnswerError(
                "It holds no file of LookML.", where=f"git: {repository.describe()}", advice="Check the repository."
            )
        return ProjectFiles(name, files), left_out


def is_lookml(path: str) -> bool:
    """Whether a file is one of LookML."""
    return path.endswith(_SUFFIXES)
