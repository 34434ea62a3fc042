"""Protobuf payloads, held against Protobuf's own runtime."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import MessageSchema
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.company import encodings
from ingest_assets.sources.schemas import proto_payload, proto_text, protobuf_wire
from ingest_assets.sources.schemas.payloads import payload_reader

_KINDS = descriptor_pb2.FieldDescriptorProto
_INTS = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "sint32": (-(2**31), 2**31 - 1),
    "sint64": (-(2**63), 2**63 - 1),
    "fixed32": (0, 2**32 - 1),
    "fixed64": (0, 2**64 - 1),
    "sfixed32": (-(2**31), 2**31 - 1),
    "sfixed64": (-(2**63), 2**63 - 1),
}
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.integers(*bounds) for name, bounds in _INTS.items()},
    "bool": st.booleans(),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "float": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "string": st.text(max_size=9),
    "bytes": st.binary(max_size=9),
}
_TEXT = 'syntax = "proto3"; package p; message All {\n' + "".join(
    f"  {kind} one_{kind} = {at}; repeated {kind} many_{kind} = {at + 100};\n" for at, kind in enumerate(_VALUES, 1)
)
FILE = proto_text.parse(f"{_TEXT}  repeated All inner = 300; map<string, All> by_name = 301;\n}}")


@pytest.fixture(scope="session")
def all_types() -> Any:
    """Protobuf's own class of the message that ``FILE`` declares."""
    message = descriptor_pb2.DescriptorProto(name="All")
    for at, kind in enumerate(_VALUES, 1):
        number = getattr(_KINDS, f"TYPE_{kind.upper()}")
        message.field.add(name=f"one_{kind}", number=at, label=_KINDS.LABEL_OPTIONAL, type=number)
        message.field.add(name=f"many_{kind}", number=at + 100, label=_KINDS.LABEL_REPEATED, type=number)
    whole = {"label": _KINDS.LABEL_REPEATED, "type": _KINDS.TYPE_MESSAGE}
    message.field.add(name="inner", number=300, type_name=".p.All", **whole)
    message.field.add(name="by_name", number=301, type_name=".p.All.ByNameEntry", **whole)
    entry = message.nested_type.add(name="ByNameEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=_KINDS.LABEL_OPTIONAL, type=_KINDS.TYPE_STRING)
    entry.field.add(name="value", number=2, label=_KINDS.LABEL_OPTIONAL, type=_KINDS.TYPE_MESSAGE, type_name=".p.All")
    file = descriptor_pb2.FileDescriptorProto(name="all.proto", package="p", syntax="proto3", message_type=[message])
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("p.All"))


_flat = st.fixed_dictionaries(
    {},
    optional={f"one_{kind}": values for kind, values in _VALUES.items()}
    | {f"many_{kind}": st.lists(values, min_size=1, max_size=4) for kind, values in _VALUES.items()},
)
_nested = st.fixed_dictionaries(
    {"inner": st.lists(_flat, max_size=2), "by_name": st.dictionaries(st.text(max_size=3), _flat, max_size=2)}
)


def _message(class_: Any, values: dict[str, Any]) -> Any:
    plain = {name: value for name, value in values.items() if name not in ("inner", "by_name")}
    message = class_(**plain)
    message.inner.extend(_message(class_, inner) for inner in values.get("inner", ()))
    for key, inner in values.get("by_name", {}).items():
        message.by_name[key].CopyFrom(_message(class_, inner))
    return message


def _shown(value: Any) -> Any:
    """As JSON has it, without what proto3 does not write: empty values of fields that are there once."""
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items() if not _is_empty(key, inner)}
    if isinstance(value, list):
        return [_shown(inner) for inner in value]
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _is_empty(name: str, value: Any) -> bool:
    if name in ("inner", "by_name"):
        return not value
    return name.startswith("one_") and not value and not (isinstance(value, float) and math.copysign(1, value) < 0)


def _expected(values: dict[str, Any]) -> Any:
    shown = _shown({name: value for name, value in values.items() if name != "by_name"})
    if values["by_name"]:
        shown["by_name"] = {key: _shown(inner) for key, inner in values["by_name"].items()}
    return shown


@given(values=st.builds(lambda flat, nested: flat | nested, _flat, _nested))
def test_what_protobuf_writes_is_read(all_types: Any, values: dict[str, Any]) -> None:
    payload = b"\0" + _message(all_types, values).SerializeToString()
    assert proto_payload.read(payload, FILE) == _expected(values)


