"""OpenMetadata's own log-in, by e-mail and password."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import threading
import time

from ingest_assets.sandbox.identity.calls import JSON, Answer, Call, RefusalError
from ingest_assets.sandbox.identity.clients import Provider
from ingest_assets.sandbox.identity.directory import PERSON, Directory
from ingest_assets.sandbox.identity.issuer import Issuer

_ATTEMPTS = 3  # the server's own limit (authorizerConfiguration), after which an account is blocked for ten minutes
_MEMBERS = {"login": {"email", "password"}, "refresh": {"refreshToken"}}


class LogIn(Provider):
    """Log-in and refresh: a refresh token is good once."""

    name = "log-in"
    host = "openmetadata.norrpost.example"
    paths = re.compile(r"/api/v1/users/(?P<part>login|refresh)")

    def __init__(self, directory: Directory, issuer: Issuer) -> None:
        super().__init__(directory, issuer)
        self._lock = threading.Lock()
        self._refresh: set[str] = set()
        self._failed = 0

    def answer(self, call: Call) -> Answer:
        """A token, and another one to refresh it with."""
        part = call.path.rpartition("/")[2]
        if call.method != "POST":
            raise _refusal(405, "HTTP 405 Method Not Allowed")
        if call.media_type != JSON:
            raise _refusal(415, "HTTP 415 Unsupported Media Type")
        unknown = sorted(call.fields.keys() - _MEMBERS[part])
        if unknown:
            raise _refusal(400, f'Unrecognized field "{unknown[0]}"')
        with self._lock:
            if part == "login":
                self._log_in(call)
            else:
                self._take(call.text("refreshToken"))
            return self._given(call)

    def forget(self) -> None:
        """End all sessions: no refresh token is good any more."""
        with self._lock:
            self._refresh.clear()

    def unblock(self) -> None:
        """Forget log-ins that failed, as ten minutes do."""
        with self._lock:
            self._failed = 0

    def _log_in(self, call: Call) -> None:
        if self._failed >= _ATTEMPTS:
            raise _refusal(401, "Failed Login Attempts Exceeded. Use Forgot Password or retry after some time.")
        try:
            password = base64.b64decode(call.text("password"), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _refusal(400, "Password needs to be encoded in Base-64.") from None
        if call.text("email") != self.directory.email or not secrets.compare_digest(
            password.encode(), self.directory.password.encode()
        ):
            self._failed += 1
            raise _refusal(401, "You have entered an invalid email or password.")
        self._failed = 0

    def _take(self, refresh_token: str) -> None:
        if refresh_token not in self._refresh:
            raise _refusal(404, "token instance not found")
        self._refresh.discard(refresh_token)

    def _given(self, call: Call) -> Answer:
        refresh_token = secrets.token_urlsafe(32)
        self._refresh.add(refresh_token)
        claims = {"sub": PERSON, "email": self.directory.email, "isBot": False, "tokenType": "OM_USER"}
        token = self.issuer.issue(PERSON, "open-metadata.org", call.base, **claims)
        return Answer(
            {
                "accessToken": token,
                "refreshToken": refresh_token,
                "tokenType": "Bearer",
                "expiryDuration": int((time.time() + self.issuer.lifetime) * 1000),
                "email": self.directory.email,
            }
        )


def _refusal(code: int, message: str) -> RefusalError:
    return RefusalError(code, {"code": code, "message": message})
