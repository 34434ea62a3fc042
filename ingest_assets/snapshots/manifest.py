"""Manifests: the result of every scope as of one run. Written once, never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import Field

from ingest_assets.catalog import EntityType, Health, Scope
from ingest_assets.catalog.entities import Model

FORMAT = 1


class ScopeError(Model):
    """Why a scope could not be read whole.

    Attributes:
        kind: Name of the error's class.
        message: For people.
        retryable: Whether reading it again may succeed.
    """

    kind: str
    message: str
    retryable: bool


class ScopeResult(Model):
    """What became of one scope.

    Attributes:
        of: Type of what the scope lists.
        path: Path of the parent.
        part: Which of several listings of the same.
        run_id: Run in which it was last tried.
        read_at: Seconds since the epoch, when that try ended.
        complete: Whether that try read it whole.
        file: Hash of the file of the last *complete* reading; None if there never was one.
        listed: How many the listing showed; kept, filtered and failed add up to it.
        nameless: How many of the failed have no name that is known: then nothing can be told to be gone.
        unlisted: How names begin that the listing may lack although they are there.
        enrichments: How many of the kept are what the source knows of entities of others.
        words: How many tags, terms and groups of them its labels need; no part of what is listed.
        health: What the source says of how well its things are.
        error: Set where it is not complete.
    """

    of: EntityType
    path: tuple[str, ...]
    part: str = ""
    run_id: str
    read_at: float
    complete: bool
    file: str | None = None
    listed: int = 0
    kept: int = 0
    filtered: int = 0
    failed: int = 0
    nameless: int = 0
    unlisted: tuple[str, ...] = ()
    enrichments: int = 0
    words: int = 0
    notes: tuple[str, ...] = ()
    health: tuple[Health, ...] = ()
    error: ScopeError | None = None

    @property
    def scope(self) -> Scope:
        """Which scope this is the result of."""
        return Scope(self.of, self.path, self.part)


class Manifest(Model):
    """What is known of a service after one run.

    Attributes:
        run_id: The run that wrote it, and its name.
        source_type: Type of the recipe, e.g. ``glue``.
        service: Name of the service.
        identity: Whom the source says it is, e.g. an account and region; None where it did not tell.
        started: Seconds since the epoch.
        ended: Seconds since the epoch.
        previous: Name of the manifest that this one continues.
        service_file: Hash of the file that holds the services.
        edges_file: Hash of the file that holds the edges drawn from this snapshot, and what could not be drawn.
        words_file: Hash of the file that holds all tags and terms that its labels need, each once.
        scopes: Results in the order of their scopes; those not of this run are as the previous manifest had them.
        api_calls: Calls of this run to the service, by operation.
        retries: Calls of this run that repeated a failed one.
        notes: What people should know of the snapshot as a whole.
    """

    format: int
    run_id: str
    source_type: str
    service: str
    identity: str | None = None
    started: float
    ended: float
    previous: str | None = None
    service_file: str
    edges_file: str | None = None
    words_file: str | None = None
    scopes: tuple[ScopeResult, ...]
    api_calls: dict[str, int] = Field(default_factory=dict)
    retries: int = 0
    notes: tuple[str, ...] = ()

    def files(self) -> set[str]:
        """Hashes of all scope files that it refers to."""
        files = {self.service_file, self.edges_file, self.words_file, *(result.file for result in self.scopes)}
        return {file for file in files if file is not None}

    def read_now(self) -> Iterator[ScopeResult]:
        """Scopes that this manifest's own run tried."""
        return (result for result in self.scopes if result.run_id == self.run_id)

    def incomplete(self) -> tuple[ScopeResult, ...]:
        """Scopes that this manifest's own run could not read whole."""
        return tuple(result for result in self.read_now() if not result.complete)

    def proofs(self, of: EntityType) -> Iterator[ScopeResult]:
        """Scopes of one type that say what is gone: read whole by this manifest's own run, every name known.

        Of several listings of the same, one for all: none of them says so while another one can't.
        """
        shaken = {each.path for each in self.scopes if each.of is of and (not each.complete or each.nameless)}
        told: dict[tuple[str, ...], ScopeResult] = {}
        for each in self.read_now():
            if each.of is of and each.path not in shaken:
                known = told.get(each.path)
                told[each.path] = each if known is None else _together(known, each)
        return iter(told.values())

    def listing(self, of: EntityType) -> tuple[ScopeResult, ...]:
        """Scopes of one type whose last try was complete."""
        return tuple(result for result in self.scopes if result.of is of and result.complete)


def continue_manifest(
    previous: Manifest | None, results: dict[Scope, ScopeResult], left_out: Collection[Scope] = ()
) -> tuple[ScopeResult, ...]:
    """The scopes of a new manifest: those read now, and of the previous one those that still may exist.

    A scope that this run did not meet has vanished if the listing that would have announced it was complete; it is kept
    with its age where that listing was not read, or failed.

    Args:
        previous: The manifest that the new one continues.
        results: This run's results.
        left_out: Scopes that this run met and did not read, on purpose: they and all below them are kept with their
            age, though the listing above them was complete.
    """
    kept = dict(results)
    for old in previous.scopes if previous else ():
        if old.scope in kept or _has_vanished(old.scope, results, left_out):
            continue
        kept[old.scope] = old
    return tuple(kept[scope] for scope in sorted(kept, key=lambda scope: (_ORDER[scope.of], scope.path, scope.part)))


def _together(one: ScopeResult, other: ScopeResult) -> ScopeResult:
    """Two listings of the same as one, as far as it matters for what is gone."""
    both = {"listed": one.listed + other.listed, "unlisted": tuple(sorted({*one.unlisted, *other.unlisted}))}
    return one.model_copy(update=both)


_ORDER = {kind: place for place, kind in enumerate(EntityType)}


def _has_vanished(scope: Scope, results: dict[Scope, ScopeResult], left_out: Collection[Scope]) -> bool:
    """Whether a listing that was read whole in this run no longer leads to the scope.

    The nearest listing above that this run tried, or left out, decides: with a whole catalog filtered out or renamed,
    no listing of its schemas is tried at all, and what it once showed must go all the same.
    """
    if scope in left_out:
        return False
    for above in _above(scope):
        if above in left_out:
            return False
        if above in results:
            return results[above].complete
    return False


def _above(scope: Scope) -> Iterator[Scope]:
    """The listings that lead to one, the nearest first; what lies in its own kind is listed by what holds it."""
    if scope.of.nests:
        yield from (Scope(scope.of, scope.path[:end]) for end in range(len(scope.path) - 1, 0, -1))
    kind, path = scope.of.parent, scope.path[:-1]
    while kind is not None:
        yield Scope(kind, path)
        kind, path = kind.parent, path[:-1]
