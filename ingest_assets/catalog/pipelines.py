"""Pipelines, and containers: what moves data, and where files lie."""

from __future__ import annotations

from typing import Literal

from ingest_assets.catalog.entities import Column, Entity, Model, Service


class PipelineService(Service):
    """The service that holds pipelines."""

    type: Literal["pipelineService"] = "pipelineService"


class Task(Model):
    """A step of a pipeline.

    Attributes:
        name: Unique within the pipeline.
        task_type: In the service's own words.
        sql: What it runs.
        downstream: Names of the tasks that follow.
    """

    name: str
    display_name: str | None = None
    description: str | None = None
    task_type: str | None = None
    sql: str | None = None
    source_url: str | None = None
    downstream: tuple[str, ...] = ()


class Pipeline(Entity):
    """A pipeline: in Firehose, a delivery stream.

    Attributes:
        tasks: Its steps.
        concurrency: How often it may run at once.
        location: Where it is defined.
        start_date: ISO 8601 date and time.
        schedule_interval: Cron text.
    """

    type: Literal["pipeline"] = "pipeline"
    tasks: tuple[Task, ...] = ()
    concurrency: int | None = None
    location: str | None = None
    start_date: str | None = None
    schedule_interval: str | None = None


class StorageService(Service):
    """The service that holds containers."""

    type: Literal["storageService"] = "storageService"


class Container(Entity):
    """A bucket, or a place in one.

    Attributes:
        path: Names from the service down: bucket, then what lies in it.
        prefix: Its place within the container that holds it, e.g. ``/orders/``.
        full_path: Address, e.g. ``s3://lake/orders/``.
        size: Bytes.
        number_of_objects: How many files.
        file_formats: OpenMetadata's words, e.g. ``parquet``.
        columns: Of the files, where they share a structure; None: not known to.
        is_partitioned: Whether the files lie in folders by value.
    """

    type: Literal["container"] = "container"
    prefix: str | None = None
    full_path: str | None = None
    size: float | None = None
    number_of_objects: float | None = None
    file_formats: tuple[str, ...] = ()
    columns: tuple[Column, ...] | None = None
    is_partitioned: bool = False
