"""Searches, paged so that no server's count, marker or limit can fool them, and bulk reads by guid.

Observed with 2.1.0 and 2.4.0: ``approximateCount`` is the page's number of rows in one and the index's in the other;
2.1.0 ignores markers; a limit above the server's most silently becomes 100. So pages go by offset, the answer says how
many rows it was asked for, and the end is a page with fewer than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ingest_assets.errors import InvalidAnswerError, NotFoundError, UnavailableError
from ingest_assets.sources.atlas.client import AtlasClient
from ingest_assets.sources.atlas.shapes import ACTIVE, Json, is_scrubbed

PAGE = 2_000
"""Rows asked for at once: far from 10,000, above which Atlas takes 100 without a word."""

_STATUSES = frozenset({ACTIVE, "DELETED", "PURGED"})
_COMMON = 20
"""Rows that two pages have in common: as many may be deleted between them, and none is passed over."""

_BATCH = 100  # guids in a bulk read: an address of more than some 15,500 characters is refused


class Query(NamedTuple):
    """What is searched for.

    Attributes:
        type: Of the entities; those of its subtypes are found too.
        attributes: What is asked for besides what each row has. The type must know all of them: 2.4.0 refuses others.
        size: Rows asked for at once.
        filters: ``entityFilters``; none by default.
    """

    type: str
    attributes: tuple[str, ...] = ()
    size: int = PAGE
    filters: Mapping[str, object] | None = None


class Page(NamedTuple):
    """Some rows of a search.

    Attributes:
        rows: Those that are active and may be seen.
        referred: What they refer to, by guid.
        scrubbed: Rows of what the user may not see; those that two pages have in common count on both.
    """

    rows: Sequence[Json]
    referred: Mapping[str, Json]
    scrubbed: int


def pages(client: AtlasClient, query: Query) -> Iterator[Page]:
    """All pages of a search.

    Raises:
        RemoteError: A page failed, told nothing new, or does not go on where the one before it ended.
    """
    begun: set[object] = set()
    tail: Sequence[object] = ()
    offset = 0
    while True:
        answer = client.post("search", query.type, "/v2/search/basic", _body(query, offset))
        where = f"atlas:search of {query.type}"
        try:
            # Without any hit the key is absent.
            rows, limit = answer.get("entities") or [], answer["searchParameters"]["limit"]
            names = [(row["guid"], row.get("displayText") if is_scrubbed(row) else None) for row in rows]
            page = _page(rows, answer.get("referredEntities") or {})
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidAnswerError(f"The answer lacks {error}.", where=where) from error
        if names and names[0] in begun:
            raise InvalidAnswerError("The pages go round in circles: one told nothing new.", where=where)
        if tail and (not names or names[0] not in tail):
            raise UnavailableError(
                "It was changed while it was read: a page does not begin where the last one ended.", where=where
            )
        yield page
        if len(rows) < limit or not rows:
            return
        begun.add(names[0])
        # What is deleted while pages are read moves all behind it up: without a tail in common a row would be lost.
        common = min(_COMMON, len(rows) // 2)
        tail = names[len(names) - common :]
        offset += len(rows) - common


def bulk(client: AtlasClient, guids: Sequence[str], subject: str) -> Iterator[Json]:
    """Entities by their guids, in batches; those that are not there are left out, and cost their batch nothing.

    Raises:
        RemoteError: A batch failed otherwise.
    """
    for start in range(0, len(guids), _BATCH):
        yield from _bulk(client, guids[start : start + _BATCH], subject)


def _bulk(client: AtlasClient, guids: Sequence[str], subject: str) -> Iterator[Json]:
    params = [*(("guid", guid) for guid in guids), ("minExtInfo", "true")]
    try:
        answer = client.get("bulk", subject, "/v2/entity/bulk", params)
    except NotFoundError:
        # One that is not there, or has no guid's form, fails them all.
        middle = len(guids) // 2
        for half in (guids[:middle], guids[middle:]) if middle else ():
            yield from _bulk(client, half, subject)
        return
    try:
        yield from answer.get("entities") or ()
    except AttributeError as error:
        raise InvalidAnswerError("The answer is no object.", where=f"atlas:bulk of {subject}") from error


def _body(query: Query, offset: int) -> dict[str, Any]:
    return {
        "typeName": query.type,
        "excludeDeletedEntities": True,
        "includeClassificationAttributes": True,
        "limit": query.size,
        "offset": offset,
        "attributes": list(query.attributes),
        **({"entityFilters": query.filters} if query.filters else {}),
    }


def _page(rows: Sequence[Json], referred: Mapping[str, Json]) -> Page:
    seen = [row for row in rows if not is_scrubbed(row)]
    if unknown := {row["status"] for row in seen} - _STATUSES:
        raise TypeError(f"a known status: {unknown}")
    return Page([row for row in seen if row["status"] == ACTIVE], referred, len(rows) - len(seen))
