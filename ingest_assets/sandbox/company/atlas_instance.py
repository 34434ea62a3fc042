"""What the company keeps in Atlas."""

from __future__ import annotations

from ingest_assets.sandbox.company import atlas_flows, atlas_hive, atlas_scale, atlas_words
from ingest_assets.sandbox.company.atlas import AtlasState
from ingest_assets.sandbox.company.atlas_hive import Hive
from ingest_assets.sandbox.company.glue import GlueCatalogs

TEMPORARY = "tmp_load"
SESSION = "7f1c2a9e-51d4"


def fill(atlas: AtlasState, glue: GlueCatalogs) -> None:
    """Add all of it.

    Args:
        atlas: The company's Atlas.
        glue: The lake, whose tables Hive knows, too.
    """
    atlas_words.define(atlas)
    hive = atlas_hive.fill(atlas, glue)
    atlas_flows.fill(atlas, hive)
    _add_odd_ones(atlas, hive)
    atlas_words.fill(atlas, hive)
    atlas_scale.fill(atlas, glue)


def _add_odd_ones(atlas: AtlasState, hive: Hive) -> None:
    """What only Hive has, and what it no longer has: deleted tables and columns, one made anew, a database's rest."""
    hive.add_database("default", description="Default Hive database", owner="public", ownerType="ROLE")
    numbers = [{"Name": "k", "Type": "int"}, {"Name": "v", "Type": "string"}]
    hive.add_table("default", TEMPORARY, numbers, session=SESSION, owner=None)
    hive.add_table(
        "default", 'посылки_荷物"quoted"', numbers, owner="etl", description="quotes & <b>markup</b>\nsecond line"
    )
    dropped = hive.add_table("sales", "old_orders", numbers, owner="etl", description="to be dropped")
    atlas.delete(dropped)
    columns = [{"Name": "promotion_id", "Type": "int"}, {"Name": "code", "Type": "string"}]
    atlas.delete(hive.tables["sales.promotions"])
    hive.add_table("sales", "promotions", columns, owner="lena.berg", description="Made anew under the same name")
    orders = hive.tables["sales.orders"]
    legacy = {"Name": "legacy_code", "Type": "int", "Comment": "dropped later"}
    hive.add_columns(orders, "sales.orders", [legacy], "hive_table_columns", "lena.berg")
    atlas.delete(hive.columns["sales.orders.legacy_code"])
    retired = hive.add_database("retired", description="Dropped without its tables", owner="hive")
    hive.add_table("retired", "left_behind", numbers, owner="etl")
    atlas.delete(retired)
