"""Tries each permission that a QuickSight recipe needs, and those that would show more."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.aws_probing import try_call
from ingest_assets.sources.probing import ProbeStep
from ingest_assets.sources.quicksight.source import QuickSightSettings

_SERVICE = "quicksight"
_NOT_DESCRIBED = "InvalidParameterValueException"


def probe(session: AwsSession, settings: QuickSightSettings) -> Iterator[ProbeStep]:
    """Try every permission with the smallest call that needs it.

    Args:
        session: The run's.
        settings: The recipe's.

    Raises:
        AuthenticationError: The credentials are refused; nothing else can be told.
        DeadlineExceededError: The run's time is over.
    """
    trial = _Trial(session, settings.account_id)
    dashboard = yield from trial.first("ListDashboards", "DashboardSummaryList", "DashboardId")
    if dashboard is not None:
        yield from trial.of("DescribeDashboard", "DashboardId", dashboard)
        yield from trial.besides("DescribeDashboardDefinition", "DashboardId", dashboard, "visuals, and what they show")
    if settings.include_data_models:
        yield from _data_sets(trial, settings)
    if settings.include_analyses:
        analysis = yield from trial.first("ListAnalyses", "AnalysisSummaryList", "AnalysisId")
        if analysis is not None:
            yield from trial.of("DescribeAnalysis", "AnalysisId", analysis)
            yield from trial.besides("DescribeAnalysisDefinition", "AnalysisId", analysis, "visuals of analyses")
            if settings.include_owners:
                yield from trial.besides("DescribeAnalysisPermissions", "AnalysisId", analysis, "owners of analyses")
    yield from _more(trial, settings, dashboard)


def _data_sets(trial: _Trial, settings: QuickSightSettings) -> Iterator[ProbeStep]:
    data_set = yield from trial.first("ListDataSets", "DataSetSummaries", "DataSetId")
    if data_set is not None:
        yield from trial.of("DescribeDataSet", "DataSetId", data_set)
        if settings.include_refreshes:
            yield from trial.besides("ListIngestions", "DataSetId", data_set, "refreshes that failed")
        if settings.include_owners:
            yield from trial.besides("DescribeDataSetPermissions", "DataSetId", data_set, "owners of data sets")
    data_source = yield from trial.first("ListDataSources", "DataSources", "DataSourceId")
    if data_source is not None:
        yield from trial.of("DescribeDataSource", "DataSourceId", data_source)


def _more(trial: _Trial, settings: QuickSightSettings, dashboard: str | None) -> Iterator[ProbeStep]:
    step, answer = trial.try_it("ListFolders", "all folders", {"MaxResults": 1})
    yield _optional(step, "folders, as projects")
    folder = next((str(each["FolderId"]) for each in answer.get("FolderSummaryList", []) if "FolderId" in each), None)
    if folder is not None:
        for operation in ("DescribeFolder", "ListFolderMembers"):
            yield from trial.besides(operation, "FolderId", folder, "folders, as projects")
    if dashboard is None:
        return
    if settings.include_tags:
        yield trial.tags(dashboard)
    if settings.include_owners:
        yield from trial.besides("DescribeDashboardPermissions", "DashboardId", dashboard, "owners of dashboards")
        namespace = settings.namespace or "default"
        asked = {"Namespace": namespace, "MaxResults": 1}
        yield _optional(trial.try_it("ListUsers", namespace, asked)[0], "mail addresses of owners")


class _Trial:
    def __init__(self, session: AwsSession, account: str) -> None:
        self._session = session
        self._account = account

    def try_it(self, operation: str, subject: str, asked: dict[str, Any]) -> tuple[ProbeStep, dict[str, Any]]:
        step, answer = try_call(self._session, _SERVICE, operation, subject, {"AwsAccountId": self._account, **asked})
        if step.granted is None and _NOT_DESCRIBED in step.detail:
            # An uploaded file, which nothing is told of: permissions are looked at first.
            step = step._replace(granted=True, detail="granted; QuickSight can't describe it")
        return step, answer

    def first(self, operation: str, key: str, name: str) -> Generator[ProbeStep, None, str | None]:
        """Try a listing.

        Returns:
            The first item's id; None where none was seen.
        """
        step, answer = self.try_it(operation, "the account", {"MaxResults": 1})
        yield step
        return next((str(item[name]) for item in answer.get(key, []) if name in item), None)

    def of(self, operation: str, key: str, name: str) -> Iterator[ProbeStep]:
        yield self.try_it(operation, name, {key: name})[0]

    def besides(self, operation: str, key: str, name: str, shows: str) -> Iterator[ProbeStep]:
        yield _optional(self.try_it(operation, name, {key: name})[0], shows)

    def tags(self, dashboard: str) -> ProbeStep:
        session = self._session
        arn = f"arn:{session.partition}:{_SERVICE}:{session.region}:{self._account}:dashboard/{dashboard}"
        return _optional(try_call(session, _SERVICE, "ListTagsForResource", dashboard, {"ResourceArn": arn})[0], "tags")


def _optional(step: ProbeStep, shows: str) -> ProbeStep:
    detail = step.detail if step.granted else f"would show {shows}; {step.detail}"
    return step._replace(required=False, detail=detail)
