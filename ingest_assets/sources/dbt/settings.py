"""What a recipe says about a dbt project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _keep_all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class DbtSettings:
    """What a recipe says about a dbt project.

    Attributes:
        service: Name of the recipe's service, which holds nothing itself.
        classification: Name of the classification whose tags are dbt's.
        include_tags: Whether tags, tiers and terms are told.
        search_across_databases: Whether a table may lie in any database of the services, whatever the manifest says.
        database_filter: Tells by name which databases of the manifest are kept.
        schema_filter: Tells by name which schemas are kept.
        table_filter: Tells by name which tables are kept.
    """

    service: str
    classification: str = "dbtTags"
    include_tags: bool = True
    search_across_databases: bool = False
    database_filter: Callable[[str], bool] = _keep_all
    schema_filter: Callable[[str], bool] = _keep_all
    table_filter: Callable[[str], bool] = _keep_all
