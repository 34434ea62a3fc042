"""Glossaries of Atlas and their terms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ingest_assets.catalog import Glossary, GlossaryTerm, Word
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.atlas.client import AtlasClient

_PAGE = 500
_SHOWN = 5


class Terms:
    """The terms of all glossaries, as read once.

    Args:
        glossaries: In Atlas's order.
        terms: By guid.
    """

    def __init__(self, glossaries: tuple[Glossary, ...], terms: Mapping[str, GlossaryTerm]) -> None:
        self._glossaries = glossaries
        self._terms = terms

    def words(self) -> Iterator[Word]:
        """Glossaries, then terms."""
        yield from self._glossaries
        yield from self._terms.values()

    def term(self, guid: str) -> GlossaryTerm | None:
        """A term; None where no glossary shows it: one may not be allowed to see it."""
        return self._terms.get(guid)


def read_terms(client: AtlasClient) -> Terms:
    """All glossaries and terms: a call for the glossaries, and one for each with terms.

    Raises:
        RemoteError: They can't be read.
    """
    glossaries, terms = [], {}
    try:
        for told in _pages(client, "glossary", "all glossaries", "/v2/glossary"):
            glossary = to_glossary(told)
            glossaries.append(glossary)
            if not told.get("terms"):
                continue
            path = f"/v2/glossary/{told['guid']}/terms"
            for each in _pages(client, "terms", f"glossary {told['name']}", path):
                terms[each["guid"]] = to_term(each, glossary)
    except ValidationError as error:
        wrong = ", ".join(str(each["loc"][-1]) for each in error.errors()[:_SHOWN])
        where = "atlas:glossary of all glossaries"
        raise InvalidAnswerError(f"A glossary or a term has no fitting {wrong}.", where=where) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidAnswerError(f"The answer lacks {error}.", where="atlas:glossary of all glossaries") from error
    return Terms(tuple(glossaries), terms)


def to_glossary(told: Mapping[str, Any]) -> Glossary:
    """A glossary."""
    return Glossary(path=(told["name"],), description=_words(told))


def to_term(told: Mapping[str, Any], glossary: Glossary) -> GlossaryTerm:
    """A term; what it may be called otherwise are its abbreviation and the terms that Atlas calls its synonyms."""
    names = [told.get("abbreviation"), *(each.get("displayText") for each in told.get("synonyms") or ())]
    return GlossaryTerm(
        path=(*glossary.path, told["name"]),
        description=_words(told),
        synonyms=tuple(dict.fromkeys(name for name in names if name)),
    )


def _words(told: Mapping[str, Any]) -> str | None:
    return told.get("longDescription") or told.get("shortDescription") or None


def _pages(client: AtlasClient, operation: str, subject: str, path: str) -> Iterator[Mapping[str, Any]]:
    met: set[str] = set()
    for offset in itertools.count(0, _PAGE):
        rows = client.get(operation, subject, path, {"limit": _PAGE, "offset": offset, "sort": "ASC"})
        fresh = [row for row in rows if row["guid"] not in met]
        if rows and not fresh:
            where = f"atlas:{operation} of {subject}"
            raise InvalidAnswerError("The pages go round in circles: one told nothing new.", where=where)
        met.update(row["guid"] for row in fresh)
        yield from fresh
        if len(rows) < _PAGE:
            return
