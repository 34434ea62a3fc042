"""Probing QuickSight: each permission is named, and what the recipe can do without does not fail it."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import READER_ACTIONS, Sandbox
from ingest_assets.sources.quicksight.probe import probe
from ingest_assets.sources.quicksight.source import QuickSightSettings
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.quicksight.scene import ACCOUNT, SERVICE

REQUIRED = {
    f"quicksight:{name}"
    for name in (
        "ListDashboards",
        "DescribeDashboard",
        "ListDataSets",
        "DescribeDataSet",
        "ListDataSources",
        "DescribeDataSource",
    )
}
OF_ANALYSES = {"quicksight:ListAnalyses", "quicksight:DescribeAnalysis"}
MORE = {
    f"quicksight:{name}"
    for name in (
        "DescribeDashboardDefinition",
        "ListIngestions",
        "ListFolders",
        "DescribeFolder",
        "ListFolderMembers",
        "ListTagsForResource",
    )
}
OF_OWNERS = {
    f"quicksight:{name}" for name in ("DescribeDashboardPermissions", "DescribeDataSetPermissions", "ListUsers")
}
ALL: dict[str, Any] = {"include_owners": True, "include_analyses": True}


def steps(session_of: SessionMaker, who: Principal, **settings: Any) -> dict[str, tuple[bool | None, bool]]:
    found = list(probe(session_of(who), QuickSightSettings(SERVICE, ACCOUNT, **settings)))
    assert all(step.detail for step in found if not step.granted)
    return {step.name.partition(" of ")[0]: (step.granted, step.required) for step in found}


def test_the_policy_of_the_page_grants_all_that_is_required(session_of: SessionMaker, documented: Principal) -> None:
    found = steps(session_of, documented, **ALL)
    assert {name for name, (granted, required) in found.items() if required and granted} == REQUIRED | OF_ANALYSES
    assert not {name for name, (granted, _) in found.items() if granted} - (REQUIRED | OF_ANALYSES)
    more = (MORE - {"quicksight:DescribeFolder", "quicksight:ListFolderMembers"}) | OF_OWNERS
    more |= {"quicksight:DescribeAnalysisDefinition", "quicksight:DescribeAnalysisPermissions"}
    assert {name for name, (_, required) in found.items() if not required} == more


def test_only_what_the_recipe_calls_is_tried(sandbox: Sandbox, session_of: SessionMaker) -> None:
    found = steps(session_of, sandbox.reader)
    assert found == {**dict.fromkeys(REQUIRED, (True, True)), **dict.fromkeys(MORE, (True, False))}
    bare = steps(session_of, sandbox.reader, include_data_models=False, include_tags=False)
    assert not {name for name in bare if "Data" in name or "Tags" in name or "Ingestions" in name}


@pytest.mark.parametrize("action", sorted(REQUIRED | OF_ANALYSES | MORE | OF_OWNERS))
def test_each_permission_that_is_missing_is_named(sandbox: Sandbox, session_of: SessionMaker, action: str) -> None:
    others = {f"quicksight:{name}" for name in _operations()} - {action}
    who = sandbox.aws.identities.add_principal("some", others, account=ACCOUNT)
    found = steps(session_of, who, **ALL)
    assert found[action] == (False, action in REQUIRED | OF_ANALYSES)
    refused = {name for name, (granted, _) in found.items() if granted is False}
    assert refused == {action}


def test_what_can_not_be_described_is_no_missing_permission(sandbox: Sandbox, session_of: SessionMaker) -> None:
    boards = sandbox.company.boards
    boards.add_data_set("a-file", {}, undescribed="file-upload")
    boards.add_analysis("a-deleted-one", Status="DELETED")
    found = steps(session_of, sandbox.reader, **ALL)
    assert found["quicksight:DescribeDataSet"] == (True, True)
    assert found["quicksight:DescribeAnalysis"] == (True, True)


def test_the_standard_edition_is_told_and_fails_nothing_that_is_required(
    sandbox: Sandbox, session_of: SessionMaker
) -> None:
    sandbox.company.boards.edition = "STANDARD"
    found = steps(session_of, sandbox.reader, **ALL)
    assert not {name for name, (granted, required) in found.items() if required and not granted}
    told = list(probe(session_of(sandbox.reader), QuickSightSettings(SERVICE, ACCOUNT)))
    (folders,) = (step for step in told if "ListFolders" in step.name)
    assert "edition" in folders.detail


def test_an_empty_account_is_probed_as_far_as_it_goes(sandbox: Sandbox, session_of: SessionMaker) -> None:
    sandbox.company.boards.clear()
    found = steps(session_of, sandbox.reader, **ALL)
    lists = {f"quicksight:List{name}" for name in ("Dashboards", "DataSets", "DataSources", "Analyses")}
    assert {name for name, (granted, required) in found.items() if granted and required} == lists


def _operations() -> list[str]:
    assert "quicksight:List*" in READER_ACTIONS
    names = [each.partition(":")[2] for each in (*REQUIRED, *OF_ANALYSES, *MORE, *OF_OWNERS)]
    return [*names, "DescribeAnalysisDefinition", "DescribeAnalysisPermissions"]
