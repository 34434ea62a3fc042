"""Dashboards, the charts on them, and the data models behind."""

from __future__ import annotations

from typing import Literal

from ingest_assets.catalog.entities import Column, Entity, Service


class DashboardService(Service):
    """The service that holds dashboards, charts and data models."""

    type: Literal["dashboardService"] = "dashboardService"


class DataModel(Entity):
    """What charts are made from: in QuickSight a data set, in Looker an explore or a view.

    Attributes:
        data_model_type: OpenMetadata's word, e.g. ``LookMlView``.
        columns: Each once, in the source's order.
        sql: The statement behind it.
        project: Folders that it lies in, e.g. ``Sales/Weekly``.
    """

    type: Literal["dashboardDataModel"] = "dashboardDataModel"
    data_model_type: str
    columns: tuple[Column, ...]
    sql: str | None = None
    project: str | None = None


class Chart(Entity):
    """A chart.

    Attributes:
        chart_type: OpenMetadata's word, e.g. ``Bar``; ``Other`` where it has none.
    """

    type: Literal["chart"] = "chart"
    chart_type: str = "Other"


class Dashboard(Entity):
    """A dashboard or report.

    Attributes:
        dashboard_type: ``Dashboard`` or ``Report``.
        project: Folders that it lies in, e.g. ``Sales/Weekly``.
        charts: Names of its charts, which are in the same service.
        data_models: Names of its data models, which are in the same service.
        published: When what readers see was last changed, in milliseconds since the epoch.
        views: How often it was looked at, ever; None: not asked for, or not known. No part of what is put: usage is
            told by days, beside the entity.
    """

    type: Literal["dashboard"] = "dashboard"
    dashboard_type: str = "Dashboard"
    project: str | None = None
    charts: tuple[str, ...] = ()
    data_models: tuple[str, ...] = ()
    published: int | None = None
    views: int | None = None
