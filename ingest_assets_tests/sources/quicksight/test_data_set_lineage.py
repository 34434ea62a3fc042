from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ingest_assets.catalog import (
    DataModel,
    Edge,
    Elsewhere,
    EntityType,
    ForeignEdge,
    Note,
    Origin,
    Parked,
    Reference,
    Statement,
)
from ingest_assets.lineage.sql import parse_query
from ingest_assets.lineage.statements import ReadStatement, read_statement
from ingest_assets.sources.quicksight.data_set_lineage import KnownDataSet, known_data_set
from ingest_assets.sources.quicksight.data_sources import NotRead
from ingest_assets.sources.quicksight.shapes import DataSet
from ingest_assets_tests.sources.quicksight.data_sets import (
    ACCOUNT,
    HERE,
    SOURCE,
    Json,
    calculate,
    columns,
    context,
    data_set,
    findings,
    join,
    known,
    lineage,
    logical,
    pairs,
    project,
    query,
    reasons,
    relational,
    rename,
    source,
    table,
)

MODEL = Reference(EntityType.DATA_MODEL, ("qs", "ds"))


def test_a_table_flows_into_the_model_by_its_real_columns() -> None:
    steps = [rename("a", "shown"), calculate(sum="{shown} + b"), project("sum", "shown")]
    made = data_set({"t": relational("a", "b", Schema="sales")}, {"l": logical(table("t"), *steps)}, ["shown", "sum"])
    (edge,) = lineage(made)
    assert isinstance(edge, ForeignEdge)
    assert edge.source == Elsewhere(type=EntityType.TABLE, names=("sales", "orders"), system="athena")
    assert (edge.target, edge.origin, edge.optional) == (MODEL, Origin.DASHBOARD, False)
    assert pairs(edge) == {"shown": ["a"], "sum": ["a", "b"]}


def test_a_data_source_is_the_one_of_that_very_arn() -> None:
    tables = {
        "t": relational("a", Schema="s", source=f"{HERE}:datasource/src1"),
        "u": relational("b", Schema="s", source=f"{HERE}:datasource/src10"),
    }
    sources = source("ATHENA", "src1"), source("POSTGRESQL", "src10", Database="d")
    found = lineage(data_set(tables), context(*sources))
    assert [
        edge.source.system for edge in found if isinstance(edge, ForeignEdge) and isinstance(edge.source, Elsewhere)
    ] == [
        "athena",
        "postgres",
    ]
    (edge, lost) = lineage(data_set(tables), context(sources[0]))
    assert isinstance(edge, ForeignEdge)
    assert reasons([lost]) == [f"its data source {HERE}:datasource/src10 is not known: QuickSight does not list it"]


def test_tables_that_are_joined_have_an_edge_each() -> None:
    tables = {"t": relational("id", "a", Schema="s"), "u": relational("id", "b", Schema="s", Name="people")}
    logicals = {
        "l": logical(table("t")),
        "r": logical(table("u"), rename("id", "id[people]"), alias="people"),
        "j": logical(join("l", "r")),
    }
    first, second = lineage(data_set(tables, logicals, ["id", "id[people]", "b"]))
    assert (pairs(first), pairs(second)) == ({"id": ["id"]}, {"id[people]": ["id"], "b": ["b"]})


REAL = {("dwh", "mart", "orders"): ["id", "total"], ("a", "b", "c"): ["id", "total"]}


def resolved(statement: Any) -> dict[tuple[str, ...], dict[str, list[str]]]:
    """What the query of a statement comes to on a server that has two tables."""
    assert isinstance(statement, Statement)
    read = read_statement(statement, parse_query)
    assert isinstance(read, ReadStatement), read
    edges = read.edges({each: REAL[each.names] for each in read.tables() if each.names in REAL})
    return {edge.source.names: pairs(edge) for edge in edges if isinstance(edge.source, Elsewhere)}


