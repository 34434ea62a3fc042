"""Processes become edges in their direction, with their SQL and their columns, and no others."""

from __future__ import annotations

from typing import Any

from ingest_assets.calls import Calls
from ingest_assets.catalog import ColumnPaths, Elsewhere, EntityType, Note, Origin
from ingest_assets.sources.atlas.mapping import Placing
from ingest_assets_tests.sources.atlas.company import SALES, column, flow, process, table
from ingest_assets_tests.sources.atlas.estate import Estate, Json, entity
from ingest_assets_tests.sources.atlas.odd_server import odd_server
from ingest_assets_tests.sources.atlas.scene import PROCESSES, edges, read_all, source_at

A, B, C = table("a", "a"), table("b", "b"), table("c", "c")
EVENTS = entity("events", "kafka_topic", "clicks@cm", "clicks", topic="clicks")


def lineage_of(*entities: Json, **settings: Any) -> dict[tuple[str, str], object]:
    with odd_server(Estate([SALES, *entities])) as server:
        return dict(edges(read_all(source_at(server.url, **settings))[PROCESSES]))


def test_a_chain_is_its_two_steps_and_nothing_else() -> None:
    found = lineage_of(A, B, C, process("P", [A], [B]), process("Q", [B], [C]))
    assert list(found) == [("sales.a", "sales.b"), ("sales.b", "sales.c")]


def test_each_input_flows_into_each_output() -> None:
    found = lineage_of(A, B, C, EVENTS, process("P", [A, EVENTS], [B, C]))
    assert set(found) == {(source, target) for source in ("sales.a", "clicks") for target in ("sales.b", "sales.c")}


def test_a_process_with_flows_between_columns_is_an_edge_of_tables_and_of_columns() -> None:
    key = column(A, "day", 0)
    del key["attributes"]["table"]
    a = table("a", "a", partitionKeys=[{"guid": key["guid"], "typeName": "hive_column"}])
    amount, total = column(a, "amount", 0), column(B, "total", 0)
    runs = process("P", [a], [B], queryText="insert into b select sum(amount) from a")
    with odd_server(Estate([SALES, a, B, key, amount, total, runs, flow(runs, [amount, key], [total])])) as server:
        (edge,) = edges(read_all(source_at(server.url))[PROCESSES]).values()
    assert (edge.source, edge.target) == (
        Elsewhere(type=EntityType.TABLE, names=("sales", "a")),
        Elsewhere(type=EntityType.TABLE, names=("sales", "b")),
    )
    assert edge.columns == (ColumnPaths((("amount",), ("day",)), ("total",)),)
    assert (edge.sql, edge.origin) == ("insert into b select sum(amount) from a", Origin.QUERY)


def test_a_flow_between_columns_is_one_between_their_tables_though_the_process_does_not_say_so() -> None:
    source, target = column(A, "x", 0), column(C, "x", 0)
    runs = process("P", [B], [C])
    found = lineage_of(A, B, C, source, target, runs, flow(runs, [source], [target]))
    assert set(found) == {("sales.b", "sales.c"), ("sales.a", "sales.c")}


def test_what_a_process_joins_and_is_deleted_ends_no_edge() -> None:
    gone = {**table("gone", "gone"), "status": "DELETED"}
    assert set(lineage_of(A, B, gone, process("P", [A, gone], [B]))) == {("sales.a", "sales.b")}


def test_a_table_that_fills_itself_is_no_edge() -> None:
    assert lineage_of(A, process("P", [A], [A])) == {}


def test_what_the_recipe_leaves_out_ends_no_edge() -> None:
    keeps = {"table_filter": lambda name: name != "a"}
    assert set(lineage_of(A, B, C, process("P", [A, B], [C]), **keeps)) == {("sales.b", "sales.c")}


def test_tables_of_types_that_are_not_read_are_asked_for_by_guid_in_batches() -> None:
    shops = entity("shops", "rdbms_db", "shops@pg", "shops")
    related = {"db": {"guid": "shops", "displayText": "shops", "entityStatus": "ACTIVE"}}
    source = entity("till", "rdbms_table", "shops.till@pg", "till", _relationshipAttributes=related)
    calls = Calls()
    with odd_server(Estate([SALES, shops, A, source, process("P", [source], [A])])) as server:
        found = read_all(source_at(server.url, calls, entity_type="hive_table"))[PROCESSES]
    assert set(edges(found)) == {("shops.till", "sales.a")}
    assert calls.counts()["atlas:bulk"] == 1


def test_paths_in_s3_are_containers_and_other_paths_are_counted() -> None:
    bucket = entity("s3", "hdfs_path", "s3a://lake/raw/orders@cm", "orders")
    path = entity("hdfs", "hdfs_path", "hdfs://nn:8020/raw@cm", "raw")
    with odd_server(Estate([SALES, A, bucket, path, process("P", [bucket, path], [A])])) as server:
        found = read_all(source_at(server.url))[PROCESSES]
    (edge,) = edges(found).values()
    assert edge.source == Elsewhere(type=EntityType.CONTAINER, names=("s3://lake", "raw/orders"))
    assert edge.optional
    assert [each.text for each in found if isinstance(each, Note)] == [
        "Processes join what OpenMetadata has no place for, and that is not shown: 1 of type hdfs_path."
    ]


def test_a_recipe_that_names_no_service_of_topics_draws_no_edge_to_them() -> None:
    found = lineage_of(A, B, EVENTS, process("P", [A, EVENTS], [B]), placing=Placing(("hive",)))
    assert set(found) == {("sales.a", "sales.b")}
