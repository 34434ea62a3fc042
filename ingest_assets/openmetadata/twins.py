"""Columns whose names differ by case only, which a server confuses.

It finds the stored column of one that is put by its name in any case and its type, and takes the first that fits (read
in the server's source, 1.0 to 1.12): the second would get the first one's description and labels. A patch is stored as
it is, so a table with such columns is patched, at once and as a whole.
"""

from __future__ import annotations

import copy
from collections import Counter

from ingest_assets.openmetadata.marks import OWNERS, TAGS, TEXTS, Json, holders, owners_of
from ingest_assets.openmetadata.merge import Merged

_ONE_OWNER = "owner"
_FIXED = frozenset({"name", "service", "database", "databaseSchema", "columns", TAGS, OWNERS, _ONE_OWNER, *TEXTS})
_CLEARED = ("tablePartition", "fileFormat", "retentionPeriod", "sourceUrl", "locationPath")


def has_twins(*documents: Json) -> bool:
    """Whether columns of a document differ from each other by case only."""
    return any(
        number > 1
        for document in documents
        for number in Counter(tuple(name.lower() for name in each.spelled) for each in holders(document)).values()
    )


def whole_patch(merged: Merged, stored: Json, schema_definition: str) -> list[Json]:
    """JSON Patch that does what the operations and the request of a merge together should.

    Args:
        merged: What the merge came to.
        stored: The table that it was built against.
        schema_definition: The property of a view's text, which is not among what was read.
    """
    request = copy.deepcopy(merged.request)
    for holder in holders(request):
        holder.json[TAGS] = [dict(label) for label in merged.labels[holder.spelled]]
    told = {name: value for name, value in request.items() if name not in _FIXED}
    cleared = dict.fromkeys([name for name in (*TEXTS, *_CLEARED) if name in stored] + [schema_definition])
    words = {name: request[name] for name in TEXTS if name in request}
    values = {**cleared, **told, **words, "columns": request["columns"], TAGS: request[TAGS]}
    tests = [operation for operation in merged.operations if operation["op"] == "test"]
    changes = [{"op": "add", "path": f"/{name}", "value": value} for name, value in values.items()]
    return [*tests, *changes, *_owners(request, merged, stored)]


def _owners(request: Json, merged: Merged, stored: Json) -> list[Json]:
    for name in (OWNERS, _ONE_OWNER):
        if name in request and owners_of(request) != owners_of(stored):
            return [{"op": "add", "path": f"/{name}", "value": request[name]}]
    paths = (f"/{OWNERS}", f"/{_ONE_OWNER}")
    return [operation for operation in merged.operations if operation["op"] == "remove" and operation["path"] in paths]
