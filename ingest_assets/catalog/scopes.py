"""Scopes and what reading one brings to light.

A scope is one listing that is complete or fails as a unit: the unit of crawling, of parallelism and of the proof that
something is gone. A source yields findings while it reads a scope; if it raises, the scope is incomplete.
"""

from __future__ import annotations

from typing import NamedTuple

from ingest_assets.catalog.entities import Model
from ingest_assets.catalog.references import EntityType, Reference


class Scope(NamedTuple):
    """The listing of all entities of one type under one parent.

    Attributes:
        of: Type of what is listed.
        path: Path of the parent.
        part: Which of several listings of these, where the service has more than one: Looker's API tells of explores,
            and its LookML of views. What none of them shows is gone only if all were read whole.
    """

    of: EntityType
    path: tuple[str, ...]
    part: str = ""

    def holds(self, reference: Reference) -> bool:
        """Whether the reference is one that this listing, if complete, must have shown."""
        return reference.type is self.of and reference.path[:-1] == self.path

    def __str__(self) -> str:
        """For people: ``tables of glue_prod / 123456789012 / sales``."""
        part = f" ({self.part})" if self.part else ""
        return f"{self.of}s of {' / '.join(self.path)}{part}"


class Filtered(Model):
    """Something that the recipe leaves out; it is never stale.

    Attributes:
        reference: What it is.
        reason: Why.
        called: What lineage calls it, so that other lineage is known not to be its; empty: any may be.
    """

    reference: Reference
    reason: str
    called: str = ""


class Failed(Model):
    """Something that was listed and could not be read; it is never stale, and always reported.

    Attributes:
        reference: What it is.
        step: At which step it failed.
        reason: Why.
        named: Whether its name is known. Where it isn't, it may be any entity of the scope, and none of them is stale.
    """

    reference: Reference
    step: str
    reason: str
    named: bool = True


class Unlisted(Model):
    """A part of a listing that was not looked into, such as the charts of a dashboard that is left out.

    Whatever it holds is never stale. It is no part of what is listed: what was not looked into, or why it failed, is
    told where that itself is listed.

    Attributes:
        prefix: How the names in it begin, as the source spells them.
    """

    prefix: str


class Health(Model):
    """What the source itself says of how well its things are, such as data sets whose last refresh failed.

    Attributes:
        about: What is looked at, e.g. ``spice_refreshes``.
        known: Of how many the source told.
        unknown: Of how many it did not.
        unwell: How many of those known are not well.
        examples: The first of them, with what is wrong.
    """

    about: str
    known: int
    unknown: int = 0
    unwell: int = 0
    examples: tuple[str, ...] = ()


class Note(Model):
    """Something that people should know and that fails nothing, such as a permission that would show more."""

    text: str
