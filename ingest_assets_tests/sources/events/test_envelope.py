"""What a message tells, whatever is in it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.events.envelope import Change, change_of

ACCOUNT, REGION = "123456789012", "eu-central-1"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def event(*, detail: object = None, **envelope: object) -> dict[str, Any]:
    told = {
        "source": "aws.glue",
        "detail-type": "Glue Data Catalog Table State Change",
        "account": ACCOUNT,
        "region": REGION,
        "detail": detail or {"databaseName": "sales", "typeOfChange": "UpdateTable"},
    }
    return {**told, **envelope}


def test_an_event_is_read_as_it_comes_and_by_a_topic_with_raw_delivery_or_without() -> None:
    body = json.dumps(event())
    expected = Change("glue", ACCOUNT, REGION, "sales")
    assert change_of(body) == expected
    assert change_of(json.dumps({"Type": "Notification", "Message": body})) == expected


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1"])
def test_regions_of_all_partitions_are_regions(region: str) -> None:
    found = change_of(json.dumps(event(region=region)))
    assert found is not None
    assert found.region == region


@pytest.mark.parametrize("name", ["späte Läufe", "a.b", "[x]", "日本", "😀", "x" * 255])
def test_strange_names_are_names(name: str) -> None:
    found = change_of(json.dumps(event(detail={"databaseName": name, "typeOfChange": "UpdateTable"})))
    assert found is not None
    assert found.database == name


@pytest.mark.parametrize("name", [None, 7, [], {}, "", "\ud800", "a\0b", "x" * 256])
def test_what_can_not_be_a_databases_name_is_not_taken_for_one(name: object) -> None:
    """It would make a pattern that fits nothing, for which the message is removed; or a cursor that nothing stores."""
    with pytest.raises(InvalidAnswerError, match="databaseName"):
        change_of(json.dumps(event(detail={"databaseName": name, "typeOfChange": "UpdateTable"})))


@pytest.mark.parametrize("key", ["account", "region"])
def test_an_event_of_nowhere_is_none(key: str) -> None:
    """Else it would concern no recipe, and be removed."""
    for value in (None, "", "somewhere", 7):
        with pytest.raises(InvalidAnswerError, match=key):
            change_of(json.dumps(event(**{key: value})))


@pytest.mark.parametrize("body", ["[" * 200_000, '{"detail":' * 100_000])
def test_a_message_that_is_nested_too_deeply_is_no_event(body: str) -> None:
    """Python's parser ends with another error than that of broken JSON: it ended the tick, and the next one, too."""
    for text in (body, json.dumps({"Type": "Notification", "Message": body})):
        with pytest.raises(InvalidAnswerError):
            change_of(text)


@given(JSON, JSON)
def test_whatever_is_in_an_event_it_is_read_or_refused(value: object, detail: object) -> None:
    told = event(detail=detail)
    for key in told:
        with suppress(InvalidAnswerError):
            change_of(json.dumps({**told, key: value}))
