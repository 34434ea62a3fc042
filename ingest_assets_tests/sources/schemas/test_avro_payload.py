"""Avro payloads, held against fastavro's writer and reader."""

from __future__ import annotations

import io
import json
import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import MessageSchema
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.company import encodings
from ingest_assets.sources.schemas import avro, avro_payload
from ingest_assets.sources.schemas.payloads import payload_reader

NODE = {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"]}]}
_LONGS = st.integers(-(2**63), 2**63 - 1)
_PLAIN: list[tuple[str, st.SearchStrategy[Any]]] = [
    ("null", st.none()),
    ("boolean", st.booleans()),
    ("int", st.integers(-(2**31), 2**31 - 1)),
    ("long", _LONGS),
    ("double", st.floats(allow_nan=False, allow_infinity=False)),
    ("float", st.floats(width=32, allow_nan=False, allow_infinity=False)),
    ("string", st.text(max_size=9)),
]


@st.composite
def _written(draw: st.DrawFn) -> tuple[Any, Any]:
    """A schema without bytes, and a value of it."""
    names = iter(range(1000))

    def typed(levels: int) -> tuple[Any, st.SearchStrategy[Any]]:
        kind = draw(st.sampled_from(["plain", "array", "map", "record", "option", "enum"] if levels else ["plain"]))
        if kind == "record":
            inner = {f"f{at}": typed(levels - 1) for at in range(draw(st.integers(0, 3)))}
            members = [{"name": name, "type": type_} for name, (type_, _) in inner.items()]
            record = {"type": "record", "name": f"R{next(names)}", "fields": members}
            return record, st.fixed_dictionaries({name: values for name, (_, values) in inner.items()})
        if kind == "enum":
            symbols = ["A", "B", "C"]
            return {"type": "enum", "name": f"E{next(names)}", "symbols": symbols}, st.sampled_from(symbols)
        type_, values = draw(st.sampled_from(_PLAIN)) if kind in ("plain", "option") else typed(levels - 1)
        if kind == "array":
            return {"type": "array", "items": type_}, st.lists(values, max_size=4)
        if kind == "map":
            return {"type": "map", "values": type_}, st.dictionaries(st.text(max_size=4), values, max_size=4)
        return (["null", type_], st.none() | values) if kind == "option" and type_ != "null" else (type_, values)

    schema, values = typed(3)
    return schema, draw(values)


def _bytes(schema: Any, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return out.getvalue()


def _read(schema: Any, payload: bytes) -> Any:
    return avro_payload.read(payload, avro.parse(json.dumps(schema)))


@given(_written())
def test_what_fastavro_writes_is_read(written: tuple[Any, Any]) -> None:
    schema, value = written
    assert _read(schema, _bytes(schema, value)) == value


@given(_written(), st.data())
def test_a_cut_payload_is_noticed(written: tuple[Any, Any], data: st.DataObject) -> None:
    schema, value = written
    payload = _bytes(schema, value)
    if payload:
        with pytest.raises(InvalidAnswerError):
            _read(schema, payload[: data.draw(st.integers(0, len(payload) - 1))])
    with pytest.raises(InvalidAnswerError, match="1 bytes follow the value"):
        _read(schema, payload + b"\0")


@given(_written(), st.binary(max_size=60))
def test_any_bytes_are_read_as_fastavro_reads_them_or_refused(written: tuple[Any, Any], payload: bytes) -> None:
    schema, _ = written
    try:
        read = _read(schema, payload)
    except InvalidAnswerError:
        return
    again = io.BytesIO(payload)
    expected = fastavro.schemaless_reader(again, fastavro.parse_schema(schema), None)
    assert again.read() == b""
    assert json.dumps(read) == json.dumps(_finite(expected))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


_MOMENT = datetime(2026, 11, 21, 20, 5, 7, 123456, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ("bytes", b"\x00\xff", {"base64": "AP8="}),
        ({"type": "fixed", "name": "F", "size": 2}, b"ab", {"base64": "YWI="}),
        ("double", math.inf, "inf"),
        ("double", math.nan, "nan"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, Decimal("-12.30"), "-12.30"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9}, Decimal(12), "12"),
        (
            {"type": "fixed", "name": "F", "size": 8, "logicalType": "decimal", "precision": 9, "scale": 9},
            Decimal("0.000000001"),
            "0.000000001",
        ),
        (
            {"type": "string", "logicalType": "uuid"},
            UUID("7f1c3d5e-0a2b-4c6d-8e9f-1a2b3c4d5e6f"),
            "7f1c3d5e-0a2b-4c6d-8e9f-1a2b3c4d5e6f",
        ),
        ({"type": "int", "logicalType": "date"}, date(1969, 12, 31), "1969-12-31"),
        ({"type": "int", "logicalType": "time-millis"}, time(1, 2, 3, 4000), "01:02:03.004"),
        ({"type": "long", "logicalType": "time-micros"}, time(23, 59, 59, 999999), "23:59:59.999999"),
        ({"type": "long", "logicalType": "timestamp-millis"}, _MOMENT, "2026-11-21T20:05:07.123Z"),
        ({"type": "long", "logicalType": "timestamp-micros"}, _MOMENT, "2026-11-21T20:05:07.123456Z"),
        (
            {"type": "long", "logicalType": "timestamp-millis"},
            _MOMENT - timedelta(days=30_000),
            "1944-10-02T20:05:07.123Z",
        ),
        ({"type": "long", "logicalType": "timestamp-nanos"}, 1, "1970-01-01T00:00:00.000000001Z"),
        (
            {"type": "long", "logicalType": "local-timestamp-millis"},
            datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001
            "2026-01-02T03:04:05.000",
        ),
        ({"type": "long", "logicalType": "timestamp-millis"}, 2**63 - 1, 2**63 - 1),
        ({"type": "int", "logicalType": "date"}, -(2**31), -(2**31)),
        ({"type": "long", "logicalType": "unheard-of"}, 5, 5),
        (["null", "string", "long"], 5, 5),
    ],
)
def test_what_json_lacks_is_a_text(schema: Any, value: Any, expected: object) -> None:
    assert _read(schema, _bytes(schema, value)) == expected


