"""The company's state, from which all services of the sandbox answer."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone

from ingest_assets.sandbox.company import (
    atlas_instance,
    boards_reports,
    events,
    landing,
    looker_instance,
    scale,
    tagging,
)
from ingest_assets.sandbox.company.atlas import AtlasState
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sandbox.company.dbt.runs import DbtRuns
from ingest_assets.sandbox.company.delivery import DeliveryStreams
from ingest_assets.sandbox.company.event_bus import METADATA_EVENTS, EventBus
from ingest_assets.sandbox.company.glue import GlueCatalogs
from ingest_assets.sandbox.company.lake import archive, clickstream, features, finance, logistics, sales
from ingest_assets.sandbox.company.lf_tags import LfTags
from ingest_assets.sandbox.company.looker import LookerState
from ingest_assets.sandbox.company.looker_repositories import Repositories
from ingest_assets.sandbox.company.objects import Buckets, Secret
from ingest_assets.sandbox.company.queues import Queues
from ingest_assets.sandbox.company.schemas import SchemaRegistries
from ingest_assets.sandbox.company.streams import Streams

ACCOUNT = "123456789012"
REGION = "eu-north-1"


class Company:
    """Everything that the company keeps in its services; tests change it while the sandbox serves it.

    Args:
        tables: How many generated tables the lake has besides those that were written down.
        account: Twelve digits.
        region: Where its services run.
        streams: How many generated streams it has besides those that were written down.
        dashboards: How many generated dashboards it has besides those that were written down.
        atlas_version: Of the Atlas server, ``2.1.0`` or ``2.4.0``.

    Attributes:
        account: The company's AWS account.
        region: Where its services run.
        glue: The Data Catalog.
        buckets: S3.
        secrets: Secrets Manager, by name.
        streams: Kinesis.
        schemas: The Glue Schema Registry.
        delivery: Firehose.
        lf_tags: Lake Formation's tags on the Data Catalog.
        looker: Looker.
        repositories: GitHub, where the LookML lies.
        boards: QuickSight.
        atlas: Apache Atlas.
        dbt: Runs in dbt Cloud, and the artifacts of the dbt project.
        queues: SQS; ``metadata-events`` is there from the start.
        events: EventBridge, which puts each change of ``glue`` and ``boards`` into that queue.
    """

    def __init__(
        self,
        tables: int = 0,
        account: str = ACCOUNT,
        region: str = REGION,
        streams: int = 0,
        dashboards: int = 0,
        atlas_version: str = "2.4.0",
    ) -> None:
        self.account = account
        self.region = region
        self.glue = GlueCatalogs(account, region)
        self.buckets = Buckets()
        self.secrets: dict[str, Secret] = {}
        for fill in (clickstream.fill, sales.fill, logistics.fill, finance.fill, features.fill, archive.fill):
            fill(self.glue)
        features.fill_shared(self.glue)
        scale.fill(self.glue, tables)
        self.streams = Streams(account, region)
        self.schemas = SchemaRegistries(account, region)
        events.fill(self.streams, self.schemas)
        scale.fill_streams(self.streams, streams)
        self.delivery = DeliveryStreams(account, region)
        landing.fill(self.delivery)
        self.lf_tags = LfTags(self.glue)
        tagging.fill(self.lf_tags)
        self.looker = LookerState()
        self.repositories = Repositories()
        looker_instance.fill(self.looker, self.repositories)
        self.boards = Boards(account, region)
        boards_reports.fill(self.boards, self.buckets)
        scale.fill_boards(self.boards, dashboards)
        self.atlas = AtlasState(atlas_version)
        atlas_instance.fill(self.atlas, self.glue)
        self.dbt = DbtRuns(DBT_TARGET)
        self.dbt.store(self.buckets)
        self.queues = Queues(account, region)
        self.queues.create(METADATA_EVENTS)
        self.events = EventBus(self.queues)
        self.glue.listeners.append(self.events.tell_of_glue)  # from here on: what was there before is no change
        self.boards.listeners.append(self.events.tell_of_boards)

    def put_secret(self, name: str, value: str | bytes) -> Secret:
        """Store a new value of a secret."""
        secret = Secret(name, value, str(uuid.uuid4()), datetime.now(timezone.utc).replace(microsecond=0))
        self.secrets[name] = secret
        return secret
