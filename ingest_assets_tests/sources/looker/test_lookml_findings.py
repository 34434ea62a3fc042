from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_assets.catalog import DataModel, Elsewhere, Failed, Filtered, ForeignEdge, Note
from ingest_assets.sources.looker.connections import Connection
from ingest_assets.sources.looker.lookml_findings import lookml_findings
from ingest_assets_tests.sources.looker.lookml.making import project
from ingest_assets_tests.sources.looker.lookml.test_whole import PIECES, WHOLE, WORDS
from ingest_assets_tests.sources.looker.projects import CONTEXT, POSTGRES, edges, findings, model, models, of


def test_a_view_of_two_models_is_a_data_model_of_each_as_each_sees_it() -> None:
    found = findings(
        {
            "a.model.lkml": 'connection: "warehouse" include: "/v.view" explore: v {}',
            "b.model.lkml": 'connection: "lake" include: "/v.view" view: +v { dimension: more {} } explore: v {}',
            "v.view.lkml": "view: v { sql_table_name: {{ _model._name }}.v ;; dimension: id {} }",
        },
        connections={"warehouse": POSTGRES, "lake": Connection("lake", "athena", "awsdatacatalog")},
        places={"lake": "glue_prod"},
    )
    told = models(found)
    assert {name: [column.name for column in each.columns] for name, each in told.items()} == {
        "a_v_view": ["id"],
        "b_v_view": ["id", "more"],
    }
    assert sorted(edges(found)) == [("analytics.a.v", "a_v_view"), ("b.v", "b_v_view")]
    assert {(str(e.source), e.source.within) for e in of(ForeignEdge, found) if isinstance(e.source, Elsewhere)} == {
        ("analytics.a.v", ""),
        ("b.v", "glue_prod"),
    }


def test_what_the_filter_leaves_out_is_filtered_with_its_lineage_and_changes_no_other_name() -> None:
    text = """view: keep { derived_table: { sql: select id from ${drop.SQL_TABLE_NAME} ;; } dimension: id {} }
              view: drop { derived_table: { sql: select id from ${deep.SQL_TABLE_NAME} ;; } dimension: id {} }
              view: deep { derived_table: { sql: select id from mart.t ;; } dimension: id {} }
              explore: keep {}"""
    asked: list[str] = []
    found = findings(text, keeps=lambda name: asked.append(name) or name != "m_drop_view")  # type: ignore[func-returns-value]
    assert sorted(models(found)) == ["m_deep_view", "m_keep_view"]
    assert of(Filtered, found) == [Filtered(reference=model("m_drop_view"), reason="dataModelFilterPattern")]
    # An edge from what is left out is parked when the run is planned, as what is there is known then.
    assert sorted(edges(found)) == [("analytics.mart.t", "m_deep_view"), ("m_drop_view", "m_keep_view")]
    assert sorted(asked) == ["m_deep_view", "m_drop_view", "m_keep_view"]


def test_templates_are_left_out_and_never_gone_and_what_extends_them_has_their_fields() -> None:
    found = findings(
        """view: base { extension: required dimension: id {} } view: child { extends: [base] }
           view: wrong { extension: required } explore: child {} explore: wrong {}"""
    )
    assert [column.name for column in models(found)["m_child_view"].columns] == ["id"]
    assert sorted(each.reference.name for each in of(Filtered, found)) == ["m_wrong_view", "shop_base_view"]
    assert sorted(models(found)) == ["m_child_view"]


@pytest.mark.parametrize(
    ("connections", "said"),
    [
        # Whoever may see none has been told so once.
        ({}, []),
        ({"other": POSTGRES}, ["Looker tells of no connection warehouse, which m uses: "]),
        ({"warehouse": Connection("warehouse")}, []),
        ({"warehouse": Connection("warehouse", "filemaker")}, ["The dialect filemaker of the connection warehouse is"]),
    ],
)
def test_of_an_unknown_connection_tables_are_told_as_they_are_written(
    connections: dict[str, Connection], said: list[str]
) -> None:
    found = findings(
        """view: a { sql_table_name: "My Schema".orders ;; dimension: id {} } view: b { dimension: id {} }
           view: c { derived_table: { sql: select t.id from mart.t t ;; } dimension: id {} }
           explore: a {} explore: b {} explore: c {}""",
        connections=connections,
        places={"warehouse": "svc.db"},
    )
    told = {(str(e.source), e.source.system, e.source.within) for e in of(ForeignEdge, found)}  # type: ignore[union-attr]
    assert told == {
        ("My Schema.orders", None, "svc.db"),
        ("b", None, "svc.db"),
        ("mart.t", None, "svc.db"),
    }
    assert [note.text[: len(text)] for note, text in zip(of(Note, found), said, strict=True)] == said


