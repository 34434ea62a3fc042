"""Changes that a server before 1.2 doesn't notice: it knows no ``sourceHash``, and compares a part of a request only.

Observed on 1.0: a view's text, partitions, file format and how a column's type is displayed are stored only together
with something that the server compares. So they are patched together with another table type, and that is put right by
a second patch. A run that is cut off between the two acknowledges nothing, and the next one puts the table again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest_assets.catalog import EntityType
from ingest_assets.openmetadata.layout import collection_of
from ingest_assets.openmetadata.marks import Holder, Json, pairs

if TYPE_CHECKING:
    from ingest_assets.openmetadata.client import OpenMetadataClient

_NOT_COMPARED = ("viewDefinition", "tablePartition", "fileFormat")
_DISPLAYED = "dataTypeDisplay"
_COMPARED = "tableType"
_OTHERS = ("Regular", "External")
_FIELDS = "viewDefinition,tablePartition,columns"


def settle(client: OpenMetadataClient, kind: EntityType, entity_id: str, request: Json) -> None:
    """Patch what a PUT did not store.

    Raises:
        RemoteError: It could not be read or patched.
    """
    if kind is not EntityType.TABLE:
        return
    path = f"/v1/{collection_of(kind)}/{entity_id}"
    stored = client.get(path, {"fields": _FIELDS})
    operations = unsettled(request, stored)
    if operations:
        table_type = stored.get(_COMPARED)
        other = next(each for each in _OTHERS if each != table_type)
        client.patch(path, [*operations, _set(f"/{_COMPARED}", other)])
        client.patch(path, [_set(f"/{_COMPARED}", table_type)])


def unsettled(request: Json, stored: Json) -> list[Json]:
    """JSON Patch from what is stored to what was put; empty where all of it was stored."""
    changes = [_set(f"/{name}", request.get(name)) for name in _NOT_COMPARED if stored.get(name) != request.get(name)]
    for wanted, found in pairs(request, stored):
        if wanted.names and found is not None and _displayed(wanted) != _displayed(found):
            changes.append(_set(f"{found.pointer}/{_DISPLAYED}", wanted.json.get(_DISPLAYED)))
    return changes


def _displayed(column: Holder) -> Any:
    """How a column's type is displayed; the server keeps that of a top-level column in lower case."""
    text = column.json.get(_DISPLAYED)
    return text.lower() if text is not None and len(column.names) == 1 else text


def _set(pointer: str, value: Any) -> Json:
    """Set a property, whether it is there or not; None clears it."""
    return {"op": "add", "path": pointer, "value": value}
