from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import (
    Column,
    ColumnPair,
    ColumnReference,
    Database,
    DatabaseService,
    Edge,
    Entity,
    EntityType,
    Origin,
    PartitionColumn,
    Reference,
    Schema,
    Table,
)
from ingest_assets.openmetadata import wire
from ingest_assets.openmetadata.capabilities import Capabilities, Version, capabilities_of
from ingest_assets.openmetadata.layout import collection_of

V1_0, V1_5, V1_12 = (capabilities_of(Version.parse(text)) for text in ("1.0.3", "1.5.7", "1.12.4"))
EVERY_MINOR = [capabilities_of(Version(1, minor)) for minor in range(14)] + [capabilities_of(Version(2, 0))]


def column(name: str = "c", data_type: str = "INT", **rest: Any) -> Column:
    return Column(name=name, data_type=data_type, data_type_display=data_type.lower(), **rest)


def table(*columns: Column, **rest: Any) -> Table:
    return Table(**{"path": ("svc", "db", "s", "t"), "table_type": "External", "columns": columns, **rest})


FULL = table(
    column("id", "BIGINT", description="key"),
    column("day", "DATE"),
    display_name="Orders",
    description="words",
    source_url="https://console/t",
    table_type="Iceberg",
    partitions=(PartitionColumn(column="day", interval_type="TIME-UNIT", interval="day"),),
    file_format="parquet",
    location="s3://lake/t/",
    retention_period="P30D",
    created=1700000000000,
    sql="select 1",
)

COMMON_1_5: dict[str, Any] = {
    "name": "t",
    "databaseSchema": "svc.db.s",
    "displayName": "Orders",
    "description": "words",
    "tableType": "Iceberg",
    "columns": [
        {"name": "id", "dataType": "BIGINT", "dataTypeDisplay": "bigint", "description": "key"},
        {"name": "day", "dataType": "DATE", "dataTypeDisplay": "date"},
    ],
    "sourceUrl": "https://console/t",
    "tablePartition": {"columns": [{"columnName": "day", "intervalType": "TIME-UNIT", "interval": "day"}]},
    "fileFormat": "parquet",
    "retentionPeriod": "P30D",
    "lifeCycle": {"created": {"timestamp": 1700000000000}},
    "schemaDefinition": "select 1",
}


def without_hash(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "sourceHash"}


def test_a_table_on_1_5() -> None:
    assert without_hash(wire.body(FULL, V1_5)) == COMMON_1_5


def test_a_table_on_1_12_has_its_location() -> None:
    assert without_hash(wire.body(FULL, V1_12)) == COMMON_1_5 | {"locationPath": "s3://lake/t/"}


def test_a_table_on_1_0_has_only_what_that_line_knows() -> None:
    new = ("sourceUrl", "fileFormat", "retentionPeriod", "lifeCycle", "schemaDefinition")
    assert wire.body(FULL, V1_0) == {key: value for key, value in COMMON_1_5.items() if key not in new} | {
        "viewDefinition": "select 1",
        "tablePartition": {"columns": ["day"], "intervalType": "TIME-UNIT", "interval": "day"},
    }


@pytest.mark.parametrize("capabilities", EVERY_MINOR, ids=lambda each: str(each.version))
def test_only_known_words_are_sent_and_nothing_null(capabilities: Capabilities) -> None:
    kinds = ["MEASURE", "BIT", "ARRAY", "STRUCT", "VARCHAR", "HIERARCHYID", "NO SUCH TYPE"]
    for table_type in ("SemanticView", "Stage", "Stream", "Dynamic", "Transient", "No Such Type"):
        given_ = table(*(column(kind, kind) for kind in kinds), table_type=table_type, file_format="parq")
        body = wire.body(given_, capabilities)
        assert body["tableType"] in capabilities.table_types
        assert all(each["dataType"] in capabilities.data_types for each in body["columns"])
        assert body.get("fileFormat", "parq") == "parq"
        assert ("fileFormat" in body) is ("parq" in capabilities.file_formats)
        assert None not in list(values(body))


def values(sent: Any) -> Iterator[Any]:
    if isinstance(sent, dict):
        for value in sent.values():
            yield from values(value)
    elif isinstance(sent, list):
        for value in sent:
            yield from values(value)
    else:
        yield sent


