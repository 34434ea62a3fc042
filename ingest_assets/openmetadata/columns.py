"""Columns and partitions of a create request, under the rules that a server checks.

Observed on 1.0 and 1.5: CHAR, VARCHAR, BINARY and VARBINARY need ``dataLength``, ARRAY needs ``arrayDataType``, STRUCT
needs ``children``, a scale needs a precision that is no smaller, names are unique among siblings (case tells them
apart), and a partition names columns of the table only. Each breach refuses the whole table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ingest_assets.catalog import Column, Label, NameRules, PartitionColumn
from ingest_assets.openmetadata.capabilities import Capabilities

UNKNOWN = "UNKNOWN"
_OTHER = "OTHER"
_NEED_LENGTH = frozenset({"CHAR", "VARCHAR", "BINARY", "VARBINARY"})
_SHORTEST = 1
_LONGEST = 2**31 - 1  # the server reads an int; a larger number would refuse the table

Json = dict[str, Any]


class ColumnBodies(NamedTuple):
    """Columns as they are sent.

    Attributes:
        bodies: In the source's order.
        names: The name under which each is sent, by the name that the source gives it.
    """

    bodies: list[Json]
    names: Mapping[str, str]


def column_bodies(columns: Sequence[Column], capabilities: Capabilities) -> ColumnBodies:
    """Columns of one level, each with those below it."""
    bodies: list[Json] = []
    names: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        name = _free(capabilities.names.name(column.name), taken, capabilities.names)
        taken.add(name)
        names.setdefault(column.name, name)
        bodies.append(_column(column, name, capabilities))
    return ColumnBodies(bodies, names)


def partition_body(
    partitions: Sequence[PartitionColumn], names: Mapping[str, str], capabilities: Capabilities
) -> Json | None:
    """``tablePartition``; None if the table isn't partitioned by any column of its own."""
    known = [(names[each.column], each) for each in partitions if each.column in names]
    if not known:
        return None
    words = capabilities.partition_intervals
    rows = [
        (name, each.interval_type if each.interval_type in words else _OTHER, each.interval) for name, each in known
    ]
    if capabilities.partition_objects:
        return {"columns": [_partition_column(*row) for row in rows]}
    # One interval for all columns: the one that they share.
    types, intervals = {row[1] for row in rows}, {row[2] for row in rows}
    body: Json = {"columns": [row[0] for row in rows], "intervalType": types.pop() if len(types) == 1 else _OTHER}
    interval = intervals.pop()
    if interval and not intervals:
        body["interval"] = interval
    return body


def _partition_column(name: str, interval_type: str, interval: str | None) -> Json:
    body = {"columnName": name, "intervalType": interval_type}
    if interval:
        body["interval"] = interval
    return body


def label_bodies(labels: Sequence[Label]) -> list[Json]:
    """Labels as they are sent; ``Automated`` tells people that no person has set them."""
    return [
        {"tagFQN": label.fqn, "source": label.source, "labelType": "Automated", "state": "Confirmed"}
        for label in dict.fromkeys(labels)
    ]


def _column(column: Column, name: str, capabilities: Capabilities) -> Json:
    known = capabilities.data_types
    data_type = column.data_type if column.data_type in known else UNKNOWN
    body: Json = {"name": name, "dataType": data_type, "dataTypeDisplay": column.data_type_display}
    shown = column.display_name or column.name
    if shown and shown != name:
        body["displayName"] = shown
    if column.description:
        body["description"] = column.description
    if column.labels is not None:
        body["tags"] = label_bodies(column.labels)
    if column.data_length is not None:
        body["dataLength"] = min(column.data_length, _LONGEST)
    elif data_type in _NEED_LENGTH:
        body["dataLength"] = _SHORTEST
    if data_type == "ARRAY":
        body["arrayDataType"] = column.array_data_type if column.array_data_type in known else UNKNOWN
    if column.precision is not None:
        body["precision"] = column.precision
        if column.scale is not None and column.scale <= column.precision:
            body["scale"] = column.scale
    if column.children or data_type == "STRUCT":
        body["children"] = column_bodies(column.children, capabilities).bodies
    return body


def _free(name: str, taken: set[str], rules: NameRules) -> str:
    """The name, or the first of ``name_2``, ``name_3``, ... that no sibling has."""
    free, number = name, 1
    while free in taken:
        number += 1
        suffix = f"_{number}"
        free = name[: rules.longest - len(suffix)] + suffix
    return free
