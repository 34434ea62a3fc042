from __future__ import annotations

from ingest_assets.sources.looker.lookml.manifest import fill
from ingest_assets_tests.sources.looker.lookml.making import project, reasons

MANIFEST = """
project_name: "hub"
constant: schema { value: "mart" }
constant: table { value: "@{schema}.orders" }
local_dependency: { project: "common" }
remote_dependency: blocks { url: "https://github.com/acme/blocks" ref: "v2"
  override_constant: prefix { value: "@{schema}_" }
  override_constant: fixed { value: "no" }
  override_constant: strange { value: "no" } }
remote_dependency: calendar { url: "git@gitlab.example.com:acme/calendar.git" }
"""
BLOCKS = {
    "manifest.lkml": """
        constant: prefix { value: "x_" export: override_optional }
        constant: fixed { value: "yes" }
        constant: needed { export: override_required }
        remote_dependency: deeper { url: "https://example.com/deeper" }
    """,
    "views/sessions.view.lkml": """include: "helper"
        view: sessions { sql_table_name: @{prefix}sessions_@{fixed} ;; label: "@{needed}" }""",
    "views/helper.lkml": "view: helper {}",
    "blocks.model.lkml": "explore: theirs { view_name: sessions }",
}


def test_projects_that_a_manifest_imports_are_told_with_where_they_are() -> None:
    made = project({"manifest.lkml": MANIFEST})
    assert made.name == "hub"
    assert [(d.name, d.url, d.ref) for d in made.missing_projects] == [
        ("common", None, None),
        ("blocks", "https://github.com/acme/blocks", "v2"),
        ("calendar", "git@gitlab.example.com:acme/calendar.git", None),
    ]


def test_two_remote_projects_are_both_read_with_the_constants_that_are_theirs() -> None:
    made = project(
        {
            "manifest.lkml": MANIFEST,
            "m.model.lkml": """include: "//blocks/views/*.view"
                include: "//calendar/**/*"
                view: orders { sql_table_name: @{table} ;; dimension: x { sql: '@{none}' ;; } }
                view: +sessions { dimension: added {} }""",
        },
        blocks=BLOCKS,
        calendar={"deep/dates.view.lkml": "view: dates { sql_table_name: @{schema}.dates ;; }"},
    )
    model = made.model("m")
    assert model.views == ["helper", "sessions", "dates", "orders"]
    tables = {name: found.body.get("sql_table_name") for name in model.views if (found := model.view(name))}
    assert tables["sessions"] == "mart_sessions_yes"
    assert tables["orders"] == "mart.orders"
    assert tables["dates"] == "@{schema}.dates"  # another project's constants are not its own
    sessions = model.view("sessions")
    assert sessions is not None
    assert list(sessions.by_name) == ["added"]
    assert sessions.place.file == ("blocks", "views/sessions.view.lkml")
    assert made.models == ["m"]  # models of imported projects are theirs
    assert [dependency.name for dependency in made.missing_projects] == ["common", "deeper"]
    assert reasons(made) == [
        "'blocks' has no constant 'fixed' to override",
        "'blocks' has no constant 'strange' to override",
        "the constant @{none} has no value in the manifest",
        "the constant @{needed} has no value in the manifest",
        "the constant @{schema} has no value in the manifest",
    ]


def test_a_manifest_that_cannot_be_read_is_told() -> None:
    made = project({"manifest.lkml": "project_name: {", "m.model.lkml": "view: v {}"})
    assert made.name == "shop"
    assert made.model("m").views == ["v"]
    assert [problem.path for problem in made.problems] == ["manifest.lkml"]


def test_constants_that_multiply_are_told_and_not_filled_in() -> None:
    unknown: set[str] = set()
    values = {f"c{level}": f"@{{c{level + 1}}}" * 100 for level in range(8)} | {"c8": "x"}
    assert len(fill("@{c0}", values, unknown)) <= 1 << 20
    assert unknown


def test_constants_that_hold_themselves_come_to_an_end() -> None:
    unknown: set[str] = set()
    assert "@{a}" in fill("@{a}", {"a": "x@{a}"}, unknown)
    assert unknown == set()
    assert len(fill("@{a}", {"a": "@{a}@{a}"}, unknown)) < 5000