@given(values=_flat.filter(bool), data=st.data())
def test_any_change_is_read_as_another_message_or_refused(
    all_types: Any, values: dict[str, Any], data: st.DataObject
) -> None:
    payload = bytearray(b"\0" + _message(all_types, values).SerializeToString())
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))
    try:
        read = proto_payload.read(bytes(payload), FILE)
    except InvalidAnswerError:
        return
    assert payload[0] == 0
    json.dumps(read)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        json.dumps(proto_payload.read(data, FILE))
    except InvalidAnswerError:
        return


def _encoded(fields: list[tuple[int, str | bytes | int]], index: int = 0) -> bytes:
    return bytes([index]) + encodings.protobuf(fields)


def test_messages_are_numbered_by_full_name_with_nested_ones_and_maps_entries() -> None:
    file = proto_text.parse(
        "message B { message C {} message A { message D {} map<string, C> by_name = 1; } } message A {}"
    )
    assert file.message_names() == ["A", "B", "B.A", "B.A.ByNameEntry", "B.A.D", "B.C"]


def test_the_message_of_the_index_is_read() -> None:
    file = proto_text.parse("message A { string a = 1; } message B { string b = 1; }")
    assert proto_payload.read(_encoded([(1, "x")], 0), file) == {"a": "x"}
    assert proto_payload.read(_encoded([(1, "x")], 1), file) == {"b": "x"}
    with pytest.raises(InvalidAnswerError, match="no message 2"):
        proto_payload.read(_encoded([(1, "x")], 2), file)


def test_enums_timestamps_maps_and_imported_types_are_shown() -> None:
    text = """message M { E e = 1; E gone = 2; google.protobuf.Timestamp t = 3; map<int32, E> m = 4; other.T o = 5;
      repeated E es = 6; google.protobuf.Timestamp far = 7; } enum E { A = 0; B = 1; }"""
    stamp = encodings.protobuf([(1, 1_795_000_000), (2, 120_000_000)])
    far = encodings.protobuf([(1, 2**62)])
    payload = _encoded(
        [(1, 1), (2, 9), (3, stamp), (4, encodings.protobuf([(1, 7), (2, 1)])), (5, b"\xff"), (6, b"\0\1"), (7, far)]
    )
    assert proto_payload.read(payload, proto_text.parse(text)) == {
        "e": "B",
        "gone": 9,
        "t": "2026-11-18T11:06:40.12Z",
        "m": {"7": "B"},
        "o": {"base64": "/w=="},
        "es": ["A", "B"],
        "far": {"base64": base64.b64encode(far).decode()},
    }


@pytest.mark.parametrize(
    "fields",
    [
        [(9, "unknown")],
        [(1, 5)],
        [(2, "text")],
        [(1, b"\xff")],
        [(3, b"\xff")],
        [(4, b"\x01\x02\x03")],
    ],
)
def test_what_the_schema_does_not_fit_is_refused(fields: list[tuple[int, str | bytes | int]]) -> None:
    file = proto_text.parse("message M { string a = 1; int32 b = 2; M c = 3; repeated fixed32 d = 4; }")
    with pytest.raises(InvalidAnswerError):
        proto_payload.read(_encoded(fields), file)


def test_a_message_that_nests_too_deeply_is_refused() -> None:
    file = proto_text.parse("message M { M c = 1; }")
    data = b""
    for _ in range(200):
        data = encodings.protobuf([(1, data)])
    with pytest.raises(InvalidAnswerError, match="nests too deeply"):
        proto_payload.read(b"\0" + data, file)


def test_a_reader_of_payloads_gives_json() -> None:
    reader = payload_reader(MessageSchema(text="message M { string a = 1; }", type="Protobuf"))
    assert reader(_encoded([(1, "ö")])) == '{"a": "ö"}'
    with pytest.raises(InvalidAnswerError, match="the schema can't be read"):
        payload_reader(MessageSchema(text="message", type="Protobuf"))


def _numbers(data: bytes) -> Iterator[int]:
    view, at = memoryview(data), 0
    while at < len(view):
        number, at = protobuf_wire.varint(view, at)
        yield number


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_varints_come_back(numbers: list[int]) -> None:
    packed = b"".join(encodings.protobuf([(1, number)])[1:] for number in numbers)
    assert list(_numbers(packed)) == numbers
