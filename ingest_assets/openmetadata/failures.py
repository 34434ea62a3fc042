"""What it means that a request got no answer: refused, unknown host, certificate, timeout, cut."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import LocationParseError, NewConnectionError

from ingest_assets.errors import IncompatibleServerError, InvalidAnswerError, RemoteError, UnavailableError
from ingest_assets.openmetadata.answers import Trouble

_CERTIFICATE_ADVICE = (
    "Set verifySSL: validate and sslConfig.caCertificate to the file of the CA that signed the server's certificate; "
    "verifySSL: ignore switches the check off, for tests only."
)

_OWN_CERTIFICATE_ADVICE = (
    "Set sslConfig.sslCertificate and sslConfig.sslKey to the files of a certificate that it trusts."
)
_WANTS_CERTIFICATE = re.compile(
    "ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN)|HANDSHAKE_FAILURE"
)


def trouble_of(error: requests.RequestException | LocationParseError, *, where: str) -> Trouble:
    """What failed, in words that say what to do, and whether the server may have seen the request."""
    causes = list(_causes(error))
    if isinstance(error, requests.exceptions.SSLError):
        return _tls(causes, where)
    return _by_kind(error, where) or _by_cause(causes, where)


def _by_kind(error: requests.RequestException | LocationParseError, where: str) -> Trouble | None:
    match error:
        case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
            return Trouble(InvalidAnswerError("the answer is cut: the connection ended within it.", where=where))
        case requests.exceptions.ProxyError():
            advice = "Check HTTPS_PROXY and HTTP_PROXY, or name the server's host in NO_PROXY."
            broken = UnavailableError("the proxy can't be reached or refuses.", where=where, advice=advice)
            return Trouble(broken, sent=False)
        case requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema() | LocationParseError():
            advice = "hostPort must look like http://openmetadata:8585/api."
            return Trouble(IncompatibleServerError("this is no address.", where=where, advice=advice), sent=False)
        case requests.exceptions.Timeout():
            return _timeout(error, where)
        case _:
            return None


def _by_cause(causes: list[BaseException], where: str) -> Trouble:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Trouble(_unknown_host(where), sent=False)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Trouble(_refused(where), sent=False)
    what = f"the connection broke ({_innermost(causes)})."
    not_sent = any(isinstance(cause, NewConnectionError) for cause in causes)
    return Trouble(UnavailableError(what, where=where, advice="Is the server up?"), sent=not not_sent)


def _timeout(error: requests.exceptions.Timeout, where: str) -> Trouble:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        advice = "Is hostPort reachable from here (firewall, VPN, private network)?"
        return Trouble(UnavailableError("no connection in time.", where=where, advice=advice), sent=False)
    advice = "The server is overloaded or stuck; its log says more."
    return Trouble(UnavailableError("no answer in time.", where=where, advice=advice))


def _unknown_host(where: str) -> RemoteError:
    advice = "Check hostPort for a typing error, and whether this machine's DNS knows it (VPN, private zone)."
    return UnavailableError(f"the host name {_host(where)!r} is not known.", where=where, advice=advice)


def _refused(where: str) -> RemoteError:
    advice = (
        "Nothing listens there: the port of hostPort is wrong (a server's own is 8585), or the server is still "
        "starting or down."
    )
    return UnavailableError("connection refused.", where=where, advice=advice)


def _tls(causes: list[BaseException], where: str) -> Trouble:
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        what = f"the server's certificate is not trusted: {certificate.verify_message}."
        return Trouble(IncompatibleServerError(what, where=where, advice=_CERTIFICATE_ADVICE), sent=False)
    if any("WRONG_VERSION_NUMBER" in str(cause) or "RECORD_LAYER_FAILURE" in str(cause) for cause in causes):
        advice = "Set hostPort to http:// instead of https://, or to the port that speaks TLS."
        return Trouble(IncompatibleServerError("that port speaks no TLS.", where=where, advice=advice), sent=False)
    if any(_WANTS_CERTIFICATE.search(str(cause)) for cause in causes):
        what = "the server, or a gateway before it, refuses our certificate or wants one."
        return Trouble(IncompatibleServerError(what, where=where, advice=_OWN_CERTIFICATE_ADVICE), sent=False)
    what = f"the TLS connection failed ({_innermost(causes)})."
    if any(isinstance(cause, ssl.SSLEOFError | ConnectionError) for cause in causes):
        # The other side hung up: a server that stops, or a balancer without a healthy target.
        return Trouble(UnavailableError(what, where=where, advice="Is the server up?"))
    return Trouble(IncompatibleServerError(what, where=where, advice=_CERTIFICATE_ADVICE), sent=False)


def _host(where: str) -> str:
    return urlsplit(where.partition(" ")[2]).hostname or ""


def _innermost(causes: list[BaseException]) -> str:
    last = causes[-1]
    return f"{type(last).__name__}: {last}" if str(last) else type(last).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it wraps; requests and urllib3 put it into arguments, reasons, causes and contexts."""
    seen: set[int] = set()
    pending: list[BaseException] = [error]
    while pending:
        current = pending.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
        pending.extend(each for each in inner if isinstance(each, BaseException))
