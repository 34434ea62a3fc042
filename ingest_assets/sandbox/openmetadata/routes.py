"""From method and path to a handler."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingest_assets.sandbox.openmetadata.answers import Answer, Unhandled
from ingest_assets.sandbox.openmetadata.calls import Call

Handler = Callable[[Call], Answer]

_NOT_FOUND = "HTTP 404 Not Found"
_WRONG_METHOD = "HTTP 405 Method Not Allowed"


@dataclass(frozen=True)
class Route:
    """A method and a path template below ``/v1``; ``{id}`` placeholders must be UUIDs."""

    method: str
    template: str
    handler: Handler


class Router:
    """All routes of one server version."""

    def __init__(self, routes: Iterable[Route]) -> None:
        handlers: dict[str, dict[str, Handler]] = defaultdict(dict)
        for route in routes:
            handlers[route.template][route.method] = route.handler
        # A literal beats a placeholder: /tables/bulk is no id.
        templates = sorted(handlers, key=lambda template: template.count("{"))
        self._handlers = handlers
        self._templates: dict[tuple[int, str], list[tuple[str, ...]]] = defaultdict(list)
        for template in templates:
            parts = tuple(template.split("/"))
            self._templates[len(parts), parts[0]].append(parts)

    def find(self, segments: list[str]) -> tuple[str, dict[str, str]] | None:
        """The template that a path matches, and what its placeholders stand for."""
        if not segments:
            return None
        for parts in self._templates[len(segments), segments[0]]:
            params = _match(parts, segments)
            if params is not None:
                return "/".join(parts), params
        return None

    def handler(self, method: str, template: str | None, params: dict[str, str]) -> Handler:
        """The handler of a method on a matched path.

        Raises:
            Unhandled: No such path, method or id: the real server wraps its 404 and 405 into a 500.
        """
        if template is None:
            raise Unhandled(_NOT_FOUND)
        found = self._handlers[template].get(method)
        if found is None:
            raise Unhandled(_WRONG_METHOD)
        for name, value in params.items():
            if name.startswith("id") and not _is_uuid(value):
                raise Unhandled(_NOT_FOUND)
        return found


def _match(parts: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    params = {}
    for part, segment in zip(parts, segments, strict=True):
        if part.startswith("{"):
            params[part[1:-1]] = segment
        elif part != segment:
            return None
    return params


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
