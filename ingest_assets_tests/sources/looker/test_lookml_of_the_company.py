"""The company's LookML as findings, with what its own Looker answers of explores."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import Classification, DataModel, Failed, Filtered, Finding, Note, Parked, Tag
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.looker_instance import project_files
from ingest_assets.sources.looker.connections import Connection
from ingest_assets.sources.looker.lookml.models import LookmlProject
from ingest_assets.sources.looker.lookml.parsing import ParseCache
from ingest_assets.sources.looker.lookml.project import ProjectFiles
from ingest_assets_tests.sources.looker.projects import edges, findings, model, models, of

ATHENA = Connection("norrpost_athena", "athena", "awsdatacatalog", "sales")
TRINO = Connection("norrpost_trino", "trino", "lake", "logistics")
PLACES = {"norrpost_trino": "glue_prod.123456789012"}


def company(main: str, *imported: str, **changes: object) -> list[Finding]:
    """A project of the company as findings, with what its own Looker answers of explores."""
    explores = {
        (row["model_name"], row["name"]): frozenset(
            field["name"] for kind in ("dimensions", "measures") for field in row["fields"][kind]
        )
        for row in Company().looker.explores.all()
        if row["fields"]["dimensions"]
    }
    others = [ProjectFiles(name, project_files(name)) for name in imported]
    read = LookmlProject(ProjectFiles(main, project_files(main)), others, ParseCache())
    told: dict[str, object] = {
        "connections": {each.name: each for each in (ATHENA, TRINO)},
        "places": PLACES,
        "user_attributes": {"ledger_schema": "finance"},
        "include_tags": True,
        "explores": explores,
    }
    return findings(read, **{**told, **changes})


@pytest.fixture(scope="module")
def norrpost() -> list[Finding]:
    return company("norrpost", "parcels", "blocks", "geo")


def test_the_company_has_a_data_model_for_each_view_of_a_model_and_one_for_that_of_none(
    norrpost: list[Finding],
) -> None:
    assert sorted(models(norrpost)) == [
        *(f"finance_{name}_view" for name in ("customers", "invoices", "ledger", "payouts", "returns")),
        "norrpost_stores_view",
        *("shop_calendar_view", "shop_customer_facts_view", "shop_customers_view", "shop_daily_orders_view"),
        *("shop_order_facts_view", "shop_order_lines_view", "shop_orders_view", "shop_parcels_view"),
        *("shop_prices_view", "shop_products_view", "shop_returns_view", "shop_sessions_view"),
    ]
    assert [each.reference for each in of(Filtered, norrpost)] == [model("norrpost_person_base_view")]
    assert not of(Failed, norrpost)
    assert not of(Parked, norrpost)


def test_a_view_has_its_fields_as_columns_and_the_text_of_its_own_block(norrpost: list[Finding]) -> None:
    orders = models(norrpost)["shop_orders_view"]
    columns = {column.name: column for column in orders.columns}
    assert (columns["revenue"].data_type, columns["revenue"].data_type_display) == ("NUMBER", "sum")
    assert columns["weeks_until_return"].data_type_display == "duration_week"
    assert [name for name in columns if name.startswith("ordered_")] == [
        f"ordered_{timeframe}" for timeframe in ("raw", "time", "date", "week", "month", "quarter", "year")
    ]
    assert "grain" not in columns  # a parameter
    assert (columns["state"].display_name, columns["state"].description) == ("Order status", "Where the order is")
    assert columns["revenue"].display_name is None
    assert columns["customer_id"].description == "Hidden in Looker."
    assert (orders.data_model_type, orders.project, orders.display_name) == ("LookMlView", "norrpost", "Orders")
    assert orders.source_url == "https://lk.example/projects/norrpost/files/views/orders.view.lkml?line=1"
    assert orders.sql is not None
    assert orders.sql.startswith("view: orders {")
    assert orders.sql.endswith("}")
    payouts = models(norrpost)["finance_payouts_view"]
    assert payouts.sql is not None
    assert payouts.sql.startswith("view: payouts {")
    assert "explore:" not in payouts.sql


def test_the_companys_views_come_from_the_tables_that_their_models_connections_have(norrpost: list[Finding]) -> None:
    tables = sorted(ends for ends in edges(norrpost) if "." in ends[0])
    assert tables == [
        ("clickstream.sessions", "shop_sessions_view"),
        ("finance.exchange_rates", "shop_calendar_view"),
        ("finance.invoices", "finance_invoices_view"),
        ("finance.ledger_entries", "finance_ledger_view"),
        ("finance.payouts", "finance_payouts_view"),
        ("logistics.parcels", "shop_parcels_view"),
        ("sales.customers", "finance_customers_view"),
        ("sales.customers", "shop_customers_view"),
        ("sales.order_lines", "shop_order_facts_view"),
        ("sales.order_lines", "shop_order_lines_view"),
        ("sales.orders", "shop_customer_facts_view"),
        ("sales.orders", "shop_order_facts_view"),
        ("sales.orders", "shop_orders_view"),
        ("sales.prices", "shop_prices_view"),
        ("sales.products", "shop_products_view"),
        ("sales.returns", "finance_returns_view"),
        ("sales.returns", "shop_returns_view"),
        ("sales.stores", "norrpost_stores_view"),
    ]
    found = edges(norrpost)
    assert found["sales.orders", "shop_orders_view"]["state"] == {"status"}
    assert found["finance.payouts", "finance_payouts_view"]["net"] == {"gross", "fees"}
    assert found["sales.customers", "shop_customers_view"]["wants_newsletter"] == {"consent/newsletter"}


def test_the_companys_views_flow_into_each_other_and_into_explores_by_their_aliases(norrpost: list[Finding]) -> None:
    found = edges(norrpost)
    assert found["shop_products_view", "shop_order_lines_view"] == {"weight_g": {"weight_g"}}
    assert found["shop_order_facts_view", "shop_customer_facts_view"] == {"customer_id": {"customer_id"}}
    assert found["shop_orders", "shop_daily_orders_view"] == {
        "day": {"orders.ordered_date"},
        "status": {"orders.state"},
        "running": {"orders.ordered_date", "orders.revenue"},
        "revenue": {"orders.revenue"},
    }
    assert found["shop_customers_view", "shop_orders"]["buyer.email"] == {"email"}
    assert found["finance_customers_view", "finance_invoices"]["debtor.email"] == {"email"}
    assert found["finance_returns_view", "finance_refunds"]["returns.refunded"] == {"refunded"}
    assert found["shop_sessions_view", "shop_visits"]["visits.begun_date"] == {"begun_date"}


def test_what_is_wrong_in_the_companys_lookml_is_told(norrpost: list[Finding]) -> None:
    why = "the explore 'old_campaigns' uses the view 'campaigns' as 'campaigns', which is not included"
    assert [note.text for note in of(Note, norrpost)] == [f"//norrpost/models/shop.model.lkml line 52: {why}."]


def test_tags_come_before_what_has_them_on(norrpost: list[Finding]) -> None:
    told: set[tuple[str, ...]] = set()
    for each in norrpost:
        if isinstance(each, Classification | Tag):
            told.add(each.path)
        elif isinstance(each, DataModel):
            labels = [*(each.labels or ()), *(label for column in each.columns for label in column.labels or ())]
            assert {tuple(label.fqn.split(".")) for label in labels} <= told
    assert told == {("LookerTags",), *(("LookerTags", text) for text in ("personal data", "pii", "lifecycle"))}
    email = next(each for each in models(norrpost)["shop_customers_view"].columns if each.name == "email")
    assert [label.fqn for label in email.labels or ()] == ["LookerTags.pii"]


def test_the_place_of_a_connection_stands_for_its_own_database() -> None:
    found = company("parcels")
    assert ("logistics.scans", "parcels_scans_view") in edges(found)
    assert edges(found)["logistics.hubs", "parcels_hubs_view"]["place"] == {"lat", "lon"}
    assert ("lake.logistics.scans", "parcels_scans_view") in edges(company("parcels", places={}))


def test_the_same_project_comes_to_the_same_in_the_same_order() -> None:
    assert company("norrpost", "parcels", "blocks", "geo") == company("norrpost", "geo", "blocks", "parcels")
