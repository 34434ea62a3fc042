"""What each line of servers shows otherwise than the newest: field by field and word by word, as their schemas say.

Written down here by hand, and not taken from what the package knows of versions: one must prove the other.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]
Minor = tuple[int, int]
Change = Callable[[Json, str], None]
ANY = ""


class Field(NamedTuple):
    """A property that servers have since a minor, and what older ones show instead.

    Attributes:
        types: Entity types, separated by spaces; empty: all.
        name: The property.
        since: The first minor that shows it as the newest does.
        before: Changes a document of the newest into one of an older server.
    """

    types: str
    name: str
    since: Minor
    before: Change


class Word(NamedTuple):
    """A word of an enumeration that servers know since a minor, and what older ones are sent instead; None: nothing."""

    types: str
    name: str
    word: str
    since: Minor
    instead: str | None


def without(document: Json, name: str) -> None:
    document.pop(name, None)


def renamed(to: str) -> Change:
    def change(document: Json, name: str) -> None:
        if name in document:
            document[to] = document.pop(name)

    return change


def one_owner(document: Json, name: str) -> None:
    owners = document.pop(name, [])
    if owners:
        document["owner"] = owners[0]


def partition_of_names(document: Json, name: str) -> None:
    if name in document:
        columns = document[name]["columns"]
        kinds = {each["intervalType"] for each in columns}
        document[name] = {
            "columns": [each["columnName"] for each in columns],
            "intervalType": kinds.pop() if len(kinds) == 1 else "OTHER",
        }


def task_urls(document: Json, name: str) -> None:
    for task in document[name]:
        renamed("taskUrl")(task, "sourceUrl")


def bare_connection(document: Json, name: str) -> None:
    """Servers that insist on one are sent one without secrets."""
    region = {"awsConfig": {"awsRegion": "eu-north-1"}} if document["called"] == "glue" else {}
    kind = document["serviceType"]
    document[name] = {"config": {"type": kind, "supportsMetadataExtraction": True, **region}}


def without_source(document: Json, name: str) -> None:
    for edge in document[name].values():
        edge.pop("source", None)


def without_columns(document: Json, name: str) -> None:
    for edge in document[name].values():
        edge["columnsLineage"] = []


FIELDS = (
    Field(ANY, "owners", (1, 5), one_owner),
    Field("dashboardDataModel", "sourceUrl", (1, 9), without),
    Field("dashboard", "sourceUrl", (1, 1), renamed("dashboardUrl")),
    Field("chart", "sourceUrl", (1, 1), renamed("chartUrl")),
    Field("pipeline", "sourceUrl", (1, 1), renamed("pipelineUrl")),
    Field("pipeline", "tasks", (1, 1), task_urls),
    Field("database databaseSchema table topic container", "sourceUrl", (1, 1), without),
    Field("table", "locationPath", (1, 6), without),
    Field("table", "tablePartition", (1, 4), partition_of_names),
    Field("table", "schemaDefinition", (1, 4), renamed("viewDefinition")),
    Field("table", "lifeCycle", (1, 2), without),
    Field("dashboard dashboardDataModel", "edges", (1, 5), without_columns),
    Field("table dashboard dashboardDataModel", "edges", (1, 2), without_source),
    Field("table", "fileFormat", (1, 1), without),
    Field("databaseSchema table", "retentionPeriod", (1, 1), without),
    Field("container", "fullPath", (1, 4), without),
    Field("dashboard dashboardDataModel", "project", (1, 1), without),
    Field("dashboard", "dashboardType", (1, 1), without),
    Field("pipeline", "scheduleInterval", (1, 1), without),
    Field(
        "databaseService messagingService dashboardService pipelineService storageService",
        "connection",
        (1, 2),
        bare_connection,
    ),
)

WORDS = (
    Word("table", "tableType", "SemanticView", (2, 0), "View"),
    Word("table", "tableType", "Stage", (1, 11), "External"),
    Word("table", "tableType", "Stream", (1, 7), "Regular"),
    Word("table", "tableType", "Dynamic", (1, 4), "MaterializedView"),
    Word("table", "tableType", "Transient", (1, 1), "Regular"),
    Word("table", "fileFormat", "parquet.snappy", (1, 8), None),
    Word("table", "fileFormat", "jsonl", (1, 5), None),
    Word("table", "intervalType", "INJECTED", (1, 4), "OTHER"),
    Word(ANY, "dataType", "HIERARCHYID", (1, 10), "UNKNOWN"),
    Word(ANY, "dataType", "KPI", (1, 8), "UNKNOWN"),
    Word(ANY, "dataType", "MONEY", (1, 5), "UNKNOWN"),
    Word(ANY, "dataType", "HLL", (1, 3), "UNKNOWN"),
    Word(ANY, "dataType", "NTEXT", (1, 1), "UNKNOWN"),
    Word("chart", "chartType", "SanKey", (1, 10), "Other"),
    Word("chart", "chartType", "Heatmap", (1, 9), "Other"),
    Word("dashboardDataModel", "dataModelType", "ModeDataModel", (2, 0), "TableauDataModel"),
    Word("dashboardDataModel", "dataModelType", "QuickSightDataModel", (1, 6), "TableauDataModel"),
    Word("pipeline pipelineService", "serviceType", "KinesisFirehose", (1, 9), "CustomPipeline"),
    Word("container", "fileFormats", "MF4", (1, 8), None),
)


def as_of(minor: Minor, kind: str, newest: Json) -> Json:
    """What a server of a minor must show of what the newest shows.

    Args:
        minor: The server's.
        kind: The entity's type.
        newest: The entity as the newest server shows it.
    """
    document = newest
    for row in (*WORDS, *FIELDS):
        if minor < row.since:
            document = before(row, kind, document)
    return document


def before(row: Field | Word, kind: str, document: Json) -> Json:
    """What servers before one row of the table show."""
    if row.types and kind not in row.types.split():
        return document
    changed = copy.deepcopy(document)
    if isinstance(row, Field):
        row.before(changed, row.name)
    else:
        for holder in _holders(changed):
            _replace(holder, row)
    return changed


def _holders(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _holders(inner)


def _replace(holder: Json, word: Word) -> None:
    value = holder.get(word.name)
    if isinstance(value, list):
        holder[word.name] = [each for each in value if each != word.word]
    elif value == word.word:
        del holder[word.name]
        if word.instead is not None:
            holder[word.name] = word.instead
