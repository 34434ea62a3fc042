from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_assets.catalog import Edge, EntityType, ForeignEdge, Reference
from ingest_assets.sources.kinesis.firehose_mapping import console_page, edges, place_of, steps, to_pipeline
from ingest_assets.sources.kinesis.firehose_shapes import DeliveryStream, S3Place
from ingest_assets_tests.sources.kinesis.conftest import ACCOUNT

THIS = Reference(EntityType.PIPELINE, ("hoses", "hose"))
BUCKET = "arn:aws:s3:::lake"
S3 = {"BucketARN": BUCKET, "Prefix": "raw/"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def stream(*destinations: dict[str, Any], source: dict[str, Any] | None = None, **members: Any) -> DeliveryStream:
    row = {
        "DeliveryStreamName": "hose",
        "DeliveryStreamARN": f"arn:aws:firehose:eu-north-1:{ACCOUNT}:deliverystream/hose",
        "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamType": "DirectPut" if source is None else "KinesisStreamAsSource",
        "Destinations": list(destinations) or [{"S3DestinationDescription": S3}],
        "HasMoreDestinations": False,
    }
    return DeliveryStream.model_validate(row | ({"Source": source} if source else {}) | members)


def reading(arn: str) -> DeliveryStream:
    return stream(source={"KinesisStreamSourceDescription": {"KinesisStreamARN": arn}})


def fills(made: DeliveryStream) -> list[tuple[str, tuple[str, ...]]]:
    """System and names of all that a delivery stream fills."""
    found = [edge for edge in edges(made, THIS, "streams") if edge.source == THIS]
    assert all(isinstance(edge, ForeignEdge) for edge in found)
    return [(edge.target.system or "", edge.target.names) for edge in found if not isinstance(edge.target, Reference)]


def shown(made: DeliveryStream) -> list[tuple[str, str, str | None]]:
    return [(step.name, step.shown, step.after) for step in steps(made)]


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        (None, ("s3://lake",)),
        ("", ("s3://lake",)),
        ("/", ("s3://lake",)),
        ("orders/", ("s3://lake", "orders/")),
        ("raw/orders/", ("s3://lake", "raw/orders/")),
        ("orders", ("s3://lake",)),  # Firehose writes orders2024/...
        ("raw/orders-", ("s3://lake", "raw/")),
        ("clicks/dt=!{timestamp:yyyy-MM-dd}/", ("s3://lake", "clicks/")),
        ("clicks/!{timestamp:yyyy/MM}/x/", ("s3://lake", "clicks/")),
        ("!{partitionKeyFromQuery:customer}/", ("s3://lake",)),
        ("errors/!{firehose:error-output-type}/", ("s3://lake", "errors/")),
    ],
)
def test_a_place_is_the_prefix_up_to_what_changes(prefix: str | None, names: tuple[str, ...]) -> None:
    place = place_of(S3Place.model_validate({"BucketARN": BUCKET, "Prefix": prefix}))
    assert place is not None
    assert (place.type, place.names, place.system) == (EntityType.CONTAINER, names, "s3")


@given(TEXT)
def test_a_place_is_where_every_prefix_begins(prefix: str) -> None:
    place = place_of(S3Place.model_validate({"BucketARN": BUCKET, "Prefix": prefix}))
    assert place is not None
    bucket, *folder = place.names
    assert bucket == "s3://lake"
    assert not folder or (prefix.startswith(folder[0]) and folder[0].endswith("/") and "!{" not in folder[0])


@pytest.mark.parametrize(
    ("arn", "bucket"),
    [
        ("arn:aws-cn:s3:::lake.cn", "s3://lake.cn"),
        (f"arn:aws:s3:eu-north-1:{ACCOUNT}:accesspoint/door", None),
        ("arn:aws:s3:::lake/orders", None),
        ("lake", None),
    ],
)
def test_a_bucket_is_told_by_its_whole_arn(arn: str, bucket: str | None) -> None:
    place = place_of(S3Place.model_validate({"BucketARN": arn}))
    assert (place and place.names) == ((bucket,) if bucket else None)


