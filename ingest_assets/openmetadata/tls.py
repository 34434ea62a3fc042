"""How a server is told by its certificate, and we by ours."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ingest_assets.errors import RecipeError


class Tls(NamedTuple):
    """The recipe's ``verifySSL`` and ``sslConfig``.

    Attributes:
        verify: Whether, or with which CA bundle, the server's certificate is checked.
        certificate: File of our own certificate, for servers and gateways that ask for one.
        key: File of its key; None where the certificate's file holds it.
    """

    verify: bool | str = True
    certificate: str | None = None
    key: str | None = None

    def checked(self) -> Tls:
        """The same, once its files are there.

        Raises:
            RecipeError: One is not: requests would only say so when it first connects, in an error none of its own.
        """
        named = {"caCertificate": self.verify, "sslCertificate": self.certificate, "sslKey": self.key}
        for name, file in named.items():
            if isinstance(file, str) and not Path(file).exists():
                raise RecipeError(f"sslConfig.{name}: there is no file {file}.")
        return self

    @property
    def pair(self) -> tuple[str, str] | str | None:
        """Certificate and key, as requests take them."""
        if self.certificate is None:
            return None
        return self.certificate if self.key is None else (self.certificate, self.key)
