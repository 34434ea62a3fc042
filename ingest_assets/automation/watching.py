"""What sensors remember of what they watch: a text that changes when the thing does, and how often it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import dagster as dg
from pydantic import BaseModel, ConfigDict, ValidationError

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.runs import Fate, awaited, fate_of, request
from ingest_assets.errors import IngestError

SECONDS = 30.0
"""For which a tick begins to look at one more; Dagster ends it after sixty, cursor and all."""

_LONGEST_REASON = 2_000


class Seen(BaseModel):
    """What a sensor saw of one recipe.

    Attributes:
        token: What told its state.
        changes: How often that has changed. A key for which there was a run is never run again, and a file may get an
            old text back.
        awaits: Id of the run in the queue that was to read the change: it may be withdrawn before it begins.
    """

    model_config = ConfigDict(frozen=True)

    token: str
    changes: int = 0
    awaits: str = ""


class Memory(BaseModel):
    """The cursor of a sensor that watches recipes.

    Attributes:
        seen: By the name of the recipe's job.
        last: The job that was looked at last, after which the next tick goes on.
    """

    seen: dict[str, Seen] = {}
    last: str = ""

    @classmethod
    def of(cls, cursor: str | None) -> Memory:
        """From a cursor; one that can't be read is none: what is there now is taken as it is."""
        try:
            return cls.model_validate_json(cursor) if cursor else cls()
        except ValidationError:
            return cls()


class Looked(NamedTuple):
    """What came of looking at some recipes.

    Attributes:
        requests: Runs of those that have changed.
        memory: For the next tick.
        told: What people should know, a sentence each.
    """

    requests: list[dg.RunRequest]
    memory: Memory
    told: list[str]

    def result(self, watched: str) -> dg.SensorResult:
        """The same for Dagster.

        Args:
            watched: What has not changed, if nothing has.
        """
        told = " ".join(self.told)[:_LONGEST_REASON] or f"{watched} as before."
        return dg.SensorResult(
            run_requests=self.requests,
            skip_reason=None if self.requests else told,
            cursor=self.memory.model_dump_json(),
        )


def look(
    context: dg.SensorEvaluationContext,
    watched: Iterable[RecipeAssets],
    token_of: Callable[[RecipeAssets, str | None], str | None],
    clock: Callable[[], float] = time.monotonic,
    redact: Callable[[str], str] = str,
) -> Looked:
    """Look at recipes, as many as one tick has time for, and ask for runs of those that have changed.

    What is seen for the first time is remembered only: nobody has asked for a run of it.

    Args:
        context: The tick's.
        watched: The recipes.
        token_of: Tells the state of one, from what it told before; None if there is nothing to watch.
        clock: Seconds that only grow.
        redact: Blanks secrets in what people are told.
    """
    memory = Memory.of(context.cursor)
    by_job = {made.job.name: made for made in watched}
    found = Looked([], Memory(seen={job: each for job, each in memory.seen.items() if job in by_job}), [])
    until = clock() + SECONDS
    for job in in_turns(by_job, memory.last):
        if clock() >= until:
            found.told.append("Not all recipes were looked at: the next tick goes on.")
            break
        found.memory.last = job
        try:
            _look_at(context, by_job[job], token_of, found)
        except IngestError as error:
            told = redact(str(error))
            context.log.warning("%s: %s", job, told)
            found.told.append(f"{job} could not be looked at: {told}")
    return found


def _look_at(
    context: dg.SensorEvaluationContext,
    made: RecipeAssets,
    token_of: Callable[[RecipeAssets, str | None], str | None],
    found: Looked,
) -> None:
    job = made.job.name
    before = found.memory.seen.get(job)
    token = token_of(made, before.token if before else None)
    if token is None:
        return
    if before is None:
        found.memory.seen[job] = Seen(token=token)
        found.told.append(f"{job} is watched from now on.")
        return
    fate = fate_of(context.instance, before.awaits) if before.awaits else None
    if token == before.token and fate not in (Fate.FAILED, Fate.WITHDRAWN):
        if fate is Fate.BEGAN:
            found.memory.seen[job] = before.model_copy(update={"awaits": ""})
        return
    waits = awaited(context, made, ())
    now = Seen(token=token, changes=before.changes + 1, awaits=waits.run_id if waits else "")
    found.memory.seen[job] = now
    if waits:
        found.told.append(f"{job} has changed, and a run of it waits already.")
        return
    found.requests.append(request(made, f"{job}:{now.changes}:{token[:40]}"))


def in_turns(things: Iterable[str], last: str) -> Iterator[str]:
    """All names in order, beginning behind the one that was the last."""
    names = sorted(things)
    yield from (name for name in names if name > last)
    yield from (name for name in names if name <= last)