def test_a_query_flows_through_its_columns_and_the_steps_after_them() -> None:
    sql = "select o.id, sum(o.total) as revenue from mart.orders o where o.region = <<$region>> group by 1"
    steps = [rename("revenue", "Revenue"), calculate(Twice="{Revenue} * 2")]
    made = data_set({"q": query(sql, "id", "revenue")}, {"l": logical(table("q"), *steps)}, ["id", "Revenue", "Twice"])
    (found,) = lineage(made, context(source("REDSHIFT", Database="dwh")))
    assert isinstance(found, Statement)
    assert (found.dialect, found.system, found.namespace) == ("redshift", "redshift", ("dwh", "public"))
    assert (found.target, found.written) == (MODEL, sql)
    assert resolved(found) == {("dwh", "mart", "orders"): {"id": ["id"], "Revenue": ["total"], "Twice": ["total"]}}


def test_a_query_without_columns_flows_by_its_own_names() -> None:
    made = data_set({"q": query("select id, total as t from mart.orders")}, None, ["id", "t"])
    (found,) = lineage(made, context(source("REDSHIFT", Database="dwh")))
    assert resolved(found) == {("dwh", "mart", "orders"): {"id": ["id"], "t": ["total"]}}


def test_a_query_that_names_a_whole_path_means_that_whatever_the_connection_is() -> None:
    made = data_set({"q": query("select id from a.b.c", "id")}, None, ["id"])
    (found,) = lineage(made, context(source("REDSHIFT", Database="dwh")))
    assert resolved(found) == {("a", "b", "c"): {"id": ["id"]}}


@pytest.mark.parametrize(
    "sql",
    [
        "select id from mart.orders where a = <<$x>> and b in (<<$y>>)",
        "select id from mart.orders where a = '<<$x>>' limit <<$n>>",
        "select id from mart.orders -- <<$x>>",
        "select id from mart.orders where a between << $from >> and <<$to date>>;",
    ],
)
@pytest.mark.parametrize("kind", ["REDSHIFT", "SNOWFLAKE", "MYSQL", "ATHENA", "SQLSERVER", "BIGQUERY", "ORACLE"])
def test_parameters_of_a_query_stand_in_no_one_s_way(sql: str, kind: str) -> None:
    (found,) = lineage(data_set({"q": query(sql, "id")}, None, ["id"]), context(source(kind)))
    assert isinstance(found, Statement)
    assert isinstance(read_statement(found, parse_query), ReadStatement)


def reading(arn: str, *columns: str) -> Json:
    return {"l": logical({"DataSetArn": arn}, rename("a", "b"), project("b", *columns))}


def test_a_data_set_flows_into_one_that_is_made_of_it() -> None:
    made = data_set({}, reading(f"{HERE}:dataset/parent"), ["b"])
    (edge,) = lineage(made, context(data_sets=known(parent=("a", "x"))))
    assert isinstance(edge, Edge)
    assert (edge.source, edge.target) == (Reference(EntityType.DATA_MODEL, ("qs", "parent")), MODEL)
    assert pairs(edge) == {"b": ["a"]}


def test_columns_that_a_parent_does_not_have_or_tell_are_left_out_of_its_edge() -> None:
    made = data_set({}, reading(f"{HERE}:dataset/parent", "gone"), ["b", "gone"])
    (edge, note) = lineage(made, context(data_sets=known(parent=("a", "x"))))
    assert pairs(edge) == {"b": ["a"]}
    assert isinstance(note, Note)
    assert "gone (there is no column 'gone')" in note.text
    (edge,) = lineage(made, context(data_sets=known("parent")))
    assert isinstance(edge, Edge)
    assert edge.columns == ()


