"""Every place where a run of a Kinesis recipe with Firehose asks what no run of a Glue recipe does."""

from __future__ import annotations

from typing import Any

from ingest_assets_tests.faults.cells import HICCUPS, TOKEN, CallSite, Estate, openmetadata_site
from ingest_assets_tests.faults.scene import Variant

_WORDS = ("env.*", "tier.*", "team.*", "zone.*")
_TOPICS = ("kinesis.*", *_WORDS)
_PIPELINES = ("firehose.*", *_WORDS)
_ORDERS, _AUDIT, _SHIPMENTS = ("kinesis.orders.*",), ("kinesis.audit.*",), ("kinesis.shipments.*",)
_WRITTEN = ("kinesis.clicks", *_ORDERS, *_AUDIT, *_SHIPMENTS)
_HOSES = ("firehose.orders-to-lake", "firehose.audit-to-lake", "firehose.shipments-to-lake")
_GONE = ("firehose.returns-to-lake",)
_SAMPLES = ("kinesis.orders.sampleData", "kinesis.shipments.sampleData")
_SILVER = ("tier.silver", "kinesis.orders", "firehose.orders-to-lake")
_TIER = ("tier.*", "kinesis.orders", *_SHIPMENTS, "firehose.orders-to-lake")
_FROM_HOSES = ("->lake.catalog.events.orders_2", "->lake.catalog.events.shipments", "->raw.norrpost-raw")
_EDGES = (*_FROM_HOSES, "->firehose.shipments-to-lake", "->lake.catalog.events.orders")
_STREAM_GOES: dict[str, Any] = {"special": {"vanish": "orders"}, "vanishing": _ORDERS}
_FIRST: dict[str, Any] = {"variant": Variant.FIRST_RUN}
_OLD: dict[str, Any] = {"variant": Variant.OLD_SERVER}
_LISTED: dict[str, Any] = {"variant": Variant.LISTING}
_FORGOTTEN: dict[str, Any] = {"variant": Variant.NO_LEDGER}


def _aws(name: str, **more: Any) -> CallSite:
    service, _, operation = name.partition(",")[0].partition(" of ")[0].partition(":")
    return CallSite(name, service, operation, estate=Estate.STREAMS, **more)


def _om(name: str, operation: str, **more: Any) -> CallSite:
    return openmetadata_site(name, operation, estate=Estate.STREAMS, **more)