def test_a_model_that_names_no_connection_is_told() -> None:
    found = findings({"m.model.lkml": "view: a { sql_table_name: x.y ;; dimension: id {} } explore: a {}"})
    assert [note.text for note in of(Note, found)] == [
        "The model m names no connection: its tables are looked for by the names that LookML writes."
    ]
    assert sorted(edges(found)) == [("x.y", "m_a_view")]


def test_a_project_without_models_has_its_views_under_its_own_name() -> None:
    texts = {
        "manifest.lkml": 'project_name: "block"',
        "a.view.lkml": "view: a { sql_table_name: s.a ;; dimension: id {} }",
        "b.lkml": 'include: "/a.view" view: b { sql_table_name: ${a.SQL_TABLE_NAME} ;; dimension: id {} }',
    }
    found = findings(texts)
    assert {name: each.project for name, each in models(found).items()} == {
        "block_a_view": "block",
        "block_b_view": "block",
    }
    assert sorted(edges(found)) == [("s.a", "block_a_view"), ("s.a", "block_b_view")]
    assert not of(Note, found)
    assert findings({}) == []


def test_a_view_that_no_explore_uses_is_told_once_with_the_connection_of_the_first_model_that_sees_it() -> None:
    found = findings(
        {
            "a.model.lkml": 'connection: "warehouse" include: "/*.view" explore: used {}',
            "b.model.lkml": 'connection: "lake" include: "/*.view"',
            "u.view.lkml": "view: used { dimension: id {} }",
            "v.view.lkml": "view: spare { dimension: id {} }",
            "c/lone.view.lkml": "view: lone { sql_table_name: x.y ;; dimension: id {} }",
        }
    )
    assert sorted(edges(found)) == [
        ("analytics.mart.spare", "shop_spare_view"),
        ("analytics.mart.used", "a_used_view"),
        ("x.y", "shop_lone_view"),
    ]


def test_a_project_that_is_called_as_its_model_tells_no_view_twice() -> None:
    found = findings(
        {
            "shop.model.lkml": 'connection: "warehouse" include: "/*.view"',
            "z.model.lkml": 'connection: "warehouse" include: "/*.view" explore: used {}',
            "u.view.lkml": "view: used { dimension: id {} }",
            "v.view.lkml": "view: spare { dimension: id { sql: ${used.id} ;; } }",
        }
    )
    assert sorted(edges(found)) == [
        ("analytics.mart.spare", "shop_spare_view"),
        ("analytics.mart.used", "z_used_view"),
        ("z_used_view", "shop_spare_view"),
    ]


def test_views_of_imported_projects_are_told_only_where_they_are_used() -> None:
    read = project(
        {
            "manifest.lkml": 'local_dependency: { project: "block" }',
            "m.model.lkml": 'connection: "warehouse" include: "//block/*.view" explore: used {}',
        },
        block={"a.view.lkml": "view: used { dimension: id {} } view: spare { dimension: id {} }"},
    )
    (only,) = models(findings(read)).values()
    assert (only.path[1], only.project) == ("m_used_view", "shop")
    assert only.source_url == "https://lk.example/projects/block/files/a.view.lkml?line=1"


def test_views_of_two_remote_projects_are_both_read() -> None:
    read = project(
        {
            "manifest.lkml": 'remote_dependency: one { url: "https://git.example/1" ref: "a" }'
            ' remote_dependency: two { url: "https://git.example/2" ref: "b" override_constant: s { value: "mine" } }',
            "m.model.lkml": 'connection: "warehouse" include: "//one/*" include: "//two/*" explore: a { join: b {} }',
        },
        one={"a.view.lkml": "view: a { dimension: id {} }"},
        two={
            "manifest.lkml": 'constant: s { value: "theirs" export: override_required }',
            "b.view.lkml": "view: b { sql_table_name: @{s}.b ;; dimension: id {} }",
        },
    )
    assert sorted(edges(findings(read))) == [("analytics.mart.a", "m_a_view"), ("analytics.mine.b", "m_b_view")]


def test_two_services_that_are_read_at_once_don_t_touch_each_other() -> None:
    texts = [
        "view: v { sql_table_name: a.v ;; dimension: x {} } explore: v {}",
        "view: v { dimension: y {} } explore: v {}",
    ]
    contexts = [replace(CONTEXT, service=name, connections={}) for name in ("one", "two")]
    read = [project({"m.model.lkml": f'connection: "c" {text}'}) for text in texts]
    apart = [list(lookml_findings(each, context)) for each, context in zip(read, contexts, strict=True)]
    both = zip_longest(*(lookml_findings(each, context) for each, context in zip(read, contexts, strict=True)))
    assert [[each for each in column if each is not None] for column in zip(*both, strict=True)] == apart
    assert {each.path[0] for each in of(DataModel, apart[0])} == {"one"}


