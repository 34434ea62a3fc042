"""The published versions of openmetadata-ingestion whose classes bodies are validated with."""

from __future__ import annotations

from typing import NamedTuple

_PYDANTIC_1 = ("pydantic>=1.10.19,<2", "email-validator>=2,<3")
_PYDANTIC_2 = ("pydantic>=2.7,<2.12", "email-validator>=2,<3")
_PYDANTIC_2_12 = ("pydantic>=2.12.5,<3", "email-validator>=2,<3")

# 1.0 alone limits FQNs to 256 characters. Tests of odd names have longer ones; a server that refuses one is told of.
_LONG_FQNS = tuple(
    f"{place}.__root__: ensure this value has at most 256"
    for place in (
        "database",
        "databaseSchema",
        "edge.lineageDetails.columnsLineage.*.fromColumns.*",
        "edge.lineageDetails.columnsLineage.*.toColumn",
    )
)


class Release(NamedTuple):
    """One published version.

    Attributes:
        version: Of openmetadata-ingestion; its first three parts are the server's version that it is made for.
        needs: What its classes need to be imported, and nothing more: requirements of pip.
        apart: What is not judged: beginnings of a refusal's place and reason.
    """

    version: str
    needs: tuple[str, ...]
    apart: tuple[str, ...] = ()

    @property
    def server(self) -> str:
        """The version of the server that it is made for."""
        return ".".join(self.version.split(".")[:3])


# The last release of each minor, as of November 2026. A server's property may have come with an early patch of a minor
# or with its last one: that an early one refuses it is a matter of the recorded answers of real servers.
RELEASES = {
    # A 1.0 server wants a connection with each service but takes one that lacks parts (recorded). The class wants all
    # of it, passwords too, which are never sent.
    "1.0": Release("1.0.5.1", _PYDANTIC_1, apart=("connection.config", *_LONG_FQNS)),
    "1.2": Release("1.2.5.3", _PYDANTIC_1),
    "1.5": Release("1.5.15.2", _PYDANTIC_2),
    "1.9": Release("1.9.17.6", _PYDANTIC_2),
    "1.12": Release("1.12.14.2", _PYDANTIC_2),
    "1.13": Release("1.13.6.3", _PYDANTIC_2_12),
    "2.0": Release("2.0.7.0", _PYDANTIC_2_12),
}
