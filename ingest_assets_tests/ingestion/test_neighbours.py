"""Lineage that begins or ends in services of other recipes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import (
    ColumnPair,
    ColumnPaths,
    ColumnReference,
    Dashboard,
    DashboardService,
    DataModel,
    Edge,
    Elsewhere,
    EntityType,
    Failed,
    Filtered,
    ForeignEdge,
    Origin,
    Reference,
    Statement,
)
from ingest_assets.catalog.dashboards import Chart
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets.openmetadata.edge_plan import may_mean
from ingest_assets.openmetadata.elsewhere import places
from ingest_assets_tests.ingestion.estates import Estate, EstateRun, run_estate
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place

MODEL = Reference(EntityType.DATA_MODEL, ("bi", "orders"))
BOARD = Reference(EntityType.DASHBOARD, ("bi", "sales"))
TABLE = "lake.db.sales.orders"

OF_LAKE = {EntityType.DATABASE_SERVICE: ("lake",)}


def lake(name: str = "lake", database: str = "db") -> Lake:
    made = Lake(name)
    columns = (column("ID"), column("total"), column("address", "STRUCT", children=(column("zip"),)))
    made.put("sales", "orders", database=database, columns=columns)
    return made


def bi(*lineage: ForeignEdge | Edge | Statement) -> Estate:
    made = Estate(DashboardService(path=("bi",), service_type="QuickSight"))
    columns = (column("id"), column("sum"))
    made.put(
        DataModel(path=MODEL.path, data_model_type="QuickSightDataModel", columns=columns),
        Chart(path=("bi", "by_day")),
        Dashboard(path=BOARD.path, charts=("by_day",), data_models=("orders",)),
    )
    made.lineage = list(lineage)
    return made


def reads(*names: str, system: str | None = "glue") -> ForeignEdge:
    return ForeignEdge(
        source=Elsewhere(type=EntityType.TABLE, names=names, system=system),
        target=MODEL,
        origin=Origin.DASHBOARD,
        columns=(
            ColumnPaths((("id",),), ("id",)),
            ColumnPaths((("total",), ("nowhere",)), ("sum",)),
            ColumnPaths((("nowhere",),), ("sum",)),
        ),
        sql="select 1",
    )


def upstream(place: Place, kind: EntityType = EntityType.DATA_MODEL, fqn: str = "bi.model.orders") -> dict[str, Any]:
    """Details of the edges into an entity, by the id of their source."""
    return place.admin.upstream_edges(kind, place.get(kind, fqn)["id"])


def parked(run: EstateRun) -> list[str]:
    return [problem.reason for problem in run.lineage.problems]


def test_a_table_of_another_service_is_found_and_joined_to_the_column(anywhere: Place) -> None:
    anywhere.run(lake())
    estate = bi(reads("db", "sales", "orders"))
    first = run_estate(anywhere, estate)
    assert (parked(first), first.lineage.created) == ([], 1)
    (details,) = upstream(anywhere).values()
    assert list(upstream(anywhere)) == [anywhere.table(TABLE)["id"]]
    pairs = details.get("columnsLineage") or []
    if anywhere.version.startswith("1.0"):
        assert pairs == []
        assert any("2 column pairs of 1 edges can't be held by OpenMetadata 1.0.3" in note for note in first.plan.notes)
    else:
        assert [(pair["fromColumns"], pair["toColumn"]) for pair in pairs] == [
            ([f"{TABLE}.ID"], "bi.model.orders.id"),
            ([f"{TABLE}.total"], "bi.model.orders.sum"),
        ]
        assert details["source"] == "DashboardLineage"
    anywhere.sandbox.openmetadata.reset_counts()
    second = run_estate(anywhere, estate)
    assert (second.lineage.unchanged, second.written(), anywhere.writes()) == (1, 0, [])
    # What was found once is not asked for again.
    assert not any("/tables/name" in name for name in anywhere.sandbox.openmetadata.counts)


def test_an_edge_whose_origin_is_gone_goes_and_a_persons_stays(anywhere: Place) -> None:
    made = lake()
    made.put("sales", "by_hand")
    anywhere.run(made)
    estate = bi(reads("sales", "orders"))
    run_estate(anywhere, estate)
    ends = {
        "fromEntity": {"id": anywhere.table("lake.db.sales.by_hand")["id"], "type": "table"},
        "toEntity": {"id": anywhere.get(EntityType.DATA_MODEL, "bi.model.orders")["id"], "type": "dashboardDataModel"},
    }
    anywhere.admin.put_lineage({"edge": {**ends, "lineageDetails": {"sqlQuery": "mine"}}})
    estate.lineage.clear()
    second = run_estate(anywhere, estate)
    assert second.lineage.removed == 1
    assert list(upstream(anywhere)) == [ends["fromEntity"]["id"]]


def test_an_edge_that_a_listing_tells_stays_while_that_listing_can_not_be_read(here: Place) -> None:
    here.run(lake())
    own = Edge(source=MODEL, target=BOARD, origin=Origin.DASHBOARD)
    estate = bi(reads("sales", "orders"), own)
    run_estate(here, estate)
    estate.failing.add(EntityType.DASHBOARD)
    second = run_estate(here, estate)
    assert second.lineage.removed == 0
    assert len(upstream(here)) == len(upstream(here, EntityType.DASHBOARD, "bi.sales")) == 1
    estate.failing.clear()
    assert run_estate(here, estate).written() == 0


def test_what_is_not_there_yet_is_parked_with_what_was_asked_for_and_drawn_when_it_comes(here: Place) -> None:
    estate = bi(reads("db", "sales", "orders"))
    first = run_estate(here, estate, lineage_services=OF_LAKE)
    assert parked(first) == ["db.sales.orders: not on the server; asked for lake.db.sales.orders"]
    here.run(lake())
    assert run_estate(here, estate, lineage_services=OF_LAKE).lineage.created == 1


def test_of_several_that_fit_none_is_guessed(here: Place) -> None:
    here.run(lake())
    here.run(lake("other"))
    estate = bi(reads("sales", "orders"))
    told = "sales.orders: several fit, and none is guessed: lake.db.sales.orders, other.db.sales.orders"
    assert parked(run_estate(here, estate)) == [told]
    assert run_estate(here, estate, lineage_services={EntityType.DATABASE_SERVICE: ("other",)}).lineage.created == 1
    assert list(upstream(here)) == [here.table("other.db.sales.orders")["id"]]


@pytest.mark.parametrize(
    ("services", "names", "found"),
    [
        (("lake",), ("sales", "orders"), True),
        (("lake.db",), ("sales", "orders"), True),
        (("lake.db",), ("DB", "Sales", "Orders"), True),
        (("lake.db.sales",), ("orders",), True),
        (("lake.db.sales",), ("sales", "orders"), True),
        (("lake.db.hr",), ("sales", "orders"), False),
        (("lake.other",), ("db", "sales", "orders"), False),
        (("lake",), ("orders",), False),
        ((), ("orders",), False),
        (("none",), ("sales", "orders"), False),
    ],
)
def test_a_prefix_completes_a_name_and_must_agree_with_it(
    here: Place, services: tuple[str, ...], names: tuple[str, ...], found: bool
) -> None:
    here.run(lake())
    run = run_estate(here, bi(reads(*names)), lineage_services={EntityType.DATABASE_SERVICE: services})
    assert (run.lineage.created, run.lineage.parked) == ((1, 0) if found else (0, 1))


@pytest.mark.parametrize(("system", "found"), [("glue", True), ("snowflake", False), (None, True)])
def test_a_name_that_is_not_quoted_is_written_as_its_system_does(here: Place, system: str | None, found: bool) -> None:
    here.run(lake())
    run = run_estate(here, bi(reads("SALES", "Orders", system=system)), lineage_services=OF_LAKE)
    assert run.lineage.created == int(found)


def test_a_neighbour_that_was_made_anew_gets_its_edge_again(here: Place) -> None:
    here.run(lake())
    estate = bi(reads("sales", "orders"))
    run_estate(here, estate)
    here.soft_delete(EntityType.TABLE, TABLE, hard=True)
    here.run(lake())
    again = run_estate(here, estate, full_listing="always")
    assert again.lineage.created == 1
    assert list(upstream(here)) == [here.table(TABLE)["id"]]


def test_a_neighbour_that_can_not_be_looked_up_drops_nothing(here: Place) -> None:
    here.run(lake())
    estate = bi(reads("sales", "orders"))
    run_estate(here, estate)
    here.sandbox.faults.add("503", service="openmetadata", operation="GET /v1/tables*", count=None)
    second = run_estate(here, estate, full_listing="always")
    here.sandbox.faults.clear()
    assert second.lineage.removed == 0
    assert "could not be looked up" in parked(second)[0]
    assert len(upstream(here)) == 1


def test_lineage_leads_to_other_services_too(anywhere: Place) -> None:
    anywhere.run(lake())
    export = ForeignEdge(
        source=BOARD, target=Elsewhere(type=EntityType.TABLE, names=("sales", "orders")), origin=Origin.PIPELINE
    )
    estate = bi(export)
    assert run_estate(anywhere, estate).lineage.created == 1
    assert list(upstream(anywhere, EntityType.TABLE, TABLE)) == [anywhere.get(EntityType.DASHBOARD, "bi.sales")["id"]]
    estate.lineage.clear()
    assert run_estate(anywhere, estate).lineage.removed == 1


def test_columns_reach_the_charts_of_a_dashboard(anywhere: Place) -> None:
    pair = ColumnPair((ColumnReference(MODEL, ("id",)),), ColumnReference(BOARD, ("by_day",)))
    run = run_estate(anywhere, bi(Edge(source=MODEL, target=BOARD, origin=Origin.DASHBOARD, columns=(pair,))))
    assert run.lineage.created == 1
    (details,) = upstream(anywhere, EntityType.DASHBOARD, "bi.sales").values()
    if anywhere.version.startswith("1.0"):
        assert any("1 column pairs of 1 edges can't be held" in note for note in run.plan.notes)
    else:
        assert [each["toColumn"] for each in details["columnsLineage"]] == ["bi.by_day"]


def test_names_of_services_may_hold_dots_and_prefixes_are_parts() -> None:
    assert places(["my.lake", "dw"], ["dw.db", "dw"]) == ('"my.lake"', "dw", "dw.db")


def statement(sql: str, **rest: Any) -> Statement:
    defaults: dict[str, Any] = {"dialect": "trino", "system": "athena", "namespace": ("AwsDataCatalog", "sales")}
    return Statement(target=MODEL, columns=("id", "sum"), sql=sql, **{**defaults, **rest})


SQL = [
    ("select * from (select id, total as sum from orders)", {"id": "ID", "sum": "total"}),
    ("select id, sum(total) from sales.orders group by 1", {"id": "ID", "sum": "total"}),
    ("select o.* from awsdatacatalog.sales.orders o", {"id": "ID"}),
    ("select id, amount as sum from orders join prices on id = order_id", {"id": "ID"}),
]


def test_a_query_s_columns_flow_into_the_columns_that_the_source_says(here: Place) -> None:
    here.run(lake())
    flows = (ColumnPaths((("total",),), ("sum",)), ColumnPaths((("id",), ("total",)), ("id",)))
    sql = 'select o."ID" as id, o.total, o."$path" from orders o where o.total > NULL'
    run = run_estate(here, bi(statement(sql, flows=flows, written="as it was written")))
    assert parked(run) == []
    details = upstream(here)[here.table(TABLE)["id"]]
    assert details["sqlQuery"] == "as it was written"
    told = {pair["toColumn"].rpartition(".")[2]: sorted(pair["fromColumns"]) for pair in details["columnsLineage"]}
    assert told == {"sum": [f"{TABLE}.total"], "id": [f"{TABLE}.ID", f"{TABLE}.total"]}


@pytest.mark.parametrize(("sql", "pairs"), SQL)
def test_a_query_is_told_by_the_columns_that_the_server_has(here: Place, sql: str, pairs: dict[str, str]) -> None:
    made = lake()
    made.put("sales", "prices", columns=(column("order_id"), column("amount")))
    here.run(made)
    run = run_estate(here, bi(statement(sql)))
    assert parked(run) == []
    details = upstream(here)[here.table(TABLE)["id"]]
    told = {pair["toColumn"].rpartition(".")[2]: pair["fromColumns"] for pair in details["columnsLineage"]}
    assert told == {target: [f"{TABLE}.{source}"] for target, source in pairs.items()}
    assert details["sqlQuery"] == sql
    assert run_estate(here, bi(statement(sql))).written() == 0


def test_a_query_that_can_not_be_read_is_parked_and_keeps_what_was_drawn(here: Place) -> None:
    here.run(lake())
    run_estate(here, bi(statement("select id from orders")))
    broken = run_estate(here, bi(statement("select id from (")))
    assert (broken.lineage.removed, broken.lineage.parked) == (0, 1)
    assert len(upstream(here)) == 1


def test_two_findings_of_one_edge_are_one_with_the_columns_of_both(here: Place) -> None:
    here.run(lake())
    pairs = [(ColumnReference(MODEL, (name,)), ColumnReference(BOARD, ("by_day",))) for name in ("id", "sum")]
    own = [
        Edge(source=MODEL, target=BOARD, origin=Origin.DASHBOARD, columns=(ColumnPair((source,), target),))
        for source, target in pairs
    ]
    estate = bi(statement("select id from orders"), statement("select total as sum from sales.orders"), *own)
    assert run_estate(here, estate).lineage.created == 2
    (details,) = upstream(here).values()
    assert {pair["toColumn"] for pair in details["columnsLineage"]} == {"bi.model.orders.id", "bi.model.orders.sum"}
    (details,) = upstream(here, EntityType.DASHBOARD, "bi.sales").values()
    (pair,) = details["columnsLineage"]
    assert sorted(pair["fromColumns"]) == ["bi.model.orders.id", "bi.model.orders.sum"]
    assert run_estate(here, estate).written() == 0


def test_a_chart_that_is_not_there_does_not_cost_the_edge(anywhere: Place) -> None:
    pairs = tuple(
        ColumnPair((ColumnReference(MODEL, ("id",)),), ColumnReference(BOARD, (chart,))) for chart in ("by_day", "none")
    )
    estate = bi(Edge(source=MODEL, target=BOARD, origin=Origin.DASHBOARD, columns=pairs))
    assert run_estate(anywhere, estate).lineage.created == 1
    assert run_estate(anywhere, estate).written() == 0


def test_a_column_that_is_gone_elsewhere_costs_the_columns_and_not_the_edge(here: Place) -> None:
    here.run(lake())
    run_estate(here, bi(reads("sales", "orders")))
    other = lake()
    other.put("sales", "orders", columns=(column("total"),))
    here.run(other)
    changed = reads("sales", "orders").model_copy(update={"sql": "select 2"})
    second = run_estate(here, bi(changed))
    assert "drawn without columns" in parked(second)[0]
    (details,) = upstream(here).values()
    assert (details["sqlQuery"], details["columnsLineage"]) == ("select 2", [])
    third = run_estate(here, bi(changed))
    assert parked(third) == []
    (details,) = upstream(here).values()
    assert [pair["toColumn"] for pair in details["columnsLineage"]] == ["bi.model.orders.sum"]
    assert run_estate(here, bi(changed)).written() == 0


def test_another_service_in_the_recipe_is_looked_at_anew(here: Place) -> None:
    here.run(lake())
    here.run(lake("other"))
    estate = bi(reads("sales", "orders"))
    run_estate(here, estate, lineage_services=OF_LAKE)
    second = run_estate(here, estate, lineage_services={EntityType.DATABASE_SERVICE: ("other",)})
    assert (second.lineage.created, second.lineage.removed) == (1, 1)
    assert list(upstream(here)) == [here.table("other.db.sales.orders")["id"]]


@pytest.mark.parametrize("hard", [True, False])
def test_an_edge_from_a_neighbour_that_is_deleted_goes_when_its_origin_does(here: Place, hard: bool) -> None:
    here.run(lake())
    estate = bi(reads("sales", "orders"))
    run_estate(here, estate)
    here.soft_delete(EntityType.TABLE, TABLE, hard=hard)
    estate.lineage.clear()
    assert run_estate(here, estate).lineage.removed == 1
    assert upstream(here) == {}
    last = run_estate(here, estate)
    assert (last.lineage.removed, parked(last)) == (0, [])


def test_a_service_that_is_not_there_yet_is_named(here: Place) -> None:
    here.run(lake())
    estate = bi(reads("orders"))
    several = {EntityType.DATABASE_SERVICE: ("lake", "dw.db", '"my.lake"')}
    told = parked(run_estate(here, estate, lineage_services=several))
    assert told == ['orders: no place for orders in lake, dw.db, my.lake: the server has no service dw, "my.lake" yet']
    told = parked(run_estate(here, estate, lineage_services=OF_LAKE))
    assert told == ["orders: no place for orders in lake: too few names, another place, or nothing there yet"]


def exports(*names: str, told_by: tuple[Reference, ...] = ()) -> ForeignEdge:
    """An edge from something of the source to a table elsewhere."""
    target = Elsewhere(type=EntityType.TABLE, names=names)
    return ForeignEdge(source=BOARD, target=target, origin=Origin.PIPELINE, told_by=told_by)


def copies(source: str, target: str, told_by: tuple[Reference, ...] = ()) -> ForeignEdge:
    """An edge between two tables elsewhere."""
    ends = (Elsewhere(type=EntityType.TABLE, names=("sales", name)) for name in (source, target))
    return ForeignEdge(source=next(ends), target=next(ends), origin=Origin.PIPELINE, sql="copy", told_by=told_by)


def ids(place: Place, *tables: str) -> list[tuple[EntityType, str]]:
    return [(EntityType.TABLE, place.table(f"lake.db.sales.{name}")["id"]) for name in tables]


def two_tables() -> Lake:
    made = lake()
    made.put("sales", "returns")
    return made


def news(run: EstateRun) -> list[str]:
    return [note for note in run.plan.notes if "found otherwise than written" in note]


ORDERS, RETURNS = ((EntityType.TABLE, f"lake.db.sales.{name}") for name in ("orders", "returns"))
WITH_ENDS = [
    (reads("sales", "orders"), ORDERS, (EntityType.DATA_MODEL, "bi.model.orders")),
    (exports("sales", "orders"), (EntityType.DASHBOARD, "bi.sales"), ORDERS),
    (copies("returns", "orders"), RETURNS, ORDERS),
]


@pytest.mark.parametrize(("edge", "start", "end"), WITH_ENDS)
def test_what_people_did_to_an_edge_with_an_end_elsewhere_is_learnt_and_stays(
    anywhere: Place, edge: ForeignEdge, start: tuple[EntityType, str], end: tuple[EntityType, str]
) -> None:
    anywhere.run(two_tables())
    estate = bi(edge)
    assert run_estate(anywhere, estate).lineage.created == 1
    source, target = ((kind, str(anywhere.get(kind, fqn)["id"])) for kind, fqn in (start, end))
    (written,) = upstream(anywhere, *end).values()
    assert news(run_estate(anywhere, estate, full_listing="always")) == []

    ends = {"fromEntity": {"type": source[0], "id": source[1]}, "toEntity": {"type": target[0], "id": target[1]}}
    anywhere.admin.put_lineage({"edge": {**ends, "lineageDetails": {**written, "sqlQuery": "by hand"}}})
    changed = run_estate(anywhere, estate, full_listing="always")
    assert "(changed)" in news(changed)[0]
    assert (changed.lineage.parked, changed.lineage.unchanged) == (1, 0)

    anywhere.admin.delete_lineage(source, target)
    away = run_estate(anywhere, estate, full_listing="always")
    assert "(taken away)" in news(away)[0]
    again = run_estate(anywhere, estate, full_listing="always")
    assert (news(again), again.lineage.parked, again.written()) == ([], 1, 0)
    assert upstream(anywhere, *end) == {}


@pytest.mark.parametrize("edge", [reads("sales", "orders"), exports("sales", "orders"), copies("returns", "orders")])
def test_a_neighbour_made_anew_is_no_persons_doing(anywhere: Place, edge: ForeignEdge) -> None:
    anywhere.run(two_tables())
    estate = bi(edge)
    run_estate(anywhere, estate)
    for fqn in (TABLE, "lake.db.sales.returns"):
        anywhere.soft_delete(EntityType.TABLE, fqn, hard=True)
    anywhere.run(two_tables())
    again = run_estate(anywhere, estate, full_listing="always")
    assert (news(again), again.lineage.created, parked(again)) == ([], 1, [])
    last = run_estate(anywhere, estate, full_listing="always")
    assert (news(last), last.lineage.unchanged, last.written()) == ([], 1, 0)


def test_what_is_asked_about_edges_from_elsewhere_at_a_full_listing(here: Place) -> None:
    made = lake()
    for number in range(20):
        made.put("sales", f"t{number}")
    here.run(made)
    estate = bi(*(reads("sales", f"t{number}") for number in range(20)))
    run_estate(here, estate)
    here.sandbox.openmetadata.reset_counts()
    assert run_estate(here, estate, full_listing="always").written() == 0
    assert here.sandbox.openmetadata.counts["GET /v1/lineage/{type}/{id}"] == 1
    # The next look at each table, for its columns: what was found elsewhere is looked at anew as well.
    assert here.sandbox.openmetadata.counts["GET /v1/tables/name/{fqn}"] == 20


@pytest.mark.parametrize("told_by", [(), (BOARD,)])
def test_an_edge_between_others_goes_with_what_told_of_it(anywhere: Place, told_by: tuple[Reference, ...]) -> None:
    anywhere.run(two_tables())
    estate = bi(copies("returns", "orders", told_by))
    assert run_estate(anywhere, estate).lineage.created == 1
    assert run_estate(anywhere, estate).lineage.unchanged == 1
    estate.lineage.clear()
    assert run_estate(anywhere, estate).lineage.removed == 1
    assert upstream(anywhere, EntityType.TABLE, TABLE) == {}


def drop_the_board(estate: Estate) -> None:
    reason = Failed(reference=BOARD, step="read", reason="denied")
    estate.entities[BOARD] = reason  # type: ignore[assignment]


def break_off(estate: Estate) -> None:
    estate.failing.add(EntityType.DASHBOARD)


def filter_the_board(estate: Estate) -> None:
    estate.entities[BOARD] = Filtered(reference=BOARD, reason="a filter")  # type: ignore[assignment]


@pytest.mark.parametrize("told_by", [(), (BOARD,), (MODEL, BOARD)])
@pytest.mark.parametrize("how", [drop_the_board, break_off, filter_the_board])
@pytest.mark.parametrize("kind", ["between others", "into ours"])
def test_an_edge_stays_while_what_told_of_it_was_not_read(
    here: Place, told_by: tuple[Reference, ...], how: Callable[[Estate], None], kind: str
) -> None:
    if not told_by and kind == "into ours":
        told_by = (BOARD,)
    here.run(two_tables())
    edge = copies("returns", "orders", told_by)
    if kind == "into ours":
        edge = reads("sales", "orders").model_copy(update={"told_by": told_by})
    estate = bi(edge)
    run_estate(here, estate)
    estate.lineage.clear()
    how(estate)
    assert run_estate(here, estate).lineage.removed == 0
    untold = bi()
    assert run_estate(here, untold).lineage.removed == 1


def test_an_edge_stays_while_a_listing_that_may_tell_of_it_was_never_read(here: Place) -> None:
    """The earlier snapshots are lost, and the listing that told of the edge breaks off: nobody tells of it."""
    here.run(lake())
    estate = bi(reads("sales", "orders"))
    run_estate(here, estate)
    for file in (here.folder / "store").rglob("latest"):
        file.unlink()
    estate.failing.add(EntityType.DASHBOARD)
    assert run_estate(here, estate).lineage.removed == 0
    estate.failing.clear()
    estate.lineage.clear()
    assert run_estate(here, estate).lineage.removed == 1


def test_what_tells_of_an_edge_may_change_without_a_write(here: Place) -> None:
    here.run(two_tables())
    estate = bi(copies("returns", "orders", (MODEL,)))
    run_estate(here, estate)
    estate.lineage = [copies("returns", "orders", (BOARD,))]
    assert run_estate(here, estate).written() == 0
    estate.lineage.clear()
    drop_the_board(estate)
    assert run_estate(here, estate).lineage.removed == 0


@pytest.mark.parametrize("edge", [reads("sales", "orders"), copies("returns", "orders", (MODEL,))])
def test_an_edge_stays_while_a_neighbour_is_deleted_though_something_else_tells_of_it_now(
    here: Place, edge: ForeignEdge
) -> None:
    here.run(two_tables())
    estate = bi(edge)
    run_estate(here, estate)
    here.soft_delete(EntityType.TABLE, TABLE)
    estate.lineage = [edge.model_copy(update={"told_by": (BOARD,)})]
    second = run_estate(here, estate, full_listing="always")
    assert (second.lineage.removed, second.lineage.parked) == (0, 1)


def test_a_neighbour_that_never_comes_keeps_only_what_it_may_be(here: Place) -> None:
    made = two_tables()
    here.run(made)
    estate = bi(reads("sales", "orders"), reads("sales", "returns"))
    assert run_estate(here, estate).lineage.created == 2
    estate.lineage = [reads("strange", "sales", "RETURNS"), reads("sales", "nowhere")]
    second = run_estate(here, estate)
    assert (second.lineage.removed, second.lineage.parked) == (1, 2)
    assert list(upstream(here)) == [ids(here, "returns")[0][1]]


PARTS = st.text("abAB._x", min_size=1, max_size=3)


@given(st.lists(PARTS, min_size=3, max_size=3), st.integers(1, 3), st.booleans(), st.booleans())
def test_what_calls_a_table_by_its_own_names_may_always_mean_it(
    path: list[str], names: int, upper: bool, other: bool
) -> None:
    key = capabilities_of(Version(1, 5, 7)).names.key(Reference(EntityType.TABLE, ("svc", *path)))
    wanted = path[-names:]
    if other and names > 2:
        wanted[0] += "z"  # a catalog is called otherwise by each engine
    text = ".".join(wanted)
    assert may_mean(text.upper() if upper else text, key, limited=False)
    assert not may_mean(f"{text}z", key, limited=False)
    assert may_mean("", key, limited=False)


def test_of_the_services_that_a_recipe_names_those_of_another_system_hold_nothing(here: Place) -> None:
    """A table of Redshift is not the one of the same name in Glue."""
    here.run(lake())
    (reason,) = parked(run_estate(here, bi(reads("sales", "orders", system="redshift")), lineage_services=OF_LAKE))
    assert reason.endswith("none of the services that the recipe names (lake) is of redshift")
    assert upstream(here) == {}


def test_an_engine_that_runs_on_catalogs_of_others_is_looked_for_in_whatever_the_recipe_names(here: Place) -> None:
    here.run(lake())
    run = run_estate(here, bi(reads("sales", "orders", system="trino")), lineage_services=OF_LAKE)
    assert (run.lineage.created, parked(run)) == (1, [])


def test_what_a_recipe_says_of_this_very_thing_wins_over_what_it_names_for_all(here: Place) -> None:
    here.run(lake("lake"))
    here.run(lake("pond", database="db"))
    both = {EntityType.DATABASE_SERVICE: ("lake", "pond")}
    edge = reads("sales", "orders", system="redshift")
    assert isinstance(edge.source, Elsewhere)
    there = edge.model_copy(update={"source": edge.source.model_copy(update={"within": "pond.db"})})
    run = run_estate(here, bi(there), lineage_services=both)
    assert (run.lineage.created, parked(run)) == (1, [])
    assert list(upstream(here)) == [here.table("pond.db.sales.orders")["id"]]
