from __future__ import annotations

import lkml
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.looker.lookml.parsing import ParseCache, ParsedFile, blob_id, parse, text_of
from ingest_assets.sources.looker.lookml.scanning import LookmlSyntaxError, blocks, scan

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
QUOTED = st.text(st.characters(codec="utf-8", exclude_characters='"\\\0\r'), max_size=20).map(lambda t: f'"{t}"')
SQL = st.text(st.characters(codec="utf-8", exclude_characters=";\0\r"), max_size=30)
COMMENTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=20).map(lambda t: f"#{t}\n")
GAPS = st.lists(st.one_of(st.sampled_from([" ", "\n", "\t", "\n\n"]), COMMENTS), max_size=3).map("".join)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """A text, and name and text of each block in it."""
    text, made = draw(GAPS), []
    for _ in range(draw(st.integers(0, 4))):
        kind, name = draw(st.sampled_from(["view", "explore"])), draw(NAMES)
        inner = draw(
            st.lists(
                st.one_of(
                    st.builds("label: {}\n".format, QUOTED),
                    st.builds("sql_table_name: {} ;;\n".format, SQL),
                    st.builds("dimension: {} {{ sql: {} ;; tags: [{}, {}] }}\n".format, NAMES, SQL, QUOTED, QUOTED),
                    st.builds(
                        "measure: {} {{{}filters: [{}: {}, a.b: {}] }}\n".format, NAMES, GAPS, NAMES, QUOTED, QUOTED
                    ),
                    st.builds("link: {{ label: {}{} url: {} }}\n".format, QUOTED, GAPS, QUOTED),
                    st.builds("derived_table: {{{}sql: {} ;;{} sorts: [{}: desc] }}\n".format, GAPS, SQL, GAPS, NAMES),
                    st.builds(
                        "set: {} {{ fields: [{}*,{} -{}.{},] }} case: {{}}\n".format, NAMES, NAMES, GAPS, NAMES, NAMES
                    ),
                    st.builds("hidden: yes extends: [] fields: [{}]\n".format, NAMES),
                ),
                max_size=4,
                unique_by=lambda part: part.split(":")[0],
            )
        )
        block = f"{kind}: {name} {draw(GAPS)}{{{draw(GAPS)}{''.join(inner)}}}"
        made.append((name, block))
        text += block + draw(GAPS) + "\n"
    return text, made


@given(documents())
def test_blocks_are_found_whatever_comments_strings_and_sql_hold(document: tuple[str, list[tuple[str, str]]]) -> None:
    text, made = document
    found = blocks(scan(text))
    assert [(block.name, text[block.start : block.end]) for block in found] == made
    assert [block.line for block in found] == [text.count("\n", 0, block.start) + 1 for block in found]


@given(documents())
def test_what_is_read_is_what_lkml_reads_with_its_own_lexer(document: tuple[str, list[tuple[str, str]]]) -> None:
    text, _ = document
    assert parse(text.encode()).document == lkml.load(text)


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    parsed = parse(text.encode("utf-8", "surrogatepass"))
    assert (parsed.reason is None) or not parsed.document


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ('view: a {\n  label: "x";\n}', "';' means nothing", 2),
        ("view: a {\n} }\nview: b {}", "closes nothing", 2),
        ("view: a {\n  dimension: x {\n}", "never closed", 1),
        ('view: a {\n  label: "x\n}', "no quote that ends it", 2),
        ("view: a {\n  sql_table_name: x\n}", "no ';;' that ends it", 2),
        ("view: a {\n  tags: [a}\n]", "closes nothing", 2),
        ("view: a {\n\n  x y\n}", "'x' begins nothing", 3),
        ("view: a {\n x: y\n z: {\n [a]: b }}", "'[' begins nothing", 4),
        ("view: a {\n x: [a: b, c] }", "'x' begins nothing", 2),
        ("view", "'view' begins nothing", 1),
        ("view: a { label: \0 }", "NUL", 1),
    ],
)
def test_what_is_no_lookml_is_told_with_its_line(text: str, reason: str, line: int | None) -> None:
    parsed = parse(text.encode())
    assert reason in str(parsed.reason)
    assert parsed.line == line
    assert parsed.document == {}


