"""From Atlas's JSON to what is told: pure functions, on rows of both observed versions and on odd ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import EntityType
from ingest_assets.sources.atlas.mapping import Placing, is_temporary, names_of_table
from ingest_assets.sources.atlas.shapes import NO_GUID, entity_of, kept_of, without_cluster
from ingest_assets.sources.atlas.typedefs import ClassificationDef, Types, read_types
from ingest_assets.sources.atlas.words import Wording
from ingest_assets_tests.sources.atlas.estate import classified, entity
from ingest_assets_tests.sources.atlas.odd_server import Asked, Reply, odd_server
from ingest_assets_tests.sources.atlas.scene import client_at

EXCHANGES = Path(__file__).parents[4] / "shared" / "contract" / "atlas"
NAMES = st.text(min_size=1, max_size=30)


def recorded() -> Iterator[Any]:
    for file in sorted(EXCHANGES.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            exchange = json.loads(line)
            if "/search/basic" in exchange["path"] and exchange["status"] == 200:
                yield from exchange["answer"].get("entities", ())


@pytest.mark.skipif(not EXCHANGES.is_dir(), reason="needs the recorded exchanges")
def test_each_row_that_a_real_server_gave_is_read_and_kept_whole() -> None:
    rows = [row for row in recorded() if row["guid"] != NO_GUID and "qualifiedName" in row["attributes"]]
    assert len(rows) > 1_000
    for row in rows:
        assert entity_of(kept_of(row)) == entity_of(row)


@pytest.mark.skipif(not EXCHANGES.is_dir(), reason="needs the recorded exchanges")
@pytest.mark.parametrize("version", ["2.1.0", "2.4.0"])
def test_the_types_of_a_real_server_tell_what_is_a_table(version: str) -> None:
    lines = (EXCHANGES / f"{version}.jsonl").read_text(encoding="utf-8").splitlines()
    told = {each["path"]: each["answer"] for each in map(json.loads, lines) if each["status"] == 200}

    def answer(asked: Asked) -> Reply:
        return Reply(told[f"{asked.path}?type={asked.query['type'][0]}"])

    with odd_server(answer) as server:
        types = read_types(client_at(server.url))
    tables = {each.name: each for each in types.tables_of("Table")}
    assert set(tables) == {"hive_table", "rdbms_table", "spark_table"}
    assert (tables["hive_table"].column, tables["hive_table"].keys) == ("hive_column", ("partitionKeys",))
    assert types.backs("hive_column") == ("table",)
    assert "hive_process" in types.processes()
    assert types.column_flows()
    assert types.knows("hive_process", ("inputs", "queryText", "query")) == ("inputs", "queryText")
    assert types.above("PII_CONTACT") == ("PII",)


@given(name=NAMES, cluster=NAMES.filter(lambda text: "@" not in text))
def test_the_cluster_is_what_follows_the_last_at(name: str, cluster: str) -> None:
    row = entity("guid", "hive_table", f"{name}@{cluster}", "t")
    assert entity_of(row).cluster == cluster
    assert without_cluster(f"{name}@{cluster}") == name


@given(database=NAMES, name=NAMES)
def test_names_are_taken_as_they_are_whatever_is_in_them(database: str, name: str) -> None:
    row = entity("guid", "hive_table", f"{database}.{name}@cm", name)
    assert names_of_table(entity_of(row), database) == (database, name)


def test_a_table_that_is_called_so_is_not_temporary() -> None:
    row = entity("guid", "hive_table", "sales.load_temp-1@cm", "load_temp-1")
    assert not is_temporary(entity_of(row))


def test_a_description_that_a_person_wrote_in_atlas_comes_first() -> None:
    row = entity("guid", "hive_table", "a.b@cm", "b", comment="hive", description="hook", userDescription="person")
    told = entity_of(row)
    assert told.text("userDescription", "description", "comment") == "person"


def worded(*told: Any, attributes: dict[str, str]) -> list[str]:
    known = {"C": ClassificationDef("C", "", (), attributes)}
    found = Wording(Types({}, known), None).of(entity_of(entity("g", "t", "q@c", "n", _classifications=list(told))))
    assert found.labels is not None
    return [label.fqn for label in found.labels]


@pytest.mark.parametrize(
    ("value", "kind", "tags"),
    [
        ("high", "string", ["AtlasMetadata.C.a=high"]),
        (365, "int", ["AtlasMetadata.C.a=365"]),
        (True, "boolean", ["AtlasMetadata.C.a=true"]),
        (["x", "y"], "array<string>", ["AtlasMetadata.C.a=x", "AtlasMetadata.C.a=y"]),
        (0.5, "float", []),
        (1_700_000_000_000, "date", []),
        ({"k": "v"}, "map<string,string>", []),
        ("x" * 65, "string", []),
        ("two\nlines", "string", []),
        ("v1.2", "string", ['AtlasMetadata.C."a=v1.2"']),
    ],
)
def test_values_of_classifications_are_tags_where_they_are_words(value: object, kind: str, tags: list[str]) -> None:
    assert worded(classified("C", "g", a=value), attributes={"a": kind}) == ["AtlasMetadata.C", *tags]


def test_a_classification_that_is_met_twice_is_one_label() -> None:
    told = [classified("C", "g"), classified("C", "another")]
    assert worded(*told, attributes={}) == ["AtlasMetadata.C"]


@pytest.mark.parametrize(
    ("placing", "cluster", "expected"),
    [
        (Placing(("hive",)), "cm", ""),
        (Placing(()), "cm", None),
        (Placing(("hive",), (), {"cm": ("hive",)}), "cm", "hive"),
        (Placing(("hive",), (), {"cm": ("hive",)}), "dr", None),
        (Placing(("hive",), ("kafka",), {"cm": ("kafka",)}), "dr", ""),
        (Placing(("hi.ve",), (), {"cm": ("hi.ve",)}), "cm", '"hi.ve"'),
    ],
)
def test_a_cluster_says_where_a_table_lies(placing: Placing, cluster: str, expected: str | None) -> None:
    assert placing.within(EntityType.TABLE, cluster) == expected


def test_a_row_without_what_each_has_is_no_entity() -> None:
    with pytest.raises(KeyError, match="qualifiedName"):
        entity_of({"guid": "g", "typeName": "t", "attributes": {}, "status": "ACTIVE"})
