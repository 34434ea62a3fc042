import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest_assets.errors import RecipeError
from ingest_assets.recipe import FilterPattern

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("includes", "excludes", "name", "kept"),
    [
        ([], [], "sales", True),
        ([], [], "", True),
        (["sales"], [], "sales_2024", True),
        (["sales$"], [], "sales_2024", False),
        (["ales"], [], "sales", False),
        ([".*ales"], [], "sales", True),
        (["SALES"], [], "sales", True),
        (["sales"], [], "Sales", True),
        ([], ["tmp"], "tmp_1", False),
        ([], ["tmp"], "a_tmp", True),
        (["sales"], ["sales_old"], "sales_old", False),
        (["sales"], ["sales_old"], "sales_new", True),
        (["sales"], ["tmp"], "other", False),
        (["sales"], [], "", False),
        ([], ["sales"], "", False),
        (["users", "type_test"], [], "type_test", True),
        (['svc\\.123\\."a\\.b"'], [], 'svc.123."a.b".t', True),
    ],
)
def test_patterns_are_anchored_at_the_start_ignore_case_and_excludes_win(
    includes: list[str], excludes: list[str], name: str, kept: bool
) -> None:
    assert FilterPattern(includes=includes, excludes=excludes).keeps(name) is kept


@given(names, names)
def test_a_name_matches_its_own_escaped_spelling_and_what_begins_with_it(name: str, more: str) -> None:
    pattern = FilterPattern(includes=(re.escape(name),))
    assert pattern.keeps(name)
    assert pattern.keeps(name + more)


@given(st.lists(names, max_size=3), st.lists(names, max_size=3), names)
def test_what_is_excluded_is_never_kept(includes: list[str], excludes: list[str], name: str) -> None:
    pattern = FilterPattern(
        includes=tuple(map(re.escape, includes)), excludes=(*map(re.escape, excludes), re.escape(name))
    )
    assert not pattern.keeps(name)


@pytest.mark.parametrize("text", ["[", "(", "*a", "a{2,1}", "(?P<x", "a" * 3000])
def test_what_is_no_regular_expression_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        FilterPattern(includes=(text,))


def test_patterns_are_compiled_once() -> None:
    pattern = FilterPattern(includes=("a",))
    assert pattern.keeps("a")
    assert pattern._included is pattern._included


@pytest.mark.parametrize("text", ["(a|aa)+$", "(\\w|_)*$", "(a|a)*$"])
def test_a_pattern_that_would_never_end_is_refused_when_it_loads(text: str) -> None:
    with pytest.raises(ValidationError, match=r"takes over 1 s .* repetition within a repetition"):
        FilterPattern(excludes=(text,))


def test_a_pattern_that_would_never_end_on_a_name_is_stopped_and_both_are_named() -> None:
    pattern = FilterPattern(excludes=("(x|xx)+$",))
    with pytest.raises(RecipeError, match=r"\(x\|xx\)\+\$' takes over 1 s to look at the name 'xxx"):
        pattern.keeps("x" * 80 + "!")


@pytest.mark.parametrize("text", ["a{99999999}", "(?:(?:a{999}){999}){999}", "(ab){9999999,}"])
def test_a_count_that_would_take_gigabytes_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="counts to more characters"):
        FilterPattern(includes=(text,))


PIECES = (
    r"a b [ ] [: :] [[:alpha:]] { } {e} {i<=1} {2} {1,} {,2} \ \w \d ( ) | ? + * . ^ $ - _ (?: (?i) && -- (?= (?! \b"
)
pieces = st.sampled_from(PIECES.split())


@pytest.mark.filterwarnings("ignore::FutureWarning")
@settings(deadline=None)  # a slow pattern takes its second
@example("[[:alpha:]]", "a")
@example("a{e}", "b")
@given(st.lists(pieces, max_size=6).map("".join), st.text("ab0_-:[]{}e.&|", min_size=1, max_size=6))
def test_a_pattern_means_what_it_means_to_python(text: str, name: str) -> None:
    try:
        meant = re.compile(text, re.IGNORECASE)
        pattern = FilterPattern(includes=(text,))
    except (re.error, ValidationError):
        return
    assert pattern.keeps(name) is bool(meant.match(name))


def test_nested_repetition_that_can_be_seen_through_costs_nothing() -> None:
    assert FilterPattern(excludes=["([a-z0-9_]+)+!"]).keeps("a" * 60)
