"""What others own in services that a recipe only adds to: it stays theirs."""

from __future__ import annotations

from ingest_assets.catalog import EntityKey, EntityType, parent_key
from ingest_assets.snapshots.ledger import Ledger

THERE = "it is there already, and its maker's"


class Others:
    """Tells what a recipe may make, and go on keeping, where most is made by others.

    Args:
        ledger: Knows what the server holds, and what we wrote.
        has_source_hash: Whether the server tells who wrote last.
    """

    def __init__(self, ledger: Ledger, *, has_source_hash: bool) -> None:
        self._ledger = ledger
        self._has_source_hash = has_source_hash

    def why_no_room(self, key: EntityKey) -> str:
        """Why something that is not there, and all below it, is not to be made; empty if it may be.

        A service that has databases has its tables in one of these, and which one, only people know: in another one of
        our own every table would be there twice.
        """
        above = parent_key(key)
        if key.type is not EntityType.DATABASE or above is None or self._ledger.server.get(key) is not None:
            return ""
        other = next((row for row in self._ledger.server.children(key.type.value, above.fqn) if not row.deleted), None)
        if other is None:
            return ""
        return f"{above.fqn} has databases, such as {other.fqn}: say which by dagster.source.database_name"

    def is_theirs(self, key: EntityKey, fingerprint: str | None = None) -> bool:
        """Whether something is there that others have made, or have written since we did.

        Args:
            key: What.
            fingerprint: Of what we would write: what is there just so is ours, though a ledger was lost.
        """
        row, written = self._ledger.server.get(key), self._ledger.entity(key)
        if row is None:
            return False
        if written is None:
            return not self._has_source_hash or row.source_hash is None or row.source_hash != fingerprint
        return self._has_source_hash and row.source_hash not in (written.fingerprint, written.intended_fingerprint)
