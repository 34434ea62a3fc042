"""Display names of columns: what the source says arrives and is followed, what people named or unnamed stays theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from ingest_assets.catalog import Column, DashboardService, DataModel, EntityType
from ingest_assets.ingestion.report import Change
from ingest_assets_tests.ingestion.estates import Estate, EstateRun, run_estate
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import Place, Steps

Json = dict[str, Any]
EVERYTHING = frozenset({"description", "displayName", "tags", "owners"})


class Kind(NamedTuple):
    """A type of entity with columns.

    Attributes:
        collection: Where the server has it.
        key: Type and FQN of the one that is written here.
        run: A run in which the source gives it some columns.
        changes: What such a run did to it.
    """

    collection: str
    key: tuple[EntityType, str]
    run: Callable[..., Any]
    changes: Callable[[Any], list[Change]]


def run_table(place: Place, *columns: Column, **rules: Any) -> Steps:
    made = Lake()
    made.put("sales", "orders", columns=columns)
    return place.run(made, **rules)


def run_model(place: Place, *columns: Column, **rules: Any) -> EstateRun:
    made = Estate(DashboardService(path=("looker",), service_type="Looker"))
    made.put(DataModel(path=("looker", "orders"), data_model_type="LookMlView", columns=columns))
    return run_estate(place, made, **rules)


KINDS = {
    "table": Kind("tables", (EntityType.TABLE, "lake.db.sales.orders"), run_table, lambda found: found.tables.changes),
    "data model": Kind(
        "dashboard/datamodels",
        (EntityType.DATA_MODEL, "looker.model.orders"),
        run_model,
        lambda found: found.published[EntityType.DATA_MODEL].changes,
    ),
}


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


class Columns(NamedTuple):
    """The columns of one entity on one server."""

    place: Place
    kind: Kind

    def run(self, *columns: Column, **rules: Any) -> Any:
        """A run, after which another of the same source writes nothing."""
        report = self.kind.run(self.place, *columns, **rules)
        assert report.failures() == {}
        self.place.sandbox.openmetadata.reset_counts()
        assert self.kind.run(self.place, *columns, **rules).written() == 0
        assert self.place.writes() == []
        return report

    def stored(self) -> list[Json]:
        found: list[Json] = self.place.get(*self.kind.key, "columns")["columns"]
        return found

    def names(self) -> list[str | None]:
        return [each.get("displayName") for each in self.stored()]

    def edit(self, *operations: Json) -> None:
        self.place.admin.patch(f"/v1/{self.kind.collection}/{self.place.get(*self.kind.key)['id']}", list(operations))


@pytest.fixture
def columns(anywhere: Place, kind: Kind) -> Columns:
    return Columns(anywhere, kind)


def name(at: int, value: str) -> Json:
    return {"op": "add", "path": f"/columns/{at}/displayName", "value": value}


def unname(at: int) -> Json:
    return {"op": "remove", "path": f"/columns/{at}/displayName"}


def both(display_name: str | None, **rest: Any) -> tuple[Column, Column]:
    """A column that is described, and one that is not: before 1.1 they are treated otherwise."""
    named = {"display_name": display_name, **rest}
    return column("described", **{"description": "Words", **named}), column("bare", **named)


def test_display_names_come_change_and_go_with_the_source(columns: Columns) -> None:
    """Columns that have been on the server without names get them too: by a PUT, or by a patch where it leaves them."""
    for shown in (None, "First", "Second", None, "Third"):
        columns.run(*both(shown))
        assert columns.names() == [shown, shown]
    columns.run(*both("bare"))
    assert columns.names() == ["bare", None]


def test_what_people_named_or_unnamed_stays_whatever_the_source_says(columns: Columns) -> None:
    columns.run(*both("Ours"))
    columns.edit(name(0, "Hers"), name(1, "Hers"))
    for shown in ("Ours", "Other", None, "Ours", "Last"):
        columns.run(*both(shown))
        assert columns.names() == ["Hers", "Hers"], shown
    columns.edit(unname(0), unname(1))
    for shown in ("Last", "Ours", "Other"):
        columns.run(*both(shown))
        assert columns.names() == [None, None], shown


def test_a_columns_own_name_that_a_person_put_in_the_place_of_ours_stays(columns: Columns) -> None:
    columns.run(*both("Ours"))
    columns.edit(name(0, "described"), name(1, "bare"))
    for number, shown in enumerate(("Ours", "Other", "Last")):
        columns.run(*both(shown), column(f"added_{number}"))
        assert columns.names() == ["described", "bare", None], shown


def test_a_name_that_is_brought_back_by_hand_is_the_sources_again(columns: Columns) -> None:
    columns.run(*both("Ours"))
    columns.edit(unname(0), name(1, "Hers"))
    columns.edit(name(0, "Ours"), name(1, "Ours"))
    columns.run(*both("Newer"))
    assert columns.names() == ["Newer", "Newer"]


def test_a_column_of_another_type_keeps_the_name_that_a_person_gave_it(columns: Columns) -> None:
    """To the server it is another column, and gets by PUT what is sent only."""
    columns.run(*both("Ours"))
    columns.edit(name(0, "Hers"), name(1, "Hers"))
    columns.run(*(each.model_copy(update={"data_type": "STRING"}) for each in both("Other")))
    assert columns.names() == ["Hers", "Hers"]


def test_a_name_that_a_person_gave_before_the_source_had_any_stays(columns: Columns) -> None:
    """The ledger of a version that knew no names of columns, or of a source that told none."""
    columns.run(*both(None))
    columns.edit(name(0, "Hers"))
    columns.run(*both("Ours"))
    assert columns.names() == ["Hers", "Ours"]
    # Her own name gone, there is a blank that she wants.
    columns.edit(unname(0))
    columns.run(*both("Newer"))
    assert columns.names() == [None, "Newer"]


def test_without_a_ledger_the_servers_history_tells_who_named_a_column(columns: Columns) -> None:
    described, bare = both("Ours")
    columns.run(described, bare, column("unnamed", display_name="Ours"))
    columns.edit(name(1, "Hers"), unname(2))
    columns.place.forget_ledger()
    described, bare = both("Newer")
    columns.run(described, bare, column("unnamed", display_name="Newer"))
    assert columns.names() == ["Newer", "Hers", None]


def test_a_plan_tells_which_names_change_and_which_stay(columns: Columns) -> None:
    columns.run(*both("Ours"))
    columns.edit(name(0, "Hers"))
    found = columns.run(*both("Newer"))
    (change,) = columns.kind.changes(found)
    assert change.why == "changed: bare.displayName; stays as people set it: described.displayName"


def test_a_recipe_may_say_that_the_sources_names_replace_what_people_set(columns: Columns) -> None:
    columns.run(*both("Ours"))
    columns.edit(name(0, "Hers"), unname(1))
    columns.run(*both("Ours"), override=EVERYTHING)
    assert columns.names() == ["Ours", "Ours"]


def test_nested_columns_have_names_too(anywhere: Place) -> None:
    columns = Columns(anywhere, KINDS["table"])
    for shown, expected in (("One", ["One", "One"]), ("Two", ["Hers", "Two"])):
        columns.run(column("home", "STRUCT", display_name="Home", children=both(shown)))
        (home,) = columns.stored()
        if shown == "One":
            columns.edit({"op": "add", "path": "/columns/0/children/0/displayName", "value": "Hers"})
        else:
            assert [each["displayName"] for each in home["children"]] == expected
        assert home["displayName"] == "Home"