def test_a_type_that_the_version_lacks_keeps_its_text() -> None:
    sent = wire.body(table(Column(name="b", data_type="BIT", data_type_display="bit(3)")), V1_0)["columns"][0]
    assert (sent["dataType"], sent["dataTypeDisplay"]) == ("UNKNOWN", "bit(3)")


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (column(data_type="VARCHAR"), {"dataLength": 1}),
        (column(data_type="CHAR", data_length=3), {"dataLength": 3}),
        (column(data_type="BINARY"), {"dataLength": 1}),
        (column(data_type="STRING", data_length=10**12), {"dataLength": 2**31 - 1}),
        (column(data_type="VARBINARY"), {"dataLength": 1}),
        (column(data_type="STRING"), {}),
        (column(data_type="ARRAY"), {"arrayDataType": "UNKNOWN"}),
        (column(data_type="ARRAY", array_data_type="INT"), {"arrayDataType": "INT"}),
        (column(data_type="ARRAY", array_data_type="WAT"), {"arrayDataType": "UNKNOWN"}),
        (column(data_type="INT", array_data_type="INT"), {}),
        (column(data_type="STRUCT"), {"children": []}),
        (column(data_type="DECIMAL", precision=10, scale=2), {"precision": 10, "scale": 2}),
        (column(data_type="DECIMAL", precision=2, scale=5), {"precision": 2}),
        (column(data_type="DECIMAL", scale=5), {}),
        (column(name='a"b::c'), {"name": "a__reserved__quote__b__reserved__colon__c", "displayName": 'a"b::c'}),
        (column(display_name="The price"), {"displayName": "The price"}),
        (column(display_name="c"), {}),
        (
            column(name='a"b::c', display_name="The price"),
            {"name": "a__reserved__quote__b__reserved__colon__c", "displayName": "The price"},
        ),
        (column(name=""), {"name": "__reserved__empty__"}),
        (column(name=" Größe / 表 "), {"name": " Größe / 表 "}),
    ],
)
def test_a_column_obeys_the_servers_rules(given_: Column, expected: dict[str, Any]) -> None:
    sent = wire.body(table(given_), V1_5)["columns"][0]
    rest = {key: value for key, value in sent.items() if key not in {"dataType", "dataTypeDisplay"}}
    assert rest == {"name": given_.name} | expected


def test_nested_columns_obey_them_too() -> None:
    inner = column("x", "STRUCT", children=(column("y", "VARCHAR"), column("y", "MAP")))
    sent = wire.body(table(column("l", "ARRAY", array_data_type="STRUCT", children=(inner,))), V1_5)["columns"][0]
    assert sent["children"][0]["children"][0]["dataLength"] == 1
    assert [each["name"] for each in sent["children"][0]["children"]] == ["y", "y_2"]


def test_columns_that_the_server_could_not_tell_apart_get_numbers() -> None:
    names = ["a", "a", "A", "a_2", "a::b", "a__reserved__colon__b"]
    sent = wire.body(table(*map(column, names)), V1_5)["columns"]
    assert [(each["name"], each.get("displayName")) for each in sent] == [
        ("a", None),
        ("a_2", "a"),
        ("A", None),
        ("a_2_2", "a_2"),
        ("a__reserved__colon__b", "a::b"),
        ("a__reserved__colon__b_2", "a__reserved__colon__b"),
    ]


@given(st.lists(st.text(max_size=140), max_size=12), st.sampled_from(EVERY_MINOR))
def test_columns_of_any_names_are_unique_and_short_enough(names: list[str], capabilities: Capabilities) -> None:
    sent = [each["name"] for each in wire.body(table(*map(column, names)), capabilities)["columns"]]
    assert len(set(sent)) == len(names)
    assert all(1 <= len(name) <= capabilities.names.longest for name in sent)


def test_a_partition_names_columns_as_they_are_sent_and_only_those_that_exist() -> None:
    partitions = (
        PartitionColumn(column="a::b", interval_type="INJECTED"),
        PartitionColumn(column="gone", interval_type="COLUMN-VALUE"),
    )
    given_ = table(column("a::b"), partitions=partitions)
    assert wire.body(given_, V1_5)["tablePartition"] == {
        "columns": [{"columnName": "a__reserved__colon__b", "intervalType": "INJECTED"}]
    }
    assert wire.body(given_, V1_0)["tablePartition"] == {"columns": ["a__reserved__colon__b"], "intervalType": "OTHER"}
    assert "tablePartition" not in wire.body(table(column("x"), partitions=partitions), V1_5)


