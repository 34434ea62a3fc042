"""Crawling: every scope of a source is read once, in parallel, and its findings go to the store as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Protocol, runtime_checkable

from pydantic_core import PydanticSerializationError

from ingest_assets.calls import Calls
from ingest_assets.catalog import (
    Elsewhere,
    Enrichment,
    Entity,
    Failed,
    Filtered,
    Finding,
    Health,
    Note,
    Reference,
    Scope,
    Service,
    Unlisted,
    Word,
)
from ingest_assets.errors import AuthenticationError, RemoteError, StoreError
from ingest_assets.progress import Progress
from ingest_assets.snapshots.findings import FindingsWriter
from ingest_assets.snapshots.manifest import FORMAT, Manifest, ScopeError, ScopeResult, continue_manifest
from ingest_assets.snapshots.repository import Snapshots
from ingest_assets.snapshots.selection import Selection
from ingest_assets.sources.preparing import Prepared


class Source(Protocol):
    """A service that can be read scope by scope."""

    def services(self) -> Sequence[Service]:
        """The services that its entities lie in: the recipe's own first, then those beside it; no remote call."""

    def roots(self) -> Sequence[Scope]:
        """The scopes from which all others are found; no remote call."""

    def identity(self) -> str | None:
        """Whom it reads from, in words that tell two look-alikes apart, as an account and region.

        Asked after the reading; no remote call.

        Returns:
            None if the answers did not tell.
        """

    def read(self, scope: Scope) -> Iterator[Finding]:
        """Read one scope; called from several threads, each with a scope of its own.

        Raises:
            RemoteError: The scope could not be read whole.
        """

    def exists(self, reference: Reference) -> bool:
        """Whether the service has it, asked for by its name.

        Called from several threads, about what a listing no longer shows: services leave out of listings, without a
        word, what a role may not see.

        Returns:
            False only on a definite "not found".

        Raises:
            RemoteError: It can't be told: denied, throttled, hidden, or a name that the service can't be asked for.
        """


@runtime_checkable
class Sampler(Protocol):
    """Reads messages of a source's topics."""

    def samples(self, topic: Reference) -> Sequence[str]:
        """Some messages of a topic; called from several threads.

        Raises:
            RemoteError: They can't be read.
        """


@runtime_checkable
class Preparing(Protocol):
    """A source that reads something as a whole before its scopes, such as a repository."""

    def prepare(self) -> Prepared | None:
        """Read it; what scopes need of it is known then.

        Returns:
            None if the recipe asks for nothing of the kind.

        Raises:
            RemoteError: It could not be read.
        """


