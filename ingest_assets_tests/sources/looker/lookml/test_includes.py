from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.sources.looker.lookml.includes import FileKey, Paths, absolute
from ingest_assets_tests.sources.looker.lookml.making import project, reasons

PATHS = [
    "a.view.lkml",
    "shop.model.lkml",
    "views/b.view.lkml",
    "views/deep/c.view.lkml",
    "views/plain.lkml",
    "boards/d.dashboard.lookml",
    "views_old/e.view.lkml",
]


def means(pattern: str, at: str = "shop.model.lkml") -> list[str]:
    wanted = absolute(pattern, FileKey("shop", at))
    assert wanted is not None
    return [file.path for file in Paths(wanted.project, PATHS).matching(wanted.path)]


@pytest.mark.parametrize(
    ("pattern", "at", "paths"),
    [
        ("/views/b.view.lkml", "views/deep/c.view.lkml", ["views/b.view.lkml"]),
        ("/views/b.view", "shop.model.lkml", ["views/b.view.lkml"]),
        ("b.view", "views/x.lkml", ["views/b.view.lkml"]),
        ("../a.view", "views/x.lkml", ["a.view.lkml"]),
        ("b.view", "shop.model.lkml", []),
        ("*.view", "shop.model.lkml", ["a.view.lkml"]),
        ("*.view.lkml", "views/x.lkml", ["views/b.view.lkml"]),
        ("/views/*", "shop.model.lkml", ["views/b.view.lkml", "views/plain.lkml"]),
        ("**/*.view", "shop.model.lkml", [p for p in PATHS if p.endswith(".view.lkml")]),
        ("/views/**/*.view", "a.lkml", ["views/b.view.lkml", "views/deep/c.view.lkml"]),
        ("/**/plain", "a.lkml", ["views/plain.lkml"]),
        ("/boards/*.dashboard", "a.lkml", ["boards/d.dashboard.lookml"]),
        ("/views/plain", "a.lkml", ["views/plain.lkml"]),
    ],
)
def test_an_include_means(pattern: str, at: str, paths: list[str]) -> None:
    assert means(pattern, at) == sorted(paths)


def test_an_include_of_another_project_counts_from_its_root_and_none_leads_out() -> None:
    at = FileKey("shop", "views/a.view.lkml")
    assert absolute("//block/views/*.view", at) == FileKey("block", "views/*.view")
    assert absolute("/x.view", FileKey("block", "views/a.view.lkml")) == FileKey("block", "x.view")
    assert absolute("../../x.view", at) is None
    assert absolute("//block", at) is None
    assert absolute("", FileKey("shop", "a")) is None


NAMES = st.text("ab.-", min_size=1, max_size=4).filter(lambda n: n.strip(".") != "")


@given(st.lists(NAMES, min_size=1, max_size=6), st.text("ab.*-?", min_size=1, max_size=5))
def test_within_a_folder_wildcards_mean_what_they_mean_in_shells(names: list[str], pattern: str) -> None:
    if "**" in pattern or not ("*" in pattern or "?" in pattern):
        return
    wanted = sorted({n for n in names for p in (pattern, f"{pattern}.lkml") if fnmatch.fnmatchcase(n, p)})
    found = [file.path for file in Paths("shop", set(names)).matching(pattern)]
    assert found == wanted


@given(st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=8, unique=True), NAMES)
def test_two_stars_mean_files_of_all_folders_below(paths: list[str], name: str) -> None:
    found = [file.path for file in Paths("shop", paths).matching(f"**/{name}*")]
    assert found == [path for path in sorted(paths) if path.rsplit("/", 1)[-1].startswith(name)]


def test_a_pattern_that_would_take_for_ever_is_told_and_not_followed() -> None:
    made = project({"a.model.lkml": f'include: "/{"*a" * 6}*.view"\n', f"{'a' * 200}.view.lkml": "view: x {}"})
    assert made.model("a").files == [FileKey("shop", "a.model.lkml")]
    assert any("more wildcards" in problem.reason for problem in made.problems)


def test_views_are_visible_where_they_are_included_and_nowhere_else() -> None:
    made = project(
        {
            "one.model.lkml": 'connection: "pg"\nlabel: "One"\ninclude: "/views/*.view"\nexplore: a {}\nview: own {}',
            "two.model.lkml": 'include: "plain"\ninclude: "/gone/*.view"\ninclude: "//block/x"',
            "views/a.view.lkml": 'include: "/more/b"\nview: a {}',
            "more/b.lkml": "view: b {}",
            "plain.lkml": "view: c {}",
            "alone.view.lkml": "view: d {}",
        }
    )
    one, two = made.model("one"), made.model("two")
    assert (one.connection, one.label, one.explores) == ("pg", "One", ["a"])
    assert sorted(one.views) == ["a", "b", "own"]
    assert two.views == ["c"]
    assert two.view("a") is None
    assert [view.name for view in made.standalone_views()] == ["d"]
    assert reasons(made) == [
        "the include '/gone/*.view' means no file",
        "the include '//block/x' is of the project 'block', which was not read",
    ]


def test_files_that_include_each_other_are_read_once() -> None:
    made = project(
        {
            "m.model.lkml": 'include: "/**/*.view"',
            **{f"v/v{n}.view.lkml": f'include: "/**/*.view"\nview: v{n} {{}}' for n in range(300)},
        }
    )
    assert len(made.model("m").views) == 300
    assert made.problems == []


def test_a_file_that_cannot_be_read_costs_that_file() -> None:
    made = project(
        {"m.model.lkml": 'include: "*.view"', "a.view.lkml": "view: a {\n x y }", "b.view.lkml": "view: b {}"}
    )
    assert made.model("m").views == ["b"]
    (problem,) = made.problems
    assert (problem.path, problem.line) == ("a.view.lkml", 2)
    assert str(problem).startswith("//shop/a.view.lkml line 2: ")


def test_dashboards_in_yaml_are_listed_with_the_models_that_include_them() -> None:
    made = project(
        {"m.model.lkml": 'include: "/d/*.dashboard"', "d/a.dashboard.lookml": "- dashboard: a", "b.lookml": ""}
    )
    assert [(board.file.path, board.models) for board in made.dashboards()] == [
        ("b.lookml", ()),
        ("d/a.dashboard.lookml", ("m",)),
    ]
