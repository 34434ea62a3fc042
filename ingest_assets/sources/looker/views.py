"""From a LookML view to a data model. Pure functions.

Filters and parameters are no columns: they hold what people type, not data, and Looker shows them beside the fields of
an explore, not among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest_assets.catalog import Column, DataModel
from ingest_assets.sources.glue.types import distinct
from ingest_assets.sources.looker.field_types import field_type
from ingest_assets.sources.looker.lookml.fields import Field, FieldKind
from ingest_assets.sources.looker.lookml.liquid import has_liquid
from ingest_assets.sources.looker.lookml.models import View
from ingest_assets.sources.looker.tags import labels_of

_TYPE = "LookMlView"
_COLUMNS = frozenset({FieldKind.DIMENSION, FieldKind.MEASURE})


def to_data_model(
    view: View, path: tuple[str, ...], project: str, sql: str, source_url: str | None, *, include_tags: bool
) -> DataModel:
    """A view as a data model.

    Args:
        view: The view, merged.
        path: Names of the service and of the data model.
        project: Name of the LookML project.
        sql: The text of its own block.
        source_url: Its file's page.
        include_tags: Whether tags are asked for.
    """
    return DataModel(
        path=path,
        display_name=view.label or view.name,
        description=_description(view),
        data_model_type=_TYPE,
        columns=distinct(_column(field, include_tags=include_tags) for field in column_fields(view)),
        sql=sql,
        project=project,
        source_url=source_url,
        labels=labels_of(view.tags) if include_tags else None,
    )


def column_fields(view: View) -> Iterator[Field]:
    """The fields that are columns: dimensions, each timeframe and interval of groups, and measures."""
    return (field for field in view.fields if field.kind in _COLUMNS)


def tags_on(view: View) -> Iterator[str]:
    """All tags of a view and its columns, as written."""
    yield from view.tags
    for field in column_fields(view):
        yield from field.tags


def _column(field: Field, *, include_tags: bool) -> Column:
    known = field_type(field.type)
    return Column(
        name=field.name,
        data_type=known.data_type,
        data_type_display=known.display,
        array_data_type=known.array_data_type,
        display_name=_display_name(field),
        description="\n\n".join(_told(field)) or None,
        labels=labels_of(field.tags) if include_tags else None,
    )


def _display_name(field: Field) -> str | None:
    """The label that LookML gives it; one that is another for each query, by Liquid, is no name."""
    label = (field.label or "").strip()
    return label if label and label != field.name and not has_liquid(label) else None


def _told(field: Field) -> Iterator[str]:
    if field.description:
        yield field.description
    words = []
    if field.label and has_liquid(field.label):
        words.append(f"Label: {field.label}.")
    if field.is_primary_key:
        words.append("Primary key.")
    if field.is_hidden:
        words.append("Hidden in Looker.")
    if words:
        yield " ".join(words)


def _description(view: View) -> str | None:
    told = [view.description] if view.description else []
    if view.parents:
        told.append(f"Extends {_listed(view.parents)}.")
    if view.refined_at:
        told.append(f"Refined in {_listed(place.file.path for place in view.refined_at)}.")
    return "\n\n".join(told) or None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))
