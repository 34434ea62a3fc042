"""What another attempt asks again, and what Looker keeps from the API user without saying so."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import Dashboard, EntityType, Failed, Parked, Reference
from ingest_assets.errors import RejectedError, UnavailableError
from ingest_assets.sandbox.company.looker_instance import LOOKML_OWNER, LOOKML_REPOSITORY
from ingest_assets.sandbox.company.looker_repositories import ArchiveMember
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sources.looker.conftest import SourceMaker
from ingest_assets_tests.sources.looker.scene import BOARDS, SERVICE, VIEWS, everything, of


def test_a_listing_that_failed_is_asked_for_again_by_the_next_attempt(sandbox: Sandbox, source_of: SourceMaker) -> None:
    source = source_of()
    sandbox.faults.add("500", service="looker", operation="all_dashboards", count=None)
    source.roots()
    for _ in range(2):
        with pytest.raises(UnavailableError):
            list(source.read(BOARDS))
    sandbox.faults.clear()
    source.roots()
    assert of(Dashboard, source.read(BOARDS))


def test_lookml_that_failed_is_asked_for_again_by_the_next_attempt(sandbox: Sandbox, source_of: SourceMaker) -> None:
    source = source_of()
    sandbox.faults.add("500", service="github", operation="repos/*", count=None)
    with pytest.raises(UnavailableError):
        source.prepare()
    sandbox.faults.clear()
    prepared = source.prepare()
    assert prepared is not None
    assert prepared.version


def test_a_commit_to_what_a_repository_imports_is_another_version(sandbox: Sandbox, source_of: SourceMaker) -> None:
    before, again = source_of().prepare(), source_of().prepare()
    sandbox.company.repositories.get(LOOKML_OWNER, "looker-geo").commit({"README.md": "another commit"}, "A word")
    after = source_of().prepare()
    assert before is not None
    assert again is not None
    assert after is not None
    assert before.version == again.version != after.version


def test_a_tile_whose_model_is_hidden_takes_no_lineage_away(sandbox: Sandbox, source_of: SourceMaker) -> None:
    """Looker shows the tile, and no query of it."""
    sandbox.looker_client.models = frozenset({"shop"})
    found = everything(source_of())
    board = Reference(EntityType.DASHBOARD, (SERVICE, "2"))
    (dashboard,) = (each for each in of(Dashboard, found) if each.reference == board)
    assert "data_models" in dashboard.unknown
    assert any("not shown to the API user" in each.reason for each in of(Parked, found) if each.target == board)


def test_a_view_is_looked_for_where_its_name_says(source_of: SourceMaker) -> None:
    source = source_of()

    def exists(name: str) -> bool:
        return source.exists(Reference(EntityType.DATA_MODEL, (SERVICE, name)))

    assert exists("shop_orders_view")
    assert exists("norrpost_stores_view")
    with pytest.raises(RejectedError):
        exists("elsewhere_orders_view")


def test_a_file_of_lookml_that_was_not_read_may_declare_any_view(sandbox: Sandbox, source_of: SourceMaker) -> None:
    repository = sandbox.company.repositories.get(LOOKML_OWNER, LOOKML_REPOSITORY)
    repository.archive_members = [ArchiveMember("views/odd.view.lkml", kind="symlink", target="../../x")]
    repository.commit({"README.md": "another commit"}, "With a link")
    source = source_of()
    failed = [each for each in of(Failed, source.read(VIEWS)) if not each.named]
    assert any("left out" in each.reason for each in failed)
    with pytest.raises(RejectedError, match="left out"):
        source.exists(Reference(EntityType.DATA_MODEL, (SERVICE, "shop_nothing_view")))
