"""The company's QuickSight as state: data sources, data sets, dashboards, analyses, and the folders they lie in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from ingest_assets.errors import NotFoundError, RejectedError
from ingest_assets.sandbox.company.boards_assets import ID_MEMBERS, Asset, Kind, Undescribed, owning, viewing
from ingest_assets.sandbox.company.boards_people import Namespaces
from ingest_assets.sandbox.company.glue import FOUNDED, Row

Edition = Literal["STANDARD", "ENTERPRISE", "ENTERPRISE_AND_Q"]

REFUSED_IN_STANDARD = frozenset(
    {
        "ListFolders",
        "DescribeFolder",
        "ListFolderMembers",
        "DescribeDashboardDefinition",
        "DescribeDashboardPermissions",
        "DescribeAnalysisDefinition",
        "DescribeAnalysisPermissions",
    }
)
"""What the Standard edition has not."""


@dataclass(frozen=True)
class BoardChange:
    """A change in QuickSight.

    Attributes:
        action: What was done.
        asset: To what; a folder where its members changed.
        parent_arn: Of the folder that a folder lies in.
        members_added: ARNs that were put into it.
    """

    action: Literal["create", "update", "delete", "members"]
    asset: Asset
    parent_arn: str | None = None
    members_added: tuple[str, ...] = ()


class Boards:
    """QuickSight in one region, safe to read and change from several threads.

    Args:
        account: Twelve digits.
        region: Where the assets are; other regions are empty.
        now: Tells the time by which calls are counted.

    Attributes:
        edition: None for an account that has never subscribed.
        refused_in_standard: Operations that the Standard edition refuses.
        people: Users and groups, by namespace; they are asked for in ``region`` only.
        limits: Calls a second that are served, by operation; empty serves any number.
        page: Most rows in a page, whatever is asked for.
        listeners: Told of each change once it is made; ``clear`` tells nothing.
    """

    def __init__(self, account: str, region: str, now: Callable[[], datetime] | None = None) -> None:
        self.account = account
        self.region = region
        self.lock = threading.RLock()
        self.now = now or (lambda: datetime.now(timezone.utc))
        self.edition: Edition | None = "ENTERPRISE"
        self.refused_in_standard = set(REFUSED_IN_STANDARD)
        self.limits: dict[str, int] = {}
        self.page = 100
        self.people = Namespaces(account, region)
        self.listeners: list[Callable[[BoardChange], None]] = []
        self._assets: dict[Kind, dict[str, Asset]] = {kind: {} for kind in ID_MEMBERS}

    def arn(self, kind: Kind, asset_id: str) -> str:
        """The ARN that an asset of this id has."""
        return f"arn:aws:quicksight:{self.region}:{self.account}:{kind}/{asset_id}"

    def add_data_source(self, source_id: str, source_type: str, parameters: Row | None = None, **facts: Any) -> Asset:
        """Add or replace a data source.

        Args:
            source_id: Its id.
            source_type: As AWS names them, e.g. ``ATHENA``.
            parameters: ``DataSourceParameters``; AWS gives none for file uploads and some services.
            facts: As of ``add``.
        """
        members: Row = {"Type": source_type, "Status": "CREATION_SUCCESSFUL"}
        if parameters is not None:
            members["DataSourceParameters"] = parameters
        return self.add("datasource", source_id, **(members | facts))

    def add_data_set(
        self,
        set_id: str,
        physical: Row,
        *,
        logical: Row | None = None,
        columns: Iterable[Row] = (),
        undescribed: Undescribed | None = None,
        **facts: Any,
    ) -> Asset:
        """Add or replace a data set.

        Args:
            set_id: Its id.
            physical: ``PhysicalTableMap``.
            logical: ``LogicalTableMap``; one logical table for each physical one when None.
            columns: ``OutputColumns``.
            undescribed: As of ``Asset``.
            facts: As of ``add``.
        """
        members: Row = {
            "PhysicalTableMap": physical,
            "LogicalTableMap": _plain(physical) if logical is None else logical,
            "OutputColumns": list(columns),
            "ImportMode": "SPICE",
            "ConsumedSpiceCapacityInBytes": 0,
        }
        asset = self._made("dataset", set_id, **(members | facts))
        asset.undescribed = undescribed
        return self._enter(asset)

    def add_dashboard(
        self,
        dashboard_id: str,
        data_sets: Mapping[str, str] | None = None,
        sheets: Iterable[Row] = (),
        *,
        version: int = 1,
        published: bool = True,
        description: str | None = None,
        source: str | None = None,
        **facts: Any,
    ) -> Asset:
        """Add or replace a dashboard.

        Args:
            dashboard_id: Its id.
            data_sets: Ids or ARNs of data sets by the identifiers that visuals name them with.
            sheets: ``SheetDefinition``s.
            version: Number of the version.
            published: Whether the version was ever published; a dashboard whose creation failed never is.
            description: Of the version.
            source: ARN of the analysis or template that it was made from.
            facts: As of ``add``; ``definition`` adds members to the definition.
        """
        definition = self._definition(data_sets or {}, sheets, facts.pop("definition", {}))
        arn, changed = self.arn("dashboard", dashboard_id), facts.get("LastUpdatedTime", FOUNDED)
        row: Row = {
            "CreatedTime": changed,
            "VersionNumber": version,
            "Status": "CREATION_SUCCESSFUL" if published else "CREATION_FAILED",
            "Arn": f"{arn}/version/{version}",
            "DataSetArns": [declared["DataSetArn"] for declared in definition["DataSetIdentifierDeclarations"]],
            "Sheets": _sheets(definition),
        }
        row |= {} if description is None else {"Description": description}
        row |= {} if source is None else {"SourceEntityArn": source}
        members: Row = {"Version": row, **({"LastPublishedTime": changed} if published else {})}
        asset = self._made("dashboard", dashboard_id, **(members | facts))
        asset.definition = definition
        return self._enter(asset)

    def add_analysis(
        self,
        analysis_id: str,
        data_sets: Mapping[str, str] | None = None,
        sheets: Iterable[Row] = (),
        **facts: Any,
    ) -> Asset:
        """Add or replace an analysis; ``Status`` is ``DELETED`` for thirty days before it is gone."""
        definition = self._definition(data_sets or {}, sheets, facts.pop("definition", {}))
        members: Row = {
            "Status": "CREATION_SUCCESSFUL",
            "DataSetArns": [declared["DataSetArn"] for declared in definition["DataSetIdentifierDeclarations"]],
            "Sheets": _sheets(definition),
        }
        asset = self._made("analysis", analysis_id, **(members | facts))
        asset.definition = definition
        return self._enter(asset)

    def add_folder(
        self, folder_id: str, members: Iterable[str] = (), *, parent: str | None = None, **facts: Any
    ) -> Asset:
        """Add or replace a folder.

        Args:
            folder_id: Its id.
            members: ARNs of the assets in it.
            parent: Id of the folder that it lies in.
            facts: As of ``add``.
        """
        if parent is not None:
            self.asset("folder", parent)
        asset = self._made("folder", folder_id, **({"FolderType": "SHARED", "SharingModel": "ACCOUNT"} | facts))
        asset.parent, asset.members = parent, list(members)
        return self._enter(asset)

    def add(self, kind: Kind, asset_id: str, **facts: Any) -> Asset:
        """Add or replace an asset.

        Args:
            kind: As ARNs name it.
            asset_id: Its id.
            facts: ``name`` (what people see; the id when None), ``tags`` by key, ``owners`` (ARNs of users and groups
                that may change it), ``viewers`` (ARNs of users, groups and namespaces that may see it), and members
                of its description.
        """
        return self._enter(self._made(kind, asset_id, **facts))

    def add_ingestion(self, set_id: str, ingestion_id: str, status: str = "COMPLETED", **members: Any) -> Row:
        """Add a refresh of a data set, newer than those before."""
        with self.lock:
            asset = self.asset("dataset", set_id)
            row = {
                "Arn": f"{asset.arn}/ingestion/{ingestion_id}",
                "IngestionId": ingestion_id,
                "IngestionStatus": status,
                "CreatedTime": FOUNDED,
                "RequestSource": "SCHEDULED",
                "RequestType": "FULL_REFRESH",
            } | members
            asset.ingestions.insert(0, row)
            return row

    def add_schedule(self, set_id: str, schedule_id: str, interval: str = "DAILY", **frequency: Any) -> Row:
        """Plan the refreshes of a data set."""
        with self.lock:
            asset = self.asset("dataset", set_id)
            row = {
                "ScheduleId": schedule_id,
                "ScheduleFrequency": {"Interval": interval, **frequency},
                "StartAfterDateTime": FOUNDED,
                "RefreshType": "FULL_REFRESH",
                "Arn": f"{asset.arn}/refresh-schedule/{schedule_id}",
            }
            asset.schedules.append(row)
            return row

    def put_in(self, folder_id: str, asset: Asset) -> None:
        """Put an asset into one more folder.

        Raises:
            RejectedError: It is a folder; those are made where they lie.
        """
        if asset.kind == "folder":
            raise RejectedError("A folder is no member; give it parent=.", where=f"folder {folder_id}")
        with self.lock:
            folder = self.asset("folder", folder_id)
            if asset.arn not in folder.members:
                folder.members.append(asset.arn)
                self._tell(BoardChange("members", folder, members_added=(asset.arn,)))

    def ids(self, kind: Kind) -> list[str]:
        """Ids of all assets of a kind, sorted."""
        with self.lock:
            return sorted(self._assets[kind])

    def assets(self, kind: Kind) -> dict[str, Asset]:
        """All assets of a kind by their ids."""
        with self.lock:
            return dict(self._assets[kind])

    def find(self, kind: Kind, asset_id: str) -> Asset | None:
        """One asset; None when there is none of that id."""
        with self.lock:
            return self._assets[kind].get(asset_id)

    def asset(self, kind: Kind, asset_id: str) -> Asset:
        """One asset.

        Raises:
            NotFoundError: There is none of that id.
        """
        asset = self.find(kind, asset_id)
        if asset is None:
            raise NotFoundError(f"the company has no {kind} {asset_id!r} in QuickSight", where="sandbox company")
        return asset

    def drop(self, kind: Kind, asset_id: str) -> None:
        """Take an asset away, out of its folders too; a folder goes with the folders in it."""
        with self.lock:
            dropped = self.asset(kind, asset_id)
            del self._assets[kind][asset_id]
            self._tell(BoardChange("delete", dropped))
            for folder in list(self._assets["folder"].values()):
                folder.members = [arn for arn in folder.members if arn != dropped.arn]
                if kind == "folder" and folder.parent == asset_id:
                    self.drop("folder", folder.id)

    def clear(self) -> None:
        """Take all assets away; people stay."""
        with self.lock:
            for assets in self._assets.values():
                assets.clear()

    def path(self, folder_id: str) -> list[str]:
        """ARNs of the folders that a folder lies in, the outermost first."""
        with self.lock:
            parent = self.asset("folder", folder_id).parent
            return [] if parent is None else [*self.path(parent), self.arn("folder", parent)]

    def _made(
        self,
        kind: Kind,
        asset_id: str,
        *,
        name: str | None = None,
        tags: Mapping[str, str] | None = None,
        owners: Iterable[str] = (),
        viewers: Iterable[str] = (),
        **members: Any,
    ) -> Asset:
        row: Row = {
            "Arn": self.arn(kind, asset_id),
            ID_MEMBERS[kind]: asset_id,
            "Name": asset_id if name is None else name,
            "CreatedTime": FOUNDED,
            "LastUpdatedTime": FOUNDED,
        }
        permissions = [owning(kind, who) for who in owners] + [viewing(kind, who) for who in viewers]
        return Asset(kind, asset_id, row | members, permissions=permissions, tags=dict(tags or {}))

    def _enter(self, asset: Asset) -> Asset:
        """Let an asset be seen once it is whole, and tell of it."""
        with self.lock:
            known = asset.id in self._assets[asset.kind]
            self._assets[asset.kind][asset.id] = asset
            parent = None if asset.parent is None else self.arn("folder", asset.parent)
            self._tell(BoardChange("update" if known else "create", asset, parent))
        return asset

    def _tell(self, change: BoardChange) -> None:
        for listener in self.listeners:
            listener(change)

    def _definition(self, data_sets: Mapping[str, str], sheets: Iterable[Row], more: Row) -> Row:
        arns = {
            identifier: there if there.startswith("arn:") else self.arn("dataset", there)
            for identifier, there in data_sets.items()
        }
        declared = [{"Identifier": identifier, "DataSetArn": arn} for identifier, arn in arns.items()]
        return {"DataSetIdentifierDeclarations": declared, "Sheets": list(sheets), **more}


def _sheets(definition: Row) -> list[Row]:
    named = ("SheetId", "Name")
    return [{member: sheet[member] for member in named if member in sheet} for sheet in definition["Sheets"]]


def _plain(physical: Row) -> Row:
    """A logical table for each physical one, as QuickSight makes them of what nobody has changed."""
    return {
        f"{table_id}-logical": {
            "Alias": str(next(iter(table.values())).get("Name", table_id)),
            "Source": {"PhysicalTableId": table_id},
        }
        for table_id, table in physical.items()
    }
