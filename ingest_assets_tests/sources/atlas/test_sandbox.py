"""The source against the sandbox's Atlas, which answers as servers of both versions do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest_assets.calls import Calls
from ingest_assets.catalog import Enrichment, Filtered, Finding, ForeignEdge, Scope
from ingest_assets.errors import AuthenticationError, PermissionDeniedError
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.sources.atlas.mapping import Placing
from ingest_assets.sources.atlas.probe import probe
from ingest_assets.sources.atlas.settings import AtlasSettings
from ingest_assets.sources.atlas.source import AtlasSource
from ingest_assets_tests.sources.atlas.scene import PROCESSES, SERVICE, TABLES, TOPICS, client_at, enriched, read_all

SETTINGS = AtlasSettings(SERVICE, placing=Placing(("hive",), ("kafka",)), include_owners=True)


@pytest.fixture(params=["2.1.0", "2.4.0"], scope="module")
def atlas(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox("1.12.4", atlas_version=request.param) as sandbox:
        yield sandbox


def source_of(sandbox: Sandbox, calls: Calls | None = None) -> AtlasSource:
    user = sandbox.atlas_user
    return AtlasSource(SETTINGS, client_at(sandbox.url, calls, username=user.name, password=user.password))


def everything(sandbox: Sandbox) -> dict[Scope, list[Finding]]:
    return read_all(source_of(sandbox))


def test_the_company_is_read_in_a_handful_of_calls(atlas: Sandbox) -> None:
    calls = Calls()
    found = read_all(source_of(atlas, calls))
    assert len(enriched(found[TABLES])) > 50
    assert calls.counts()["atlas:search"] < 25
    assert "atlas:bulk" not in calls.counts()


def test_both_versions_tell_the_same(atlas: Sandbox) -> None:
    with Sandbox("1.12.4", atlas_version="2.4.0") as other:
        expected = everything(other)
    found = everything(atlas)
    for scope in (TABLES, TOPICS, PROCESSES):
        kinds = (Enrichment, ForeignEdge, Filtered)
        assert [each for each in found[scope] if isinstance(each, kinds)] == [
            each for each in expected[scope] if isinstance(each, kinds)
        ]


def test_a_user_who_may_not_see_all_is_told_so(atlas: Sandbox) -> None:
    user = atlas.atlas_clerk
    source = AtlasSource(SETTINGS, client_at(atlas.url, username=user.name, password=user.password))
    with pytest.raises(PermissionDeniedError, match="Let the user read all entities"):
        list(source.read(TABLES))


def test_a_wrong_password_is_refused_though_another_has_signed_on(atlas: Sandbox) -> None:
    everything(atlas)
    with pytest.raises(AuthenticationError):
        client_at(atlas.url, username=atlas.atlas_user.name, password="wrong").get("version", "it", "/admin/version")


def test_a_probe_names_each_permission(atlas: Sandbox) -> None:
    user = atlas.atlas_user
    steps = list(probe(client_at(atlas.url, username=user.name, password=user.password), SETTINGS))
    assert all(step.granted for step in steps)
    assert {"atlas: entity-read of hive_table", "atlas: entity-read of hive_column"} <= {step.name for step in steps}


def test_a_probe_tells_what_is_hidden(atlas: Sandbox) -> None:
    user = atlas.atlas_clerk
    steps = list(probe(client_at(atlas.url, username=user.name, password=user.password), SETTINGS))
    hidden = [step for step in steps if step.granted is False]
    assert hidden
    assert all("are hidden" in step.detail for step in hidden)


def test_more_tables_cost_pages_and_no_calls_of_their_own(atlas: Sandbox) -> None:
    few, many = Calls(), Calls()
    read_all(source_of(atlas, few))
    with Sandbox("1.12.4", tables=200, atlas_version=atlas.company.atlas.version) as other:
        found = read_all(source_of(other, many))
    assert len(enriched(found[TABLES])) > 250
    # 200 tables of 20 columns fit into the pages that are read anyway.
    assert many.counts() == few.counts()
