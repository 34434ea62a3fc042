from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.quicksight.relations import Kind, Leaf
from ingest_assets.sources.quicksight.replay import Replay, replay
from ingest_assets_tests.sources.quicksight.data_sets import (
    HERE,
    Json,
    calculate,
    cast,
    data_set,
    join,
    logical,
    project,
    query,
    relational,
    rename,
    table,
)

PARENT = f"{HERE}:dataset/parent"
OTHER = f"{HERE}:dataset/other"
FILTER = {"FilterOperation": {"ConditionExpression": "{b} > 1"}}
OVERRIDE = {"OverrideDatasetParameterOperation": {"ParameterName": "p", "NewParameterName": "q"}}


def nobody(_: str) -> None:
    """Of no other data set the columns are known."""


def one(*transforms: Json, columns: tuple[str, ...] = ("a", "b")) -> Replay:
    """A data set of one table."""
    return replay(data_set({"t": relational(*columns)}, {"l": logical(table("t"), *transforms)}), nobody)


def two(*transforms: Json, left: list[Json] | None = None, right: list[Json] | None = None) -> Replay:
    """A data set of two tables, joined."""
    tables = {"t": relational("id", "a"), "u": relational("id", "b")}
    logicals = {
        "l": logical(table("t"), *left or [], alias="orders"),
        "r": logical(table("u"), *right or [], alias="people"),
        "j": logical(join("l", "r"), *transforms),
    }
    return replay(data_set(tables, logicals), nobody)


def flows(made: Replay) -> dict[str, list[str]]:
    """Each column with the real ones that flow into it, as ``table.column``."""
    return {name: [f"{leaf.id}.{column}" for leaf, column in f.sources] for name, f in made.relation.fields.items()}


def test_filters_and_parameters_move_no_columns() -> None:
    assert flows(one(FILTER, OVERRIDE, cast("a", "DATETIME"))) == {"a": ["t.a"], "b": ["t.b"]}


def test_without_logical_tables_each_table_is_as_it_is() -> None:
    made = replay(data_set({"t": relational("a")}), nobody)
    assert flows(made) == {"a": ["t.a"]}
    assert made.reached == (Leaf(Kind.TABLE, "t"),)


def test_a_renamed_column_keeps_its_place_and_its_sources() -> None:
    assert list(flows(one(rename("a", "c"))).items()) == [("c", ["t.a"]), ("b", ["t.b"])]
    assert flows(one(rename("a", "c"), rename("b", "a"), project("a"))) == {"a": ["t.b"]}
    assert flows(one(rename("ghost", "c"))) == {"a": ["t.a"], "b": ["t.b"]}


def test_a_join_has_the_columns_of_both_sides_and_quicksight_s_names_of_those_that_both_have() -> None:
    named = {"id": ["t.id"], "a": ["t.a"], "id[people]": ["u.id"], "b": ["u.b"]}
    assert flows(two()) == named
    assert flows(two(right=[rename("id", "id[people]")])) == named
    assert flows(two(rename("id[people]", "person"), project("person", "b"))) == {"person": ["u.id"], "b": ["u.b"]}


def test_a_calculated_column_comes_from_all_that_it_mentions() -> None:
    assert flows(two(calculate(c="{a} + b", d="'{a}'"), project("c", "d"))) == {"c": ["t.a", "u.b"], "d": []}
    # One that uses another of the same operation, whichever comes first, or of one before.
    assert flows(one(calculate(d="{c} * 2", c="a + b"), calculate(e="d"), project("e"))) == {"e": ["t.a", "t.b"]}
    assert flows(one(calculate(c="a"), rename("c", "d"), calculate(e="{d}"), project("e"))) == {"e": ["t.a"]}


def test_a_calculated_column_may_take_the_place_of_what_it_is_made_of() -> None:
    assert flows(one(calculate(a="{a} + b"))) == {"a": ["t.a", "t.b"], "b": ["t.b"]}


def test_a_column_that_is_called_as_a_word_of_the_language_is_one_where_there_is_one() -> None:
    assert flows(one(calculate(c="desc + null"), columns=("desc",)))["c"] == ["t.desc"]
    assert one(calculate(c="a + null")).column("c").lacking == ()


