"""Records of streams as sample messages."""

from __future__ import annotations

import base64
import gzip
import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import MessageSchema
from ingest_assets.errors import UnavailableError
from ingest_assets.sandbox.company import encodings
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sources.kinesis.records import Limits, messages
from ingest_assets.sources.schemas.reading import read_schema

VERSION_ID = "7f1c3d5e-0a2b-4c6d-8e9f-1a2b3c4d5e6f"
AVRO = MessageSchema(
    text=json.dumps({"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}), type="Avro"
)
JSON = MessageSchema(text="{}", type="JSON")
PROTOBUF = MessageSchema(text='syntax = "proto3"; message M { int32 id = 1; }', type="Protobuf")
LIMITS = Limits()

kpl_records = st.lists(st.tuples(st.text(min_size=1, max_size=5), st.binary(max_size=60)), max_size=8)


def _no_schema(version_id: UUID) -> MessageSchema | None:
    return None


def _read(data: bytes, limits: Limits = LIMITS, schema: MessageSchema | None = None) -> list[str]:
    return list(messages(data, limits, lambda version_id: schema if str(version_id) == VERSION_ID else None))


def _bytes_of(message: str) -> bytes:
    return base64.b64decode(json.loads(message)["base64"], validate=True)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_text_is_its_message(text: str) -> None:
    assert _read(text.encode()) == [text]


def test_text_that_looks_like_base64_stays_as_it_is() -> None:
    for text in ("{}", "...", "aGVsbG8=", "", '{"base64":"AA=="}'):
        assert _read(text.encode()) == [text]


@pytest.mark.parametrize("data", [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"a\0b", bytes(range(256))])
def test_bytes_that_are_no_text_are_labelled(data: bytes) -> None:
    (message,) = _read(data)
    assert json.loads(message) == {"base64": base64.b64encode(data).decode()}


@given(st.binary(max_size=300))
def test_any_bytes_give_messages(data: bytes) -> None:
    read = _read(data, schema=AVRO)
    assert "\ufffd" not in "".join(read) or "\ufffd".encode() in data


@given(
    st.sampled_from([b"\xf3\x89\x9a\xc2", b"\x1f\x8b\x08", b"\x03\x00", b"\x03\x05"]),
    st.binary(min_size=16, max_size=200),
)
def test_any_bytes_behind_a_known_beginning_give_messages_and_lose_nothing(start: bytes, rest: bytes) -> None:
    (message,) = _read(start + rest, schema=AVRO)
    told = json.loads(message)
    assert told.keys() <= {"base64", "schemaVersionId", "reason"}
    header = b"" if "schemaVersionId" not in told else start + UUID(told["schemaVersionId"]).bytes
    assert header + _bytes_of(message) == start + rest


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50), st.integers(1, 4))
def test_gzip_is_unpacked_inside_of_gzip_too(text: str, layers: int) -> None:
    data = text.encode()
    for _ in range(layers):
        data = encodings.gzipped(data)
    assert _read(data) == [text]


