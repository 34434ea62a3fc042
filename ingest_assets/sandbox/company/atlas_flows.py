"""How data flows at Norrpost, as the hooks of Hive, Spark and Kafka tell Atlas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ingest_assets.sandbox.company.atlas import CLUSTER, OPENED, AtlasState
from ingest_assets.sandbox.company.atlas_hive import Hive

_MINUTE = 60_000


def fill(atlas: AtlasState, hive: Hive) -> None:
    """Add topics, processes and what other systems keep."""
    flows = Flows(atlas)
    topics = _topics(atlas)
    tables, columns = hive.tables, hive.columns
    flows.hive_query(
        "clickstream.clicks_raw",
        "insert into clickstream.clicks_raw select * from kafka_clicks",
        [topics["clicks"]],
        [tables["clickstream.clicks_raw"]],
    )
    flows.hive_query(
        "clickstream.clicks",
        "insert overwrite table clickstream.clicks partition (dt)\n"
        "select event_id, event_type, cast(occurred_at as timestamp), visitor_id, null, page.url, null, year\n"
        "from clickstream.clicks_raw",
        [tables["clickstream.clicks_raw"]],
        [tables["clickstream.clicks"]],
        {
            columns["clickstream.clicks.event_id"]: [columns["clickstream.clicks_raw.event_id"]],
            columns["clickstream.clicks.page_url"]: [columns["clickstream.clicks_raw.page"]],
        },
    )
    flows.hive_query(
        "clickstream.sessions",
        "insert into clickstream.sessions select visitor_id, min(occurred_at) from clickstream.clicks group by 1",
        [tables["clickstream.clicks"]],
        [tables["clickstream.sessions"]],
        {columns["clickstream.sessions.visitor_id"]: [columns["clickstream.clicks.visitor_id"]]},
    )
    flows.hive_query(
        "sales.customer_orders",
        "create view sales.customer_orders as select o.*, c.email\n"
        "from sales.orders o join sales.customers c on c.customer_id = o.customer_id",
        [tables["sales.orders"], tables["sales.customers"]],
        [tables["sales.customer_orders"]],
        {
            columns["sales.customer_orders.email"]: [columns["sales.customers.email"]],
            columns["sales.customer_orders.total"]: [columns["sales.orders.total"]],
        },
        operation="CREATEVIEW",
    )
    flows.hive_query(
        "sales.orders",
        "insert into sales.orders select * from kafka_orders",
        [topics["orders"]],
        [tables["sales.orders"]],
    )
    _others(atlas, flows, hive)


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
        process = self.process(
            "hive_process",
            table,
            inputs,
            outputs,
            qualifiedName=qualified,
            queryText=query,
            operationType=operation,
            startTime=OPENED,
            endTime=OPENED + _MINUTE,
            userName="etl",
            queryId=f"hive_{OPENED}",
            queryPlan="Not Supported",
            recentQueries=[query],
            clusterName=CLUSTER,
        )
        for written, read in (columns or {}).items():
            name = str(self._atlas.get(written).attributes["name"])
            lineage = self.process(
                "hive_column_lineage",
                f"{table}:{name}",
                read,
                [written],
                qualifiedName=f"{qualified}:{name}",
                depenendencyType="SIMPLE",
            )
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
