"""Atlas as a WSGI application: sign on, route, check, answer."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.atlas import refusals
from ingest_assets.sandbox.atlas.calls import AtlasCall, Route
from ingest_assets.sandbox.atlas.entities import Entities
from ingest_assets.sandbox.atlas.glossary import Glossaries
from ingest_assets.sandbox.atlas.lineage import Lineage
from ingest_assets.sandbox.atlas.releases import release_of
from ingest_assets.sandbox.atlas.rendering import Showing
from ingest_assets.sandbox.atlas.searching import Search
from ingest_assets.sandbox.atlas.typedefs import TypeDefinitions
from ingest_assets.sandbox.atlas.users import COOKIE, AtlasUser, AtlasUsers
from ingest_assets.sandbox.company.atlas import AtlasState
from ingest_assets.sandbox.fault_middleware import FaultMiddleware
from ingest_assets.sandbox.fault_sites import ATLAS_VANISHING, FaultKind
from ingest_assets.sandbox.faults import Call, Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_SERVICE = "atlas"
_BASE = "/api/atlas"
_LOG_LENGTH = 20_000
_LONGEST_ADDRESS = 15_900  # characters; the web server's limit is 16 KiB with the headers
_BROWSERS = re.compile(r"Mozilla|Opera|Chrome")
_READING = ("GET", "HEAD", "OPTIONS", "TRACE")
_CSRF_HEADER = "X-XSRF-HEADER"


@dataclass(frozen=True)
class AtlasRequest:
    """One request, for tests that look at what was asked.

    Attributes:
        operation: As in faults, e.g. ``search.basic``.
        subject: What is named in the path.
        params: The query as sent.
        body: As it was sent.
    """

    operation: str
    subject: str = ""
    params: Mapping[str, list[str]] = field(default_factory=dict)
    body: str = ""


class AtlasApp:
    """Apache Atlas.

    Args:
        atlas: The company's; it says which version the server has.
        faults: What is planned.

    Attributes:
        version: The server's.
        gateway: The path that a gateway in front of it adds, e.g. ``/gateway/cdp-proxy-api/atlas``; nothing else is
            answered then.
        users: Who may sign on.
        counts: Calls by operation, also those that a fault hit.
        requests: The last calls.
    """

    def __init__(self, atlas: AtlasState, faults: Faults) -> None:
        self.version = atlas.version
        self.gateway = ""
        self.counts: Counter[str] = Counter()
        self.requests: deque[AtlasRequest] = deque(maxlen=_LOG_LENGTH)
        self._atlas = atlas
        self._faults = faults
        self._release = release_of(atlas.version)
        self.users = AtlasUsers(self._release)
        self._lock = threading.Lock()
        self._answers = 0
        entities = Entities(atlas, self._release)
        rooms = (
            entities,
            Search(atlas, self._release),
            Lineage(atlas, self._release, entities),
            TypeDefinitions(atlas),
            Glossaries(atlas, self._release),
        )
        self._routes = [*self._admin(), *(route for room in rooms for route in room.routes())]
        self._behind_faults = FaultMiddleware(
            self._serve, faults, self._name_call, refusals.FaultAnswers(self._release)
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return self._behind_faults(environ, start_response)

    def serves(self, environ: WSGIEnvironment) -> bool:
        """Whether a request is meant for Atlas, by its path."""
        path = f"{environ['PATH_INFO']}/"
        return path.startswith((f"{self.gateway}{_BASE}/", f"{_BASE}/"))

    @property
    def operations(self) -> set[str]:
        """All that is built, in the words that faults are planned in."""
        return {route.operation for route in self._routes}

    def reset_counts(self) -> None:
        """Start counting anew."""
        with self._lock:
            self.counts.clear()
            self.requests.clear()

    def _admin(self) -> list[Route]:
        return [
            Route("admin.version", "/admin/version", self._tell_version),
            Route("admin.status", "/admin/status", lambda _call: {"Status": "ACTIVE"}, free=True),
        ]

    def _tell_version(self, _call: AtlasCall) -> dict[str, Any]:
        return {
            "Description": "Metadata Management and Data Governance Platform over Hadoop",
            "Revision": self._release.revision,
            "Version": self._release.version,
            "Name": "apache-atlas",
        }

    def _name_call(self, request: Request) -> Call:
        """Name a request for the plan of faults, and count it, whatever becomes of it."""
        route, values = self._find(self._path(request))
        operation = "unknown" if route is None else route.operation
        subject = "/".join(values.values())
        query, body = request.query_string.decode(), request.get_data(as_text=True)
        with self._lock:
            self.counts[operation] += 1
            params = dict(request.args.lists())
            self.requests.append(AtlasRequest(operation, subject, params, body))
        return Call(_SERVICE, operation, f"{subject}?{unquote(query)}\n{body}")

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except refusals.AtlasRefusalError as refusal:
            response = refusals.atlas_json(self._release, refusal.body, refusal.status)
        except refusals.AtlasCrashError as crash:
            response = refusals.crashed(self._release, routed=crash.routed)
        except refusals.BrokenJsonError:
            response = refusals.broken_json(self._release)
        except refusals.SignOnError as nobody:
            response = refusals.signed_off(self._release, str(nobody), request.path)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        address = str(request.environ.get("REQUEST_URI") or request.full_path)
        if len(address) > _LONGEST_ADDRESS:
            return refusals.too_long(self._release)
        if not request.path.startswith(f"{self.gateway}{_BASE}"):
            return Response("Not found\n", 404, content_type="text/plain")  # what the gateway doesn't know
        route, values = self._find(self._path(request))
        if route is not None and route.free:
            return refusals.atlas_json(self._release, route.handler(self._call(request, AtlasUser("", ""), {}, route)))
        user = self.users.sign_on(request)
        if self._is_forged(request):
            return refusals.forged(self._release)
        if route is None or request.method not in route.methods:
            raise refusals.AtlasCrashError(routed=False)
        self._vanish(route, values, request)
        response = refusals.atlas_json(self._release, route.handler(self._call(request, user, values, route)))
        if COOKIE not in request.cookies:
            response.set_cookie(COOKIE, self.users.open_session(user), path="/", httponly=True)
        return response

    def _call(self, request: Request, user: AtlasUser, values: Mapping[str, str], route: Route) -> AtlasCall:
        with self._lock:
            self._answers += 1
            showing = Showing(self._atlas, self._release, user, self._answers)
        named = {name: unquote(value) for name, value in values.items()}
        return AtlasCall(
            showing,
            named,
            request.args,
            request.method == "POST",
            request.get_data(),
            self._faults.hiding(_SERVICE, route.operation),
            self._faults.take(_SERVICE, route.operation, "", [FaultKind.LOOP_TOKEN]) is not None,
        )

    def _is_forged(self, request: Request) -> bool:
        """Whether a request looks like a browser's that somebody else's page has sent."""
        if request.method in _READING or not _BROWSERS.match(request.headers.get("User-Agent", "")):
            return False
        return not (self._release.csrf_header_is_enough and _CSRF_HEADER in request.headers)

    def _vanish(self, route: Route, values: Mapping[str, str], request: Request) -> None:
        if route.operation not in ATLAS_VANISHING:
            return
        name = request.args.get("attr:qualifiedName", "")
        found = self._atlas.find(values["guid"]) if "guid" in values else None
        if name and values["type_name"] in self._atlas.types.entities:
            found = self._atlas.named(unquote(values["type_name"]), name)
        if found is not None:
            subject = str(found.attributes["qualifiedName"])
            if self._faults.take(_SERVICE, route.operation, subject, [FaultKind.VANISH]) is not None:
                self._atlas.purge(found.guid)

    def _path(self, request: Request) -> str:
        """The path below ``/api/atlas``, names within it still quoted; a slash at its end is nothing, as in Jersey."""
        raw = urlsplit(str(request.environ.get("REQUEST_URI") or request.path)).path
        return raw.removeprefix(self.gateway).removeprefix(_BASE).rstrip("/")

    def _find(self, path: str) -> tuple[Route | None, Mapping[str, str]]:
        for route in self._routes:
            values = route.match(path)
            if values is not None:
                return route, values
        return None, {}
