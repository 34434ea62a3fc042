"""Manifests: files that list the files of a data source in S3. Two forms: QuickSight's own, and what ``UNLOAD`` writes.

A prefix is a text that keys begin with: what follows its last slash is part of a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, Field, ValidationError

from ingest_assets.errors import InvalidAnswerError

_LONGEST = 10_000_000  # characters; a manifest lists a thousand files at most
_HOST = re.compile(
    r"(?:(?P<bucket>.+)\.)?s3(?:[.-](?:dualstack|fips|accelerate))*(?:[.-][a-z]{2}(?:-[a-z]+)+-\d)?"
    r"\.amazonaws\.com(?:\.cn)?"
)


class _Locations(BaseModel):
    uris: list[str] | None = Field(default=None, alias="URIs")
    prefixes: list[str] | None = Field(default=None, alias="URIPrefixes")


class _Entry(BaseModel):
    url: str


class _Manifest(BaseModel):
    locations: list[_Locations] | None = Field(default=None, alias="fileLocations")
    entries: list[_Entry] | None = None


def places(text: str, where: str) -> tuple[tuple[str, ...], ...]:
    """The places that a manifest names, each once: the bucket's address, and what lies in it.

    Args:
        text: The manifest.
        where: Its own address.

    Raises:
        InvalidAnswerError: It is no manifest, or names what is not in S3.
    """
    if len(text) > _LONGEST:
        raise InvalidAnswerError(f"the manifest has more than {_LONGEST} characters", where=where)
    try:
        manifest = _Manifest.model_validate_json(text.removeprefix("\ufeff"))
    except ValidationError as error:
        raise InvalidAnswerError(f"the manifest can't be read: {_words(error)}", where=where) from error
    if manifest.locations is None and manifest.entries is None:
        raise InvalidAnswerError("the manifest has neither fileLocations nor entries", where=where)
    return tuple(dict.fromkeys(_place(uri, where) for uri in _uris(manifest)))


def _uris(manifest: _Manifest) -> Iterator[str]:
    for locations in manifest.locations or ():
        yield from locations.uris or ()
        for prefix in locations.prefixes or ():
            folder, slash, _ = prefix.rpartition("/")
            yield prefix if folder.endswith("/") else folder + slash
    yield from (entry.url for entry in manifest.entries or ())


def _place(uri: str, where: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError as error:
        raise InvalidAnswerError(f"the manifest names {uri!r}, which is no address", where=where) from error
    if parts.scheme.lower() in ("s3", "s3a", "s3n"):
        bucket, _, key = uri.partition("://")[2].partition("/")
    elif parts.scheme.lower() in ("https", "http") and (match := _HOST.fullmatch(host)):
        path = unquote(parts.path.lstrip("/"))
        bucket, _, key = (match["bucket"], "", path) if match["bucket"] else path.partition("/")
    else:
        raise InvalidAnswerError(f"the manifest names {uri!r}, which is not in S3", where=where)
    if not bucket:
        raise InvalidAnswerError(f"the manifest names {uri!r}, which has no bucket", where=where)
    return (f"s3://{bucket}", key) if key else (f"s3://{bucket}",)


def _words(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else str(first["msg"])
