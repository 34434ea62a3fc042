"""The ingestion bot's own token: given as it is, or in a file that may change under a run."""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

from ingest_assets.errors import AuthenticationError
from ingest_assets.openmetadata.auth.tokens import JWT, expires_at

_LONGEST_FILE = 1 << 20
_WHERE = "the server's token"


class BotToken:
    """The JWT of an ingestion bot: the token itself, or a file that holds it.

    A file is read again when it has changed and after a 401, so that a token rotated by a mounted secret is taken up
    by a run that is under way.

    Args:
        token_or_path: A token, or the path of a file.
    """

    def __init__(self, token_or_path: str) -> None:
        text = token_or_path.strip()
        self._file = None if JWT.fullmatch(text) else _file(text)
        self._token = "" if self._file else _clean(text, "The token of the recipe")
        self._read_at: int | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Without the token."""
        return f"BotToken(file={str(self._file)!r})" if self._file else "BotToken(...)"

    def token(self) -> str:
        """The token, from its file if that is newer.

        Raises:
            AuthenticationError: The file can't be read, or there is no token in it.
        """
        if self._file is None:
            return self._token
        with self._lock:
            self._read(self._file)
            return self._token

    def renew(self, refused: str) -> bool:
        """Read the file again, whatever its time says."""
        if self._file is None:
            return False
        with self._lock:
            self._read_at = None
            self._read(self._file)
            return self._token != refused

    def explain(self, refused: str) -> str:
        """Expired, of no bot's making, or revoked."""
        place = f" in {self._file}" if self._file else ""
        expiry = expires_at(refused)
        if expiry is not None and expiry <= time.time():
            when = datetime.fromtimestamp(expiry, timezone.utc)
            return f"The token{place} expired on {when:%Y-%m-%d at %H:%M} UTC; copy a new one from Settings > Bots."
        return (
            f"The token{place} is wrong or was revoked: a bot's token stops working when a new one is generated. "
            "Copy the current one from Settings > Bots > ingestion-bot."
        )

    def _read(self, file: Path) -> None:
        try:
            changed_at = file.stat().st_mtime_ns
            if changed_at == self._read_at:
                return
            with file.open("rb") as opened:
                text = opened.read(_LONGEST_FILE).decode("utf-8")
        except (OSError, ValueError) as error:  # The latter for what is not UTF-8, and for a path with a NUL in it.
            raise AuthenticationError(
                f"the token's file {file} can't be read ({type(error).__name__}).",
                where=_WHERE,
                advice="jwtToken is the token itself or the path of a readable file that holds it.",
            ) from error
        self._token = _clean(text, f"The file {file}")
        self._read_at = changed_at


def _file(text: str) -> Path | None:
    """The path that the text is, if it is one: rooted, or the name of a file that exists."""
    path = Path(text)
    if text.startswith(("/", "./", "../", "~")):
        # "~name" of nobody here stays as it is, and is told as a file that can't be read.
        return Path(os.path.expanduser(text))  # noqa: PTH111  # Path.expanduser raises where there is no such user
    try:
        return path if text and path.is_file() else None
    except OSError:  # Too long for a file name: a token.
        return None


def _clean(text: str, holder: str) -> str:
    """The token in a text. A line break in it would reach an exception's message with the header around it."""
    token = text.strip().removeprefix("Bearer").strip()
    if token and token.isascii() and token.isprintable() and " " not in token:
        return token
    raise AuthenticationError(
        f"{holder} {'holds more than a token.' if token else 'is empty.'}",
        where=_WHERE,
        advice="Copy the token of the ingestion bot from Settings > Bots.",
    )
