"""The sensor of events: what AWS tells of changes becomes runs that read only what was touched.

Dagster keeps a tick's cursor and makes its runs after the tick. So a tick removes no message for which it asks for a
run: it notes how to remove it, and a later tick does so once Dagster has that run. Whoever is killed in between leaves
messages that SQS gives out again, and at worst something is read twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import dagster as dg
from pydantic import BaseModel, ConfigDict, ValidationError

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.runs import is_awaited, request, was_made
from ingest_assets.calls import Calls
from ingest_assets.errors import IngestError
from ingest_assets.ingestion.event_queues import Queues, Taken
from ingest_assets.resources.systems import AwsResource

NAME = "events"
_INTERVAL = 60  # seconds
_HIDDEN = 15 * _INTERVAL
"""Seconds for which SQS hides what was received: well above the interval, so that only what was lost comes again."""

_MOST = 100  # messages a tick, of each queue
_BATCHES = 20  # of which messages are not removed yet; a cursor is a text in Dagster's database
_SECONDS = 40.0  # of one tick, which Dagster ends after sixty


class Asked(BaseModel):
    """A run that was asked for.

    Attributes:
        run_key: Dagster makes one run for it.
        job: Of the recipe.
        include: What it reads; everything if there is none.
    """

    model_config = ConfigDict(frozen=True)

    run_key: str
    job: str
    include: tuple[str, ...] = ()


class Batch(BaseModel):
    """Messages of one queue that one tick received.

    Attributes:
        queue: The queue's URL.
        receipts: By which they are removed.
        runs: Without all of which they must not be.
    """

    model_config = ConfigDict(frozen=True)

    queue: str
    receipts: tuple[str, ...]
    runs: tuple[Asked, ...]


class Waiting(BaseModel):
    """The cursor."""

    batches: tuple[Batch, ...] = ()

    @classmethod
    def of(cls, cursor: str | None) -> Waiting:
        """From a cursor; of one that can't be read SQS gives the messages out again."""
        try:
            return cls.model_validate_json(cursor) if cursor else cls()
        except ValidationError:
            return cls()


class _Tick(NamedTuple):
    """One tick's outcome, as it comes about."""

    requests: list[dg.RunRequest]
    batches: list[Batch]
    told: list[str]


def event_sensor(recipes: Sequence[RecipeAssets], *, all_loaded: bool) -> dg.SensorDefinition | None:
    """Runs what events touch; None where no recipe names a queue.

    Args:
        recipes: All that could be loaded.
        all_loaded: Whether all could: an event that concerns none of them may concern one of the others.
    """
    watched = {made.job.name: made for made in recipes if made.recipe.events_queue is not None}
    if not watched:
        return None

    @dg.sensor(
        name=NAME,
        jobs=[made.job for made in watched.values()],
        minimum_interval_seconds=_INTERVAL,
        description="Takes events of Glue and QuickSight out of the queues that recipes name (dagster.source."
        "events_queue) and runs the recipes, for what was touched alone. A message is removed once its run is there.",
    )
    def events(context: dg.SensorEvaluationContext, aws: AwsResource) -> dg.SensorResult:
        calls = Calls(time.monotonic() + _SECONDS)
        tick = _Tick([], [], [])
        queues = Queues([made.recipe for made in watched.values()], aws.explicit(), calls)
        for problem in queues.problems:
            tick.told.append(problem)
        for batch in Waiting.of(context.cursor).batches:
            _conclude(context, batch, watched, queues, tick)
        for url in queues.urls() if len(tick.batches) < _BATCHES else ():
            _receive(context, url, watched, queues, tick, all_loaded=all_loaded and not queues.problems)
        for text in tick.told:
            context.log.info(text)
        return dg.SensorResult(
            run_requests=tick.requests,
            skip_reason=None if tick.requests else " ".join(tick.told) or "No events.",
            cursor=Waiting(batches=tuple(tick.batches)).model_dump_json(),
        )

    return events


def _conclude(
    context: dg.SensorEvaluationContext,
    batch: Batch,
    watched: Mapping[str, RecipeAssets],
    queues: Queues,
    tick: _Tick,
) -> None:
    """Remove the messages of a batch whose runs are there, and ask once more for those that are not."""
    # Of a recipe that is gone there will be no run.
    wanted = [run for run in batch.runs if run.job in watched]
    missing = [run for run in wanted if not was_made(context.instance, NAME, run.run_key)]
    if missing:
        tick.requests.extend(request(watched[run.job], run.run_key, run.include) for run in missing)
        tick.batches.append(batch)
        return
    try:
        refused = queues.delete(batch.queue, batch.receipts)
    except IngestError as error:
        tick.told.append(f"Messages could not be removed, which the next tick tries again: {error}")
        tick.batches.append(batch)
        return
    if refused:
        tick.told.append(f"{refused} messages were not removed: SQS gives them out again.")


def _receive(
    context: dg.SensorEvaluationContext,
    url: str,
    watched: Mapping[str, RecipeAssets],
    queues: Queues,
    tick: _Tick,
    *,
    all_loaded: bool,  # a fact
) -> None:
    """Take messages of one queue, and ask for the runs that they call for."""
    try:
        taken = queues.take(url, _MOST, _HIDDEN)
    except IngestError as error:
        tick.told.append(f"{url} could not be read, which the next tick tries again: {error}")
        return
    tick.told.extend(_told(taken, all_loaded=all_loaded))
    runs = tuple(_asked(context, taken, watched))
    tick.requests.extend(request(watched[run.job], run.run_key, run.include) for run in runs)
    receipts = (*taken.wanted, *(taken.unwanted if all_loaded else ()))
    if receipts:
        tick.batches.append(Batch(queue=url, receipts=receipts, runs=runs))


def _asked(context: dg.SensorEvaluationContext, taken: Taken, watched: Mapping[str, RecipeAssets]) -> Iterator[Asked]:
    for made in watched.values():
        include = taken.touched.get(made.recipe.path)
        if include is not None and not is_awaited(context.instance, made, include):
            yield Asked(run_key=f"{made.job.name}:{taken.key}", job=made.job.name, include=include)


def _told(taken: Taken, *, all_loaded: bool) -> Iterator[str]:
    if taken.wanted:
        yield f"{len(taken.wanted)} events."
    if taken.unwanted:
        stays = "" if all_loaded else ", and stay in the queue until all recipes can be loaded"
        yield f"{len(taken.unwanted)} events concern no recipe{stays}."
    if taken.unreadable:
        yield f"{len(taken.unreadable)} messages are no events, and stay in the queue: {taken.unreadable[0]}"
