"""OpenMetadata's own log-in, and servers that want no token."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ingest_assets.calls import Calls
from ingest_assets.errors import RemoteError
from ingest_assets.openmetadata.auth.exchange import TokenSession
from ingest_assets.openmetadata.auth.grants import granted
from ingest_assets.openmetadata.auth.keys import Keys
from ingest_assets.openmetadata.auth.renewed import Granted
from ingest_assets.openmetadata.tls import Tls

_NO_TOKEN = "no_token"  # noqa: S105  # what OpenMetadata's own client sends


class LogIn:
    """E-mail and password for a token; the refresh token that comes along is used before the password is sent again.

    Args:
        base: ``hostPort`` without a slash at its end.
        email: Who logs in.
        password: The password.
        keys: The recipe's words.
        calls: Counts requests, and knows the run's deadline.
        tls: The certificates of both sides.
        extra_headers: Sent with each request to the server.
    """

    def __init__(
        self,
        base: str,
        email: str,
        password: str,
        keys: Keys,
        calls: Calls,
        *,
        tls: Tls,
        extra_headers: Mapping[str, str],
    ) -> None:
        self._base = base
        self._email = email
        self._password = base64.b64encode(password.encode()).decode()
        self._keys = keys
        self._session = TokenSession(keys, calls, (password, self._password, *extra_headers.values()))
        self._tls = tls.checked()
        # There is no token yet that a proxy's header could quote.
        self._headers = {name: value for name, value in extra_headers.items() if "%(Authorization)s" not in value}
        self._refresh_token = ""

    @property
    def provider(self) -> str:
        """The recipe's ``authProvider``."""
        return self._keys.provider

    def grant(self) -> Granted:
        """Refresh what was given before, or log in."""
        refresh_token, self._refresh_token = self._refresh_token, ""
        if refresh_token:
            try:
                return self._ask("/v1/users/refresh", {"refreshToken": refresh_token})
            except RemoteError:
                # Expired, or ended with the session; servers say so by 401, 404 and 500. The password is what is left.
                pass
        return self._ask("/v1/users/login", {"email": self._email, "password": self._password})

    def advice(self) -> str:
        """Logged in, and refused all the same."""
        return f"The log-in of {self._keys.named(self._keys.client)} was ended: is the user still there?"

    def _ask(self, path: str, body: Mapping[str, str]) -> Granted:
        address = f"{self._base}{path}"
        response = self._session.post(
            address, json=body, headers=self._headers, verify=self._tls.verify, cert=self._tls.pair
        )
        answer: Mapping[str, Any] = response.json()
        given = granted(answer, self._keys, f"sign-on by {self.provider} at {address}", "accessToken")
        refresh_token = answer.get("refreshToken")
        self._refresh_token = refresh_token if isinstance(refresh_token, str) else ""
        return given


class NoAuth:
    """The word that a server without sign-on takes from anybody."""

    def __repr__(self) -> str:
        """As it is: there is nothing to hide."""
        return "NoAuth()"

    def token(self) -> str:
        """The same for all."""
        return _NO_TOKEN

    def renew(self, refused: str) -> bool:
        """There is no other."""
        return False

    def explain(self, refused: str) -> str:
        """This server wants one."""
        return (
            "The recipe says authProvider: no-auth, and this server wants a token: set authProvider: openmetadata and "
            "securityConfig.jwtToken to the token of the ingestion bot (Settings > Bots)."
        )
