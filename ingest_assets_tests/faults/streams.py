"""Streams and delivery streams that are few enough to be read some hundred times, and what people wrote about them."""

from __future__ import annotations

import json
from typing import Any

from ingest_assets.openmetadata.client import OpenMetadataClient, name_path
from ingest_assets.sandbox.company.company import Company
from ingest_assets.sandbox.company.schemas import DEFAULT_REGISTRY

SERVICE, HOSES = "kinesis", "firehose"
NEIGHBOUR = "lake"
"""A service of another recipe, with the tables by which records are converted."""

_DATABASE = f"{NEIGHBOUR}.catalog"
_SCHEMA = f"{_DATABASE}.events"
_TABLES = ("clicks", "orders", "orders_2", "shipments", "audit", "returns")
_BUCKET = "norrpost-raw"
_RAW = f"raw.{_BUCKET}"


class SmallStreams:
    """The company's streams in place of the usual ones.

    Args:
        company: Whose streams, schemas and delivery streams are taken away first.
        page: Most streams in a page.
    """

    def __init__(self, company: Company, page: int) -> None:
        self.streams, self.schemas, self.delivery = company.streams, company.schemas, company.delivery
        for stream in self.streams.names():
            self.streams.drop(stream)
        for delivery in self.delivery.names():
            self.delivery.drop(delivery)
        for registry in self.schemas.registries():
            self.schemas.drop_registry(registry.name)
        self.streams.page = page

    def fill(self) -> None:
        """What the first run finds."""
        self.schemas.add_registry(DEFAULT_REGISTRY)
        self._register("clicks", "id")
        self._register("orders", "id")
        self._stream("clicks", {"env": "prod", "team": "web", "owner": "lena.berg"})
        self._stream("orders", {"env": "prod", "owner": "shop"})
        self._stream("payments", {"team": "web"}, "paid")
        self._stream("returns", {"env": "test"})
        self._stream("audit", {"env": "prod"})
        self._stream("parcels", {"zone": "north"})
        self.streams.register_consumer("orders", "fraud-check")
        self._deliver("clicks", {"env": "prod"})
        self._deliver("orders", {"owner": "shop"})
        self._deliver("returns", {})
        self._deliver("audit", {"env": "prod"})

    def change(self) -> None:
        """What the source does between two runs: something of everything."""
        self._stream("shipments", {"env": "prod", "tier": "gold::1", "owner": "finance"}, "sent")
        self._register("shipments", "id")
        self._deliver("shipments", {"env": "test"})
        self._register("orders", "id", "amount")
        orders = self.streams.stream("orders")
        orders.tags["tier"], orders.retention_hours = "silver", 48
        self.streams.put("orders", b'{"id": 3}')
        self.streams.register_consumer("orders", "reports")
        self._deliver("orders", {"owner": "shop", "tier": "silver"}, "orders_2")
        self.streams.stream("clicks").tags["env"] = "live"
        audit = self.streams.stream("audit")
        audit.tags["env"], audit.retention_hours = "live", 72
        self.delivery.stream("audit-to-lake").tags["env"] = "live"
        self.streams.drop("returns")
        self.delivery.drop("returns-to-lake")

    def drop(self, service: str, name: str) -> None:
        """Take a stream, a delivery stream or a schema away."""
        drop = {"kinesis": self.streams.drop, "firehose": self.delivery.drop, "glue": self.schemas.drop}[service]
        drop(name)

    def _register(self, name: str, *fields: str) -> None:
        row = {"type": "record", "name": name, "fields": [{"name": field, "type": "string"} for field in fields]}
        self.schemas.register(name, json.dumps(row))

    def _stream(self, name: str, tags: dict[str, str], *messages: str) -> None:
        self.streams.add(name, tags=tags)
        for message in messages or ("one", "two"):
            self.streams.put(name, json.dumps({"id": message}).encode())

    def _deliver(self, name: str, tags: dict[str, str], table: str = "") -> None:
        conversion = self.delivery.conversion("events", table or name)
        into = self.delivery.to_s3(_BUCKET, f"{name}/", DataFormatConversionConfiguration=conversion)
        source = self.streams.arn(name)
        self.delivery.add(f"{name}-to-lake", into, source=source, tags=tags)


