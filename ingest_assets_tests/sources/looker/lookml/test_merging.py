from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.looker.lookml.lineage import Lineages
from ingest_assets.sources.looker.lookml.merging import extended, overlay, parents_of, refined
from ingest_assets.sources.looker.lookml.models import LookmlProject, View
from ingest_assets_tests.sources.looker.lookml.making import project, reasons


def view(made: LookmlProject, name: str) -> View:
    found = made.model("m").view(name)
    assert found is not None
    return found


def labels(found: View) -> dict[str, str | None]:
    return {field.name: field.label for field in found.fields}


def test_refinements_and_extends_become_one_view_with_all_columns() -> None:
    made = project(
        {
            "m.model.lkml": 'include: "base"\ninclude: "child"\ninclude: "r2"\ninclude: "r1"\nexplore: child {}',
            "base.lkml": """view: base {
                sql_table_name: mart.base ;;
                dimension: id { primary_key: yes label: "Id" sql: ${TABLE}.base_id ;; }
                dimension: status { label: "Status" }
              }""",
            "child.lkml": 'view: child { extends: [base] dimension: status { description: "Of the order" } }',
            "r1.lkml": 'view: +child { dimension: status { label: "First" } dimension: extra {} }',
            "r2.lkml": """view: +base { dimension: late { sql: ${TABLE}.late_at ;; } }
                          view: +child { dimension: status { label: "Second" hidden: yes } }""",
        }
    )
    child = view(made, "child")
    # r1 is included last, so its label counts; what r2 says besides stays, and what refines the base is inherited.
    assert labels(child) == {"id": "Id", "status": "First", "late": None, "extra": None}
    status = child.by_name["status"]
    assert (status.description, status.is_hidden) == ("Of the order", True)
    assert [place.file.path for place in child.refined_at] == ["r2.lkml", "r1.lkml"]
    assert child.parents == ("base",)
    assert made.model("m").views == ["base", "child"]
    found = Lineages(made.model("m"), None).of("child")
    assert {(flow.column, flow.field) for flow in found.flows} == {
        (("base_id",), "id"),
        (("status",), "status"),
        (("late_at",), "late"),
        (("extra",), "extra"),
    }
    assert found.sources[0] == (("mart", "base"),)
    assert made.problems == []


def test_of_several_that_are_extended_the_last_named_counts() -> None:
    made = project(
        {
            "m.model.lkml": """
                view: a { dimension: x { label: "A" type: number } sql_table_name: ta ;; }
                view: b { dimension: x { label: "B" } extension: required sql_table_name: tb ;; }
                view: c { extends: [a, b] }
                view: d { extends: [b] extends: [a] dimension: x { label: "D" } }
            """
        }
    )
    assert labels(view(made, "c")) == {"x": "B"}
    assert view(made, "c").by_name["x"].type == "number"
    assert view(made, "c").body["sql_table_name"] == "tb"
    assert view(made, "d").body["sql_table_name"] == "ta"
    assert labels(view(made, "d")) == {"x": "D"}
    assert view(made, "b").is_template
    assert not view(made, "c").is_template


def test_a_refinement_may_extend_and_a_text_on_top_may_hold_the_one_below() -> None:
    made = project(
        {
            "m.model.lkml": """
                view: extra { dimension: y {} }
                view: a { derived_table: { sql: select 1 as x ;; persist_for: "1 hour" } dimension: x {} }
                view: +a { extends: [extra] derived_table: { sql: ${EXTENDED} where true ;; } }
                view: b { extends: [a] sql_table_name: t ;; measure: x { type: count } }
            """
        }
    )
    a, b = view(made, "a"), view(made, "b")
    assert list(a.by_name) == ["y", "x"]
    assert a.body["derived_table"] == {"sql": "select 1 as x where true", "persist_for": "1 hour"}
    # A table's name takes the place of the derived table, and a measure that of the dimension.
    assert "derived_table" not in b.body
    assert str(b.by_name["x"].kind) == "measure"
    assert len([field for field in b.fields if field.name == "x"]) == 1


