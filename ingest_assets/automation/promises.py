"""What the sensor of events remembers from one tick to the next: its cursor."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, ValidationError


class Asked(BaseModel):
    """A run that was asked for.

    Attributes:
        run_key: Dagster makes one run for it.
        job: Of the recipe.
        include: What it reads; everything if there is none.
        attempt: The first one, or one in place of a run that never began.
    """

    model_config = ConfigDict(frozen=True)

    run_key: str
    job: str
    include: tuple[str, ...] = ()
    attempt: int = 1

    def again(self) -> Asked:
        """The same, by a key of which Dagster knows no run."""
        return self.model_copy(update={"run_key": f"{self.run_key}:again", "attempt": self.attempt + 1})


class Batch(BaseModel):
    """Messages of one queue that one tick received.

    Attributes:
        queue: The queue's URL.
        receipts: By which they are removed; none where they are removed already, and their run never began.
        runs: Without all of which they must not be.
        taken: When, in seconds since 1970.
    """

    model_config = ConfigDict(frozen=True)

    queue: str
    receipts: tuple[str, ...]
    runs: tuple[Asked, ...]
    taken: float = 0.0


class Promise(BaseModel):
    """A run in the queue that reads what messages that are removed were about: until it has begun, it may be withdrawn.

    Attributes:
        asked: The run that would be asked for in its place.
        run: Its id.
        is_own: Whether it was made for these messages, not for others that came before.
    """

    model_config = ConfigDict(frozen=True)

    asked: Asked
    run: str
    is_own: bool


class Waiting(BaseModel):
    """The cursor.

    Attributes:
        batches: Messages that were not removed yet.
        promises: Runs that have not begun yet.
        last: The queue that was asked last, behind which the next tick begins.
    """

    batches: tuple[Batch, ...] = ()
    promises: tuple[Promise, ...] = ()
    last: str = ""

    @classmethod
    def of(cls, cursor: str | None) -> Waiting:
        """From a cursor; of one that can't be read SQS gives the messages out again."""
        try:
            return cls.model_validate_json(cursor) if cursor else cls()
        except ValidationError:
            return cls()


def merged(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """One promise for each recipe and run: a run may wait for hours, and events come each minute."""
    found: dict[tuple[str, str, bool], Promise] = {}
    for promise in promises:
        key = (promise.asked.job, promise.run, promise.is_own)
        before = found.setdefault(key, promise).asked
        include = tuple(sorted({*before.include, *promise.asked.include}))
        is_everything = not (before.include and promise.asked.include)
        asked = before.model_copy(update={"include": () if is_everything else include})
        found[key] = promise.model_copy(update={"asked": asked})
    return tuple(found.values())
