"""Trying what a recipe asks of the host of its repository."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_assets.errors import AuthenticationError, PermissionDeniedError, RemoteError
from ingest_assets.sources.git.files import Repository
from ingest_assets.sources.probing import ProbeStep

CONTENTS = "Contents: read"
"""The one permission, in the words of GitHub's fine-grained tokens."""


def probe(repository: Repository) -> Iterator[ProbeStep]:
    """Ask for the commit, for which the hosts want the same permission as for the files.

    Raises:
        AuthenticationError: The token is refused; nothing else can be told.
    """
    name = f"{CONTENTS} of {repository.describe()}"
    try:
        commit = repository.commit()
    except AuthenticationError:
        raise
    except RemoteError as error:
        yield ProbeStep(name, False if isinstance(error, PermissionDeniedError) else None, str(error))
        return
    yield ProbeStep(name, True, f"granted, at commit {commit[:12]}")
