"""Ways to a project's artifacts: a folder of this machine, and HTTP. S3 and dbt Cloud have modules of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from ingest_assets.errors import NotFoundError, UnavailableError
from ingest_assets.sources.dbt.artifacts import Artifacts
from ingest_assets.sources.dbt.downloads import Downloads, Request
from ingest_assets.sources.fingerprint import digest

KINDS = ("catalog", "run_results", "sources")
"""Artifacts that may be missing, as ``Artifacts`` calls them."""

_WHAT = {
    "catalog": "no catalog, so columns have no types but those that the project itself tells",
    "run_results": "no run results, so failed tests are not told",
    "sources": "no sources, so late ones are not told",
}


class Way(Protocol):
    """Where artifacts come from."""

    def fetch(self, folder: Path) -> Iterator[Artifacts]:
        """The artifacts of each project that lies there.

        Args:
            folder: For those that have to be copied; the caller's, who throws it away.

        Raises:
            RemoteError: The manifest of one can't be had.
        """

    def state(self) -> str | None:
        """A text that is another one once artifacts were written anew, without reading them; None: it can't be told.

        Raises:
            RemoteError: The place can't be asked, or has no manifest.
        """

    def place(self) -> str:
        """What people call it."""


def gathered(name: str, manifest: Path, ask: Callable[[str], Path | None], wanted: tuple[str, ...]) -> Artifacts:
    """A project's artifacts, with a note for each of the wanted that is not there."""
    found = {kind: ask(kind) for kind in wanted}
    notes = tuple(f"{name} has beside it {_WHAT[kind]}." for kind in wanted if found[kind] is None)
    return Artifacts(name, manifest, **found, notes=notes)


@dataclass(frozen=True)
class LocalFiles:
    """Files of this machine.

    Attributes:
        manifest: Its path.
        others: Paths of those of ``KINDS`` that the recipe names.
    """

    manifest: str
    others: dict[str, str]

    def fetch(self, folder: Path) -> Iterator[Artifacts]:
        """See ``Way``; nothing is copied."""
        del folder
        yield gathered(self.manifest, self._manifest(), self._file, tuple(self.others))

    def state(self) -> str:
        """See ``Way``."""
        files = [self._manifest(), *filter(None, map(self._file, self.others))]
        try:
            return digest((str(file), (seen := file.stat()).st_mtime_ns, seen.st_size) for file in files)
        except OSError as error:  # it was there a moment ago: dbt clears its folder
            raise UnavailableError(f"{error.strerror}.", where=self.manifest, advice="Try again later.") from error

    def place(self) -> str:
        """See ``Way``."""
        return self.manifest

    def _manifest(self) -> Path:
        path = _there(self.manifest)
        if path is None:
            raise NotFoundError(
                "there is no such file.", where=self.manifest, advice="Let dbt write it: dbt compile, or docs generate."
            )
        return path

    def _file(self, kind: str) -> Path | None:
        return _there(self.others[kind])


@dataclass(frozen=True)
class WebFiles:
    """Files of a web server.

    Attributes:
        manifest: Its address.
        others: Addresses of those of ``KINDS`` that the recipe names.
        downloads: The client.
    """

    manifest: str
    others: dict[str, str]
    downloads: Downloads

    def fetch(self, folder: Path) -> Iterator[Artifacts]:
        """See ``Way``."""
        manifest = folder / "manifest.json"
        self.downloads.save(self._request(self.manifest), manifest)

        def ask(kind: str) -> Path | None:
            file = folder / f"{kind}.json"
            try:
                self.downloads.save(self._request(self.others[kind]), file)
            except NotFoundError:
                return None
            return file

        yield gathered(_shown(self.manifest), manifest, ask, tuple(self.others))

    def state(self) -> str | None:
        """See ``Way``; None where the server tells neither tags nor times."""
        told = self.downloads.version(self._request(self.manifest))
        if told is None:
            return None
        # Each with what it is of: a digest goes by no order.
        return digest([("manifest", told), *((kind, self._version(url)) for kind, url in self.others.items())])

    def _version(self, url: str) -> str | None:
        try:
            return self.downloads.version(self._request(url))
        except NotFoundError:
            return None

    def place(self) -> str:
        """See ``Way``."""
        return _shown(self.manifest)

    def _request(self, url: str) -> Request:
        return Request(url, "dbt:artifact", f"GET {_shown(url)}")


def _there(name: str) -> Path | None:
    """A file, or None where there is none.

    Raises:
        UnavailableError: Nobody can tell: it lies in a folder that may not be entered, or its name is none.
    """
    path = Path(name)
    try:
        return path if path.is_file() else None
    except OSError as error:
        advice = "Check the path, and who may read it."
        raise UnavailableError(f"it can't be looked at: {error.strerror}.", where=name, advice=advice) from error


def _shown(url: str) -> str:
    """An address without what follows the ?, which may sign it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
