"""Who uses Looker at Norrpost, in which folders, over which databases."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from ingest_assets.sandbox.company.looker import OPENED, USERS, LookerState


class Places(NamedTuple):
    """Ids of what content is made of.

    Attributes:
        users: By the part of the mail address before the sign; ``service`` is the API key's.
        folders: By name.
    """

    users: dict[str, str]
    folders: dict[str, str]


def fill(looker: LookerState) -> Places:
    """Add users, folders and connections."""
    users = _users(looker)
    folders = _folders(looker, users)
    _connections(looker)
    return Places(users, folders)


def _users(looker: LookerState) -> dict[str, str]:
    mail = "norrpost.example"
    return {
        "service": looker.add_user("Catalog", "Service", None, is_service_account=True),
        "lena.berg": looker.add_user("Lena", "Berg", f"Lena.Berg@{mail}"),  # people type capitals
        "omar.haddad": looker.add_user("Omar", "Haddad", f"omar.haddad@{mail}"),
        "mei.tanaka": looker.add_user("Mei", "Tanaka", f"mei.tanaka@{mail}"),
        "old.hand": looker.add_user("Former", "Employee", f"former.employee@{mail}", is_disabled=True),
        "consultant": looker.add_user("External", "Consultant", "looker@consultants.example"),
        "mailless": looker.add_user("Single", "Sign-On", None),
    }


def _folders(looker: LookerState, users: dict[str, str]) -> dict[str, str]:
    finance = looker.add_folder("Finance", creator_id=users["omar.haddad"])
    months = looker.add_folder("Month end", finance, creator_id=users["omar.haddad"])
    closing = looker.add_folder("Closing / checks", months, creator_id=users["omar.haddad"])
    sales = looker.add_folder("Sales", creator_id=users["lena.berg"])
    operations = looker.add_folder("Operations", creator_id=users["mei.tanaka"])
    personal = looker.add_folder(
        "Lena Berg", USERS, creator_id=users["lena.berg"], is_personal=True, is_personal_descendant=True
    )
    drafts = looker.add_folder("Drafts", personal, creator_id=users["lena.berg"], is_personal_descendant=True)
    return {
        "Finance": finance,
        "Month end": months,
        "Closing / checks": closing,
        "Sales": sales,
        "Operations": operations,
        "Lena Berg": personal,
        "Drafts": drafts,
    }


def _connections(looker: LookerState) -> None:
    common = {
        "port": "443",
        "ssl": True,
        "verify_ssl": True,
        "db_timezone": "UTC",
        "query_timezone": "Europe/Stockholm",
        "pdts_enabled": True,
        "has_password": True,
        "max_connections": 30,
        "example": False,
        "created_at": (OPENED + timedelta(hours=1)).isoformat(timespec="milliseconds"),
        "user_attribute_fields": [],
    }
    looker.connections.put(
        "norrpost_athena",
        {
            **common,
            "name": "norrpost_athena",
            "host": "athena.eu-north-1.amazonaws.com",
            "database": "awsdatacatalog",
            "schema": "sales",
            "dialect_name": "athena",
            "dialect": {"name": "athena", "label": "Amazon Athena", "supports_persistent_derived_tables": True},
            "username": "AKIALOOKERSANDBOX",
            "tmp_db_name": "looker_scratch",
        },
    )
    looker.connections.put(
        "norrpost_trino",
        {
            **common,
            "name": "norrpost_trino",
            "host": "trino.norrpost.example",
            "database": "lake",
            "schema": "logistics",
            "dialect_name": "trino",
            "dialect": {"name": "trino", "label": "Trino", "supports_persistent_derived_tables": True},
            "username": "looker",
            "tmp_db_name": "looker_scratch",
        },
    )
    looker.connections.put(
        "looker",
        {
            "name": "looker",
            "host": "127.0.0.1",
            "port": "3306",
            "database": "looker",
            "dialect_name": "mysql",
            "dialect": {"name": "mysql", "label": "MySQL"},
            "example": False,
            "user_attribute_fields": [],
        },
    )
