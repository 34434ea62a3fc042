"""The data sets of the sandbox's company, whose shapes botocore's own model has let through."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ingest_assets.catalog import Column, DataModel, Edge, Elsewhere, Finding, ForeignEdge, Note, Parked, Statement
from ingest_assets.lineage.sql import parse_query
from ingest_assets.lineage.statements import ReadStatement, read_statement
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_reports import fill
from ingest_assets.sandbox.company.boards_tables import MANIFEST_BUCKET, MANIFEST_KEY
from ingest_assets.sandbox.company.objects import Buckets
from ingest_assets.sources.quicksight.data_set_lineage import DataSetContext, known_data_set
from ingest_assets.sources.quicksight.shapes import DataSet, DataSource
from ingest_assets_tests.sources.quicksight.data_sets import ACCOUNT, findings, model, pairs

LAKE = {
    ("logistics", "parcels"): ["parcel_id", "service", "created_at", "weight_kg"],
    ("logistics", "deliveries"): ["parcel_id", "courier_id", "outcome", "delivered_at"],
    ("logistics", "hubs"): ["hub_id", "name", "lat", "lon"],
    ("sales", "order_lines"): ["order_id", "quantity", "unit_price"],
}


@cache
def company() -> tuple[dict[str, DataSet], DataSetContext]:
    boards, buckets = Boards(ACCOUNT, "eu-west-1"), Buckets()
    fill(boards, buckets)
    described = {
        name: DataSet.model_validate(asset.row)
        for name, asset in boards.assets("dataset").items()
        if asset.undescribed is None
    }
    sources = [DataSource.model_validate(asset.row) for asset in boards.assets("datasource").values()]
    stored = buckets.objects(MANIFEST_BUCKET)
    assert stored is not None
    where = DataSetContext(
        "qs",
        {each.arn: each for each in sources},
        {each.arn: known_data_set(each) for each in described.values()},
        {boards.arn("datasource", "price-files"): stored[MANIFEST_KEY].body.decode()},
    )
    return described, where


def found(name: str) -> list[Finding]:
    described, where = company()
    return [each for each in findings(described[name], where) if not isinstance(each, DataModel)]


def told(name: str) -> dict[str, dict[str, list[str]]]:
    """Each thing that a data set reads, and which of its columns flow into which."""
    flows: dict[str, dict[str, list[str]]] = {}
    for each in found(name):
        if isinstance(each, Statement):
            read = read_statement(each, parse_query)
            assert isinstance(read, ReadStatement), read
            known: dict[Elsewhere, Sequence[str]] = {one: LAKE[one.names] for one in read.tables() if one.names in LAKE}
            flows.update({str(edge.source): pairs(edge) for edge in read.edges(known)})
        else:
            assert isinstance(each, Edge | ForeignEdge), each
            flows[str(each.source)] = pairs(each)
    return flows


def columns(name: str) -> dict[str, Column]:
    described, where = company()
    return {column.name: column for column in model(described[name], where).columns}


def test_every_column_of_every_data_set_has_a_source_but_for_constants() -> None:
    described, where = company()
    assert len(described) > 8
    for data_set in described.values():
        for each in findings(data_set, where):
            assert not isinstance(each, Note), each


def test_a_join_with_names_that_collide_is_followed_to_both_tables() -> None:
    assert told("orders-with-customers") == {
        "sales.orders": {
            "order_id": ["order_id"],
            "ordered_at": ["ordered_at"],
            "status": ["status"],
            "Total": ["total"],
            "promotion_id": ["promotion_id"],
            "Order year": ["ordered_at"],
        },
        "sales.customers": {
            "email": ["email"],
            "country": ["country"],
            "Customer since": ["created_at"],
            "Buyer": ["name", "email"],
        },
    }
    assert columns("orders-with-customers")["country"].description == "Geographic role: country."


def test_a_data_set_on_a_data_set_is_followed_to_that() -> None:
    parent = "dashboardDataModel qs / orders-with-customers"
    assert told("key-accounts") == {parent: {"Buyer": ["Buyer"], "Spent": ["Total"], "country": ["country"]}}
    assert told("invoiced-orders") == {
        parent: {"Open share": ["Total"]},
        "finance.invoices": {
            "invoice_id": ["invoice_id"],
            "amount": ["amount"],
            "due_on": ["due_on"],
            "Open share": ["amount"],
        },
    }


def test_queries_are_followed_to_their_tables_with_and_without_told_columns() -> None:
    assert told("order-values") == {
        "sales.order_lines": {"order_id": ["order_id"], "net": ["quantity", "unit_price"]},
    }
    delays = told("parcel-delays")
    assert delays["logistics.parcels"]["service_level"] == ["service"]
    assert delays["logistics.parcels"]["hours"] == ["created_at"]
    assert delays["logistics.deliveries"] == {"outcome": ["outcome"], "hours": ["delivered_at"]}
    assert delays["logistics.hubs"] == {"hub": ["name"], "lat": ["lat"], "lon": ["lon"]}
    assert delays["logistics.couriers"] == {}


def test_steps_of_the_new_preparation_are_followed() -> None:
    assert told("return-reasons") == {"sales.returns": {"Reason": ["reason"], "Refunds": ["refunded"]}}


def test_files_are_found_by_their_manifest_and_what_is_elsewhere_is_named() -> None:
    (edge,) = found("price-list")
    assert isinstance(edge, ForeignEdge)
    assert str(edge.source).endswith("/sales/prices/")
    (lost,) = found("crm-accounts")
    assert isinstance(lost, Parked)
    assert (lost.wanted, lost.reason.partition(" is ")[2]) == (
        "Account",
        "Salesforce, of which OpenMetadata has no tables",
    )