def test_gzip_of_several_members_and_padding_is_one_text() -> None:
    assert _read(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0") == ["one two"]


def test_what_is_packed_again_and_again_is_told() -> None:
    data = b"x"
    for _ in range(5):
        data = encodings.gzipped(data)
    (message,) = _read(data)
    assert json.loads(message)["reason"] == "record: it is packed more than 4 times."
    assert _bytes_of(message) == encodings.gzipped(b"x")


@given(data=st.data())
def test_damaged_gzip_is_shown_as_it_lies(data: st.DataObject) -> None:
    packed = bytearray(encodings.gzipped(b"a text of some length, a text of some length"))
    if data.draw(st.booleans()):
        del packed[data.draw(st.integers(3, len(packed) - 1)) :]
    else:
        packed[-data.draw(st.integers(1, 8))] ^= data.draw(st.integers(1, 255))
    (message,) = _read(bytes(packed))
    assert json.loads(message)["reason"].startswith("gzip: the data is ")
    assert _bytes_of(message) == packed


def test_a_bomb_is_refused_and_told() -> None:
    bomb = gzip.compress(bytes(5_000_000))
    (message,) = _read(bomb, Limits(unpacked_size=1_000_000))
    assert json.loads(message)["reason"] == "gzip: more than 1000000 bytes unpacked."
    assert _bytes_of(message) == bomb


def test_bombs_of_one_record_share_what_may_be_unpacked() -> None:
    aggregate = encodings.kpl_aggregate([("k", gzip.compress(b"a" * 600))] * 3 + [("k", b"plain")])
    read = _read(aggregate, Limits(unpacked_size=1000))
    assert read[0] == "a" * 600
    assert read[3] == "plain"
    assert all(json.loads(message)["reason"].startswith("gzip: more than 1000 bytes") for message in read[1:3])


def test_exactly_what_may_be_unpacked_is_unpacked() -> None:
    assert _read(gzip.compress(b"a" * 1000), Limits(unpacked_size=1000)) == ["a" * 1000]


@given(kpl_records)
def test_each_user_record_of_an_aggregate_is_a_message(records: list[tuple[str, bytes]]) -> None:
    expected = [message for _, data in records for message in _read(data)]
    assert _read(encodings.kpl_aggregate(records)) == expected


@given(kpl_records, st.data())
def test_a_damaged_aggregate_is_one_message_of_its_bytes(records: list[tuple[str, bytes]], data: st.DataObject) -> None:
    aggregate = bytearray(encodings.kpl_aggregate(records))
    if data.draw(st.booleans()):
        del aggregate[data.draw(st.integers(4, len(aggregate) - 1)) :]
    else:
        aggregate[data.draw(st.integers(4, len(aggregate) - 1))] ^= data.draw(st.integers(1, 255))
    (message,) = _read(bytes(aggregate))
    assert json.loads(message)["reason"].startswith("KPL aggregate: ")
    assert _bytes_of(message) == aggregate


def test_messages_of_an_aggregate_are_unpacked_too() -> None:
    framed = encodings.registry_framed(VERSION_ID, encodings.avro([7]))
    aggregate = encodings.kpl_aggregate([("a", gzip.compress(b"zipped")), ("b", framed), ("c", b"\xff")])
    assert _read(aggregate, schema=AVRO) == ["zipped", '{"id": 7}', '{"base64": "/w=="}']
    assert _read(gzip.compress(aggregate), schema=AVRO) == _read(aggregate, schema=AVRO)


@pytest.mark.parametrize("frame", [encodings.registry_framed, encodings.registry_framed_zlib])
def test_a_payload_is_read_with_the_schema_of_its_header(frame: object) -> None:
    assert callable(frame)
    assert _read(frame(VERSION_ID, encodings.avro([-5])), schema=AVRO) == ['{"id": -5}']
    assert _read(frame(VERSION_ID, '{"a": "ö"}'.encode()), schema=JSON) == ['{"a": "ö"}']
    assert _read(frame(VERSION_ID, b"\0" + encodings.protobuf([(1, 5)])), schema=PROTOBUF) == ['{"id": 5}']


@pytest.mark.parametrize("frame", [encodings.registry_framed, encodings.registry_framed_zlib])
def test_a_payload_without_a_schema_tells_the_schemas_version(frame: object) -> None:
    assert callable(frame)
    (message,) = _read(frame(VERSION_ID, b"\x02"))
    assert json.loads(message) == {"base64": "Ag==", "schemaVersionId": VERSION_ID}


@pytest.mark.parametrize(
    ("payload", "schema", "reason"),
    [
        (b"\x02\x02", AVRO, "Avro payload: 1 bytes follow the value."),
        (b"\xff", JSON, "JSON: the payload is not UTF-8."),
        (b"\0", JSON, "JSON: the payload has a NUL in it."),
        (b"\x02", MessageSchema(text="{", type="Avro"), "Avro: the schema can't be read"),
        (b"\x02", MessageSchema(text="?", type="Other"), "Other: payloads of this type are not read."),
    ],
)
def test_a_payload_that_its_schema_does_not_fit_tells_why(payload: bytes, schema: MessageSchema, reason: str) -> None:
    (message,) = _read(encodings.registry_framed(VERSION_ID, payload), schema=schema)
    told = json.loads(message)
    assert told["reason"].startswith(reason)
    assert told["schemaVersionId"] == VERSION_ID
    assert _bytes_of(message) == payload


def test_a_payload_whose_compression_is_damaged_is_shown_as_it_lies() -> None:
    framed = encodings.registry_framed_zlib(VERSION_ID, b"payload")
    for data, what in ((framed[:-1], "cut"), (framed + b"x", "follows"), (framed[:18] + b"no zlib", "damaged")):
        (message,) = _read(data, schema=JSON)
        assert what in json.loads(message)["reason"]
        assert _bytes_of(message) == data[18:]


def test_what_asking_for_a_schema_raises_is_the_callers() -> None:
    def down(_version_id: UUID) -> MessageSchema | None:
        raise UnavailableError("down", where="glue:GetSchemaVersion")

    with pytest.raises(UnavailableError):
        list(messages(encodings.registry_framed(VERSION_ID, b"x"), LIMITS, down))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=11, max_size=99))
