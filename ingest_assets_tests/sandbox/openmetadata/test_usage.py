"""How often entities were used."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets.sandbox.faults import Fault, Faults
from ingest_assets.sandbox.openmetadata_faults import StepFaults
from ingest_assets_tests.sandbox.openmetadata.api import Api, change
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import make_all


def _summary(api: Api, collection: str, fqn: str) -> dict[str, Any]:
    shown: dict[str, Any] = api.named(collection, fqn, fields="usageSummary").json()["usageSummary"]
    return shown


def _counts(summary: dict[str, Any]) -> list[int]:
    return [summary[span]["count"] for span in ("dailyStats", "weeklyStats", "monthlyStats")]


@pytest.mark.parametrize("version", ["1.0.5", "1.5.8", "1.12.4", "2.0.7"])
def test_a_post_replaces_a_day_s_count_and_a_put_adds_to_it(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    board = make_all(api, version)["dashboards"]["id"]
    day = {"date": "2026-11-20"}
    for verb, count, total in (("PUT", 3, 3), ("PUT", 3, 6), ("POST", 4, 4), ("PUT", 1, 5)):
        answer = api.call(verb, f"usage/dashboard/{board}", {**day, "count": count})
        assert (answer.status_code, change(answer)) == (201, "entityFieldsChanged")
        assert _counts(_summary(api, "dashboards", "dash.d"))[0] == total
    assert api.named("dashboards", "dash.d").json()["version"] == 0.1
    assert api.get("events", entityUpdated="dashboard", timestamp=0).json()["data"] == []


def test_days_make_weeks_and_months(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    board = make_all(api, "1.5.8")["dashboards"]["id"]
    for day, count in (("2026-10-01", 16), ("2026-11-01", 8), ("2026-11-14", 4), ("2026-11-19", 2), ("2026-11-20", 1)):
        api.call("POST", "usage/dashboard/name/dash.d", {"date": day, "count": count})
    assert _counts(_summary(api, "dashboards", "dash.d")) == [1, 7, 15]
    usage = api.get(f"usage/dashboard/{board}", date="2026-11-20", days=7).json()
    assert (usage["entity"]["id"], [day["date"] for day in usage["usage"]]) == (
        board,
        ["2026-11-20", "2026-11-19", "2026-11-14"],
    )


def test_what_was_never_used_was_used_zero_times(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    make_all(api, "1.5.8")
    assert _summary(api, "dashboards", "dash.d")["dailyStats"] == {"count": 0, "percentileRank": 0.0}


def test_a_table_s_use_is_its_schema_s_and_database_s(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    made = make_all(api, "1.5.8")
    api.call("POST", f"usage/table/{made['tables']['id']}", {"date": "2026-11-20", "count": 5})
    for collection, fqn in (("tables", "db.d.s.t"), ("databaseSchemas", "db.d.s"), ("databases", "db.d")):
        assert _counts(_summary(api, collection, fqn))[0] == 5


def test_ranks_are_made_when_asked_for(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    make_all(api, "1.5.8")
    for number in range(3):
        made = api.make("dashboards", {"name": f"b{number}", "service": "dash"})
        api.call("PUT", f"usage/dashboard/{made['id']}", {"date": "2026-11-20", "count": number})
    assert api.call("POST", "usage/compute.percentile/dashboard/2026-11-20").status_code == 201
    ranks = [_summary(api, "dashboards", f"dash.b{number}")["dailyStats"]["percentileRank"] for number in range(3)]
    assert ranks == [0.0, 50.0, 100.0]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("dashboard/name/dash.d", {"date": "2026-11-20", "count": -1}, 400),
        ("dashboard/name/dash.d", {"count": 1}, 400),
        ("dashboard/name/dash.d", {"date": "2026-11-20"}, 400),
        ("dashboard/name/dash.d", {"date": "2026-11-20", "count": 1, "nope": 1}, 400),
        ("dashboard/name/dash.d", {"date": "nope", "count": 1}, 500),
        ("dashboard/name/dash.none", {"date": "2026-11-20", "count": 1}, 404),
        ("topic/name/msg.t", {"date": "2026-11-20", "count": 1}, 500),
    ],
)
def test_what_is_no_usage_is_refused(serve: ServerMaker, path: str, body: dict[str, Any], status: int) -> None:
    api = serve("1.5.8")
    make_all(api, "1.5.8")
    assert api.put(f"usage/{path}", body).status_code == status


def test_a_deleted_dashboard_is_not_used(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    board = make_all(api, "1.5.8")["dashboards"]["id"]
    api.delete(f"dashboards/{board}")
    assert api.put(f"usage/dashboard/{board}", {"date": "2026-11-20", "count": 1}).status_code == 404


def test_a_dashboard_vanishes_before_its_usage(serve: ServerMaker) -> None:
    faults = Faults([Fault("vanish", service="openmetadata", operation="PUT /v1/usage", match="dash.d")])
    api = serve("1.5.8", faults=StepFaults(faults))
    board = make_all(api, "1.5.8")["dashboards"]["id"]
    assert api.put(f"usage/dashboard/{board}", {"date": "2026-11-20", "count": 1}).status_code == 404
    assert api.get(f"dashboards/{board}", include="all").status_code == 404
