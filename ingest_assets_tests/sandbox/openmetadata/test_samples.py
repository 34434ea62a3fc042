"""Rows and messages, and the models that made tables."""

from __future__ import annotations

import pytest

from ingest_assets_tests.sandbox.openmetadata.conftest import ServerMaker
from ingest_assets_tests.sandbox.openmetadata.estate import make_all

_ROWS = {"columns": ["x"], "rows": [[1]]}


@pytest.mark.parametrize("version", ["1.0.5", "1.5.8", "1.12.4", "2.0.7"])
def test_rows_and_messages_are_replaced_and_make_no_version(serve: ServerMaker, version: str) -> None:
    api = serve(version)
    made = make_all(api, version)
    rows, messages = f"tables/{made['tables']['id']}", f"topics/{made['topics']['id']}"
    api.put(f"{rows}/sampleData", {"columns": ["x"], "rows": [[0], [2]]})
    assert api.put(f"{rows}/sampleData", _ROWS).json()["sampleData"] == _ROWS
    assert api.get(f"{rows}/sampleData").json()["sampleData"] == _ROWS
    assert api.put(f"{messages}/sampleData", {"messages": ["m"]}).json()["sampleData"] == {"messages": ["m"]}
    assert [api.get(rows).json()["version"], api.get(messages).json()["version"]] == [0.1, 0.1]
    assert "sampleData" not in api.get(rows).json()
    api.delete(rows)
    assert api.put(f"{rows}/sampleData", _ROWS).status_code == 404


@pytest.mark.parametrize(("version", "status"), [("1.12.4", 500), ("1.13.4", 200), ("2.0.7", 200)])
def test_containers_have_rows_on_new_servers(serve: ServerMaker, version: str, status: int) -> None:
    api = serve(version)
    container = make_all(api, version)["containers"]["id"]
    assert api.put(f"containers/{container}/sampleData", _ROWS).status_code == status
    if status == 200:
        wrong = {"columns": ["none"], "rows": []}
        assert api.put(f"containers/{container}/sampleData", wrong).status_code == 400
        assert api.get(f"containers/{container}/sampleData").json()["sampleData"] == _ROWS


def test_a_dbt_model_is_stored_beside_the_table(serve: ServerMaker) -> None:
    api = serve("1.5.8")
    one = f"tables/{make_all(api, '1.5.8')['tables']['id']}"
    model = {"modelType": "DBT", "sql": "select 1", "path": "models/t.sql"}
    assert api.put(f"{one}/dataModel", model).json()["dataModel"] == model
    assert api.get(one, fields="dataModel").json()["dataModel"]["path"] == "models/t.sql"
    assert api.put(f"{one}/dataModel", {"sql": "select 1"}).status_code == 400
    assert api.put(f"{one}/dataModel", {**model, "nope": 1}).status_code == 400
    assert serve("1.4.8").put("tables/00000000-0000-4000-8000-000000000000/dataModel", model).status_code == 404
