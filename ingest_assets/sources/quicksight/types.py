"""Types of a data set's columns in OpenMetadata's words."""

from __future__ import annotations

_DATA_TYPES = {
    "BIT": "BIT",
    "BOOLEAN": "BOOLEAN",
    "DATETIME": "DATETIME",
    "DECIMAL": "DECIMAL",
    "INTEGER": "INT",
    "JSON": "JSON",
    "SEMISTRUCT": "STRUCT",
    "STRING": "STRING",
}
_UNKNOWN = "UNKNOWN"
_FLOAT = "FLOAT"


def data_type(kind: str | None, sub_type: str | None = None) -> tuple[str, str]:
    """OpenMetadata's word for a type, and its text for people.

    Args:
        kind: QuickSight's word; None: not told, as of a calculated field of which only the expression is known.
        sub_type: ``FLOAT`` or ``FIXED``, of decimals.
    """
    if kind is None:
        return _UNKNOWN, "unknown"
    display = f"{kind}-{sub_type}" if sub_type else kind
    if kind == "DECIMAL" and sub_type == _FLOAT:
        return "DOUBLE", display
    return _DATA_TYPES.get(kind, _UNKNOWN), display
