"""The lease: one writer for a server and service, across processes, hosts, code locations and the command line.

One algorithm for all stores, made of the one thing that each of them can do: create a file that does not exist. The
lease is a row of files ``<key>/<generation>.json``, of which the highest counts; to take it is to create the next one.

Why two never hold it at once:

- Of several who create the same generation one succeeds (``Store.create``); the others look again and find it held.
- The highest generation is never removed, not by its release either, so the number never goes back. Who was slow may
  create a generation that was taken and removed long ago; whoever creates one therefore looks whether a higher one is
  there, and then has nothing. The last few before the highest stay too, because a listing of a folder is no picture of
  one moment: an entry that goes while another comes may hide both.
- A holder renews its file in place only while no reader can have found it expired. Later (the laptop slept, the store
  could not be reached) it has to take the next generation like everybody else, which fails if another one was faster.
- A holder that finds another generation, token or no file where its own was, has lost the lease for good.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from ingest_assets.catalog.entities import Model
from ingest_assets.errors import BusyError, StoreError
from ingest_assets.snapshots.store import Store

FORMAT: Literal[1] = 1

# Part of the lifetime after which a holder trusts its last renewal no more. What is left must cover the batch of writes
# that was just begun, and what two hosts' clocks may differ by. Not more than a half: then a renewal that was begun in
# time, but written when readers could have found the lease expired, is itself too old to be trusted by then.
_SAFE = 0.5
_KEPT = 3  # generations before the own one that stay: so many changes of hands fit into no single listing
_TRIES = 20  # looks at most; each one after the first means that another run took or cleared a generation meanwhile
_PATIENCE = 5.0  # seconds at most that a release waits for a renewal on its way; then the lease ends by expiry
_Seconds = Annotated[float, Field(ge=0, lt=253_402_300_800)]  # since the epoch, as long as years have four digits
_GENERATION = re.compile(r"(\d+)\.json")


class _Record(Model):
    """What the file of a generation holds; times are by the holder's clock."""

    format: Literal[1]
    holder: str
    token: str
    host: str
    pid: int
    taken: _Seconds
    expires: _Seconds
    released: bool


