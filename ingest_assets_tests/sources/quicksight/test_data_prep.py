from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.sources.quicksight.relations import Kind, Leaf
from ingest_assets.sources.quicksight.replay import Replay, replay
from ingest_assets_tests.sources.quicksight.data_sets import HERE, Json, columns, data_set, relational

PARENT = f"{HERE}:dataset/parent"


def on(step: str, **mappings: str) -> Json:
    told = [{"SourceColumnId": old, "TargetColumnId": new} for old, new in mappings.items()]
    return {"TransformOperationId": step, **({"ColumnIdMappings": told} if told else {})}


def read(name: str) -> Json:
    return {"ImportTableStep": {"Alias": name, "Source": {"SourceTableId": name}}}


def step(kind: str, source: str = "in", **members: Any) -> Json:
    return {kind: {"Alias": "step", "Source": on(source), **members}}


def join(**members: Any) -> Json:
    made = {"Alias": "j", "LeftOperand": on("in"), "RightOperand": on("other"), "Type": "INNER", "OnClause": "x"}
    return {"JoinStep": made | members}


def overrides(**names: str) -> Json:
    told = [{"SourceColumnName": old, "OutputColumnName": new} for old, new in names.items()]
    return {"OutputColumnNameOverrides": told}


def prepared(*steps: Json, ends: tuple[str, ...] = ("s0",), outputs: list[str] | None = None) -> Replay:
    """A data set of the tables ``t`` and ``u``, read as ``in`` and ``other``, and of a data set, read as ``parent``."""
    preparation = {
        "SourceTableMap": {
            "in": {"PhysicalTableId": "t"},
            "other": {"PhysicalTableId": "u"},
            "parent": {"DataSet": {"DataSetArn": PARENT, "InputColumns": columns("p", "q")}},
            "new": {"Hologram": {}},
            "gone": {"PhysicalTableId": "gone"},
        },
        "TransformStepMap": {name: read(name) for name in ("in", "other", "parent", "new", "gone")}
        | {f"s{number}": each for number, each in enumerate(steps)},
        "DestinationTableMap": {
            f"d{number}": {"Alias": "end", "Source": {"TransformOperationId": end}} for number, end in enumerate(ends)
        },
    }
    tables = {"t": relational("id", "a", "b"), "u": relational("id", "c")}
    tables["t"]["RelationalTable"]["InputColumns"][0]["Id"] = "id-1"
    return replay(data_set(tables, None, outputs, DataPrepConfiguration=preparation), {PARENT: ["unused"]}.get)


def flows(made: Replay) -> dict[str, list[str]]:
    return {name: [f"{leaf.id}.{column}" for leaf, column in f.sources] for name, f in made.relation.fields.items()}


SUM = {"SimpleAggregation": {"InputColumnName": "a", "FunctionType": "SUM"}}
LIST = {"ListAggregation": {"InputColumnName": "b", "Separator": ",", "Distinct": True}}
ROWS = {"SimpleAggregation": {"FunctionType": "COUNT"}}


def new(name: str, function: Json) -> Json:
    return {"AggregationFunction": function, "NewColumnName": name, "NewColumnId": f"id-{name}"}


def label(name: str) -> Json:
    return {"LabelName": name, "NewColumnName": name, "NewColumnId": f"id-{name}"}