class Crawler:
    """Reads a source into the store.

    Args:
        source: What is read.
        snapshots: Where it goes.
        calls: The source's calls, for the manifest.
        progress: Told of scopes found and read.
        threads: Scopes read at once.
        redact: Blanks secrets in what is kept of errors.
        selection: Which scopes are read; all others stay as the previous manifest has them.
    """

    def __init__(
        self,
        source: Source,
        snapshots: Snapshots,
        calls: Calls,
        progress: Progress,
        threads: int,
        redact: Callable[[str], str] = str,
        selection: Selection = Selection(),  # noqa: B008  # immutable
    ) -> None:
        self._source = source
        self._snapshots = snapshots
        self._calls = calls
        self._progress = progress
        self._threads = threads
        self._redact = redact
        self._selection = selection

    def crawl(self, run_id: str) -> Manifest:
        """Read every scope, but for those that an earlier attempt of the same run has read whole.

        A scope that fails costs itself only; it stands in the manifest with its reason. The manifest is kept as this
        run's attempt, not yet published.

        Raises:
            AuthenticationError: The credentials are refused; no other scope is tried.
            DeadlineExceededError: The run's time is over.
        """
        started = time.time()
        notes: list[str] = []
        earlier = _if_usable(lambda: self._snapshots.attempt(run_id), notes)
        previous = _if_usable(self._snapshots.latest, notes)
        results, left_out = self._read_all(_Known(run_id, earlier, previous))
        notes += self._selection_notes(results, left_out)
        manifest = Manifest(
            format=FORMAT,
            run_id=run_id,
            source_type=self._snapshots.source_type,
            service=self._snapshots.service,
            identity=self._source.identity() or (earlier.identity if earlier else None),
            started=earlier.started if earlier else started,
            ended=time.time(),
            previous=previous.run_id if previous else None,
            service_file=self._keep_services(),
            scopes=continue_manifest(previous, results, left_out),
            api_calls=self._calls.counts(),
            retries=self._calls.retries(),
            notes=tuple(notes),
        )
        self._snapshots.keep_attempt(manifest)
        return manifest

    def _read_all(self, known: _Known) -> tuple[dict[Scope, ScopeResult], set[Scope]]:
        """Results by scope, and the scopes that were met and are not wanted."""
        results: dict[Scope, ScopeResult] = {}
        left_out: set[Scope] = set()
        ended: SimpleQueue[Future[tuple[ScopeResult, list[Scope]]]] = SimpleQueue()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="crawl") as pool:
            fresh, running = self._wanted(self._source.roots(), left_out), 0
            try:
                while fresh or running:
                    self._progress.found("read", len(fresh))
                    for scope in fresh:
                        # A callback and a queue: wait() would look at every waiting scope each time one ends.
                        pool.submit(self._read, scope, known).add_done_callback(ended.put)
                    running += len(fresh)
                    result, found = ended.get().result()
                    fresh = self._wanted(found, left_out)
                    running -= 1
                    results[result.scope] = result
                    self._progress.done("read")
            except BaseException:
                # Whatever ends the crawl: scopes that still wait must not be read first.
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return results, left_out

    def _wanted(self, found: Iterable[Scope], left_out: set[Scope]) -> list[Scope]:
        """Those of the found scopes that are to be read, each once though pages overlap; the others are noted."""
        wanted: list[Scope] = []
        for scope in dict.fromkeys(found):
            if self._selection.wants(scope):
                wanted.append(scope)
            else:
                left_out.add(scope)
        return wanted

    def _selection_notes(self, results: Collection[Scope], left_out: Collection[Scope]) -> list[str]:
        """What people should know of a run that reads a part."""
        notes = [
            f"include {pattern!r} matched nothing that was read. It names listings (a database, a schema), not tables."
            for pattern in self._selection.without_match(results)
        ]
        if left_out:
            notes.append(
                f"A part was read: {len(left_out)} listings that include and exclude leave out stay, with all below "
                "them, as they were last read, and nothing of them counts as gone."
            )
        return notes

    def _read(self, scope: Scope, known: _Known) -> tuple[ScopeResult, list[Scope]]:
        proven = known.proven.get(scope)
        below = self._scopes_in(proven.file) if proven and proven.file else None
        if proven is not None and below is not None:
            return proven, below
        reading = _Reading()
        try:
            with self._snapshots.new_findings() as writer:
                for finding in self._source.read(scope):
                    if not reading.has_met(finding):
                        reading.note(scope, _written(writer, scope, finding))
        except AuthenticationError:
            raise
        except RemoteError as error:
            return known.incomplete(scope, error, self._redact(str(error))), []
        return reading.result(scope, known.run_id, writer.digest), reading.below

    def _scopes_in(self, digest: str) -> list[Scope] | None:
        """Scopes that an earlier attempt found; None if its file can't be used, so that the scope is read again."""
        try:
            return [found for found in self._snapshots.findings(digest) if isinstance(found, Scope)]
        except StoreError:
            return None

    def _keep_services(self) -> str:
        with self._snapshots.new_findings() as writer:
            for service in self._source.services():
                writer.write(service)
        return writer.digest


def _if_usable(read: Callable[[], Manifest | None], notes: list[str]) -> Manifest | None:
    """What was kept, or None if it is damaged or of another version: then this run begins anew, and says so."""
    try:
        return read()
    except StoreError as error:
        notes.append(f"What an earlier run kept can't be used, so nothing is compared with it: {error}")
        return None


