"""What happens at Norrpost as it happens: the streams of clicks, orders, payments and parcel scans."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from ingest_assets.sandbox.company import encodings
from ingest_assets.sandbox.company.schemas import DEFAULT_REGISTRY, SchemaRegistries
from ingest_assets.sandbox.company.streams import AWS_MANAGED_KEY, Streams

PAYMENTS_KEY = "arn:aws:kms:{region}:{account}:key/5f2d8a1c-93b4-4c0e-8a77-1be0c6d4f2a9"
PARTNER_REGISTRY = "partners"

ORDERS = {
    "type": "record",
    "name": "Order",
    "namespace": "example.norrpost.shop",
    "doc": "An order as the shop took it",
    "fields": [
        {"name": "order_id", "type": "long", "doc": "Number that customers see"},
        {"name": "customer_id", "type": "long", "doc": "Who ordered"},
        {"name": "total", "type": "double", "doc": "With VAT, in the currency of the order"},
        {"name": "currency", "type": "string", "doc": "ISO 4217"},
    ],
}
_COUPON = {"name": "coupon", "type": ["null", "string"], "default": None, "doc": "Code, when one was used"}
CLICKS = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Click",
    "type": "object",
    "description": "What a visitor did",
    "properties": {
        "event_id": {"type": "string", "description": "Unique id, made in the browser"},
        "event_type": {"type": "string", "enum": ["view", "click", "search", "add_to_cart", "purchase"]},
        "page": {"type": "object", "properties": {"url": {"type": "string"}, "title": {"type": "string"}}},
        "visitor_id": {"type": "string", "description": "Cookie"},
    },
    "required": ["event_id", "event_type"],
}
PAYMENTS = """syntax = "proto3";

package norrpost.finance;

// A payment as the bank reports it
message Payment {
  string payment_id = 1;
  uint64 order_id = 2;
  uint64 amount_cents = 3;
  string currency = 4;
  bytes token = 5; // of the card, never its number
}
"""


def fill(streams: Streams, registries: SchemaRegistries) -> None:
    """Add the streams, their last hours' records and their schemas."""
    _register(registries)
    now = streams.now().replace(microsecond=0)
    _clicks(streams, now)
    _orders(streams, registries, now)
    _payments(streams, registries, now)
    _others(streams, now)


def _register(registries: SchemaRegistries) -> None:
    registries.add_registry(DEFAULT_REGISTRY)
    registries.add_registry(PARTNER_REGISTRY, "Schemas that partners agreed on")
    registries.register("clicks", json.dumps(CLICKS), data_format="JSON", description="What visitors do")
    registries.register("orders", json.dumps(ORDERS), description="Orders of the shop")
    newer: dict[str, Any] = {**ORDERS, "fields": [*ORDERS["fields"], _COUPON]}
    registries.register("orders", json.dumps(newer))
    registries.register("payments", PAYMENTS, data_format="PROTOBUF", description="Payments by card")
    customs = {"type": "record", "name": "Declaration", "fields": [{"name": "parcel_id", "type": "string"}]}
    registries.register("customs-declarations", json.dumps(customs), registry=PARTNER_REGISTRY)


def _clicks(streams: Streams, now: datetime) -> None:
    """Two shards of which one was split an hour ago; JSON, gzip and KPL aggregates side by side."""
    streams.add(
        "clicks",
        shards=2,
        retention_hours=48,
        tags={"team": "web", "env": "prod", "cost-centre": "4711"},
        metrics=("IncomingBytes", "IteratorAgeMilliseconds"),
        created=now - timedelta(days=400),
    )
    for number in range(12):
        streams.put("clicks", _click(number), f"v{number}", arrived=now - timedelta(hours=3, minutes=-number))
    streams.split("clicks", "shardId-000000000001", at=now - timedelta(hours=1))
    for number in range(12, 24):
        streams.put("clicks", _click(number), f"v{number}", arrived=now - timedelta(minutes=40 - number))
    aggregate = encodings.kpl_aggregate([(f"v{number % 2}", _click(number)) for number in range(24, 27)])
    streams.put("clicks", aggregate, "a", arrived=now - timedelta(minutes=9))
    streams.put("clicks", encodings.gzipped(_click(27)), "v27", arrived=now - timedelta(minutes=8))
    for consumer in ("fraud-watch", "recommendations"):
        streams.register_consumer("clicks", consumer, created=now - timedelta(days=90))


def _click(number: int) -> bytes:
    kind = ("view", "click", "search", "add_to_cart", "purchase")[number % 5]
    page = {"url": f"https://shop.norrpost.example/p/{number * 37 % 1000}", "title": f"Påse nr {number}"}
    event = {"event_id": f"e-{number:06d}", "event_type": kind, "page": page, "visitor_id": f"v{number}"}
    return json.dumps(event, ensure_ascii=False).encode()


def _orders(streams: Streams, registries: SchemaRegistries, now: datetime) -> None:
    """Avro behind the registry's header, plain and compressed, of both versions of the schema."""
    streams.add(
        "orders",
        shards=2,
        retention_hours=168,
        key_id=AWS_MANAGED_KEY,
        tags={"team": "shop", "env": "prod", "owner": "omar.haddad"},
        created=now - timedelta(days=390),
    )
    first, second = registries.schema("orders").versions
    for number in range(6):
        payload = encodings.avro([9000 + number, 70 + number, 199.0 + number, "SEK"])
        record = encodings.registry_framed(first.version_id, payload)
        streams.put("orders", record, f"c{number}", arrived=now - timedelta(minutes=60 - number))
    for number in range(6, 12):
        payload = encodings.avro([9000 + number, 70 + number, 199.0 + number, "EUR"]) + encodings.avro_some("SOMMAR")
        record = encodings.registry_framed_zlib(second.version_id, payload)
        streams.put("orders", record, f"c{number}", arrived=now - timedelta(minutes=30 - number))
    test = json.dumps({"order_id": 0, "note": "smoke test"}).encode()
    streams.put("orders", test, "smoke", arrived=now - timedelta(minutes=5))


def _payments(streams: Streams, registries: SchemaRegistries, now: datetime) -> None:
    """On demand, encrypted with the company's own key, read from far back: two empty pages before any record."""
    stream = streams.add(
        "payments",
        shards=4,
        mode="ON_DEMAND",
        retention_hours=8760,
        key_id=PAYMENTS_KEY.format(region=streams.region, account=streams.account),
        max_record_kib=10240,
        tags={"team": "finance", "env": "prod", "pii": "yes"},
        created=now - timedelta(days=200),
    )
    version = registries.schema("payments").latest
    for number in range(4):
        token = bytes(range(248 + number, 256)) + bytes([0, number])
        payment = encodings.protobuf(
            [(1, f"p-{number}"), (2, 9000 + number), (3, 19900 + number), (4, "SEK"), (5, token)]
        )
        record = encodings.registry_framed(version.version_id, b"\x00" + payment)
        streams.put("payments", record, f"p{number}", arrived=now - timedelta(minutes=50 - number))
    streams.put("payments", bytes(range(256)), "terminal", arrived=now - timedelta(minutes=20))
    for shard in stream.shards:
        shard.empty_pages = 2


def _others(streams: Streams, now: datetime) -> None:
    streams.add("parcels.scans", shards=1, tags={"team": "operations"}, created=now - timedelta(days=30))
    for number in range(3):
        text = f"{number};hub-{number};delivered;2026-11-2{number}\n".encode()
        streams.put("parcels.scans", text, f"hub-{number}", arrived=now - timedelta(minutes=15 - number))
    streams.add("_confluent-metrics", shards=1, created=now - timedelta(days=10))
