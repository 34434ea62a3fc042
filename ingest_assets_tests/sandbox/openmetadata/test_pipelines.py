"""Pipelines and their tasks."""

from __future__ import annotations

from typing import Any

import pytest

from ingest_assets_tests.sandbox.openmetadata.api import ADMIN, Api, change
from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import service


@pytest.fixture(params=["1.0.5", "1.5.8", "2.0.7"])
def api(request: pytest.FixtureRequest, serve: ServerMaker) -> Api:
    api = serve(request.param)
    api.make("services/pipelineServices", service("GluePipeline", "pipe"))
    return api


def _pipeline(*tasks: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"name": "p", "service": "pipe", "tasks": list(tasks), **properties}


def test_only_names_descriptions_and_labels_of_tasks_are_compared(api: Api) -> None:
    api.make("pipelines", _pipeline({"name": "one", "taskType": "GLUE"}))
    other = {"name": "one", "taskType": "SPARK", "displayName": "One", "downstreamTasks": ["x"]}
    assert change(api.put("pipelines", _pipeline(other))) == "entityNoChange"
    assert api.named("pipelines", "pipe.p", fields="tasks").json()["tasks"][0]["taskType"] == "GLUE"
    answer = api.put("pipelines", _pipeline(other, {"name": "two"}))
    assert change(answer) == "entityUpdated"
    (added,) = answer.json()["changeDescription"]["fieldsAdded"]
    assert (added["name"], added["newValue"]) == ("tasks", '["two"]')
    stored = api.named("pipelines", "pipe.p", fields="tasks").json()["tasks"]
    assert [task["taskType"] for task in stored if task["name"] == "one"] == ["SPARK"]


def test_a_task_s_description_stays_when_the_bot_puts_another(api: Api) -> None:
    api.make("pipelines", _pipeline({"name": "one", "description": "words"}))
    assert change(api.put("pipelines", _pipeline({"name": "one", "description": "more"}))) == "entityNoChange"
    assert change(api.put("pipelines", _pipeline({"name": "one"}))) == "entityNoChange"
    by_admin = api.put("pipelines", _pipeline({"name": "one", "description": "more"}), token=ADMIN)
    assert change(by_admin) == "entityUpdated"
    assert api.named("pipelines", "pipe.p", fields="tasks").json()["tasks"][0]["description"] == "more"


def test_a_task_s_labels_only_grow_by_put(api: Api) -> None:
    label = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
    api.make("pipelines", _pipeline({"name": "one", "tags": [label]}))
    assert change(api.put("pipelines", _pipeline({"name": "one"}))) == "entityNoChange"
    shown = api.named("pipelines", "pipe.p", fields="tasks,tags").json()["tasks"]
    assert [[one["tagFQN"] for one in task["tags"]] for task in shown] == [["PII.Sensitive"]]
    assert "tags" not in api.named("pipelines", "pipe.p", fields="tasks").json()["tasks"][0]


def test_a_task_that_is_left_out_goes_with_a_change(api: Api) -> None:
    made = api.make("pipelines", _pipeline({"name": "one"}, {"name": "two"}))
    assert [task["fullyQualifiedName"] for task in made["tasks"]] == ["pipe.p.one", "pipe.p.two"]
    assert change(api.put("pipelines", _pipeline({"name": "two"}))) == "entityUpdated"
    stored = api.named("pipelines", "pipe.p", fields="tasks").json()
    assert ([task["name"] for task in stored["tasks"]], stored["version"]) == (["two"], 0.2)


def _status(moment: int, task: str = "one") -> dict[str, Any]:
    done = "Successful"
    return {
        "timestamp": moment,
        "executionStatus": done,
        "taskStatus": [{"name": task, "executionStatus": done}],
    }


def test_runs_are_kept_by_moment_and_make_no_version(api: Api) -> None:
    api.make("pipelines", _pipeline({"name": "one"}))
    first, second = 1_700_000_000_000, 1_700_000_060_000
    for moment in (second, first, first):
        answer = api.put("pipelines/pipe.p/status", _status(moment))
        assert (answer.status_code, answer.json()["version"]) == (200, 0.1)
    listed = api.get("pipelines/pipe.p/status", startTs=first, endTs=second).json()
    assert ([one["timestamp"] for one in listed["data"]], listed["paging"]["total"]) == ([second, first], 2)
    shown = api.named("pipelines", "pipe.p", fields="pipelineStatus").json()["pipelineStatus"]
    assert shown["timestamp"] == second
    assert api.delete(f"pipelines/pipe.p/status/{second}").status_code == 200
    assert api.delete(f"pipelines/pipe.p/status/{second}").status_code == 404
    assert "pipelineStatus" not in api.named("pipelines", "pipe.p").json()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (_status(1_700_000_000_000, "none"), "Invalid task name none"),
        (_status(1_700_000_000), "it should be in milliseconds since epoch"),
        ({"executionStatus": "Successful"}, "timestamp must not be null"),
        ({"timestamp": 1_700_000_000_000, "executionStatus": "Done"}, "not one of the values"),
    ],
)
def test_what_is_no_run_is_refused(api: Api, status: dict[str, Any], message: str) -> None:
    api.make("pipelines", _pipeline({"name": "one"}))
    answer = api.put("pipelines/pipe.p/status", status)
    assert (answer.status_code, message in answer.json()["message"]) == (400, True)
    assert api.get("pipelines/pipe.p/status").status_code == 400
    assert api.put("pipelines/pipe.none/status", _status(1_700_000_000_000)).status_code == 404
