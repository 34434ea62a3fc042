"""Protobuf schemas as fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import SchemaField
from ingest_assets.sandbox.company.events import PAYMENTS
from ingest_assets.sources.schemas.reading import read_schema

SHOP = """// Licence of the file
syntax = "proto3";

package shop.web;

import "google/protobuf/timestamp.proto";
import public "shop/places.proto";

option java_package = "shop.web";

/*
 * An order
 * of the shop.
 */
message Order {
  option deprecated = true;
  reserved 9, 20 to 30;
  reserved "old";

  // Number that
  // customers see
  int64 id = 1 [(shop.pii) = true, deprecated = true];
  repeated Line lines = 2; // what was ordered
  map<string, .shop.web.Line> by_name = 3;
  oneof payment {
    Card card = 4;
    string swish = 5; /* a number */
  }
  google.protobuf.Timestamp placed = 6;
  shop.places.City city = 7;
  State state = 8;
  optional bytes token = 10;
  Order replaces = 11;
  message Card { string last_digits = 1; }
  enum State { NEW = 0; PAID = 1; }
}

message Line { uint32 count = 1; Order.State state = 2; }

service Shop { rpc Place (Order) returns (Line); }
"""


def _roots(text: str) -> tuple[SchemaField, ...]:
    reading = read_schema(text, "PROTOBUF")
    assert reading.reason is None
    assert reading.schema.type == "Protobuf"
    return reading.schema.fields


def _brief(field: SchemaField) -> tuple[str, str, str | None]:
    return field.name, field.data_type, field.data_type_display


def test_the_sandboxs_payments_are_read() -> None:
    (root,) = _roots(PAYMENTS)
    assert _brief(root) == ("Payment", "RECORD", "Payment")
    assert root.description == "A payment as the bank reports it"
    assert [_brief(child) for child in root.children] == [
        ("payment_id", "STRING", "string"),
        ("order_id", "LONG", "uint64"),
        ("amount_cents", "LONG", "uint64"),
        ("currency", "STRING", "string"),
        ("token", "BYTES", "bytes"),
    ]
    assert root.children[-1].description == "of the card, never its number"


def test_a_message_is_one_field_with_what_it_uses() -> None:
    (root,) = _roots(SHOP)
    assert root.name == "Order"
    assert root.description == "An order\nof the shop."
    assert [_brief(child) for child in root.children] == [
        ("id", "LONG", "int64"),
        ("lines", "ARRAY", "array<Line>"),
        ("by_name", "MAP", "map<string, Line>"),
        ("card", "RECORD", "Card"),
        ("swish", "STRING", "string"),
        ("placed", "TIMESTAMPZ", "google.protobuf.Timestamp"),
        ("city", "UNKNOWN", "shop.places.City"),
        ("state", "ENUM", "enum<NEW, PAID>"),
        ("token", "BYTES", "bytes"),
        ("replaces", "RECORD", "Order"),
    ]
    children = {child.name: child for child in root.children}
    assert children["id"].description == "Number that\ncustomers see"
    assert children["lines"].description == "what was ordered"
    assert children["swish"].description == "a number"
    assert [_brief(child) for child in children["lines"].children] == [
        ("count", "LONG", "uint32"),
        ("state", "ENUM", "enum<NEW, PAID>"),
    ]
    assert [child.name for child in children["by_name"].children] == ["count", "state"]
    assert [child.name for child in children["card"].children] == ["last_digits"]
    assert children["replaces"].children == ()


def test_proto2_with_groups_and_extensions_is_read() -> None:
    text = """syntax = "proto2";
    message A {
      required int32 a = 1 [default = 5];
      repeated group Result = 2 { optional string url = 3; }
      extensions 100 to 199;
    }
    extend A { optional int32 z = 100; }"""
    (root,) = _roots(text)
    assert [_brief(child) for child in root.children] == [("a", "INT", "int32"), ("result", "ARRAY", "array<Result>")]
    assert [child.name for child in root.children[1].children] == ["url"]


def test_messages_that_no_other_uses_are_fields_of_their_own() -> None:
    assert [root.name for root in _roots("message A { C c = 1; } message B { C c = 1; } message C { B.D d = 1; }")] == [
        "A",
        "B",
    ]
    assert [root.name for root in _roots("message A { B b = 1; } message B { A a = 1; }")] == ["A"]


def test_the_innermost_type_of_a_name_is_meant() -> None:
    text = """package p;
    message T { string outer = 1; }
    message A { message T { string inner = 1; } T near = 1; p.T far = 2; .p.T full = 3; }"""
    (root,) = _roots(text)
    assert [child.children[0].name for child in root.children] == ["inner", "outer", "outer"]


def test_types_that_double_again_and_again_are_cut_and_told() -> None:
    text = "message M0 { int32 x = 1; }" + "".join(
        f"message M{level} {{ M{level - 1} a = 1; M{level - 1} b = 2; }}" for level in range(1, 15)
    )
    reading = read_schema(text, "PROTOBUF")
    assert reading.reason == "it has more than 5000 fields and references, or 16 levels; the rest is not shown"
    assert reading.schema.fields


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it declares no message"),
        ('syntax = "proto3"; enum E { A = 0; }', "it declares no message"),
        ("message", "line 1, column 8: "),
        ("message A {\n int32 a = ; }", "line 2, column 12: "),
        ("message A { int32 a = 1 }", "line 1, column 25: "),
        ("message A { ? }", "line 1, column 13: "),
        ("message A {" * 500 + "}" * 500, "it nests too deeply"),
        ("// a" + "a" * 600_000, "it is longer than 524288 characters"),
    ],
)
def test_what_is_no_schema_keeps_its_text_and_tells_why(text: str, why: str, capfd: pytest.CaptureFixture[str]) -> None:
    reading = read_schema(text, "PROTOBUF")
    assert (reading.schema.text, reading.schema.fields) == (text, ())
    assert reading.reason is not None
    assert reading.reason.startswith(f"the Protobuf schema can't be read: {why}")
    assert capfd.readouterr() == ("", "")


_words = [
    "message",
    "A",
    "{",
    "}",
    "int32",
    "a",
    "=",
    "1",
    ";",
    "oneof",
    "map",
    "<",
    ">",
    ",",
    "enum",
    "//",
    "/*",
    '"',
    "\n",
]


@given(st.lists(st.sampled_from(_words), max_size=25).map(" ".join) | st.text(max_size=40))
def test_any_text_is_read_or_told(text: str) -> None:
    reading = read_schema(text, "PROTOBUF")
    assert bool(reading.schema.fields) != (reading.reason is not None)
