from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.quicksight.manifests import places

WHERE = "s3://lake/manifest.json"


def manifest(*uris: str, prefixes: tuple[str, ...] = ()) -> str:
    locations = [{"URIs": list(uris)}, {"URIPrefixes": list(prefixes)}]
    return json.dumps({"fileLocations": locations, "globalUploadSettings": {"format": "CSV"}})


URIS = [
    ("s3://lake/sales/a.csv", ("s3://lake", "sales/a.csv")),
    ("S3://lake/sales/a.csv", ("s3://lake", "sales/a.csv")),
    ("s3a://lake/a.csv", ("s3://lake", "a.csv")),
    ("s3://lake/odd ?#%20name.csv", ("s3://lake", "odd ?#%20name.csv")),
    ("https://s3.amazonaws.com/lake/sales/a.csv", ("s3://lake", "sales/a.csv")),
    ("https://s3.eu-west-1.amazonaws.com/lake/a.csv", ("s3://lake", "a.csv")),
    ("https://s3-eu-west-1.amazonaws.com/lake/a.csv", ("s3://lake", "a.csv")),
    ("https://lake.s3.amazonaws.com/sales/a.csv", ("s3://lake", "sales/a.csv")),
    ("https://lake.s3.us-gov-west-1.amazonaws.com/a.csv", ("s3://lake", "a.csv")),
    ("https://my.lake.s3-us-west-2.amazonaws.com/a%20b.csv", ("s3://my.lake", "a b.csv")),
    ("https://lake.s3.cn-north-1.amazonaws.com.cn/a.csv", ("s3://lake", "a.csv")),
    ("https://lake.s3.dualstack.eu-west-1.amazonaws.com/a.csv?versionId=7", ("s3://lake", "a.csv")),
]


@pytest.mark.parametrize(("uri", "place"), URIS)
def test_an_address_is_understood_in_every_spelling(uri: str, place: tuple[str, ...]) -> None:
    assert places(manifest(uri), WHERE) == (place,)


@pytest.mark.parametrize(
    ("prefix", "place"),
    [
        ("s3://lake", ("s3://lake",)),
        ("s3://lake/", ("s3://lake",)),
        ("s3://lake/sales/", ("s3://lake", "sales/")),
        ("s3://lake/sales/2024", ("s3://lake", "sales/")),  # it is 2024.csv, or 2024-01/...
        ("s3://lake/sales", ("s3://lake",)),
        ("https://s3.amazonaws.com/lake/sales/x", ("s3://lake", "sales/")),
        ("https://lake.s3.amazonaws.com/sales", ("s3://lake",)),
    ],
)
def test_a_prefix_is_the_folder_that_it_begins_in(prefix: str, place: tuple[str, ...]) -> None:
    assert places(manifest(prefixes=(prefix,)), WHERE) == (place,)


def test_a_place_counts_once() -> None:
    text = manifest("s3://lake/a.csv", "https://lake.s3.amazonaws.com/a.csv", "s3://lake/b.csv")
    assert places(text, WHERE) == (("s3://lake", "a.csv"), ("s3://lake", "b.csv"))


def test_the_manifest_of_an_unload_is_one_too() -> None:
    entries = [{"url": "s3://lake/out/0000_part_00", "mandatory": True, "meta": {"content_length": 7}}]
    assert places(json.dumps({"entries": entries}), WHERE) == (("s3://lake", "out/0000_part_00"),)


def test_a_mark_before_the_text_means_nothing() -> None:
    assert places("\ufeff" + manifest("s3://lake/a.csv"), WHERE) == (("s3://lake", "a.csv"),)


BROKEN = [
    ("", "can't be read"),
    ("[]", "can't be read"),
    ("{", "can't be read"),
    ("{}", "neither fileLocations nor entries"),
    ('{"fileLocations": [{"URIs": "s3://lake"}]}', "fileLocations.0.URIs"),
    ('{"entries": [{"mandatory": true}]}', "entries.0.url"),
    (manifest("https://example.com/a.csv"), "is not in S3"),
    (manifest("https://s3.amazonaws.com.example.com/lake/a.csv"), "is not in S3"),
    (manifest("lake/a.csv"), "is not in S3"),
    (manifest("s3:///a.csv"), "has no bucket"),
    (manifest("https://s3.amazonaws.com/"), "has no bucket"),
    (manifest("https://[broken/a.csv"), "is no address"),
]


@pytest.mark.parametrize(("text", "why"), BROKEN)
def test_what_is_no_manifest_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidAnswerError, match=WHERE) as caught:
        places(text, WHERE)
    assert why in caught.value.what


@given(st.lists(st.text(max_size=30), max_size=4), st.lists(st.text(max_size=30), max_size=4))
def test_whatever_a_manifest_lists_it_is_places_or_refused(uris: list[str], prefixes: list[str]) -> None:
    try:
        found = places(manifest(*uris, prefixes=tuple(prefixes)), WHERE)
    except InvalidAnswerError:
        return
    assert all(place[0].startswith("s3://") and all(place) for place in found)