def test_columns_that_are_calculated_from_each_other_cost_themselves_and_what_needs_them() -> None:
    made = one(calculate(c="d + a", d="{c}", e="c + b", f="b"))
    assert (made.column("c").sources, made.column("f").lacking) == ((), ())
    assert made.column("c").lacking == ("column 'c' is calculated from itself",)
    assert set(made.column("e").lacking) == {f"column '{name}' is calculated from itself" for name in "cd"}
    assert flows(made)["e"] == ["t.b"]


def test_what_an_expression_mentions_in_vain_is_told() -> None:
    made = one(calculate(c="{ghost} + a"))
    assert flows(made)["c"] == ["t.a"]
    assert made.column("c").lacking == ("there is no column 'ghost'",)


def test_a_name_in_another_case_is_found_if_it_is_the_only_one() -> None:
    assert one().column("A").sources == one().column("a").sources
    assert one(columns=("ab", "AB")).column("Ab").lacking == ("there is no column 'Ab'",)


def parents(*transforms: Json, known: dict[str, list[str]] | None = None) -> Replay:
    made = data_set({}, {"l": logical({"DataSetArn": PARENT}, *transforms)})
    return replay(made, (known or {}).get)


def test_a_data_set_is_read_like_a_table() -> None:
    made = parents(rename("a", "c"), known={PARENT: ["a", "b"]})
    assert flows(made) == {"c": [f"{PARENT}.a"], "b": [f"{PARENT}.b"]}
    assert made.reached == (Leaf(Kind.DATA_SET, PARENT),)


def test_what_nobody_tells_the_columns_of_has_those_that_are_asked_for() -> None:
    made = parents(rename("a", "c"), calculate(d="{x} + 1"))
    assert flows(made) == {"c": [f"{PARENT}.a"], "d": [f"{PARENT}.x"]}
    assert [each.name for each in made.column("y").sources] == ["y"]
    assert made.column("a").lacking == ("there is no column 'a'",)
    assert parents(project("a")).column("b").lacking == ("there is no column 'b'",)


def test_of_two_whose_columns_nobody_tells_neither_has_one() -> None:
    logicals = {
        "l": logical({"DataSetArn": PARENT}, rename("x", "z")),
        "r": logical({"DataSetArn": OTHER}),
        "j": logical(join("l", "r")),
    }
    made = replay(data_set({}, logicals), nobody)
    assert made.column("a").lacking[0].startswith("column 'a' can be of data set arn:")
    assert [each.leaf.id for each in made.column("x").sources] == [OTHER]
    assert [(each.leaf.id, each.name) for each in made.column("z").sources] == [(PARENT, "x")]


def test_a_missing_table_costs_its_columns_only() -> None:
    logicals = {"l": logical(table("t")), "r": logical(table("gone"), alias="r"), "j": logical(join("l", "r"))}
    made = replay(data_set({"t": relational("a")}, logicals), nobody)
    assert made.problems == ("there is no physical table gone",)
    assert flows(made) == {"a": ["t.a"]}
    assert made.column("b").lacking == ("column 'b' can be of what is missing, whose columns are not known",)
    assert made.reached == (Leaf(Kind.TABLE, "t"),)


def test_a_missing_logical_table_and_a_source_of_a_new_kind_are_told() -> None:
    made = replay(data_set({"t": relational("a")}, {"j": logical(join("l", "gone")), "l": logical(table("t"))}), nobody)
    assert (made.problems, flows(made)) == (("there is no logical table gone",), {"a": ["t.a"]})
    made = replay(data_set({}, {"l": logical({"Hologram": {}}, alias="new")}), nobody)
    assert made.problems == ("there is no source of a known kind for the logical table new",)


def test_logical_tables_that_are_made_of_each_other_are_told() -> None:
    circle = {"l": logical(join("r", "t")), "r": logical(join("l", "t")), "t": logical(table("t"))}
    made = replay(data_set({"t": relational("a")}, circle), nobody)
    assert made.problems == ("logical table r is made of itself, by way of logical table l",)
    assert made.column("a").sources == ()
    assert made.reached == (Leaf(Kind.TABLE, "t"),)
    itself = replay(data_set({}, {"l": logical(join("l", "l"))}), nobody)
    assert itself.problems == ("logical table l is made of itself, by way of logical table l",)


def test_a_table_may_be_used_twice() -> None:
    logicals = {
        "l": logical(table("t"), rename("a", "c")),
        "r": logical(table("t"), alias="again"),
        "j": logical(join("l", "r")),
    }
    assert flows(replay(data_set({"t": relational("a")}, logicals), nobody)) == {"c": ["t.a"], "a": ["t.a"]}


