"""What the shapes of data sets have in common: columns, and the operations on them, old and new."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class Shape(BaseModel):
    """Ignores what it does not declare; an explicit null is the same as a missing key."""

    model_config = ConfigDict(alias_generator=to_pascal)


class InputColumn(Shape):
    """A column of what a data set reads, as that calls it."""

    name: str = Field(min_length=1)
    id: str | None = None
    type: str
    sub_type: str | None = None


class ColumnIdMapping(Shape):
    """What a step calls a column of the step before."""

    source_column_id: str
    target_column_id: str


class StepSource(Shape):
    """``TransformOperationSource``: the step that a step continues."""

    transform_operation_id: str
    column_id_mappings: list[ColumnIdMapping] | None = None


class ProjectOperation(Shape):
    """Keeps the columns that it names."""

    source: StepSource | None = None
    projected_columns: list[str]


class CalculatedColumn(Shape):
    """A column and the expression that makes it."""

    column_name: str
    column_id: str
    expression: str


class CreateColumnsOperation(Shape):
    """Calculated columns, which may use each other."""

    source: StepSource | None = None
    columns: list[CalculatedColumn]


class RenameColumnOperation(Shape):
    """A column's new name."""

    column_name: str
    new_column_name: str


class CastColumnTypeOperation(Shape):
    """A column's new type."""

    column_name: str
    new_column_type: str
    sub_type: str | None = None


class Text(Shape):
    """A text, as descriptions wrap theirs."""

    text: str | None = None


class ColumnTag(Shape):
    """What a column is; of its members one is there."""

    column_geographic_role: str | None = None
    column_description: Text | None = None


class TagColumnOperation(Shape):
    """Says what a column is."""

    column_name: str
    tags: list[ColumnTag]


class UntagColumnOperation(Shape):
    """Takes back what was said of a column."""

    column_name: str
    tag_names: list[str]
