"""The plan of faults."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.errors import RejectedError
from ingest_assets.sandbox.fault_sites import AWS_OPERATIONS, FaultKind
from ingest_assets.sandbox.faults import Call, Faults, Strike
from ingest_assets.sandbox.server import Sandbox


def test_a_fault_hits_its_call_once() -> None:
    faults = Faults()
    faults.add("throttle", service="glue", operation="GetTables", match="sales")
    assert faults.take("glue", "GetDatabases") is None
    assert faults.take("glue", "GetTables", "finance") is None
    assert faults.take("glue", "GetTables", "sales") == "throttle"
    assert faults.take("glue", "GetTables", "sales") is None
    assert faults.pending() == []


def test_a_fault_can_let_calls_pass_first() -> None:
    faults = Faults()
    faults.add("cut", operation="Get*", after=2)
    assert [faults.take("glue", "GetTables") for _ in range(4)] == [None, None, "cut", None]


def test_a_fault_without_count_stays_until_cleared() -> None:
    faults = Faults()
    faults.add("403", count=None)
    assert [faults.take("s3", "GetObject") for _ in range(50)] == ["403"] * 50
    faults.clear()
    assert faults.take("s3", "GetObject") is None


def test_a_fault_waits_for_whoever_can_act_it_out() -> None:
    faults = Faults()
    faults.add("loop-token")
    assert faults.take("glue", "GetTables", "", [FaultKind.CUT]) is None
    assert faults.take("glue", "GetTables", "", [FaultKind.LOOP_TOKEN]) == "loop-token"


def test_a_subject_is_matched_by_part_or_by_pattern() -> None:
    faults = Faults()
    faults.add("500", match="sales/*", count=None)
    assert faults.take("glue", "GetTable", "sales/orders") == "500"
    assert faults.take("glue", "GetTable", "presales/orders") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "explode"},
        {"kind": "hang:soon"},
        {"kind": "cut:2"},
        {"kind": "element"},
        {"kind": "element:418"},
        {"kind": "cut", "count": 0},
        {"kind": "cut", "after": -1},
        {"kind": "throttle", "service": "gleu"},
        {"kind": "loop-token", "service": "glue", "operation": "GetTable"},
        {"kind": "hidden", "service": "glue", "operation": "GetTable"},
        {"kind": "hidden", "service": "s3"},
        {"kind": "hidden", "service": "openmetadata", "operation": "PUT *"},
        {"kind": "vanish", "service": "glue", "operation": "GetDatabases"},
        {"kind": "vanish", "service": "openmetadata", "operation": "POST /v1/tables"},
        {"kind": "element:500", "service": "glue"},
        {"kind": "element:500", "service": "openmetadata", "operation": "PUT /v1/lineage"},
        {"kind": "ignore-filter", "service": "openmetadata", "operation": "PUT /v1/tables"},
        {"kind": "access-denied", "service": "sts", "operation": "GetCallerIdentity"},
        {"kind": "expired-token", "service": "openmetadata", "operation": "GET /v1/system"},
    ],
)
def test_a_fault_that_could_never_fire_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RejectedError):
        Faults().add(**wrong)  # type: ignore[arg-type]  # wrong on purpose


@given(count=st.integers(1, 20), after=st.integers(0, 20))
def test_a_fault_strikes_as_often_as_planned_whoever_asks(count: int, after: int) -> None:
    faults = Faults()
    faults.add("reset-after", count=count, after=after)
    with ThreadPoolExecutor(4) as pool:
        struck = list(pool.map(lambda _: faults.take("glue", "GetTables"), range(50)))
    assert struck.count("reset-after") == count


def test_what_has_struck_is_remembered() -> None:
    faults = Faults()
    planned = faults.add("cut", service="glue")
    faults.take("s3", "GetObject", "b/k")
    faults.take("glue", "GetTables", "sales")
    faults.clear()
    assert faults.struck() == [Strike(planned, Call("glue", "GetTables", "sales"))]


def test_rows_are_hidden_in_as_many_calls_as_planned() -> None:
    faults = Faults()
    faults.add("hidden", service="glue", operation="GetTables", match="sales/*", after=1)
    seen = []
    for _ in range(3):
        hides = faults.hiding("glue", "GetTables")
        seen.append([hides("sales/a"), hides("hr/a"), hides("sales/b")])
    assert seen == [[False, False, False], [True, False, True], [False, False, False]]


def test_every_operation_that_the_sandbox_has_built_can_fail(sandbox: Sandbox) -> None:
    built = {name: set(service.operations) for name, service in sandbox.aws._services.items()}
    assert built == {name: set(operations) for name, operations in AWS_OPERATIONS.items()}
