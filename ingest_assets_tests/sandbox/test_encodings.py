"""The company's encoders, held against readers that were not written here or follow the formats' own words."""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from typing import Any
from uuid import UUID

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sandbox.company import encodings

_LABELS = descriptor_pb2.FieldDescriptorProto
VERSION_ID = "7f1c3d5e-0a2b-4c6d-8e9f-1a2b3c4d5e6f"


def _message(name: str, *fields: tuple[str, int, int, int]) -> Any:
    message = descriptor_pb2.DescriptorProto(name=name)
    for field, number, label, kind in fields:
        message.field.add(name=field, number=number, label=label, type=kind)
    return message


@pytest.fixture(scope="session")
def aggregated_record() -> Any:
    """Class of the KPL's message, as its published ``.proto`` has it."""
    file = descriptor_pb2.FileDescriptorProto(name="kpl.proto", package="kpl", syntax="proto2")
    many, one, maybe = _LABELS.LABEL_REPEATED, _LABELS.LABEL_REQUIRED, _LABELS.LABEL_OPTIONAL
    file.message_type.append(
        _message(
            "Record",
            ("partition_key_index", 1, one, _LABELS.TYPE_UINT64),
            ("explicit_hash_key_index", 2, maybe, _LABELS.TYPE_UINT64),
            ("data", 3, one, _LABELS.TYPE_BYTES),
        )
    )
    whole = _message(
        "AggregatedRecord",
        ("partition_key_table", 1, many, _LABELS.TYPE_STRING),
        ("explicit_hash_key_table", 2, many, _LABELS.TYPE_STRING),
        ("records", 3, many, _LABELS.TYPE_MESSAGE),
    )
    whole.field[-1].type_name = ".kpl.Record"
    file.message_type.append(whole)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("kpl.AggregatedRecord"))


@given(records=st.lists(st.tuples(st.text(min_size=1, max_size=9), st.binary(max_size=300)), min_size=1, max_size=9))
def test_an_aggregate_is_what_protobuf_reads(aggregated_record: Any, records: list[tuple[str, bytes]]) -> None:
    data = encodings.kpl_aggregate(records)
    assert data[:4] == bytes.fromhex("f3899ac2")
    body = data[4:-16]
    assert hashlib.md5(body, usedforsecurity=False).digest() == data[-16:]
    message = aggregated_record.FromString(body)
    assert [(message.partition_key_table[r.partition_key_index], r.data) for r in message.records] == records


def _read_zigzag(data: bytes) -> int:
    number = sum((byte & 0x7F) << 7 * at for at, byte in enumerate(data))
    return number >> 1 if number % 2 == 0 else -(number >> 1) - 1


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_long_of_avro_reads_back(number: int) -> None:
    assert _read_zigzag(encodings.avro([number])) == number


def test_avro_is_as_its_specification_shows_it() -> None:
    assert encodings.avro([27, "foo"]) == bytes.fromhex("3606666f6f")
    assert encodings.avro([None, True, False, -1, 64]) == bytes.fromhex("000100018001")
    assert encodings.avro([1.5]) == struct.pack("<d", 1.5)
    assert encodings.avro_some("a") == bytes.fromhex("020261")


@given(st.binary(max_size=500))
def test_a_registrys_header_stands_before_the_payload(payload: bytes) -> None:
    plain = encodings.registry_framed(VERSION_ID, payload)
    assert (plain[:2], UUID(bytes=plain[2:18]), plain[18:]) == (b"\x03\x00", UUID(VERSION_ID), payload)
    packed = encodings.registry_framed_zlib(VERSION_ID, payload)
    assert (packed[:2], UUID(bytes=packed[2:18])) == (b"\x03\x05", UUID(VERSION_ID))
    assert zlib.decompress(packed[18:]) == payload
    assert gzip.decompress(encodings.gzipped(payload)) == payload
    assert encodings.gzipped(payload) == encodings.gzipped(payload)
