"""Dashboards and looks as Looker describes them, each listed and asked about once a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from ingest_assets.errors import NotFoundError
from ingest_assets.sources.looker.api import LookerApi
from ingest_assets.sources.looker.tiles import Tile, read_tile
from ingest_assets.sources.once import Once

LOOK = "look:"
"""How the names of looks begin, which are counted by themselves."""

_QUERY = "id,model,view,fields,dynamic_fields,vis_config,share_url"
_LISTED = "id,title,hidden,folder(id,name)"
_TILE = (
    f"id,type,title,title_text,subtitle_text,note_text,body_text,look_id,query_id,merge_result_id,"
    f"query({_QUERY}),look(id,title,query({_QUERY})),"
    f"result_maker(id,merge_result_id,query_id,vis_config,query({_QUERY}))"
)
_BOARD = (
    "id,title,description,hidden,deleted,user_id,updated_at,view_count,folder(id,name),"
    f"dashboard_elements({_TILE}),dashboard_filters(id,name,title,model,explore,dimension)"
)
_LOOK = f"id,title,description,deleted,user_id,updated_at,view_count,folder(id,name),query_id,query({_QUERY})"


class Folder(NamedTuple):
    """A folder as what lies in it tells of it; both empty where it lies in none.

    Attributes:
        id: Of the folder.
        name: For people.
    """

    id: str = ""
    name: str = ""


class Listed(NamedTuple):
    """A dashboard or a look of a listing.

    Attributes:
        name: In the catalog.
        title: For people.
        folder: Where it lies.
        is_hidden: Whether lists of dashboards leave it out.
    """

    name: str
    title: str
    folder: Folder
    is_hidden: bool


@dataclass(frozen=True)
class Board:
    """A dashboard or a look, described.

    Attributes:
        name: In the catalog.
        title: For people.
        description: Markdown.
        folder: Where it lies.
        user: Id of the user who made it; empty where nobody did.
        tiles: What is on it.
        filters: Names of its filters.
        updated: When it was last changed.
        views: How often it was looked at, ever.
    """

    name: str
    title: str
    description: str
    folder: Folder
    user: str
    tiles: tuple[Tile, ...]
    filters: tuple[str, ...] = ()
    updated: datetime | None = None
    views: int | None = None

    @property
    def is_look(self) -> bool:
        """Whether it is a look."""
        return self.name.startswith(LOOK)


class Boards:
    """Reads dashboards and looks. Safe to share among threads.

    Args:
        api: Of the instance.
        include_looks: Whether looks are read.
    """

    def __init__(self, api: LookerApi, *, include_looks: bool) -> None:
        self._api = api
        self._include_looks = include_looks
        self._listings: Once[str, tuple[Listed, ...]] = Once(self._list)
        self._boards: Once[str, Board] = Once(self._read)
        self._queries: Once[str, Any] = Once(self._query)
        self._presences: Once[str, bool | None] = Once(self._is_there)

    def forget_failures(self) -> None:
        """See ``Once``."""
        for memory in (self._listings, self._boards, self._queries, self._presences):
            memory.forget_failures()

    def listed(self) -> tuple[Listed, ...]:
        """All dashboards, LookML's own among them, and looks where they are asked for.

        Raises:
            RemoteError: They could not be listed.
        """
        return self._listings.get("all")

    def board(self, name: str) -> Board:
        """A dashboard or a look by its name in the catalog, with what is on it.

        Raises:
            NotFoundError: There is none that may be seen.
            RemoteError: It could not be read.
        """
        return self._boards.get(name)

    def is_there(self, name: str) -> bool | None:
        """Whether there is a dashboard or a look of a name in the catalog.

        Looker answers alike for what is gone and for what the API user may not see. What is in the trash is gone; of
        what is not even there, and may be hidden, None is told.

        Raises:
            RemoteError: It could not be asked for.
        """
        return self._presences.get(name)

    def _is_there(self, name: str) -> bool | None:
        kind, found_id = ("look", name.removeprefix(LOOK)) if name.startswith(LOOK) else ("dashboard", name)
        try:
            return not self._api.call(kind, found_id, found_id, fields="id,deleted").deleted
        except NotFoundError:
            pass
        search = self._api.call(f"search_{kind}s", found_id, id=found_id, deleted=True, fields="id,deleted")
        return False if any(str(each.id) == found_id for each in search) else None

    def _list(self, _: str) -> tuple[Listed, ...]:
        found = [
            _listed(str(each.id), each) for each in self._api.call("all_dashboards", "all dashboards", fields=_LISTED)
        ]
        if self._include_looks:
            looks = self._api.call("all_looks", "all looks", fields="id,title,folder(id,name)")
            found += [_listed(f"{LOOK}{each.id}", each) for each in looks]
        return tuple({each.name: each for each in found}.values())

    def _read(self, name: str) -> Board:
        if name.startswith(LOOK):
            return self._look(name, name.removeprefix(LOOK))
        told = self._api.call("dashboard", name, name, fields=_BOARD)
        if told.deleted:
            raise NotFoundError("It is in the trash.", where=f"looker:dashboard of {name}")
        filters = [each.title or each.name or "" for each in told.dashboard_filters or ()]
        elements = {str(each.id): each for each in told.dashboard_elements or () if each.id}
        tiles = tuple(map(self._tile, elements.values()))
        return replace(_board(name, told, tiles), filters=tuple(filter(None, filters)))

    def _look(self, name: str, look_id: str) -> Board:
        told = self._api.call("look", look_id, look_id, fields=_LOOK)
        if told.deleted:
            raise NotFoundError("It is in the trash.", where=f"looker:look of {look_id}")
        element = _OfLook(id=look_id, title=told.title)
        queries = [told.query] if told.query is not None else []
        tile = read_tile(element, queries, None)
        return _board(name, told, (tile._replace(is_unshown=bool(told.query_id) and not queries),))

    def _tile(self, element: Any) -> Tile:
        maker = element.result_maker
        merged = element.merge_result_id or (maker.merge_result_id if maker is not None else None)
        if merged:
            return self._merged_tile(element, merged)
        # Whether one of looker-sdk's objects is true takes a millisecond: it is written as JSON for that.
        holders = [each for each in (element, element.look, maker) if each is not None]
        queries = [each.query for each in holders if each.query is not None]
        tile = read_tile(element, queries[:1], maker.vis_config if maker is not None else None)
        named = element.query_id or element.look_id or (maker.query_id if maker is not None else None)
        # Of a model or a look that the API user may not see, Looker shows the id and no query.
        return tile._replace(is_unshown=bool(named) and not queries)

    def _merged_tile(self, element: Any, merged: str) -> Tile:
        try:
            told = self._api.call("merge_query", merged, merged, fields="id,vis_config,source_queries(query_id,name)")
            ids = [each.query_id for each in told.source_queries or () if each.query_id]
            return read_tile(element, [self._queries.get(str(query_id)) for query_id in ids], told.vis_config)
        except NotFoundError:
            # The dashboard is there: it is what the tile shows that the API user may not see.
            return read_tile(element, (), None)._replace(is_unshown=True)

    def _query(self, query_id: str) -> Any:
        return self._api.call("query", query_id, query_id, fields=_QUERY)


@dataclass(frozen=True)
class _OfLook:
    """A look in the form of a tile."""

    id: str
    title: str | None
    type: str = "vis"
    title_text: str | None = None
    subtitle_text: str | None = None
    note_text: str | None = None
    body_text: str | None = None
    look: Any = None


def _listed(name: str, told: Any) -> Listed:
    hidden = bool(getattr(told, "hidden", False))
    return Listed(name, told.title or "", _folder(told), hidden)


def _folder(told: Any) -> Folder:
    return Folder(str(told.folder.id), told.folder.name or "") if told.folder is not None else Folder()


def _board(name: str, told: Any, tiles: tuple[Tile, ...]) -> Board:
    return Board(
        name=name,
        title=told.title or name,
        description=(told.description or "").strip(),
        folder=_folder(told),
        user=str(told.user_id or ""),
        tiles=tiles,
        updated=told.updated_at,
        views=told.view_count,
    )


def shown_explores(board: Board) -> Iterator[tuple[str, str]]:
    """Models and explores that a dashboard shows something of, each once."""
    yield from dict.fromkeys((shown.model, shown.explore) for tile in board.tiles for shown in tile.shown)
