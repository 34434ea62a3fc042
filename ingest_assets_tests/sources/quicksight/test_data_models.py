from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import Column, Label
from ingest_assets_tests.sources.quicksight.data_sets import (
    HERE,
    Json,
    calculate,
    cast,
    columns,
    data_set,
    logical,
    model,
    project,
    query,
    relational,
    rename,
    table,
)


def test_a_data_set_is_a_data_model_with_the_columns_that_dashboards_see() -> None:
    made = data_set({"t": relational("a", "b")}, {"l": logical(table("t"), rename("a", "renamed"))}, ["renamed"])
    found = model(made)
    assert found.path == ("qs", "ds")
    assert found.display_name == "Ds"
    assert found.data_model_type == "QuickSightDataModel"
    assert found.source_url == "https://console/ds"
    assert found.columns == (Column(name="renamed", data_type="STRING", data_type_display="STRING"),)
    assert (found.project, found.owners, found.labels) == ("Sales/Weekly", ("ana@example.com",), (Label("team.sales"),))


def test_without_output_columns_the_replay_tells_them_in_order() -> None:
    steps = [calculate(total="a + 1"), cast("a", "DECIMAL", SubType="FLOAT"), project("total", "a")]
    found = model(data_set({"t": relational("a", "b")}, {"l": logical(table("t"), *steps)}))
    assert [(column.name, column.data_type) for column in found.columns] == [("total", "UNKNOWN"), ("a", "DOUBLE")]


def test_an_athena_table_without_schema_and_a_query_without_columns_still_make_a_data_model() -> None:
    tables = {"t": relational("a"), "q": query("select b from x")}
    del tables["t"]["RelationalTable"]["InputColumns"]
    found = model(data_set(tables, None, ["a", "b"]))
    assert [column.name for column in found.columns] == ["a", "b"]
    assert not found.unknown


def test_columns_that_nobody_tells_are_not_taken_for_none() -> None:
    found = model(data_set({"q": query("select b from x")}))
    assert found.columns == ()
    assert found.unknown == {"columns"}


TYPES = [
    ("STRING", None, "STRING", "STRING"),
    ("INTEGER", None, "INT", "INTEGER"),
    ("DECIMAL", None, "DECIMAL", "DECIMAL"),
    ("DECIMAL", "FIXED", "DECIMAL", "DECIMAL-FIXED"),
    ("DECIMAL", "FLOAT", "DOUBLE", "DECIMAL-FLOAT"),
    ("DATETIME", None, "DATETIME", "DATETIME"),
    ("BIT", None, "BIT", "BIT"),
    ("BOOLEAN", None, "BOOLEAN", "BOOLEAN"),
    ("JSON", None, "JSON", "JSON"),
    ("SEMISTRUCT", None, "STRUCT", "SEMISTRUCT"),
    ("HOLOGRAM", None, "UNKNOWN", "HOLOGRAM"),
]


@pytest.mark.parametrize(("kind", "sub_type", "word", "shown"), TYPES)
def test_types_are_told_in_the_words_of_both(kind: str, sub_type: str | None, word: str, shown: str) -> None:
    output = {"Name": "a", "Type": kind, "SubType": sub_type}
    (column,) = model(data_set({"t": relational("a")}, None, OutputColumns=[output])).columns
    assert (column.data_type, column.data_type_display) == (word, shown)


def tag(name: str, **tags: Any) -> Json:
    return {"TagColumnOperation": {"ColumnName": name, "Tags": [{key: each} for key, each in tags.items()]}}


def test_a_column_tells_what_it_means_and_how_it_is_calculated() -> None:
    steps = [
        calculate(total="a * 2"),
        tag("total", ColumnDescription={"Text": "From the step."}, ColumnGeographicRole="CITY"),
        rename("total", "sum"),
    ]
    found = model(data_set({"t": relational("a")}, {"l": logical(table("t"), *steps)}, ["sum"]))
    told = "From the step.\n\nGeographic role: city.\n\nCalculated field: `a * 2`"
    assert found.columns[0].description == told
    outputs = [{"Name": "sum", "Type": "INTEGER", "Description": "Its own."}]
    found = model(data_set({"t": relational("a")}, {"l": logical(table("t"), *steps)}, OutputColumns=outputs))
    assert (found.columns[0].description or "").startswith("Its own.\n\n")