def test_a_long_text_is_cut_with_a_mark(text: str) -> None:
    (message,) = _read(text.encode(), Limits(message_length=10))
    assert message == f"{text[:10]}… ({len(text) - 10} more characters)"


@given(st.binary(min_size=100, max_size=300))
def test_long_bytes_are_cut_and_stay_json(data: bytes) -> None:
    (message,) = _read(b"\xff" + data, Limits(message_length=40))
    shown = _bytes_of(message)
    assert len(shown) == 30
    assert shown == (b"\xff" + data)[:30]
    assert json.loads(message)["missingBytes"] == len(data) + 1 - 30


def test_messages_are_made_as_they_are_asked_for() -> None:
    aggregate = encodings.kpl_aggregate([("k", b"%d" % number) for number in range(50_000)])
    several = messages(aggregate, LIMITS, _no_schema)
    assert [next(several) for _ in range(3)] == ["0", "1", "2"]
    zipped = messages(gzip.compress(aggregate), LIMITS, _no_schema)
    assert next(zipped) == "0"


def test_the_streams_of_the_company_are_readable() -> None:
    company = Company()
    schemas = {
        UUID(version.version_id): read_schema(version.definition, schema.data_format).schema
        for registry in company.schemas.registries()
        for schema in registry.schemas.values()
        for version in schema.versions
    }
    read = {
        name: [
            message
            for shard in company.streams.stream(name).shards
            for record in shard.records
            for message in messages(record.data, LIMITS, schemas.get)
        ]
        for name in company.streams.names()
    }
    assert len(read["clicks"]) == 28
    assert {json.loads(message)["event_id"] for message in read["clicks"]} == {f"e-{n:06d}" for n in range(28)}
    orders = sorted((json.loads(message) for message in read["orders"]), key=lambda order: order["order_id"])
    assert orders[1] == {"order_id": 9000, "customer_id": 70, "total": 199.0, "currency": "SEK"}
    assert orders[-1]["coupon"] == "SOMMAR"
    assert "0;hub-0;delivered;2026-11-20\n" in read["parcels.scans"]
    payments = [json.loads(message) for message in read["payments"]]
    first = next(payment for payment in payments if payment.get("payment_id") == "p-0")
    token = base64.b64encode(bytes([*range(248, 256), 0, 0])).decode()
    assert first == {
        "payment_id": "p-0",
        "order_id": 9000,
        "amount_cents": 19900,
        "currency": "SEK",
        "token": {"base64": token},
    }
    assert {"base64": base64.b64encode(bytes(range(256))).decode()} in payments
