"""Which part of a recipe's service an event is about."""

from __future__ import annotations

import re
from collections.abc import Callable

from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sources.events.envelope import Change

EVERYTHING: tuple[str, ...] = ()
"""What ``RunOptions.include`` says of a whole service."""

_SIGNS = re.compile(r"[*?\[]")


def queue_of(workflow: Workflow) -> str | None:
    """The queue that a recipe's events come by; None if it names none."""
    match workflow:
        case GlueWorkflow() | QuickSightWorkflow():
            return workflow.dagster.source.events_queue
    return None


def touched(workflow: Workflow, change: Change, own_account: Callable[[], str]) -> tuple[str, ...] | None:
    """What of a recipe's service is to be read anew, by the patterns of ``RunOptions.include``.

    Args:
        workflow: The recipe, resolved.
        change: What an event tells.
        own_account: Asks AWS which account the recipe's credentials belong to, where the recipe doesn't say it.

    Returns:
        None if the recipe doesn't read what has changed.

    Raises:
        RemoteError: AWS can't be asked.
    """
    match workflow:
        case GlueWorkflow() if change.service == "glue":
            catalogs = _catalogs(workflow, change, own_account)
            return tuple(f"{_literally(name)}{schema}" for name in catalogs for schema in _schemas(change)) or None
        case QuickSightWorkflow() if change.service == "quicksight":
            connection = workflow.source.service_connection.config
            there = (connection.aws_account_id, connection.aws_config.aws_region)
            # QuickSight's listings are those of an account: there is no part of one.
            return EVERYTHING if there == (change.account, change.region) else None
    return None


def _catalogs(workflow: GlueWorkflow, change: Change, own_account: Callable[[], str]) -> list[str]:
    """What the catalogs of an account in a region are called in paths; see ``sources.glue.places``."""
    connection, wanted = workflow.source.service_connection.config, workflow.dagster.source
    home = connection.aws_config.aws_region
    for account in wanted.accounts:
        if account.account_id == change.account:
            read = account.regions or (home, *wanted.regions)
            return [_named(change.account, change.region, home)] if change.region in read else []
    named = [each for each in wanted.catalog_ids if each.partition(":")[0] == change.account]
    if change.region not in (home, *wanted.regions):
        return []
    if change.account == own_account():
        own = connection.database_name or change.account
        named = [own, *(each for each in named if each != change.account)]
        return [_named(own, change.region, home)] if change.region != home else named
    return named if change.region == home else []


def _schemas(change: Change) -> list[str]:
    """Ends of patterns. Glue keeps names in lower case, whatever the case of the request that an event tells of."""
    if change.database is None:
        return [""]
    return [f".{_literally(name)}" for name in dict.fromkeys((change.database, change.database.lower()))]


def _named(catalog: str, region: str, home: str) -> str:
    return catalog if region == home else f"{catalog}_{region}"


def _literally(name: str) -> str:
    """A pattern that fits this name alone."""
    return _SIGNS.sub(lambda sign: f"[{sign[0]}]", name)
