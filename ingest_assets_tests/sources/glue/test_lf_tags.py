"""Lake Formation's tags as labels: what they cost, and what becomes of those that can't be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.calls import Calls
from ingest_assets.catalog import Classification, Column, Label, Schema, Table, Tag
from ingest_assets.sandbox.server import DOCUMENTED_ACTIONS, Sandbox
from ingest_assets.sources.aws import AwsCredentials, AwsSession
from ingest_assets.sources.glue.lf_tags import TagsOfTable, _complete
from ingest_assets.sources.glue.mapping import tagged, to_words
from ingest_assets.sources.glue.source import GlueSettings, GlueSource
from ingest_assets_tests.sources.conftest import SessionMaker
from ingest_assets_tests.sources.glue.reading import Reading, read_all

SEARCHES = ("lakeformation:SearchDatabasesByLFTags", "lakeformation:SearchTablesByLFTags")
FAULTS = ("throttle", "500", "cut", "truncated", "loop-token", "access-denied", "expired-token")
ALL = (*DOCUMENTED_ACTIONS, "lakeformation:*")


def texts(labels: tuple[Label, ...] | None) -> list[str] | None:
    return None if labels is None else [label.fqn for label in labels]


def of_columns(table: Table) -> dict[str, list[str] | None]:
    return {column.name: texts(column.labels) for column in table.columns}


def lf_calls(calls: Calls) -> dict[str, int]:
    return {name: count for name, count in calls.counts().items() if name.startswith("lakeformation:")}


class Lake:
    """Readings of the sandbox, and what they called."""

    def __init__(self, sandbox: Sandbox, session_of: SessionMaker) -> None:
        self.sandbox = sandbox
        self.session_of = session_of
        self.account = sandbox.company.account
        self.tags = sandbox.company.lf_tags

    def read(self, *actions: str, **settings: object) -> tuple[Reading, Calls]:
        calls, who = Calls(), self.sandbox.aws.identities.add_principal("tags", actions or ALL, account=self.account)
        source = GlueSource(GlueSettings("lake", **settings), self.session_of(who, calls=calls))  # type: ignore[arg-type]
        return read_all(source), calls


@pytest.fixture
def lake(sandbox: Sandbox, session_of: SessionMaker) -> Lake:
    return Lake(sandbox, session_of)


def test_tags_of_databases_tables_and_columns_are_labels_inherited_ones_too(lake: Lake) -> None:
    reading, _ = lake.read()
    schemas, tables = reading.entities(Schema), reading.entities(Table)
    assert texts(schemas[lake.account, "sales"].labels) == ["confidentiality.internal", "domain.shop"]
    customers = tables[lake.account, "sales", "customers"]
    assert texts(customers.labels) == ["confidentiality.confidential", "domain.shop"]
    columns = of_columns(customers)
    assert columns.pop("email") == ["confidentiality.restricted", "domain.shop", "pii.yes"]
    assert set(map(str, columns.values())) == {str(["confidentiality.confidential", "domain.shop"])}
    assert of_columns(tables[lake.account, "sales", "orders"])["ship_to"] == [
        "confidentiality.internal",
        "domain.shop",
        "pii.yes",
    ]
    assert texts(tables[lake.account, "clickstream", "clicks"].labels) == ["domain.web"]
    assert texts(schemas[lake.account, "clickstream"].labels) == []
    invoices = tables[lake.account, "finance", "invoices"]
    assert texts(invoices.labels) == []
    assert set(map(str, of_columns(invoices).values())) == {"[]"}
    assert not any("Lake Formation's tags" in note for note in reading.notes)


def test_every_label_has_its_words_and_words_without_labels_are_not_told(lake: Lake) -> None:
    lake.tags.define("unused", "a", "b")
    reading, _ = lake.read()
    bearers = [*reading.entities(Schema).values(), *reading.entities(Table).values()]
    columns = [column for table in reading.entities(Table).values() for column in table.columns]
    worn = {label for bearer in bearers for label in bearer.labels or ()}
    worn |= {label for column in columns for label in column.labels or ()}
    words = [each for each in reading.found if isinstance(each, Tag)]
    assert {word.label() for word in words} == worn
    groups = {each.path for each in reading.found if isinstance(each, Classification)}
    assert groups == {("confidentiality",), ("domain",), ("pii",)}
    assert all("Lake Formation" in (word.description or "") for word in words)


def test_searches_cost_two_calls_a_key_and_no_call_a_table(lake: Lake) -> None:
    for number in range(150):
        lake.sandbox.company.glue.put_table("sales", {"Name": f"more_{number:03}"})
    reading, calls = lake.read()
    tables = sum(path[1] == "sales" for path in reading.entities(Table))
    pages = -(-tables // 100)
    assert lf_calls(calls) == {
        "lakeformation:ListLFTags": 1,
        "lakeformation:SearchDatabasesByLFTags": 3,
        "lakeformation:SearchTablesByLFTags": 2 * pages + 1,
    }
    assert texts(reading.entities(Table)[lake.account, "sales", "more_149"].labels) == [
        "confidentiality.internal",
        "domain.shop",
    ]


def test_an_account_without_tags_costs_one_call_and_claims_nothing(lake: Lake) -> None:
    for key in lake.tags.defined():
        lake.tags.drop(key)
    reading, calls = lake.read()
    assert lf_calls(calls) == {"lakeformation:ListLFTags": 1}
    assert {texts(each.labels) for each in reading.entities(Table).values()} == {None}
    assert not any("Lake Formation's tags" in note for note in reading.notes)


def test_a_role_without_lake_formation_is_one_note_and_one_refused_call(lake: Lake) -> None:
    reading, calls = lake.read(*DOCUMENTED_ACTIONS, catalog_ids=("210987654321", f"{lake.account}:s3tablescatalog/x"))
    assert lf_calls(calls) == {"lakeformation:ListLFTags": 1}
    (note,) = [note for note in reading.notes if "Lake Formation's tags" in note]
    assert "Allow lakeformation:ListLFTags" in note
    assert all(f"lakeformation:{each}" in note for each in ("SearchDatabasesByLFTags", "SearchTablesByLFTags"))
    assert {each.labels for each in reading.entities(Schema).values()} == {None}
    tables = reading.entities(Table).values()
    assert {column.labels for table in tables for column in table.columns} == {None}


def test_tags_that_are_not_asked_for_cost_nothing(lake: Lake) -> None:
    reading, calls = lake.read(include_tags=False)
    assert lf_calls(calls) == {}
    assert {each.labels for each in reading.entities(Table).values()} == {None}


@pytest.mark.parametrize("denied", SEARCHES)
def test_a_search_that_is_denied_costs_its_own_labels_only(lake: Lake, denied: str) -> None:
    allowed = {"lakeformation:ListLFTags", *SEARCHES} - {denied}
    reading, calls = lake.read(*DOCUMENTED_ACTIONS, *allowed)
    assert lf_calls(calls)[denied] == 1
    (note,) = [note for note in reading.notes if "Lake Formation's tags" in note]
    assert denied in note
    schemas, tables = reading.entities(Schema), reading.entities(Table)
    of_databases, of_tables = SEARCHES
    assert (schemas[lake.account, "finance"].labels is None) == (denied == of_databases)
    assert (tables[lake.account, "finance", "invoices"].labels is None) == (denied == of_tables)


@pytest.mark.parametrize(
    "fault", ["throttle", "500", "cut", "truncated", "loop-token", "access-denied", "expired-token"]
)
def test_a_search_that_breaks_off_leaves_what_it_did_not_find_unknown(lake: Lake, fault: str) -> None:
    for number in range(120):
        lake.sandbox.company.glue.put_table("sales", {"Name": f"more_{number:03}"})
    lake.sandbox.faults.add(
        fault, operation="SearchTablesByLFTags", after=0 if fault == "loop-token" else 1, count=None
    )
    lake.session_of = _without_retries(lake.session_of)
    reading, calls = lake.read()
    assert reading.errors == {}
    tables = reading.entities(Table)
    assert texts(tables[lake.account, "sales", "customers"].labels) == ["confidentiality.confidential", "domain.shop"]
    assert tables[lake.account, "finance", "invoices"].labels is None
    assert reading.entities(Schema)[lake.account, "finance"].labels == ()
    assert calls.counts()["lakeformation:SearchTablesByLFTags"] <= 3
    assert len([note for note in reading.notes if "labels stay as they are" in note]) == 1


def _without_retries(make: SessionMaker) -> SessionMaker:
    return lambda *args, **options: make(*args, attempts=1, **options)


def test_tables_behind_a_link_have_the_tags_of_their_owner_only(lake: Lake) -> None:
    lake.sandbox.company.glue.add_database("shop", TargetDatabase={"CatalogId": lake.account, "DatabaseName": "sales"})
    reading, _ = lake.read()
    tables = reading.entities(Table)
    customers = tables[lake.account, "shop", "customers"]
    assert texts(customers.labels) == ["confidentiality.confidential", "domain.shop"]
    assert texts(reading.entities(Schema)[lake.account, "shop"].labels) == ["confidentiality.internal", "domain.shop"]
    assert tables[lake.account, "partner_weather", "observations"].labels is None


def test_mounted_catalogs_claim_no_absence_of_tags(lake: Lake) -> None:
    mounted = next(each.catalog_id for each in lake.sandbox.company.glue.catalogs() if "/" in each.catalog_id)
    reading, calls = lake.read(catalog_ids=(mounted,))
    inside = [each for path, each in reading.entities(Table).items() if path[0] == mounted]
    assert inside
    assert {each.labels for each in inside} == {None}
    assert lf_calls(calls)["lakeformation:ListLFTags"] == 1


def test_another_accounts_tags_are_asked_for_by_its_id_and_refused_once(lake: Lake) -> None:
    other = "210987654321"
    reading, calls = lake.read(catalog_ids=(other,))
    assert lf_calls(calls)["lakeformation:ListLFTags"] == 2
    assert len([note for note in reading.notes if other in note and "labels stay" in note]) == 1
    assert reading.entities(Table)[lake.account, "finance", "invoices"].labels == ()


def test_aws_is_not_asked_about_the_tags_of_another_glue(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    keys = (sandbox.reader.access_key_id, sandbox.reader.secret_access_key)
    credentials = AwsCredentials(sandbox.company.region, *keys, endpoint_url=sandbox.aws_endpoint_url)
    calls = Calls()
    reading = read_all(GlueSource(GlueSettings("lake"), AwsSession(credentials, calls, service="glue")))
    assert lf_calls(calls) == {}
    assert len([note for note in reading.notes if "AWS_ENDPOINT_URL_LAKEFORMATION" in note]) == 1
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAKEFORMATION", sandbox.aws_endpoint_url)
    reading = read_all(GlueSource(GlueSettings("lake"), AwsSession(credentials, calls, service="glue")))
    assert texts(reading.entities(Table)[sandbox.company.account, "clickstream", "clicks"].labels) == ["domain.web"]


class _Answer:
    status_code = 200

    def __init__(self, content: bytes) -> None:
        self.content = content


@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), st.integers(0, 40))
def test_a_list_is_left_out_of_a_whole_answer_only(body: Mapping[str, int], at: int) -> None:
    content = json.dumps(body).encode()
    model = SimpleNamespace(name="ListLFTags")
    parsed: dict[str, object] = {}
    if at >= len(content):
        _complete(_Answer(content), parsed, model)
        assert parsed == {"LFTags": []}
    else:
        with pytest.raises(ResponseParserError):
            _complete(_Answer(content[:at]), parsed, model)
        assert parsed == {}


PAIRS = st.dictionaries(st.text(min_size=1, max_size=4), st.text(min_size=1, max_size=4), max_size=3).map(
    lambda found: tuple(sorted(found.items()))
)


@given(PAIRS, st.dictionaries(st.sampled_from("abcd"), PAIRS))
def test_columns_keep_their_own_tags_whatever_others_have(own: tuple[tuple[str, str], ...], by_column: dict) -> None:  # type: ignore[type-arg]
    groups = tuple((pairs, (name,)) for name, pairs in by_column.items())
    columns = tuple(Column(name=name.upper(), data_type="INT", data_type_display="int") for name in "abcd")
    table = tagged(Table(path=("s", "c", "d", "t"), table_type="External", columns=columns), TagsOfTable(own, groups))
    assert table.labels == tuple(Tag(path=pair).label() for pair in own)
    for column in table.columns:
        wanted = by_column.get(column.name.lower(), ())
        assert column.labels == tuple(Tag(path=pair).label() for pair in wanted)
    assert {word.path for word in to_words(own)} == {(key,) for key, _ in own} | set(own)
