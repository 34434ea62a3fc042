"""Holds what callers send, and what we answer, against botocore's models.

botocore itself checks only what its own client sends: its parser drops unknown members and lets missing ones through,
so an answer that AWS would never send goes unnoticed. Here both directions are checked, an answer twice: as Python
values against the output shape, and as the bytes that leave.
"""

from __future__ import annotations

import re
from typing import Any

from botocore.awsrequest import HeadersDict
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.parsers import create_parser
from botocore.validate import ParamValidator
from werkzeug.wrappers import Response

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.aws.refusal import Refusal

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def check_input(params: dict[str, Any], shape: StructureShape | None) -> None:
    """Refuse what AWS's front door refuses: unknown or missing members, wrong types, lengths, ranges and enum values.

    Raises:
        Refusal: ``ValidationException``, naming the member; ``SerializationException`` for a time beyond all calendars.
    """
    if shape is None:
        if params:
            raise Refusal("ValidationException", f"The operation takes no parameters, got {sorted(params)}")
        return
    try:
        report = ParamValidator().validate(params, shape)
    except (OverflowError, RuntimeError):  # what botocore makes of a time beyond all calendars
        raise Refusal("SerializationException", "The request holds a number that is no time.") from None
    problems = report.generate_report().splitlines() if report.has_errors() else _limits(params, shape, "")
    if problems:
        raise Refusal("ValidationException", f"{len(problems)} validation error(s) detected: {'; '.join(problems)}")


def _limits(value: Any, shape: Shape, where: str) -> list[str]:
    """What ParamValidator leaves out: upper limits, enums and patterns."""
    if isinstance(shape, StructureShape):
        nested = [_limits(item, shape.members[name], f"{where}/{name}") for name, item in value.items()]
    elif isinstance(shape, ListShape):
        nested = [_limits(item, shape.member, f"{where}[{at}]") for at, item in enumerate(value)]
    else:
        nested = [_scalar_limits(value, shape, where)]
    return [problem for problems in nested for problem in problems]


def _scalar_limits(value: Any, shape: Shape, where: str) -> list[str]:
    enum, most, pattern = (shape.metadata.get(limit) for limit in ("enum", "max", "pattern"))
    if enum and value not in enum:
        wanted = f"Member must satisfy enum value set: {enum}"
    elif most is not None and shape.type_name in ("integer", "long") and value > most:
        wanted = f"Member must have value less than or equal to {most}"
    elif most is not None and shape.type_name == "string" and len(value) > most:
        wanted = f"Member must have length less than or equal to {most}"
    elif pattern and shape.type_name == "string" and not _matches(pattern, value):
        wanted = f"Member must satisfy regular expression pattern: {pattern}"
    else:
        return []
    return [f"Value '{value}' at '{where}' failed to satisfy constraint: {wanted}"]


def _matches(pattern: str, value: str) -> bool:
    """Whether a whole text fits; a pattern that only Java can read (surrogates, Unicode classes) lets all pass."""
    try:
        return re.fullmatch(pattern, value, re.ASCII) is not None  # as Java's \w and \d are
    except re.error:
        return True


def check_output(operation: str, values: dict[str, Any], shape: StructureShape | None) -> None:
    """Hold a handler's answer against the operation's output shape.

    Raises:
        InvalidAnswerError: The sandbox is about to send what AWS would not; a fault of the sandbox.
    """
    if shape is None:
        if values:
            raise InvalidAnswerError(f"has members {sorted(values)}, AWS sends none", where=operation)
        return
    report = ParamValidator().validate(values, shape)
    if report.has_errors():
        raise InvalidAnswerError(report.generate_report(), where=operation)


def check_json(operation: str, wire: Any, shape: Shape) -> None:
    """Walk JSON as it goes on the wire: known members only, JSON's own types, no nulls, epoch numbers for times.

    Raises:
        InvalidAnswerError: Naming the first member that AWS would have sent otherwise.
    """
    problem = _wire_problem(wire, shape, "")
    if problem:
        raise InvalidAnswerError(problem, where=operation)


def _wire_problem(value: Any, shape: Shape, where: str) -> str | None:
    if isinstance(shape, StructureShape):
        return _structure_problem(value, shape, where)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return _first(_wire_problem(item, shape.member, f"{where}[{at}]") for at, item in enumerate(value))
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return _first(_wire_problem(item, shape.value, f"{where}[{key!r}]") for key, item in value.items())
    wanted = _JSON_TYPES.get(shape.type_name, ())
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        return f"{where} is {value!r}, which is no {shape.type_name} on the wire"
    enum = shape.metadata.get("enum")
    return f"{where} is {value!r}, not one of {enum}" if enum and value not in enum else None


def _structure_problem(value: Any, shape: StructureShape, where: str) -> str | None:
    if not isinstance(value, dict):
        return f"{where} is {type(value).__name__}, not a structure"
    members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    unknown = sorted(set(value) - set(members))
    if unknown:
        return f"{where} has members {unknown} that {shape.name} has not"
    return _first(_wire_problem(item, members[name], f"{where}/{name}") for name, item in value.items())


def _first(problems: Any) -> str | None:
    return next((problem for problem in problems if problem), None)


def check_xml(operation: str, values: dict[str, Any], model: OperationModel, answer: Response) -> None:
    """Read an XML answer back with botocore's own parser: what a handler said must arrive, no more and no less.

    Raises:
        InvalidAnswerError: A member got lost or changed on the wire.
    """
    shape = model.output_shape
    if shape is None:
        return
    payload = shape.serialization.get("payload")
    raw_body = payload is not None and not isinstance(shape.members[payload], StructureShape)
    parser = create_parser(str(model.service_model.metadata["protocol"]))
    raw = {
        "body": b"" if raw_body else answer.get_data(),  # bytes are sent as they are; the parser takes them for text
        "headers": HeadersDict(answer.headers),
        "status_code": answer.status_code,
    }
    parsed = parser.parse(raw, shape)
    sent = {name: value for name, value in values.items() if value not in ([], "") and name != payload}
    lost = sorted(name for name, value in sent.items() if parsed.get(name) != value)
    if lost:
        raise InvalidAnswerError(f"members {lost} did not survive the wire", where=operation)
