"""dbt Cloud's API v2 as far as artifacts need it, and the web server of a project's documentation, as WSGI."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.company.dbt.runs import DbtRun, DbtRuns
from ingest_assets.sandbox.fault_middleware import FaultMiddleware
from ingest_assets.sandbox.faults import Call, Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_RUNS = re.compile(r"/api/v2/accounts/(?P<account>[^/]+)/runs/")
_ARTIFACT = re.compile(r"/api/v2/accounts/(?P<account>[^/]+)/runs/(?P<run>\d+)/artifacts/(?P<name>.+)")
_WEB = re.compile(r"/dbt-docs/(?P<name>[^/]+)")
_OPERATIONS = {"runs": _RUNS, "artifact": _ARTIFACT, "web": _WEB}
_KNOWN = frozenset({"order_by", "status", "limit", "offset", "job_definition_id", "project_id"})
_MOST = 100

Json = dict[str, Any]


class _RefusalError(Exception):
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class DbtApp:
    """Answers from the company's runs.

    Args:
        runs: The state behind.
        token: Of the service account that may read it.
        faults: What is planned.

    Attributes:
        counts: Calls by operation, also those that a fault hit.
    """

    def __init__(self, runs: DbtRuns, token: str, faults: Faults) -> None:
        self.counts: Counter[str] = Counter()
        self._runs = runs
        self._token = token
        self._lock = threading.Lock()
        self._behind_faults = FaultMiddleware(self._serve, faults, self._name_call)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return self._behind_faults(environ, start_response)

    @staticmethod
    def serves(environ: WSGIEnvironment) -> bool:
        """Whether a request is meant for dbt, by its path."""
        return any(each.fullmatch(environ["PATH_INFO"]) for each in _OPERATIONS.values())

    def _name_call(self, request: Request) -> Call:
        """Name a request for the plan of faults, and count it, whatever becomes of it."""
        operation = next(name for name, pattern in _OPERATIONS.items() if pattern.fullmatch(request.path))
        with self._lock:
            self.counts[operation] += 1
        return Call("dbt", operation, request.path.rpartition("/")[2])

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            with self._runs.lock:
                response = self._answer(request)
        except _RefusalError as refusal:
            response = _wrapped(None, refusal.status, str(refusal))
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method != "GET":
            raise _RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, f"The sandbox has not built {request.method}.")
        if match := _WEB.fullmatch(request.path):
            if match["name"] not in self._runs.published:
                return Response("not found", status=HTTPStatus.NOT_FOUND, content_type="text/plain")
            return _published(self._runs.published[match["name"]], request)
        self._check_token(request)
        if match := _ARTIFACT.fullmatch(request.path):
            return self._artifact(match["account"], int(match["run"]), match["name"])
        match = _RUNS.fullmatch(request.path)
        self._check_account(match["account"] if match else "")
        return _wrapped([_shown(run) for run in self._listed(request)], HTTPStatus.OK, "Success!")

    def _artifact(self, account: str, run_id: int, name: str) -> Response:
        self._check_account(account)
        run = next((each for each in self._runs.runs if each.id == run_id), None)
        if run is None or name not in run.artifacts:
            raise _RefusalError(HTTPStatus.NOT_FOUND, "The requested resource was not found.")
        return _file(run.artifacts[name])

    def _listed(self, request: Request) -> list[DbtRun]:
        given = request.args
        if unknown := given.keys() - _KNOWN:
            raise _RefusalError(HTTPStatus.BAD_REQUEST, f"The sandbox does not know {sorted(unknown)}.")
        limit, offset = (int(given.get(name, default)) for name, default in (("limit", _MOST), ("offset", 0)))
        if not 0 < limit <= _MOST:
            raise _RefusalError(HTTPStatus.BAD_REQUEST, f"limit is 1 to {_MOST}.")
        order = given.get("order_by", "id")
        if order.lstrip("-") not in ("id", "finished_at"):
            raise _RefusalError(HTTPStatus.BAD_REQUEST, f"The sandbox does not order by {order}.")
        asked = {"status": "status", "job": "job_definition_id", "project": "project_id"}
        wanted = {name: given.get(key) for name, key in asked.items()}
        found = [
            run
            for run in self._runs.runs
            if all(value is None or str(getattr(run, name)) == value for name, value in wanted.items())
        ]
        found.sort(key=lambda run: getattr(run, order.lstrip("-")), reverse=order.startswith("-"))
        return found[offset : offset + limit]

    def _check_token(self, request: Request) -> None:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme not in ("Token", "Bearer") or value != self._token:
            raise _RefusalError(HTTPStatus.UNAUTHORIZED, "Invalid token.")

    def _check_account(self, account: str) -> None:
        if account != self._runs.account:
            raise _RefusalError(HTTPStatus.NOT_FOUND, "The requested resource was not found.")


def _shown(run: DbtRun) -> Json:
    return {
        "id": run.id,
        "job_definition_id": int(run.job),
        "project_id": int(run.project),
        "status": run.status,
        "finished_at": run.finished_at,
        "artifacts_saved": bool(run.artifacts),
    }


def _file(content: bytes) -> Response:
    return Response(content, content_type="application/json")


def _published(content: bytes, request: Request) -> Response:
    """A file as web servers give it: with an entity tag, and in part where that is asked for."""
    response = _file(content)
    response.add_etag()
    response.make_conditional(request, accept_ranges=True, complete_length=len(content))
    return response


def _wrapped(data: object, status: HTTPStatus, message: str) -> Response:
    told = {"code": status.value, "is_success": status is HTTPStatus.OK, "user_message": message}
    return Response(json.dumps({"status": told, "data": data}), status=status, content_type="application/json")
