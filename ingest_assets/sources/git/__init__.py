"""Files of a git repository at one commit, from GitHub, from any other host of git, or from a folder."""

from __future__ import annotations

from ingest_assets.sources.git.anywhere import GitRepository
from ingest_assets.sources.git.caching import Cache, NoCache
from ingest_assets.sources.git.files import Files, LeftOut, Limits, Repository, Wanted
from ingest_assets.sources.git.folder import LocalFolder
from ingest_assets.sources.git.github import GitHubRepository
from ingest_assets.sources.git.hosts import Hosting
from ingest_assets.sources.git.places import Credentials, repository_at, repository_of
from ingest_assets.sources.git.probe import probe
from ingest_assets.sources.git.reading import Patience, Reading

__all__ = [
    "Cache",
    "Credentials",
    "Files",
    "GitHubRepository",
    "GitRepository",
    "Hosting",
    "LeftOut",
    "Limits",
    "LocalFolder",
    "NoCache",
    "Patience",
    "Reading",
    "Repository",
    "Wanted",
    "probe",
    "repository_at",
    "repository_of",
]