def test_one_interval_stands_for_all_columns_on_1_0_only_if_they_share_it() -> None:
    partitions = (
        PartitionColumn(column="a", interval_type="TIME-UNIT", interval="day"),
        PartitionColumn(column="b", interval_type="COLUMN-VALUE"),
    )
    sent = wire.body(table(column("a"), column("b"), partitions=partitions), V1_0)["tablePartition"]
    assert sent == {"columns": ["a", "b"], "intervalType": "OTHER"}


def test_what_the_source_could_not_read_is_left_out() -> None:
    unknown = frozenset({"description", "sql", "partitions", "created"})
    sent = wire.body(FULL.model_copy(update={"unknown": unknown}), V1_5)
    assert not {"description", "schemaDefinition", "tablePartition", "lifeCycle"} & set(sent)
    assert {"columns", "fileFormat", "sourceUrl"} < set(sent)


def test_the_text_of_a_view_can_stay_out_of_the_catalog() -> None:
    assert "schemaDefinition" not in wire.body(FULL.model_copy(update={"sql": None}), V1_5)
    made = FULL.model_copy(update={"sql": None, "ddl": "CREATE TABLE t (a int)"})
    assert wire.body(made, V1_5)["schemaDefinition"] == "CREATE TABLE t (a int)"


def test_owners_by_version() -> None:
    owners = [{"id": "1", "type": "user", "name": "ann"}, {"id": "2", "type": "user"}]
    assert wire.body(FULL, V1_5, owners)["owners"] == [{"id": "1", "type": "user"}, {"id": "2", "type": "user"}]
    assert wire.body(FULL, V1_0, owners)["owner"] == {"id": "1", "type": "user"}
    assert not {"owner", "owners"} & set(wire.body(FULL, V1_5))


def service(kind: str = "Glue", **rest: Any) -> DatabaseService:
    return DatabaseService(path=("svc",), service_type=kind, **rest)


def test_a_service_has_a_connection_only_where_the_server_insists() -> None:
    given_ = service(connection={"awsConfig": {"awsRegion": "eu-west-1"}}, source_url="https://x")
    assert wire.body(given_, V1_5) == {"name": "svc", "serviceType": "Glue"}
    config = {"type": "Glue", "awsConfig": {"awsRegion": "eu-west-1"}}
    assert wire.body(given_, V1_0) == {"name": "svc", "serviceType": "Glue", "connection": {"config": config}}


def test_a_service_type_that_the_server_lacks_becomes_a_custom_one() -> None:
    sent = wire.body(service("UnityCatalog", connection={"token": "x"}), V1_0)
    assert sent["serviceType"] == "CustomDatabase"
    assert sent["connection"] == {"config": {"type": "CustomDatabase"}}


@pytest.mark.parametrize(
    ("entity", "collection", "parent"),
    [
        (service(), "services/databaseServices", {}),
        (Database(path=("a.b", "d")), "databases", {"service": '"a.b"'}),
        (Schema(path=("svc", "d.1", "s")), "databaseSchemas", {"database": 'svc."d.1"'}),
        (table(), "tables", {"databaseSchema": "svc.db.s"}),
    ],
)
def test_each_type_has_its_collection_and_its_parent(entity: Entity, collection: str, parent: dict[str, str]) -> None:
    sent = wire.body(entity, V1_5)
    assert collection_of(EntityType(entity.type)) == collection
    assert {key: sent[key] for key in ("service", "database", "databaseSchema") if key in sent} == parent


def test_a_hash_is_sent_by_the_versions_and_types_that_have_it() -> None:
    assert wire.body(FULL, V1_5)["sourceHash"] == wire.fingerprint(wire.body(FULL, V1_5))
    assert len(wire.body(FULL, V1_5)["sourceHash"]) == 32
    assert "sourceHash" not in wire.body(FULL, V1_0)
    assert "sourceHash" not in wire.body(service(), V1_5)


