"""A source over HTTP, against an odd server."""

from __future__ import annotations

from typing import Any

from ingest_assets.calls import Calls
from ingest_assets.catalog import Enrichment, EntityType, Finding, ForeignEdge, Scope
from ingest_assets.sources.atlas.client import AtlasAccess, AtlasClient
from ingest_assets.sources.atlas.mapping import Placing
from ingest_assets.sources.atlas.settings import AtlasSettings
from ingest_assets.sources.atlas.source import AtlasSource
from ingest_assets.sources.http import Patience

SERVICE = "atlas"
SCHEMAS = Scope(EntityType.SCHEMA, (SERVICE,))
TABLES = Scope(EntityType.TABLE, (SERVICE,))
PROCESSES = Scope(EntityType.TABLE, (SERVICE,), "processes")
TOPICS = Scope(EntityType.TOPIC, (SERVICE,))
HASTY = Patience(timeouts=(2.0, 5.0), retries=2, sleep=lambda _: None)


def client_at(url: str, calls: Calls | None = None, patience: Patience = HASTY, **access: Any) -> AtlasClient:
    """A client that signs on as admin."""
    signed = {"username": "admin", "password": "s3cret", **access}
    return AtlasClient(AtlasAccess(url, **signed), calls or Calls(), patience=patience)


def source_at(url: str, calls: Calls | None = None, **settings: Any) -> AtlasSource:
    """A source that looks for tables in ``hive`` and for topics in ``kafka``."""
    settings = {"placing": Placing(("hive",), ("kafka",)), "include_owners": True, **settings}
    return AtlasSource(AtlasSettings(SERVICE, **settings), client_at(url, calls))


def read_all(source: AtlasSource) -> dict[Scope, list[Finding]]:
    """All that a source yields."""
    return {scope: list(source.read(scope)) for scope in source.roots()}


def edges(findings: list[Finding]) -> dict[tuple[str, str], ForeignEdge]:
    """Edges by their ends."""
    return {(str(each.source), str(each.target)): each for each in findings if isinstance(each, ForeignEdge)}


def enriched(findings: list[Finding]) -> dict[str, Enrichment]:
    """Enrichments by what they are about."""
    return {str(each.target): each for each in findings if isinstance(each, Enrichment)}
