"""The LookML of the sandbox's company, read here, against what its Looker answers, which others wrote down."""

from __future__ import annotations

import pytest

from ingest_assets.sandbox.company import looker_explores
from ingest_assets.sandbox.company.looker import LookerState
from ingest_assets.sandbox.company.looker_instance import project_files
from ingest_assets.sources.looker.lookml.lineage import Lineages
from ingest_assets.sources.looker.lookml.models import LookmlProject
from ingest_assets.sources.looker.lookml.parsing import ParseCache
from ingest_assets.sources.looker.lookml.project import ProjectFiles


def read(name: str) -> LookmlProject:
    main, cache = ProjectFiles(name, project_files(name)), ParseCache()
    needed = LookmlProject(main, [], cache).missing_projects
    return LookmlProject(main, [ProjectFiles(d.name, project_files(d.name)) for d in needed], cache)


@pytest.mark.parametrize("name", ["norrpost", "parcels"])
def test_explores_have_the_fields_that_the_api_answers_with(name: str) -> None:
    looker = LookerState()
    looker_explores.fill(looker)
    made = read(name)
    seen = 0
    for model in map(made.model, made.models):
        for explore in filter(None, map(model.explore, model.explores)):
            row = looker.explores.get(f"{model.name}::{explore.name}")
            answered = {
                field["name"]: field["type"]
                for kind in ("dimensions", "measures", "filters", "parameters")
                for field in row["fields"].get(kind) or ()
            }
            assert {field.name: field.field.type for field in explore.fields} == answered
            seen += len(answered)
    assert seen > 10


def test_every_view_has_its_lineage_but_for_what_is_unknown() -> None:
    made = read("norrpost")
    gaps = set()
    for model in (*map(made.model, made.models), made.standalone):
        found = Lineages(model, "athena")
        for view in model.views:
            lineage = found.of(view)
            gaps |= {(view, gap.reason) for gap in lineage.gaps}
            assert lineage.sources or lineage.gaps
    assert gaps == {("ledger", "the user attribute 'ledger_schema' has no value here")}
    ledger = Lineages(made.model("finance"), "athena", {"ledger_schema": "finance"}).of("ledger")
    assert [source[0][0] for source in ledger.sources] == ["finance"]
    assert [problem.reason for problem in made.problems] == []  # an explore is read when it is asked for
