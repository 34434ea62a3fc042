from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import EntityType
from ingest_assets.errors import IncompatibleServerError
from ingest_assets.openmetadata.capabilities import Capabilities, Version, capabilities_of


def of(text: str) -> Capabilities:
    return capabilities_of(Version.parse(text))


@pytest.mark.parametrize(
    ("text", "version"),
    [("1.5.7-SNAPSHOT", (1, 5, 7)), ("1.12", (1, 12, 0)), ("v1.0.3.1", (1, 0, 3)), ("2.0.7.0", (2, 0, 7))],
)
def test_a_version_is_found_in_a_servers_words(text: str, version: tuple[int, int, int]) -> None:
    assert Version.parse(text) == version


@given(st.text(st.characters(exclude_categories=["Nd"])))
def test_a_text_without_numbers_is_no_version(text: str) -> None:
    with pytest.raises(IncompatibleServerError, match="version"):
        Version.parse(text)


@given(st.text(), st.tuples(*[st.integers(0, 10**9)] * 3))
def test_a_version_is_found_in_any_text(text: str, numbers: tuple[int, int, int]) -> None:
    around = "".join(sign for sign in text if not sign.isdigit())
    assert Version.parse(f"{around} {'.'.join(map(str, numbers))}-{around}") == numbers


def test_minors_compare_as_numbers() -> None:
    assert Version.parse("1.9.9") < Version.parse("1.12.0")


@pytest.mark.parametrize("text", ["0.13.2", "0.9", "0.0.0"])
def test_below_1_0_is_refused(text: str) -> None:
    with pytest.raises(IncompatibleServerError, match=str(Version.parse(text))):
        of(text)


@pytest.mark.parametrize(("text", "like"), [("1.14.0", "1.13"), ("2.3.1", "2.0"), ("5.0", "2.0")])
def test_a_newer_server_counts_as_the_newest_known_of_its_line(text: str, like: str) -> None:
    newer, known = of(text), of(like)
    assert newer.note is not None
    assert known.note is None
    assert newer.table_types == known.table_types
    assert newer.data_types == known.data_types


# What changes at a minor, by the first minor that has it.
SINCE = {
    "projects": "1.1",
    "adds_schemas": "1.2",
    "schedules": "1.1",
    "full_path": "1.4",
    "chart_dashboards": "1.5",
    "retention_period": "1.1",
    "source_hash": "1.2",
    "life_cycle": "1.2",
    "lineage_source": "1.2",
    "partition_objects": "1.4",
    "lower_cases_users": "1.5",
    "location_path": "1.6",
}


@pytest.mark.parametrize(("name", "since"), SINCE.items())
def test_a_feature_is_there_from_its_minor_on(name: str, since: str) -> None:
    major, minor = map(int, since.split("."))
    assert getattr(of(since), name) is True
    assert getattr(of(f"{major}.{minor - 1}"), name) is False
    assert getattr(of("2.0"), name) is True


@pytest.mark.parametrize(
    ("text", "owners", "sql", "longest", "connection", "bulk"),
    [
        ("1.0.3", "owner", "viewDefinition", 128, True, False),
        ("1.4.8", "owner", "schemaDefinition", 256, False, False),
        ("1.5.7-SNAPSHOT", "owners", "schemaDefinition", 256, False, False),
        ("1.12.4", "owners", "schemaDefinition", 256, False, True),
    ],
)
def test_spellings_of_the_lines(text: str, owners: str, sql: str, longest: int, connection: bool, bulk: bool) -> None:
    server = of(text)
    assert (server.owners, server.schema_definition, server.names.longest) == (owners, sql, longest)
    assert server.connection_required is connection
    assert ("tables" in server.bulk) is bulk


def test_words_come_and_go() -> None:
    assert "Transient" not in of("1.0").table_types
    assert "SemanticView" not in of("1.13").table_types
    assert "MEASURE HIDDEN" in of("1.6").data_types
    assert ["MF4" in of(text).file_formats for text in ("1.8", "1.9", "1.10", "1.11")] == [False, True, False, True]
    assert not of("1.0").file_formats
    assert "Iceberg" in of("1.12").services[EntityType.DATABASE_SERVICE]
    assert "Iceberg" not in of("2.0").services[EntityType.DATABASE_SERVICE]
    assert "INJECTED" not in of("1.3").partition_intervals
