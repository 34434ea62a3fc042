"""Removals of what Glue no longer lists: each thing is asked for by its name, and what can't be told stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.build import RunOptions
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import DOCUMENTED_ACTIONS, READER_ACTIONS
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.glue.source import GlueSettings, GlueSource
from ingest_assets_tests.ingestion.recipes import GlueRecipe
from ingest_assets_tests.ingestion.runs import Place, Steps, run_once

LINKS_WITHOUT_COLUMNS = 1
"""Their owners are asked for, whether anything is removed or not."""
ACCOUNT = "123456789012"
CARDS = f"glue.{ACCOUNT}.ml_features.model_cards"
REGISTRY = f"glue.{ACCOUNT}.ml_features.feature_registry"


@pytest.fixture
def ran(here: Place, recipe: GlueRecipe) -> GlueRecipe:
    """A recipe that has run once, with keys that may ask for single tables and databases."""
    recipe.principal = here.sandbox.reader
    assert recipe.run().tables.created > 50
    here.sandbox.aws.reset_counts()
    return recipe


def who(here: Place, actions: frozenset[str], *hidden: str) -> Principal:
    return here.sandbox.aws.identities.add_principal("who", actions, account=ACCOUNT, hidden=hidden)


def run(recipe: GlueRecipe, options: RunOptions) -> Steps:
    return run_once(recipe.ingestion(options=options))


def is_deleted(here: Place, fqn: str, kind: EntityType = EntityType.TABLE) -> bool:
    return bool(here.get(kind, fqn)["deleted"])


def kept(steps: Steps) -> dict[str, str]:
    return {problem.fqn: problem.reason for problem in steps.stale.problems}


def test_a_table_that_was_dropped_is_asked_for_once_and_removed(here: Place, ran: GlueRecipe) -> None:
    here.sandbox.company.glue.drop_table("ml_features", "feature_registry")
    second = ran.run()
    assert (second.stale_fqns(), second.stale.removed, kept(second)) == ([REGISTRY], 1, {})
    assert is_deleted(here, REGISTRY)
    assert here.sandbox.aws.counts["glue:GetTable"] == 1 + LINKS_WITHOUT_COLUMNS


@pytest.mark.parametrize("hidden", ["ml_features.model_cards", "ml_features.model_*"])
def test_what_lake_formation_hides_is_kept(here: Place, ran: GlueRecipe, hidden: str) -> None:
    ran.principal = who(here, READER_ACTIONS, hidden)
    here.sandbox.company.glue.drop_table("ml_features", "feature_registry")
    second = ran.run()
    assert second.stale_fqns() == [REGISTRY, CARDS]
    assert second.stale.removed == 1
    (reason,) = [why for fqn, why in kept(second).items() if fqn == CARDS]
    assert "Lake Formation" in reason
    assert (is_deleted(here, REGISTRY), is_deleted(here, CARDS)) == (True, False)


def test_a_database_that_lake_formation_hides_is_kept_with_all_that_is_in_it(here: Place, ran: GlueRecipe) -> None:
    ran.principal = who(here, READER_ACTIONS, "ml_features")
    ran.config = {"markDeletedSchemas": True}
    ran.dagster = {"stale": {"max_percent": 100}}
    second = ran.run()
    assert second.stale_fqns() == [f"glue.{ACCOUNT}.ml_features"]
    assert "Lake Formation" in kept(second)[f"glue.{ACCOUNT}.ml_features"]
    assert not is_deleted(here, f"glue.{ACCOUNT}.ml_features", EntityType.SCHEMA)
    ran.config = {}
    third = ran.run()
    assert third.stale.removed == 0
    assert CARDS in kept(third)
    assert not is_deleted(here, CARDS)


def test_with_the_permissions_of_listings_alone_all_is_kept_and_the_missing_one_is_named(
    here: Place, ran: GlueRecipe
) -> None:
    ran.principal = who(here, DOCUMENTED_ACTIONS)
    here.sandbox.company.glue.drop_table("ml_features", "feature_registry")
    second = ran.run()
    assert (second.stale.stale, second.stale.removed) == (1, 0)
    assert "Allow glue:GetTable in IAM" in kept(second)[REGISTRY]
    assert not is_deleted(here, REGISTRY)
    ran.principal = here.sandbox.reader
    assert ran.run().stale.removed == 1


def test_what_only_its_listing_left_out_is_kept(here: Place, ran: GlueRecipe) -> None:
    here.sandbox.faults.add("hidden", service="glue", operation="GetTables", match="ml_features/model_cards")
    second = ran.run()
    assert second.stale_fqns() == [CARDS]
    assert "still has it" in kept(second)[CARDS]
    assert not is_deleted(here, CARDS)
    third = ran.run()
    assert (third.stale_fqns(), third.written()) == ([], 0)


@pytest.mark.parametrize("fault", ["throttle", "access-denied", "truncated", "503"])
def test_what_could_not_be_asked_for_is_kept_until_it_can(here: Place, ran: GlueRecipe, fault: str) -> None:
    here.sandbox.company.glue.drop_table("ml_features", "feature_registry")
    here.sandbox.faults.add(fault, service="glue", operation="GetTable", count=None)
    ingestion = ran.ingestion()
    second = run_once(replace(ingestion, source=impatient(here)))
    assert (second.stale_fqns(), second.stale.removed) == ([REGISTRY], 0)
    assert REGISTRY in kept(second)
    assert not is_deleted(here, REGISTRY)
    here.sandbox.faults.clear()
    assert ran.run().stale.removed == 1


def impatient(here: Place) -> GlueSource:
    """The recipe's source, of which no call is repeated: no test waits for a retry."""
    who = here.sandbox.reader
    credentials = AwsCredentials(
        here.sandbox.company.region,
        who.access_key_id,
        who.secret_access_key,
        endpoint_url=here.sandbox.aws_endpoint_url,
    )
    return GlueSource(GlueSettings("glue"), AwsSession(credentials, Calls(), service="glue", attempts=1))


def test_a_schema_that_was_dropped_takes_its_tables_along(here: Place, ran: GlueRecipe) -> None:
    catalog = here.sandbox.company.glue.catalog(ACCOUNT)
    assert catalog is not None
    del catalog.databases["ml_features"]
    ran.config = {"markDeletedSchemas": True}
    ran.dagster = {"stale": {"max_percent": 100}}
    second = ran.run()
    assert (second.stale_fqns(), second.stale.removed) == ([f"glue.{ACCOUNT}.ml_features"], 1)
    assert is_deleted(here, CARDS)
    assert here.sandbox.aws.counts["glue:GetDatabase"] == 1
    assert here.sandbox.aws.counts["glue:GetTable"] == LINKS_WITHOUT_COLUMNS


def test_under_a_label_a_run_of_a_part_removes_of_that_part_alone(here: Place, recipe: GlueRecipe) -> None:
    recipe.principal = here.sandbox.reader
    recipe.connection = {"databaseName": "company lake"}
    recipe.run()
    here.sandbox.company.glue.drop_table("ml_features", "feature_registry")
    here.sandbox.company.glue.drop_table("sales", "customers")
    second = run(recipe, RunOptions(include=("company lake.ml_features",)))
    assert second.stale_fqns() == ["glue.company lake.ml_features.feature_registry"]
    assert second.stale.removed == 1
    assert second.written() == 0
    assert is_deleted(here, "glue.company lake.ml_features.feature_registry")
    assert not is_deleted(here, "glue.company lake.sales.customers")
    assert run(recipe, RunOptions()).stale_fqns() == ["glue.company lake.sales.customers"]
