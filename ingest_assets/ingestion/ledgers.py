"""The right to write: the lease of a server and service, and the ledger that only its holder opens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest_assets.snapshots.lease import Lease
from ingest_assets.snapshots.ledger import Ledger
from ingest_assets.snapshots.repository import Snapshots


@dataclass
class Ledgers:
    """Opens the ledger of one server and service, for runs that hold its lease.

    Attributes:
        snapshots: The store's part for the service.
        address: Of the server.
        clock: Seconds since the epoch.
    """

    snapshots: Snapshots
    address: str
    clock: Callable[[], float] = time.time
    _leases: dict[str, Lease] = field(default_factory=dict, init=False)

    def lease(self, run_id: str) -> Lease:
        """The lease of a run; it is taken when it is first asked for, and held until it is released.

        Raises:
            BusyError: Another run holds it.
        """
        if run_id not in self._leases:
            lease = Lease(self.snapshots.store, self.snapshots.lease_key(self.address), run_id, clock=self.clock)
            lease.acquire()
            self._leases[run_id] = lease
        return self._leases[run_id]

    def release(self) -> None:
        """Give all leases back."""
        for lease in self._leases.values():
            lease.release()
        self._leases.clear()

    def open(self, run_id: str) -> Ledger:
        """The ledger, as a context manager that keeps it only as long as the run holds the lease.

        Raises:
            BusyError: Another run holds the lease.
        """
        key = self.snapshots.ledger_key(self.address)
        return Ledger(self.snapshots.store, key, self.address, self.lease(run_id).ensure)