def test_a_name_that_several_ends_have_is_nobody_s() -> None:
    tables = {"t": relational("a", "b"), "u": relational("a", "c")}
    made = replay(data_set(tables), nobody)
    assert made.column("a").lacking == ("several of its tables have a column 'a'",)
    assert (flows(made)["b"], flows(made)["c"]) == (["t.b"], ["u.c"])


def test_a_query_that_does_not_tell_its_columns_has_those_that_are_asked_for() -> None:
    made = replay(data_set({"q": query("select 1")}, {"l": logical(table("q"), rename("a", "b"))}), nobody)
    assert [each.name for each in made.column("b").sources] == ["a"]


def test_deep_chains_and_many_columns_take_no_time() -> None:
    depth, width = 3_000, 2_000
    logicals = {"t0": logical(table("t"))} | {
        f"t{n}": logical(join(f"t{n - 1}", "u"), project("c0")) for n in range(1, depth)
    }
    logicals["u"] = logical(table("u"))
    tables = {"t": relational("c0"), "u": relational("x")}
    began = time.monotonic()
    assert flows(replay(data_set(tables, logicals), nobody)) == {"c0": ["t.c0"]}
    names = [f"c{n}" for n in range(width)]
    chain = calculate(**{f"d{n}": f"{{d{n - 1}}} + {{c{n}}}" if n else "{c0}" for n in range(300)})
    made = one(*(rename(name, f"{name}x") for name in names), *(rename(f"{name}x", name) for name in names), chain,
               columns=tuple(names))  # fmt: skip
    assert len(made.column("d299").sources) == 300
    assert time.monotonic() - began < 20


NAMES = st.sampled_from("abcdef")
OPERATIONS = st.one_of(
    st.builds(rename, NAMES, NAMES),
    st.lists(NAMES, min_size=1, unique=True).map(lambda names: project(*names)),
    st.builds(lambda name: cast(name, "STRING"), NAMES),
    st.just(FILTER),
)


@given(st.lists(OPERATIONS, max_size=8))
def test_steps_never_make_columns_and_each_keeps_one_real_source(steps: list[Json]) -> None:
    before = one(columns=("a", "b", "c"))
    for at in range(1, len(steps) + 1):
        after = one(*steps[:at], columns=("a", "b", "c"))
        assert len(after.relation.fields) <= len(before.relation.fields)
        assert {tuple(names) for names in flows(after).values()} <= {tuple(names) for names in flows(before).values()}
        if "ProjectOperation" in steps[at - 1]:
            assert set(after.relation.fields) <= set(steps[at - 1]["ProjectOperation"]["ProjectedColumns"])
        before = after


@given(st.permutations(["u", "v", "w"]), st.permutations(["x", "y", "z"]))
def test_renames_compose(first: list[str], second: list[str]) -> None:
    """Names of all three columns, twice: in the end each is what its own two renames make of it."""
    then = dict(zip(first, second, strict=True))
    steps = [*map(rename, "abc", first), *map(rename, then.keys(), then.values())]
    made = one(*steps, columns=("a", "b", "c"))
    assert flows(made) == {then[name]: [f"t.{old}"] for old, name in zip("abc", first, strict=True)}


@pytest.mark.parametrize("shuffled", [False, True])
@given(data=st.data())
def test_a_calculated_column_has_the_sources_of_all_below_it(data: st.DataObject, shuffled: bool) -> None:
    """Columns that use earlier ones only: in one operation in any order, or one operation each."""
    made: dict[str, list[str]] = {}
    leaves: dict[str, set[str]] = {"a": {"t.a"}, "b": {"t.b"}}
    for name in ("k0", "k1", "k2", "k3"):
        made[name] = data.draw(st.lists(st.sampled_from(sorted(leaves)), max_size=3))
        leaves[name] = set().union(*(leaves[each] for each in made[name]))
    expressions = {name: " + ".join(f"{{{each}}}" for each in used) or "1" for name, used in made.items()}
    steps = [calculate(**{name: each}) for name, each in expressions.items()]
    if shuffled:
        steps = [calculate(**dict(data.draw(st.permutations(sorted(expressions.items())))))]
    assert {name: set(found) for name, found in flows(one(*steps)).items()} == leaves