def test_the_stream_of_the_same_account_and_region_is_known_by_name() -> None:
    (edge, _) = edges(reading(f"arn:aws:kinesis:eu-north-1:{ACCOUNT}:stream/clicks"), THIS, "streams")
    assert isinstance(edge, Edge)
    assert (edge.source, edge.target) == (Reference(EntityType.TOPIC, ("streams", "clicks")), THIS)


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/clicks",
        "arn:aws:kinesis:eu-north-1:999999999999:stream/clicks",
        f"arn:aws-cn:kinesis:eu-north-1:{ACCOUNT}:stream/clicks",
    ],
)
def test_a_stream_of_another_account_region_or_partition_is_looked_for_elsewhere(arn: str) -> None:
    (edge, _) = edges(reading(arn), THIS, "streams")
    assert isinstance(edge, ForeignEdge)
    assert not isinstance(edge.source, Reference)
    assert (edge.source.type, edge.source.system) == (EntityType.TOPIC, "kinesis")
    assert edge.source.names == (arn,)
    assert edge.told_by == (THIS,)


@pytest.mark.parametrize("arn", ["clicks", f"arn:aws:kafka:eu-north-1:{ACCOUNT}:stream/clicks"])
def test_what_is_no_stream_makes_no_edge(arn: str) -> None:
    assert [edge.source for edge in edges(reading(arn), THIS, "streams")] == [THIS]


def test_of_two_descriptions_of_s3_the_whole_one_counts() -> None:
    whole = {**S3, "Prefix": "whole/", "S3BackupMode": "Disabled"}
    assert fills(stream({"S3DestinationDescription": S3, "ExtendedS3DestinationDescription": whole})) == [
        ("s3", ("s3://lake", "whole/"))
    ]


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("AllData", True), ("Enabled", True), ("FailedDataOnly", False), ("Disabled", False), (None, False)],
)
def test_a_backup_of_all_records_is_lineage_and_one_of_failures_is_none(mode: str | None, kept: bool) -> None:
    endpoint = {"S3BackupMode": mode, "S3DestinationDescription": S3, "EndpointConfiguration": {"Name": "Partner"}}
    made = stream({"HttpEndpointDestinationDescription": endpoint})
    assert fills(made) == ([("s3", ("s3://lake", "raw/"))] if kept else [])
    # The backup is of what came in, before it was changed.
    backup = [("S3Backup", "s3://lake/raw/", "DirectPut")]
    assert shown(made)[1:] == [("HttpEndpoint", "Partner", "DirectPut"), *(backup if kept else [])]


def test_processors_come_one_after_the_other_before_the_conversion() -> None:
    function = f"arn:aws:lambda:eu-north-1:{ACCOUNT}:function:clean:$LATEST"
    processing = {
        "Enabled": True,
        "Processors": [
            {"Type": "Decompression", "Parameters": [{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}]},
            {"Type": "Lambda", "Parameters": [{"ParameterName": "LambdaArn", "ParameterValue": function}]},
            {"Type": "Lambda", "Parameters": []},
        ],
    }
    conversion = {
        "SchemaConfiguration": {"DatabaseName": "db", "TableName": "t"},
        "OutputFormatConfiguration": {"Serializer": {"OrcSerDe": {}}},
    }
    there = {**S3, "ProcessingConfiguration": processing, "DataFormatConversionConfiguration": conversion}
    made = stream({"ExtendedS3DestinationDescription": there})
    assert shown(made) == [
        ("DirectPut", "Direct PUT", None),
        ("Decompression", "Decompression", "DirectPut"),
        ("Lambda", "Lambda function clean:$LATEST", "Decompression"),
        ("Lambda-2", "Lambda", "Lambda"),
        ("DataFormatConversion", "conversion to ORC by the table db.t", "Lambda-2"),
        ("ExtendedS3", "s3://lake/raw/", "DataFormatConversion"),
    ]
    assert fills(made) == [("glue", ("db", "t")), ("s3", ("s3://lake", "raw/"))]
    processing["Enabled"] = conversion["Enabled"] = False
    off = stream({"ExtendedS3DestinationDescription": there})
    assert [step.name for step in steps(off)] == ["DirectPut", "ExtendedS3"]
    assert fills(off) == [("s3", ("s3://lake", "raw/"))]


