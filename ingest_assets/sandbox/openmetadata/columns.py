"""Rules of columns and schema fields: what is refused, what is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import bad_request
from ingest_assets.sandbox.openmetadata.labels import Labels
from ingest_assets.sandbox.openmetadata.names import join

Column = dict[str, Any]

_WITH_LENGTH = frozenset({"CHAR", "VARCHAR", "BINARY", "VARBINARY"})


def check_columns(columns: list[Column]) -> None:
    """Refuse columns that the server refuses, nested ones included.

    Raises:
        Refused: A name twice, or a type without what it needs.
    """
    names: set[str] = set()
    for column in columns:
        if column["name"] in names:
            raise bad_request(f"Column name {column['name']} is repeated")
        names.add(column["name"])
        _check_type(column)
        if column.get("children"):
            check_columns(column["children"])


def _check_type(column: Column) -> None:
    kind = column["dataType"]
    if kind in _WITH_LENGTH and "dataLength" not in column:
        raise bad_request("For column data types char, varchar, binary, varbinary dataLength must not be null")
    if kind == "ARRAY":
        if "arrayDataType" not in column:
            raise bad_request("For column data type array, arrayDataType must not be null")
    else:
        column.pop("arrayDataType", None)
    if kind == "STRUCT" and "children" not in column:
        raise bad_request("For column data type struct, children must not be null")
    if "scale" in column:
        if "precision" not in column:
            raise bad_request(f"Scale is set but precision is not set for the column {column['name']}")
        if column["scale"] > column["precision"]:
            raise bad_request(f"Scale can't be greater than the precision for the column {column['name']}")


def name_columns(columns: list[Column], parent_fqn: str, labels: Labels) -> None:
    """Give columns or fields their FQNs and their checked labels, in place.

    Raises:
        Refused: A name with a quote, or an unknown label.
    """
    for column in columns:
        column["fullyQualifiedName"] = fqn = join(parent_fqn, column["name"])
        if "tags" in column:
            column["tags"] = labels.checked(column["tags"])
        if column.get("children"):
            name_columns(column["children"], fqn, labels)


def fill_type_texts(columns: list[Column]) -> None:
    """Give top-level columns the type text that the server keeps: in lower case, the type's own when there is none."""
    for column in columns:
        column["dataTypeDisplay"] = str(column.get("dataTypeDisplay", column["dataType"])).lower()


def column_fqns(columns: Iterable[Column], *, nested: bool) -> Iterator[str]:
    """The FQNs of columns or fields, with those inside them if asked."""
    for column in columns:
        yield column["fullyQualifiedName"]
        if nested:
            yield from column_fqns(column.get("children", ()), nested=True)


def with_labels(columns: list[Column], labels: Labels) -> list[Column]:
    """Columns as ``fields=tags`` shows them: each with its labels, an empty list for none."""
    return [
        _dressed(column, labels) if column.get("tags") or "children" in column else {**column, "tags": []}
        for column in columns
    ]


def _dressed(column: Column, labels: Labels) -> Column:
    dressed = {**column, "tags": labels.shown(column.get("tags", ()))}
    if column.get("children"):
        dressed["children"] = with_labels(column["children"], labels)
    return dressed


def with_own_labels(columns: list[Column], labels: Labels) -> list[Column]:
    """Columns as the answer to a PUT shows them: labels only where there are any."""
    return [_changed(column, labels) if "tags" in column or "children" in column else column for column in columns]


def _changed(column: Column, labels: Labels) -> Column:
    shown = dict(column)
    if "tags" in column:
        shown["tags"] = labels.shown(column["tags"])
    if column.get("children"):
        shown["children"] = with_own_labels(column["children"], labels)
    return shown


def without_labels(columns: list[Column], _labels: Labels) -> list[Column]:
    """Columns as a GET shows them that did not ask for labels."""
    return [_bare(column) if "tags" in column or "children" in column else column for column in columns]


def _bare(column: Column) -> Column:
    bare = {key: value for key, value in column.items() if key != "tags"}
    if column.get("children"):
        bare["children"] = [_bare(child) for child in column["children"]]
    return bare
