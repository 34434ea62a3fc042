"""Microsoft Entra ID (Azure Active Directory), by msal."""

from __future__ import annotations

from typing import Any

from ingest_assets.calls import Calls
from ingest_assets.errors import DependencyError, IncompatibleServerError, InvalidAnswerError
from ingest_assets.openmetadata.auth.exchange import TokenSession, sso_missing
from ingest_assets.openmetadata.auth.grants import Client, granted, server_side_advice
from ingest_assets.openmetadata.auth.keys import Keys
from ingest_assets.openmetadata.auth.renewed import Granted


class AzureClient:
    """A client id and its secret for a token of a tenant.

    Args:
        authority: The tenant's address, ``https://login.microsoftonline.com/TENANT``.
        client: Who asks.
        keys: The recipe's words.
        calls: Counts requests, and knows the run's deadline.
        ca_file: An authority that is trusted besides the usual ones.

    Raises:
        DependencyError: msal is not installed.
    """

    def __init__(self, authority: str, client: Client, keys: Keys, calls: Calls, *, ca_file: str | None = None) -> None:
        try:
            import msal  # noqa: PLC0415  # of an extra
        except ModuleNotFoundError as error:
            raise DependencyError(sso_missing(error, keys.provider)) from None
        self._msal = msal
        self._authority = authority.rstrip("/").removesuffix("/v2.0")
        self._client = client
        self._keys = keys
        self._session = TokenSession(keys, calls, (client.secret,), ca_file)
        self._application: Any = None

    @property
    def provider(self) -> str:
        """The recipe's ``authProvider``."""
        return self._keys.provider

    def grant(self) -> Granted:
        """Ask for a token; msal's own cache would hand out the one that was refused."""
        where = f"sign-on by {self.provider} at {self._authority}"
        if self._application is None:
            self._application = self._found(where)
        self._application.remove_tokens_for_client()
        try:
            given = self._application.acquire_token_for_client(scopes=list(self._client.scopes))
        except (ValueError, TypeError, KeyError):
            # An expires_in that is no number, e.g.; the library's words may quote the token.
            raise InvalidAnswerError(f"the answer of {self.provider} can't be understood.", where=where) from None
        return granted(given, self._keys, where)

    def advice(self) -> str:
        """The server has to know the provider, and the client as a bot."""
        return server_side_advice(self._keys)

    def _found(self, where: str) -> Any:
        try:
            # The recipe's word for the authority is taken: to have it confirmed by Microsoft's public cloud would
            # need a way there from networks that have none.
            return self._msal.ConfidentialClientApplication(
                self._client.client_id,
                client_credential=self._client.secret,
                authority=self._authority,
                http_client=self._session,
                instance_discovery=False,
            )
        except (ValueError, KeyError):
            raise IncompatibleServerError(
                "what answers is no tenant of Microsoft Entra ID.",
                where=where,
                advice=f"Check {self._keys.named(self._keys.address)}: https://login.microsoftonline.com/TENANT.",
            ) from None
