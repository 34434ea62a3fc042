"""REST requests to Python values and back: routes, parameters and answers as botocore's model describes them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.aws.models import Target, service_model
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.aws.wire import add_xml, scalar_of

# The model leaves the root element's name out, since botocore's parser doesn't look at it.
_ROOTS = {"ListObjectsV2": "ListBucketResult"}


def raw_path(request: Request) -> str:
    """The path as sent: WSGI unquotes it, so that ``%2F`` within an ARN or key looks like a separator."""
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    return urlsplit(raw).path if not raw.startswith("//") else raw.partition("?")[0]


@dataclass(frozen=True)
class _Route:
    operation: str
    method: str
    path: re.Pattern[str]
    query: dict[str, str]
    needs_query: frozenset[str]
    needs_headers: frozenset[str]

    def weight(self, request: Request, path: str) -> int | None:
        """How closely the route fits, the more conditions met the closer; None when it doesn't."""
        if request.method != self.method or not self.path.fullmatch(path):
            return None
        args = request.args
        static_fit = all(name in args and value in ("", args[name]) for name, value in self.query.items())
        needs_fit = all(name in args for name in self.needs_query)
        if not (static_fit and needs_fit and all(name in request.headers for name in self.needs_headers)):
            return None
        return len(self.query) + len(self.needs_query) + len(self.needs_headers)


def _path_pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\+?\})", template)
    pattern = "".join(
        re.escape(part)
        if not part.startswith("{")
        else f"(?P<{part[1:-1].rstrip('+')}>{'.+' if part.endswith('+}') else '[^/]+'})"
        for part in parts
    )
    return re.compile(pattern + "/?")


def _route(model: OperationModel) -> _Route:
    path, _, query = model.http["requestUri"].partition("?")
    static = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    required: dict[str, set[str]] = {"querystring": set(), "header": set()}
    if model.input_shape is not None:
        for name in model.input_shape.required_members:
            how = model.input_shape.members[name].serialization
            if how.get("location") in required:
                required[how["location"]].add(how["name"])
    return _Route(
        model.name,
        model.http["method"],
        _path_pattern(path),
        static,
        frozenset(required["querystring"]),
        frozenset(required["header"]),
    )


@lru_cache(maxsize=32)
def _routes(service: str) -> tuple[_Route, ...]:
    model = service_model(service)
    return tuple(_route(model.operation_model(name)) for name in model.operation_names)


def target_of(service: str, request: Request) -> Target:
    """The operation that a request is for.

    Raises:
        Refusal: No operation of the service has such a path.
    """
    path = raw_path(request)
    fits = [(route.weight(request, path), route.operation) for route in _routes(service)]
    found = max(((weight, name) for weight, name in fits if weight is not None), default=None)
    if found is None:
        raise Refusal("MethodNotAllowed", f"{service} has no operation for {request.method} {path}", 405)
    return Target(service, found[1])


def parse(request: Request, model: OperationModel) -> dict[str, Any]:
    """The input of a REST request, from path, query, headers and body.

    Raises:
        Refusal: A value has the wrong type, the body can't be read, or it comes in signed chunks.
    """
    if "aws-chunked" in request.headers.get("Content-Encoding", ""):
        message = "A header you provided implies functionality that is not implemented: aws-chunked"
        raise Refusal("NotImplemented", message, 501)
    shape = model.input_shape
    if shape is None:
        return {}
    path = _path_pattern(model.http["requestUri"].partition("?")[0]).fullmatch(raw_path(request))
    groups = path.groupdict() if path else {}
    params: dict[str, Any] = {}
    for name, member in shape.members.items():
        value = _member_value(request, name, member, groups)
        if value is not None:
            params[name] = value
    payload = shape.serialization.get("payload")
    if payload is not None and request.get_data():
        params[payload] = _payload(request, shape.members[payload])
    return params


def _member_value(request: Request, name: str, member: Shape, groups: dict[str, str]) -> Any:
    location, key = member.serialization.get("location"), member.serialization.get("name", name)
    if location == "uri":
        return unquote(groups[key])
    if location == "headers":
        found = {n[len(key) :].lower(): v for n, v in request.headers.items() if n.lower().startswith(key)}
        return found or None
    texts: list[str] = []
    if location == "querystring":
        texts = request.args.getlist(key)
    elif location == "header":
        texts = [text for text in request.headers.getlist(key) if text]
    if isinstance(member, ListShape):
        return texts or None
    return scalar_of(texts[0], member, name) if texts else None


def _payload(request: Request, member: Shape) -> Any:
    if not isinstance(member, StructureShape):
        return request.get_data()
    try:
        root = ElementTree.fromstring(request.get_data())  # noqa: S314  # loopback only; Expat refuses entity bombs
    except ParseError:
        raise Refusal("MalformedXML", "The XML you provided was not well-formed.") from None
    return _xml_value(root, member)


def _xml_value(element: Element, shape: Shape) -> Any:
    if not isinstance(shape, StructureShape):
        return scalar_of(element.text or "", shape, element.tag)
    found = {child.tag.rpartition("}")[2]: child for child in element}
    return {
        name: _xml_value(found[tag], member)
        for name, member in shape.members.items()
        if (tag := str(member.serialization.get("name", name))) in found
    }


def response(model: OperationModel, values: dict[str, Any]) -> Response:
    """A REST answer: members in headers, the others as XML or as the raw body."""
    shape = model.output_shape
    headers = {"x-amz-request-id": str(uuid.uuid4())}
    status = int(model.http.get("responseCode", 200))
    if shape is None:
        return Response(b"", status=status, headers=headers)
    elsewhere = frozenset(name for name, member in shape.members.items() if "location" in member.serialization)
    for name in elsewhere & set(values):
        _add_headers(headers, shape.members[name], values[name], name)
    payload = shape.serialization.get("payload")
    if payload is not None:
        body = values.get(payload, b"")
    elif set(shape.members) - elsewhere:
        root = Element(_ROOTS.get(model.name, shape.name), xmlns="http://s3.amazonaws.com/doc/2006-03-01/")
        add_xml(root, values, shape, skip=elsewhere)
        body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        headers.setdefault("Content-Type", "application/xml")
    else:
        body = b""
    return _with_headers(body, 206 if "Content-Range" in headers else status, headers)


def _with_headers(body: bytes, status: int, headers: dict[str, str]) -> Response:
    answer = Response(body, status=status)
    answer.headers.update(headers)  # HeadObject's Content-Length is the object's, not that of the empty body
    if "Content-Type" not in headers:
        del answer.headers["Content-Type"]  # werkzeug's own default, which AWS does not send
    return answer


def _add_headers(headers: dict[str, str], member: Shape, value: Any, name: str) -> None:
    location, key = member.serialization["location"], str(member.serialization.get("name", name))
    if location == "headers":
        headers.update({f"{key}{suffix}": text for suffix, text in value.items()})
    elif isinstance(value, datetime):
        headers[key] = format_datetime(value.astimezone(timezone.utc), usegmt=True)
    elif isinstance(value, bool):
        headers[key] = "true" if value else "false"
    else:
        headers[key] = str(value)