_KINESIS_SITES = (
    _aws("kinesis:ListStreams", costs=_TOPICS, told_as="kinesis:ListStreams", special={"hidden": "payments"}),
    _aws(
        "kinesis:ListStreams, page 2",
        after=1,
        costs=_TOPICS,
        told_as="kinesis:ListStreams",
        special={"loop-token": "*"},
    ),
    _aws("kinesis:DescribeStreamSummary", match="orders", costs=_ORDERS, special={"vanish": "orders"}),
    _aws("kinesis:DescribeStreamSummary of what goes", match="returns", costs=("kinesis.returns.*",)),
    _aws("kinesis:ListShards", match="orders", costs=_ORDERS, special={"vanish": "orders"}),
    _aws(
        "kinesis:ListTagsForStream",
        match="orders",
        costs=("kinesis.orders",),
        **_STREAM_GOES,
        denied_as="kinesis:ListTagsForStream",
    ),
    _aws(
        "kinesis:ListTagsForStream of all", costs=_TOPICS, told_as="kinesis.parcels", kinds=("500",), lasting=("500",)
    ),
    _aws(
        "kinesis:ListStreamConsumers",
        match="orders",
        costs=("kinesis.orders",),
        **_STREAM_GOES,
        denied_as="kinesis:ListStreamConsumers",
    ),
    _aws("glue:ListSchemas", costs=("kinesis.orders", "kinesis.shipments"), denied_as="glue:ListSchemas"),
    _aws(
        "glue:GetSchemaVersion",
        match="orders",
        costs=("kinesis.orders",),
        special={"vanish": "orders"},
        denied_as="glue:GetSchemaVersion",
    ),
    _aws(
        "kinesis:GetShardIterator", match="orders", costs=_SAMPLES[:1], special={"vanish": "orders"}, vanishing=_ORDERS
    ),
    _aws("kinesis:GetRecords", match="orders", costs=_SAMPLES[:1], special={"vanish": "orders"}, vanishing=_ORDERS),
    _aws("kinesis:GetRecords, second", match="orders", after=1, costs=_SAMPLES[:1]),
    _aws("sts:AssumeRole", kinds=(*HICCUPS, "403", "access-denied", TOKEN), variant=Variant.ROLE),
)
_FIREHOSE_SITES = (
    _aws(
        "firehose:ListDeliveryStreams",
        costs=_PIPELINES,
        told_as="firehose:ListDeliveryStreams",
        special={"hidden": "clicks-to-lake"},
    ),
    _aws(
        "firehose:DescribeDeliveryStream",
        match="orders-to-lake",
        costs=("firehose.orders-to-lake",),
        special={"vanish": "orders-to-lake"},
    ),
    _aws("firehose:DescribeDeliveryStream of what goes", match="returns-to-lake", costs=_GONE),
    _aws(
        "firehose:ListTagsForDeliveryStream",
        match="orders-to-lake",
        costs=("firehose.orders-to-lake",),
        special={"vanish": "clicks-to-lake"},
        vanishing=("firehose.clicks-to-lake",),
        denied_as="firehose:ListTagsForDeliveryStream",
    ),
)
_WORD_SITES = (
    _om("GET classification", "GET /v1/classifications", match="name/tier"),
    _om("list tags", "GET /v1/tags", match="parent=tier", special={"hidden": "tier.gold__reserved__colon__1"}),
    _om("list classifications", "GET /v1/classifications", match="classifications?"),
    _om("PUT classifications", "PUT /v1/classifications", match='"env"', **_FIRST),
    _om("PUT tags, first", "PUT /v1/tags", match='"prod"', **_FIRST),
    _om("PUT tags", "PUT /v1/tags", match='"silver"', costs=_SILVER),
    _om("PATCH classifications", "PATCH /v1/classifications", costs=_TIER),
    _om("PATCH tags", "PATCH /v1/tags", costs=_TIER, special={"vanish": "tier.gold__reserved__colon__1"}),
    _om("PUT tags/restore", "PUT /v1/tags", match="restore", costs=("team.web", "kinesis.clicks")),
    _om("PUT classifications/restore", "PUT /v1/classifications", match="restore", costs=("zone.*", "kinesis.parcels")),
)
_NEIGHBOUR_SITES = (
    _om("list database services", "GET /v1/services", match="databaseServices?", costs=_EDGES),
    _om("list databases elsewhere", "GET /v1/databases", costs=_EDGES),
    _om("GET table elsewhere", "GET /v1/tables", match="lake.catalog.events.orders_2", costs=_EDGES),
    _om("list storage services", "GET /v1/services", match="storageServices?", costs=_EDGES),
    _om("list containers", "GET /v1/containers", costs=_EDGES),
)
_READING_SITES = (
    _om("GET messaging service", "GET /v1/services", match="messagingServices/name", special={"vanish": "kinesis"}),
    _om("GET pipeline service", "GET /v1/services", match="pipelineServices/name", special={"vanish": "firehose"}),
    _om(
        "list topics",
        "GET /v1/topics",
        match="topics?",
        special={"hidden": "kinesis.payments"},
        **_LISTED,
    ),
    _om("list topics, page 2", "GET /v1/topics", match="after=", special={"loop-token": "*"}, **_LISTED),
    _om(
        "list pipelines",
        "GET /v1/pipelines",
        match="pipelines?",
        special={"hidden": "firehose.clicks-to-lake"},
        **_LISTED,
    ),
    _om("list pipelines, page 2", "GET /v1/pipelines", match="after=", special={"loop-token": "*"}, **_LISTED),
    _om("GET edges of a topic or pipeline", "GET /v1/lineage", costs=_EDGES, **_LISTED),
    _om("GET versions of a topic", "GET /v1/topics", match="/versions", costs=_TOPICS, **_FORGOTTEN),
    _om("GET versions of a pipeline", "GET /v1/pipelines", match="/versions", costs=_PIPELINES, **_FORGOTTEN),
)
_TOPIC_SITES = (
    _om("PUT messaging service", "PUT /v1/services", match="messagingServices", **_FIRST),
    _om("PUT topics/bulk, first", "PUT /v1/topics", match="bulk", special={"element:500": "kinesis.orders"}, **_FIRST),
    _om("PUT sampleData, first", "PUT /v1/topics", match="sampleData", costs=_TOPICS, **_FIRST),
    _om("GET topic before its words", "GET /v1/topics", match="name/kinesis.orders", costs=_ORDERS),
    _om("PATCH topics", "PATCH /v1/topics", costs=_WRITTEN, special={"vanish": "kinesis.clicks"}),
    _om("PUT topics/restore", "PUT /v1/topics", match="restore", costs=_AUDIT, special={"vanish": "kinesis.audit"}),
    _om(
        "PUT topics/bulk",
        "PUT /v1/topics",
        match="bulk",
        costs=_WRITTEN,
        special={f"element:{status}": "kinesis.orders" for status in ("400", "429", "500")},
    ),
    _om("GET topic before it is made", "GET /v1/topics", match="name/kinesis.shipments", costs=_SHIPMENTS),
    _om("GET topic for its id", "GET /v1/topics", match="name/kinesis.shipments", after=1, costs=_SHIPMENTS),
    _om("PUT sampleData", "PUT /v1/topics", match="sampleData", costs=_SAMPLES),
    _om("PUT topics, one", "PUT /v1/topics", match='"name":"orders"', costs=_ORDERS, **_OLD),
    _om("GET topic before it goes", "GET /v1/topics", match="kinesis.returns", costs=("kinesis.returns.*",)),
    _om("DELETE topics", "DELETE /v1/topics", costs=("kinesis.returns.*",), special={"vanish": "kinesis.returns"}),
)
_PIPELINE_SITES = (
    _om("PUT pipeline service", "PUT /v1/services", match="pipelineServices", **_FIRST),
    _om("PUT pipelines, first", "PUT /v1/pipelines", match='"orders-to-lake"', costs=_HOSES[:1], **_FIRST),
    _om("GET pipeline before its words", "GET /v1/pipelines", match="name/firehose.orders-to-lake", costs=_HOSES[:1]),
    _om("PATCH pipelines", "PATCH /v1/pipelines", costs=_HOSES, special={"vanish": "firehose.orders-to-lake"}),
    _om("PUT pipelines/restore", "PUT /v1/pipelines", match="restore", costs=_HOSES[1:2]),
    _om("PUT pipelines", "PUT /v1/pipelines", match='"orders-to-lake"', costs=_HOSES[:1]),
    _om("GET pipeline before it goes", "GET /v1/pipelines", match="returns-to-lake", costs=_GONE),
    _om(
        "DELETE pipelines",
        "DELETE /v1/pipelines",
        costs=_GONE,
        special={"vanish": "firehose.returns-to-lake"},
    ),
)
_LINEAGE_SITES = (
    _om("PUT lineage between services, first", "PUT /v1/lineage", costs=("*",), **_FIRST),
    _om("GET lineage of a pipeline", "GET /v1/lineage", costs=_EDGES),
    _om("PUT lineage between services", "PUT /v1/lineage", costs=_EDGES),
    _om("DELETE lineage between services", "DELETE /v1/lineage", costs=_EDGES),
)
STREAM_SITES = (
    *_KINESIS_SITES,
    *_FIREHOSE_SITES,
    *_WORD_SITES,
    *_NEIGHBOUR_SITES,
    *_READING_SITES,
    *_TOPIC_SITES,
    *_PIPELINE_SITES,
    *_LINEAGE_SITES,
)
