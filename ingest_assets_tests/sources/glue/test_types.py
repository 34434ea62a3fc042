from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import Column
from ingest_assets.sources.glue.type_text import parse_type
from ingest_assets.sources.glue.types import distinct

NEEDS_LENGTH = {"CHAR", "VARCHAR", "BINARY", "VARBINARY"}


@pytest.mark.parametrize(
    ("text", "data_type"),
    [
        ("string", "STRING"),
        ("INT", "INT"),
        ("integer", "INT"),
        ("tinyint", "TINYINT"),
        ("double precision", "DOUBLE"),
        ("real", "FLOAT"),
        ("boolean", "BOOLEAN"),
        ("timestamp(6)", "TIMESTAMP"),
        ("timestamp with time zone", "TIMESTAMPZ"),
        ("timestamp(3) with time zone", "TIMESTAMPZ"),
        ("Timestamp With Local Time Zone", "TIMESTAMPZ"),
        ("timestamptz", "TIMESTAMPZ"),
        ("timestamp_ntz", "TIMESTAMP"),
        ("interval day to second", "INTERVAL"),
        ("uuid", "UUID"),
        ("variant", "VARIANT"),
        ("void", "NULL"),
        ("array<int>", "ARRAY"),
        ("array", "ARRAY"),
        ("map<string,int>", "MAP"),
        ("struct<>", "STRUCT"),
        ("struct", "STRUCT"),
        ("uniontype<int,string>", "UNION"),
        ("bigint unsigned", "UNKNOWN"),
        ("hyperloglog", "UNKNOWN"),
        ("array<int", "UNKNOWN"),
        ("array<int>>", "UNKNOWN"),
        ("struct<a:int)", "UNKNOWN"),
        ("map<string>", "UNKNOWN"),
        ("struct<a:int,,b:int>", "UNKNOWN"),
    ],
)
def test_types_have_openmetadatas_word_and_their_own_text(text: str, data_type: str) -> None:
    parsed = parse_type(text)
    assert (parsed.data_type, parsed.display) == (data_type, text)


@pytest.mark.parametrize(
    ("text", "length", "precision", "scale"),
    [
        ("varchar(255)", 255, None, None),
        ("char( 10 )", 10, None, None),
        ("varchar", 65535, None, None),
        ("char", 1, None, None),
        ("binary", 1, None, None),
        ("fixed[16]", 16, None, None),
        ("decimal(10,2)", None, 10, 2),
        ("DECIMAL(38, 0)", None, 38, 0),
        ("numeric(5)", None, 5, None),
        ("decimal", None, None, None),
        ("decimal(2,9)", None, 2, None),
        ("decimal(99999999999999999999,2)", None, None, None),
        ("varchar(99999999999999999999)", 65535, None, None),
        ("timestamp(6)", None, None, None),
    ],
)
def test_numbers_of_a_type_are_kept_as_far_as_a_server_takes_them(
    text: str, length: int | None, precision: int | None, scale: int | None
) -> None:
    parsed = parse_type(text)
    assert (parsed.length, parsed.precision, parsed.scale) == (length, precision, scale)


def _fields(text: str) -> list[tuple[str, str, str | None]]:
    return [(each.name, each.data_type_display, each.description) for each in parse_type(text).children]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("struct<Hub:string,at:timestamp>", [("Hub", "string", None), ("at", "timestamp", None)]),
        ("struct< `Hub id` : string , b:int>", [("Hub id", "string", None), ("b", "int", None)]),
        ("struct<`a,b:c>``d`:int>", [("a,b:c>`d", "int", None)]),
        ("struct<ns:key:int>", [("ns:key", "int", None)]),
        ("struct<weight (kg):double>", [("weight (kg)", "double", None)]),
        ("struct<it's:int,b:int>", [("it's", "int", None), ("b", "int", None)]),
        ("struct<a:int comment 'x, y> it\\'s',b:int>", [("a", "int", "x, y> it's"), ("b", "int", None)]),
        ('struct<a:int NOT NULL COMMENT "z">', [("a", "int", "z")]),
        ("struct<comment:string>", [("comment", "string", None)]),
        ("struct<a:uniontype<int,string>>", [("a", "uniontype<int,string>", None)]),
        ("struct<a:int,b:>", [("a", "int", None), ("b", "unknown", None)]),
        ('row(a integer, "b c" varchar(3))', [("a", "integer", None), ("b c", "varchar(3)", None)]),
        (
            "row(timestamp(6) with time zone, date date)",
            [("field0", "timestamp(6) with time zone", None), ("date", "date", None)],
        ),
        ("array<struct<a:int>>", [("a", "int", None)]),
        ("array(array(row(a int)))", [("a", "int", None)]),
        ("map<string,int>", []),
        ("map<string,struct<a:int>>", [("key", "string", None), ("value", "struct<a:int>", None)]),
        ("uniontype<int,struct<a:int>>", [("field0", "int", None), ("field1", "struct<a:int>", None)]),
    ],
)
def test_fields_keep_name_type_and_comment(text: str, fields: list[tuple[str, str, str | None]]) -> None:
    assert _fields(text) == fields