@pytest.mark.parametrize(
    ("url", "table", "names"),
    [
        ("jdbc:redshift://h:5439/dev", "sales.orders", ("dev", "sales", "orders")),
        ("jdbc:redshift://h:5439/dev?ssl=true", '"My Schema"."a.b"', ("dev", "My Schema", "a.b")),
        ("jdbc:redshift://h:5439/dev", '"say ""hi"""', ('say "hi"',)),
        ("jdbc:redshift://h:5439/dev", "orders", ("orders",)),
        ("jdbc:redshift://h:5439/", "sales.orders", ("sales", "orders")),
        ("jdbc:redshift://[h:5439/dev", "sales.orders", ("sales", "orders")),
        ("jdbc:redshift://h:5439/dev", "other.sales.orders", ("other", "sales", "orders")),
    ],
)
def test_a_table_of_redshift_is_named_as_far_as_it_is_known(url: str, table: str, names: tuple[str, ...]) -> None:
    there = {"ClusterJDBCURL": url, "CopyCommand": {"DataTableName": table}, "S3DestinationDescription": S3}
    assert fills(stream({"RedshiftDestinationDescription": there})) == [
        ("s3", ("s3://lake", "raw/")),
        ("redshift", names),
    ]


def test_tables_of_snowflake_and_iceberg_are_named() -> None:
    snowflake = {"Database": "DB", "Schema": "S", "Table": "T", "S3BackupMode": "FailedDataOnly"}
    assert fills(stream({"SnowflakeDestinationDescription": snowflake})) == [("snowflake", ("DB", "S", "T"))]
    tables = [{"DestinationDatabaseName": "db", "DestinationTableName": name} for name in ("a", "b")]
    iceberg = {"DestinationTableConfigurationList": tables, "S3BackupMode": "FailedDataOnly"}
    made = stream({"IcebergDestinationDescription": {**iceberg, "S3DestinationDescription": S3}})
    assert fills(made) == [("glue", ("db", "a")), ("glue", ("db", "b"))]
    assert shown(made)[-1][1] == "Iceberg table db.a and db.b"
    assert fills(stream({"IcebergDestinationDescription": {}})) == []


@pytest.mark.parametrize(
    ("destination", "step"),
    [
        ({"SplunkDestinationDescription": {"HECEndpoint": "https://hec.example:8088/x", "HECToken": "t0ken"}},
         ("Splunk", "Splunk at hec.example", "DirectPut")),
        ({"AmazonopensearchserviceDestinationDescription": {"IndexName": "logs"}},
         ("Amazonopensearchservice", "index logs", "DirectPut")),
        ({"AmazonOpenSearchServerlessDestinationDescription": {"IndexName": "logs"}},
         ("AmazonOpenSearchServerless", "index logs", "DirectPut")),
        ({"ElasticsearchDestinationDescription": {}}, ("Elasticsearch", "an index", "DirectPut")),
        ({"HttpEndpointDestinationDescription": {"EndpointConfiguration": {"Url": "https://[x"}}},
         ("HttpEndpoint", "an HTTP endpoint", "DirectPut")),
        ({"QuantumDestinationDescription": {"Secret": "t0ken"}}, ("Quantum", "Quantum", "DirectPut")),
    ],
)  # fmt: skip
def test_other_destinations_are_told_of_and_make_no_edge(
    destination: dict[str, Any], step: tuple[str, str, str | None]
) -> None:
    made = stream(destination)
    assert shown(made)[1:] == [step]
    assert fills(made) == []
    assert "t0ken" not in to_pipeline(made, THIS.path, None, None).model_dump_json()


