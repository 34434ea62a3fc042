"""The published versions of openmetadata-ingestion whose classes bodies are validated with."""

from __future__ import annotations

from typing import NamedTuple

_PYDANTIC_1 = ("pydantic>=1.10.19,<2", "email-validator>=2,<3")
_PYDANTIC_2 = ("pydantic>=2.7,<2.12", "email-validator>=2,<3")
_PYDANTIC_2_12 = ("pydantic>=2.12.5,<3", "email-validator>=2,<3")


class Release(NamedTuple):
    """One published version.

    Attributes:
        version: Of openmetadata-ingestion; its first three parts are the server's version that it is made for.
        needs: What its classes need to be imported, and nothing more: requirements of pip.
        servers: Versions of servers whose bodies are validated; a minor means all of its patches.
        apart: Places in bodies that are not judged, because the classes ask for more than the server.
    """

    version: str
    needs: tuple[str, ...]
    servers: str
    apart: tuple[str, ...] = ()

    @property
    def server(self) -> str:
        """The version of the server that it is made for."""
        return ".".join(self.version.split(".")[:3])


# The last release of each minor, as of November 2026. A server's property may have come with an early patch of a minor
# or with its last one: that an early one refuses it is a matter of the recorded answers of real servers.
RELEASES = {
    # A service can't be made without a connection, but a server takes one that lacks parts (recorded); its class wants
    # all, passwords too, which are never sent. Other tests have FQNs of over 256 characters: only the campaign counts.
    "1.0": Release("1.0.5.1", _PYDANTIC_1, "1.0.5", apart=("connection.config",)),
    "1.2": Release("1.2.5.3", _PYDANTIC_1, "1.2"),
    "1.5": Release("1.5.15.2", _PYDANTIC_2, "1.5"),
    "1.9": Release("1.9.17.6", _PYDANTIC_2, "1.9"),
    "1.12": Release("1.12.14.2", _PYDANTIC_2, "1.12"),
    "1.13": Release("1.13.6.3", _PYDANTIC_2_12, "1.13"),
    "2.0": Release("2.0.7.0", _PYDANTIC_2_12, "2.0"),
}
