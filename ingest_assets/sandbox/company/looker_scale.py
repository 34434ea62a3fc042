"""Looker instances and LookML projects of any size; explores are made when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ingest_assets.sandbox.company.looker import LookerState, Row
from ingest_assets.sandbox.company.looker_tiles import query_tile, text_tile

MODEL = "mart"
_CONNECTION = "norrpost_athena"
_SUBJECTS = ("parcel", "order", "invoice", "customer", "courier", "hub", "vehicle", "locker", "claim", "label", "route")
_CHARTS = ("looker_line", "looker_bar", "looker_pie", "single_value", "looker_grid", "looker_area", "looker_map")
_FOLDERS = 50
_REFINED, _EXTENDING, _DERIVED = 5, 3, 7  # last digits of views that are made otherwise
_PER_EXPLORE = 3  # dashboards whose tiles show the same explore


def add_explores(looker: LookerState, count: int, fields: int = 40) -> None:
    """Add a model of generated explores, each over the view of its name.

    Args:
        looker: The instance.
        count: How many explores.
        fields: Dimensions of each; there is one measure besides.
    """
    looker.add_model(MODEL, MODEL, [_CONNECTION])
    for number in range(count):
        name = view_name(number)
        looker.explores.put(f"{MODEL}::{name}", partial(_explore, number, fields))
    listed = [{"name": view_name(number), "label": view_name(number), "hidden": False} for number in range(count)]
    looker.models.change(MODEL, explores=listed)


def add_dashboards(looker: LookerState, count: int, tiles: int = 6, explores: int = 0) -> None:
    """Add dashboards, in some fifty folders and of two owners.

    Args:
        looker: The instance.
        count: How many.
        tiles: Tiles of each, one of them text.
        explores: How many generated explores they are about; the company's orders when 0.
    """
    folders = [looker.add_folder(f"Team {number:02d}") for number in range(min(_FOLDERS, count))]
    owners = looker.users.keys()[1:3]
    for number in range(count):
        model, explore = ("shop", "orders") if not explores else (MODEL, view_name(number // _PER_EXPLORE % explores))
        made = [text_tile(looker, "Notes", f"Number {number}")] if tiles else []
        for at in range(tiles - 1):
            field = f"{explore}.column_{at:02d}" if explores else "orders.state"
            query = looker.add_query(model, explore, [field], vis_config={"type": _CHARTS[at % len(_CHARTS)]})
            made.append(query_tile(looker, f"Tile {at}", query))
        title = f"{_SUBJECTS[number % len(_SUBJECTS)].capitalize()} board {number:05d}"
        looker.add_dashboard(title, folders[number % len(folders)], owners[number % len(owners)], made)


def view_name(number: int) -> str:
    """The name of a generated view and explore."""
    return f"{_SUBJECTS[number % len(_SUBJECTS)]}_{number:05d}"


def lookml_files(views: int, columns: int = 40) -> Iterator[tuple[str, str]]:
    """A LookML project of one model over generated views, one file each: paths and texts.

    Every tenth view extends the one before, every tenth is derived from the one before, every tenth is refined.

    Args:
        views: How many.
        columns: Dimensions of each.
    """
    yield "manifest.lkml", f'project_name: "{MODEL}"\nconstant: SCHEMA {{ value: "sales" }}\n'
    model = [f'connection: "{_CONNECTION}"', 'include: "/views/**/*.view"', 'include: "/refinements/*.lkml"', ""]
    model += [f"explore: {view_name(number)} {{}}" for number in range(views)]
    yield f"models/{MODEL}.model.lkml", "\n".join(model) + "\n"
    for number in range(views):
        name = view_name(number)
        yield f"views/{number // 100:03d}/{name}.view.lkml", _view(number, columns)
        if number % 10 == _REFINED:
            refined = "  dimension: refined {\n    type: string\n    sql: ${TABLE}.refined ;;\n  }\n"
            yield f"refinements/{name}.lkml", f"view: +{name} {{\n{refined}}}\n"


def _view(number: int, columns: int) -> str:
    source = "  sql_table_name: @{SCHEMA}.orders ;;\n"
    before = view_name(number - 1)
    if number % 10 == _EXTENDING:
        source = f"  extends: [{before}]\n"
    elif number % 10 == _DERIVED:
        sql = f"SELECT * FROM ${{{before}.SQL_TABLE_NAME}} b WHERE b.column_00 IS NOT NULL"  # noqa: S608  # never run
        source = f'  derived_table: {{\n    sql: {sql} ;;\n    persist_for: "24 hours"\n  }}\n'
    dimensions = "".join(
        f"  dimension: column_{at:02d} {{\n    type: string\n    sql: ${{TABLE}}.c{at:02d} ;;\n  }}\n"
        for at in range(columns)
    )
    return f"view: {view_name(number)} {{\n{source}{dimensions}  measure: count {{\n    type: count\n  }}\n}}\n"


def _explore(number: int, fields: int) -> Row:
    name = view_name(number)
    path = f"views/{number // 100:03d}/{name}.view.lkml"
    common = {"view": name, "view_label": name, "scope": name, "original_view": name, "hidden": False, "tags": []}
    common |= {"project_name": MODEL, "source_file": path, "source_file_path": f"{MODEL}/{path}"}
    common["lookml_link"] = f"/projects/{MODEL}/files/{path.replace('/', '%2F')}?line=1"
    dimensions = [
        {
            **common,
            "name": f"{name}.column_{at:02d}",
            "label": f"{name} Column {at:02d}",
            "label_short": f"Column {at:02d}",
            "type": "string",
            "category": "dimension",
            "measure": False,
            "sql": f"${{TABLE}}.c{at:02d} ",
        }
        for at in range(fields)
    ]
    count = {"name": f"{name}.count", "label": f"{name} Count", "label_short": "Count", "type": "count", "sql": None}
    return {
        "id": f"{MODEL}::{name}",
        "name": name,
        "label": name,
        "title": name,
        "model_name": MODEL,
        "project_name": MODEL,
        "connection_name": _CONNECTION,
        "dialect_name": "athena",
        "view_name": name,
        "scopes": [name],
        "hidden": False,
        "sql_table_name": "sales.orders",
        "source_file": f"models/{MODEL}.model.lkml",
        "lookml_link": f"/projects/{MODEL}/files/models%2F{MODEL}.model.lkml?line={number + 5}",
        "tags": [],
        "joins": [],
        "fields": {
            "dimensions": dimensions,
            "measures": [{**common, **count, "category": "measure", "measure": True}],
            "filters": [],
            "parameters": [],
        },
    }
