"""Lake Formation's tags (LF-tags) on databases, tables and columns, those included that they inherit.

Asked for one by one (``GetResourceLFTags``) they would cost a call for each table. Searched for by tag they cost a call
or two for each key, and one for each further hundred tables that have it: what is found comes with all of its tags, its
columns' too. An account without LF-tags costs one call.

Permissions: ``lakeformation:ListLFTags``, ``lakeformation:SearchDatabasesByLFTags`` and
``lakeformation:SearchTablesByLFTags``. Lake Formation leaves out, without a word, tags that a role may not describe:
where it shows none at all nothing is claimed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.parsers import ResponseParserError
from pydantic import Field, ValidationError

from ingest_assets.errors import InvalidAnswerError, PermissionDeniedError, RejectedError, RemoteError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.glue.shapes import GlueShape

SEARCHES = ("SearchDatabasesByLFTags", "SearchTablesByLFTags")
ACTIONS = ("ListLFTags", *SEARCHES)
"""What is called."""

_SERVICE = "lakeformation"
_VALUES_AT_ONCE = 50  # Lake Formation's limit for an LF-tag in a request
_PAGE = 100  # its most for a search
_LISTS = {"ListLFTags": "LFTags", "SearchDatabasesByLFTags": "DatabaseList", "SearchTablesByLFTags": "TableList"}
_AWS_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "adc-e.uk",
    "csp.hci.ic.gov",
)
_OK = 300

Pairs = tuple[tuple[str, str], ...]
"""Keys and values, in order."""


class _LfTag(GlueShape):
    tag_key: str
    tag_values: list[str]


class _Database(GlueShape):
    catalog_id: str
    name: str


class _Table(GlueShape):
    catalog_id: str
    database_name: str
    name: str


class _TaggedColumn(GlueShape):
    name: str
    lf_tags: list[_LfTag] | None = Field(default=None, alias="LFTags")


class _TaggedDatabase(GlueShape):
    database: _Database
    lf_tags: list[_LfTag] | None = Field(default=None, alias="LFTags")


class _TaggedTable(GlueShape):
    table: _Table
    on_table: list[_LfTag] | None = Field(default=None, alias="LFTagsOnTable")
    on_columns: list[_TaggedColumn] | None = Field(default=None, alias="LFTagsOnColumns")


class TagsOfTable(NamedTuple):
    """What holds for a table and its columns.

    Attributes:
        own: The table's tags.
        groups: Tags, and the columns that have just these. Columns of wide tables mostly have the same ones.
    """

    own: Pairs = ()
    groups: tuple[tuple[Pairs, tuple[str, ...]], ...] = ()

    def by_column(self) -> dict[str, Pairs]:
        """Tags of the columns that have some."""
        return {name: pairs for pairs, names in self.groups for name in names}


@dataclass
class _Found:
    """What the searches have found so far: catalog, database and table, to tags. Texts are kept once."""

    databases: dict[tuple[str, str], Pairs] = field(default_factory=dict)
    tables: dict[tuple[str, str, str], TagsOfTable] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    pairs: dict[Pairs, Pairs] = field(default_factory=dict)

    def add_database(self, row: object) -> None:
        tagged = _TaggedDatabase.model_validate(row)
        self.databases[tagged.database.catalog_id, tagged.database.name] = self._pairs(tagged.lf_tags)

    def add_table(self, row: object) -> None:
        tagged = _TaggedTable.model_validate(row)
        place = (self._text(tagged.table.catalog_id), self._text(tagged.table.database_name), tagged.table.name)
        if place in self.tables:
            return  # by another of its tags
        groups: dict[Pairs, list[str]] = {}
        for column in tagged.on_columns or ():
            groups.setdefault(self._pairs(column.lf_tags), []).append(self._text(column.name))
        by_tags = tuple((pairs, tuple(names)) for pairs, names in groups.items())
        self.tables[place] = TagsOfTable(self._pairs(tagged.on_table), by_tags)

    def _pairs(self, tags: list[_LfTag] | None) -> Pairs:
        pairs = tuple(sorted({(tag.tag_key, value) for tag in tags or () for value in tag.tag_values}))
        return self.pairs.setdefault(pairs, pairs)

    def _text(self, text: str) -> str:
        return self.texts.setdefault(text, text)


class LfTags:
    """The LF-tags of one account in one region, asked for when they are needed and once a run.

    Safe to share among threads: the first that needs them asks, one call after the other, and the others wait. A search
    that fails is not tried again; of what it did not find nothing is known then.

    Args:
        session: Of the region, with the credentials that read the catalog.
        account: Twelve digits; None: the credentials' own.
        unless_denied: Another account that the same credentials ask first: where IAM denies them that, it will deny
            this as well.
    """

    def __init__(self, session: AwsSession, account: str | None = None, unless_denied: LfTags | None = None) -> None:
        self._session = session
        self._account = account
        self._first = unless_denied
        self._lock = threading.Lock()
        self._defined: dict[str, list[str]] | None = None
        self._denied = False
        self._ended: dict[str, bool] = {}
        self._found = _Found()
        self._notes: list[str] = []

    def of_database(self, catalog_id: str, name: str) -> Pairs | None:
        """Tags of a database; None where they are not known.

        Raises:
            DeadlineExceededError: The run's time is over.
        """
        with self._lock:
            whole = self._searched("SearchDatabasesByLFTags")
            return self._found.databases.get((catalog_id, name), () if whole and self._holds(catalog_id) else None)

    def of_table(self, catalog_id: str, database: str, name: str) -> TagsOfTable | None:
        """Tags of a table and its columns; None where they are not known.

        Raises:
            DeadlineExceededError: The run's time is over.
        """
        with self._lock:
            whole = self._searched("SearchTablesByLFTags")
            known = self._found.tables.get((catalog_id, database, name))
            return TagsOfTable() if known is None and whole and self._holds(catalog_id) else known

    def notes(self) -> list[str]:
        """What people should know and were not told yet."""
        with self._lock:
            notes, self._notes = self._notes, []
        return notes

    def is_denied(self) -> bool:
        """Whether IAM allows no look at the tags; asks, if nobody did yet."""
        with self._lock:
            self._all()
            return self._denied

    @staticmethod
    def _holds(catalog_id: str) -> bool:
        # Whether a search also finds what lies in mounted catalogs is nowhere said: what it does not find there may
        # have tags all the same.
        return ":" not in catalog_id

    def _searched(self, operation: str) -> bool:
        """Whether a search has found all that there is; it is made now, if nobody did yet."""
        tags = self._all()
        if operation not in self._ended:
            self._ended[operation] = bool(tags) and self._search(operation, tags)
        return self._ended[operation]

    def _all(self) -> dict[str, list[str]]:
        """The values of all tags by their keys; empty where none are shown."""
        if self._defined is None:
            self._defined = {} if self._first is not None and self._first.is_denied() else self._list()
        return self._defined

    def _list(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        try:
            refuse_another_place(self._session)
            events = self._session.client(_SERVICE).meta.events
            events.register(f"after-call.{_SERVICE}", _complete, unique_id="ingest-assets-lf-tags")
            for row in self._rows("ListLFTags", {}):
                tag = _LfTag.model_validate(row)
                found.setdefault(tag.tag_key, []).extend(tag.tag_values)
        except (RemoteError, ValidationError) as error:
            self._denied = isinstance(error, PermissionDeniedError)
            self._note("ListLFTags", error)
            return {}
        return found

    def _search(self, operation: str, tags: Mapping[str, list[str]]) -> bool:
        add = self._found.add_table if operation == "SearchTablesByLFTags" else self._found.add_database
        try:
            for key, values in tags.items():
                for start in range(0, len(values), _VALUES_AT_ONCE):
                    wanted = {"TagKey": key, "TagValues": values[start : start + _VALUES_AT_ONCE]}
                    for row in self._rows(operation, {"Expression": [wanted], "MaxResults": _PAGE}):
                        add(row)
        except (RemoteError, ValidationError) as error:
            self._note(operation, error)
            return False
        return True

    def _rows(self, operation: str, parameters: Mapping[str, object]) -> Iterator[Any]:
        where = {"CatalogId": self._account} if self._account else {}
        pages = self._session.pages(
            _SERVICE, operation, self._account or "the account", key=_LISTS[operation], **where, **parameters
        )
        for page in pages:
            yield from page[_LISTS[operation]]

    def _note(self, operation: str, error: Exception) -> None:
        # Nothing here may end a run: were its credentials over, Glue's next answer would say so.
        if isinstance(error, ValidationError):
            error = InvalidAnswerError("It is of an unknown shape.", where=f"{_SERVICE}:{operation}")
        self._notes.append(
            f"Lake Formation's tags can't be told, and labels stay as they are: {error} "
            f"({', '.join(f'{_SERVICE}:{action}' for action in ACTIONS)} tell them; includeTags: false asks for none.)"
        )


def refuse_another_place(session: AwsSession) -> None:
    """Refuse to ask AWS itself about what another Glue has: ``endPointURL`` is Glue's alone.

    Raises:
        RejectedError: Glue is an emulator or a gateway, and Lake Formation would be AWS's own.
    """
    glue, lake_formation = (session.client(name).meta.endpoint_url for name in ("glue", _SERVICE))
    if not _is_of_aws(glue) and _is_of_aws(lake_formation):
        raise RejectedError(
            "endPointURL is Glue's, and nothing says where its Lake Formation is.",
            where=f"{_SERVICE}:ListLFTags",
            advice="Set AWS_ENDPOINT_URL_LAKEFORMATION.",
        )


def _is_of_aws(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return any(host.endswith(f".{domain}") for domain in _AWS_DOMAINS)


def _complete(http_response: Any, parsed: dict[str, Any], model: Any, **_: object) -> None:
    """Put in the list that Lake Formation leaves out when it is empty; botocore makes the same of a body that was cut.

    Raises:
        ResponseParserError: It was cut.
    """
    name = _LISTS.get(model.name)
    if name is None or http_response.status_code >= _OK or name in parsed:
        return
    try:
        whole = json.loads(http_response.content)
    except ValueError as error:
        raise ResponseParserError("the body was cut") from error
    if isinstance(whole, dict):
        parsed.setdefault(name, [])
