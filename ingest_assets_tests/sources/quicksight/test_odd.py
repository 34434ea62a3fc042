"""What nobody would wish for: names of any spelling, services half dead, definitions that are not whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest_assets.catalog import EntityType, Failed, Reference, Unlisted
from ingest_assets.errors import PermissionDeniedError
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_assets import Kind
from ingest_assets.sandbox.company.boards_visuals import category, measure, sheet, visual
from ingest_assets.sandbox.server import Sandbox
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.recipes import hide_own_aws
from ingest_assets_tests.ingestion.runs import place
from ingest_assets_tests.sources.quicksight.conftest import SourceMaker
from ingest_assets_tests.sources.quicksight.scene import (
    BOARDS,
    CHARTS,
    SERVICE,
    Runs,
    charts,
    dashboards,
    everything,
    notes,
    of,
)

DASHBOARD, CHART, MODEL = EntityType.DASHBOARD, EntityType.CHART, EntityType.DATA_MODEL
SETS = (
    "d.o.t",
    "co:lon",
    "co::lon",
    'qu"ote',
    "ünï 日本",
    "s" * 300,
    "s" * 299 + "t",
    "Case",
    "case",
    " lead",
    "per%cent",
    "a>b",
    "sheet:x",
    "analysis:y",
)
COLUMNS = ("a.b", '"q"', "x::y", "Ünï códe", "c" * 300, "c" * 299 + "d", "tab\tnew\nline", ">arrow", "Total", "total")
FIELDS = {DASHBOARD: "charts,dataModels,owners,tags", MODEL: "columns,owners,tags", CHART: "owners,tags"}


def fill_with_odd_names(boards: Boards) -> None:
    boards.clear()
    boards.add_data_source("src", "ATHENA", {"AthenaParameters": {"WorkGroup": "primary"}})
    arn, kinds = boards.arn("datasource", "src"), [{"Name": name, "Type": "STRING"} for name in COLUMNS]
    table = {"DataSourceArn": arn, "Name": "orders", "Schema": "sales", "InputColumns": kinds}
    for name in SETS:
        tags = {"k.x": "v::y", '"q"': '"'}
        boards.add_data_set(name, {"t": {"RelationalTable": table}}, columns=kinds, name=f"n {name}", tags=tags)
    used = {f"set {at}": name for at, name in enumerate(SETS)}
    shown = [
        visual("BarChartVisual", f"v{at}", f"t{at}" * 300 if at % 2 else None, Category=_all_columns(identifier))
        for at, identifier in enumerate(used)
    ]
    again = visual("TableVisual", "v0", "An id that comes twice", Values=[measure("set 0", "Total")])
    boards.add_dashboard(
        "odd", used, [sheet("s", None, *shown, again)], name='N "x" :: . ' + "t" * 400, description="d" * 5_000
    )
    boards.add_dashboard("Odd", name="Another case")
    boards.add_analysis("odd", used, [sheet("s", None, *shown)], name="A namesake")
    for name, visuals in (("L" * 512, ("V" * 512,)), ("L" * 511 + "M", ("V" * 512, "V" * 511 + "W"))):
        long = [visual("KPIVisual", each, "T", Values=[measure("o", "Total")]) for each in visuals]
        boards.add_dashboard(name, {"o": "Case"}, [sheet("S" * 512, None, *long)])
    boards.add_folder("one", [boards.arn("dashboard", "odd")], name='a/b "c"')


def _all_columns(identifier: str) -> list[dict[str, Any]]:
    return [category(identifier, name) for name in COLUMNS]


@pytest.mark.parametrize("version", ["1.0.3", "1.12.4"])
def test_names_of_any_spelling_arrive_once_and_go_when_they_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    hide_own_aws(monkeypatch)
    with place(tmp_path, version) as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.sandbox.aws_endpoint_url)
        runs = Runs(made, settings={"include_analyses": True})
        fill_with_odd_names(runs.boards)
        first = runs()
        assert first.failures() == {}
        assert (first.data_models.created, first.charts.created, first.dashboards.created) == (
            len(SETS),
            2 * len(SETS) + 3,
            5,
        )
        assert first.lineage.created == 2 * len(SETS) + 2
        assert len(runs.charts_of("odd")) == len(SETS)
        assert runs.writes_of_next() == []
        runs.boards.clear()
        last = runs()
        assert last.stale.removed == len(SETS) + 2 * len(SETS) + 3 + 5


def portrait(runs: Runs) -> dict[str, Any]:
    """All that the server shows of the service that people could miss."""
    told = ("deleted", "displayName", "description", "project", "tags", "sourceUrl", "chartType", "sql", "columns")
    shown: dict[str, Any] = {}
    for kind, fields in FIELDS.items():
        answer = runs.place.admin.get(
            f"/v1/{collection_of(kind)}", {"limit": "1000", "include": "all", "fields": fields}
        )
        for entity in answer["data"]:
            linked = {
                name: sorted(each["name"] for each in entity.get(name) or ())
                for name in ("owners", "charts", "dataModels")
            }
            shown[entity["fullyQualifiedName"]] = [{name: entity.get(name) for name in told}, linked]
    return shown


def edges(runs: Runs) -> dict[tuple[EntityType, str], Any]:
    """The lineage that the server shows, with columns."""
    ids: tuple[tuple[EntityType, Kind], ...] = ((DASHBOARD, "dashboard"), (MODEL, "dataset"))
    return {(kind, name): runs.upstream(kind, name) for kind, word in ids for name in runs.boards.ids(word)}


BESIDES = (
    "ListTagsForResource",
    "DescribeDashboardPermissions",
    "DescribeAnalysisPermissions",
    "DescribeDataSetPermissions",
    "ListFolders",
    "ListIngestions",
    "GetObject",
)
BROKEN: list[dict[str, str]] = [
    dict.fromkeys(BESIDES, "access-denied"),
    {name: ("500", "truncated")[at % 2] for at, name in enumerate(BESIDES)},
    {
        "DescribeFolder": "500",
        "ListUsers": "truncated",
        "ListDataSources": "access-denied",
        "DescribeDataSource": "500",
    },
    {"ListDataSources": "500", "DescribeDashboard": "access-denied", "DescribeAnalysis": "truncated"},
    {**dict.fromkeys(("ListDataSources", "DescribeDataSource"), "access-denied"), "DescribeDashboardDefinition": "500"},
    {"ListDashboards": "truncated", "DescribeDataSet": "access-denied"},
    {"ListDataSets": "access-denied", "ListAnalyses": "access-denied", "DescribeDashboardDefinition": "truncated"},
]


def test_whatever_can_not_be_read_this_time_leaves_the_server_as_it_is(runs: Runs) -> None:
    lake = Lake("lake")
    for name in ("orders", "customers"):
        names = ("order_id", "customer_id", "status", "total", "currency", "ordered_at", "email", "name", "country")
        lake.put("sales", name, columns=tuple(column(each) for each in names))
    runs.place.run(lake)
    runs.settings = {"include_owners": True, "include_analyses": True}
    runs.keep("sales-overview", "product-lists")
    runs()
    before, lineage = portrait(runs), edges(runs)
    assert lineage[MODEL, "orders"]
    for broken in BROKEN:
        runs.sandbox.faults.clear()
        for operation, kind in broken.items():
            runs.sandbox.faults.add(kind, operation=operation, count=None)
        assert runs().gone() == [], broken
        assert portrait(runs) == before, broken
    assert edges(runs) == lineage
    runs.sandbox.faults.clear()
    runs()
    assert runs.writes_of_next() == []
    assert (portrait(runs), edges(runs)) == (before, lineage)


def test_a_broken_dashboard_without_a_definition_shows_its_sheets(sandbox: Sandbox, source_of: SourceMaker) -> None:
    board = sandbox.company.boards.asset("dashboard", "sales-overview")
    board.definition, board.row["Version"]["Status"] = None, "CREATION_FAILED"
    found = everything(source_of())
    assert of(Failed, found) == []
    assert dashboards(found)["sales-overview"].charts == (
        "sheet:sales-overview:revenue",
        "sheet:sales-overview:customers",
    )
    assert Unlisted(prefix="sales-overview:") in found
    assert Unlisted(prefix="sheet:sales-overview:") not in found
    (told,) = (note for note in notes(found) if "Sheets stand for" in note)
    assert "CREATION_FAILED" in told


def test_visuals_of_kinds_that_botocore_does_not_know_are_told_and_the_known_ones_stay(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    """Its parser leaves an empty visual of what its model lacks."""
    board = sandbox.company.boards.asset("dashboard", "sales-overview")
    assert board.definition is not None
    board.definition["Sheets"][0]["Visuals"][0] = {}
    source = source_of()
    found = everything(source)
    assert of(Failed, found) == []
    assert len(dashboards(found)["sales-overview"].charts) == 6
    assert Unlisted(prefix="sales-overview:") in found
    (told,) = (note for note in notes(found) if "Visuals are missing of 1 dashboards" in note)
    assert "sales-overview" in told
    assert source.exists(Reference(CHART, (SERVICE, "sales-overview:revenue-by-month")))
    with pytest.raises(PermissionDeniedError, match="Not all of its visuals"):
        source.exists(Reference(CHART, (SERVICE, "sales-overview:revenue-total")))


def test_notes_that_two_listings_share_are_told_once_whichever_ends_first(
    sandbox: Sandbox, source_of: SourceMaker
) -> None:
    for operation in ("ListTagsForResource", "ListFolders"):
        sandbox.faults.add("access-denied", service="quicksight", operation=operation, count=None)
    sandbox.faults.add(
        "500", service="quicksight", operation="DescribeDataSetPermissions", match="vehicles", count=None
    )
    scopes = source_of().roots()
    for order in (scopes, scopes[::-1]):
        source = source_of(include_owners=True)
        found = [each for scope in order for each in source.read(scope)]
        for part in ("ListTagsForResource", "ListFolders", "Of 1 data sets something could not be read"):
            assert sum(part in note for note in notes(found)) == 1, part


def test_a_listing_that_is_read_twice_is_asked_for_once(source_of: SourceMaker) -> None:
    source = source_of()
    first, second = (list(source.read(CHARTS)) for _ in range(2))
    assert first == second
    assert len(dashboards(source.read(BOARDS))) == 7
    assert len(charts(first)) == 34
