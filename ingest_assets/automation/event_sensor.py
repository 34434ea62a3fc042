"""The sensor of events: what AWS tells of changes becomes runs that read only what was touched.

Dagster keeps a tick's cursor and makes its runs after the tick. So a tick removes no message for which it asks for a
run: it notes how to remove it, and a later tick does so once Dagster has that run. Whoever is killed in between leaves
messages that SQS gives out again, and at worst something is read twice. A run that is in the queue may be withdrawn
from it: what it was to read is remembered until it has begun.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import dagster as dg

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.promises import Asked, Batch, Promise, Waiting, merged
from ingest_assets.automation.runs import Fate, awaited, fate_of, made_by_key, request
from ingest_assets.automation.watching import in_turns
from ingest_assets.errors import IngestError
from ingest_assets.ingestion.event_queues import Queues, Taken
from ingest_assets.resources.systems import AwsResource

NAME = "events"
_INTERVAL = 60  # seconds
_HIDDEN = 15 * _INTERVAL
"""Seconds for which SQS hides what was received: well above the interval, so that only what was lost comes again."""

_MOST = 100  # messages a tick, of each queue
_BATCHES = 20  # of one queue, of which messages are not removed yet; a cursor is a text in Dagster's database
_ATTEMPTS = 3  # to have a run begin
_SECONDS = 35.0  # of one tick, which Dagster ends after sixty: what has begun may last as long as its timeouts
_LONGEST_REASON = 2_000


class _Tick(NamedTuple):
    """One tick: what it has to go by, and its outcome, as it comes about."""

    context: dg.SensorEvaluationContext
    watched: Mapping[str, RecipeAssets]
    queues: Queues
    all_loaded: bool
    requests: list[dg.RunRequest]
    batches: list[Batch]
    promises: list[Promise]
    told: list[str]

    def ask(self, run: Asked) -> None:
        """Ask Dagster for a run."""
        self.requests.append(request(self.watched[run.job], run.run_key, run.include))

    def keep(self, batch: Batch) -> None:
        """Go on with a batch in the next tick; what SQS gives out again is not held here as well."""
        if not batch.receipts or time.time() - batch.taken < _HIDDEN:
            self.batches.append(batch)


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
        until = time.monotonic() + _SECONDS
        queues = Queues([made.recipe for made in watched.values()], aws.explicit(), until)
        tick = _Tick(context, watched, queues, all_loaded, [], [], [], list(queues.problems))
        last = _work_off(tick, Waiting.of(context.cursor), until)
        told = queues.redact(" ".join(tick.told))
        context.log.info(told or "No events.")
        return dg.SensorResult(
            run_requests=tick.requests,
            skip_reason=None if tick.requests else told[:_LONGEST_REASON] or "No events.",
            cursor=Waiting(batches=tuple(tick.batches), promises=merged(tick.promises), last=last).model_dump_json(),
        )

    return events


def _work_off(tick: _Tick, waiting: Waiting, until: float) -> str:
    """Go on with what earlier ticks left, then receive what is new; the queue that was asked last."""
    again = [batch for promise in waiting.promises for batch in _withdrawn(tick, promise)]
    for batch in (*waiting.batches, *again):
        _conclude(tick, batch)
    last = waiting.last
    for url in in_turns(tick.queues.urls(), last):
        if time.monotonic() >= until:
            tick.told.append("Not all queues were asked: the next tick goes on.")
            break
        last = url
        if sum(batch.queue == url for batch in tick.batches) < _BATCHES:
            _receive(tick, url)
    return last


def _withdrawn(tick: _Tick, promise: Promise) -> Iterator[Batch]:
    """What is to be asked for in place of a run that will never begin; of another one the promise is kept."""
    asked = promise.asked
    if asked.job not in tick.watched:
        if not tick.all_loaded:
            tick.promises.append(promise)
        return
    fate = fate_of(tick.context.instance, promise.run)
    if fate is Fate.WAITS:
        tick.promises.append(promise)
    elif fate is Fate.FAILED or (fate is Fate.WITHDRAWN and not promise.is_own):
        # Who cancels a run of events wants none; who cancels another one knows nothing of the events.
        tick.told.append(f"Run {promise.run} of {asked.job} {fate.value}.")
        if asked.attempt < _ATTEMPTS:
            yield Batch(queue="", receipts=(), runs=(asked.again(),))
        else:
            tick.told.append(f"It is not asked for again after {_ATTEMPTS} attempts: run the job by hand.")


def _conclude(tick: _Tick, batch: Batch) -> None:
    """Remove the messages of a batch whose runs are there, and ask once more for those that are not."""
    wanted = [run for run in batch.runs if run.job in tick.watched]
    made = {run.run_key: made_by_key(tick.context, NAME, run.run_key) for run in wanted}
    missing = [run for run in wanted if made[run.run_key] is None]
    for run in missing:
        tick.ask(run)
    # Of a recipe that is gone there will be no run; but one that can't be loaded now is not gone.
    if missing or (len(wanted) < len(batch.runs) and not tick.all_loaded):
        tick.keep(batch)
        return
    try:
        refused = tick.queues.delete(batch.queue, batch.receipts) if batch.receipts else 0
    except IngestError as error:
        tick.told.append(f"Messages could not be removed, which the next tick tries again: {error}")
        tick.keep(batch)
        return
    if refused:
        tick.told.append(f"{refused} messages were not removed: SQS gives them out again.")
    found = [(run, made[run.run_key]) for run in wanted]
    tick.promises.extend(Promise(asked=run, run=there.run_id, is_own=True) for run, there in found if there)


def _receive(tick: _Tick, url: str) -> None:
    """Take messages of one queue, and ask for the runs that they call for."""
    taken_at = time.time()
    try:
        taken = tick.queues.take(url, _MOST, _HIDDEN)
    except IngestError as error:
        tick.told.append(f"{url} could not be read, which the next tick tries again: {error}")
        return
    all_known = tick.all_loaded and not tick.queues.problems
    tick.told.extend(_told(taken, all_known=all_known))
    runs = tuple(_asked(tick, taken))
    for run in runs:
        tick.ask(run)
    receipts = (*taken.wanted, *taken.needless, *(taken.unwanted if all_known else ()))
    if receipts or runs:
        tick.batches.append(Batch(queue=url, receipts=receipts, runs=runs, taken=taken_at))


def _asked(tick: _Tick, taken: Taken) -> Iterator[Asked]:
    """Runs that are to be made; what one in the queue will read is noted, for that one may be withdrawn."""
    for job, made in tick.watched.items():
        include = taken.touched.get(made.recipe.path)
        if include is None:
            continue
        asked = Asked(run_key=f"{job}:{taken.key}", job=job, include=include)
        run = awaited(tick.context, made, include)
        if run is None:
            yield asked
        else:
            tick.promises.append(Promise(asked=asked, run=run.run_id, is_own=False))


def _told(taken: Taken, *, all_known: bool) -> Iterator[str]:
    if taken.wanted:
        yield f"{len(taken.wanted)} events."
    if taken.needless:
        yield f"{len(taken.needless)} events concern no recipe."
    if taken.unwanted:
        stays = "" if all_known else ", and stay in the queue until all recipes can be loaded"
        yield f"{len(taken.unwanted)} events concern no recipe{stays}."
    if taken.unreadable:
        yield f"{len(taken.unreadable)} messages are no events, and stay in the queue: {taken.unreadable[0]}"
    yield from taken.problems
