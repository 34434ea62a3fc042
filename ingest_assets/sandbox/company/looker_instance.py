"""The company's Looker, and the GitHub where its LookML lies."""

from __future__ import annotations

from ingest_assets.sandbox.company import looker_content, looker_explores, looker_people
from ingest_assets.sandbox.company.looker import LookerState
from ingest_assets.sandbox.company.looker_fields import LOOKML
from ingest_assets.sandbox.company.looker_repositories import Repositories

LOOKML_OWNER = "norrpost"
LOOKML_REPOSITORY = "looker-norrpost"
LOOKML_REPOSITORIES = (LOOKML_REPOSITORY, "looker-parcels")
"""The one whose project is the larger, and the one that it imports from the same Looker."""
_GITHUB = b"https://github.com"


def fill(looker: LookerState, repositories: Repositories) -> None:
    """Add what the company has in Looker, and the repositories of its projects."""
    looker_explores.fill(looker)
    looker_content.fill(looker, looker_people.fill(looker))
    _fill_repositories(repositories)


def move_github(repositories: Repositories, url: str) -> None:
    """Let the projects that import others name the GitHub that there is, and not the one that everybody knows.

    Args:
        repositories: The company's.
        url: Where its GitHub is served.
    """
    repository = repositories.get(LOOKML_OWNER, LOOKML_REPOSITORY)
    manifest = repository.head.entries["manifest.lkml"].content
    moved = manifest.replace(_GITHUB, url.encode())
    if moved != manifest:
        repository.commit({"manifest.lkml": moved}, "Import from our own GitHub")


def project_files(project: str) -> dict[str, bytes]:
    """The files of a LookML project that was written down, by path."""
    folder = LOOKML / project
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _fill_repositories(repositories: Repositories) -> None:
    for project, private in (("norrpost", True), ("parcels", True), ("blocks", False), ("geo", False)):
        repository = repositories.add(LOOKML_OWNER, f"looker-{project}", private=private)
        repository.commit(project_files(project), f"Begin the project {project}")
    # Whoever reads the branch and not the tag that the manifest asks for finds another table.
    blocks = repositories.get(LOOKML_OWNER, "looker-blocks")
    blocks.tag("v1.4.0")
    calendar = project_files("blocks")["views/calendar.view.lkml"]
    blocks.commit(
        {"views/calendar.view.lkml": calendar.replace(b"exchange_rates", b"working_days")}, "Not yet released"
    )
