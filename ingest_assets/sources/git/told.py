"""What git says when it fails. It says so in words only, which are English where LC_ALL is C."""

from __future__ import annotations

import re
from urllib.parse import quote

from ingest_assets.errors import (
    AuthenticationError,
    IncompatibleServerError,
    PermissionDeniedError,
    RejectedError,
    RemoteError,
    UnavailableError,
)


class UnknownCommitError(RejectedError):
    """The other side, or what was fetched, has no such commit, or does not give it out."""


_LONGEST = 300
_TOLD = re.compile(r"^(?:fatal|error|remote|ssh): ?.*|.*permission denied.*|.*verification failed.*", re.M | re.I)
_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s]+@")

_TOKEN_ADVICE = "Check the token, and the user that it goes with."  # noqa: S105
_SEEN_ADVICE = "Check the address, and that the token or key may read the repository."
_MEANINGS: tuple[tuple[str, type[RemoteError], str, str], ...] = (
    (
        r"host key verification failed|host key is known",
        RejectedError,
        "the host's SSH key is not known here",
        "Add it to known_hosts of the user that runs this: ssh-keyscan shows it.",
    ),
    (
        r"dubious ownership",
        RejectedError,
        "the repository's folder belongs to another user",
        "Let the user that runs this own it, or give the folder itself as a local one.",
    ),
    (
        (
            r"authentication failed|could not read (?:username|password)|terminal prompts disabled|access denied"
            r"|permission denied \(|invalid credentials|returned error: 401"
        ),
        AuthenticationError,
        "who we are is refused, or asked for",
        _TOKEN_ADVICE,
    ),
    (
        r"returned error: 403|forbidden|not allowed to (?:download|access|upload)",
        PermissionDeniedError,
        "it is not allowed",
        _SEEN_ADVICE,
    ),
    (
        (
            r"repository[^\n]*not found|project[^\n]*not found|does not exist|does not appear to be a git repository"
            r"|returned error: 404|could not be found|not valid: is this a git repository|no such file or directory"
        ),
        PermissionDeniedError,
        "there is no such repository, or it is not shown",
        _SEEN_ADVICE,
    ),
    (
        (
            r"not our ref|unadvertised object|couldn't find remote ref|no such remote ref|not a valid object name"
            r"|not a tree object|bad object"
        ),
        UnknownCommitError,
        "there is no such commit",
        "Set an existing branch, tag or commit.",
    ),
    (
        r"certificate",
        IncompatibleServerError,
        "no TLS connection could be made",
        "Name the file of the authority that signed its certificate in the variable GIT_SSL_CAINFO.",
    ),
    (
        r"protocol '[^']*' not supported|transport '[^']*' not allowed",
        RejectedError,
        "it leads to where git is not let go",
        "Write the repository's own address.",
    ),
    (r"no space left", UnavailableError, "the disk is full", "Make room in the folder for temporary files (TMPDIR)."),
)
"""By what git says; the first that fits counts."""


def failure(said: str, where: str, secret: str | None) -> RemoteError:
    """What git's words mean.

    Args:
        said: All that it wrote to its error output.
        where: The call and the repository, for messages.
        secret: What must not get into the message.
    """
    words = _words(said, secret)
    for pattern, kind, what, advice in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE):
            return kind(f"{what}: {words}", where=where, advice=advice)
    advice = "Check the address, and whether it can be reached from here (proxy, firewall, DNS)."
    return UnavailableError(f"git failed: {words}", where=where, advice=advice)


def _words(said: str, secret: str | None) -> str:
    for each in (secret, quote(secret, safe="")) if secret else ():
        said = said.replace(each, "***")
    told = " ".join(line.strip() for line in _TOLD.findall(said)) or said
    return _IN_ADDRESS.sub("", " ".join(told.split()))[:_LONGEST] or "it said nothing"
