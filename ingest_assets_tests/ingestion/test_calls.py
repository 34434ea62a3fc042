"""How many requests a run of 1,000 tables costs, or of 300 that are put one by one.

Counted by the server, so that no change makes them more unseen.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets_tests.ingestion.recipes import GlueRecipe
from ingest_assets_tests.ingestion.runs import Place, place

TABLES = 1000
EDGE = "PUT /v1/lineage"
TABLE = "PUT /v1/tables"


def ask(here: Place) -> tuple[int, int, int]:
    """Requests since the last time: of edges, of single tables, and all others."""
    counts = here.sandbox.openmetadata.counts
    here.sandbox.openmetadata.reset_counts()
    others = counts.total() - counts[EDGE] - counts[TABLE]
    return counts[EDGE], counts[TABLE], others


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")


def test_a_server_with_bulk(tmp_path: Path) -> None:
    with place(tmp_path, "1.12.4", tables=TABLES) as here:
        recipe = GlueRecipe(here.sandbox, tmp_path, config={"includeOwners": True})
        first = recipe.run()
        assert first.tables.created > TABLES
        # a page of 100 each, one for the rest of each schema, and the schemas themselves
        assert here.sandbox.aws.counts.total() <= TABLES // 100 + first.schemas.listed + 1
        edges, singles, others = ask(here)
        assert edges == first.lineage.created > 20
        assert singles == 0
        assert others <= 60
        assert recipe.run().written() == 0
        assert sum(ask(here)) <= 30


def test_a_server_without_bulk(tmp_path: Path) -> None:
    with place(tmp_path, "1.5.7", tables=300) as here:
        recipe = GlueRecipe(here.sandbox, tmp_path, config={"includeOwners": True})
        first = recipe.run()
        edges, singles, others = ask(here)
        assert (edges, singles) == (first.lineage.created, first.tables.created)
        assert others <= 60
