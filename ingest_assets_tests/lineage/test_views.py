from __future__ import annotations

import pytest

from ingest_assets.catalog import Column, Edge, Note, Origin, Parked, Table
from ingest_assets.lineage.views import KnownTable, ParsedView, parse_view, view_edges
from ingest_assets_tests.lineage.test_sql import STARS

PLACE = ("lake", "123456789012", "sales")
TABLES = [
    KnownTable((*PLACE, "Orders"), ["Id", "total", "cust"]),
    KnownTable((*PLACE, "customers"), ["id", "name"]),
    KnownTable(("lake", "123456789012", "crm", "customers"), ["id", "region"]),
    KnownTable(("lake", "210987654321", "shared", "rates"), ["day", "rate"]),
    KnownTable(("lake", "123456789012:s3tablescatalog/tele", "ns", "events"), ["at"]),
]
BY_PATH = {tuple(part.lower() for part in table.path): table for table in TABLES}


def _view(sql: str | None, columns: str = "", path: tuple[str, ...] = (*PLACE, "v"), dialect: str = "trino") -> Table:
    made = (Column(name=name, data_type="INT", data_type_display="int") for name in columns.split())
    return Table(path=path, table_type="View", columns=tuple(made), sql=sql, dialect=dialect)


def _found(view: Table) -> list[Edge | Parked | Note]:
    return list(view_edges([view], BY_PATH.get))


def _edges(view: Table) -> dict[tuple[str, ...], dict[str, list[str]]]:
    edges = [each for each in _found(view) if isinstance(each, Edge)]
    return {
        edge.source.path[1:]: {pair.target.path[0]: [each.path[0] for each in pair.sources] for pair in edge.columns}
        for edge in edges
    }


def test_an_edge_says_where_it_comes_from() -> None:
    view = _view("select id, total from orders", "order_id total")
    (edge,) = _found(view)
    assert isinstance(edge, Edge)
    assert (edge.origin, edge.sql, edge.target) == (Origin.VIEW, view.sql, view.reference)
    assert edge.source.path == (*PLACE, "Orders")
    assert {pair.target.entity for pair in edge.columns} == {view.reference}
    assert {each.entity for pair in edge.columns for each in pair.sources} == {edge.source}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("orders", ("123456789012", "sales", "Orders")),
        ("ORDERS", ("123456789012", "sales", "Orders")),
        ("sales.orders", ("123456789012", "sales", "Orders")),
        ("crm.customers", ("123456789012", "crm", "customers")),
        ('"awsdatacatalog"."crm"."customers"', ("123456789012", "crm", "customers")),
        ("glue_catalog.crm.customers", ("123456789012", "crm", "customers")),
        ('"123456789012".crm.customers', ("123456789012", "crm", "customers")),
        ('"210987654321".shared.rates', ("210987654321", "shared", "rates")),
        ('"s3tablescatalog/tele".ns.events', ("123456789012:s3tablescatalog/tele", "ns", "events")),
    ],
)
def test_names_are_completed_from_the_views_own_place(name: str, path: tuple[str, ...]) -> None:
    assert list(_edges(_view(" ".join(["select * from", name])))) == [path]


def test_another_catalogs_name_is_not_taken_for_the_own_one() -> None:
    (parked,) = _found(_view("select * from postgres.crm.customers"))
    assert isinstance(parked, Parked)
    assert parked.wanted == "postgres.crm.customers"


@pytest.mark.parametrize(
    ("namespace", "name", "found"),
    [
        (("awsdatacatalog", "crm"), "customers", ("123456789012", "crm", "customers")),
        (("spark_catalog", "crm"), "customers", ("123456789012", "crm", "customers")),
        (("CRM",), "customers", ("123456789012", "crm", "customers")),
        (("awsdatacatalog", "crm"), "sales.orders", ("123456789012", "sales", "Orders")),
        (("s3tablescatalog/tele", "ns"), "events", ("123456789012:s3tablescatalog/tele", "ns", "events")),
        (("210987654321", "crm"), "shared.rates", ("210987654321", "shared", "rates")),
        (("210987654321", "crm"), "awsdatacatalog.crm.customers", ("123456789012", "crm", "customers")),
        # Trino's own name for the catalog: the session was in the schema that the view lies in.
        (("lakehouse", "sales"), "orders", ("123456789012", "sales", "Orders")),
        (("lakehouse", "sales"), "lakehouse.crm.customers", ("123456789012", "crm", "customers")),
        # It was in another schema: that may be another database altogether.
        (("postgres", "crm"), "customers", None),
        (("postgres", "crm"), "sales.orders", None),
        (("awsdatacatalog", "elsewhere"), "orders", None),
    ],
)
def test_unqualified_names_belong_where_the_view_was_made(
    namespace: tuple[str, ...], name: str, found: tuple[str, ...] | None
) -> None:
    view = _view(" ".join(["select * from", name])).model_copy(update={"sql_namespace": namespace})
    assert list(_edges(view)) == ([found] if found else [])