def _written(writer: FindingsWriter, scope: Scope, finding: Finding) -> Finding:
    """Write a finding; one that is no Unicode text is written as failed.

    JSON can carry half of a surrogate pair, which no file and no server can hold.
    """
    try:
        writer.write(finding)
    except PydanticSerializationError:
        if isinstance(finding, Enrichment):
            reference = Reference(scope.of, (*scope.path, str(finding.target)))
        elif isinstance(finding, Entity | Filtered | Failed):
            reference = finding.reference
        else:
            raise
        path = tuple(part.encode("utf-8", "replace").decode() for part in reference.path)
        reference = Reference(reference.type, path)
        finding = Failed(reference=reference, step="read", reason="it holds characters that are no Unicode text")
        writer.write(finding)
    return finding


class _Known:
    """What is known before a crawl begins: what this run's earlier attempt proved, and the snapshot before."""

    def __init__(self, run_id: str, earlier: Manifest | None, previous: Manifest | None) -> None:
        self.run_id = run_id
        attempts = earlier.read_now() if earlier else ()
        self.proven = {result.scope: result for result in attempts if result.complete}
        self._before = {result.scope: result.file for result in previous.scopes} if previous else {}

    def incomplete(self, scope: Scope, error: RemoteError, message: str) -> ScopeResult:
        """A failed reading: nothing of it counts, and what was read before stays the last known."""
        return ScopeResult(
            of=scope.of,
            path=scope.path,
            part=scope.part,
            run_id=self.run_id,
            read_at=time.time(),
            complete=False,
            file=self._before.get(scope),
            error=ScopeError(kind=type(error).__name__, message=message, retryable=error.retryable),
        )


class _Reading:
    """Counts what one reading brings to light."""

    def __init__(self) -> None:
        self.below: list[Scope] = []
        self._kept = self._filtered = self._failed = self._nameless = self._enrichments = self._words = 0
        self._notes: list[str] = []
        self._health: list[Health] = []
        self._unlisted: set[str] = set()
        self._met: set[Reference | Elsewhere] = set()

    def has_met(self, finding: Finding) -> bool:
        """Whether the finding names what was met before: pages of a listing that changes meanwhile may overlap.

        What failed always counts: several things that have no name are not one.
        """
        if not isinstance(finding, Entity | Enrichment | Filtered):
            return False
        met = finding.target if isinstance(finding, Enrichment) else finding.reference
        repeated = met in self._met
        self._met.add(met)
        return repeated

    def note(self, scope: Scope, finding: Finding) -> None:
        """Count one finding.

        Raises:
            StoreError: The source yields something that doesn't belong to the scope, on which no proof could rest.
        """
        match finding:
            case Scope():
                self.below.append(finding)
            case Note():
                self._notes.append(finding.text)
            case Health():
                self._health.append(finding)
            case Unlisted():
                self._unlisted.add(finding.prefix)
            case Enrichment():
                # What it is about lies in a service of another recipe.
                self._kept += 1
                self._enrichments += 1
            case Word():
                # Labels need it, wherever they are met; it is no part of what is listed.
                self._words += 1
            case Entity() | Filtered() | Failed():
                self._count(finding)
                if not scope.holds(finding.reference):
                    raise StoreError(
                        f"{finding.reference} was found while reading {scope}, to which it doesn't belong."
                    )

    def _count(self, listed: Entity | Filtered | Failed) -> None:
        if isinstance(listed, Filtered):
            self._filtered += 1
        elif isinstance(listed, Failed):
            self._failed += 1
            self._nameless += not listed.named
        else:
            self._kept += 1

    def result(self, scope: Scope, run_id: str, digest: str) -> ScopeResult:
        """The result of a reading that came to its end."""
        return ScopeResult(
            of=scope.of,
            path=scope.path,
            part=scope.part,
            run_id=run_id,
            read_at=time.time(),
            complete=True,
            file=digest,
            listed=self._kept + self._filtered + self._failed,
            kept=self._kept,
            filtered=self._filtered,
            failed=self._failed,
            nameless=self._nameless,
            unlisted=tuple(sorted(self._unlisted)),
            enrichments=self._enrichments,
            words=self._words,
            notes=tuple(self._notes),
            health=tuple(self._health),
        )