class Lease:
    """The right to write to a server and service, held by one run at a time; a context manager.

    Expiry is judged by the wall clock of whoever wants the lease, against the ``expires`` that its holder wrote by its
    own: the clocks of all hosts must be right to within half a lifetime. A holder whose clock is further off is taken
    for dead too early, and notices at its next renewal. What a process sends between two calls of ``ensure()`` must
    be over within half a lifetime as well.

    The same holder may take its lease at any time, for a retried step is a new process of the same run; the process
    before it, should it still live, has lost it then.

    A file that can't be read (damaged, or of an unknown format) counts as held, since a run of a newer version may
    renew it, until it has stayed the same for a lifetime after somebody first met it.

    Args:
        store: Where the lease lies; the same for all who share it.
        key: Folder of the lease within the store.
        holder: Id of the run.
        lifetime: Seconds after its last renewal at which the lease of a dead run ends.
        beat: Seconds between two renewals; less than half of ``lifetime``.
        clock: Seconds since the epoch.
        monotonic: Seconds that only grow.

    Raises:
        ValueError: ``beat`` leaves no time for a second try.
    """

    def __init__(
        self,
        store: Store,
        key: str,
        holder: str,
        *,
        lifetime: float = 60.0,
        beat: float = 15.0,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < beat < lifetime * _SAFE:
            raise ValueError(f"a beat of {beat} s is not less than half a lifetime of {lifetime} s")
        self.key = key
        self.holder = holder
        self._store = store
        self._lifetime = lifetime
        self._beat = beat
        self._clock = clock
        self._monotonic = monotonic
        self._token = uuid.uuid4().hex
        self._lock = threading.Lock()  # one renewal at a time, and none on its way while the release is written
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._generation = 0
        self._taken = 0.0
        self._renewed = (0.0, 0.0)
        self._unheld: BusyError | StoreError | None = BusyError(f"The lease {key} was not taken.")

    def __enter__(self) -> Lease:
        """Take it."""
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self.release()

    @property
    def generation(self) -> int:
        """Number of the generation held, which only grows; 0 before the lease was taken.

        It grows under a holder too, when ``ensure()`` or a beat took a lease that had run out anew.
        """
        return self._generation

    def acquire(self) -> None:
        """Take the lease, and renew it in a thread from now on.

        Raises:
            BusyError: Another run holds it; at once, and again at every call until that one has ended.
            StoreError: The store can't be read or written.
            RuntimeError: This object has held it before.
        """
        if self._thread is not None:
            raise RuntimeError("this lease was taken before: make another one")
        with self._lock, self._named():
            self._taken = self._clock()
            self._take()
            self._clear()
            self._unheld = None
        self._thread = threading.Thread(target=self._keep_alive, name=f"lease {self.key}", daemon=True)
        self._thread.start()

    def ensure(self) -> None:
        """Make sure that the lease is held still; to be called before every batch of writes.

        Costs nothing while the thread's renewals succeed. Once it has raised it always will.

        Raises:
            BusyError: Another run has taken over, or the lease is released or was never taken.
            StoreError: It had to be renewed here and now, and could not.
        """
        if self._unheld is None and not self._stale():
            return
        with self._lock:
            if self._unheld is None and self._stale():
                self._renew_now()
            if self._unheld is not None:
                raise type(self._unheld)(str(self._unheld)) from self._unheld

    def release(self) -> None:
        """Give the lease back, so that the next run needn't wait for its expiry; nothing if it is not held.

        A store that fails is borne: then the lease expires.
        """
        if self._thread is None:
            return
        self._stop.set()
        ours = self._unheld is None or isinstance(self._unheld, StoreError)
        self._unheld = BusyError(f"The lease {self.key} of {self.holder} was released.")
        if ours and self._lock.acquire(timeout=_PATIENCE):
            try:
                with suppress(StoreError), self._named():
                    if self._loss() is None:
                        self._write(self._now(), released=True)
            finally:
                self._lock.release()
        self._thread.join(_PATIENCE)

    def _take(self) -> None:
        for _ in range(_TRIES):
            highest = self._highest()
            if (not highest or self._may_follow(highest)) and self._create(highest + 1):
                return
        raise BusyError(f"The lease {self.key} changes hands faster than it can be taken. Start this run again.")

    def _may_follow(self, highest: int) -> bool:
        """Whether the next generation may be created; False if this one is gone, so that there must be a higher one.

        Raises:
            BusyError: It is held.
        """
        content = self._content(highest)
        if content is None:
            return False
        record = _record(content)
        if record is None:
            if self._unchanged(highest, content):
                return True
            raise BusyError(
                f"The lease {self._file(highest)} is damaged, or of a newer version's format. A run that lives renews "
                f"it, so it counts as held until it has stayed the same for {self._lifetime:.0f} s: start this run "
                "again then, and upgrade ingest_assets if others run a newer version."
            )
        now = self._clock()
        if record.released or record.holder == self.holder or now >= record.expires:
            return True
        raise BusyError(
            f"{_who(record)} has held the lease {self.key} since {_when(record.taken)}: it writes to the same server "
            f"and service. Wait until it ends, or stop it. If it has died, its lease ends at {_when(record.expires)}, "
            f"in {record.expires - now:.0f} s: start this run again then."
        )

    def _unchanged(self, generation: int, content: bytes) -> bool:
        """Whether a file that can't be judged was met as it is a lifetime ago; notes that it was met now.

        The note is a file whose name says it all, since its content could be damaged just the same.
        """
        met = f"{self._file(generation)}.{hashlib.blake2b(content, digest_size=8).hexdigest()}."
        times = [key.removeprefix(met) for key in self._store.keys(met)]
        first = min((int(seconds) for seconds in times if seconds.isdecimal()), default=None)
        if first is None:
            self._store.create(f"{met}{int(self._clock())}", b"")
            return False
        return self._clock() - first > self._lifetime

    def _create(self, generation: int) -> bool:
        """Create a generation and hold it; False if another has, or has a higher one.

        Raises:
            StoreError: What was created is not listed, so that nobody can tell which is the highest.
        """
        started = self._now()
        if not self._store.create(self._file(generation), self._written(started, released=False)):
            return False
        highest = self._highest()
        if highest > generation:  # ours was taken and removed before, by runs that we didn't see
            return False
        if highest < generation:
            raise StoreError(
                f"The lease {self._file(generation)} was written, but is not listed. May this process list the store?"
            )
        self._generation, self._renewed = generation, started
        return True

    def _clear(self) -> None:
        """Remove old generations, the oldest first; what can't be removed is left to the next holder."""
        with suppress(StoreError, OSError):
            for name in sorted(self._names()):
                number = _GENERATION.match(name)
                if number and int(number[1]) < self._generation - _KEPT:
                    self._store.remove(f"{self.key}/{name}")

    def _keep_alive(self) -> None:
        while not self._stop.wait(self._beat):
            with self._lock:
                if self._stop.is_set() or self._unheld is not None:
                    return
                # A store that failed is tried again at the next beat, or by ensure() when that is too late.
                with suppress(StoreError):
                    self._renew()

    def _renew_now(self) -> None:
        try:
            self._renew()
            if self._unheld is None and self._stale():
                self._unheld = StoreError(f"The lease {self.key} can't be kept: the store took too long to renew it.")
        except StoreError as error:
            self._unheld = error

    def _renew(self) -> None:
        """Renew the lease, or find that it is lost.

        Raises:
            StoreError: Neither could be done.
        """
        with self._named():
            started = self._now()
            loss = self._loss()
            if loss is None and not self._stale():
                self._write(started, released=False)
                self._renewed = started
            elif loss is None and not self._create(self._generation + 1):
                loss = self._lost_to(_record(self._content(self._generation + 1) or b""))
            self._unheld = loss or self._unheld

    def _loss(self) -> BusyError | None:
        """Why the lease is no longer ours; None if it is."""
        highest = self._highest()
        content = self._content(highest) if highest >= self._generation else None
        if content is None:
            return BusyError(
                f"The lease {self._file(self._generation)} of {self.holder} was removed. Was the store cleared? "
                "Nothing more is written here; start this run again."
            )
        record = _record(content)
        # Another's in the place of ours means that the store let two create it; a damaged one is written anew.
        ours = highest == self._generation if record is None else record.token == self._token
        if not ours:
            return self._lost_to(record)
        self._generation = highest  # higher if a creation came through after all, whose answer was lost
        return None

    def _lost_to(self, record: _Record | None) -> BusyError:
        who = "Another run" if record is None else f"{_who(record)}, since {_when(record.taken)},"
        return BusyError(
            f"{who} has the lease {self.key} of {self.holder}, which was not renewed in time or was started again. "
            "Nothing more is written here; start this run again when that one has ended."
        )

    def _highest(self) -> int:
        found = (_GENERATION.fullmatch(name) for name in self._names())
        return max((int(number[1]) for number in found if number), default=0)

    def _names(self) -> list[str]:
        return [key.removeprefix(f"{self.key}/") for key in self._store.keys(f"{self.key}/")]

    def _file(self, generation: int) -> str:
        return f"{self.key}/{generation:010d}.json"

    def _content(self, generation: int) -> bytes | None:
        """Content of a generation's file; None if there is none, as when it was removed after it was listed."""
        key = self._file(generation)
        try:
            return self._store.fetch(key).read_bytes()
        except (StoreError, FileNotFoundError):
            if self._store.has(key):
                raise
            return None

    def _write(self, started: tuple[float, float], *, released: bool) -> None:
        file = self._store.scratch()
        try:
            file.write_bytes(self._written(started, released=released))
            self._store.keep(self._file(self._generation), file)
        finally:
            file.unlink(missing_ok=True)

    def _written(self, started: tuple[float, float], *, released: bool) -> bytes:
        record = _Record(
            format=FORMAT,
            holder=self.holder,
            token=self._token,
            host=socket.gethostname(),
            pid=os.getpid(),
            taken=self._taken,
            expires=started[1] + self._lifetime,
            released=released,
        )
        return record.model_dump_json().encode()

    def _now(self) -> tuple[float, float]:
        return self._monotonic(), self._clock()

    def _stale(self) -> bool:
        """Whether the last renewal is too long ago to rely on, by the clock that has gone further.

        The one that only grows stands still while a laptop sleeps, the other one can be set back.
        """
        age = max(now - then for now, then in zip(self._now(), self._renewed, strict=True))
        return age > self._lifetime * _SAFE

    @contextmanager
    def _named(self) -> Iterator[None]:
        """What the file system refuses as an error of the store."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"The lease {self.key} can't be read or written ({error.strerror}). Is INGEST_ASSETS_STORE in reach?"
            ) from error


def _record(content: bytes) -> _Record | None:
    """What a file holds; None if it is damaged or of another format."""
    try:
        return _Record.model_validate_json(content, strict=True)
    except ValidationError:
        return None


def _who(record: _Record) -> str:
    return f"Run {record.holder} on {record.host} (process {record.pid})"


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
