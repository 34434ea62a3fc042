"""Looker's API as a WSGI application: log-in, route, check, act, check again, answer."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from looker_sdk.sdk.api40.models import AccessToken
from werkzeug.wrappers import Request, Response

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.company.looker import LookerState, Row
from ingest_assets.sandbox.fault_middleware import FaultMiddleware
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Call, Faults
from ingest_assets.sandbox.looker.clients import LookerClient, LookerSessions
from ingest_assets.sandbox.looker.content import Content
from ingest_assets.sandbox.looker.field_trees import FieldTree, read_fields
from ingest_assets.sandbox.looker.modelling import Modelling
from ingest_assets.sandbox.looker.people import People
from ingest_assets.sandbox.looker.queries import Queries
from ingest_assets.sandbox.looker.refusals import LookerRefusalError, fault_answer, looker_json, not_found
from ingest_assets.sandbox.looker.rendering import render, unknown_fields
from ingest_assets.sandbox.looker.routes import LookerCall, Route, answer_kind, read_params
from ingest_assets.sandbox.looker.vanishing import VANISHING, vanish

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_SERVICE = "looker"
_PATHS = re.compile(r"/api/(?:4\.0(?P<path>/.*)|logout)")
_LOG_LENGTH = 20_000
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class LookerRequest:
    """One request, for tests that look at what was asked.

    Attributes:
        operation: looker-sdk's name.
        subject: What is named in the path, parts divided by slashes.
        params: The query as sent.
    """

    operation: str
    subject: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


class LookerApp:
    """Looker's API of one instance.

    Attributes:
        sessions: API keys and tokens.
        counts: Calls by operation, also those that a fault hit.
        requests: The last calls.
        unsound: Answers that looker-sdk could not read; the caller got a 500. Must stay empty.
        unknown_fields: What callers asked for with ``fields`` that does not exist, e.g. ``dashboard: titel``. Looker
            says nothing; a connector's tests look here.
    """

    def __init__(self, looker: LookerState, faults: Faults) -> None:
        self.sessions = LookerSessions()
        self.counts: Counter[str] = Counter()
        self.requests: deque[LookerRequest] = deque(maxlen=_LOG_LENGTH)
        self.unsound: deque[str] = deque(maxlen=100)
        self.unknown_fields: deque[str] = deque(maxlen=100)
        self._looker = looker
        self._faults = faults
        self._lock = threading.Lock()
        queries = Queries(looker)
        rooms = (Content(looker, queries), queries, Modelling(looker), People(looker))
        self._routes = [route for room in rooms for route in room.routes()]
        self._behind_faults = FaultMiddleware(self._serve, faults, self._name_call, fault_answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return self._behind_faults(environ, start_response)

    @staticmethod
    def serves(environ: WSGIEnvironment) -> bool:
        """Whether a request is meant for Looker, by its path."""
        return _PATHS.fullmatch(environ["PATH_INFO"]) is not None

    @property
    def operations(self) -> set[str]:
        """All that is built, in the words that faults are planned in."""
        return {route.operation for route in self._routes} | {"login", "logout"}

    def reset_counts(self) -> None:
        """Start counting anew."""
        with self._lock:
            self.counts.clear()
            self.requests.clear()

    def _name_call(self, request: Request) -> Call:
        """Name a request for the plan of faults, and count it, whatever becomes of it."""
        operation, subject = self._operation(request)
        sent = request.args.to_dict()
        with self._lock:
            self.counts[operation] += 1
            self.requests.append(LookerRequest(operation, subject, sent))
        query = "&".join(f"{name}={value}" for name, value in sent.items())
        return Call(_SERVICE, operation, f"{subject}?{query}" if query else subject)

    def _operation(self, request: Request) -> tuple[str, str]:
        path = _path(request)
        if path in ("/login", "/logout"):
            return path[1:], ""
        try:
            route, values = self._route(request)
        except LookerRefusalError:
            return "unknown", path
        return route.operation, "/".join(values.values())

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except LookerRefusalError as refusal:
            response = refusal.response()
        except InvalidAnswerError as error:
            self.unsound.append(str(error))
            response = LookerRefusalError(500, f"The sandbox's answer is unsound: {error}").response()
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if _path(request) == "/login":
            return self._log_in(request)
        token = _token(request)
        client = self.sessions.client(token)
        if client is None:
            raise LookerRefusalError(401, "Requires authentication.")
        if _path(request) == "/logout":
            if request.method != "DELETE":
                raise not_found()
            self.sessions.log_out(token)
            return Response(status=204)
        return self._call(request, client)

    def _log_in(self, request: Request) -> Response:
        if request.method != "POST":
            raise not_found()
        if request.mimetype != _FORM or request.args:
            raise LookerRefusalError(400, "Bad Request", "post/login")
        if not request.form.keys() <= {"client_id", "client_secret"}:
            raise LookerRefusalError(400, "Bad Request", "post/login")
        token = self.sessions.log_in(request.form.get("client_id", ""), request.form.get("client_secret", ""))
        if token is None:
            raise not_found("post/login")
        row = {"access_token": token, "token_type": "Bearer", "expires_in": self.sessions.lifetime}
        return looker_json(render(row, AccessToken, {}, "login"))

    def _call(self, request: Request, client: LookerClient) -> Response:
        route, values = self._route(request)
        params = read_params(route, request.args)
        tree = read_fields(params.get("fields"))
        kind = answer_kind(route.operation)
        self._note_unknown(route, kind, tree)
        self._vanish(route, values)
        answer = route.handler(LookerCall(client, request.host_url.rstrip("/"), values, params))
        if route.subject is not None:
            answer = self._unhidden(route, answer)
        return looker_json(render(answer, kind, tree, route.operation))

    def _note_unknown(self, route: Route, kind: Any, tree: FieldTree) -> None:
        self.unknown_fields.extend(f"{route.operation}: {name}" for name in unknown_fields(kind, tree))

    def _vanish(self, route: Route, values: Mapping[str, str]) -> None:
        if route.operation in VANISHING:
            subject = "/".join(values.values())
            if self._faults.take(_SERVICE, route.operation, subject, [FaultKind.VANISH]) is not None:
                vanish(self._looker, route.operation, values)

    def _unhidden(self, route: Route, rows: list[Row]) -> list[Row]:
        hides = self._faults.hiding(_SERVICE, route.operation)
        return [row for row in rows if route.subject is None or not hides(route.subject(row))]

    def _route(self, request: Request) -> tuple[Route, Mapping[str, str]]:
        path = _path(request)
        for route in self._routes:
            values = route.match(path)
            if values is not None:
                if request.method != "GET":
                    raise LookerRefusalError(501, f"The sandbox has not built {request.method} {path}.")
                return route, {name: unquote(value) for name, value in values.items()}
        raise LookerRefusalError(501, f"The sandbox has not built {request.method} {path}.")


def _path(request: Request) -> str:
    """The path below ``/api/4.0``, names within it still quoted: a folder's may hold a slash."""
    raw = urlsplit(str(request.environ.get("REQUEST_URI") or request.path)).path
    found = _PATHS.fullmatch(raw)
    return "" if found is None else found["path"] or "/logout"


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() in ("bearer", "token") else ""
