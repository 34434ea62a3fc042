"""A source that owns nothing and knows something of what others own; a test writes down what, and sees what arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ingest_assets.catalog import (
    ColumnEnrichment,
    DatabaseService,
    Elsewhere,
    Enrichment,
    EntityType,
    Failed,
    Filtered,
    Finding,
    Label,
    Reference,
    Scope,
)
from ingest_assets.ingestion.enrichment import enrich
from ingest_assets.ingestion.report import Report
from ingest_assets_tests.ingestion.lakes import Lake, column
from ingest_assets_tests.ingestion.runs import RUN_IDS, Place

SCOPE = Scope(EntityType.TABLE, ("atlas",))
ORDERS = "lake.db.sales.orders"
OTHER = "omar.haddad"


@dataclass
class Knowledge:
    """What is known, in one listing."""

    findings: list[Enrichment | Filtered | Failed] = field(default_factory=list)

    def services(self) -> Sequence[DatabaseService]:
        return [DatabaseService(path=SCOPE.path, service_type="CustomDatabase")]

    def identity(self) -> str | None:
        return None

    def roots(self) -> Sequence[Scope]:
        return (SCOPE,)

    def read(self, scope: Scope) -> Iterator[Finding]:
        yield from self.findings

    def exists(self, reference: Reference) -> bool:
        return False


class MeddledAdapter(HTTPAdapter):
    """Lets somebody else act before the first patch is sent."""

    def __init__(self, act: Callable[[], None], **settings: Any) -> None:
        super().__init__(**settings)
        self._acts = [act]

    def send(self, request: requests.PreparedRequest, *args: Any, **settings: Any) -> requests.Response:
        if request.method == "PATCH" and self._acts:
            self._acts.pop()()
        return super().send(request, *args, **settings)


def run_knowledge(
    place: Place, knowledge: Knowledge | Enrichment, before_patch: Callable[[], None] | None = None, **settings: Any
) -> Report:
    """A run of its own, as a new process would make it; its sums are proven on the way."""
    source = Knowledge([knowledge]) if isinstance(knowledge, Enrichment) else knowledge
    run_id = next(RUN_IDS)
    with closing(place.ingestion(source, **settings)) as ingestion:
        if before_patch:
            ingestion.server.client._transport._session.mount("http://", MeddledAdapter(before_patch))
        snapshot = ingestion.snapshot(run_id, last_attempt=True)
        report = enrich(ingestion, run_id)
    assert snapshot.balances()
    assert report.balances()
    assert report.listed == snapshot.listed == len(source.findings)
    return report


def about(*names: str, **facets: Any) -> Enrichment:
    """What is known of a table, by names without its service."""
    return Enrichment(target=Elsewhere(type=EntityType.TABLE, names=names), **facets)


def of_column(*path: str, **facets: Any) -> ColumnEnrichment:
    return ColumnEnrichment(path=path, **facets)


def labels(*fqns: str) -> tuple[Label, ...]:
    return tuple(map(Label, fqns))


def changed(enrichment: Enrichment, **facets: Any) -> Enrichment:
    """The same with other facets."""
    return enrichment.model_copy(update=facets)


def problems(report: Report) -> list[str]:
    return [f"{problem.fqn}: {problem.reason}" for problem in report.problems]


def lake(**facets: Any) -> Lake:
    made = Lake()
    address = column("address", "STRUCT", children=(column("zip"),))
    made.put("sales", "orders", **{"columns": (column("ID"), column("total"), address), **facets})
    return made


def known(**facets: Any) -> Enrichment:
    told = {
        "description": "All orders",
        "display_name": "Orders",
        "owners": ("lena.berg",),
        "labels": labels("PII.Sensitive", "Tier.Tier2"),
        "columns": (
            of_column("id", description="Its number", labels=labels("PII.None")),
            of_column("Address", "ZIP", description="Where to", labels=labels("PersonalData.Personal")),
        ),
    }
    return about("sales", "orders", **{**told, **facets})


def table(place: Place) -> dict[str, Any]:
    return place.table(ORDERS, f"columns,tags,{place.admin.capabilities.owners}")


def owners(place: Place) -> list[str]:
    stored = table(place)
    found = stored.get("owners") or [stored.get("owner")]
    return [owner["name"] for owner in found if owner]


def state(place: Place) -> dict[str, Any]:
    """Words, owners and labels of the table and its columns."""
    stored = table(place)
    (address,) = (each for each in stored["columns"] if each["name"] == "address")
    columns = {each["name"]: each for each in (*stored["columns"], *address["children"])}
    return {
        "description": stored.get("description"),
        "displayName": stored.get("displayName"),
        "owners": owners(place),
        "tags": sorted(tag["tagFQN"] for tag in stored.get("tags") or ()),
        **{name: (each.get("description"), tags(each)) for name, each in columns.items()},
    }


def tags(holder: dict[str, Any]) -> list[str]:
    return sorted(tag["tagFQN"] for tag in holder.get("tags") or ())


def edit(place: Place, *operations: dict[str, Any]) -> None:
    place.admin.patch(f"/v1/tables/{place.table(ORDERS)['id']}", list(operations))


def add(path: str, value: object) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


def label(fqn: str) -> dict[str, str]:
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


def figures(report: Report) -> tuple[int, int, int, int]:
    return report.updated, report.unchanged, report.unmatched, report.failed


KNOWN = {
    "description": "All orders",
    "displayName": "Orders",
    "owners": ["lena.berg"],
    "tags": ["PII.Sensitive", "Tier.Tier2"],
    "ID": ("Its number", ["PII.None"]),
    "total": (None, []),
    "address": (None, []),
    "zip": ("Where to", ["PersonalData.Personal"]),
}
