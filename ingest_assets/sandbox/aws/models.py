"""botocore's service models, loaded only when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape, StructureShape

from ingest_assets.sandbox.aws.refusal import JSON_TYPE, Refusal


@dataclass(frozen=True)
class Target:
    """Where a request goes."""

    service: str
    operation: str


@lru_cache(maxsize=32)
def service_model(name: str) -> ServiceModel:
    """The model of a service, by botocore's name of it.

    Kept by the process, since it is package data that never changes and takes longer to load than most tests run.

    Raises:
        Refusal: AWS has no such service; nobody listens there.
    """
    loader = Loader()
    if name not in loader.list_available_services("service-2"):
        raise Refusal("UnknownEndpoint", f"AWS has no service named {name!r}.", 404)
    return ServiceModel(loader.load_service_model(name, "service-2"), name)


def operation_model(target: Target) -> OperationModel:
    """The model of one operation.

    Raises:
        Refusal: AWS's own answer to an operation that the service doesn't have.
    """
    service = service_model(target.service)
    if target.operation in service.operation_names:
        return service.operation_model(target.operation)
    if protocol_of(target.service) == "query":
        version = service.metadata["apiVersion"]
        raise Refusal("InvalidAction", f"Could not find operation {target.operation} for version {version}")
    raise Refusal("UnknownOperationException", "")


def protocol_of(service: str) -> str:
    """The protocol that boto3 speaks with a service: ``json``, ``query``, ``rest-xml``, ...

    Raises:
        Refusal: AWS has no such service.
    """
    return str(service_model(service).metadata["protocol"])


def json_type_of(service: str) -> str:
    """The content type of a service's JSON, also of unknown services."""
    try:
        metadata = service_model(service).metadata
    except Refusal:
        return JSON_TYPE
    return f"application/x-amz-json-{metadata.get('jsonVersion', '1.1')}"


def is_query_compatible(service: str) -> bool:
    """Whether a service has left the query protocol for JSON, and still sends the codes of its errors there."""
    try:
        return "awsQueryCompatible" in service_model(service).metadata
    except Refusal:
        return False


def family_of(service: str) -> str:
    """The form of a service's refusals: ``json`` (also of unknown services), ``query`` or ``rest-xml``."""
    try:
        protocol = protocol_of(service)
    except Refusal:
        return "json"
    return {"ec2": "query", "query": "query", "rest-xml": "rest-xml"}.get(protocol, "json")


def status_of(service: str, error: str, status: int) -> int:
    """The HTTP status of a refusal: REST services with JSON have one for each error, the others what their family has.

    Args:
        service: botocore's name of it.
        error: AWS's code.
        status: What it is where the model says nothing; one that is not plainly 400 is meant as it is, since what
            stands before a service (IAM) has its own.
    """
    shape = _error_shape(service, error)
    if shape is None or status != HTTPStatus.BAD_REQUEST or protocol_of(service) != "rest-json":
        return status
    return int(shape.metadata.get("error", {}).get("httpStatusCode", status))


def error_members(service: str, error: str) -> frozenset[str]:
    """The members that an error has in its service's model."""
    shape = _error_shape(service, error)
    return frozenset(shape.members) if isinstance(shape, StructureShape) else frozenset()


def _error_shape(service: str, error: str) -> Shape | None:
    try:
        model = service_model(service)
    except Refusal:
        return None
    return model.shape_for_error_code(error)  # type: ignore[arg-type]  # the stubs take codes for int
