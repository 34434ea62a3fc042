"""A project that has a bit of all, cut and mixed up at random: whatever comes, nothing raises."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_assets.sources.looker.lookml.lineage import Lineages
from ingest_assets.sources.looker.lookml.models import LookmlProject
from ingest_assets.sources.looker.lookml.parsing import ParseCache
from ingest_assets_tests.sources.looker.lookml.making import called, files, project

WHOLE = """
include: "/views/*" include: "//block/a"
connection: "c" label: "L"
view: base { sql_table_name: @{s}.base ;; extension: required
  dimension: id { primary_key: yes } set: s { fields: [id, s*] } }
view: +base { extends: [more] dimension: id { label: "x" sql: ${EXTENDED} + ${TABLE}.n ;; } }
view: more { dimension_group: at { type: time timeframes: [raw, date] sql: ${TABLE}."At" ;; }
  measure: n { type: count } }
view: orders { extends: [base] sql_table_name: -- if prod -- {{ _user_attributes['s'] }}.o ;;
  dimension: late { type: yesno
    sql: {% if orders.at_date._in_query %} ${at_date} {% else %} ${users.id} {% endif %} ;; }
  parameter: p { type: unquoted allowed_value: { value: "a" } allowed_value: { value: "b" } } filter: f { type: date } }
view: sums { derived_table: { sql: select id, {% parameter orders.p %} as v, * from ${orders.SQL_TABLE_NAME}
    where {% condition f %} x {% endcondition %} ;; datagroup_trigger: d } dimension: id {} dimension: v {} }
view: days { derived_table: { explore_source: sales {
    column: d { field: orders.at_date } derived_column: r { sql: rank() ;; } } }
  dimension: d {} measure: m { type: sum sql: ${TABLE}.r ;; filters: [d: "1 day", - orders.id: "5"] } }
view: made { derived_table: { create_process: {
    sql_step: create table ${SQL_TABLE_NAME} as select x from t ;; } } dimension: x {} }
explore: root { extension: required view_name: orders fields: [ALL_FIELDS*, -orders.late, sums.v] }
explore: sales { extends: [root] from: orders join: sums { sql_on: ${sales.id} = ${sums.id} ;; fields: [sums.id] } }
explore: +sales { join: users { from: base } hidden: yes }
"""
PIECES = [piece for line in WHOLE.split("\n") for piece in line.split(" ")]
ODD = st.sampled_from(
    ["{", "}", "[", "]", ";;", '"', ":", "view:", "${TABLE}", "${", "{%", "%}", "{{", "extends:", "+", "#", "\n"]
)


def visit(made: LookmlProject) -> None:
    """Ask for all that there is to ask for."""
    for model in (*(made.model(name) for name in made.models), made.standalone):
        for name in model.explores:
            assert model.explore(name) is not None
        found = Lineages(model, "postgres")
        for name in model.views:
            view = model.view(name)
            assert view is not None
            assert made.text(view.place).startswith("view")
            lineage = found.of(name)
            assert {flow.field for flow in lineage.flows} <= set(view.by_name)
            assert {flow.source for flow in lineage.flows} <= set(lineage.sources)
    assert made.dashboards() == []
    assert list(made.standalone_views()) == list(made.standalone_views())
    json.dumps([str(problem) for problem in made.problems])


def test_the_whole_has_lineage() -> None:
    made = project({"m.model.lkml": WHOLE, "manifest.lkml": 'constant: s { value: "mart" }'})
    visit(made)
    model = made.model("m")
    found = Lineages(model, "postgres", {"s": "raw"})
    flows = {(called(flow.source), flow.column) for flow in found.of("sums").flows if flow.field == "id"}
    assert flows == {("raw.o", ("id",))}
    assert model.explores == ["sales"]
    assert len(made.problems) == 2  # what it includes from elsewhere
    assert [gap.reason for name in model.views for gap in found.of(name).gaps] == []
    assert {flow.column for flow in found.of("base").flows if flow.field == "id"} == {("id",), ("n",)}


WORDS = sorted({piece for piece in PIECES if piece.strip("+-_.${}").isidentifier() and not set(piece) & set("{}")})
PLACES = [at for at, piece in enumerate(PIECES) if piece in WORDS]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from([*WORDS, "sql", "yes"])), max_size=8))
def test_nothing_raises_whatever_words_a_file_holds(changes: list[tuple[int, str]]) -> None:
    pieces = list(PIECES)
    for at, word in changes:
        pieces[at] = word
    visit(project({"m.model.lkml": " ".join(pieces), "alone.lkml": "view: alone { extends: [base] }"}))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, len(PIECES) - 1), st.integers(0, 6), st.one_of(ODD, st.sampled_from(PIECES))),
        max_size=6,
    )
)
def test_nothing_raises_whatever_a_file_holds(cuts: list[tuple[int, int, str]]) -> None:
    pieces = list(PIECES)
    for at, length, put in cuts:
        pieces[at : at + length] = [put]
    visit(project({"m.model.lkml": " ".join(pieces), "alone.lkml": "view: alone { extends: [base] }"}))


@settings(max_examples=60)
@given(st.permutations(WHOLE.strip().split("\n")), st.integers(0, 12))
def test_nothing_raises_however_a_project_is_cut_into_files(lines: list[str], cut: int) -> None:
    texts = {"m.model.lkml": "\n".join(lines[:cut]), "views/v.lkml": "\n".join(lines[cut:])}
    visit(project(texts, block={"a.lkml": "view: imported {}"}))


def test_two_projects_may_share_what_is_parsed() -> None:
    cache = ParseCache()
    for name in ("one", "two"):
        main = files(name, {"m.model.lkml": WHOLE, "manifest.lkml": f'project_name: "{name}"'})
        visit(LookmlProject(main, [], cache))
    assert cache.parsed == 3