CHANGES: list[dict[str, Any]] = [
    {"description": "other"},
    {"file_format": "csv"},
    {"sql": "select 2"},
    {"partitions": ()},
    {"columns": (column("day", "DATE"), column("id", "BIGINT", description="key"))},
    {"display_name": None},
    {"created": 1},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_each_change_of_what_is_sent_changes_the_fingerprint(change: dict[str, Any]) -> None:
    changed = wire.body(FULL.model_copy(update=change), V1_5)
    assert changed["sourceHash"] != wire.body(FULL, V1_5)["sourceHash"]


def test_a_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    body = wire.body(FULL, V1_5)
    assert wire.fingerprint(dict(reversed(body.items()))) == wire.fingerprint(body)


TEXTS = st.text(max_size=20)
COLUMNS = st.recursive(
    st.builds(column, TEXTS, st.sampled_from(["INT", "VARCHAR", "DECIMAL", "WAT"]), scale=st.none() | st.integers()),
    lambda inner: st.builds(
        column, TEXTS, st.sampled_from(["STRUCT", "ARRAY", "MAP"]), children=st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=8,
)


@given(st.lists(COLUMNS, max_size=4), st.sampled_from(EVERY_MINOR))
def test_any_table_becomes_json_without_nulls(columns: list[Column], capabilities: Capabilities) -> None:
    sent = wire.body(table(*columns), capabilities)
    assert None not in list(values(sent))
    assert json.loads(json.dumps(sent)) == sent


A = Reference(EntityType.TABLE, ("svc", "db", "s", "a.1"))
B = Reference(EntityType.TABLE, ("svc", "db", "s", "b"))
X, NESTED, Y = ColumnReference(A, ("x",)), ColumnReference(A, ("st", "y.z")), ColumnReference(B, ("y",))
EDGE = Edge(
    source=A,
    target=B,
    origin=Origin.VIEW,
    columns=(ColumnPair((X, NESTED), Y), ColumnPair((NESTED,), Y)),
    sql="select x from a",
)


def test_an_edge_on_1_5() -> None:
    assert wire.lineage_body(EDGE, ("1", "2"), V1_5) == {
        "edge": {
            "fromEntity": {"id": "1", "type": "table"},
            "toEntity": {"id": "2", "type": "table"},
            "lineageDetails": {
                "source": "ViewLineage",
                "sqlQuery": "select x from a",
                "columnsLineage": [
                    {"fromColumns": ['svc.db.s."a.1".x', 'svc.db.s."a.1".st."y.z"'], "toColumn": "svc.db.s.b.y"},
                    {"fromColumns": ['svc.db.s."a.1".st."y.z"'], "toColumn": "svc.db.s.b.y"},
                ],
            },
        }
    }
    assert wire.left_out(EDGE, V1_5) == []


def test_nested_columns_are_left_out_of_an_edge_on_1_0_and_told() -> None:
    assert wire.lineage_body(EDGE, ("1", "2"), V1_0)["edge"]["lineageDetails"] == {
        "sqlQuery": "select x from a",
        "columnsLineage": [{"fromColumns": ['svc.db.s."a.1".x'], "toColumn": "svc.db.s.b.y"}],
    }
    assert wire.left_out(EDGE, V1_0) == [ColumnPair((NESTED,), Y), ColumnPair((NESTED,), Y)]


def test_a_column_of_a_third_table_would_refuse_the_edge_and_is_left_out() -> None:
    third = ColumnReference(Reference(EntityType.TABLE, ("svc", "db", "s", "c")), ("x",))
    edge = EDGE.model_copy(update={"columns": (ColumnPair((third, X), Y), ColumnPair((X,), third))})
    assert len(wire.lineage_body(edge, ("1", "2"), V1_5)["edge"]["lineageDetails"]["columnsLineage"]) == 1
    assert wire.left_out(edge, V1_5) == [ColumnPair((third,), Y), ColumnPair((X,), third)]


def test_an_edge_always_has_details() -> None:
    bare = Edge(source=A, target=B, origin=Origin.VIEW)
    assert wire.lineage_body(bare, ("1", "2"), V1_0)["edge"]["lineageDetails"] == {"columnsLineage": []}


def test_the_fingerprint_of_an_edge_is_over_all_but_ids() -> None:
    same = wire.edge_fingerprint(EDGE, V1_5)
    assert wire.edge_fingerprint(EDGE.model_copy(), V1_5) == same
    for change in ({"sql": "select 2"}, {"columns": ()}, {"source": B}, {"target": A}):
        assert wire.edge_fingerprint(EDGE.model_copy(update=change), V1_5) != same