def test_lists_grow_where_looker_says_so_and_are_replaced_elsewhere() -> None:
    below = {
        "sets": [{"name": "s", "fields": ["a", "b"]}, {"name": "t", "fields": ["a"]}],
        "tags": ["x"],
        "dimensions": [{"name": "d", "links": [{"label": "1"}], "tags": ["p"], "sql": "${TABLE}.full"}],
        "parameters": [{"name": "p", "allowed_values": [{"value": "1"}]}],
    }
    above = {
        "sets": [{"name": "s", "fields": ["c", "EXTENDED*", "d"]}, {"name": "t", "fields": ["z"]}],
        "tags": ["y"],
        "dimensions": [{"name": "d", "links": [{"label": "2"}], "tags": ["q"], "sql": "LEFT(${EXTENDED}, 50)"}],
        "parameters": [{"name": "p", "allowed_values": [{"value": "2"}]}],
    }
    assert overlay(below, above) == {
        "sets": [{"name": "s", "fields": ["c", "a", "b", "d"]}, {"name": "t", "fields": ["z"]}],
        "tags": ["y"],
        "dimensions": [
            {
                "name": "d",
                "links": [{"label": "1"}, {"label": "2"}],
                "tags": ["q"],
                "sql": "LEFT(${TABLE}.full, 50)",
            }
        ],
        "parameters": [{"name": "p", "allowed_values": [{"value": "1"}, {"value": "2"}]}],
    }


def test_what_refinements_extend_lies_over_what_the_view_extends_and_below_all_that_it_says() -> None:
    made = project(
        {
            "m.model.lkml": """
                view: base { extension: required label: "Base" description: "Base" sql_table_name: base ;; }
                view: other { extension: required label: "Other" description: "Other" sql_table_name: other ;; }
                view: orders { extends: [base] label: "Orders" description: "Orders" }
                view: +orders { extends: [other] label: "Refined" }
            """
        }
    )
    found = view(made, "orders")
    assert (found.label, found.description, found.body["sql_table_name"]) == ("Refined", "Orders", "other")


def test_explores_are_refined_and_extended_too() -> None:
    made = project(
        {
            "m.model.lkml": """
                view: orders { dimension: id {} } view: users { dimension: id {} } view: items {}
                explore: base { extension: required view_name: orders join: users { sql_on: true ;; } tags: ["x"] }
                explore: sales { extends: [base] label: "Sales" }
                explore: +sales { join: items {} join: users { relationship: one_to_one } hidden: yes }
                explore: alone { extends: [sales] view_name: users }
            """
        }
    )
    model = made.model("m")
    assert model.explores == ["sales", "alone"]
    sales = model.explore("sales")
    assert sales is not None
    assert sales.views == (("orders", "orders"), ("users", "users"), ("items", "items"))
    assert (sales.label, sales.tags, sales.is_hidden) == ("Sales", ("x",), True)
    assert sales.body["joins"][0] == {"name": "users", "sql_on": "true", "relationship": "one_to_one"}
    assert model.used_views == {
        "orders": ("sales",),
        "users": ("sales", "alone"),
        "items": ("sales", "alone"),
    }


def test_loose_ends_are_told_and_cost_nothing_else() -> None:
    made = project(
        {
            "m.model.lkml": """include: "twice"
                view: +gone { dimension: x {} }
                view: a { extends: [missing] dimension: x {} }
                view: b { extends: [c] dimension: x {} }
                view: c { extends: [b] dimension: y {} }
                view: twice { dimension: second {} }
                explore: a { join: nowhere {} fields: [ALL_FIELDS*, -a.nothing] }
            """,
            "twice.lkml": "view: twice { dimension: first {} }",
        }
    )
    assert list(view(made, "a").by_name) == ["x"]
    assert list(view(made, "b").by_name) == ["y", "x"]
    assert list(view(made, "twice").by_name) == ["second"]
    explore = made.model("m").explore("a")
    assert explore is not None
    assert [field.name for field in explore.fields] == ["a.x"]
    assert reasons(made) == [
        "the view 'twice' is declared again in //shop/m.model.lkml",
        "the refinement of view 'gone' refines nothing that is included",
        "the view 'a' extends 'missing', which is not included",
        "the view 'b' extends itself, or is extended 100 times over",
        "the explore 'a' uses the view 'nowhere' as 'nowhere', which is not included",
        "'-a.nothing' in the fields of the explore 'a' means nothing",
    ]


