"""Tiles and filters of dashboards, as Looker keeps them."""

from __future__ import annotations

from typing import Any

from ingest_assets.sandbox.company.looker import LookerState, Row


def query_tile(looker: LookerState, title: str | None, query_id: str, **members: Any) -> Row:
    """A tile over one query of an explore; its chart's type is ``vis_config.type``, the tile's is always ``vis``."""
    query = looker.queries.get(query_id)
    maker = looker.new_id("result maker", 501)
    return {
        **_tile(looker, title, "vis"),
        "query_id": query_id,
        "result_maker_id": maker,
        "result_maker": {
            "id": maker,
            "query_id": query_id,
            "filterables": [{"model": query["model"], "view": query["view"], "name": None, "listen": []}],
            "vis_config": query["vis_config"],
        },
        **members,
    }


def look_tile(looker: LookerState, title: str | None, look_id: str, **members: Any) -> Row:
    """A tile that shows a look: it has no query of its own."""
    look = looker.looks.get(look_id)
    maker = looker.new_id("result maker", 501)
    return {
        **_tile(looker, title, "look"),
        "look_id": look_id,
        "result_maker_id": maker,
        "result_maker": {"id": maker, "query_id": look["query_id"]},
        **members,
    }


def merged_tile(looker: LookerState, title: str | None, merge_id: str, **members: Any) -> Row:
    """A tile of merged results: no query, but one filterable for each that is merged."""
    merged = looker.merge_queries.get(merge_id)
    queries = [looker.queries.get(source["query_id"]) for source in merged["source_queries"]]
    maker = looker.new_id("result maker", 501)
    return {
        **_tile(looker, title, "vis"),
        "merge_result_id": merge_id,
        "result_maker_id": maker,
        "result_maker": {
            "id": maker,
            "merge_result_id": merge_id,
            "filterables": [
                {"model": query["model"], "view": query["view"], "name": source["name"], "listen": []}
                for query, source in zip(queries, merged["source_queries"], strict=True)
            ],
            "vis_config": merged["vis_config"],
        },
        **members,
    }


def text_tile(looker: LookerState, title: str | None, body: str, **members: Any) -> Row:
    """A tile of text."""
    words = {"title_text": title, "body_text": body, "body_text_as_html": f"<p>{body}</p>"}
    return {**_tile(looker, None, "text"), **words, **members}


def field_filter(name: str, model: str, explore: str, dimension: str, **members: Any) -> Row:
    """A dashboard's filter on a field of an explore."""
    return {
        "id": f"{model}.{explore}.{dimension}.{name}",
        "name": name,
        "title": name,
        "type": "field_filter",
        "model": model,
        "explore": explore,
        "dimension": dimension,
        "default_value": "",
        "row": 0,
        "listens_to_filters": [],
        "allow_multiple_values": True,
        "required": False,
        "ui_config": {"type": "advanced", "display": "popover"},
        **members,
    }


def _tile(looker: LookerState, title: str | None, kind: str) -> Row:
    return {
        "id": looker.new_id("dashboard element", 301),
        "title": title,
        "title_hidden": False,
        "type": kind,
        "alert_count": 0,
        "note_display": None,
        "note_text": None,
    }
