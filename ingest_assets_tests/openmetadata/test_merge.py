"""The merge against servers of three lines, and against a model of what people may expect of it."""

from __future__ import annotations

import copy
import itertools
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from ingest_assets.openmetadata.marks import Marks, held_marks
from ingest_assets.openmetadata.merge import Memory, Merged, intended, merge
from ingest_assets.openmetadata.patched import unpatched
from ingest_assets.openmetadata.wire import fingerprint
from ingest_assets.sandbox.openmetadata import OpenMetadataApp
from ingest_assets_tests.openmetadata.persons import LABELS, TIER, TIERS, Json, Model, a_value, operations, values
from ingest_assets_tests.openmetadata.real import VERSIONS

NUMBERS = itertools.count()
OWNERS = ("ann", "eve")


class Api:
    """One server, asked without a network; refusals are errors."""

    def __init__(self, version: str) -> None:
        app = OpenMetadataApp(version, bot_token="bot", admin_token="admin")
        self.old = version.startswith("1.0")
        self._client = Client(app)
        for classification in {label.partition(".")[0] for label in (*LABELS, *TIERS)}:
            exclusive = {"mutuallyExclusive": classification == TIER}
            self.call("admin", "PUT", "classifications", {"name": classification, "description": "x", **exclusive})
        for fqn in LABELS:
            app.add_tag(*fqn.split("."))
        self.owners = {name: app.add_user(name) for name in OWNERS}
        connection = {"config": {"type": "Glue"}}
        service = {"name": "s", "serviceType": "Glue", "connection": connection}
        self.call("bot", "PUT", "services/databaseServices", service)
        self.call("bot", "PUT", "databases", {"name": "d", "service": "s"})
        self.call("bot", "PUT", "databaseSchemas", {"name": "x", "database": "s.d"})

    def call(self, who: str, verb: str, path: str, body: Any = None) -> Json:
        return dict(self._answer(who, verb, path, body).get_json())

    def put(self, request: Json) -> str:
        """The bot's PUT of a table; what it changed."""
        return self._answer("bot", "PUT", "tables", request).headers["X-OpenMetadata-Change"]

    def _answer(self, who: str, verb: str, path: str, body: Any) -> TestResponse:
        media_type = "application/json-patch+json" if verb == "PATCH" else "application/json"
        answer = self._client.open(
            f"/api/v1/{path}",
            method=verb,
            data=None if body is None else json.dumps(body),
            content_type=media_type,
            headers={"Authorization": f"Bearer {who}"},
        )
        assert answer.status_code in {200, 201}, (verb, path, body, answer.text)
        return answer

    def stored(self, name: str) -> Json:
        owners = "owner" if self.old else "owners"
        return self.call("bot", "GET", f"tables/name/s.d.x.{name}?include=all&fields={owners},tags,columns")


class Edit(NamedTuple):
    """A person's; ``at`` chooses among what there is."""

    at: int
    value: str | None


class Round(NamedTuple):
    """People's edits, then a run of what the source says by then; ``cut`` says how far it comes."""

    edits: list[Edit]
    source: Json
    cut: str