def test_chains_of_extends_without_end_are_told() -> None:
    text = "\n".join(f"view: v{n} {{ extends: [v{n + 1}] }}" for n in range(3000))
    made = project({"m.model.lkml": text})
    assert made.model("m").view("v0") is not None
    assert any("extended 100 times" in reason for reason in reasons(made))


def test_two_projects_in_one_process_have_nothing_of_each_other() -> None:
    first = project({"m.model.lkml": "view: v { sql_table_name: one.t ;; dimension: x {} }"})
    second = project({"m.model.lkml": "view: v { sql_table_name: two.t ;; } view: +v { dimension: y {} }"})
    assert [list(view(made, "v").by_name) for made in (first, second)] == [["x"], ["y"]]
    assert view(first, "v").body["sql_table_name"] == "one.t"


FIELDS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"name": st.sampled_from("xyz")}, optional={"label": st.text("ab", max_size=2), "sql": st.text("cd", max_size=2)}
)
BODIES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "label": st.text("ab", max_size=2),
        "dimensions": st.lists(FIELDS, max_size=3, unique_by=lambda field: field["name"]),
        "measures": st.lists(FIELDS, max_size=2, unique_by=lambda field: field["name"]),
        "extends__all": st.lists(st.lists(st.sampled_from("pq"), max_size=2), max_size=2),
    },
)


def flat(body: dict[str, Any]) -> dict[tuple[str, ...], str]:
    """Each parameter by its way down, with the kind of field in the value: a name is of one kind only."""
    found: dict[tuple[str, ...], str] = {(key,): value for key, value in body.items() if isinstance(value, str)}
    for kind in ("dimensions", "measures"):
        for field in body.get(kind, []):
            found |= {(field["name"], key): f"{kind} {value}" for key, value in field.items()}
    return found


@given(st.lists(BODIES, min_size=1, max_size=5))
def test_each_parameter_is_that_of_the_last_layer_that_has_it(layers: list[dict[str, Any]]) -> None:
    # A layer that holds one name as two kinds of field says nothing that counts.
    layers = [
        {**layer, "measures": [m for m in layer["measures"] if m["name"] not in names(layer)]}
        if "measures" in layer
        else layer
        for layer in layers
    ]
    merged = refined(layers[0], layers[1:])
    wanted: dict[tuple[str, ...], str] = {}
    for layer in layers:
        above = flat(layer)
        kinds = {key[0]: value.split(" ")[0] for key, value in above.items() if len(key) == 2}
        wanted = {
            key: value
            for key, value in wanted.items()
            if len(key) == 1 or key[0] not in kinds or value.split(" ")[0] == kinds[key[0]]
        } | above
    assert flat(merged) == wanted
    assert merged.get("extends__all", []) == [p for layer in layers for p in layer.get("extends__all", [])]


def names(layer: dict[str, Any]) -> set[str]:
    return {field["name"] for field in layer.get("dimensions", [])}


@given(BODIES, BODIES, BODIES)
def test_it_is_one_whether_two_layers_are_laid_first(a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]) -> None:
    a, b, c = ({key: value for key, value in body.items() if key != "measures"} for body in (a, b, c))
    assert overlay(overlay(a, b), c) == overlay(a, overlay(b, c))


@given(BODIES, BODIES)
def test_layers_are_left_as_they_are(a: dict[str, Any], b: dict[str, Any]) -> None:
    before = repr((a, b))
    extended(refined(a, [b]), {"p": b, "q": a}.get)
    assert repr((a, b)) == before


def test_parents_are_named_once_the_last_uppermost() -> None:
    assert parents_of({"extends__all": [["a", "b"], "c", ["a"]]}) == ("b", "c", "a")
