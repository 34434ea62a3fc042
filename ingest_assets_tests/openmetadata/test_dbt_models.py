"""A table's dataModel in the shape of each line of servers, and the pages that dashboards are known by."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.catalog import Column, DbtModel
from ingest_assets.openmetadata.capabilities import Version, capabilities_of
from ingest_assets.openmetadata.dbt_models import data_model_body, stands
from ingest_assets.openmetadata.pages import is_page, page_name

MODEL = DbtModel(
    resource_type="seed",
    raw_sql="raw",
    path="seeds/a.csv",
    project="norrpost",
    description="Words",
    columns=(Column(name="a", data_type="INT", data_type_display="int"),),
)


def body(version: str, model: DbtModel = MODEL, *upstream: str) -> dict[str, Any]:
    return data_model_body(model, upstream, capabilities_of(Version.parse(version)))


@pytest.mark.parametrize(
    ("version", "keys"),
    [
        ("1.0.5", {"sql"}),
        ("1.2.0", {"sql", "resourceType"}),
        ("1.4.8", {"sql", "resourceType"}),
        ("1.5.8", {"resourceType"}),
        ("1.9.0", {"resourceType", "dbtSourceProject"}),
        ("2.0.0", {"resourceType", "dbtSourceProject"}),
    ],
)
def test_each_line_gets_what_it_knows(version: str, keys: set[str]) -> None:
    always = {"modelType", "rawSql", "path", "description", "columns"}
    assert body(version).keys() == always | keys


def test_nothing_is_sent_that_is_not_known() -> None:
    assert body("1.12.4", DbtModel(resource_type="model")) == {"modelType": "DBT", "resourceType": "model"}
    assert body("1.12.4", MODEL, "a.b")["upstream"] == ["a.b"]


def test_another_s_model_in_its_place_is_seen_and_what_servers_add_is_not() -> None:
    sent = body("1.12.4")
    assert stands(sent, {**sent, "generatedAt": 1, "sql": "kept from before"})
    assert not stands(sent, None)
    assert not stands(sent, {**sent, "path": "models/b.sql"})


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("https://looker.example/dashboards/42", "42"),
        ("https://q.example/sn/dashboards/a%20b/", "a b"),
        ("https://q.example", "https://q.example"),
        ("plain/name", "plain/name"),
    ],
)
def test_a_page_tells_a_dashboard_s_name(name: str, called: str) -> None:
    assert page_name(name) == called


def test_a_dashboard_of_the_same_name_elsewhere_is_another_one() -> None:
    page = "https://looker.example/dashboards/42"
    assert is_page({"sourceUrl": "https://LOOKER.example/dashboards/42/"}, page)
    assert is_page({"dashboardUrl": page}, page)
    assert not is_page({"sourceUrl": "https://other.example/dashboards/42"}, page)
    assert not is_page({}, page)
    assert is_page({}, "42")
