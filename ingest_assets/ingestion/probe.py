"""Probing: whether everything that a recipe needs is there, asked with the smallest calls that tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest_assets.calls import Calls
from ingest_assets.errors import RecipeError, RemoteError
from ingest_assets.ingestion.atlas import atlas_parts
from ingest_assets.ingestion.build import build_client
from ingest_assets.ingestion.event_queues import queue_parts
from ingest_assets.ingestion.looker import looker_parts
from ingest_assets.ingestion.sources import (
    Explicit,
    glue_parts,
    kinesis_parts,
    quicksight_parts,
    source_threads,
    wants_samples,
)
from ingest_assets.recipe.atlas import AtlasWorkflow
from ingest_assets.recipe.dbt import DbtWorkflow
from ingest_assets.recipe.glue import GlueWorkflow
from ingest_assets.recipe.kinesis import KinesisWorkflow
from ingest_assets.recipe.looker import LookerWorkflow
from ingest_assets.recipe.quicksight import QuickSightWorkflow
from ingest_assets.recipe.workflow import Workflow
from ingest_assets.sources.probing import ProbeStep

if TYPE_CHECKING:
    from ingest_assets.openmetadata.client import OpenMetadataClient


def probe_recipe(workflow: Workflow, explicit: Explicit, calls: Calls) -> Iterator[ProbeStep]:
    """Every permission at the source, then the server: its version, the token.

    Raises:
        AuthenticationError: The source refuses the credentials.
        RecipeError: There is no such source.
    """
    yield from _probe_source(workflow, explicit, calls)
    yield from _probe_events(workflow, explicit, calls)
    yield from _probe_server(build_client(workflow, explicit, calls))


def _probe_source(workflow: Workflow, explicit: Explicit, calls: Calls) -> Iterator[ProbeStep]:
    match workflow:
        case GlueWorkflow():
            from ingest_assets.sources.glue.probe import probe as probe_glue  # noqa: PLC0415  # pulls boto3

            yield from probe_glue(*glue_parts(workflow, explicit, calls))
        case KinesisWorkflow():
            from ingest_assets.sources.kinesis.probe import probe as probe_kinesis  # noqa: PLC0415  # pulls boto3

            session, settings = kinesis_parts(workflow, explicit, calls)
            yield from probe_kinesis(session, settings, samples=wants_samples(workflow))
        case QuickSightWorkflow():
            from ingest_assets.sources.quicksight.probe import probe as probe_quicksight  # noqa: PLC0415  # pulls boto3

            yield from probe_quicksight(*quicksight_parts(workflow, explicit, calls))
        case LookerWorkflow():
            from ingest_assets.sources.looker.probe import probe as probe_looker  # noqa: PLC0415  # pulls looker_sdk

            yield from probe_looker(*looker_parts(workflow, explicit, calls, source_threads(workflow)))
        case AtlasWorkflow():
            from ingest_assets.sources.atlas.probe import probe as probe_atlas  # noqa: PLC0415  # pulls requests

            yield from probe_atlas(*atlas_parts(workflow, calls, source_threads(workflow)))
        case DbtWorkflow():
            from ingest_assets.ingestion.dbt import dbt_way  # noqa: PLC0415
            from ingest_assets.sources.dbt.probe import probe as probe_dbt  # noqa: PLC0415  # pulls requests

            yield from probe_dbt(dbt_way(workflow, explicit, calls))
        case _:
            raise RecipeError(f"source.type: there is no source {workflow.source.type}.")


def _probe_events(workflow: Workflow, explicit: Explicit, calls: Calls) -> Iterator[ProbeStep]:
    parts = queue_parts(workflow, explicit.aws)
    if parts is not None:
        from ingest_assets.sources.events.queue import EventQueue, probe  # noqa: PLC0415  # pulls boto3

        yield from probe(EventQueue(*parts, calls))


def _probe_server(client: OpenMetadataClient) -> Iterator[ProbeStep]:
    try:
        yield ProbeStep("OpenMetadata server", granted=True, detail=f"version {client.version()} at {client.host_port}")
        user = client.get("/v1/users/loggedInUser")
    except RemoteError as error:
        yield ProbeStep("OpenMetadata sign-on", granted=False, detail=str(error))
        return
    is_bot = bool(user.get("isBot"))
    detail = f"as {user['name']}" + (
        "" if is_bot else "; not a bot: what people wrote is not protected from its writes"
    )
    yield ProbeStep("OpenMetadata sign-on", granted=True, detail=detail)
