"""What nobody would call so, and what Looker leaves out: ids, titles, members that are null, things that are twice."""

from __future__ import annotations

import pytest

from ingest_assets.catalog import EntityType, Failed, Parked
from ingest_assets.sandbox.company.looker import SHARED
from ingest_assets.sandbox.company.looker_tiles import query_tile, text_tile
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.sources.looker.conftest import SourceMaker
from ingest_assets_tests.sources.looker.scene import SERVICE, Runs, charts, dashboards, everything, of

IDS = ["a.b::c", "model::with/slash", "ö & <b>", 'quo"te', "ti~lde", "x" * 200]


@pytest.mark.filterwarnings("error")
def test_strange_ids_and_titles_arrive_each_as_itself(runs: Runs) -> None:
    looker = runs.looker
    query = looker.add_query("shop", "orders", ["orders.count"])
    for number, name in enumerate(IDS):
        tiles = [query_tile(looker, "", query, id=f"{name}::t.{number}/x"), text_tile(looker, None, "")]
        looker.add_dashboard(["", "  ", 'He said "no"'][number % 3], SHARED, None, tiles, dashboard_id=name)
    first = runs(dashboard_filter=lambda _: True)
    assert list(first.failures()) == [f"{SERVICE}.model.shop_old_campaigns"]
    assert first.dashboards.created == 8 + len(IDS)
    assert runs.writes_of_next() == []
    looker.trash_dashboard("a.b::c")
    assert len(runs().gone()) == 3


def test_a_tile_that_is_there_twice_is_one(sandbox: Sandbox, source_of: SourceMaker) -> None:
    looker = sandbox.company.looker
    tile = looker.dashboards.get("2")["dashboard_elements"][0]
    looker.add_tile("2", {**tile, "title": "Again"})
    found = everything(source_of(lookml=False))
    assert len(dashboards(found)["2"].charts) == 1
    assert [name for name in charts(found) if name.startswith("2~")] == list(dashboards(found)["2"].charts)


def test_members_that_are_null_cost_nothing(sandbox: Sandbox, source_of: SourceMaker) -> None:
    looker = sandbox.company.looker
    nothing = ("title", "folder_id", "user_id", "description", "hidden")
    looker.dashboards.change("2", **dict.fromkeys(nothing), dashboard_elements=[])
    tiles = looker.dashboards.get("3")["dashboard_elements"]
    empty = [{**dict.fromkeys(tile), "id": tile["id"]} for tile in tiles]
    looker.dashboards.change("3", dashboard_elements=empty)
    looker.explores.change("shop::visits", label=None, description=None, tags=None, fields=None, project_name=None)
    found = everything(source_of(lookml=False, include_owners=True))
    assert [each.reference.name for each in of(Failed, found)] == ["shop_old_campaigns"]
    bare = dashboards(found)["2"]
    assert (bare.display_name, bare.project, bare.owners, bare.charts) == ("2", None, (), ())
    assert len(dashboards(found)["3"].charts) == len(tiles)


def test_a_merged_result_that_looker_does_not_show_costs_its_own_lineage(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    merged = sandbox.company.looker.merge_queries.keys()[0]
    sandbox.company.looker.merge_queries.drop(merged)
    found = everything(source_of(lookml=False))
    assert not [each for each in of(Failed, found) if each.reference.type is EntityType.DASHBOARD]
    (told,) = (each for each in of(Parked, found) if "not shown to the API user" in each.reason)
    assert "data_models" in dashboards(found)[told.target.name].unknown
