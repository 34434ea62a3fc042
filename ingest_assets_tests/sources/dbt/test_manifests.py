"""Manifests of every version that dbt has written since 1.0, each by a real dbt, read as one and the same project.

``manifests`` holds what ``dbt compile`` of dbt-core 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6 and 1.7 with dbt-duckdb wrote of
the company's project (v4 to v11), without times, ids and macros; where the older adapter calls the database ``main`` it
is spelled as the newer one does. That of dbt-core 1.11 (v12) is the sandbox's own.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ingest_assets.catalog import Elsewhere, Enrichment, Filtered, Finding, ForeignEdge, Note, Statement, Tag
from ingest_assets.errors import InvalidAnswerError, NotFoundError, RejectedError
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sources.dbt.artifacts import Artifacts
from ingest_assets.sources.dbt.settings import DbtSettings
from ingest_assets.sources.dbt.source import DbtSource
from ingest_assets.sources.dbt.ways import LocalFiles

MANIFESTS = {f"v{version}": Path(__file__).parent / "manifests" / f"v{version}.json" for version in range(4, 12)}
MANIFESTS["v12"] = DBT_TARGET / "manifest.json"
BESIDE = {kind: str(DBT_TARGET / f"{kind}.json") for kind in ("catalog", "run_results", "sources")}

Json = dict[str, Any]


def source(manifest: Path, others: dict[str, str] | None = None, **settings: Any) -> DbtSource:
    return DbtSource(DbtSettings("lake", **settings), LocalFiles(str(manifest), others or {}))


def read(manifest: Path, others: dict[str, str] | None = None, **settings: Any) -> list[Finding]:
    made = source(manifest, others, **settings)
    (root,) = made.roots()
    return list(made.read(root))


def names(end: object) -> tuple[str, ...]:
    assert isinstance(end, Elsewhere)
    return end.names


def enrichments(found: list[Finding]) -> dict[tuple[str, ...], Enrichment]:
    return {names(each.target): each for each in found if isinstance(each, Enrichment)}


def notes(found: list[Finding]) -> str:
    return "\n".join(each.text for each in found if isinstance(each, Note))


def changed(folder: Path, change: Callable[[Json], object], name: str = "manifest.json") -> Path:
    """The newest manifest, or another artifact, with something of it changed."""
    told = json.loads((DBT_TARGET / name).read_text(encoding="utf-8"))
    change(told)
    path = folder / name
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


@pytest.mark.parametrize("version", MANIFESTS)
def test_every_version_tells_the_same_of_the_project(version: str) -> None:
    found = read(MANIFESTS[version])
    told, newest = enrichments(found), enrichments(read(MANIFESTS["v12"]))
    assert told.keys() == newest.keys()
    sessions = told["clickstream", "sessions"]
    assert (sessions.owners, [label.fqn for label in sessions.labels or ()]) == (("web",), ["dbtTags.web"])
    columns = {each.path[0]: (each.description, each.labels) for each in sessions.columns}
    assert columns["session_id"] == ("Visitor and start", ())
    assert [label.fqn for label in columns["visitor_id"][1] or ()] == ["dbtTags.personal"]
    model = sessions.dbt_model
    assert model is not None
    assert (model.resource_type, model.project) == ("model", "norrpost")
    assert model.path == "models/clickstream/sessions.sql"
    assert "source('visits', 'page_views')" in (model.raw_sql or "")
    assert '"awsdatacatalog"."clickstream"."page_views"' in (model.sql or "")
    tested = {each.name: each.description for each in model.columns}
    assert tested["session_id"] == "Visitor and start\n\nTests: not_null, unique."


@pytest.mark.parametrize("version", MANIFESTS)
def test_every_version_tells_the_same_lineage(version: str) -> None:
    found = read(MANIFESTS[version])
    reads = {names(each.target): each for each in found if isinstance(each, Statement)}
    assert {names(table) for _, table in reads["finance", "invoices"].reads} == {
        ("finance", "invoices"),  # what a model itself is called, as incremental ones read themselves
        ("sales", "orders"),  # by way of a model that lives within others only
    }
    assert {names(table) for _, table in reads["sales", "prices"].reads} >= {("erp", "public", "price_list")}
    assert ("finance", "vat_rates") not in reads
    assert {each.dialect for each in reads.values()} == {"duckdb"}
    exposed = {(names(each.source), names(each.target)[0]) for each in found if isinstance(each, ForeignEdge)}
    page = "https://eu-north-1.quicksight.aws.amazon.com/sn/dashboards/sales-overview"
    assert exposed == {(("finance", "invoices"), page), (("sales", "orders"), page)}
    assert "1 exposures are no dashboards" in notes(found)


def test_the_catalog_gives_columns_their_types_and_order() -> None:
    model = enrichments(read(MANIFESTS["v12"], BESIDE))["finance", "invoices"].dbt_model
    assert model is not None
    assert [(each.name, each.data_type, each.data_type_display) for each in model.columns][4:6] == [
        ("due_on", "DATE", "date"),
        ("amount", "DECIMAL", "decimal(12,2)"),
    ]
    assert model.description == "Invoices sent\n\nTests: no_negative_invoices."


def test_tests_are_told_with_their_arguments() -> None:
    model = enrichments(read(MANIFESTS["v12"]))["finance", "invoices"].dbt_model
    assert model is not None
    told = {each.name: each.description for each in model.columns}
    assert told["currency"] == "Tests: accepted_values (values: SEK, EUR, DKK, NOK)."


def test_late_sources_and_failed_tests_are_notes(tmp_path: Path) -> None:
    def fail(told: Json) -> None:
        for each in told["results"]:
            if each["unique_id"].startswith("test.norrpost.no_negative"):
                each["status"] = "fail"

    results = changed(tmp_path, fail, "run_results.json")
    text = notes(read(MANIFESTS["v12"], {**BESIDE, "run_results": str(results)}))
    assert "1 of dbt's tests did not pass in its last run: test.norrpost.no_negative_invoices" in text
    assert "1 of dbt's sources are older than they should be: source.norrpost.erp.price_list" in text


def test_an_optional_artifact_that_is_not_there_is_a_note(tmp_path: Path) -> None:
    found = read(MANIFESTS["v12"], {"catalog": str(tmp_path / "catalog.json")})
    assert "no catalog, so columns have no types" in notes(found)
    assert len(enrichments(found)) == 22


def test_without_sql_as_it_runs_there_is_lineage_without_columns(tmp_path: Path) -> None:
    def uncompile(told: Json) -> None:
        for node in told["nodes"].values():
            node.pop("compiled_code", None)

    found = read(changed(tmp_path, uncompile))
    assert not [each for each in found if isinstance(each, Statement)]
    edges = {(names(each.source), names(each.target)) for each in found if isinstance(each, ForeignEdge)}
    assert (("sales", "orders"), ("finance", "invoices")) in edges
    assert "9 models have no SQL as it runs" in notes(found)


def test_patterns_leave_tables_and_their_lineage_out() -> None:
    found = read(MANIFESTS["v12"], schema_filter=lambda name: name != "finance")
    left = {each.called: each.reason for each in found if isinstance(each, Filtered)}
    assert left["awsdatacatalog.finance.invoices"] == "schemaFilterPattern"
    assert not [each for each in enrichments(found) if each[0] == "finance"]
    edges = [each for each in found if isinstance(each, ForeignEdge)]
    assert {names(each.source) for each in edges} == {("sales", "orders")}


def test_tags_are_not_told_where_they_are_not_asked_for() -> None:
    found = read(MANIFESTS["v12"], include_tags=False)
    assert not [each for each in found if isinstance(each, Tag)]
    assert all(each.labels is None for each in enrichments(found).values())


def test_a_database_that_is_no_word_for_glue_stays_part_of_the_name_unless_all_are_searched() -> None:
    assert ("erp", "public", "price_list") in enrichments(read(MANIFESTS["v12"]))
    found = enrichments(read(MANIFESTS["v12"], search_across_databases=True))
    assert ("public", "price_list") in found


def test_one_table_that_several_nodes_tell_of_is_told_once_by_who_makes_it(tmp_path: Path) -> None:
    def double(told: Json) -> None:
        made = told["sources"]["source.norrpost.shop.orders"]
        told["sources"]["source.norrpost.a.invoices"] = {
            **made,
            "unique_id": "source.norrpost.a.invoices",
            "schema": "finance",
            "identifier": "invoices",
        }

    found = read(changed(tmp_path, double))
    assert enrichments(found)["finance", "invoices"].dbt_model is not None
    (left,) = [each for each in found if isinstance(each, Filtered)]
    assert left.reference.path[-1] == "source.norrpost.a.invoices"


def test_a_tier_and_terms_that_meta_asks_for_are_labels() -> None:
    labels = enrichments(read(MANIFESTS["v12"]))["ml_features", "customer_features"].labels or ()
    assert [label.fqn for label in labels] == ["dbtTags.daily", "dbtTags.ml", "Tier.Tier2"]


def test_a_group_s_owner_counts_where_meta_names_none(tmp_path: Path) -> None:
    def group(told: Json) -> None:
        told["groups"] = {"group.norrpost.a": {"name": "a", "owner": {"email": "mei.tanaka@norrpost.example"}}}
        told["nodes"]["model.norrpost.invoice_lines"]["group"] = "a"

    found = enrichments(read(changed(tmp_path, group)))
    assert found["finance", "invoice_lines"].owners == ("mei.tanaka@norrpost.example",)


def test_ephemeral_models_that_read_each_other_end(tmp_path: Path) -> None:
    def circle(told: Json) -> None:
        node = told["nodes"]["model.norrpost.valid_orders"]
        node["depends_on"]["nodes"] += ["model.norrpost.valid_orders", "model.other.unknown"]

    assert "dependencies lead to what the manifest lacks" in notes(read(changed(tmp_path, circle)))


BROKEN = [
    (b"", "It is empty"),
    (b"{", "cut, or no JSON"),
    (b"<html>sign in</html>", "cut, or no JSON"),
    (b"[]", "no artifact of dbt"),
    (b'{"metadata": {}}', "no artifact of dbt"),
    (b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}}', "lacks its nodes"),
    (b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v2.json"}}', "oldest that can be"),
    ((DBT_TARGET / "catalog.json").read_bytes(), "It is dbt's catalog, and not the manifest"),
    ((DBT_TARGET / "manifest.json").read_bytes()[:60_000], "cut, or no JSON"),
    ((DBT_TARGET / "manifest.json").read_bytes().replace(b'"unique_id"', b'"id"'), "It lacks 'unique_id'"),
    ((DBT_TARGET / "manifest.json").read_bytes().replace(b'"columns": {', b'"columns": 7, "x": {'), "another shape"),
]


@pytest.mark.parametrize(("content", "told"), BROKEN)
def test_a_broken_manifest_fails_and_says_why(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(InvalidAnswerError, match=told):
        read(path)


@pytest.mark.parametrize("kind", BESIDE)
def test_a_broken_artifact_beside_it_fails_too(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "artifact.json"
    path.write_bytes(Path(BESIDE[kind]).read_bytes()[:500])
    with pytest.raises(InvalidAnswerError, match="cut, or no JSON"):
        read(MANIFESTS["v12"], {**BESIDE, kind: str(path)})


def test_a_manifest_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file"):
        read(tmp_path / "manifest.json")


def test_a_manifest_newer_than_what_is_known_is_read_with_a_note(tmp_path: Path) -> None:
    def renew(told: Json) -> None:
        told["metadata"]["dbt_schema_version"] = "https://schemas.getdbt.com/dbt/manifest/v20.json"

    assert "newer than those that are known" in notes(read(changed(tmp_path, renew)))


def test_whose_project_it_is_is_known_from_the_oldest_on() -> None:
    for manifest in (MANIFESTS["v4"], MANIFESTS["v12"]):
        made = source(manifest)
        list(made.read(made.roots()[0]))
        assert made.identity() == "dbt project norrpost"


def test_a_packed_manifest_is_read_as_the_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "manifest.json"
    packed.write_bytes(gzip.compress(MANIFESTS["v12"].read_bytes()))
    assert enrichments(read(packed)) == enrichments(read(MANIFESTS["v12"]))


@pytest.mark.parametrize("left", [0.5, 0.99])
def test_a_packed_manifest_that_is_cut_tells_nothing(tmp_path: Path, left: float) -> None:
    whole, packed = gzip.compress(MANIFESTS["v12"].read_bytes()), tmp_path / "manifest.json"
    for broken in (whole[: int(len(whole) * left)], whole[:20] + b"no" + whole[22:], whole[:-6] + b"broken"):
        packed.write_bytes(broken)
        with pytest.raises(InvalidAnswerError, match="cut, or no JSON"):
            read(packed)


def test_dbt_owns_nothing_that_could_be_asked_for() -> None:
    made = source(MANIFESTS["v12"])
    (root,) = made.roots()
    assert made.services() == ()
    filtered = next(each for each in read(MANIFESTS["v12"], table_filter=lambda _: False) if isinstance(each, Filtered))
    assert root.holds(filtered.reference)
    with pytest.raises(RejectedError):
        made.exists(filtered.reference)


ODD: list[tuple[str, object]] = [
    ("unique_id", None),
    ("resource_type", []),
    ("schema", ["finance"]),
    ("package_name", 7),
    ("original_file_path", 7),
    ("description", {"a": None}),
    ("compiled_code", 7),
    ("raw_code", 7),
    ("depends_on", None),
    ("depends_on", {"nodes": [7]}),
    ("columns", {"invoice_id": {"data_type": 7}}),
]


@pytest.mark.parametrize(("key", "value"), ODD)
def test_a_member_of_another_shape_is_a_broken_manifest_and_names_the_node(
    tmp_path: Path, key: str, value: object
) -> None:
    with pytest.raises(InvalidAnswerError, match="dbt:"):
        read(changed(tmp_path, lambda told: told["nodes"]["model.norrpost.invoices"].update({key: value})))


@pytest.mark.parametrize("section", ["nodes", "sources", "exposures"])
@pytest.mark.parametrize("value", [None, []])
def test_a_section_that_is_missing_is_a_broken_manifest_and_no_empty_one(
    tmp_path: Path, section: str, value: object
) -> None:
    with pytest.raises(InvalidAnswerError, match=f"lacks its {section}"):
        read(changed(tmp_path, lambda told: told.update({section: value})))
    with pytest.raises(InvalidAnswerError, match=f"lacks its {section}"):
        read(changed(tmp_path, lambda told: told.pop(section)))
    assert read(changed(tmp_path, lambda told: told.update({"sources": {}, "exposures": {}})))


@pytest.mark.parametrize("tenth", range(10))
def test_a_manifest_cut_anywhere_tells_nothing(tmp_path: Path, tenth: int) -> None:
    whole = (DBT_TARGET / "manifest.json").read_bytes()
    (tmp_path / "manifest.json").write_bytes(whole[: len(whole) * tenth // 10])
    with pytest.raises(InvalidAnswerError):
        read(tmp_path / "manifest.json")


@pytest.mark.parametrize("database", [None, "glue_catalog"])
def test_one_table_in_two_words_for_glue_is_told_once_by_who_makes_it(tmp_path: Path, database: str | None) -> None:
    def double(told: Json) -> None:
        made = told["sources"]["source.norrpost.shop.orders"]
        names = {"database": database, "schema": "finance", "identifier": "invoices"}
        told["sources"]["source.norrpost.a.invoices"] = {**made, **names, "unique_id": "source.norrpost.a.invoices"}

    found = read(changed(tmp_path, double))
    (said,) = [each for each in found if isinstance(each, Enrichment) and names(each.target) == ("finance", "invoices")]
    assert said.dbt_model is not None


def test_a_project_that_only_reads_a_table_does_not_speak_before_the_one_that_makes_it(tmp_path: Path) -> None:
    class Both(NamedTuple):
        ways: tuple[LocalFiles, ...]

        def fetch(self, folder: Path) -> Iterator[Artifacts]:
            return (each for way in self.ways for each in way.fetch(folder))

        def state(self) -> None:
            return None

        def place(self) -> str:
            return "both"

    def only_read(told: Json) -> None:
        made = told["sources"]["source.norrpost.shop.orders"]
        names = {"schema": "finance", "identifier": "invoices", "unique_id": "source.other.a.invoices"}
        told["nodes"], told["sources"] = {}, {"source.other.a.invoices": {**made, **names}}

    reader = LocalFiles(str(changed(tmp_path, only_read)), {})
    made = DbtSource(DbtSettings("lake"), Both((reader, LocalFiles(str(MANIFESTS["v12"]), {}))))
    model = enrichments(list(made.read(made.roots()[0])))["finance", "invoices"].dbt_model
    assert model is not None


def test_a_project_whose_name_is_no_text_is_called_as_its_models_say(tmp_path: Path) -> None:
    made = source(changed(tmp_path, lambda told: told["metadata"].update(project_name=["a"], adapter_type={})))
    list(made.read(made.roots()[0]))
    assert made.identity() == "dbt project norrpost"
