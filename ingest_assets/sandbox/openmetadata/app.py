"""The OpenMetadata server as a WSGI application."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.openmetadata.answers import Answer, Refused, Unhandled, not_provided
from ingest_assets.sandbox.openmetadata.bulk import BulkEndpoint
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.dbt_models import DbtModelEndpoints
from ingest_assets.sandbox.openmetadata.entity_endpoints import EntityEndpoints
from ingest_assets.sandbox.openmetadata.fault_source import FaultSource
from ingest_assets.sandbox.openmetadata.lineage_endpoints import LineageEndpoints
from ingest_assets.sandbox.openmetadata.not_provided import missing_parts, missing_resource
from ingest_assets.sandbox.openmetadata.pipeline_status import PipelineStatusEndpoints
from ingest_assets.sandbox.openmetadata.repository import Principal
from ingest_assets.sandbox.openmetadata.routes import Route, Router
from ingest_assets.sandbox.openmetadata.samples import SampleEndpoints
from ingest_assets.sandbox.openmetadata.search_endpoints import Engine, SearchEndpoints
from ingest_assets.sandbox.openmetadata.seed import Seed
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.stale_deletion import StaleDeletionEndpoint
from ingest_assets.sandbox.openmetadata.system_endpoints import SystemEndpoints
from ingest_assets.sandbox.openmetadata.type_endpoints import TypeEndpoints
from ingest_assets.sandbox.openmetadata.usage_endpoints import UsageEndpoints
from ingest_assets.sandbox.openmetadata.vanishing import Vanishing
from ingest_assets.sandbox.openmetadata.versions import Line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BOT = Principal("ingestion-bot", is_bot=True)
ADMIN = Principal("admin", is_bot=False)

_RECORDED = 5_000
_PIECES = 100  # of a streamed answer that are written at a time
_WRITES = frozenset({"PUT", "POST", "PATCH", "DELETE"})
_MEDIA_TYPES = {
    "PUT": "application/json",
    "POST": "application/json",
    "PATCH": "application/json-patch+json",
}
_OPEN = frozenset({"system/version"})
_PREFIX = ["", "api", "v1"]
_INDEX_PAGE = "<!DOCTYPE html><html><head><title>OpenMetadata</title></head><body><div id='root'></div></body></html>"


@dataclass(frozen=True)
class RecordedRequest:
    """A request that was answered; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    status: int


Observer = Callable[[str, str, RecordedRequest], None]
"""Is told of each request that was answered: the server's version, verb and path template, and the request."""


