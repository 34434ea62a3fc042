"""A repository's files at one commit as GitHub packs them."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator

from ingest_assets.sandbox.company.looker_git import EXECUTABLE, SUBMODULE, SYMLINK, Entry
from ingest_assets.sandbox.company.looker_repositories import Commit, Repository

_CHUNK = 65_536
_KINDS = {
    "file": tarfile.REGTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "device": tarfile.CHRTYPE,
    "fifo": tarfile.FIFOTYPE,
}


class _Zeros(io.RawIOBase):
    """As many zeros as anybody reads."""

    def read(self, size: int = -1) -> bytes:
        return bytes(max(size, 0))


def folder_of(repository: Repository, commit: Commit) -> str:
    """The folder that all files of an archive lie in."""
    return f"{repository.owner}-{repository.name}-{commit.sha[:7]}"


def tarball(repository: Repository, commit: Commit) -> Iterator[bytes]:
    """The archive, in pieces; each time the same bytes."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        # The comment is the commit, as `git archive` writes it into a global header.
        tarfile.open(
            fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit.sha}
        ) as archive,
    ):
        _add(archive, repository, commit)
    packed.seek(0)
    while chunk := packed.read(_CHUNK):
        yield chunk


def _add(archive: tarfile.TarFile, repository: Repository, commit: Commit) -> None:
    root, at = folder_of(repository, commit), int(commit.at.timestamp())
    folders: set[str] = set()
    _add_folder(archive, root, at)
    for path in sorted(commit.entries):
        parts = path.split("/")[:-1]
        for depth in range(len(parts)):
            folder = "/".join(parts[: depth + 1])
            if folder not in folders:
                folders.add(folder)
                _add_folder(archive, f"{root}/{folder}", at)
        _add_entry(archive, f"{root}/{path}", commit.entries[path], at)
    for member in repository.archive_members:
        info = tarfile.TarInfo(member.name)
        info.type, info.linkname, info.size, info.mtime = _KINDS[member.kind], member.target, member.size, at
        archive.addfile(info, _Zeros() if member.size else None)


def _add_folder(archive: tarfile.TarFile, name: str, at: int) -> None:
    info = tarfile.TarInfo(f"{name}/")
    info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o775, at
    archive.addfile(info)


def _add_entry(archive: tarfile.TarFile, name: str, entry: Entry, at: int) -> None:
    if entry.mode == SUBMODULE:  # GitHub packs the folder, and nothing of the other repository
        _add_folder(archive, name, at)
        return
    info = tarfile.TarInfo(name)
    info.mtime, info.mode = at, 0o775 if entry.mode == EXECUTABLE else 0o664
    if entry.mode == SYMLINK:
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, entry.content.decode(), 0o777
        archive.addfile(info)
        return
    info.size = len(entry.content)
    archive.addfile(info, io.BytesIO(entry.content))