def test_data_models_that_would_have_one_name_have_each_their_own() -> None:
    found = findings(
        {
            "a.model.lkml": 'connection: "warehouse" view: b_c { dimension: one {} } view: x {} explore: b_c {}'
            " explore: x {} explore: x_view { from: b_c }",
            "a_b.model.lkml": 'connection: "warehouse" view: c { dimension: two {} } explore: c {}',
        },
        explores={("a", "x_view"): frozenset({"x_view.one"})},
    )
    told = {name: [column.name for column in each.columns] for name, each in models(found).items()}
    assert told == {"a_b_c_view": ["one"], "a_x_2_view": [], "a_b_c_2_view": ["two"]}
    assert edges(found)["a_b_c_view", "a_x_view"] == {"x_view.one": {"one"}}
    assert ("analytics.mart.c", "a_b_c_2_view") in edges(found)


def test_an_explore_that_only_looker_tells_of_has_its_name_first() -> None:
    found = findings("view: v {} explore: v {}", explores={("m", "v_view"): frozenset()})
    assert sorted(models(found)) == ["m_v_2_view"]


@pytest.mark.parametrize(
    ("of_model", "name", "called"),
    [("Ünï", "côde", "Ünï_côde_view"), ("a b", "c.d", "a b_c.d_view"), ("a::b", "v", "a_b_v_view")],
)
def test_strange_names_are_names_all_the_same(of_model: str, name: str, called: str) -> None:
    text = f"view: {name} {{ sql_table_name: s.t ;; dimension: id {{}} }} explore: {name} {{}}"
    found = findings({f"{of_model}.model.lkml": text}, explores={(of_model, name): frozenset({f"{name}.id"})})
    (only,) = models(found).values()
    assert only.path == ("lk", called)
    assert edges(found) == {
        ("s.t", called): {"id": {"id"}},
        (called, called.removesuffix("_view")): {f"{name}.id": {"id"}},
    }


def test_a_model_that_can_t_be_read_gives_no_view_another_name() -> None:
    files = {"a.model.lkml": "explore: {", "b.model.lkml": 'include: "used.view"\nexplore: used {}'}
    views = {f"{name}.view.lkml": f"view: {name} {{ sql_table_name: s.{name} ;; }}" for name in ("used", "other")}
    found = findings(project(files | views))
    assert set(models(found)) == {"b_used_view"}
    assert any("a.model.lkml can't be read" in note.text for note in of(Note, found))


def test_a_file_that_can_t_be_read_may_hold_any_view() -> None:
    found = findings(
        {
            "m.model.lkml": 'connection: "warehouse" include: "/views/*" explore: good {}',
            "views/good.view.lkml": "view: good { dimension: id {} }",
            "views/bad.view.lkml": "view: bad {\n  dimension: id {{\n}",
            "lone.view.lkml": "view: lone { @",
        }
    )
    assert sorted(models(found)) == ["m_good_view"]
    failed = {each.reference.name: each for each in of(Failed, found)}
    assert sorted(failed) == ["lone.view.lkml", "views/bad.view.lkml"]
    assert {(each.step, each.named) for each in failed.values()} == {("parse", False)}
    assert failed["views/bad.view.lkml"].reason.startswith("//shop/views/bad.view.lkml line 2: ")


def test_an_imported_project_that_was_not_read_may_hold_any_view() -> None:
    found = findings(
        {
            "manifest.lkml": 'remote_dependency: block { url: "https://robot:hush@git.example/block" ref: "main" }',
            "m.model.lkml": 'connection: "warehouse" include: "//block/*.view" view: a {} explore: a {}',
        }
    )
    (failed,) = of(Failed, found)
    assert (failed.reference.name, failed.step, failed.named) == ("//block", "import", False)
    # Its address may hold a password.
    assert failed.reason == "the imported project block was not read"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(PIECES) - 1), st.sampled_from([*WORDS, "{", "}", ";;", "extends:", ""])),
        max_size=6,
    )
)
def test_whatever_lookml_holds_findings_are_sound(changes: list[tuple[int, str]]) -> None:
    pieces = list(PIECES)
    for at, piece in changes:
        pieces[at] = piece
    texts = {"m.model.lkml": " ".join(pieces), "n.model.lkml": WHOLE, "manifest.lkml": 'constant: s { value: "mart" }'}
    explores = {("m", "sales"): frozenset({"sales.id", "sums.v", "users.id"}), ("n", "sales"): frozenset({"sales.id"})}
    found = findings(texts, include_tags=True, explores=explores)
    told = models(found)
    assert len(told) == len(of(DataModel, found))
    columns = {name: {column.name for column in each.columns} for name, each in told.items()}
    columns |= {f"{model}_{explore}": set(fields) for (model, explore), fields in explores.items()}
    for (source, target), pairs in edges(found).items():
        assert set(pairs) <= columns[target]
        if source in columns:
            assert {name for names in pairs.values() for name in names} <= columns[source]
