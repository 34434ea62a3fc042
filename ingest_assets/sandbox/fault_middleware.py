"""WSGI middleware that acts out planned faults before, around or instead of an application."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Call, Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CallNamer = Callable[[Request], Call]
FaultAnswer = Callable[[FaultKind, Call], Response]

HTTP_KINDS = frozenset(FaultKind) - {
    FaultKind.LOOP_TOKEN,
    FaultKind.ELEMENT,
    FaultKind.IGNORE_FILTER,
    FaultKind.VANISH,
    FaultKind.HIDDEN,
}
LONGEST_HANG = 30.0  # seconds: a demo that is broken live must come back by itself

_HTML_PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
)
_HTML_KINDS = {
    FaultKind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    FaultKind.BAD_GATEWAY: HTTPStatus.BAD_GATEWAY,
    FaultKind.GATEWAY_TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
}
_JSON_KINDS = {
    FaultKind.THROTTLE: HTTPStatus.TOO_MANY_REQUESTS,
    FaultKind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    FaultKind.SERVER_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    FaultKind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    FaultKind.EXPIRED_TOKEN: HTTPStatus.UNAUTHORIZED,
    FaultKind.ACCESS_DENIED: HTTPStatus.FORBIDDEN,
}


def html_answer(kind: FaultKind) -> Response:
    """The page that a proxy or load balancer in front of a service sends by itself."""
    status = _HTML_KINDS[kind]
    return Response(_HTML_PAGE.format(f"{status.value} {status.phrase}"), status=status, content_type="text/html")


def json_answer(kind: FaultKind, call: Call) -> Response:
    """The refusal of a service that speaks plain JSON with a code and a message."""
    if kind in _HTML_KINDS:
        return html_answer(kind)
    status = _JSON_KINDS[kind]
    message = "Expired token!" if kind is FaultKind.EXPIRED_TOKEN else f"{status.phrase}: {call.operation}"
    response = Response(
        f'{{"code":{status.value},"message":"{message}"}}', status=status, content_type="application/json"
    )
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = "1"
    return response


class FaultMiddleware:
    """Acts out the HTTP-level kinds of ``Faults`` on any application.

    Args:
        app: The application behind.
        faults: What is planned.
        name_call: Says service, operation and subject of a request.
        answer: Makes the refusal of a kind in the service's own form.
    """

    def __init__(
        self, app: WSGIApplication, faults: Faults, name_call: CallNamer, answer: FaultAnswer = json_answer
    ) -> None:
        self._app = app
        self._faults = faults
        self._name_call = name_call
        self._answer = answer

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, well or badly.

        Raises:
            ConnectionResetError: To the HTTP server, which then drops the connection.
        """
        request = Request(environ)
        body = request.get_data()
        call = self._name_call(request)
        kind = self._faults.take(call.service, call.operation, call.subject, HTTP_KINDS)
        environ["wsgi.input"] = BytesIO(body)
        if kind is None:
            return self._app(environ, start_response)
        return self._act_out(kind, call, environ)(environ, start_response)

    def _act_out(self, fault: str, call: Call, environ: WSGIEnvironment) -> WSGIApplication:
        name, _, detail = fault.partition(":")
        kind = FaultKind(name)
        if kind is FaultKind.RESET_BEFORE:
            reset(environ)
        if kind is FaultKind.HANG:
            time.sleep(min(float(detail or 1), LONGEST_HANG))
            return self._app
        if kind not in (FaultKind.RESET_AFTER, FaultKind.CUT, FaultKind.TRUNCATED):
            return self._answer(kind, call)
        response = Response.from_app(self._app, environ, buffered=True)
        if kind is FaultKind.RESET_AFTER:
            reset(environ)
        return _halved(response, keep_length=kind is FaultKind.CUT)


def _halved(response: Response, *, keep_length: bool) -> Response:
    whole = response.get_data()
    response.set_data(whole[: len(whole) // 2])
    if keep_length:
        response.headers["Content-Length"] = str(len(whole))
        response.headers["Connection"] = "close"
    return response


def reset(environ: WSGIEnvironment) -> None:
    """Drop the request's connection with a TCP reset, as a dying peer or a firewall does.

    Raises:
        ConnectionResetError: Always; the HTTP server takes it as the end of the connection.
    """
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        # linger on, 0 seconds: close() then sends RST in place of FIN
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionResetError("reset on demand")
