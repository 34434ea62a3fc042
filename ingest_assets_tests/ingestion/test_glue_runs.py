"""The company's Glue catalog into OpenMetadata, as recipes say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.errors import AuthenticationError, RemoteError, UnavailableError
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.sandbox.server import DOCUMENTED_ACTIONS
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.glue.source import GlueSource
from ingest_assets_tests.ingestion.recipes import GlueRecipe
from ingest_assets_tests.ingestion.runs import Place, run_once, run_steps

ACCOUNT = "123456789012"
OWNED = {"includeOwners": True}


def test_everything_that_the_company_has_arrives_and_a_second_run_writes_nothing(
    here: Place, recipe: GlueRecipe
) -> None:
    recipe.config = OWNED
    first = recipe.run()
    assert not first.snapshot.problems
    assert first.tables.created == first.tables.listed > 50
    assert first.lineage.created > 3
    assert not first.tables.failed
    here.sandbox.openmetadata.reset_counts()
    second = recipe.run()
    assert second.written() == 0
    assert here.writes() == []
    assert second.tables.unchanged == first.tables.created
    assert second.lineage.unchanged == first.lineage.created


def test_owners_that_are_there_arrive_and_others_are_one_note_each(here: Place, recipe: GlueRecipe) -> None:
    recipe.config = OWNED
    first = recipe.run()
    features = here.table(f"glue.{ACCOUNT}.ml_features.customer_features", "owners")
    assert [owner["name"] for owner in features["owners"]] == ["data-science"]
    notes = [note for note in first.plan.notes if note.startswith("Owner ")]
    assert len(notes) == len(set(notes)) > 0
    assert not any("data-science" in note for note in notes)


def test_owners_are_not_asked_for_unless_the_recipe_says_so(here: Place, recipe: GlueRecipe) -> None:
    recipe.run()
    assert not here.table(f"glue.{ACCOUNT}.ml_features.customer_features", "owners").get("owners")
    assert here.sandbox.openmetadata.counts["GET /v1/users/name/{fqn}"] == 0


def test_tables_that_are_left_out_are_filtered_and_never_stale(recipe: GlueRecipe) -> None:
    first = recipe.run()
    recipe.config = {"includeTables": False}
    second = recipe.run()
    assert second.tables.filtered > second.tables.unchanged > 0
    assert second.tables.filtered + second.tables.unchanged == first.tables.created
    assert second.stale_fqns() == []
    recipe.config = {"includeViews": False, "schemaFilterPattern": {"excludes": ["sales"]}}
    third = recipe.run()
    assert (third.schemas.filtered, third.schemas.unchanged) == (1, first.schemas.created - 1)
    assert third.stale_fqns() == []


def test_a_change_in_glue_arrives_and_only_that_is_written(here: Place, recipe: GlueRecipe) -> None:
    recipe.run()
    glue = here.sandbox.company.glue
    schema, table = "ml_features", "eta_predictions"
    storage = glue.table(schema, table)["StorageDescriptor"]
    columns = [*storage["Columns"], {"Name": "seen", "Type": "boolean"}]
    glue.alter_table(schema, table, StorageDescriptor={**storage, "Columns": columns})
    glue.drop_table(schema, "feature_registry")
    second = recipe.run()
    assert (second.tables.updated, second.written()) == (1, 1)
    assert second.stale_fqns() == [f"glue.{ACCOUNT}.{schema}.feature_registry"]
    assert "seen" in [each["name"] for each in here.table(f"glue.{ACCOUNT}.{schema}.{table}")["columns"]]


def test_a_database_that_may_not_be_read_costs_itself(here: Place, recipe: GlueRecipe) -> None:
    before = recipe.run()
    here.sandbox.faults.add("access-denied", service="glue", operation="GetTables", match="sales", count=None)
    second = recipe.run()
    (problem,) = second.snapshot.problems
    assert problem.fqn == f"glue / {ACCOUNT} / sales"
    assert "not authorized" in problem.reason
    assert 0 < second.tables.unchanged < before.tables.created
    assert (second.stale_fqns(), second.written()) == ([], 0)
    here.sandbox.faults.clear()
    assert recipe.run().tables.unchanged == before.tables.created


def test_what_lake_formation_hides_is_shown_as_stale_for_a_person_to_judge(here: Place, recipe: GlueRecipe) -> None:
    """Listings leave it out without a word: that is why a removal will ask for each by name."""
    recipe.run()
    identities = here.sandbox.aws.identities
    recipe.principal = identities.add_principal(
        "blind", DOCUMENTED_ACTIONS, account=ACCOUNT, hidden=["ml_features.model_cards"]
    )
    assert recipe.run().stale_fqns() == [f"glue.{ACCOUNT}.ml_features.model_cards"]


def hasty(recipe: GlueRecipe) -> Ingestion:
    """An ingestion whose AWS calls are not repeated, so that no test waits for a retry."""
    ingestion = recipe.ingestion()
    variables = recipe.variables()
    credentials = AwsCredentials(
        variables["AWS_REGION"],
        variables["AWS_ACCESS_KEY_ID"],
        variables["AWS_SECRET_ACCESS_KEY"],
        endpoint_url=variables["AWS_ENDPOINT_URL"],
    )
    calls = Calls()
    source = ingestion.source
    assert isinstance(source, GlueSource)
    session = AwsSession(credentials, calls, service="glue", attempts=1)
    return replace(ingestion, source=GlueSource(source._settings, session), source_calls=calls)


def test_a_listing_that_breaks_off_costs_itself(here: Place, recipe: GlueRecipe) -> None:
    company = here.sandbox.company.glue
    for number in range(120):  # two pages, so that a token can loop
        company.put_table("sales", {**company.table("sales", "orders"), "Name": f"copy_{number:03d}"})
    before = recipe.run()
    company.drop_table("sales", "copy_000")
    for kind in ("throttle", "cut", "truncated", "503", "loop-token"):
        here.sandbox.faults.add(kind, service="glue", operation="GetTables", match="sales", count=None)
        second = run_once(hasty(recipe))
        here.sandbox.faults.clear()
        assert [problem.fqn for problem in second.snapshot.problems] == [f"glue / {ACCOUNT} / sales"], kind
        assert (second.stale_fqns(), second.written()) == ([], 0), kind
        assert before.tables.created - second.tables.unchanged > 120, kind


def test_a_retry_of_the_run_reads_only_what_is_missing(here: Place, recipe: GlueRecipe) -> None:
    here.sandbox.faults.add("throttle", service="glue", operation="GetTables", match="sales", count=None)
    with pytest.raises(UnavailableError, match="1 listings failed: tables of glue"):
        hasty(recipe).snapshot("one", last_attempt=False)
    here.sandbox.faults.clear()
    again = hasty(recipe)
    steps = run_steps(again, "one", last_attempt=False)
    assert again.source_calls.counts() == {"glue:GetTables": 1, "lakeformation:ListLFTags": 1}
    assert not steps.snapshot.problems
    assert steps.tables.created == steps.tables.listed > 50


def test_the_last_attempt_goes_on_with_what_is_proven(here: Place, recipe: GlueRecipe) -> None:
    here.sandbox.faults.add("throttle", service="glue", operation="GetTables", match="sales", count=None)
    steps = run_steps(hasty(recipe), last_attempt=True)
    assert len(steps.snapshot.problems) == 1
    assert steps.tables.created > 30


@pytest.mark.parametrize(("kind", "retryable"), [("throttle", True), ("access-denied", False)])
def test_a_service_of_which_nothing_can_be_read_ends_the_run(
    here: Place, recipe: GlueRecipe, kind: str, retryable: bool
) -> None:
    recipe.run()
    here.sandbox.faults.add(kind, service="glue", count=None)
    latest = recipe.ingestion().manifest("none").run_id
    with pytest.raises(RemoteError, match="listings failed") as raised:
        hasty(recipe).snapshot("two", last_attempt=True)
    assert raised.value.retryable is retryable
    assert recipe.ingestion().manifest("two").run_id == latest


def test_credentials_that_are_refused_end_the_run(here: Place, recipe: GlueRecipe) -> None:
    here.sandbox.faults.add("expired-token", service="glue", count=None)
    with pytest.raises(AuthenticationError):
        recipe.run()


def test_two_catalogs_are_two_databases(here: Place, recipe: GlueRecipe) -> None:
    recipe.dagster = {"source": {"catalog_ids": ["210987654321", "345678901234"]}}
    recipe.connection = {"databaseName": "Own lake"}
    first = recipe.run()
    # The road authority shares nothing: its catalog fails, and costs itself.
    assert (first.databases.created, first.databases.failed) == (2, 1)
    assert first.databases.problems[0].fqn == "glue.345678901234"
    assert [problem.fqn for problem in first.snapshot.problems] == ["glue / 345678901234"]
    for fqn in ("glue.Own lake.ml_features.model_cards", "glue.210987654321.weather.observations"):
        assert here.table(fqn)["columns"]
    # a resource link: the partner's tables under our own name for them
    assert here.table("glue.Own lake.partner_weather.observations")["columns"]
    assert recipe.run().written() == 0


def test_an_empty_account_is_a_service_with_one_empty_database(here: Place, recipe: GlueRecipe) -> None:
    company = here.sandbox.company.glue
    for name in list(company._catalog(None).databases):
        company.drop_database(name)
    first = recipe.run()
    assert (first.databases.created, first.schemas.listed, first.tables.listed) == (1, 0, 0)
    assert here.get(EntityType.DATABASE, f"glue.{ACCOUNT}")["name"] == ACCOUNT
    assert recipe.run().written() == 0


def test_a_service_with_dots_in_its_name(here: Place, recipe: GlueRecipe) -> None:
    recipe.service = "glue.eu-north.1"
    first = recipe.run()
    assert not first.tables.problems
    assert first.lineage.created > 3
    assert recipe.run().written() == 0
    assert here.table(f'"glue.eu-north.1".{ACCOUNT}.ml_features.model_cards')["columns"]
