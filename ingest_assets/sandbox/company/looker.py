"""The Looker instance as state: folders, users, dashboards, looks, queries, models and explores.

Rows are written as Looker sends them, but only with the members that matter: those that a row lacks are sent as null.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

from ingest_assets.errors import NotFoundError

Row = dict[str, Any]
Maker = Callable[[], Row]

OPENED = datetime(2024, 2, 5, 9, 15, 30, 412000, tzinfo=timezone.utc)  # when the instance was set up
SHARED, USERS, LOOKML = "1", "2", "lookml"
"""Ids of the folders that every instance has."""


class Rows:
    """Rows of one kind by their key, in the order in which they were added.

    Args:
        kind: What they are, for messages.
        lock: The instance's.
    """

    def __init__(self, kind: str, lock: threading.RLock) -> None:
        self._kind = kind
        self._lock = lock
        self._rows: dict[str, Row | Maker] = {}

    def put(self, key: str, row: Row | Maker) -> None:
        """Add or replace one: the row, or what makes it each time that it is asked for."""
        with self._lock:
            self._rows[key] = row

    def find(self, key: str) -> Row | None:
        """One row; None when there is none."""
        with self._lock:
            row = self._rows.get(key)
        return row() if callable(row) else row

    def get(self, key: str) -> Row:
        """One row.

        Raises:
            NotFoundError: There is none.
        """
        row = self.find(key)
        if row is None:
            raise NotFoundError(f"the company's Looker has no {self._kind} {key!r}", where="sandbox company")
        return row

    def change(self, key: str, **members: Any) -> Row:
        """Replace members of a row.

        Raises:
            NotFoundError: There is none.
        """
        with self._lock:
            row = {**self.get(key), **members}
            self._rows[key] = row
            return row

    def drop(self, key: str) -> None:
        """Take one away for good.

        Raises:
            NotFoundError: There is none.
        """
        with self._lock:
            self.get(key)
            del self._rows[key]

    def all(self) -> Iterator[Row]:
        """All rows."""
        for key in self.keys():
            row = self.find(key)
            if row is not None:
                yield row

    def keys(self) -> list[str]:
        """The keys of all rows."""
        with self._lock:
            return list(self._rows)


class LookerState:
    """One Looker instance, safe to read and change from several threads.

    Attributes:
        lock: Held while several rows are changed as one.
        folders: By id.
        users: By id.
        dashboards: By id; those of LookML by ``model::name``.
        looks: By id.
        queries: By id.
        merge_queries: By id.
        models: By name, as ``lookml_models`` lists them with their explores.
        explores: By ``model::explore``; one that a model lists and that is not here is answered with 404.
        projects: By id.
        connections: By name.
    """

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.lock = threading.RLock()
        self._now = now or (lambda: datetime.now(timezone.utc))
        self._numbers: dict[str, int] = {}
        self.folders = Rows("folder", self.lock)
        self.users = Rows("user", self.lock)
        self.dashboards = Rows("dashboard", self.lock)
        self.looks = Rows("look", self.lock)
        self.queries = Rows("query", self.lock)
        self.merge_queries = Rows("merge query", self.lock)
        self.models = Rows("model", self.lock)
        self.explores = Rows("explore", self.lock)
        self.projects = Rows("project", self.lock)
        self.connections = Rows("connection", self.lock)
        self.add_folder("Shared", None, folder_id=SHARED, is_shared_root=True)
        self.add_folder("Users", None, folder_id=USERS, is_users_root=True)
        self.add_folder("LookML Dashboards", None, folder_id=LOOKML)

    def new_id(self, kind: str, first: int = 1) -> str:
        """The next free number of a kind, as text, as Looker gives ids."""
        with self.lock:
            self._numbers[kind] = self._numbers.get(kind, first - 1) + 1
            return str(self._numbers[kind])

    def add_folder(self, name: str, parent_id: str | None = SHARED, *, folder_id: str = "", **members: Any) -> str:
        """Add a folder; its id."""
        made = folder_id or self.new_id("folder", 10)
        row = {
            "id": made,
            "name": name,
            "parent_id": parent_id,
            "child_count": 0,
            "is_personal": False,
            "is_personal_descendant": False,
            "is_shared_root": False,
            "is_users_root": False,
            "is_embed": False,
            "content_metadata_id": made if made.isdecimal() else None,
            "created_at": OPENED,
            **members,
        }
        with self.lock:
            self.folders.put(made, row)
            if parent_id is not None:
                self.folders.change(parent_id, child_count=self.folders.get(parent_id)["child_count"] + 1)
        return made

    def add_user(self, first_name: str, last_name: str, email: str | None, **members: Any) -> str:
        """Add a user; its id."""
        made = self.new_id("user")
        row = {
            "id": made,
            "first_name": first_name,
            "last_name": last_name,
            "display_name": f"{first_name} {last_name}",
            "email": email,
            "is_disabled": False,
            "is_service_account": False,
            "verified_looker_employee": False,
            "presumed_looker_employee": False,
            "locale": "en",
            "group_ids": ["1"],
            "role_ids": ["2"],
            "avatar_url": f"https://www.gravatar.com/avatar/{made}?s=156&d=blank",
            "avatar_url_without_sizing": f"https://www.gravatar.com/avatar/{made}?d=blank",
            **members,
        }
        self.users.put(made, row)
        return made

    def add_query(self, model: str, view: str, fields: list[str], **members: Any) -> str:
        """Add a query of an explore (``view`` is Looker's word for it); its id."""
        made = self.new_id("query", 1001)
        slug = f"q{int(made):08x}"
        row = {
            "id": made,
            "model": model,
            "view": view,
            "fields": fields,
            "limit": "500",
            "vis_config": {"type": "looker_grid"},
            "slug": slug,
            "client_id": slug.ljust(22, "0"),
            "visible_ui_sections": None,
            "has_table_calculations": False,
            **members,
        }
        self.queries.put(made, row)
        return made

    def add_merge_query(self, query_ids: list[str], **members: Any) -> str:
        """Add a merged result of queries that are there already; its id."""
        made = self.new_id("merge query", 1)
        merge_id = f"mrg{int(made):019d}"
        sources = [
            {"name": f"q{at}", "query_id": query_id, "query_slug": self.queries.get(query_id)["slug"]}
            for at, query_id in enumerate(query_ids)
        ]
        row = {"id": merge_id, "source_queries": sources, "vis_config": {"type": "looker_column"}, **members}
        self.merge_queries.put(merge_id, row)
        return merge_id

    def add_dashboard(
        self,
        title: str,
        folder_id: str,
        user_id: str | None,
        tiles: list[Row],
        *,
        dashboard_id: str = "",
        filters: list[Row] | None = None,
        **members: Any,
    ) -> str:
        """Add a dashboard of tiles (see ``company.looker_tiles``); its id."""
        made = dashboard_id or self.new_id("dashboard")
        row = {
            "id": made,
            "title": title,
            "folder_id": folder_id,
            "user_id": user_id,
            "hidden": False,
            "deleted": False,
            "readonly": dashboard_id != "",
            "slug": f"slug{made}" if made.isdecimal() else None,
            "preferred_viewer": "dashboards-next",
            "view_count": 0,
            "favorite_count": 0,
            "created_at": OPENED,
            "updated_at": OPENED,
            "dashboard_elements": [{**tile, "dashboard_id": made} for tile in tiles],
            "dashboard_filters": [{**one, "dashboard_id": made} for one in filters or []],
            **members,
        }
        self.dashboards.put(made, row)
        return made

    def add_tile(self, dashboard_id: str, tile: Row) -> None:
        """Put one more tile onto a dashboard, below the others."""
        with self.lock:
            tiles = self.dashboards.get(dashboard_id)["dashboard_elements"]
            added = {**tile, "dashboard_id": dashboard_id}
            self.dashboards.change(dashboard_id, dashboard_elements=[*tiles, added])

    def drop_tile(self, dashboard_id: str, tile_id: str) -> None:
        """Take a tile off a dashboard."""
        with self.lock:
            tiles = self.dashboards.get(dashboard_id)["dashboard_elements"]
            left = [tile for tile in tiles if tile["id"] != tile_id]
            self.dashboards.change(dashboard_id, dashboard_elements=left)

    def add_look(self, title: str, folder_id: str, user_id: str | None, query_id: str, **members: Any) -> str:
        """Save a query as a look; its id."""
        made = self.new_id("look")
        row = {
            "id": made,
            "title": title,
            "folder_id": folder_id,
            "user_id": user_id,
            "query_id": query_id,
            "deleted": False,
            "public": False,
            "is_run_on_load": True,
            "view_count": 0,
            "favorite_count": 0,
            "created_at": OPENED,
            "updated_at": OPENED,
            "short_url": f"/looks/{made}",
            **members,
        }
        self.looks.put(made, row)
        return made

    def trash_dashboard(self, dashboard_id: str, by: str = "1") -> None:
        """Move a dashboard to the trash, as Looker's users do when they delete one."""
        self.dashboards.change(dashboard_id, deleted=True, deleted_at=self._now(), deleter_id=by)

    def trash_look(self, look_id: str, by: str = "1") -> None:
        """Move a look to the trash."""
        self.looks.change(look_id, deleted=True, deleted_at=self._now(), deleter_id=by)

    def add_model(self, name: str, project: str, connections: list[str], **members: Any) -> None:
        """Add a model without explores."""
        row = {
            "name": name,
            "label": name.replace("_", " ").title(),
            "project_name": project,
            "allowed_db_connection_names": connections,
            "unlimited_db_connections": False,
            "has_content": True,
            "explores": [],
            **members,
        }
        self.models.put(name, row)

    def add_explore(self, row: Row, maker: Maker | None = None) -> None:
        """List an explore in its model, and keep it, or what makes it.

        Args:
            row: As ``lookml_model_explore`` gives it; with a maker, ``model_name`` and ``name`` are enough.
            maker: Makes the row each time that it is asked for.
        """
        model, name = row["model_name"], row["name"]
        self.list_explore(model, row)
        self.explores.put(f"{model}::{name}", maker or row)

    def list_explore(self, model: str, row: Row) -> None:
        """List an explore in its model; without ``add_explore`` Looker has no answer for it."""
        listed = {key: row.get(key) for key in ("name", "label", "description", "group_label")}
        listed["hidden"] = bool(row.get("hidden"))
        with self.lock:
            others = [one for one in self.models.get(model)["explores"] if one["name"] != row["name"]]
            self.models.change(model, explores=[*others, listed])

    def drop_explore(self, model: str, name: str) -> None:
        """Take an explore away, from its model's list, too."""
        with self.lock:
            left = [one for one in self.models.get(model)["explores"] if one["name"] != name]
            self.models.change(model, explores=left)
            self.explores.drop(f"{model}::{name}")
