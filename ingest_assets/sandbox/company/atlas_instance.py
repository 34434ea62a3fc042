"""What the company keeps in Atlas."""

from __future__ import annotations

from ingest_assets.sandbox.company import atlas_hive
from ingest_assets.sandbox.company.atlas import AtlasState
from ingest_assets.sandbox.company.glue import GlueCatalogs


def fill(atlas: AtlasState, glue: GlueCatalogs) -> None:
    """Add all of it.

    Args:
        atlas: The company's Atlas.
        glue: The lake, whose tables Hive knows, too.
    """
    atlas_hive.fill(atlas, glue)
