"""Whose words? Who set a text or label that the server holds, or removed it, told by the versions of its entity.

``GET /v1/{collection}/{id}/versions`` answers with every version as JSON text, the newest first (1.0, 1.5). A version
holds all that was stored, who made it (``updatedBy``) and the version it was made from
(``changeDescription.previousVersion``). One version may hold several changes, of one user: patches within ten minutes
are consolidated. When they cancel each other out their version is gone, and the one before bears that user's name
though he changed nothing of it; such a version, which was made from itself, tells of no author.

Servers from the 1.6 or 1.7 line on carry ``changeDescription.changeSummary`` too, which names for a field who changed
it last. That is known from reading the server's source and was never seen. It is asked only where the versions are
silent: by the source it names a nested column by its own name alone, and entries may outlive the text that they were
made for.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ingest_assets.catalog import EntityType, split_fqn
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.marks import OWNERS, TAGS, kind_of, labels_of, owners_of

NOBODY = ""
"""In the place of an author: there never was such a text or label."""

_TEXTS = ("displayName", "description")
_FIRST = 0.1
_WHERE = "the versions of an entity"

Json = dict[str, Any]
TextPath = tuple[str, ...]
"""Where a text stands: the names of columns from the outermost on, then the property that holds it.

``("description",)`` is the entity's own, ``("address", "zip", "description")`` that of field ``zip`` of column
``address``. The last part is always a property: a column may be called ``description``. Below the property ``tags``
stands a label's FQN, ``("zip", "tags", "PII.Sensitive")``, or the name of a classification or glossary, which means all
its labels. ``("owners",)`` are the entity's own owners.
"""


class History:
    """Asks one server for the versions of its entities.

    Args:
        client: The server.
    """

    def __init__(self, client: OpenMetadataClient) -> None:
        self._client = client

    def authors(self, kind: EntityType, entity_id: str, paths: Iterable[TextPath]) -> dict[TextPath, str | None]:
        """Whose words the texts of an entity are; one request.

        Args:
            kind: The entity's type.
            entity_id: The entity's id.
            paths: The texts that are asked for.

        Returns:
            For each path the name of the user who last set the text to what it is now, or who removed it if there is
            none now and once was. ``NOBODY`` where there never was one, None where the history doesn't tell.

        Raises:
            NotFoundError: The server says that it has no such entity.
            InvalidAnswerError: An answer of another shape.
        """
        answer = self._client.get(f"/v1/{collection_of(kind)}/{entity_id}/versions")
        return authors(_documents(answer), paths)


def authors(versions: Iterable[Json], paths: Iterable[TextPath]) -> dict[TextPath, str | None]:
    """Whose words texts are; see ``History.authors``.

    Args:
        versions: The entity's documents, the newest first; read only as far as it takes.
        paths: The texts that are asked for.

    Raises:
        InvalidAnswerError: A document lacks what it must have, or they are in another order.
    """
    documents = iter(versions)
    newest = _Version.of(next(documents, None))
    found: dict[TextPath, str | None] = {}
    pending = {path: newest.texts.at(path) or "" for path in paths}
    newer = newest
    while pending:
        document = next(documents, None)
        if document is None:
            break
        older = _Version.of(document)
        author = newer.author_after(older)
        for path, text in list(pending.items()):
            before = older.texts.at(path, besides=newest.texts)
            if before != text:
                found[path] = None if before is None else author
                del pending[path]
        newer = older
    creator = newer.creator()
    found |= {path: creator if text or creator is None else NOBODY for path, text in pending.items()}
    summarized = _summarized(newest)
    return {path: summarized.get(path) if author is None else author for path, author in found.items()}


class _Texts:
    """The texts of one version, found by their paths."""

    def __init__(self, document: Json) -> None:
        self.holders: dict[TextPath, Json] = {(): document, **dict(_columns(document, "columns", ()))}
        self._in_any_case: dict[TextPath, list[TextPath]] | None = None

    def at(self, path: TextPath, besides: _Texts | None = None) -> str | None:
        """A text; empty where there is none.

        Args:
            path: Where it stands.
            besides: The newest version. A column that is not here under its name is taken to be the one that differs
                from it in case only, if the newest has none of that other name: servers don't compare case, and store
                another spelling with the next change, whoever makes it. None if there are several such.
        """
        names, name = _holder_of(path), path[-1]
        if names not in self.holders and besides is not None:
            others = [other for other in self._same(names) if other not in besides.holders]
            if len(others) > 1:
                return None
            names = others[0] if others else names
        holder = self.holders.get(names, {})
        if name not in _TEXTS:
            return _owners_or_labels(holder, path)
        value = holder.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        raise InvalidAnswerError(f"{'.'.join(path)} is no text.", where=_WHERE)

    def _same(self, names: TextPath) -> list[TextPath]:
        if self._in_any_case is None:
            self._in_any_case = {}
            for known in self.holders:
                self._in_any_case.setdefault(_lowered(known), []).append(known)
        return self._in_any_case.get(_lowered(names), [])


class _Version(NamedTuple):
    """One version of an entity.

    Attributes:
        number: E.g. 0.2.
        author: Who made it.
        previous: The version that it was made from; None where it doesn't say.
    """

    number: float
    author: str | None
    previous: float | None
    texts: _Texts
    summary: Json

    @classmethod
    def of(cls, document: Json | None) -> _Version:
        if document is None:
            raise InvalidAnswerError("there is no version.", where=_WHERE)
        try:
            change = document.get("changeDescription") or {}
            previous = change.get("previousVersion")
            return cls(
                number=round(float(document["version"]), 1),
                author=document.get("updatedBy"),
                previous=None if previous is None else round(float(previous), 1),
                texts=_Texts(document),
                summary=change.get("changeSummary") or {},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidAnswerError(f"a version is of another shape ({error}).", where=_WHERE) from error

    def author_after(self, older: _Version) -> str | None:
        """Who changed what differs from an older version; None if there was another between them.

        Raises:
            InvalidAnswerError: It is not older.
        """
        if older.number > self.number:
            what = f"they are not in order: {older.number} comes after {self.number}."
            raise InvalidAnswerError(what, where=_WHERE)
        return self.author if self.previous in (None, older.number) else None

    def creator(self) -> str | None:
        """Who made the entity; None if this is not its first version, or no longer as it was made."""
        return self.author if self.number == _FIRST and self.previous is None else None


def _summarized(newest: _Version) -> dict[TextPath, str]:
    """Who changed texts last by the change summary, where it is clear which text an entry means."""
    meant: defaultdict[TextPath, list[TextPath]] = defaultdict(list)
    for names in newest.texts.holders:
        for spelling in {names, names[-1:], (".".join(names),) if names else ()}:
            meant[spelling].append(names)
    found: dict[TextPath, str] = {}
    for field, entry in newest.summary.items():
        parts = split_fqn(field)
        names, text = parts[1:-1], parts[-1] if parts else ""
        holders = meant[names] if len(parts) == 1 or (names and parts[0] == "columns") else []
        by = entry.get("changedBy") if isinstance(entry, dict) else None
        if text in _TEXTS and len(holders) == 1 and isinstance(by, str):
            path = (*holders[0], text)
            found[path] = by
    # Of a text that is gone it tells who wrote it, and not who removed it.
    return {path: by for path, by in found.items() if newest.texts.at(path)}


def _columns(holder: Json, key: str, above: TextPath) -> Iterator[tuple[TextPath, Json]]:
    columns = holder.get(key) or []
    if not isinstance(columns, list):
        raise InvalidAnswerError(f"{key!r} is no list.", where=_WHERE)
    for column in columns:
        try:
            names = (*above, str(column["name"]))
        except (KeyError, TypeError) as error:
            raise InvalidAnswerError(f"a column lacks {error}.", where=_WHERE) from error
        yield names, column
        yield from _columns(column, "children", names)


def _owners_or_labels(holder: Json, path: TextPath) -> str:
    try:
        if path == (OWNERS,):
            return owners_of(holder) or ""
        return ",".join(sorted(fqn for fqn in labels_of(holder) if path[-1] in (fqn, kind_of(fqn))))
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidAnswerError(f"owners or labels are of another shape ({error}).", where=_WHERE) from error


def _holder_of(path: TextPath) -> TextPath:
    """Names of the columns down to what has the text or label."""
    return path[:-1] if path[-1] in _TEXTS else path[: -len((TAGS, path[-1]))]


def _lowered(names: TextPath) -> TextPath:
    return tuple(name.lower() for name in names)


def _documents(answer: Json) -> Iterator[Json]:
    try:
        texts = answer["versions"]
    except KeyError as error:
        raise InvalidAnswerError("the answer lacks 'versions'.", where=_WHERE) from error
    if not isinstance(texts, list):
        raise InvalidAnswerError("'versions' of the answer is no list.", where=_WHERE)
    return (_document(text) for text in texts)


def _document(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError as error:
        raise InvalidAnswerError("a version is no JSON.", where=_WHERE) from error
