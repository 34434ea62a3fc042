"""Reading a Glue source to its end."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from ingest_assets.catalog import Entity, Failed, Filtered, Finding, Note, Scope
from ingest_assets.errors import RemoteError
from ingest_assets.sources.glue.source import GlueSource

EntityT = TypeVar("EntityT", bound=Entity)


class Reading(NamedTuple):
    """All that a source has."""

    found: list[Finding]
    errors: dict[Scope, RemoteError]

    def entities(self, kind: type[EntityT]) -> dict[tuple[str, ...], EntityT]:
        """Entities of a type by the path below the service."""
        return {each.path[1:]: each for each in self.found if isinstance(each, kind)}

    @property
    def filtered(self) -> dict[tuple[str, ...], str]:
        """Reasons by the path below the service."""
        return {each.reference.path[1:]: each.reason for each in self.found if isinstance(each, Filtered)}

    @property
    def failed(self) -> dict[tuple[str, ...], str]:
        """Reasons by the path below the service."""
        return {each.reference.path[1:]: each.reason for each in self.found if isinstance(each, Failed)}

    @property
    def notes(self) -> list[str]:
        """What people should know."""
        return [each.text for each in self.found if isinstance(each, Note)]


def read_all(source: GlueSource) -> Reading:
    """Read every scope; one that fails costs itself."""
    reading = Reading([], {})
    waiting = list(source.roots())
    while waiting:
        scope = waiting.pop(0)
        try:
            found = list(source.read(scope))
        except RemoteError as error:
            reading.errors[scope] = error
            continue
        waiting += [each for each in found if isinstance(each, Scope)]
        reading.found.extend(found)
    return reading
