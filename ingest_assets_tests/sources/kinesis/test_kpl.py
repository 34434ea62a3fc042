"""Aggregates of the Kinesis Producer Library, held against Protobuf's own runtime."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sandbox.company import encodings
from ingest_assets.sources.kinesis import kpl

_KINDS = descriptor_pb2.FieldDescriptorProto


@pytest.fixture(scope="session")
def aggregated_record() -> Any:
    """Class of the library's message, as its published ``.proto`` has it."""
    record = descriptor_pb2.DescriptorProto(name="Record")
    record.field.add(name="partition_key_index", number=1, label=_KINDS.LABEL_REQUIRED, type=_KINDS.TYPE_UINT64)
    record.field.add(name="explicit_hash_key_index", number=2, label=_KINDS.LABEL_OPTIONAL, type=_KINDS.TYPE_UINT64)
    record.field.add(name="data", number=3, label=_KINDS.LABEL_REQUIRED, type=_KINDS.TYPE_BYTES)
    tag = record.nested_type.add(name="Tag")
    tag.field.add(name="key", number=1, label=_KINDS.LABEL_REQUIRED, type=_KINDS.TYPE_STRING)
    tag.field.add(name="value", number=2, label=_KINDS.LABEL_OPTIONAL, type=_KINDS.TYPE_STRING)
    many = {"label": _KINDS.LABEL_REPEATED, "type": _KINDS.TYPE_MESSAGE}
    record.field.add(name="tags", number=4, type_name=".kpl.Record.Tag", **many)
    whole = descriptor_pb2.DescriptorProto(name="AggregatedRecord")
    whole.field.add(name="partition_key_table", number=1, label=_KINDS.LABEL_REPEATED, type=_KINDS.TYPE_STRING)
    whole.field.add(name="explicit_hash_key_table", number=2, label=_KINDS.LABEL_REPEATED, type=_KINDS.TYPE_STRING)
    whole.field.add(name="records", number=3, type_name=".kpl.Record", **many)
    file = descriptor_pb2.FileDescriptorProto(name="kpl.proto", package="kpl", message_type=[record, whole])
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("kpl.AggregatedRecord"))


def _aggregate(body: bytes) -> bytes:
    return kpl.MAGIC + body + hashlib.md5(body, usedforsecurity=False).digest()


@given(records=st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=300)), max_size=9), is_tagged=st.booleans())
def test_what_protobuf_writes_is_read(
    aggregated_record: Any, records: list[tuple[str, bytes]], is_tagged: bool
) -> None:
    message = aggregated_record()
    for at, (key, data) in enumerate(records):
        message.partition_key_table.append(key)
        message.explicit_hash_key_table.append(str(at))
        record = message.records.add(partition_key_index=at, explicit_hash_key_index=at, data=data)
        if is_tagged:
            record.tags.add(key="k", value="v")
    aggregate = _aggregate(message.SerializeToString())
    assert list(kpl.user_records(aggregate)) == [data for _, data in records]


@given(st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=300)), max_size=9))
def test_what_the_sandbox_writes_is_read(records: list[tuple[str, bytes]]) -> None:
    assert list(kpl.user_records(encodings.kpl_aggregate(records))) == [data for _, data in records]


_wire = st.lists(st.sampled_from([0, 1, 2, 3, 4, 8, 10, 16, 18, 24, 25, 26, 29, 128]), max_size=24).map(bytes)


@given(body=_wire | st.binary(max_size=120))
def test_any_body_is_read_as_protobuf_reads_it_or_refused(aggregated_record: Any, body: bytes) -> None:
    try:
        read = list(kpl.user_records(_aggregate(body)))
    except InvalidAnswerError:
        return
    message = aggregated_record()
    message.MergeFromString(body)
    assert [record.data for record in message.records] == read


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (bytes.fromhex("1a02 0800"), "a record has no data"),
        (bytes.fromhex("1a05 1a03 6162"), "field 3 is cut"),
        (bytes.fromhex("1b"), "field 3 has wire type 3"),
        (bytes.fromhex("0001"), "there is no field number 0"),
        (bytes.fromhex("ffffffffffffffffffff7f"), "a number is cut or too long"),
        (bytes.fromhex("80"), "a number is cut or too long"),
    ],
)
def test_a_body_that_is_no_aggregate_is_refused_whole(body: bytes, why: str) -> None:
    good = encodings.kpl_aggregate([("a", b"first")])[4:-16]
    with pytest.raises(InvalidAnswerError, match=why):
        kpl.user_records(_aggregate(good + body))


def test_a_digest_that_does_not_fit_is_noticed() -> None:
    aggregate = encodings.kpl_aggregate([("a", b"first")])
    with pytest.raises(InvalidAnswerError, match="MD5"):
        kpl.user_records(aggregate[:-1] + bytes([aggregate[-1] ^ 1]))
    with pytest.raises(InvalidAnswerError, match="cut"):
        kpl.user_records(kpl.MAGIC + b"short")