RENAMES = [{"ColumnName": "a", "NewColumnName": "b"}, {"ColumnName": "b", "NewColumnName": "a"}]
UNPIVOTED: dict[str, Any] = {
    "ColumnsToUnpivot": [{"ColumnName": "a", "NewValue": "A"}, {"ColumnName": "b"}],
    "UnpivotedLabelColumnName": "label",
    "UnpivotedLabelColumnId": "1",
    "UnpivotedValueColumnName": "value",
    "UnpivotedValueColumnId": "2",
}
STEPS: list[tuple[Json, dict[str, list[str]]]] = [
    (read("in"), {"id": ["t.id"], "a": ["t.a"], "b": ["t.b"]}),
    (read("parent"), {"p": [f"{PARENT}.p"], "q": [f"{PARENT}.q"]}),
    (step("ProjectStep", ProjectedColumns=["b", "ghost"]), {"b": ["t.b"]}),
    (step("FiltersStep", FilterOperations=[{}]), {"id": ["t.id"], "a": ["t.a"], "b": ["t.b"]}),
    (
        step("CreateColumnsStep", Columns=[{"ColumnName": "d", "ColumnId": "d", "Expression": "{a} + b"}]),
        {"id": ["t.id"], "a": ["t.a"], "b": ["t.b"], "d": ["t.a", "t.b"]},
    ),
    # All at once: two columns may change their names with each other.
    (step("RenameColumnsStep", RenameColumnOperations=RENAMES), {"id": ["t.id"], "b": ["t.a"], "a": ["t.b"]}),
    (
        step("CastColumnTypesStep", CastColumnTypeOperations=[{"ColumnName": "a", "NewColumnType": "INTEGER"}]),
        {"id": ["t.id"], "a": ["t.a"], "b": ["t.b"]},
    ),
    (
        join(RightOperandProperties=overrides(id="key")),
        {"id": ["t.id"], "a": ["t.a"], "b": ["t.b"], "key": ["u.id"], "c": ["u.c"]},
    ),
    (
        step(
            "AggregateStep",
            GroupByColumnNames=["id"],
            Aggregations=[new("sum", SUM), new("all", LIST), new("rows", ROWS)],
        ),
        {"id": ["t.id"], "sum": ["t.a"], "all": ["t.b"], "rows": []},
    ),
    (
        step(
            "PivotStep",
            GroupByColumnNames=["id"],
            ValueColumnConfiguration={"AggregationFunction": SUM},
            PivotConfiguration={"LabelColumnName": "b", "PivotedLabels": [label("x"), label("y")]},
        ),
        {"id": ["t.id"], "x": ["t.a"], "y": ["t.a"]},
    ),
    (step("UnpivotStep", **UNPIVOTED), {"id": ["t.id"], "label": [], "value": ["t.a", "t.b"]}),
    (
        {
            "AppendStep": {
                "Alias": "both",
                "FirstSource": on("in"),
                "SecondSource": on("other"),
                "AppendedColumns": [{"ColumnName": name, "NewColumnId": name} for name in ("id", "c")],
            }
        },
        {"id": ["t.id", "u.id"], "c": ["u.c"]},
    ),
]


@pytest.mark.parametrize(("last", "expected"), STEPS, ids=lambda each: next(iter(each)))
def test_a_step_of_each_kind_is_replayed(last: Json, expected: dict[str, list[str]]) -> None:
    made = prepared(last)
    assert list(flows(made).items()) == list(expected.items())
    assert made.problems == ()


def test_what_was_cast_and_calculated_is_known_by_that() -> None:
    made = prepared(
        step("CreateColumnsStep", Columns=[{"ColumnName": "d", "ColumnId": "d", "Expression": "a"}]),
        step(
            "CastColumnTypesStep",
            "s0",
            CastColumnTypeOperations=[{"ColumnName": "d", "NewColumnType": "DECIMAL", "SubType": "FIXED"}],
        ),
        ends=("s1",),
    )
    found = made.column("d")
    assert (found.type, found.sub_type, found.expression) == ("DECIMAL", "FIXED", "a")


def test_a_column_may_be_asked_for_by_the_id_that_the_last_step_gave_it() -> None:
    renamed = step("RenameColumnsStep", RenameColumnOperations=[{"ColumnName": "id", "NewColumnName": "key"}])
    renamed["RenameColumnsStep"]["Source"] = on("in", **{"id-1": "id-2"})
    made = prepared(renamed)
    assert [each.name for each in made.column("shown otherwise", "id-2").sources] == ["id"]
    assert made.column("shown otherwise", "id-1").lacking == ("there is no column 'shown otherwise'",)


def test_a_name_of_both_sides_of_a_join_is_nobody_s_unless_one_is_called_otherwise() -> None:
    assert prepared(join()).column("id").lacking == ("both sides of a join have a column 'id'",)
    assert [leaf.id for leaf, _ in prepared(join(LeftOperandProperties=overrides(id="x"))).column("id").sources] == [
        "u"
    ]


def test_several_destinations_are_all_shown() -> None:
    made = prepared(step("ProjectStep", ProjectedColumns=["a"]), ends=("s0", "other"))
    assert flows(made) == {"a": ["t.a"], "id": ["u.id"], "c": ["u.c"]}


def test_what_no_destination_needs_is_not_read() -> None:
    assert prepared(read("in")).reached == (Leaf(Kind.TABLE, "t"),)


BROKEN = [
    (step("ProjectStep", "nowhere", ProjectedColumns=["a"]), "there is no step nowhere"),
    ({"HologramStep": {}}, "there is no step s0"),
    (
        {"ImportTableStep": {"Alias": "x", "Source": {"SourceTableId": "x"}}},
        "there is no source table of a known kind x",
    ),
    (read("new"), "there is no source table of a known kind new"),
    (read("gone"), "there is no physical table gone"),
    ({"ProjectStep": {"ProjectedColumns": ["a"]}}, "there is no step that is continued"),
    (step("FiltersStep", "s0", FilterOperations=[]), "step s0 is made of itself, by way of step s0"),
]


@pytest.mark.parametrize(("last", "problem"), BROKEN)
def test_a_step_that_can_t_be_followed_is_told(last: Json, problem: str) -> None:
    made = prepared(last)
    assert made.problems == (problem,)
    assert made.column("a").sources == ()
    assert made.column("a").lacking
