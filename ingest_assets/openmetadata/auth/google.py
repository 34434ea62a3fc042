"""Google: a service account's ID token, by google-auth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingest_assets.calls import Calls
from ingest_assets.errors import AuthenticationError, DependencyError, InvalidAnswerError, RecipeError
from ingest_assets.openmetadata.auth.exchange import TokenSession, sso_missing
from ingest_assets.openmetadata.auth.grants import server_side_advice
from ingest_assets.openmetadata.auth.keys import Keys
from ingest_assets.openmetadata.auth.renewed import Granted
from ingest_assets.openmetadata.auth.tokens import lifetime_of

AUDIENCE = "https://www.googleapis.com/oauth2/v4/token"
"""Whom the token is for where the recipe doesn't say; OpenMetadata's own default."""

_NEEDED = ("client_email", "private_key", "token_uri")
_LONGEST_FILE = 1 << 20


class GoogleServiceAccount:
    """A service account's key for an ID token. The file is read anew for each token: keys are rotated.

    Args:
        key: The key's JSON, or the path of its file.
        audience: Whom the token is for.
        keys: The recipe's words.
        calls: Counts requests, and knows the run's deadline.
        ca_file: An authority that is trusted besides the usual ones.

    Raises:
        DependencyError: google-auth is not installed.
    """

    def __init__(self, key: str, audience: str, keys: Keys, calls: Calls, *, ca_file: str | None = None) -> None:
        try:
            from google.auth import exceptions  # noqa: PLC0415  # of an extra
            from google.auth.transport.requests import Request  # noqa: PLC0415
            from google.oauth2.service_account import IDTokenCredentials  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise DependencyError(sso_missing(error, keys.provider)) from None
        self._errors = exceptions.GoogleAuthError
        self._credentials = IDTokenCredentials
        self._key = key.strip()
        self._audience = audience or AUDIENCE
        self._keys = keys
        self._request = Request(TokenSession(keys, calls, (), ca_file))

    @property
    def provider(self) -> str:
        """The recipe's ``authProvider``."""
        return self._keys.provider

    def grant(self) -> Granted:
        """Sign an assertion, and ask for an ID token with it."""
        info = self._info()
        where = f"sign-on by {self.provider} at {info['token_uri']}"
        try:
            credentials = self._credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                info, target_audience=self._audience
            )
        except (ValueError, TypeError, self._errors):
            # What they say may quote the key.
            raise self._no_key("its private_key is none") from None
        try:
            credentials.refresh(self._request)
        except self._errors:
            raise InvalidAnswerError("the answer of google holds no id_token.", where=where) from None
        token = str(credentials.token)
        return Granted(token, lifetime_of(token))

    def advice(self) -> str:
        """The server has to know the provider, and the account as a bot."""
        return server_side_advice(self._keys)

    def _info(self) -> dict[str, Any]:
        text = self._key if self._key.startswith("{") else self._read()
        try:
            info = json.loads(text)
        except ValueError:
            raise self._no_key("it is no JSON") from None
        missing = [name for name in _NEEDED if not isinstance(info, dict) or not isinstance(info.get(name), str)]
        if missing:
            raise self._no_key(f"it lacks {', '.join(missing)}")
        found: dict[str, Any] = info
        return found

    def _read(self) -> str:
        file = Path(self._key).expanduser() if self._key.startswith("~/") else Path(self._key)
        try:
            with file.open("rb") as opened:
                return opened.read(_LONGEST_FILE).decode("utf-8")
        except (OSError, ValueError) as error:  # The latter for what is not UTF-8, and for a path with a NUL in it.
            raise AuthenticationError(
                f"the key's file {file} can't be read ({type(error).__name__}).",
                where=f"sign-on by {self.provider}",
                advice=f"{self._keys.named(self._keys.secret)} is the path of a readable file, or the key's JSON.",
            ) from error

    def _no_key(self, why: str) -> RecipeError:
        return RecipeError(
            f"{self._keys.named(self._keys.secret)}: this is no key of a Google service account: {why}. Make one under "
            "IAM & Admin > Service Accounts > Keys."
        )
