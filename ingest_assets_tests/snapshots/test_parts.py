"""Several listings of the same: what none of them shows is gone only if all of them were read whole."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ingest_assets.catalog import EntityType, Scope
from ingest_assets.snapshots.manifest import Manifest, ScopeError, ScopeResult, continue_manifest

MODEL, HOLDER = EntityType.DATA_MODEL, ("bi",)
NOW, BEFORE = "now", "before"
FAILED = ScopeError(kind="UnavailableError", message="500", retryable=True)


def result(part: str, **facets: Any) -> ScopeResult:
    told = {"of": MODEL, "path": HOLDER, "run_id": NOW, "read_at": 1.0, "complete": True, "file": part, "listed": 1}
    return ScopeResult(**{**told, "part": part, **facets})


def manifest(*scopes: ScopeResult) -> Manifest:
    return Manifest(
        format=1,
        run_id=NOW,
        source_type="looker",
        service="bi",
        started=0.0,
        ended=1.0,
        service_file="service",
        scopes=scopes,
    )


def proofs(*scopes: ScopeResult) -> list[ScopeResult]:
    return list(manifest(*scopes).proofs(MODEL))


def test_parts_that_were_all_read_whole_are_one_proof_of_all_of_them() -> None:
    (proof,) = proofs(result("", listed=3, unlisted=("b", "a")), result("lookml", listed=4, unlisted=("c", "a")))
    assert (proof.listed, proof.unlisted) == (7, ("a", "b", "c"))


@pytest.mark.parametrize(
    "fault", [{"complete": False, "error": FAILED}, {"nameless": 1}, {"complete": False, "run_id": BEFORE}]
)
@pytest.mark.parametrize("order", list(itertools.permutations(("", "lookml", "other"))))
def test_while_one_part_fails_no_part_proves_anything(fault: dict[str, Any], order: tuple[str, ...]) -> None:
    for failing in order:
        assert proofs(*(result(part, **(fault if part == failing else {})) for part in order)) == []


def test_a_part_that_was_read_whole_before_and_not_asked_now_does_not_keep_the_others_from_proving() -> None:
    (proof,) = proofs(result("", listed=3), result("lookml", run_id=BEFORE))
    assert (proof.part, proof.listed) == ("", 3)


def test_a_part_that_fails_says_nothing_of_what_lies_elsewhere() -> None:
    (proof,) = proofs(result("lookml", complete=False), result("", path=("another",)))
    assert proof.path == ("another",)
    charts = result("", of=EntityType.CHART)
    assert list(manifest(result("", complete=False), charts).proofs(EntityType.CHART)) == [charts]


def test_parts_are_listings_of_their_own_in_manifests_and_messages() -> None:
    old = manifest(result("", run_id=BEFORE), result("lookml", run_id=BEFORE))
    api = Scope(MODEL, HOLDER)
    assert api != Scope(MODEL, HOLDER, "lookml")
    kept = continue_manifest(old, {api: result("")})
    assert [(each.part, each.run_id) for each in kept] == [("", NOW), ("lookml", BEFORE)]
    assert [each.scope for each in kept] == [api, Scope(MODEL, HOLDER, "lookml")]
    assert str(Scope(MODEL, HOLDER, "lookml")).endswith(" of bi (lookml)")