def test_bytes_that_are_no_text_and_files_without_end_are_told() -> None:
    assert "UTF-8" in str(parse(b"view: a {}\n# \xff").reason)
    assert parse(b"view: a {}\n# \xff").line == 2
    assert "more than" in str(parse(b" " * 5_000_001).reason)
    assert "nested too deeply" in str(parse(b"a: b {" * 3_000 + b"}" * 3_000).reason)


def test_line_ends_of_windows_and_marks_of_byte_order_do_no_harm() -> None:
    data = "\ufeffview: a {\r\n  sql_table_name: x ;;\r\n}\r\n".encode()
    parsed = parse(data)
    block = parsed.blocks[0]
    assert parsed.document["views"][0]["sql_table_name"] == "x"
    assert text_of(data)[block.start : block.end] == "view: a {\n  sql_table_name: x ;;\n}"
    with pytest.raises(LookmlSyntaxError):
        text_of(b"\xff")


def test_fields_called_like_keys_of_expressions_and_a_minus_apart_are_words_of_a_list() -> None:
    document = parse(b"explore: a { fields: [ALL_FIELDS*, - a.b] join: c { fields: [sql, html] } }").document
    assert document["explores"][0]["fields"] == ["ALL_FIELDS*", "-a.b"]
    assert document["explores"][0]["joins"][0]["fields"] == ["sql", "html"]


def test_of_keys_that_are_repeated_the_last_counts_and_the_others_are_told() -> None:
    text = """label: "a" connection: "x"
        view: v { label: "1" dimension: a { label: "2" sql: x ;;
            label: "3" tags: ["a"] tags: ["b"] } dimension: b {} label: "4" label: "5" }
        label: "b"
        explore: e { derived: { a: b } join: x {} join: y { sql_on: a ;; sql_on: b ;; } derived: { c: d } }"""
    parsed = parse(text.encode())
    assert parsed.document == {
        "label": "b",
        "connection": "x",
        "views": [
            {
                "name": "v",
                "dimensions": [{"name": "a", "sql": "x", "label": "3", "tags": ["b"]}, {"name": "b"}],
                "label": "5",
            }
        ],
        "explores": [
            {"name": "e", "derived": {"c": "d"}, "joins": [{"name": "x"}, {"name": "y", "sql_on": "b"}]},
        ],
    }
    assert [key for key, _ in parsed.repeated] == ["label", "tags", "label", "label", "label", "sql_on", "derived"]
    assert parsed.repeated[:2] == (("label", 3), ("tags", 3))


def test_blobs_are_called_what_git_calls_them() -> None:
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"  # git's empty blob


def test_each_blob_is_parsed_once_and_remembered_by_another_cache() -> None:
    cache = ParseCache()
    first = cache.file("x", b"view: a {}")
    assert cache.file("x", b"view: a {}") is first
    assert cache.parsed == 1
    other = ParseCache(remembered=cache.as_json() | {"y": {"format": 0}, "z": None, "q": {"format": 1}})
    assert other.file("x", b"view: a {}") == first
    assert other.parsed == 0
    other.file("y", b"")
    assert other.parsed == 1


def test_a_cache_keeps_no_more_than_it_may() -> None:
    cache = ParseCache(most=2)
    for blob in "abcab":
        cache.file(blob, blob.encode() + b": 1")
    assert list(cache.as_json()) == ["a", "b"]
    assert cache.parsed == 5


def test_a_file_survives_json() -> None:
    for data in (b"view: a { dimension: b { tags: [c] } }", b"view: {"):
        assert ParsedFile.from_json(parse(data).as_json()) == parse(data)
