"""Telling people how far long work is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of work as it is found and done; safe to call from several threads."""

    def found(self, stage: str, count: int = 1) -> None:
        """More work of a stage has come to light."""

    def done(self, stage: str, count: int = 1) -> None:
        """Some of it is done."""


class SilentProgress:
    """Tells nobody."""

    def found(self, stage: str, count: int = 1) -> None:
        """Do nothing."""

    def done(self, stage: str, count: int = 1) -> None:
        """Do nothing."""