class StreamPeople:
    """What others did on the server before the first run, and people do between two.

    Args:
        admin: In whose name.
    """

    def __init__(self, admin: OpenMetadataClient) -> None:
        self._admin = admin

    def furnish(self) -> None:
        """The neighbours: tables, and the container that records are delivered to."""
        glue = {"name": NEIGHBOUR, "serviceType": "Glue"}
        self._admin.put("/v1/services/databaseServices", glue)
        self._admin.put("/v1/databases", {"name": "catalog", "service": NEIGHBOUR})
        self._admin.put("/v1/databaseSchemas", {"name": "events", "database": _DATABASE})
        for name in _TABLES:
            columns = [{"name": "id", "dataType": "STRING"}]
            self._admin.put("/v1/tables", {"name": name, "databaseSchema": _SCHEMA, "columns": columns})
        storage = {"name": "raw", "serviceType": "S3"}
        self._admin.put("/v1/services/storageServices", storage)
        path = f"s3://{_BUCKET}/"
        self._admin.put("/v1/containers", {"name": _BUCKET, "service": "raw", "fullPath": path, "prefix": "/"})

    def edit(self) -> None:
        """Write words, labels and an edge, and delete what the source still has."""
        label = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
        self._patch("topics", f"{SERVICE}.payments", ("description", "Not for everybody"), ("tags/0", label))
        self._patch("topics", f"{SERVICE}.orders", ("displayName", "Orders"))
        self._patch("pipelines", f"{HOSES}.orders-to-lake", ("displayName", "Into the lake"))
        ends = {"fromEntity": self._topic("parcels"), "toEntity": self._topic("payments")}
        self._admin.put("/v1/lineage", {"edge": {**ends, "lineageDetails": {"sqlQuery": "by hand"}}})
        self.delete(f"{SERVICE}.audit", hard=False)
        self.delete(f"{HOSES}.audit-to-lake", hard=False)
        self._admin.put("/v1/classifications", {"name": "tier", "description": ""})
        self._admin.put(
            "/v1/tags", {"classification": "tier", "name": "gold__reserved__colon__1", "description": "The best"}
        )
        self.delete("team.web", hard=False)
        self.delete("zone", hard=False)

    def delete(self, fqn: str, *, hard: bool) -> None:
        """Delete a service, a topic, a pipeline, a classification or a tag, with all below it."""
        collection = _collection(fqn)
        entity = self._admin.get_by_name(collection, fqn, {"include": "all"})
        params = {"recursive": "true", "hardDelete": str(hard).lower()}
        self._admin.delete(f"/v1/{collection}/{entity['id']}", params)

    def _patch(self, collection: str, fqn: str, *changes: tuple[str, Any]) -> None:
        stored = self._admin.get(name_path(collection, fqn))
        operations = [{"op": "add", "path": f"/{path}", "value": value} for path, value in changes]
        self._admin.patch(f"/v1/{collection}/{stored['id']}", operations)

    def _topic(self, name: str) -> dict[str, str]:
        return {"id": self._admin.get(name_path("topics", f"{SERVICE}.{name}"))["id"], "type": "topic"}


def _collection(fqn: str) -> str:
    """Where something of ours lies; what is in none of our services is a word, or a table of the neighbour."""
    service, *below = fqn.split(".")
    words = ("classifications", "tags")
    kinds = {
        SERVICE: ("services/messagingServices", "topics"),
        HOSES: ("services/pipelineServices", "pipelines"),
        NEIGHBOUR: ("services/databaseServices", "databases", "databaseSchemas", "tables"),
    }
    return kinds.get(service, words)[len(below)]
