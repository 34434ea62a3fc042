"""What Looker's API has built here: paths, parameters and kinds of answers, the latter two as looker-sdk has them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from looker_sdk.rtl.model import DelimSequence
from looker_sdk.sdk.api40.methods import Looker40SDK
from werkzeug.datastructures import MultiDict

from ingest_assets.sandbox.company.looker import Row
from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.looker.refusals import LookerRefusalError, invalid

_NO_PARAMETERS = frozenset({"self", "transport_options"})


@dataclass(frozen=True)
class LookerCall:
    """One call of the API.

    Attributes:
        client: Who calls.
        base: The address that the caller uses for this instance.
        path: Values within the path, by name.
        params: The query's, read as looker-sdk's types.
    """

    client: LookerClient
    base: str
    path: Mapping[str, str]
    params: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[LookerCall], Any]


@dataclass(frozen=True)
class Route:
    """One route.

    Attributes:
        operation: looker-sdk's name of it.
        template: The path below ``/api/4.0``, e.g. ``/dashboards/{dashboard_id}``.
        handler: Makes the answer: a row, or a list of rows.
        honours: Parameters besides ``fields`` that change the answer as Looker's would.
        subject: Names a row of a listing in the plan of faults; None where the answer is no listing.
    """

    operation: str
    template: str
    handler: Handler
    honours: frozenset[str] = frozenset()
    subject: Callable[[Row], str] | None = None

    def match(self, path: str) -> Mapping[str, str] | None:
        """The values within a path; None when it is another route's."""
        found = _pattern(self.template).fullmatch(path)
        return found.groupdict() if found else None


@lru_cache(maxsize=128)
def answer_kind(operation: str) -> Any:
    """What looker-sdk reads an answer as."""
    return get_type_hints(getattr(Looker40SDK, operation))["return"]


def read_params(route: Route, sent: MultiDict[str, str]) -> dict[str, Any]:
    """The query's parameters, by the types that looker-sdk has for them.

    Raises:
        LookerRefusalError: Looker's API has no such parameter, its value is none, or the sandbox does not honour it.
    """
    known = _parameters(route.operation)
    strange = sorted(set(sent) - set(known) | {name for name in sent if len(sent.getlist(name)) > 1})
    if strange:
        raise LookerRefusalError(400, f"{route.operation} has no parameters {strange}, or not twice")
    unhonoured = sorted(set(sent) - route.honours - {"fields"})
    if unhonoured:
        raise LookerRefusalError(501, f"The sandbox's {route.operation} does not honour {unhonoured} yet.")
    return {name: _read(name, value, known[name]) for name, value in sent.items()}


@lru_cache(maxsize=128)
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


@lru_cache(maxsize=128)
def _parameters(operation: str) -> Mapping[str, Any]:
    method = getattr(Looker40SDK, operation)
    hints = get_type_hints(method)
    names = [
        name
        for name, parameter in inspect.signature(method).parameters.items()
        if name not in _NO_PARAMETERS and parameter.default is None
    ]
    return {name: _bare(hints[name]) for name in names}


def _read(name: str, value: str, kind: Any) -> Any:
    if kind is int:
        if not value.isascii() or not value.isdecimal():
            raise invalid(name, "must be a whole number")
        return int(value)
    if kind is bool:
        if value not in ("true", "false"):
            raise invalid(name, "must be true or false")
        return value == "true"
    if get_origin(kind) is DelimSequence:
        return value.split(",")
    return value


def _bare(kind: Any) -> Any:
    if get_origin(kind) is Union:
        (kind,) = (one for one in get_args(kind) if one is not type(None))
    return kind
