"""What a call names is deleted just before it."""

from __future__ import annotations

from collections.abc import Mapping

from ingest_assets.sandbox.company.looker import LookerState, Rows

VANISHING = ("dashboard", "look", "folder", "lookml_model_explore", "user")


def vanish(looker: LookerState, operation: str, values: Mapping[str, str]) -> None:
    """Delete for good what a call names; nothing where there is no such thing."""
    if operation == "lookml_model_explore":
        model, name = values.values()
        if looker.explores.find(f"{model}::{name}") is not None:
            looker.drop_explore(model, name)
        return
    kinds: dict[str, Rows] = {
        "dashboard": looker.dashboards,
        "look": looker.looks,
        "folder": looker.folders,
        "user": looker.users,
    }
    (key,) = values.values()
    if kinds[operation].find(key) is not None:
        kinds[operation].drop(key)
