"""One call of Atlas's API, and which method of which room answers it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import MultiDict

from ingest_assets.sandbox.atlas.refusals import AtlasCrashError, BrokenJsonError
from ingest_assets.sandbox.atlas.rendering import Row, Showing


@dataclass(frozen=True)
class AtlasCall:
    """One call.

    Attributes:
        showing: What the caller may see.
        path: Values within the path, by name.
        args: The query.
        posted: Whether it is a POST.
        body: As it was sent.
        hides: Which rows of a listing are left out on demand, by qualified name.
        loops: Whether the answer hands out the marker that it was asked with.
    """

    showing: Showing
    path: Mapping[str, str]
    args: MultiDict[str, str]
    posted: bool
    body: bytes
    hides: Callable[[str], bool]
    loops: bool = False

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A parameter that is ``true`` or anything else, as Java reads it."""
        return self.args[name].lower() == "true" if name in self.args else default

    def number(self, name: str, default: int) -> int:
        """A whole number.

        Raises:
            AtlasCrashError: It is none.
        """
        text = self.args.get(name, "")
        if not text:
            return default
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise AtlasCrashError
        return int(text)

    def json(self) -> Any:
        """The body.

        Raises:
            AtlasCrashError: There is none.
            BrokenJsonError: It is no JSON.
        """
        if not self.body:
            raise AtlasCrashError
        try:
            return json.loads(self.body)
        except ValueError:
            raise BrokenJsonError from None

    def unique_name(self) -> str:
        """The qualified name that an entity is looked up by.

        Raises:
            AtlasCrashError: The query names none.
        """
        names = [value for name, value in self.args.items() if name.startswith("attr:")]
        if "attr:qualifiedName" not in self.args:
            raise AtlasCrashError if not names else BrokenJsonError
        return self.args["attr:qualifiedName"]


Handler = Callable[[AtlasCall], "Row | list[Any]"]


@dataclass(frozen=True)
class Route:
    """One route.

    Attributes:
        operation: What faults are planned with, e.g. ``search.basic``.
        template: The path below ``/api/atlas``, e.g. ``/v2/lineage/{guid}``.
        handler: Makes the answer.
        methods: Those that it answers.
        free: Whether nobody needs to sign on.
    """

    operation: str
    template: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    free: bool = False

    def match(self, path: str) -> Mapping[str, str] | None:
        """The values within a path; None when it is another route's."""
        found = _pattern(self.template).fullmatch(path)
        return found.groupdict() if found else None


@lru_cache(maxsize=128)
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
