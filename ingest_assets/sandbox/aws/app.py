"""One WSGI application for all AWS services: route, authenticate, check, act, check again, answer."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.model import OperationModel
from werkzeug.wrappers import Request, Response

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.aws import rest, wire
from ingest_assets.sandbox.aws.identity import Identities
from ingest_assets.sandbox.aws.models import (
    Target,
    error_members,
    family_of,
    is_query_compatible,
    json_type_of,
    operation_model,
    protocol_of,
    service_model,
    status_of,
)
from ingest_assets.sandbox.aws.operations import AwsService, Caller, Operation, Params
from ingest_assets.sandbox.aws.query_compatible import query_code
from ingest_assets.sandbox.aws.refusal import Refusal, refusal_response
from ingest_assets.sandbox.aws.signature import Scope, auth_refusal, authenticate, read_scope
from ingest_assets.sandbox.aws.validation import check_input, check_json, check_output, check_xml
from ingest_assets.sandbox.fault_middleware import FaultMiddleware, html_answer
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Call, Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOG_LENGTH = 20_000
# Checking a page of 100 tables takes longer than making it. A demo's and a test's answers are all checked; past so
# many answers of one operation only every 25th is, which keeps a listing of 100,000 tables a matter of seconds.
_ALWAYS_CHECKED = 60
_CHECKED_ONE_IN = 25
# members that narrow or place a listing; the others name what a call is about
_NO_SUBJECT = frozenset({"CatalogId", "NextToken", "Expression", "ContinuationToken", "Body"})

_FAULT_CODES = {
    FaultKind.TOO_MANY: ("TooManyRequestsException", "Rate exceeded", 429),
    FaultKind.SERVER_ERROR: ("InternalServiceException", "Internal service error.", 500),
    FaultKind.UNAVAILABLE: ("ServiceUnavailableException", "Service is unavailable.", 503),
}


@dataclass(frozen=True)
class AwsRequest:
    """One request, for tests that look at what was asked.

    Attributes:
        operation: ``service:Operation``.
        params: The input as sent.
        access_key_id: Who asked; empty when unsigned.
    """

    operation: str
    params: Params = field(repr=False)
    access_key_id: str = ""


class AwsApp:
    """All AWS services of a sandbox.

    Attributes:
        identities: Principals and roles; tests add their own.
        faults: The faults still to come.
        counts: Calls by ``service:Operation``, also those that a fault hit.
        requests: The last calls.
        unsound: Answers that did not fit botocore's model; the caller got a 500. Must stay empty.
    """

    def __init__(self, services: Iterable[AwsService], identities: Identities, faults: Faults | None = None) -> None:
        self.identities = identities
        self.faults = faults or Faults()
        self.counts: Counter[str] = Counter()
        self.requests: deque[AwsRequest] = deque(maxlen=_LOG_LENGTH)
        self.unsound: deque[str] = deque(maxlen=100)
        self._services = {service.name: service for service in services}
        self._lock = threading.Lock()
        self._served: Counter[str] = Counter()
        self._behind_faults = FaultMiddleware(self._serve, self.faults, self._name_call, self._fault_answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return self._behind_faults(environ, start_response)

    def reset_counts(self) -> None:
        """Start counting anew."""
        with self._lock:
            self.counts.clear()
            self.requests.clear()

    def _name_call(self, request: Request) -> Call:
        """Name a request for the fault plan, and count it, whatever becomes of it."""
        scope = read_scope(request)
        target, params, subject = Target(scope.service if scope else "unknown", "Unknown"), Params(), ""
        if scope is not None:
            with suppress(Refusal):  # what can't be named is refused when it is served
                target = _target(request, scope)
                model = operation_model(target)
                params = _parse(request, model)
                subject = self._subject(target, params, model)
        operation = f"{target.service}:{target.operation}"
        with self._lock:
            self.counts[operation] += 1
            self.requests.append(AwsRequest(operation, params, scope.access_key_id if scope else ""))
        return Call(target.service, target.operation, subject)

    def _subject(self, target: Target, params: Params, model: OperationModel) -> str:
        """What a call is about.

        Raises:
            Refusal: The service would refuse the request; it is about nothing.
        """
        service = self._services.get(target.service)
        operation = None if service is None else service.operations.get(target.operation)
        if operation is None or operation.subject is None:
            return _names_in(params, model)
        check_input(params, model.input_shape)
        return operation.subject(params)

    def _fault_answer(self, kind: FaultKind, call: Call) -> Response:
        if kind in (FaultKind.FORBIDDEN, FaultKind.BAD_GATEWAY, FaultKind.GATEWAY_TIMEOUT):
            return html_answer(kind)
        return _refuse(call.service, _fault_refusal(kind, call, family_of(call.service)))

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data()  # before a form is parsed, which would leave nothing for the signature to be checked on
        scope = read_scope(request)
        try:
            response = self._answer(request, scope)
        except Refusal as refusal:
            response = _refuse(scope.service if scope else "", refusal)
        except InvalidAnswerError as error:
            self.unsound.append(str(error))
            unsound = Refusal("SandboxAnswerIsUnsound", str(error), 500)
            response = _refuse(scope.service if scope else "", unsound)
        return response(environ, start_response)

    def _answer(self, request: Request, scope: Scope | None) -> Response:
        if scope is None:
            raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        target = _target(request, scope)
        model = operation_model(target)
        principal = authenticate(request, scope, family_of(target.service), self.identities)
        operation = self._built(target)
        params = _parse(request, model)
        check_input(params, model.input_shape)
        unhonoured = sorted(set(params) - operation.honours)
        if unhonoured:
            raise Refusal("NotImplemented", f"The sandbox's {target.operation} does not honour {unhonoured} yet.", 501)
        values = operation.handler(Caller(principal, scope.region), params)
        return self._respond(model, values, target)

    def _built(self, target: Target) -> Operation:
        service = self._services.get(target.service)
        if service is None or target.operation not in service.operations:
            name = f"{target.service}:{target.operation}"
            raise Refusal("NotImplemented", f"AWS has {name}, but the sandbox has not built it yet.", 501)
        return service.operations[target.operation]

    def _respond(self, model: OperationModel, values: Params, target: Target) -> Response:
        name = f"{target.service}:{target.operation}"
        with self._lock:
            self._served[name] += 1
            served = self._served[name]
        checked = served <= _ALWAYS_CHECKED or served % _CHECKED_ONE_IN == 0
        if checked:
            check_output(name, values, model.output_shape)
        protocol = protocol_of(target.service)
        if protocol in ("json", "rest-json"):
            body = wire.dump_json(values)
            if checked and model.output_shape is not None:
                check_json(name, json.loads(body), model.output_shape)
            content_type = json_type_of(target.service) if protocol == "json" else "application/json"
            return wire.json_response(body, content_type, values.get("RequestId"))
        response = wire.query_response(model, values) if protocol == "query" else rest.response(model, values)
        check_xml(name, values, model, response)
        return response


def _names_in(params: Params, model: OperationModel) -> str:
    """The names within a request, e.g. ``sales/orders``, in the order of the model."""
    members = model.input_shape.members if model.input_shape else {}
    named = [params[name] for name in members if name in params and name not in _NO_SUBJECT]
    return "/".join(value for value in named if isinstance(value, str))


def _target(request: Request, scope: Scope) -> Target:
    protocol = protocol_of(scope.service)
    if protocol == "json":
        prefix, _, name = request.headers.get("X-Amz-Target", "").rpartition(".")
        if prefix != service_model(scope.service).metadata["targetPrefix"]:
            raise Refusal("UnknownOperationException", "")
        return Target(scope.service, name)
    if protocol == "query":
        return Target(scope.service, request.values.get("Action", ""))
    return rest.target_of(scope.service, request)


def _parse(request: Request, model: OperationModel) -> Params:
    protocol = protocol_of(model.service_model.service_name)
    if protocol == "json":
        return wire.parse_json(request)
    if protocol == "query":
        return wire.parse_query(request, model)
    params = rest.parse(request, model)
    return {**wire.parse_json(request), **params} if protocol == "rest-json" else params


def _refuse(service: str, refusal: Refusal) -> Response:
    family = family_of(service)
    said = _in_words_of(family, refusal)
    status = status_of(service, said.error, said.status)
    answered = Refusal(said.error, said.message, status, said.details)
    return refusal_response(
        family,
        service,
        answered,
        error_members(service, said.error),
        json_type=json_type_of(service),
        query_code=query_code(said.error) if is_query_compatible(service) else None,
    )


def _fault_refusal(kind: FaultKind, call: Call, family: str) -> Refusal:
    if kind is FaultKind.EXPIRED_TOKEN:
        return auth_refusal("expired", family)
    if kind is FaultKind.ACCESS_DENIED:
        what = f"{call.service}:{call.operation}"
        message = f"User is not authorized to perform: {what} because no identity-based policy allows the {what} action"
        status = 403 if call.service == "quicksight" else 400
        return _in_words_of(family, Refusal("AccessDeniedException", message, status))
    if kind is FaultKind.THROTTLE:
        return _throttle(call, family)
    error, message, status = _FAULT_CODES[kind]
    if kind is FaultKind.SERVER_ERROR and call.service in ("kinesis", "firehose", "sqs"):
        error = "InternalFailure"  # AWS's common word; the others have one of their own
    if kind is FaultKind.SERVER_ERROR and call.service == "quicksight":
        error = "InternalFailureException"
    return Refusal(error, message, status)


def _throttle(call: Call, family: str) -> Refusal:
    if call.service == "s3":
        return Refusal("SlowDown", "Please reduce your request rate.", 503)
    if call.service == "kinesis":  # whose reads are throttled in other words than its listings
        reads = call.operation in ("GetRecords", "GetShardIterator")
        error = "ProvisionedThroughputExceededException" if reads else "LimitExceededException"
        return Refusal(error, f"Rate exceeded for {call.subject or 'account'}.")
    if call.service == "sqs":
        return Refusal("RequestThrottled", "The request was denied due to request throttling.")
    return Refusal("ThrottlingException" if family == "json" else "Throttling", "Rate exceeded")


def _in_words_of(family: str, refusal: Refusal) -> Refusal:
    """JSON services deny with 400 ``AccessDeniedException``, the XML ones with 403 ``AccessDenied``, and so on."""
    if family != "json" and refusal.error == "AccessDeniedException":
        return Refusal("AccessDenied", refusal.message, 403)
    if family == "query" and refusal.error == "ValidationException":
        return Refusal("ValidationError", refusal.message)
    return refusal
