"""dbt models as the ``dataModel`` of a table, in the shape of one server version.

Owner and labels are not part of it, though a server would take them: it puts those on the table itself (read in the
source of 1.2 to 1.6), past all that tells whose they are. They arrive with the enrichment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingest_assets.catalog import DbtModel
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.columns import column_bodies

FIELD = "dataModel"
_DBT = "DBT"
_TEXTS = ("sql", "rawSql", "path", "resourceType", "dbtSourceProject")

Json = dict[str, Any]


def data_model_body(model: DbtModel, upstream: Sequence[str], capabilities: Capabilities) -> Json:
    """The body of ``PUT /v1/tables/{id}/dataModel``.

    Args:
        model: What the source says.
        upstream: FQNs of those tables above it that the server has.
        capabilities: What the server understands.
    """
    told = {
        "sql": model.sql or (model.raw_sql or "" if capabilities.data_model_needs_sql else None),
        "rawSql": model.raw_sql,
        "path": model.path,
        "description": model.description or None,
        "resourceType": model.resource_type if capabilities.data_model_resource_type else None,
        "dbtSourceProject": model.project if capabilities.data_model_project else None,
        "upstream": list(upstream) or None,
        "columns": column_bodies(model.columns, capabilities).bodies or None,
    }
    return {"modelType": _DBT, **{name: value for name, value in told.items() if value is not None}}


def stands(body: Json, held: Mapping[str, Any] | None) -> bool:
    """Whether what a server holds may be the model that was sent: another one, or none, was put there since.

    Compared by its texts: a server adds to columns, and keeps SQL that a later model lacks.
    """
    return held is not None and all(held.get(name) == body[name] for name in _TEXTS if name in body)
