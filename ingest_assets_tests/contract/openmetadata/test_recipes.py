"""A Glue recipe as people write it: the sandbox's AWS is read, and the server under test is written to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from ingest_assets.catalog import EntityType, Reference
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.contract.openmetadata.ground import Ground, Run, run
from ingest_assets_tests.ingestion.recipes import GlueRecipe, hide_own_aws


@pytest.fixture
def recipe(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueRecipe]:
    """A recipe of its own service."""
    hide_own_aws(monkeypatch)
    with Sandbox() as aws:
        yield GlueRecipe(
            aws,
            ground.folder,
            service=ground.service(EntityType.DATABASE_SERVICE, "glue"),
            principal=aws.reader,  # who may ask for a table by its name, without which nothing is removed
            environment={"OPENMETADATA_HOST_PORT": ground.target.url, "OM_BOT_TOKEN": ground.target.bot_token},
        )


def run_of(recipe: GlueRecipe) -> Run:
    with closing(recipe.ingestion()) as ingestion:
        return run(ingestion)


def test_a_companys_lake_arrives_and_a_second_run_sends_only_what_has_changed(
    ground: Ground, recipe: GlueRecipe
) -> None:
    first = run_of(recipe)
    tables = first.published[EntityType.TABLE]
    assert tables.created == tables.listed > 50
    assert first.lineage.created > 3
    assert [problem for report in first.reports() for problem in report.problems if problem.step != "lineage"] == []
    account = recipe.sandbox.company.account
    changed = Reference(EntityType.TABLE, (recipe.service, account, "ml_features", "eta_predictions"))
    assert ground.get(changed, "columns")["columns"]

    second = run_of(recipe)
    assert (second.written(), second.requests) == (0, {})
    assert second.published[EntityType.TABLE].unchanged == tables.created
    assert second.lineage.unchanged == first.lineage.created

    glue = recipe.sandbox.company.glue
    storage = glue.table("ml_features", "eta_predictions")["StorageDescriptor"]
    columns = [*storage["Columns"], {"Name": "seen", "Type": "boolean"}]
    glue.alter_table("ml_features", "eta_predictions", StorageDescriptor={**storage, "Columns": columns})
    glue.drop_table("ml_features", "feature_registry")
    third = run_of(recipe)
    assert third.written() == 1
    gone = Reference(EntityType.TABLE, (recipe.service, account, "ml_features", "feature_registry"))
    assert third.removed() == [ground.fqn(gone)]
    assert "seen" in [each["name"] for each in ground.get(changed, "columns")["columns"]]
    assert run_of(recipe).requests == {}
