"""The recipe's words for what a way to sign on is made of, so that each message names the key to look at."""

from __future__ import annotations

from dataclasses import dataclass

HOST_PORT = "hostPort"
"""The server's own address, which stands beside the block of the others."""

_BLOCK = "securityConfig"


@dataclass(frozen=True)
class Keys:
    """Which keys of ``securityConfig`` hold what.

    Attributes:
        provider: The recipe's ``authProvider``.
        address: Where the provider is.
        client: Who asks.
        secret: What proves it.
        scopes: What is asked for.
        audience: Whom the token is for; empty where no key says.
        signs: Whether the secret is a key that signs, so that the clock is part of the proof.
    """

    provider: str
    address: str
    client: str = "clientId"
    secret: str = "secretKey"  # noqa: S105  # the key's name
    scopes: str = "scopes"
    audience: str = ""
    signs: bool = False

    def named(self, *names: str) -> str:
        """Keys as messages write them, such as ``securityConfig.clientId``; empty ones are left out."""
        return " and ".join(name if name == HOST_PORT else f"{_BLOCK}.{name}" for name in names if name)

    @property
    def credentials(self) -> str:
        """The keys that prove who asks."""
        return self.named(self.client, self.secret)
