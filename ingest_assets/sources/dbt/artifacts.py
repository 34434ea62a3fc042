"""dbt's artifacts, read as streams: a manifest of thousands of models has hundreds of megabytes."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import ijson

from ingest_assets.errors import InvalidAnswerError

MANIFEST, CATALOG, RUN_RESULTS, SOURCES = "manifest", "catalog", "run-results", "sources"

OLDEST, NEWEST = 4, 12
"""Versions of manifests that were seen: those of dbt 1.0 and of 1.8 to 1.11."""

_TOLD = ("adapter_type", "project_name")
_SCHEMA = re.compile(r"https?://schemas\.getdbt\.com/dbt/([a-z-]+)/v(\d+)\.json")

_GZIP = b"\x1f\x8b"

Json = dict[str, Any]


class Artifacts(NamedTuple):
    """The artifacts of one project, as files of this machine.

    Attributes:
        name: What people call them: the path or address of the manifest.
        manifest: The one that must be there.
        catalog: Columns with their types, if there is one.
        run_results: What became of tests, if there is one.
        sources: How old sources are, if there is one.
        notes: What people should know, such as artifacts that are not there.
    """

    name: str
    manifest: Path
    catalog: Path | None = None
    run_results: Path | None = None
    sources: Path | None = None
    notes: tuple[str, ...] = ()


class Heading(NamedTuple):
    """What an artifact says of itself.

    Attributes:
        version: Of its schema.
        adapter: Of the warehouse, such as ``athena``; empty: not told.
        project: Name of the dbt project; empty: not told, as before dbt 1.6.
    """

    version: int
    adapter: str = ""
    project: str = ""


def heading(file: Path, kind: str, where: str) -> Heading:
    """What an artifact says of itself.

    Args:
        file: The artifact.
        kind: What it must be.
        where: What people call it.

    Raises:
        InvalidAnswerError: It is empty, cut, no JSON, or not such an artifact.
    """
    told = next(_items(file, "metadata", where), None)
    match = _SCHEMA.fullmatch(str(told.get("dbt_schema_version"))) if isinstance(told, dict) else None
    if match is None or not isinstance(told, dict):
        raise InvalidAnswerError(
            "It is no artifact of dbt: it has no metadata.dbt_schema_version.",
            where=where,
            advice=f"Name the {kind} that dbt writes into target/.",
        )
    if match[1] != kind:
        raise InvalidAnswerError(
            f"It is dbt's {match[1]}, and not the {kind}.", where=where, advice="Name each artifact by its own key."
        )
    adapter, project = (value if isinstance(value := told.get(key), str) else "" for key in _TOLD)
    return Heading(int(match[2]), adapter, project)


def check_version(found: Heading, where: str) -> str | None:
    """A note where a manifest is newer than what was seen.

    Raises:
        InvalidAnswerError: It is older than what can be read.
    """
    if found.version < OLDEST:
        raise InvalidAnswerError(
            f"It is a manifest v{found.version}; the oldest that can be read is v{OLDEST}, of dbt 1.0.",
            where=where,
            advice="Make it with a newer dbt.",
        )
    if found.version > NEWEST:
        return f"{where} is a manifest v{found.version}, newer than those that are known; it is read as v{NEWEST}."
    return None


def entries(file: Path, section: str, where: str) -> Iterator[tuple[str, Json]]:
    """Entries of an object at the top of an artifact, one at a time; none where there is no such object.

    Raises:
        InvalidAnswerError: The artifact is empty, cut, or no JSON; at its end at the latest.
    """
    for key, value in _stream(file, where, lambda opened: ijson.kvitems(opened, section, use_float=True)):
        if not isinstance(value, dict):
            raise InvalidAnswerError(f"Its {section} has an entry {key} that is no object.", where=where)
        yield key, value


def required_entries(file: Path, section: str, where: str) -> Iterator[tuple[str, Json]]:
    """Entries of an object that artifacts of every version have.

    Were it read as empty where it is missing, all that it told of before would be dropped as gone.

    Raises:
        InvalidAnswerError: The artifact is empty, cut, or no JSON, or lacks the object.
    """
    found = entries(file, section, where)
    first = next(found, None)
    if first is not None:
        yield first
        yield from found
    elif not isinstance(next(_items(file, section, where), None), dict):
        raise InvalidAnswerError(f"It lacks its {section}.", where=where, advice="Let dbt write it anew.")


def results(file: Path, where: str) -> Iterator[Json]:
    """Results of a run, one at a time.

    Raises:
        InvalidAnswerError: The artifact is empty, cut, or no JSON; at its end at the latest.
    """
    yield from (each for each in _items(file, "results.item", where) if isinstance(each, dict))


def _items(file: Path, prefix: str, where: str) -> Iterator[Any]:
    return _stream(file, where, lambda opened: ijson.items(opened, prefix, use_float=True))


def _stream(file: Path, where: str, read: Any) -> Iterator[Any]:
    try:
        # What jobs upload to S3 is often packed, whatever its name says.
        with gzip.open(file) if _is_packed(file) else file.open("rb") as opened:
            yield from read(opened)
    except (ijson.JSONError, UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        size = file.stat().st_size
        what = "It is empty" if size == 0 else f"It is cut, or no JSON ({str(error).splitlines()[0][:100]})"
        raise InvalidAnswerError(f"{what}.", where=where, advice="Let dbt write it anew, and copy it whole.") from error
    except OSError as error:
        raise InvalidAnswerError(f"It can't be read: {error}.", where=where) from error


def _is_packed(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_GZIP)) == _GZIP