def test_values_of_named_types_are_read_wherever_they_are_named() -> None:
    schema = {
        "type": "record",
        "name": "R",
        "namespace": "a.b",
        "fields": [
            {"name": "x", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
            {"name": "y", "type": "E"},
            {"name": "z", "type": {"type": "array", "items": "a.b.E"}},
        ],
    }
    value = {"x": "A", "y": "B", "z": ["B", "A"]}
    assert _read(schema, _bytes(schema, value)) == value


def test_blocks_with_their_size_are_read() -> None:
    assert _read({"type": "array", "items": "long"}, bytes.fromhex("0304020400")) == [1, 2]


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        (NODE, b"\x02" * 1_000_000 + b"\x00"),
        ({"type": "record", "name": "Self", "fields": [{"name": "self", "type": "Self"}]}, b""),
        ({"type": "array", "items": "null"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"),
        ({"type": "array", "items": {"type": "record", "name": "E", "fields": []}}, b"\x80\x80\x80\x80\x10\x00"),
        ("bytes", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01abc"),
        ("bytes", b"\x01abc"),
        ("bytes", b"\xff" * 12),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, b"\x01"),
        (["null", "string"], b"\x04"),
        ("boolean", b"\x02"),
        ("int", b"\x80\x80\x80\x80\x80\x01"),
        ("string", b"\x02\xff"),
    ],
)
def test_what_would_end_a_process_or_is_no_value_is_refused(schema: Any, payload: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        _read(schema, payload)


def test_records_that_nest_are_read_to_a_depth() -> None:
    assert _read(NODE, b"\x02" * 20 + b"\x00")["next"]["next"]["next"] is not None


@given(st.text(), _LONGS)
def test_a_payload_of_the_sandbox_is_json(text: str, number: int) -> None:
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": "long"}, {"name": "c", "type": ["null", "string"]}]
    schema = MessageSchema(text=json.dumps({"type": "record", "name": "R", "fields": fields}), type="Avro")
    payload = encodings.avro([text, number]) + encodings.avro_some(text)
    assert json.loads(payload_reader(schema)(payload)) == {"a": text, "b": number, "c": text}


def test_names_that_utf8_lacks_do_not_spoil_the_message() -> None:
    fields = [{"name": "x\ud800", "type": "string"}]
    schema = MessageSchema(text=json.dumps({"type": "record", "name": "R", "fields": fields}), type="Avro")
    assert payload_reader(schema)(encodings.avro(["a"])) == '{"x?": "a"}'
