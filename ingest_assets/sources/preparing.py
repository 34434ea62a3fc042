"""What reading something as a whole, before the listings, tells."""

from __future__ import annotations

from typing import NamedTuple


class Prepared(NamedTuple):
    """What a source needs before its scopes are read.

    Attributes:
        version: Of it, e.g. commits: while it stands, nothing of it is read again.
        listed: Files.
        fresh: Of these, how many had to be read anew.
        notes: What people should know.
    """

    version: str
    listed: int
    fresh: int
    notes: tuple[str, ...] = ()
