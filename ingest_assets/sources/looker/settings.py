"""What is read of a Looker instance, as the recipe says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


def _keep_all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class LookerSettings:
    """What a recipe says about Looker.

    Attributes:
        service: Name of the dashboard service.
        base_url: Address of the instance, which links lead to.
        dashboard_filter: Tells by title which dashboards and looks are kept.
        chart_filter: Tells by title which tiles are kept.
        data_model_filter: Tells by the names of their data models which explores and views are kept.
        project_filter: Tells by the folders that something lies in whether it is kept, where they may not be seen by
            None; None: all is kept.
        include_owners: Whether owners are asked for.
        include_tags: Whether LookML's tags become tags.
        include_data_models: Whether explores and views are read.
        include_drafts: Whether hidden dashboards are read, and those in people's own folders.
        include_looks: Whether looks are read.
        include_usage: Whether it is told how often dashboards and looks were looked at.
        places: Where the tables of a connection lie, by its name: FQN of a service, or of a database in one.
        user_attributes: What Liquid in LookML may ask for, by name.
        threads: Things asked about at once.
    """

    service: str
    base_url: str
    dashboard_filter: Callable[[str], bool] = _keep_all
    chart_filter: Callable[[str], bool] = _keep_all
    data_model_filter: Callable[[str], bool] = _keep_all
    project_filter: Callable[[Sequence[str] | None], bool] | None = None
    include_owners: bool = False
    include_tags: bool = True
    include_data_models: bool = True
    include_drafts: bool = True
    include_looks: bool = False
    include_usage: bool = True
    places: Mapping[str, str] = field(default_factory=dict)
    user_attributes: Mapping[str, str] = field(default_factory=dict)
    threads: int = 8
