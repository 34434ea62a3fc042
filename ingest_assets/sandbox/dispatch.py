"""One port for all services: who a request is for, and the controls of a running sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.atlas import AtlasApp
from ingest_assets.sandbox.aws.app import AwsApp
from ingest_assets.sandbox.dbt import DbtApp
from ingest_assets.sandbox.fault_middleware import FaultMiddleware
from ingest_assets.sandbox.faults import Faults
from ingest_assets.sandbox.github import GitHubApp
from ingest_assets.sandbox.identity import IdentityApp
from ingest_assets.sandbox.looker import LookerApp
from ingest_assets.sandbox.openmetadata_faults import name_openmetadata_call

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from ingest_assets.sandbox.openmetadata import OpenMetadataApp

_FAULT_WORDS = frozenset({"kind", "service", "operation", "match", "count", "after"})


class Dispatch:
    """Sends each request to the service that it is meant for.

    ``POST /__faults`` plans a fault (JSON: kind, service, operation, match, count, after), ``DELETE /__faults`` forgets
    all, ``GET /__faults`` shows them, ``GET /__requests`` shows how often each operation was called.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # one application a service
        self,
        aws: AwsApp,
        openmetadata: OpenMetadataApp,
        identity: IdentityApp,
        looker: LookerApp,
        github: GitHubApp,
        atlas: AtlasApp,
        dbt: DbtApp,
        faults: Faults,
    ) -> None:
        self._aws = aws
        self._looker = looker
        self._github = github
        self._atlas = atlas
        self._dbt = dbt
        self._identity = identity
        self._identity_behind_faults = FaultMiddleware(identity, faults, identity.name_call)
        self._openmetadata = openmetadata
        self._behind_faults = FaultMiddleware(openmetadata, faults, name_openmetadata_call)
        self._faults = faults

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return self._app(environ)(environ, start_response)

    def _app(self, environ: WSGIEnvironment) -> WSGIApplication:
        path = environ["PATH_INFO"]
        if path == "/__faults":
            return self._control_faults(Request(environ))
        if path == "/__requests":
            return self._show_requests()
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        if authorization.startswith("AWS4-HMAC-SHA256") or "HTTP_X_AMZ_TARGET" in environ:
            return self._aws
        if self._identity.serves(environ):
            return self._identity_behind_faults
        by_path = (self._looker, self._atlas, self._dbt, self._github)
        return next((app for app in by_path if app.serves(environ)), self._behind_faults)

    def _control_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            try:
                self._faults.add(**_fault_words(request))
            except (ValueError, TypeError, RejectedError) as error:
                return _json({"message": str(error)}, 400)
        return _json([vars(fault) for fault in self._faults.pending()], 200)

    def _show_requests(self) -> Response:
        counts = {
            "aws": self._aws.counts,
            "openmetadata": self._openmetadata.counts,
            "identity": self._identity.counts,
            "looker": self._looker.counts,
            "github": self._github.counts,
            "atlas": self._atlas.counts,
            "dbt": self._dbt.counts,
        }
        return _json(counts, 200)


def _fault_words(request: Request) -> dict[str, Any]:
    words = json.loads(request.get_data())
    if not isinstance(words, dict) or "kind" not in words or not words.keys() <= _FAULT_WORDS:
        raise RejectedError(f"Give kind, and any of {sorted(_FAULT_WORDS)}.", where="POST /__faults")
    return words


def _json(value: object, status: int) -> Response:
    return Response(json.dumps(value, indent=1) + "\n", status=status, content_type="application/json")
