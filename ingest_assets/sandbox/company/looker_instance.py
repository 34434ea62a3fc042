"""The company's Looker, and the GitHub where its LookML lies."""

from __future__ import annotations

from ingest_assets.sandbox.company import looker_people
from ingest_assets.sandbox.company.looker import LookerState
from ingest_assets.sandbox.company.looker_repositories import Repositories

LOOKML_OWNER = "norrpost"
LOOKML_REPOSITORY = "looker-norrpost"


def fill(looker: LookerState, repositories: Repositories) -> None:
    """Add what the company has in Looker, and the repositories of its projects."""
    looker_people.fill(looker)
    repositories.add(LOOKML_OWNER, LOOKML_REPOSITORY).commit({"manifest.lkml": 'project_name: "norrpost"\n'}, "Begin")