def test_a_field_that_is_repeated_is_left_out_or_gets_a_name_of_its_own() -> None:
    assert [name for name, _, _ in _fields("struct<a:int,a:int,A:int,a:string,a:date>")] == ["a", "A", "a_2", "a_3"]
    assert [name for name, _, _ in _fields("struct<:int,:string>")] == ["", "_2"]


def test_an_array_says_what_it_is_of() -> None:
    assert parse_type("array<array<int>>").array_data_type == "ARRAY"
    assert parse_type("array<nonsense>").array_data_type == "UNKNOWN"


def _all(columns: tuple[Column, ...]) -> Iterator[tuple[Column, ...]]:
    yield columns
    for column in columns:
        yield from _all(column.children)


def _assert_a_server_takes(column: Column) -> None:
    for siblings in _all((column,)):
        assert len({each.name for each in siblings}) == len(siblings)
        for each in siblings:
            assert each.data_type_display
            assert (each.data_type == "ARRAY") == (each.array_data_type is not None)
            assert each.data_type not in NEEDS_LENGTH or each.data_length is not None
            assert each.scale is None or (each.precision is not None and each.scale <= each.precision)


@given(st.text())
def test_no_text_is_refused(text: str) -> None:
    _assert_a_server_takes(parse_type(text).column("c"))


@given(
    st.lists(st.sampled_from([*"<>(),:`'\"[] \\", "struct", "array", "map", "row", "a", "int", "comment ", "decimal"]))
)
def test_no_mixture_of_marks_is_refused(parts: list[str]) -> None:
    _assert_a_server_takes(parse_type("".join(parts)).column("c"))


_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8)
_LEAVES = st.sampled_from(["int", "string", "decimal(9,2)", "timestamp(3) with time zone", "weird thing"])


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    fields = st.dictionaries(_NAMES, inner, max_size=4)
    return st.one_of(
        inner.map("array<{}>".format),
        st.tuples(_LEAVES, inner).map(lambda parts: "map<{},{}>".format(*parts)),
        fields.map(lambda each: "struct<" + ",".join(f"{_quoted(name)}:{text}" for name, text in each.items()) + ">"),
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


@given(st.dictionaries(_NAMES, st.recursive(_LEAVES, _nested, max_leaves=12), min_size=1, max_size=4))
def test_nested_types_come_apart_as_they_were_put_together(fields: dict[str, str]) -> None:
    text = "struct<" + ",".join(f"{_quoted(name)}:{each}" for name, each in fields.items()) + ">"
    column = parse_type(text).column("c")
    _assert_a_server_takes(column)
    assert {child.name: child.data_type_display for child in column.children} == fields
    assert [child.children for child in column.children] == [parse_type(each).children for each in fields.values()]


@pytest.mark.parametrize(
    "bomb",
    [
        "array<" * 20000 + "int" + ">" * 20000,
        "struct<a:" * 14000 + "int" + ">" * 14000,
        "<" * 131072,
        "struct<" + "`a" * 60000,
        "struct<" + '"a,' * 40000,
        "comment '\\' " * 10000,
        "struct<" + "a:int," * 20000 + "b:int>",
        "row(" + "a " * 60000 + ")",
        "row(" + " " * 100000 + "x)",
    ],
)
def test_no_text_of_the_longest_size_that_glue_stores_takes_long(bomb: str) -> None:
    started = time.process_time()
    parse_type(bomb)
    assert time.process_time() - started < 3


def test_what_lies_too_deep_keeps_its_text() -> None:
    column = parse_type("struct<a:" * 100 + "int" + ">" * 100).column("c")
    depth = 0
    while column.children:
        column, depth = column.children[0], depth + 1
    assert depth == 32
    assert column.data_type == "UNKNOWN"
    assert column.data_type_display.startswith("struct<a:struct<a:")


def test_names_that_a_server_would_spell_alike_are_told_apart() -> None:
    columns = [parse_type("int").column("a\n"), parse_type("string").column("a\u2028")]
    assert [each.name for each in distinct(columns)] == ["a\n", "a\u2028_2"]