@pytest.mark.parametrize(
    ("place", "name", "found"),
    [
        ("label", '"123456789012".sales.orders', "label"),
        ("label", "awsdatacatalog.sales.orders", "label"),
        ("label", "label.sales.orders", "label"),
        ("label", '"s3tablescatalog/tele".sales.orders', "123456789012:s3tablescatalog/tele"),
        ("123456789012:s3tablescatalog/tele", '"123456789012".sales.orders', "label"),
        ("210987654321", '"123456789012".sales.orders', "label"),
        ("label", '"210987654321".sales.orders', "210987654321"),
        ("label", "postgres.sales.orders", None),
    ],
)
def test_sql_may_name_a_labelled_catalog_by_its_id(place: str, name: str, found: str | None) -> None:
    databases = ("label", "123456789012:s3tablescatalog/tele", "210987654321")
    paths: list[tuple[str, ...]] = [("lake", database, "sales", "orders") for database in databases]
    tables = {path: KnownTable(path, ["id"]) for path in paths}
    view = _view(" ".join(["select * from", name]), path=("lake", place, "x", "v"))
    view = view.model_copy(update={"sql_databases": (("123456789012", "label"),)})
    edges = [each for each in view_edges([view], tables.get) if isinstance(each, Edge)]
    assert [edge.source.path[1] for edge in edges] == ([found] if found else [])


def test_each_table_gets_its_own_columns_only() -> None:
    view = _view(
        "select o.id, c.name, o.total || c.name as x from orders o join customers c on o.cust = c.id", "id name x"
    )
    assert _edges(view) == {
        ("123456789012", "sales", "Orders"): {"id": ["Id"], "x": ["total"]},
        ("123456789012", "sales", "customers"): {"name": ["name"], "x": ["name"]},
    }


def test_columns_are_told_by_position_or_else_by_name() -> None:
    assert _edges(_view("select id, total from orders", "A B"))[("123456789012", "sales", "Orders")] == {
        "A": ["Id"],
        "B": ["total"],
    }
    assert _edges(_view("select id, total from orders", "TOTAL extra more"))[("123456789012", "sales", "Orders")] == {
        "TOTAL": ["total"]
    }


def test_a_table_that_was_not_read_is_parked_and_the_others_keep_their_edges() -> None:
    view = _view("select o.id from orders o join gone g on g.id = o.id", "id")
    found = _found(view)
    assert [each.wanted for each in found if isinstance(each, Parked)] == ["gone"]
    assert _edges(view) == {("123456789012", "sales", "Orders"): {"id": ["Id"]}}


def test_sql_that_cannot_be_read_leaves_the_views_edges_unknown() -> None:
    (parked,) = _found(_view("select ((", "id"))
    assert isinstance(parked, Parked)
    assert parked.wanted == ""
    assert parked.reason


def test_a_view_does_not_feed_itself() -> None:
    table = KnownTable((*PLACE, "v"), ["id"])
    assert list(view_edges([_view("select id from v", "id")], {table.path: table}.get)) == []


def test_one_table_under_two_names_makes_one_edge() -> None:
    view = _view("select a.id, b.total from orders a join sales.Orders b on a.id = b.id", "id total")
    assert _edges(view) == {("123456789012", "sales", "Orders"): {"id": ["Id"], "total": ["total"]}}


def test_columns_that_cannot_be_followed_leave_the_edge_and_a_note() -> None:
    edge, note = sorted(_found(_view(STARS)), key=lambda each: type(each).__name__)
    assert isinstance(edge, Edge)
    assert edge.columns == ()
    assert isinstance(note, Note)


def test_tables_are_passed_by() -> None:
    assert _found(_view(None)) == []


def test_a_view_whose_text_is_hidden_is_parked() -> None:
    view = _view(None).model_copy(update={"unknown": frozenset({"sql"})})
    assert _found(view) == [Parked(target=view.reference, reason="its SQL is not shown to us")]


def test_columns_are_wanted_only_for_the_tables_that_a_view_names() -> None:
    parsed = parse_view(_view("select * from crm.customers, x"))
    assert isinstance(parsed, ParsedView)
    assert parsed.candidates == (
        (("lake", "123456789012", "crm", "customers"),),
        (("lake", "123456789012", "sales", "x"),),
    )
