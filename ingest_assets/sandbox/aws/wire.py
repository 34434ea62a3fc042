"""Requests to Python values and back, in the RPC protocols: JSON and query with XML answers."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import datetime, timezone
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from werkzeug.wrappers import Request, Response

from ingest_assets.sandbox.aws.refusal import Refusal


def parse_json(request: Request) -> dict[str, Any]:
    """The input of a JSON request.

    Raises:
        Refusal: ``SerializationException``, the body is no JSON object.
    """
    try:
        params = json.loads(request.get_data() or b"{}")
    except ValueError:
        raise Refusal("SerializationException", "The request body is not JSON.") from None
    if not isinstance(params, dict):
        raise Refusal("SerializationException", "The request body is not a JSON object.")
    return params


def json_response(body: str, content_type: str, request_id: str | None = None) -> Response:
    """An answer in JSON; a REST service's body may name the request, too."""
    headers = {"x-amzn-RequestId": request_id or str(uuid.uuid4())}
    return Response(body, content_type=content_type, headers=headers)


def dump_json(values: dict[str, Any]) -> str:
    """JSON as AWS sends it: times as epoch numbers, bytes as base64."""
    return json.dumps(values, default=_json_scalar, separators=(",", ":"))


def _json_scalar(value: object) -> float | str:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form on the wire")


def parse_query(request: Request, operation: OperationModel) -> dict[str, Any]:
    """The input of a query request (``Action=...&Name=...&List.member.1=...``).

    Raises:
        Refusal: A number is none.
    """
    form = {name: value for name, value in request.values.items() if name not in ("Action", "Version")}
    shape = operation.input_shape
    if shape is None:
        return {}
    return dict(_query_value(form, "", shape) or {})


def _query_value(form: dict[str, str], prefix: str, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        members = {
            name: _query_value(form, f"{prefix}{name}", member)
            if not isinstance(member, StructureShape)
            else _query_value(form, f"{prefix}{name}.", member)
            for name, member in shape.members.items()
        }
        return {name: value for name, value in members.items() if value is not None} or None
    if isinstance(shape, ListShape):
        return _query_list(form, prefix, shape)
    text = form.get(prefix)
    return None if text is None else scalar_of(text, shape, prefix)


def _query_list(form: dict[str, str], prefix: str, shape: ListShape) -> list[Any] | None:
    items: list[Any] = []
    while True:
        at = f"{prefix}.member.{len(items) + 1}"
        nested = f"{at}." if isinstance(shape.member, StructureShape) else at
        item = _query_value(form, nested, shape.member)
        if item is None:
            return items or None
        items.append(item)


def scalar_of(text: str, shape: Shape, where: str) -> Any:
    """A value of a header, a query parameter or an XML element.

    Raises:
        Refusal: The text is none of the shape's type.
    """
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("float", "double"):
            return float(text)
    except ValueError:
        raise Refusal("ValidationException", f"{where} is {text!r}, which is no {shape.type_name}") from None
    if shape.type_name == "boolean":
        return text == "true"
    return text


def query_response(operation: OperationModel, values: dict[str, Any]) -> Response:
    """A query answer: the result in an envelope of the operation's name."""
    namespace = operation.service_model.metadata["xmlNamespace"]
    root = Element(f"{operation.name}Response", xmlns=namespace)
    if operation.output_shape is not None:
        result = SubElement(root, str(operation.output_shape.serialization["resultWrapper"]))
        add_xml(result, values, operation.output_shape)
    request_id = str(uuid.uuid4())
    SubElement(SubElement(root, "ResponseMetadata"), "RequestId").text = request_id
    return Response(tostring(root), content_type="text/xml", headers={"x-amzn-RequestId": request_id})


def add_xml(parent: Element, value: Any, shape: Shape, *, skip: frozenset[str] = frozenset()) -> None:
    """Write a value into an element, as its shape says.

    Args:
        parent: The element that stands for the value.
        value: Python value; times are aware datetimes.
        shape: botocore's shape.
        skip: Members of a structure that travel elsewhere (headers).

    Raises:
        NotImplementedError: A map; no operation that is built here answers with one in XML.
    """
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if name in value and name not in skip:
                _add_member(parent, name, value[name], member)
    elif isinstance(shape, MapShape):
        raise NotImplementedError("maps in XML answers")
    else:
        parent.text = _xml_text(value)


def _add_member(parent: Element, name: str, value: Any, shape: Shape) -> None:
    tag = str(shape.serialization.get("name", name))
    if not isinstance(shape, ListShape):
        add_xml(SubElement(parent, tag), value, shape)
        return
    flattened = shape.serialization.get("flattened")
    holder = parent if flattened else SubElement(parent, tag)
    item_tag = tag if flattened else str(shape.member.serialization.get("name", "member"))
    for item in value:
        add_xml(SubElement(holder, item_tag), item, shape.member)


def _xml_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)
