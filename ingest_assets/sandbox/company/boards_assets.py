"""What lies in QuickSight, and what people may do with it, in AWS's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest_assets.sandbox.company.glue import Row

Kind = Literal["dashboard", "analysis", "dataset", "datasource", "folder"]
Undescribed = Literal["file-upload", "new-preparation"]

ID_MEMBERS: Mapping[Kind, str] = {
    "dashboard": "DashboardId",
    "analysis": "AnalysisId",
    "dataset": "DataSetId",
    "datasource": "DataSourceId",
    "folder": "FolderId",
}
"""What AWS calls the id of each kind."""

_OWNING: Mapping[Kind, tuple[str, ...]] = {
    "dashboard": (
        "DescribeDashboard",
        "ListDashboardVersions",
        "UpdateDashboardPermissions",
        "QueryDashboard",
        "UpdateDashboard",
        "DeleteDashboard",
        "DescribeDashboardPermissions",
        "UpdateDashboardPublishedVersion",
    ),
    "analysis": (
        "RestoreAnalysis",
        "UpdateAnalysisPermissions",
        "DeleteAnalysis",
        "DescribeAnalysisPermissions",
        "QueryAnalysis",
        "DescribeAnalysis",
        "UpdateAnalysis",
    ),
    "dataset": (
        "UpdateDataSetPermissions",
        "DescribeDataSet",
        "DescribeDataSetPermissions",
        "PassDataSet",
        "DescribeIngestion",
        "ListIngestions",
        "UpdateDataSet",
        "DeleteDataSet",
        "CreateIngestion",
        "CancelIngestion",
    ),
    "datasource": (
        "UpdateDataSourcePermissions",
        "DescribeDataSource",
        "DescribeDataSourcePermissions",
        "PassDataSource",
        "UpdateDataSource",
        "DeleteDataSource",
    ),
    "folder": (
        "CreateFolder",
        "DescribeFolder",
        "UpdateFolder",
        "DeleteFolder",
        "CreateFolderMembership",
        "DeleteFolderMembership",
        "DescribeFolderPermissions",
        "UpdateFolderPermissions",
    ),
}
_VIEWING: Mapping[Kind, tuple[str, ...]] = {
    "dashboard": ("DescribeDashboard", "ListDashboardVersions", "QueryDashboard"),
    "analysis": ("DescribeAnalysis", "QueryAnalysis"),
    "dataset": ("DescribeDataSet", "DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions"),
    "datasource": ("DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource"),
    "folder": ("DescribeFolder",),
}


@dataclass
class Asset:
    """One dashboard, analysis, data set, data source or folder; tests may change it at any time.

    Attributes:
        kind: As ARNs name it.
        id: Unique among its kind.
        row: As AWS describes it.
        definition: Of a dashboard or analysis, as ``DescribeDashboardDefinition`` gives it.
        permissions: As AWS describes them.
        tags: By key.
        undescribed: Why ``DescribeDataSet`` refuses it although it is listed.
        parent: Id of the folder that a folder lies in.
        members: ARNs of what lies in a folder, as they were put there.
        ingestions: Refreshes of a data set, newest first.
        schedules: Planned refreshes of a data set.
    """

    kind: Kind
    id: str
    row: Row
    definition: Row | None = None
    permissions: list[Row] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    undescribed: Undescribed | None = None
    parent: str | None = None
    members: list[str] = field(default_factory=list)
    ingestions: list[Row] = field(default_factory=list)
    schedules: list[Row] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.row["Arn"])


def owning(kind: Kind, principal: str) -> Row:
    """The permission of who may change an asset."""
    return _permission(_OWNING[kind], principal)


def viewing(kind: Kind, principal: str) -> Row:
    """The permission of who may see an asset."""
    return _permission(_VIEWING[kind], principal)


def _permission(actions: tuple[str, ...], principal: str) -> Row:
    return {"Principal": principal, "Actions": [f"quicksight:{action}" for action in actions]}
