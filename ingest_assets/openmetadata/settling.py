"""Changes that a server before 1.2 doesn't notice: it knows no ``sourceHash``, and compares a part of a request only.

Observed on 1.0: a view's text, partitions, file format and how a column's type is displayed are stored only together
with something that the server compares. So they are patched together with a display name that shows the same as none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest_assets.catalog import EntityType
from ingest_assets.openmetadata.marks import holders
from ingest_assets.openmetadata.wire import collection_of

if TYPE_CHECKING:
    from ingest_assets.openmetadata.client import OpenMetadataClient

_NOT_COMPARED = ("viewDefinition", "tablePartition", "fileFormat")
_DISPLAYED = "dataTypeDisplay"
_FIELDS = "viewDefinition,tablePartition,columns"

Json = dict[str, Any]


def settle(client: OpenMetadataClient, kind: EntityType, entity_id: str, request: Json) -> None:
    """Patch what a PUT did not store.

    Raises:
        RemoteError: It could not be read or patched.
    """
    if kind is not EntityType.TABLE:
        return
    path = f"/v1/{collection_of(kind)}/{entity_id}"
    operations = unsettled(request, client.get(path, {"fields": _FIELDS}))
    if operations:
        client.patch(path, operations)


def unsettled(request: Json, stored: Json) -> list[Json]:
    """JSON Patch from what is stored to what was put; empty where all of it was stored."""
    changes = [_change(f"/{name}", stored.get(name), request.get(name)) for name in _NOT_COMPARED]
    there = {holder.names: holder for holder in holders(stored) if holder.names}
    for wanted in holders(request):
        if wanted.names in there:
            found = there[wanted.names]
            pointer = f"{found.pointer}/{_DISPLAYED}"
            changes.append(_change(pointer, found.json.get(_DISPLAYED), wanted.json.get(_DISPLAYED)))
    operations = [change for change in changes if change is not None]
    return [*operations, *_noticed(stored)] if operations else []


def _change(pointer: str, stored: Any, wanted: Any) -> Json | None:
    if stored == wanted:
        return None
    if wanted is None:
        return {"op": "remove", "path": pointer}
    return {"op": "add" if stored is None else "replace", "path": pointer, "value": wanted}


def _noticed(stored: Json) -> list[Json]:
    """A change that the server compares and people don't see; none where a display name is set for people."""
    shown = stored.get("displayName")
    if shown is None:
        return [{"op": "add", "path": "/displayName", "value": stored["name"]}]
    return [{"op": "remove", "path": "/displayName"}] if shown == stored["name"] else []
