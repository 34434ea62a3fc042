"""Cheap words of a service about whether it has changed, for sensors: nothing is read that a run would read."""

from __future__ import annotations

import time

from ingest_assets.calls import Calls
from ingest_assets.ingestion.sources import Explicit, kinesis_parts, quicksight_parts, source_threads
from ingest_assets.recipe.atlas import AtlasWorkflow
from ingest_assets.recipe.dbt import DbtWorkflow
from ingest_assets.recipe.kinesis import KinesisWorkflow
from ingest_assets.recipe.looker import LookerWorkflow
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.snapshots.store import Store

WATCHED = frozenset({"kinesis", "quicksight", "looker", "atlas", "dbt"})
"""Types of sources of which one listing tells whether they have changed. Of Glue, events do."""


def fingerprint(workflow: Workflow, explicit: Explicit, calls: Calls, before: str | None) -> str | None:
    """A text that is another one once the service has changed; None for a source that can't tell.

    Args:
        workflow: The recipe, resolved.
        explicit: What resources give.
        calls: Counts what is asked, and knows until when.
        before: The text of the last time.

    Raises:
        RemoteError: The service can't be asked.
        RecipeError: The recipe can't be used.
        DeadlineExceededError: There is no time left.
    """
    match workflow:
        case KinesisWorkflow():
            from ingest_assets.sources.kinesis import fingerprint as kinesis  # noqa: PLC0415  # pulls boto3

            return kinesis.fingerprint(kinesis_parts(workflow, explicit, calls)[0])
        case QuickSightWorkflow():
            return _quicksight(workflow, explicit, calls)
        case LookerWorkflow():
            from ingest_assets.ingestion.looker import looker_api  # noqa: PLC0415
            from ingest_assets.sources.looker import fingerprint as looker  # noqa: PLC0415  # pulls looker_sdk

            api = looker_api(workflow, explicit, calls, source_threads(workflow))
            return looker.fingerprint(api, looks=workflow.dagster.source.include_looks)
        case AtlasWorkflow():
            from ingest_assets.ingestion.atlas import atlas_parts  # noqa: PLC0415
            from ingest_assets.sources.atlas.fingerprint import last_change  # noqa: PLC0415  # pulls requests

            return last_change(atlas_parts(workflow, calls, source_threads(workflow))[0], before, time.time)
        case DbtWorkflow():
            from ingest_assets.ingestion.dbt import dbt_way  # noqa: PLC0415

            return dbt_way(workflow, explicit, calls).state()
    return None


def _quicksight(workflow: QuickSightWorkflow, explicit: Explicit, calls: Calls) -> str:
    from ingest_assets.sources.quicksight import fingerprint as quicksight  # noqa: PLC0415  # pulls boto3
    from ingest_assets.sources.quicksight.account import Account  # noqa: PLC0415  # pulls boto3

    session, settings = quicksight_parts(workflow, explicit, calls)
    account = Account(session, settings.account_id)
    return quicksight.fingerprint(account, data_sets=settings.include_data_models, analyses=settings.include_analyses)


def lookml_commits(workflow: Workflow, explicit: Explicit, calls: Calls, store: Store) -> str | None:
    """The commits of a Looker recipe's repositories, each asked for conditionally; None without repositories.

    Raises:
        RemoteError: A repository can't be asked.
        RecipeError: The recipe can't be used.
    """
    from ingest_assets.ingestion.looker import git_of, repositories  # noqa: PLC0415
    from ingest_assets.ingestion.repository_cache import StoreCache  # noqa: PLC0415
    from ingest_assets.sources.git import Reading  # noqa: PLC0415  # pulls requests

    credentials = git_of(workflow, explicit) if isinstance(workflow, LookerWorkflow) else None
    if credentials is None:
        return None
    reading = Reading(calls, StoreCache(store))
    return " ".join(each.repository.commit() for each in repositories(credentials, reading))
