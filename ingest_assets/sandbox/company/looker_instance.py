"""The company's Looker, and the GitHub where its LookML lies."""

from __future__ import annotations

from ingest_assets.sandbox.company import looker_people
from ingest_assets.sandbox.company.looker import LookerState


def fill(looker: LookerState) -> None:
    """Add what the company has in Looker."""
    looker_people.fill(looker)
