"""Dashboards and analyses as QuickSight describes them, each listed and asked about once a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from ingest_assets.catalog import EntityType, Reference
from ingest_assets.errors import InvalidAnswerError, NotFoundError, RejectedError
from ingest_assets.sources.aws import required
from ingest_assets.sources.once import Once
from ingest_assets.sources.optional import Optional, Unread
from ingest_assets.sources.quicksight.account import Account, checked
from ingest_assets.sources.quicksight.board_shapes import (
    Analysis,
    AnalysisSummary,
    Dashboard,
    DashboardSummary,
    Definition,
    Sheet,
)
from ingest_assets.sources.quicksight.visuals import Visual, visuals_of

ANALYSIS = "analysis:"
"""How the names of analyses begin, which may have the id of a dashboard."""

SHEET = "sheet:"
"""How the ids of sheets begin where they stand for visuals."""

DELETED = "DELETED"
_BAD_REQUEST = 400


class Listed(NamedTuple):
    """A dashboard or an analysis of a listing.

    Attributes:
        name: In the catalog.
        id: In QuickSight.
        title: For people.
        arn: Of it.
        is_published: Whether readers have a version of it.
    """

    name: str
    id: str
    title: str
    arn: str
    is_published: bool = True


@dataclass(frozen=True)
class Board:
    """A dashboard or an analysis, described.

    Attributes:
        name: In the catalog.
        id: In QuickSight.
        title: For people.
        description: Of its version.
        data_set_arns: The data sets behind it.
        visuals: On its sheets; the sheets themselves where its definition can't be read.
        is_defined: Whether its definition was read.
        lacks_visuals: Whether it has more of them, of kinds that botocore can't read yet.
        published: When.
    """

    name: str
    id: str
    title: str
    description: str | None
    data_set_arns: tuple[str, ...]
    visuals: tuple[Visual, ...]
    is_defined: bool
    lacks_visuals: bool = False
    published: datetime | None = None

    @property
    def is_analysis(self) -> bool:
        """Whether it is an analysis."""
        return self.name.startswith(ANALYSIS)


class _Shown(NamedTuple):
    """The attributes of ``Board`` of these names."""

    visuals: tuple[Visual, ...]
    is_defined: bool
    lacks_visuals: bool = False


class Boards:
    """Reads dashboards and analyses. Safe to share among threads.

    Args:
        account: Whose.
        include_analyses: Whether analyses are read.
    """

    def __init__(self, account: Account, *, include_analyses: bool) -> None:
        self._account = account
        self._include_analyses = include_analyses
        self._listings: Once[str, tuple[Listed, ...]] = Once(self._list)
        self._boards: Once[str, Board] = Once(self._read)
        self.analyses = Optional("quicksight:ListAnalyses", "Analyses")
        self.definitions = Optional(
            "quicksight:DescribeDashboardDefinition",
            "Visuals of dashboards",
            "Their sheets are shown in place of them.",
        )
        self.analysis_definitions = Optional(
            "quicksight:DescribeAnalysisDefinition", "Visuals of analyses", "Their sheets are shown in place of them."
        )
        self._inexpressible = Unread("Sheets stand for the visuals of {}, whose definitions QuickSight can't show")
        self._unknown_kinds = Unread("Visuals are missing of {} dashboards, and those that are known stay")

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._listings.forget_failures()
        self._boards.forget_failures()

    def listed(self) -> tuple[Listed, ...]:
        """All dashboards and, where they are asked for and may be seen, analyses.

        Raises:
            RemoteError: They could not be listed whole.
        """
        return self._listings.get("all")

    @property
    def sees_analyses(self) -> bool:
        """Whether analyses were listed; to be asked after ``listed``."""
        return self._include_analyses and self.analyses.note() is None

    def board(self, name: str) -> Board:
        """A dashboard or an analysis by its name in the catalog, described with its visuals.

        Raises:
            NotFoundError: There is none, or it was deleted since it was listed.
            RemoteError: It could not be read.
        """
        return self._boards.get(name)

    def is_there(self, name: str) -> bool:
        """Whether there is a dashboard or an analysis of a name in the catalog.

        Raises:
            RemoteError: It can't be told.
        """
        try:
            if name.startswith(ANALYSIS):
                self._describe_analysis(name.removeprefix(ANALYSIS))
            else:
                self._account.call("DescribeDashboard", name, DashboardId=name)
        except NotFoundError:
            return False
        return True

    def notes(self) -> Iterator[str | None]:
        """What people should know of what may not be seen."""
        permissions = (self.analyses, self.definitions, self.analysis_definitions)
        told = (*permissions, self._inexpressible, self._unknown_kinds)
        yield from (each.note() for each in told)

    def _list(self, _: str) -> tuple[Listed, ...]:
        dashboards = self._items("ListDashboards", "DashboardSummaryList", "all dashboards")
        found = [_listed_dashboard(checked(DashboardSummary, item, "a dashboard")) for item in dashboards]
        if self._include_analyses:
            ask = self._items
            analyses = self.analyses.ask(lambda: ask("ListAnalyses", "AnalysisSummaryList", "all analyses")) or ()
            shapes = (checked(AnalysisSummary, item, "an analysis") for item in analyses)
            # What was deleted can be brought back for 30 days, and is listed as long.
            found += [_listed_analysis(each) for each in shapes if each.status != DELETED]
        return tuple({each.name: each for each in found}.values())

    def _items(self, operation: str, key: str, subject: str) -> Sequence[dict[str, Any]]:
        return list(self._account.items(operation, subject, key=key))

    def _read(self, name: str) -> Board:
        if name.startswith(ANALYSIS):
            return self._analysis(name, name.removeprefix(ANALYSIS))
        return self._dashboard(name)

    def _dashboard(self, name: str) -> Board:
        answer = self._account.item("DescribeDashboard", name, key="Dashboard", DashboardId=name)
        told = checked(Dashboard, answer, name)
        operation, sheets = "DescribeDashboardDefinition", told.version.sheets
        shown = self._shown(self.definitions, sheets, name, operation, name, DashboardId=name)
        return Board(
            name=name,
            id=name,
            title=told.name or name,
            description=told.version.description,
            data_set_arns=tuple(dict.fromkeys(told.version.data_set_arns)),
            published=told.last_published_time,
            **shown._asdict(),
        )

    def _analysis(self, name: str, analysis_id: str) -> Board:
        told = self._describe_analysis(analysis_id)
        operation, permission = "DescribeAnalysisDefinition", self.analysis_definitions
        shown = self._shown(permission, told.sheets, name, operation, analysis_id, AnalysisId=analysis_id)
        return Board(
            name=name,
            id=analysis_id,
            title=told.name or analysis_id,
            description=None,
            data_set_arns=tuple(dict.fromkeys(told.data_set_arns)),
            **shown._asdict(),
        )

    def _describe_analysis(self, analysis_id: str) -> Analysis:
        answer = self._account.item("DescribeAnalysis", analysis_id, key="Analysis", AnalysisId=analysis_id)
        told = checked(Analysis, answer, analysis_id)
        if told.status == DELETED:
            raise NotFoundError("It is deleted.", where=f"quicksight:DescribeAnalysis of {analysis_id}")
        return told

    def _shown(
        self, permission: Optional, sheets: Sequence[Sheet], name: str, operation: str, board_id: str, **named: str
    ) -> _Shown:
        """The visuals of a definition; the sheets where it can never be read."""
        definition = self._definition(permission, name, operation, board_id, **named)
        if definition is None:
            return _Shown(_as_visuals(sheets), is_defined=False)
        where = f"quicksight:{operation} of {board_id}"
        lacks = any(not visual for sheet in definition.sheets for visual in sheet.visuals)
        if lacks:
            error = InvalidAnswerError("botocore does not know their kind; a newer one does.", where=where)
            self._unknown_kinds.add(Reference(EntityType.DASHBOARD, (name,)), error)
        return _Shown(tuple(visuals_of(definition, where=where)), is_defined=True, lacks_visuals=lacks)

    def _definition(
        self, permission: Optional, name: str, operation: str, board_id: str, **named: str
    ) -> Definition | None:
        """A definition; None where it can never be read."""
        where, reference = f"quicksight:{operation} of {board_id}", Reference(EntityType.DASHBOARD, (name,))
        try:
            answer = permission.ask(partial(self._account.call, operation, board_id, **named))
        except RejectedError as error:
            if error.status != _BAD_REQUEST:
                # Such as a conflict with who is about to change it, which is over soon.
                raise
            self._inexpressible.add(reference, error)
            return None
        except NotFoundError as error:
            if not self.is_there(name):
                raise
            # It would be taken for deleted, and its visuals with it.
            raise RejectedError(f"It is there, and not its definition: {error.what}", where=where) from error
        if answer is None:
            return None
        if "Definition" not in answer and "RequestId" in answer:
            # The answer is whole: what could not be made of its template has none.
            state = answer.get("ResourceStatus", "no status")
            self._inexpressible.add(reference, RejectedError(f"It has none: {state}.", where=where))
            return None
        return checked(Definition, required(answer, "Definition", dict, where=where), board_id)


def _listed_dashboard(summary: DashboardSummary) -> Listed:
    title, published = summary.name or "", summary.published_version_number is not None
    return Listed(summary.dashboard_id, summary.dashboard_id, title, summary.arn, published)


def _listed_analysis(summary: AnalysisSummary) -> Listed:
    return Listed(f"{ANALYSIS}{summary.analysis_id}", summary.analysis_id, summary.name or "", summary.arn)


def _as_visuals(sheets: Sequence[Sheet]) -> tuple[Visual, ...]:
    return tuple(
        Visual(f"{SHEET}{sheet.sheet_id}", "Other", "Sheet", sheet.name or "", "", sheet.sheet_id, sheet.name or "")
        for sheet in sheets
    )