def test_a_kafka_topic_is_told_of_and_makes_no_edge() -> None:
    msk = {"MSKClusterARN": f"arn:aws:kafka:eu-north-1:{ACCOUNT}:cluster/c/1", "TopicName": "clicks"}
    made = stream(source={"MSKSourceDescription": msk}, DeliveryStreamType="MSKAsSource")
    assert shown(made)[0] == ("MSKAsSource", "Kafka topic clicks", None)
    assert [edge.source for edge in edges(made, THIS, "streams")] == [THIS]


def test_what_several_steps_fill_is_one_edge() -> None:
    twice = {**S3, "S3BackupMode": "Enabled", "S3BackupDescription": S3}
    made = stream({"ExtendedS3DestinationDescription": twice})
    assert fills(made) == [("s3", ("s3://lake", "raw/"))]
    assert [task.name for task in to_pipeline(made, THIS.path, None, None).tasks] == [
        "DirectPut", "ExtendedS3", "S3Backup",
    ]  # fmt: skip


ODD = st.one_of(TEXT.filter(bool), st.sampled_from(["arn:", "https://[", "jdbc:redshift://[/", '"', "a..b", "!{", "/"]))
PLACE = st.fixed_dictionaries({"BucketARN": ODD, "Prefix": ODD})
Members = dict[str, st.SearchStrategy[Any]]
BESIDES: Members = {"S3DestinationDescription": PLACE, "S3BackupMode": st.sampled_from(["AllData", "Disabled"])}
MEMBERS: dict[str, Members] = {
    "Redshift": {"ClusterJDBCURL": ODD, "CopyCommand": st.fixed_dictionaries({"DataTableName": ODD})},
    "Snowflake": {"Database": ODD, "Schema": ODD, "Table": ODD},
    "HttpEndpoint": {"EndpointConfiguration": st.fixed_dictionaries({"Url": ODD, "Name": ODD})},
    "Splunk": {"HECEndpoint": ODD},
    "Elasticsearch": {"IndexName": ODD},
}
ANY_DESTINATION = st.one_of(
    st.fixed_dictionaries({"ExtendedS3DestinationDescription": PLACE}),
    *(
        st.fixed_dictionaries({f"{kind}DestinationDescription": st.fixed_dictionaries({**BESIDES, **members})})
        for kind, members in MEMBERS.items()
    ),
)


@given(st.lists(ANY_DESTINATION, min_size=1, max_size=3), ODD)
def test_whatever_is_written_there_a_delivery_stream_is_a_pipeline(
    destinations: list[dict[str, Any]], arn: str
) -> None:
    source = {"KinesisStreamSourceDescription": {"KinesisStreamARN": arn}}
    made = stream(*destinations, source=source)
    assert len(to_pipeline(made, THIS.path, None, None).tasks) > len(destinations)
    assert all(THIS in (edge.source, edge.target) for edge in edges(made, THIS, "streams"))


@given(st.lists(st.sampled_from(["Lambda", "Decompression", "S3", "DirectPut"]), max_size=8))
def test_tasks_have_names_of_their_own_and_each_follows_one(kinds: list[str]) -> None:
    processing = {"Processors": [{"Type": kind} for kind in kinds]}
    there = {**S3, "ProcessingConfiguration": processing, "S3BackupMode": "Enabled", "S3BackupDescription": S3}
    tasks = to_pipeline(stream({"S3DestinationDescription": there}), THIS.path, None, None).tasks
    names = [task.name for task in tasks]
    assert len(set(names)) == len(names) == len(kinds) + 3
    assert sorted(name for task in tasks for name in task.downstream) == sorted(names[1:])


@pytest.mark.parametrize(
    ("host", "page"),
    [
        (None, None),
        (
            "cn-north-1.console.amazonaws.cn",
            "https://cn-north-1.console.amazonaws.cn/firehose/home?region=cn-north-1#/details/a%20b/monitoring",
        ),
    ],
)
def test_a_page_is_told_where_the_console_is_known(host: str | None, page: str | None) -> None:
    assert console_page(host, "cn-north-1", "a b") == page
