"""LookML as findings, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from ingest_assets.catalog import DataModel, Edge, Elsewhere, EntityType, Finding, ForeignEdge, Reference
from ingest_assets.sources.looker.connections import Connection
from ingest_assets.sources.looker.lookml.models import LookmlProject
from ingest_assets.sources.looker.lookml_findings import LookmlContext, lookml_findings
from ingest_assets_tests.sources.looker.lookml.making import project

T = TypeVar("T")

POSTGRES = Connection("warehouse", "postgres", "analytics", "mart")
CONTEXT = LookmlContext(
    service="lk",
    connections={"warehouse": POSTGRES},
    places={},
    user_attributes={},
    keeps=lambda _: True,
    include_tags=False,
    page=lambda project, path, line: f"https://lk.example/projects/{project}/files/{path}?line={line}",
    explores={},
)


def model(name: str) -> Reference:
    return Reference(EntityType.DATA_MODEL, ("lk", name))


def findings(read: LookmlProject | str | Mapping[str, str], **changes: object) -> list[Finding]:
    """What a project comes to; of a text the model ``m`` of the connection ``warehouse``."""
    if isinstance(read, str):
        read = {"m.model.lkml": f'connection: "warehouse"\n{read}'}
    made = read if isinstance(read, LookmlProject) else project(read)
    return list(lookml_findings(made, replace(CONTEXT, **changes)))  # type: ignore[arg-type]  # what a test changes


def of(kind: type[T], found: Iterable[Finding]) -> list[T]:
    return [each for each in found if isinstance(each, kind)]


def models(found: Iterable[Finding]) -> dict[str, DataModel]:
    return {each.path[1]: each for each in of(DataModel, found)}


def called(end: Reference | Elsewhere) -> str:
    return str(end) if isinstance(end, Elsewhere) else end.name


def edges(found: Iterable[Finding]) -> dict[tuple[str, str], dict[str, set[str]]]:
    """By both ends, what flows into each column; each edge is there once."""
    told: dict[tuple[str, str], dict[str, set[str]]] = {}
    for edge in found:
        if isinstance(edge, Edge | ForeignEdge):
            ends = (called(edge.source), called(edge.target))
            assert ends not in told
            told[ends] = _pairs(edge)
    return told


def _pairs(edge: Edge | ForeignEdge) -> dict[str, set[str]]:
    if isinstance(edge, ForeignEdge):
        return {"/".join(pair.target): {"/".join(path) for path in pair.sources} for pair in edge.columns}
    for pair in edge.columns:
        assert pair.target.entity == edge.target
        assert {column.entity for column in pair.sources} == {edge.source}
    return {"/".join(pair.target.path): {"/".join(each.path) for each in pair.sources} for pair in edge.columns}