def test_what_a_step_takes_back_is_not_told() -> None:
    untag = {"UntagColumnOperation": {"ColumnName": "a", "TagNames": ["COLUMN_DESCRIPTION"]}}
    steps = [tag("a", ColumnDescription={"Text": "Old."}, ColumnGeographicRole="STATE"), untag]
    found = model(data_set({"t": relational("a")}, {"l": logical(table("t"), *steps)}))
    assert found.columns[0].description == "Geographic role: state."


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("a", "`a`"),
        ("concat(a, '`')", "`` concat(a, '`') ``"),
        ("ifelse(\n  a, 1, 2)", "\n\n```\nifelse(\n  a, 1, 2)\n```"),
        ("a\n'````'", "\n\n`````\na\n'````'\n`````"),
        ("x" * 5000, f"`{'x' * 4000}…`"),
    ],
)
def test_an_expression_is_shown_as_it_is(expression: str, shown: str) -> None:
    made = data_set({"t": relational("a")}, {"l": logical(table("t"), calculate(c=expression))}, ["c"])
    assert model(made).columns[0].description == f"Calculated field: {shown}"


def test_the_description_tells_of_the_import_its_use_and_its_folders() -> None:
    semantics = {"SemanticMetadata": [{"Description": {"Text": "What we sold."}}, {"CustomInstructions": []}]}
    folders = {"Money": {"description": "In euro.", "columns": ["a"]}, "Empty": {}, "A/B": {"description": "Both."}}
    found = model(
        data_set(
            {"t": relational("a")},
            SemanticModelConfiguration=semantics,
            ImportMode="SPICE",
            UseAs="RLS_RULES",
            FieldFolders=folders,
        )
    )
    assert (found.description or "").split("\n\n") == [
        "What we sold.",
        "Imported into SPICE.",
        "Holds rules of row-level security for other data sets.",
        "Folders of fields:",
        "- `A/B`: Both.\n- `Money`: In euro.",
    ]
    assert model(data_set({"t": relational("a")}, ImportMode="DIRECT_QUERY")).description == (
        "Queried directly, without SPICE."
    )
    assert model(data_set({"t": relational("a")})).description is None


@pytest.mark.parametrize("status", [None, "ENABLED", "DISABLED"])
def test_the_description_names_the_rules_of_rows_that_are_in_force(status: str | None) -> None:
    rules = {"Arn": f"{HERE}:dataset/rules", "PermissionPolicy": "GRANT_ACCESS", "Status": status}
    found = model(data_set({"t": relational("a")}, RowLevelPermissionDataSet=rules))
    told = "Who sees which rows is ruled by the data set `rules`."
    assert found.description == (None if status == "DISABLED" else told)


def test_the_semantic_model_describes_columns() -> None:
    said: list[Json] = [
        {"Description": {"Text": "Where."}},
        {"AdditionalNotes": {"Text": "Since 2020."}},
        {"SemanticType": {"GeographicalRole": "COUNTRY"}},
    ]
    metadata = {"ColumnMetadata": [{"ColumnNames": ["a", "b"], "ColumnProperties": said}]}
    semantics = {"TableMap": {"s": {"Alias": "s", "DestinationTableId": "d", "SemanticMetadata": metadata}}}
    found = model(data_set({"t": relational("a", "b", "c")}, SemanticModelConfiguration=semantics))
    told = "Where.\n\nSince 2020.\n\nGeographic role: country."
    assert [column.description for column in found.columns] == [told, told, None]


def test_the_query_is_shown_and_of_several_each_below_its_name() -> None:
    assert model(data_set({"t": relational("a")})).sql is None
    assert model(data_set({"q": query("select <<$p>>", "a")})).sql == "select <<$p>>"
    two = {"p": query("select 1", "a"), "q": query("select 2", "b")}
    two["q"]["CustomSql"]["Name"] = "second\nquery"
    assert model(data_set(two)).sql == "-- q\nselect 1\n\n-- second query\nselect 2"


def test_names_that_differ_by_case_are_two_columns_and_repeated_ones_get_numbers() -> None:
    outputs = [*columns("a", "A", "a"), *columns("a", kind="INTEGER")]
    found = model(data_set({"t": relational("a", "A")}, OutputColumns=outputs))
    assert [(column.name, column.data_type) for column in found.columns] == [
        ("a", "STRING"),
        ("A", "STRING"),
        ("a_2", "INT"),
    ]
