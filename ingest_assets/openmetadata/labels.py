"""Labels that a server can hold: one that it doesn't know, or two that exclude each other, would refuse the entity."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ingest_assets.catalog import Label
from ingest_assets.errors import NotFoundError, PermissionDeniedError, RejectedError
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.marks import kind_of

_COLLECTIONS = {"Classification": "tags", "Glossary": "glossaryTerms"}
_MOST_REMEMBERED = 10_000


class FittedLabels(NamedTuple):
    """Labels of one entity or column.

    Attributes:
        labels: Those that the server can hold together.
        left_out: The others by FQN, each with its reason.
    """

    labels: tuple[Label, ...]
    left_out: dict[str, str]


class LabelLookup:
    """Asks a server for labels, each once a run. Safe to share among threads.

    Args:
        client: The server.
        exclusive: Tells the classifications and glossaries of which an entity can have one label; asked when needed.
        spelled: Labels as the server spells them, where it does otherwise than the source.
    """

    def __init__(
        self,
        client: OpenMetadataClient,
        exclusive: Callable[[], frozenset[str]],
        spelled: Mapping[Label, Label] = MappingProxyType({}),
    ) -> None:
        self._client = client
        self._exclusive = exclusive
        self._spelled = spelled
        self._known: dict[Label, str] = {}
        # One look-up at a time: entities share a handful of labels, and each is to be asked for once.
        self._lock = threading.Lock()

    def fit(self, labels: Sequence[Label]) -> FittedLabels:
        """The labels that the server can hold together.

        Raises:
            RemoteError: The server can't be asked.
        """
        fitted: list[Label] = []
        left_out: dict[str, str] = {}
        taken: dict[str, str] = {}
        for label in dict.fromkeys(self._spelled.get(each, each) for each in labels):
            kind = kind_of(label.fqn)
            reason = self._why_not(label)
            if not reason and kind in taken:
                reason = f"an entity can have one label of {kind}, and has {taken[kind]}"
            if reason:
                left_out[label.fqn] = reason
                continue
            fitted.append(label)
            if kind in self._exclusive():
                taken[kind] = label.fqn
        return FittedLabels(tuple(fitted), left_out)

    def _why_not(self, label: Label) -> str:
        """Why the server can't hold a label; empty if it can."""
        with self._lock:
            if label not in self._known:
                if len(self._known) >= _MOST_REMEMBERED:
                    del self._known[next(iter(self._known))]
                self._known[label] = self._look_up(label)
            return self._known[label]

    def _look_up(self, label: Label) -> str:
        try:
            self._client.get_by_name(_COLLECTIONS[label.source], label.fqn)
        except NotFoundError:
            return "it is not on the server"
        except PermissionDeniedError:
            return "the bot may not look it up"
        except RejectedError as error:
            return f"the server can't have it: {error.what}"
        return ""
