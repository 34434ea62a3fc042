"""How data flows at Norrpost, as the hooks of Hive, Spark and Kafka tell Atlas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ingest_assets.sandbox.company.atlas import CLUSTER, OPENED, AtlasState
from ingest_assets.sandbox.company.atlas_hive import Hive

_MINUTE = 60_000
_QUERY: dict[str, Any] = {
    "startTime": OPENED,
    "endTime": OPENED + _MINUTE,
    "userName": "etl",
    "queryId": f"hive_{OPENED}",
    "queryPlan": "Not Supported",
    "clusterName": CLUSTER,
}


_CLEAN_CLICKS = (
    "insert overwrite table clickstream.clicks partition (dt)\n"
    "select event_id, event_type, cast(occurred_at as timestamp), visitor_id, null, page.url, null, year\n"
    "from clickstream.clicks_raw"
)
_MAKE_SESSIONS = (
    "insert into clickstream.sessions select visitor_id, min(occurred_at) from clickstream.clicks group by 1"
)
_VIEW_ORDERS = (
    "create view sales.customer_orders as select o.*, c.email\n"
    "from sales.orders o join sales.customers c on c.customer_id = o.customer_id"
)


def fill(atlas: AtlasState, hive: Hive) -> None:
    """Add topics, processes and what other systems keep."""
    flows = Flows(atlas)
    topics = _topics(atlas)
    _clicks(flows, hive, topics["clicks"])
    _orders(flows, hive, topics["orders"])
    _others(atlas, flows, hive)


def _clicks(flows: Flows, hive: Hive, topic: str) -> None:
    tables, columns = hive.tables, hive.columns
    raw, clicks, sessions = (tables[f"clickstream.{name}"] for name in ("clicks_raw", "clicks", "sessions"))
    load = "insert into clickstream.clicks_raw select * from kafka_clicks"
    flows.hive_query("clickstream.clicks_raw", load, [topic], [raw])
    cleaned = {
        columns["clickstream.clicks.event_id"]: [columns["clickstream.clicks_raw.event_id"]],
        columns["clickstream.clicks.page_url"]: [columns["clickstream.clicks_raw.page"]],
    }
    flows.hive_query("clickstream.clicks", _CLEAN_CLICKS, [raw], [clicks], cleaned)
    grouped = {columns["clickstream.sessions.visitor_id"]: [columns["clickstream.clicks.visitor_id"]]}
    flows.hive_query("clickstream.sessions", _MAKE_SESSIONS, [clicks], [sessions], grouped)


def _orders(flows: Flows, hive: Hive, topic: str) -> None:
    tables, columns = hive.tables, hive.columns
    orders, customers, view = (tables[f"sales.{name}"] for name in ("orders", "customers", "customer_orders"))
    flows.hive_query("sales.orders", "insert into sales.orders select * from kafka_orders", [topic], [orders])
    selected = {
        columns["sales.customer_orders.email"]: [columns["sales.customers.email"]],
        columns["sales.customer_orders.total"]: [columns["sales.orders.total"]],
    }
    read = [orders, customers]
    flows.hive_query("sales.customer_orders", _VIEW_ORDERS, read, [view], selected, operation="CREATEVIEW")


class Flows:
    """Processes, being told to Atlas.

    Args:
        atlas: The company's.
    """

    def __init__(self, atlas: AtlasState) -> None:
        self._atlas = atlas

    def process(
        self, type_name: str, name: str, inputs: Iterable[str], outputs: Iterable[str], **attributes: Any
    ) -> str:
        """Add a process of any type; its guid."""
        row = {"qualifiedName": f"{name}@{CLUSTER}", "name": name, **attributes}
        made = self._atlas.add(type_name, row)
        for guid in inputs:
            self._atlas.relate("dataset_process_inputs", made, guid)
        for guid in outputs:
            self._atlas.relate("process_dataset_outputs", made, guid)
        return made

    def hive_query(
        self,
        table: str,
        query: str,
        inputs: Iterable[str],
        outputs: Iterable[str],
        columns: Mapping[str, Iterable[str]] | None = None,
        *,
        operation: str = "QUERY",
    ) -> str:
        """Add what a Hive query did.

        Args:
            table: ``database.table`` that it wrote.
            query: Its text.
            inputs: What it read.
            outputs: What it wrote.
            columns: Columns that each written column comes of.
            operation: Hive's word.
        """
        qualified = f"{table}@{CLUSTER}:{OPENED}"
        row = _QUERY | {"qualifiedName": qualified, "queryText": query, "operationType": operation}
        process = self.process("hive_process", table, inputs, outputs, **row, recentQueries=[query])
        for written, read in (columns or {}).items():
            name = str(self._atlas.get(written).attributes["name"])
            told = {"qualifiedName": f"{qualified}:{name}", "depenendencyType": "SIMPLE"}
            lineage = self.process("hive_column_lineage", f"{table}:{name}", read, [written], **told)
            self._atlas.relate("hive_process_column_lineage", process, lineage)
        return process


def _topics(atlas: AtlasState) -> dict[str, str]:
    owners = {"clicks": "mei.tanaka", "orders": "lena.berg", "payments": "omar.haddad", "parcels.scans": "piotr.nowak"}
    owners["returns.dlq"] = "nobody"
    return {
        name: atlas.add(
            "kafka_topic",
            {
                "qualifiedName": f"{name}@{CLUSTER}",
                "name": name,
                "topic": name,
                "uri": name,
                "owner": owner,
                "description": f"Events: {name}" if name != "parcels.scans" else None,
                "partitionCount": 12,
                "replicationFactor": 3,
                "avgMessageSizeInBytes": 512,
                "contactInfo": f"{owner}@norrpost.example",
                "type": "json",
            },
        )
        for name, owner in owners.items()
    }


def _others(atlas: AtlasState, flows: Flows, hive: Hive) -> None:
    """A database server that Sqoop reads, a bucket, and a Spark job, of which a catalog of tables wants nothing."""
    instance = atlas.add("rdbms_instance", {"qualifiedName": f"erp@{CLUSTER}", "name": "erp", "rdbms_type": "oracle"})
    database = atlas.add("rdbms_db", {"qualifiedName": f"erp.books@{CLUSTER}", "name": "books"})
    table = atlas.add("rdbms_table", {"qualifiedName": f"erp.books.entries@{CLUSTER}", "name": "entries"})
    column = atlas.add(
        "rdbms_column", {"qualifiedName": f"erp.books.entries.id@{CLUSTER}", "name": "id", "data_type": "NUMBER"}
    )
    atlas.relate("rdbms_instance_databases", instance, database)
    atlas.relate("rdbms_db_tables", database, table)
    atlas.relate("rdbms_table_columns", table, column)
    bucket = atlas.add("aws_s3_v2_bucket", {"qualifiedName": f"s3a://norrpost-lake@{CLUSTER}", "name": "norrpost-lake"})
    folder = atlas.add(
        "aws_s3_v2_directory",
        {"qualifiedName": f"s3a://norrpost-lake/in@{CLUSTER}", "name": "in", "objectPrefix": "/in/"},
    )
    atlas.relate("aws_s3_v2_container_contained", bucket, folder)
    flows.process(
        "sqoop_process",
        "import of books",
        [table],
        [hive.tables["finance.ledger_entries"]],
        operation="import",
        userName="etl",
        startTime=OPENED,
        endTime=OPENED + _MINUTE,
    )
    flows.process(
        "spark_process",
        "build customer features",
        [hive.tables["sales.orders"], folder],
        [hive.tables["ml_features.customer_features"]],
        executionId="1",
        details="== Physical Plan ==",
    )