class OpenMetadataApp:
    """An OpenMetadata server in memory, as strict as the real one of its version.

    Args:
        version: Server version from 1.0 to 2.0, e.g. ``1.5.8``.
        bot_token: Bearer token of the ingestion bot.
        admin_token: Bearer token of an admin, who is a person to the merge rules.
        faults: Faults inside requests (elements of a bulk PUT, filters, rows and cursors of lists, what vanishes).
        holder: Says which user a token of an identity provider stands for; None for one that is unknown.
        observer: Told of each request that was answered, by any of the server's threads.

    Attributes:
        samples: Sample data, of which no answer about an entity tells.
    """

    def __init__(
        self,
        version: str = "1.12.4",
        *,
        bot_token: str,
        admin_token: str,
        faults: FaultSource | None = None,
        holder: Callable[[str], str | None] | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._observer = observer
        self._tokens = {bot_token: BOT, admin_token: ADMIN}
        self._holder = holder
        self._server = Server(Line(version), faults)
        self._search = SearchEndpoints(self._server)
        self.samples = SampleEndpoints(self._server)
        self._router = Router(self._routes())
        self._vanishing = Vanishing(self._server, ADMIN)
        self._seed = Seed(self._server, ADMIN)
        self._seed.defaults(BOT)
        self._lock = threading.RLock()
        self._requests: deque[RecordedRequest] = deque(maxlen=_RECORDED)
        self._counts: Counter[str] = Counter()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        body = request.get_data()
        template, response = self._respond(request, body)
        recorded = RecordedRequest(
            request.method,
            _raw_path(request),
            request.query_string.decode(),
            {name.lower(): value for name, value in request.headers.items()},
            body,
            response.status_code,
        )
        endpoint = f"{request.method} {template}"
        with self._lock:
            self._requests.append(recorded)
            self._counts[endpoint] += 1
        if self._observer is not None:
            self._observer(self._server.line.text, endpoint, recorded)
        return response(environ, start_response)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The newest requests, oldest first."""
        with self._lock:
            return list(self._requests)

    @property
    def counts(self) -> Counter[str]:
        """Requests by verb and path template, e.g. ``PUT /v1/tables/bulk`` or ``GET /v1/tables/name/{fqn}``."""
        with self._lock:
            return Counter(self._counts)

    def writes(self) -> int:
        """How many requests meant to change something (PUT, POST, PATCH, DELETE)."""
        return sum(number for name, number in self.counts.items() if name.split(" ")[0] in _WRITES)

    def reset_counts(self) -> None:
        """Count and record from here on."""
        with self._lock:
            self._counts.clear()
            self._requests.clear()

    def add_user(self, name: str, *, email: str | None = None, display_name: str | None = None) -> str:
        """Make a user; answers with the id."""
        with self._lock:
            return self._seed.user(name, email=email, display_name=display_name)

    def add_team(self, name: str, *, team_type: str = "Group", display_name: str | None = None) -> str:
        """Make a team; answers with the id."""
        with self._lock:
            return self._seed.team(name, team_type=team_type, display_name=display_name)

    def add_tag(self, classification: str, name: str, *, description: str = "A tag") -> str:
        """Make a tag, and its classification if need be; answers with the tag's FQN."""
        with self._lock:
            return self._seed.tag(classification, name, description=description)

    def prune_events(self) -> None:
        """Forget all change events so far, as a server's retention does."""
        with self._lock:
            self._server.events.prune()

    def use_search(self, engine: Engine) -> None:
        """Have a search engine, or one that is down; there is none (501) until this is called."""
        with self._lock:
            self._search.engine = engine

    def deny(self, operation: str, entity_type: str) -> None:
        """Take an operation (``Create``, ``EditAll``, ``Delete``, ``ViewAll``) on a type from the bot: 403."""
        with self._lock:
            self._server.denied.add((operation, entity_type))

    def _routes(self) -> Iterable[Route]:
        # First what the sandbox lacks of all collections, since some have it: the last route of a path counts.
        yield from missing_parts(self._server.line, self._server.kinds())
        for kind in self._server.kinds():
            yield from EntityEndpoints(self._server, kind).routes()
            yield from BulkEndpoint(self._server, kind).routes()
            yield from StaleDeletionEndpoint(self._server, kind).routes()
        yield from LineageEndpoints(self._server, self._search).routes()
        yield from self._search.routes()
        yield from SystemEndpoints(self._server).routes()
        yield from self.samples.routes()
        for endpoints in (DbtModelEndpoints, PipelineStatusEndpoints, UsageEndpoints, TypeEndpoints):
            yield from endpoints(self._server).routes()

    def _respond(self, request: Request, body: bytes) -> tuple[str, Response]:
        """The template that the request is counted under, and the answer."""
        segments = _raw_path(request).rstrip("/").split("/")
        if segments[:3] != _PREFIX:
            return ("unknown path", self._outside(segments))
        inner = [unquote(segment) for segment in segments[3:]]
        found = self._router.find(inner)
        template, params = found or (None, {})
        try:
            answer = self._answer(request, body, inner, template, params)
        except Refused as error:
            answer = Answer(self._refusal(error), error.code or 500)
            if error.code == HTTPStatus.UNAUTHORIZED:
                answer.headers["WWW-Authenticate"] = "om-auth"
        response = _response(self._streamed(answer) if isinstance(answer.body, Iterator) else answer)
        return (f"/v1/{template}" if template else "unknown path", response)

    def _answer(
        self, request: Request, body: bytes, segments: list[str], template: str | None, params: dict[str, str]
    ) -> Answer:
        user = BOT if template in _OPEN else self._user(request.headers.get("Authorization", ""))
        if template is None and missing_resource(segments):
            raise not_provided(f"/v1/{segments[0]}")
        handler = self._router.handler(request.method, template, params)
        if body and request.mimetype != _MEDIA_TYPES.get(request.method, request.mimetype):
            raise Unhandled("HTTP 415 Unsupported Media Type")
        repeated = dict(request.args.lists())
        query = {name: values[0] for name, values in repeated.items()}
        call = Call(params, query, body, user, f"{request.host_url.rstrip('/')}/api", repeated)
        with self._lock:
            self._vanishing.before(request.method, template or "", params, body)
            return handler(call)

    def _streamed(self, answer: Answer) -> Answer:
        def pieces() -> Iterator[str]:
            while True:
                with self._lock:
                    text = "".join(islice(answer.body, _PIECES))
                if not text:
                    return
                yield text

        return replace(answer, body=pieces())

    def _user(self, authorization: str) -> Principal:
        scheme, _, token = authorization.partition(" ")
        if not token or scheme.lower() != "bearer":
            raise Refused(HTTPStatus.UNAUTHORIZED, "Not Authorized! Token not present")
        user = self._tokens.get(token.strip()) or self._signed_on(token.strip())
        if user is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "Not Authorized! Invalid Token")
        return user

    def _signed_on(self, token: str) -> Principal | None:
        name = self._holder(token) if self._holder else None
        return next((user for user in (BOT, ADMIN) if user.name == name), None)

    def _refusal(self, error: Refused) -> Any:
        if isinstance(error, Unhandled) and not self._server.line.has("error type"):
            return Unhandled(error.message, typed=False).body()
        return error.body()

    def _outside(self, segments: list[str]) -> Response:
        """The user interface answers everything outside ``/api`` with its page, which a wrong hostPort meets."""
        if segments[:2] == _PREFIX[:2]:
            return _response(Answer(self._refusal(Unhandled("HTTP 404 Not Found")), 500))
        return Response(_INDEX_PAGE, mimetype="text/html")


def _raw_path(request: Request) -> str:
    """The path as sent: WSGI's own is decoded, which loses an encoded slash in a name."""
    raw: str = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.path
    return raw.partition("?")[0]


def _text(body: Any) -> str | Iterator[str]:
    if body is None:
        return ""
    return body if isinstance(body, Iterator) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _response(answer: Answer) -> Response:
    response = Response(_text(answer.body), status=int(answer.status), mimetype="application/json")
    for name, value in answer.headers.items():
        response.headers[name] = value
    if answer.change:
        response.headers["X-OpenMetadata-Change"] = answer.change
    return response
