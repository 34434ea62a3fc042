"""Amazon QuickSight: dashboards, analyses, data sets, data sources and folders in real pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ingest_assets.sandbox.aws.operations import Caller, Operation, Params
from ingest_assets.sandbox.aws.quicksight_people import PeopleOperations
from ingest_assets.sandbox.aws.quicksight_places import Places, with_request_id
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_assets import ID_MEMBERS, Asset, Kind
from ingest_assets.sandbox.company.glue import Row
from ingest_assets.sandbox.faults import Faults

_PAGED = frozenset({"AwsAccountId", "NextToken", "MaxResults"})
_SUMMARIES: Mapping[Kind, tuple[str, ...]] = {
    "dashboard": ("Arn", "DashboardId", "Name", "CreatedTime", "LastUpdatedTime", "LastPublishedTime"),
    "analysis": ("Arn", "AnalysisId", "Name", "Status", "CreatedTime", "LastUpdatedTime"),
    "dataset": (
        "Arn",
        "DataSetId",
        "Name",
        "CreatedTime",
        "LastUpdatedTime",
        "ImportMode",
        "RowLevelPermissionDataSet",
        "UseAs",
    ),
    "folder": ("Arn", "FolderId", "Name", "FolderType", "CreatedTime", "LastUpdatedTime", "SharingModel"),
}
_UNDESCRIBED = {
    "file-upload": "The data set type is not supported through API yet",
    "new-preparation": "DescribeDataSet is not supported for this dataSet in new data preparation experience",
}
_TAGGED = re.compile(r"arn:aws[\w-]*:quicksight:(?P<region>[^:]+):\d{12}:(?P<kind>[a-z]+)/(?P<id>[^/]+)")


class QuickSightService:
    """The QuickSight operations that are built.

    Args:
        boards: The state behind.
        faults: For the kinds that only a listing or a look-up can act out.
    """

    name = "quicksight"

    def __init__(self, boards: Boards, faults: Faults) -> None:
        self._boards = boards
        self._places = Places(boards, faults)
        self._people = PeopleOperations(self._places)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        built = {
            "ListDashboards": self._list("dashboard", "ListDashboards", "DashboardSummaryList"),
            "ListAnalyses": self._list("analysis", "ListAnalyses", "AnalysisSummaryList"),
            "ListDataSets": self._list("dataset", "ListDataSets", "DataSetSummaries"),
            "ListDataSources": self._list("datasource", "ListDataSources", "DataSources"),
            "ListFolders": self._list("folder", "ListFolders", "FolderSummaryList"),
            "DescribeDashboard": self._describe("dashboard", "Dashboard"),
            "DescribeAnalysis": self._describe("analysis", "Analysis"),
            "DescribeDataSet": Operation(self.describe_data_set, _of("dataset"), _id_of("dataset")),
            "DescribeDataSource": self._describe("datasource", "DataSource"),
            "DescribeFolder": Operation(self.describe_folder, _of("folder"), _id_of("folder")),
            "DescribeDashboardDefinition": self._definition("dashboard", "Dashboard"),
            "DescribeAnalysisDefinition": self._definition("analysis", "Analysis"),
            "DescribeDashboardPermissions": self._permissions("dashboard", "Dashboard"),
            "DescribeAnalysisPermissions": self._permissions("analysis", "Analysis"),
            "DescribeDataSetPermissions": self._permissions("dataset", "DataSet"),
            "ListFolderMembers": Operation(self.list_folder_members, _PAGED | _of("folder"), _id_of("folder")),
            "ListIngestions": Operation(self.list_ingestions, _PAGED | _of("dataset"), _id_of("dataset")),
            "ListRefreshSchedules": Operation(self.list_refresh_schedules, _of("dataset"), _id_of("dataset")),
            "ListTagsForResource": Operation(self.list_tags_for_resource, frozenset({"ResourceArn"}), _tagged),
            **self._people.operations,
        }
        return {
            name: Operation(with_request_id(operation.handler), operation.honours, operation.subject)
            for name, operation in built.items()
        }

    def describe_data_set(self, caller: Caller, params: Params) -> Params:
        """``DescribeDataSet``: refuses what was uploaded, and what was made in the new data preparation."""
        asset = self._places.named(caller, "dataset", params, "DescribeDataSet")
        if asset.undescribed is not None:
            raise Refusal("InvalidParameterValueException", _UNDESCRIBED[asset.undescribed])
        with self._boards.lock:
            return {"DataSet": dict(asset.row)}

    def describe_folder(self, caller: Caller, params: Params) -> Params:
        """``DescribeFolder``: with the folders that it lies in, the outermost first."""
        asset = self._places.named(caller, "folder", params, "DescribeFolder")
        with self._boards.lock:
            path = self._boards.path(asset.id)
            return {"Folder": {**asset.row, **({"FolderPath": path} if path else {})}}

    def list_folder_members(self, caller: Caller, params: Params) -> Params:
        """``ListFolderMembers``: assets only; folders say themselves where they lie."""
        asset = self._places.named(caller, "folder", params, "ListFolderMembers")
        with self._boards.lock:
            members = {arn.rpartition(":")[2]: arn for arn in asset.members}
        return self._places.page("ListFolderMembers", asset.id, params, "FolderMemberList", members, _member)

    def list_ingestions(self, caller: Caller, params: Params) -> Params:
        """``ListIngestions``: the newest first."""
        asset = self._places.named(caller, "dataset", params, "ListIngestions")
        with self._boards.lock:
            rows = {f"{at:06d}/{row['IngestionId']}": row for at, row in enumerate(asset.ingestions)}
        return self._places.page("ListIngestions", asset.id, params, "Ingestions", rows, dict)

    def list_refresh_schedules(self, caller: Caller, params: Params) -> Params:
        """``ListRefreshSchedules``: five at most, so that there is one page."""
        asset = self._places.named(caller, "dataset", params, "ListRefreshSchedules")
        with self._boards.lock:
            return {"RefreshSchedules": list(asset.schedules)}

    def list_tags_for_resource(self, caller: Caller, params: Params) -> Params:
        """``ListTagsForResource``: all tags of an asset at once."""
        arn, operation = params["ResourceArn"], "ListTagsForResource"
        match = _TAGGED.fullmatch(arn)
        if match is None:
            raise Refusal("InvalidParameterValueException", f"{arn} is not a valid resource ARN")
        self._places.allow(caller, operation, arn)
        kind = next((kind for kind in ID_MEMBERS if kind == match["kind"]), None)
        if kind is None or match["region"] != caller.region:
            raise Refusal("InvalidParameterValueException", f"{arn} is of a type or region that has no tags here")
        asset = self._places.found(caller, kind, match["id"], operation)
        with self._boards.lock:
            tags = [{"Key": key, "Value": value} for key, value in sorted(asset.tags.items())]
            return {"Tags": tags} if tags else {}  # the model has no empty list of tags

    def _list(self, kind: Kind, operation: str, member: str) -> Operation:
        """A list of all assets of a kind."""

        def answer(caller: Caller, params: Params) -> Params:
            self._places.allow(caller, operation, self._places.arn(caller, params, f"{kind}/*"))
            with self._boards.lock:
                assets = self._boards.assets(kind) if self._places.is_here(caller) else {}
                return self._places.page(operation, "", params, member, assets, _summary)

        return Operation(answer, _PAGED, lambda _: "")

    def _describe(self, kind: Kind, member: str) -> Operation:
        """What one asset is."""

        def answer(caller: Caller, params: Params) -> Params:
            asset = self._places.named(caller, kind, params, f"Describe{member}")
            with self._boards.lock:
                return {member: dict(asset.row)}

        return Operation(answer, _of(kind), _id_of(kind))

    def _definition(self, kind: Kind, word: str) -> Operation:
        """What is on the sheets of a dashboard or analysis."""

        def answer(caller: Caller, params: Params) -> Params:
            asset = self._places.named(caller, kind, params, f"Describe{word}Definition")
            with self._boards.lock:
                described = asset.row.get("Version", asset.row)
                facts = {f"{word}Id": asset.id, "Name": asset.row["Name"], "ResourceStatus": described["Status"]}
                facts |= {member: described[member] for member in ("Errors", "ThemeArn") if member in described}
                return facts | ({} if asset.definition is None else {"Definition": asset.definition})

        return Operation(answer, _of(kind), _id_of(kind))

    def _permissions(self, kind: Kind, word: str) -> Operation:
        """Who may do what with one asset."""

        def answer(caller: Caller, params: Params) -> Params:
            asset = self._places.named(caller, kind, params, f"Describe{word}Permissions")
            with self._boards.lock:
                facts: Params = {f"{word}Id": asset.id, f"{word}Arn": asset.arn}
                return facts | ({"Permissions": list(asset.permissions)} if asset.permissions else {})

        return Operation(answer, _of(kind), _id_of(kind))


def _of(kind: Kind) -> frozenset[str]:
    return frozenset({"AwsAccountId", ID_MEMBERS[kind]})


def _id_of(kind: Kind) -> Callable[[Params], str]:
    return lambda params: str(params[ID_MEMBERS[kind]])


def _tagged(params: Params) -> str:
    match = _TAGGED.fullmatch(params["ResourceArn"])
    return match["id"] if match else str(params["ResourceArn"])


def _summary(asset: Asset) -> Row:
    """A row of a list; that of data sources is all that there is to describe."""
    row = asset.row
    shown = {member: row[member] for member in _SUMMARIES.get(asset.kind, tuple(row)) if member in row}
    if asset.kind == "dashboard" and "LastPublishedTime" in row:
        shown["PublishedVersionNumber"] = row["Version"]["VersionNumber"]
    if asset.kind == "dataset":
        shown["RowLevelPermissionTagConfigurationApplied"] = "RowLevelPermissionTagConfiguration" in row
        shown["ColumnLevelPermissionRulesApplied"] = bool(row.get("ColumnLevelPermissionRules"))
    return shown


def _member(arn: str) -> Row:
    return {"MemberId": arn.rpartition("/")[2], "MemberArn": arn}
