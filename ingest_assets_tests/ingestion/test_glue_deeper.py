"""Glue recipes with Lake Formation's tags, containers in S3, and several regions and accounts, into OpenMetadata."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import Container, EntityType, StorageService
from ingest_assets.sandbox.aws.identity import Role
from ingest_assets.sandbox.server import READER_ACTIONS
from ingest_assets_tests.ingestion.estates import Estate, run_estate
from ingest_assets_tests.ingestion.lakes import column
from ingest_assets_tests.ingestion.recipes import GlueRecipe, hide_own_aws
from ingest_assets_tests.ingestion.runs import Place

ACCOUNT = "123456789012"
SALES = f"glue.{ACCOUNT}.sales"
LAKE = "norrpost-lake"


def tags(entity: dict[str, Any]) -> list[str]:
    return sorted(label["tagFQN"] for label in entity.get("tags", []))


def column_tags(place: Place, fqn: str, name: str) -> list[str]:
    columns = {each["name"]: each for each in place.table(fqn, "columns,tags")["columns"]}
    return tags(columns[name])


def storage(*paths: tuple[str, ...]) -> Estate:
    estate = Estate(StorageService(path=("s3",), service_type="S3"))
    for path in paths:
        made = Container(path=("s3", *path), prefix="/" + "/".join(path[1:]), full_path="s3://" + "/".join(path))
        estate.put(made.model_copy(update={"columns": (column("ORDER_ID"),)}) if len(path) > 1 else made)
    return estate


@pytest.fixture
def reading(here: Place, recipe: GlueRecipe) -> GlueRecipe:
    """A recipe whose user may see tags and assume roles."""
    actions = frozenset({*READER_ACTIONS, "sts:AssumeRole"})
    recipe.principal = here.sandbox.aws.identities.add_principal("deeper", actions, account=ACCOUNT)
    return recipe


def test_tags_arrive_with_their_classifications_and_a_second_run_writes_nothing(
    anywhere: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_own_aws(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", anywhere.sandbox.aws_endpoint_url)
    recipe = GlueRecipe(anywhere.sandbox, anywhere.folder, principal=anywhere.sandbox.reader)
    recipe.run()
    assert tags(anywhere.get(EntityType.TABLE, f"{SALES}.customers", "tags")) == [
        "confidentiality.confidential",
        "domain.shop",
    ]
    restricted = ["confidentiality.restricted", "domain.shop", "pii.yes"]
    assert column_tags(anywhere, f"{SALES}.customers", "email") == restricted
    assert column_tags(anywhere, f"{SALES}.customers", "customer_id") == ["confidentiality.confidential", "domain.shop"]
    word = anywhere.get(EntityType.TAG, "confidentiality.restricted")
    assert word["description"] == "Value restricted of the LF-tag confidentiality of AWS Lake Formation."
    anywhere.sandbox.openmetadata.reset_counts()
    assert recipe.run().written() == 0
    assert anywhere.writes() == []


def test_tags_follow_lake_formation_and_stay_while_they_can_not_be_read(here: Place, reading: GlueRecipe) -> None:
    reading.run()
    lake = here.sandbox.company.lf_tags
    lake.unassign("pii", "sales", "customers", "email")
    lake.assign({"confidentiality": "public"}, "sales", "customers")
    reading.run()
    assert tags(here.table(f"{SALES}.customers", "tags")) == ["confidentiality.public", "domain.shop"]
    assert column_tags(here, f"{SALES}.customers", "email") == ["confidentiality.restricted", "domain.shop"]
    lake.unassign("confidentiality", "sales", "customers")
    here.sandbox.faults.add("access-denied", service="lakeformation", operation="SearchTablesByLFTags", count=None)
    assert not reading.run().tables.failed
    here.sandbox.faults.clear()
    assert tags(here.table(f"{SALES}.customers", "tags")) == ["confidentiality.public", "domain.shop"]
    assert column_tags(here, f"{SALES}.customers", "email") == ["confidentiality.restricted", "domain.shop"]
    reading.principal = here.sandbox.principal
    denied = reading.run()
    assert not denied.tables.updated
    assert len([note for note in denied.snapshot.notes if "Lake Formation's tags" in note]) == 1
    assert tags(here.table(f"{SALES}.customers", "tags")) == ["confidentiality.public", "domain.shop"]


def test_what_people_tagged_stays(here: Place, reading: GlueRecipe) -> None:
    reading.run()
    label = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
    table = here.table(f"{SALES}.customers", "tags")
    here.admin.patch(f"/v1/tables/{table['id']}", [{"op": "add", "path": "/tags/-", "value": label}])
    here.sandbox.company.lf_tags.unassign("domain", "sales")
    reading.run()
    kept = ["PII.Sensitive", "confidentiality.confidential"]
    assert tags(here.table(f"{SALES}.customers", "tags")) == kept


def test_tables_come_from_the_containers_that_hold_them_and_from_no_others(here: Place, reading: GlueRecipe) -> None:
    run_estate(here, storage((LAKE,), (LAKE, "sales"), (LAKE, "sales", "orders")))
    reading.dagster = {"source": {"storage_services": ["s3"]}}
    first = reading.run()
    assert not [problem for problem in first.lineage.problems if "s3://" in problem.reason]
    (note,) = [note for note in first.plan.notes if "and need not" in note]
    assert "Of the first: no container holds it but the whole bucket" in note
    orders = here.get(EntityType.CONTAINER, "s3.norrpost-lake.sales.orders")["id"]
    (edge,) = here.edges_to(f"{SALES}.orders")
    assert edge["fromEntity"] == orders
    assert edge["lineageDetails"]["source"] == "ExternalTableLineage"
    (pair,) = edge["lineageDetails"]["columnsLineage"]
    assert pair["fromColumns"] == ["s3.norrpost-lake.sales.orders.ORDER_ID"]
    assert pair["toColumn"] == f"{SALES}.orders.order_id"
    above = here.get(EntityType.CONTAINER, "s3.norrpost-lake.sales")["id"]
    assert [each["fromEntity"] for each in here.edges_to(f"{SALES}.customers")] == [above]
    assert here.edges_to(f"glue.{ACCOUNT}.clickstream.clicks") == []
    here.sandbox.openmetadata.reset_counts()
    second = reading.run()
    assert (second.written(), here.writes()) == (0, [])
    counts = here.sandbox.openmetadata.counts
    assert sum(number for name, number in counts.items() if "ontainers" in name or "storageServ" in name) <= 2
    reading.dagster = {}
    third = reading.run()
    assert third.lineage.removed == first.lineage.created - third.lineage.unchanged
    assert here.edges_to(f"{SALES}.orders") == []


def test_a_server_without_containers_is_asked_nothing_unless_the_recipe_says_so(
    here: Place, reading: GlueRecipe
) -> None:
    first = reading.run()
    counts = here.sandbox.openmetadata.counts
    assert not [name for name in counts if "ontainers" in name or "storageServ" in name]
    assert not [note for note in first.plan.notes if "and need not" in note]
    reading.dagster = {"source": {"storage_services": ["to_come"]}}
    second = reading.run()
    assert (second.lineage.parked, second.written()) == (first.lineage.parked, 0)
    (note,) = [note for note in second.plan.notes if "and need not" in note]
    assert "to_come" in note


def test_regions_and_accounts_of_one_recipe_are_databases_of_one_service(here: Place, reading: GlueRecipe) -> None:
    before = reading.run()
    company = here.sandbox.company.glue
    company.at("eu-west-1").add_database("returns")
    company.at("eu-west-1").put_table("returns", {**company.table("sales", "orders"), "Name": "parcels"})
    role = Role("345678901234", "reader", frozenset(READER_ACTIONS), external_id="norrpost-7")
    arn = here.sandbox.aws.identities.add_role(role).arn
    account = {"assumeRoleArn": arn, "assumeRoleExternalId": "norrpost-7", "regions": ["eu-north-1"]}
    reading.dagster = {"source": {"regions": ["eu-west-1"], "accounts": [account]}}
    second = reading.run()
    assert not second.snapshot.problems
    assert second.tables.unchanged + second.tables.updated == before.tables.created
    assert here.table(f"glue.{ACCOUNT}_eu-west-1.returns.parcels")["columns"]
    closures = here.table("glue.345678901234.weather.road_closures")
    (edge,) = here.edges_to(f"glue.{ACCOUNT}.logistics.partner_road_closures")
    assert edge["fromEntity"] == closures["id"]
    assert len(edge["lineageDetails"]["columnsLineage"]) == 4
    assert reading.run().written() == 0
    company.at("eu-west-1").drop_table("returns", "parcels")
    assert reading.run().stale_fqns() == [f"glue.{ACCOUNT}_eu-west-1.returns.parcels"]


def test_a_region_that_a_recipe_no_longer_names_is_kept(here: Place, reading: GlueRecipe) -> None:
    company = here.sandbox.company.glue
    company.at("eu-west-1").add_database("returns")
    company.at("eu-west-1").put_table("returns", {"Name": "parcels"})
    reading.config = {"markDeletedSchemas": True, "markDeletedDatabases": True}
    reading.dagster = {"source": {"regions": ["eu-west-1"]}, "stale": {"max_percent": 100}}
    reading.run()
    reading.dagster = {"stale": {"max_percent": 100}}
    second = reading.run()
    assert second.stale.removed == 0
    assert not here.table(f"glue.{ACCOUNT}_eu-west-1.returns.parcels").get("deleted")
