"""Projects as text, for tests."""

from __future__ import annotations

from collections.abc import Mapping

from ingest_assets.sources.looker.lookml.derived import ExploreSource, Source, TableSource, ViewSource
from ingest_assets.sources.looker.lookml.models import LookmlProject
from ingest_assets.sources.looker.lookml.parsing import ParseCache
from ingest_assets.sources.looker.lookml.project import ProjectFiles


def files(name: str, texts: Mapping[str, str]) -> ProjectFiles:
    return ProjectFiles(name, {path: text.encode() for path, text in texts.items()})


def project(texts: Mapping[str, str], **imported: Mapping[str, str]) -> LookmlProject:
    others = [files(name, content) for name, content in imported.items()]
    return LookmlProject(files("shop", texts), others, ParseCache())


def reasons(made: LookmlProject) -> list[str]:
    return [problem.reason for problem in made.problems]


def called(source: Source) -> str:
    match source:
        case TableSource(names):
            return ".".join(names)
        case ViewSource(view):
            return f"view {view}"
        case ExploreSource(explore):
            return f"explore {explore}"
