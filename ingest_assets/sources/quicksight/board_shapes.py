"""The parts of QuickSight's answers about dashboards, analyses and folders, and of its listings, that are used.

No member of an answer is required by AWS's model; those that QuickSight's documentation always shows are required here,
so that a cut answer is a failed read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class _Shape(BaseModel):
    """Ignores what it does not declare."""

    model_config = ConfigDict(alias_generator=to_pascal)


class DashboardSummary(_Shape):
    """A dashboard as ``ListDashboards`` shows it."""

    dashboard_id: str = Field(min_length=1)
    arn: str
    name: str | None = None
    published_version_number: int | None = None


class AnalysisSummary(_Shape):
    """An analysis as ``ListAnalyses`` shows it, those that were deleted lately included."""

    analysis_id: str = Field(min_length=1)
    arn: str
    name: str | None = None
    status: str | None = None


class DataSetSummary(_Shape):
    """A data set as ``ListDataSets`` shows it."""

    data_set_id: str = Field(min_length=1)
    arn: str
    name: str | None = None
    import_mode: str | None = None


class Sheet(_Shape):
    """A sheet, as what holds it is described."""

    sheet_id: str = Field(min_length=1)
    name: str | None = None


class DashboardVersion(_Shape):
    """``Dashboard.Version``."""

    description: str | None = None
    data_set_arns: list[str] = []
    sheets: list[Sheet] = []


class Dashboard(_Shape):
    """A dashboard as ``DescribeDashboard`` shows it."""

    dashboard_id: str = Field(min_length=1)
    arn: str
    name: str | None = None
    version: DashboardVersion
    last_published_time: datetime | None = None


class Analysis(_Shape):
    """An analysis as ``DescribeAnalysis`` shows it."""

    analysis_id: str = Field(min_length=1)
    arn: str
    name: str | None = None
    status: str
    data_set_arns: list[str] = []
    sheets: list[Sheet] = []


class DataSetDeclaration(_Shape):
    """What a definition calls a data set."""

    identifier: str
    data_set_arn: str


class CalculatedField(_Shape):
    """A field that a definition computes."""

    data_set_identifier: str | None = None
    name: str
    expression: str


class SheetDefinition(_Shape):
    """A sheet of a definition, with its visuals: each an object of one member, which is called after its kind."""

    sheet_id: str = Field(min_length=1)
    name: str | None = None
    title: str | None = None
    visuals: list[dict[str, dict[str, Any]]] = []


class Definition(_Shape):
    """``Definition`` of a dashboard or an analysis; the declarations are the one member that AWS's model requires."""

    data_set_identifier_declarations: list[DataSetDeclaration]
    sheets: list[SheetDefinition] = []
    calculated_fields: list[CalculatedField] = []


class Folder(_Shape):
    """A folder as ``DescribeFolder`` shows it; the path holds the ARNs of those above."""

    folder_id: str = Field(min_length=1)
    arn: str
    name: str
    folder_path: list[str] = []


class Permission(_Shape):
    """What a user, a group or a namespace may do."""

    principal: str
    actions: list[str]


class User(_Shape):
    """A user of a namespace."""

    arn: str
    user_name: str
    email: str | None = None


class Ingestion(_Shape):
    """A refresh of a data set in SPICE."""

    ingestion_status: str
    created_time: datetime
    error_info: dict[str, Any] | None = None