@dataclass
class Ours:
    """One table as an ingestion keeps it."""

    api: Api
    name: str
    written: str = ""
    intended: str = ""
    model: Model = field(default_factory=Model)

    def request(self, source: Json) -> tuple[Json, frozenset[str]]:
        made = copy.deepcopy(source) | {"name": self.name, "databaseSchema": "s.d.x"}
        unknown = frozenset(made.pop("unknown"))
        for name in unknown:
            made.pop(name, None)
        if made["owners"] is None:
            del made["owners"]
        elif self.api.old:
            made["owner"] = next(iter(made["owners"]), None)
            del made["owners"]
        for name, owner in [("owners", made.get("owners", [])), ("owner", [made.get("owner")])]:
            if made.get(name):
                found = [{"id": self.api.owners[each], "type": "user"} for each in owner]
                made[name] = found if name == "owners" else found[0]
        if not self.api.old:
            made["sourceHash"] = fingerprint(made)
        return made, unknown

    def run(self, source: Json, cut: str) -> None:
        request, unknown = self.request(source)
        said = values(request, as_said=True) | {(name,): "unknown" for name in unknown}
        self.intended = f"{self.intended} {intended(request, Marks(self.written), unknown)}"
        memory = Memory(Marks(self.written), Marks(self.intended))
        stored = self.api.stored(self.name) if self.written else None
        merged = merge(request, stored, memory, unknown)
        if stored is not None and merged.operations and cut != "nothing":
            answer = self.api.call("bot", "PATCH", f"tables/{stored['id']}", merged.operations)
            cut = cut or ("patched" if unpatched(merged.operations, answer) else "")
        if not cut or cut == "put":
            self.api.put(merged.request)
        if cut and stored is not None:
            self.model.cut(said, values(self.api.stored(self.name), as_said=False))
            return
        self.model.run(said)
        self.written, self.intended = str(merged.written), ""
        self.check(source, merged)

    def check(self, source: Json, merged: Merged) -> None:
        """What the server holds is what the model says, and another run of the same source changes nothing."""
        stored = self.api.stored(self.name)
        assert values(stored, as_said=False) == self.model.held()
        assert str(held_marks(stored)) == str(merged.held)
        request, unknown = self.request(source)
        again = merge(request, stored, Memory(merged.written, Marks()), unknown)
        assert again.operations == []
        assert (str(again.written), again.persons) == (self.written, merged.persons)
        assert self.api.put(again.request) == "entityNoChange"

    def edit(self, edit: Edit) -> None:
        stored = self.api.stored(self.name)
        keys = sorted(key for key in self.model.facets if key in values(stored, as_said=False))
        key = keys[edit.at % len(keys)]
        value = a_value(key, edit.value, self.api.owners)
        made = operations(stored, key, value, "owner" if self.api.old else "owners")
        self.api.call("admin", "PATCH", f"tables/{stored['id']}", list(made))
        self.model.edit(key, value)


def label(fqn: str) -> Json:
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Automated", "state": "Confirmed"}


WORDS = st.sampled_from([None, "A", "B"])
TAGS = st.none() | st.builds(
    lambda some, tier: [label(fqn) for fqn in [*sorted(some), *tier]],
    st.sets(st.sampled_from(LABELS)),
    st.lists(st.sampled_from(TIERS), max_size=1),
)
TYPES = st.sampled_from(
    [
        {"dataType": "INT"},
        {"dataType": "STRING"},
        {"dataType": "ARRAY", "arrayDataType": "INT"},
        {"dataType": "ARRAY", "arrayDataType": "STRING"},
    ]
)
NESTING = st.sampled_from([{"dataType": "STRUCT"}, {"dataType": "ARRAY", "arrayDataType": "STRUCT"}])


def without_nothing(holder: Json) -> Json:
    return {name: value for name, value in holder.items() if value is not None or name == "owners"}


def column(names: str, types: st.SearchStrategy[Json], **more: Any) -> st.SearchStrategy[Json]:
    fixed = {"name": st.sampled_from([names, names.upper()]), "description": WORDS, "displayName": WORDS, "tags": TAGS}
    return st.builds(lambda kind, rest: without_nothing(rest | kind), types, st.fixed_dictionaries(fixed | more))


def some(*columns: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    chosen = st.tuples(*(st.none() | each for each in columns))
    return chosen.flatmap(lambda found: st.permutations([each for each in found if each is not None]))


INNER = some(column("zip", TYPES), column("description", TYPES))
SOURCES = st.fixed_dictionaries(
    {
        "columns": some(column("id", TYPES), column("tags", TYPES), column("home", NESTING, children=INNER)),
        "description": WORDS,
        "displayName": WORDS,
        "tags": TAGS,
        "owners": st.sampled_from([None, [], ["ann"], ["eve"]]),
        "unknown": st.sets(st.sampled_from(["description", "displayName"]), max_size=1).map(sorted),
    }
).map(without_nothing)
EDITS = st.builds(Edit, st.integers(0, 200), st.sampled_from([None, "A", "Mine"]))
ROUNDS = st.builds(
    Round, st.lists(EDITS, max_size=4), SOURCES, st.sampled_from(["", "", "", "nothing", "patched", "put"])
)


@pytest.fixture(scope="module", params=VERSIONS)
def api(request: pytest.FixtureRequest) -> Api:
    return Api(request.param)


@settings(max_examples=80)
@given(st.lists(ROUNDS, min_size=2, max_size=7))
def test_ours_follows_the_source_and_what_people_set_or_emptied_stays(api: Api, rounds: list[Round]) -> None:
    table = Ours(api, f"t{next(NUMBERS)}")
    for edits, source, cut in rounds:
        for edit in edits if table.written else ():
            table.edit(edit)
        table.run(source, cut if table.written else "")