PARENTS = [
    (f"{HERE}:dataset/parent1", "parent1", "QuickSight does not list it"),
    ("arn:aws:quicksight:eu-west-1:999922223333:dataset/parent", None, "it is of another account or region"),
    (f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/parent", None, "it is of another account or region"),
]


@pytest.mark.parametrize(("arn", "wanted", "why"), PARENTS)
def test_a_parent_that_is_not_here_is_told_with_its_arn(arn: str, wanted: str | None, why: str) -> None:
    made = data_set({}, reading(arn), ["b"])
    (lost,) = lineage(made, context(data_sets=known(parent=("a",))))
    assert lost == Parked(target=MODEL, wanted=wanted or arn, reason=f"it reads the data set {arn}: {why}")


def test_a_data_set_that_reads_itself_is_no_lineage() -> None:
    made = data_set({}, reading(f"{HERE}:dataset/ds"), ["b"])
    assert reasons(lineage(made, context(data_sets=known(ds=("a",))))) == ["it reads itself"]


def test_what_others_know_of_a_data_set_is_what_quicksight_tells() -> None:
    assert known_data_set(data_set({}, None, ["a", "b"])) == KnownDataSet("ds", ("a", "b"))
    assert known_data_set(data_set({"t": relational("a")}, {"l": logical(table("t"), rename("a", "b"))})) == (
        KnownDataSet("ds", ("b",))
    )
    assert known_data_set(data_set({"q": query("select 1")})) == KnownDataSet("ds")


FILES = {"f": {"S3Source": {"DataSourceArn": SOURCE, "InputColumns": columns("a")}}}
IN_S3 = source("S3", ManifestFileLocation={"Bucket": "lake", "Key": "m.json"})
MANIFEST = json.dumps({"fileLocations": [{"URIs": ["s3://lake/sales/a.csv"]}, {"URIPrefixes": ["s3://lake/old/"]}]})


def test_files_in_s3_are_found_by_what_the_manifest_says() -> None:
    made = data_set(FILES, {"l": logical(table("f"), rename("a", "b"))}, ["b"])
    found = lineage(made, context(IN_S3, manifests={SOURCE: MANIFEST}))
    names = [
        edge.source.names for edge in found if isinstance(edge, ForeignEdge) and isinstance(edge.source, Elsewhere)
    ]
    assert names == [("s3://lake", "sales/a.csv"), ("s3://lake", "old/")]
    assert all(isinstance(edge, ForeignEdge) and edge.optional and pairs(edge) == {"b": ["a"]} for edge in found)


_UPLOADED = "its manifest was uploaded into QuickSight, which does not show it"
UNREAD = [
    (context(IN_S3), "it reads files in S3, but their manifest s3://lake/m.json could not be read: it was not read"),
    (
        context(IN_S3, manifests={SOURCE: NotRead("s3:GetObject is not granted")}),
        "it reads files in S3, but their manifest s3://lake/m.json could not be read: s3:GetObject is not granted",
    ),
    (
        context(IN_S3, manifests={SOURCE: "{}"}),
        "it reads files in S3, but the manifest has neither fileLocations nor entries (s3://lake/m.json)",
    ),
    (
        context(source("S3")),
        f"it reads files in S3, but {_UPLOADED} (data source Src1 (src1))",
    ),
    (replace(context(), data_sources={SOURCE: NotRead("it was deleted")}), "it was deleted"),
]


@pytest.mark.parametrize(("where", "why"), UNREAD)
def test_files_whose_manifest_is_not_known_may_be_any(where: Any, why: str) -> None:
    assert lineage(data_set(FILES), where) == [Parked(target=MODEL, reason=why)]


OTHERS = [
    (
        {"SaaSTable": {"DataSourceArn": SOURCE, "TablePath": [{"Name": "sf"}, {"Id": "7"}], "InputColumns": []}},
        "SALESFORCE",
        "sf.7",
        "its data source Src1 (src1) is Salesforce, of which OpenMetadata has no tables",
    ),
    (
        {"FileSource": {"DataSourceArn": SOURCE, "SheetIndex": 0, "InputColumns": []}},
        "S3",
        SOURCE,
        f"it reads an uploaded file, {SOURCE}, which lies in QuickSight alone",
    ),
    ({"HologramTable": {}}, "S3", "", "its physical table t is of a kind that is newer than this"),
    (
        relational(Schema="s"),
        "JIRA",
        "s.orders",
        "its data source Src1 (src1) is Jira, of which OpenMetadata has no tables",
    ),
    (relational(), "S3", "orders", "its data source Src1 (src1) is of type S3, which has no such tables"),
    (relational(), "HOLOGRAM", "orders", "its data source Src1 (src1) is of type HOLOGRAM, which is new"),
    (
        query("select 1"),
        "HOLOGRAM",
        "",
        "its query 'q' can't be read: its data source Src1 (src1) is of type HOLOGRAM, which is new",
    ),
]


@pytest.mark.parametrize(("made", "kind", "wanted", "why"), OTHERS)
def test_what_is_no_table_elsewhere_is_named_with_the_reason(made: Json, kind: str, wanted: str, why: str) -> None:
    assert lineage(data_set({"t": made}), context(source(kind))) == [Parked(target=MODEL, wanted=wanted, reason=why)]


def test_a_data_source_that_may_not_be_listed_is_told_by_the_permission() -> None:
    where = replace(context(), data_sources={}, why_not_listed="quicksight:ListDataSources is not granted")
    tables = {"t": relational("a", Schema="s"), "q": query("select 1", "b")}
    first, second = lineage(data_set(tables), where)
    assert isinstance(first, Parked)
    assert isinstance(second, Parked)
    assert (first.wanted, second.wanted) == ("s.orders", "")
    why = f"its data source {SOURCE} is not known: quicksight:ListDataSources is not granted"
    assert reasons([first, second]) == [why, f"its query 'q' can't be read: {why}"]


def test_a_part_that_is_missing_leaves_the_rest_and_may_be_anything() -> None:
    logicals = {"l": logical(table("t")), "r": logical(table("gone")), "j": logical(join("l", "r"))}
    edge, lost, note = lineage(data_set({"t": relational("a", Schema="s")}, logicals, ["a", "b"]))
    assert pairs(edge) == {"a": ["a"]}
    assert lost == Parked(target=MODEL, reason="in its description there is no physical table gone")
    assert isinstance(note, Note)
    assert note.text == (
        "dashboardDataModel qs / ds has columns whose lineage is not known in full:"
        " b (column 'b' can be of what is missing, whose columns are not known)."
    )


def test_of_many_columns_without_lineage_the_first_are_named() -> None:
    (_, note) = lineage(data_set({"t": relational("a")}, None, [f"x{n}" for n in range(9)]))
    assert isinstance(note, Note)
    assert "x4 (there is no column 'x4'), and 4 more." in note.text


def test_a_data_set_that_can_t_be_described_keeps_what_is_known_of_it() -> None:
    model, lost = findings(DataSet(Arn=f"{HERE}:dataset/ds", DataSetId="ds", Name="Uploaded"))
    assert isinstance(model, DataModel)
    assert (model.display_name, model.columns) == ("Uploaded", ())
    assert model.unknown == {"columns", "sql"}
    assert lost == Parked(target=MODEL, reason="QuickSight does not say what it is made of")


def test_a_table_that_no_step_uses_has_no_edge() -> None:
    tables = {"t": relational("a", Schema="s"), "u": relational("b", Schema="s", Name="unused")}
    (edge,) = lineage(data_set(tables, {"l": logical(table("t"))}, ["a"]))
    assert pairs(edge) == {"a": ["a"]}


def test_a_table_of_which_only_rows_are_filtered_has_an_edge_all_the_same() -> None:
    tables = {"t": relational("a", Schema="s"), "u": relational("b", Schema="s", Name="people")}
    logicals = {"l": logical(table("t")), "r": logical(table("u")), "j": logical(join("l", "r"), project("a"))}
    first, second = lineage(data_set(tables, logicals, ["a"]))
    assert (pairs(first), pairs(second)) == ({"a": ["a"]}, {})
