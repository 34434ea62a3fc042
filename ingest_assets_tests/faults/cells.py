"""What may go wrong where, as a table of cells: one kind of fault at one place where a run asks somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from ingest_assets_tests.faults.scene import HANG, Variant

HICCUPS = ("throttle", "429", "500", "502", "503", "504", HANG, "cut", "truncated", "reset-before", "reset-after")
"""What a retry mends, unless it lasts."""
TOKEN, DENIED = "expired-token", ("403", "access-denied")
CALLS = (*HICCUPS, *DENIED, TOKEN)
"""What may go wrong with any call."""
EVERYTHING = ("*",)
_LASTING_OM = ("500", "cut", "reset-after", "access-denied")


class Estate(str, Enum):
    """What the source has."""

    LAKE = "lake"
    STREAMS = "streams"
    BOARDS = "boards"
    LOOKER = "looker"
    ATLAS = "atlas"
    DBT = "dbt"


class Setting(NamedTuple):
    """Where a cell is played; those of one setting share their beginning."""

    estate: Estate
    variant: Variant


@dataclass(frozen=True)
class CallSite:
    """One kind of request at one point of a run.

    Attributes:
        name: As the table shows it.
        service: As faults are planned.
        operation: As faults are planned.
        match: Part of the call's subject.
        after: How many calls pass first.
        costs: What may be behind after a run in which the call failed for good: ``*``, an entity with its edges
            (``sales.orders``), one with all below it (``sales.*``), edges into one (``->sales.recent``).
        kinds: What may go wrong.
        lasting: Those of them that are also tried until they are cleared.
        special: Kinds that need a place of their own, with the part of a subject that they match; the entity that
            vanishes must be the one that is named.
        estate: What the recipe reads.
        variant: Circumstances in which it is reached.
        told_as: Words of a problem or note that tell of all that may be behind; empty: each thing is named.
        denied_as: The same where the call is refused: then the permission is named, and what it shows is not.
        vanishing: What else may be behind where something vanishes.
        pending: Why it is not reached yet; empty when it is.
    """

    name: str
    service: str
    operation: str
    match: str = "*"
    after: int = 0
    costs: tuple[str, ...] = EVERYTHING
    kinds: tuple[str, ...] = CALLS
    lasting: tuple[str, ...] = ("throttle", "access-denied")
    special: Mapping[str, str] = field(default_factory=dict)
    estate: Estate = Estate.LAKE
    variant: Variant = Variant.USUAL
    told_as: str = ""
    denied_as: str = ""
    vanishing: tuple[str, ...] = ()
    pending: str = ""

    @property
    def setting(self) -> Setting:
        """Where it is played."""
        return Setting(self.estate, self.variant)

    @property
    def retried(self) -> bool:
        """Whether hiccups of a single call are mended within the run; AWS is asked once, so that no test waits."""
        return self.service == "openmetadata" and not self.operation.startswith("PATCH")


class Cell(NamedTuple):
    """One kind of fault at one call site.

    Attributes:
        site: Where.
        kind: What.
        lasts: Whether until it is cleared, in place of once.
    """

    site: CallSite
    kind: str
    lasts: bool

    def __str__(self) -> str:
        """For people, and the name of its test."""
        return f"{self.site.name}: {self.what}"

    @property
    def what(self) -> str:
        """The kind, and whether it lasts."""
        return f"{self.kind} for good" if self.lasts else self.kind

    @property
    def match(self) -> str:
        """What the fault is planned for."""
        return self.site.special.get(self.kind, self.site.match)

    @property
    def after(self) -> int:
        """How many calls pass first; only calls with a token can be given it again."""
        return 0 if self.kind == "loop-token" else self.site.after

    @property
    def told_as(self) -> str:
        """What may be said in place of the names of what is behind; empty: nothing."""
        return self.site.denied_as if self.kind in DENIED and self.site.denied_as else self.site.told_as

    @property
    def costs(self) -> tuple[str, ...]:
        """What may be behind after the run."""
        if self.kind == TOKEN:
            return EVERYTHING
        if self.kind == "vanish":
            return (*self.site.costs, *self.site.vanishing)
        return () if self.site.retried and self.kind in HICCUPS and not self.lasts else self.site.costs


def openmetadata_site(name: str, operation: str, **more: Any) -> CallSite:
    """A request to the server; see ``CallSite``."""
    fields: dict[str, Any] = {"lasting": _LASTING_OM, **more}
    return CallSite(name, "openmetadata", operation, **fields)


def cells_of(site: CallSite) -> Iterator[Cell]:
    """All that is tried at a call site that can be reached."""
    if site.pending:
        return
    for kind in (*site.kinds, *site.special):
        yield Cell(site, kind, lasts=False)
    for kind in site.kinds:
        if kind in site.lasting:
            yield Cell(site, kind, lasts=True)
