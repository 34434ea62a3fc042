from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.quicksight.expressions import Mention, mentions

EXPRESSIONS = [
    ("{Order Date}", ["Order Date"]),
    ("amount * price", ["amount", "price"]),
    ("sum({a}) / count (b)", ["a", "b"]),
    ("ifelse({state} = 'WA', {a}, \"b\")", ["state", "a"]),
    ('concat(\'it\\\'s {a}\', "say \\"b\\"", c)', ["c"]),
    ("concat('\\\\', a)", ["a"]),
    ("a /* not {b} nor c */ + d // nor e\n + f", ["a", "d", "f"]),
    ("'/*' + a + '*/'", ["a"]),
    ("{a /* b */}", ["a /* b */"]),
    ("{it's} + 'x'", ["it's"]),
    ("ifelse({region} = ${Region}, a, $ {b})", ["region", "a"]),
    ("1.5e3 + .5 + 2x", []),
    ("prénom + überschrift_2", ["prénom", "überschrift_2"]),
    ("id[orders] + {id[orders]}", ["id", "orders", "id[orders]"]),
    ("sumOver(sum({a}), [{b}, c DESC], PRE_AGG)", ["a", "b", "c"]),
    ("a in ['x', 'y'] AND NOT isNull(b) or true", ["a", "b"]),
    ("'not closed {a}", []),
    ("b /* not closed {a}", ["b"]),
    ("{not closed", ["not closed"]),
    ("{}", []),
    ("", []),
]


def _named(expression: str) -> list[str]:
    return [mention.name for mention in mentions(expression) if not mention.is_keyword]


@pytest.mark.parametrize(("expression", "names"), EXPRESSIONS)
def test_the_columns_of_an_expression_are_found(expression: str, names: list[str]) -> None:
    assert _named(expression) == names


def test_words_of_the_language_may_be_columns_too() -> None:
    assert list(mentions("date + Null + {null} + desc")) == [
        Mention("date"),
        Mention("Null", is_keyword=True),
        Mention("null"),
        Mention("desc", is_keyword=True),
    ]


BRACED = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), min_size=1, max_size=12)
NOISE = st.sampled_from(
    ["'{x}'", '"{x} y"', "/* {x} y */", "// {x}\n", "sum(", ")", " + ", "${p}", "12.5", "'\\''", "[", "]", ", "]
)


@given(st.lists(st.tuples(NOISE, BRACED), max_size=8))
def test_a_name_in_braces_is_found_whatever_is_in_it_and_around_it(parts: list[tuple[str, str]]) -> None:
    # What stands before a brace must not be the dollar of a parameter.
    expression = "".join(f"{noise} {{{name}}} " for noise, name in parts)
    assert _named(expression) == [name for _, name in parts]


@given(st.text(st.sampled_from("{}'\"\\/*$ab1.( \n"), max_size=60))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for mention in mentions(text):
        assert mention.name in text


@pytest.mark.parametrize("unit", ["'", '"\\', "{", "/*", "a", "1e", "$ ", "1.", " " * 9 + "(", "a "])
def test_a_long_expression_is_read_in_no_time(unit: str) -> None:
    began = time.monotonic()
    assert sum(1 for _ in mentions(unit * (250_000 // len(unit)))) < 250_000
    assert time.monotonic() - began < 2
