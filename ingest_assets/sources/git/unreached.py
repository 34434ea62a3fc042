"""What it means that a request got no answer, or half of one."""

from __future__ import annotations

import requests
from urllib3.exceptions import LocationParseError

from ingest_assets.errors import IncompatibleServerError, InvalidAnswerError, RemoteError, UnavailableError

_NETWORK_ADVICE = "Check the address, and whether it can be reached from here (proxy, firewall, DNS)."
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[RemoteError], str, str], ...] = (
    (
        (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError),
        InvalidAnswerError,
        "the answer is cut: the connection ended within it.",
        "",
    ),
    (
        (requests.exceptions.SSLError,),
        IncompatibleServerError,
        "no TLS connection could be made.",
        "Name the file of the authority that signed its certificate in the variable REQUESTS_CA_BUNDLE.",
    ),
    (
        (requests.exceptions.ProxyError,),
        UnavailableError,
        "the proxy can't be reached or refuses.",
        "Check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY.",
    ),
    (
        (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, LocationParseError),
        IncompatibleServerError,
        "its address is none.",
        _NETWORK_ADVICE,
    ),
    ((requests.exceptions.ConnectTimeout,), UnavailableError, "no connection in time.", _NETWORK_ADVICE),
    ((requests.exceptions.Timeout,), UnavailableError, "no answer in time.", "Try again later."),
)
"""By exceptions; the first that fits counts."""


def unreached(error: requests.RequestException | LocationParseError, where: str) -> RemoteError:
    """What failed, in words of ours: those of the libraries quote addresses, which may hold keys."""
    for kinds, meaning, what, advice in _MEANINGS:
        if isinstance(error, kinds):
            return meaning(what, where=where, advice=advice)
    return UnavailableError("the connection failed or broke.", where=where, advice=_NETWORK_ADVICE)
