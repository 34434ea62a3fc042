"""Scope files: what reading one scope brought to light, one finding a line, named by the hash of their content."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from ingest_assets.catalog import (
    ENTITIES,
    Edge,
    Enrichment,
    Entity,
    EntityType,
    Failed,
    Filtered,
    Finding,
    ForeignEdge,
    Health,
    Note,
    Parked,
    Scope,
    Statement,
    Unlisted,
)
from ingest_assets.catalog.entities import Model
from ingest_assets.errors import StoreError

_MODELS: Final[dict[str, type[Model]]] = {
    **{model.model_fields["type"].default: model for model in ENTITIES},
    "enrichment": Enrichment,
    "filtered": Filtered,
    "failed": Failed,
    "unlisted": Unlisted,
    "note": Note,
    "health": Health,
    "edge": Edge,
    "foreign_edge": ForeignEdge,
    "parked": Parked,
    "statement": Statement,
}
_TAGS: Final[dict[type[Model], str]] = {model: tag for tag, model in _MODELS.items()}
_KINDS: Final = (Entity, Enrichment, Filtered, Failed, Unlisted, Note, Health, Edge, ForeignEdge, Statement, Parked)
_SCOPE = "scope"
_DIGEST_BYTES = 20


class FindingsWriter:
    """Writes findings to a file as they come; a context manager.

    The same findings in the same order make the same digest, so an unchanged scope costs the store no second file.

    Args:
        file: Where to.

    Attributes:
        digest: Hash of what was written, in hexadecimal; complete once the context is left.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._hash = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        self.digest = ""

    def __enter__(self) -> FindingsWriter:
        """Open the file."""
        self._raw: IO[bytes] = self._file.open("wb")
        # No name and no time in the header: they would make equal content differ.
        self._out = gzip.GzipFile(filename="", mode="wb", compresslevel=3, fileobj=self._raw, mtime=0)
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the file."""
        self._out.close()
        self._raw.close()
        self.digest = self._hash.hexdigest()

    def write(self, finding: Finding) -> None:
        """Append one finding."""
        line = _line(finding).encode()
        self._hash.update(line)
        self._out.write(line)


def read_findings(file: Path, digest: str) -> Iterator[Finding]:
    """The findings of a scope file, in the order they were written.

    Args:
        file: The file.
        digest: Hash that its content must have. A file that is empty, or cut between two lines, looks like a listing
            with less in it, and what it lacks like something that is gone.

    Raises:
        StoreError: The file is cut, changed, or of another format; at its end at the latest.
    """
    content = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    try:
        with gzip.open(file, "rb") as lines:
            for line in lines:
                content.update(line)
                yield _finding(line)
    except (OSError, EOFError, ValidationError, ValueError, KeyError) as error:
        raise _damaged(file, f"{type(error).__name__}: {error}") from error
    if content.hexdigest() != digest:
        raise _damaged(file, "its content is not what was written")


def _damaged(file: Path, why: str) -> StoreError:
    return StoreError(f"{file} is damaged ({why}). Materialize the snapshot again.")


def _line(finding: Finding) -> str:
    if isinstance(finding, Scope):
        return json.dumps({_SCOPE: [finding.of.value, finding.path, finding.part]}) + "\n"
    return f'{{"{_TAGS[type(finding)]}":{finding.model_dump_json(exclude_defaults=True)}}}\n'


def _finding(line: bytes) -> Finding:
    tag = line[2 : line.index(b'"', 2)].decode()
    if tag == _SCOPE:
        of, path, *part = json.loads(line)[_SCOPE]
        return Scope(EntityType(of), tuple(path), *part)
    found = _MODELS[tag].model_validate_json(line[len(tag) + 4 : line.rindex(b"}")])
    if not isinstance(found, _KINDS):
        raise TypeError(tag)
    return found
