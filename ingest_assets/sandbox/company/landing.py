"""Where Norrpost's events go: delivery streams into the lake, the raw zone, the warehouse and to a partner."""

from __future__ import annotations

from ingest_assets.sandbox.company.delivery import DeliveryStreams

LAKE_BUCKET = "norrpost-lake"
RAW_BUCKET = "norrpost-raw"
_HOURS = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"


def fill(delivery: DeliveryStreams) -> None:
    """Add the delivery streams."""
    source = f"arn:aws:kinesis:{delivery.region}:{delivery.account}:stream"
    raw_clicks = delivery.s3(LAKE_BUCKET, f"clickstream/clicks_raw/{_HOURS}")
    delivery.add(
        "clicks-to-lake",
        delivery.to_s3(
            LAKE_BUCKET,
            "clickstream/clicks/dt=!{timestamp:yyyy-MM-dd}/",
            "UNCOMPRESSED",  # Parquet compresses within its files
            DataFormatConversionConfiguration=delivery.conversion("clickstream", "clicks"),
            S3BackupMode="Enabled",
            S3BackupDescription=raw_clicks,
        ),
        source=f"{source}/clicks",
        tags={"team": "web", "env": "prod"},
    )
    delivery.add(
        "orders-to-raw",
        delivery.to_s3(RAW_BUCKET, "orders/"),
        source=f"{source}/orders",
        tags={"team": "shop"},
    )
    delivery.add("payments-to-warehouse", _warehouse(delivery), source=f"{source}/payments")
    delivery.add("device-logs", delivery.to_s3(RAW_BUCKET, "device-logs/"), tags={"team": "operations"})
    delivery.add("consent-to-partner", _partner(delivery))


def _warehouse(delivery: DeliveryStreams) -> dict[str, object]:
    host = f"analytics.cx1example.{delivery.region}.redshift.amazonaws.com"
    return {
        "RedshiftDestinationDescription": {
            "RoleARN": delivery.role_arn,
            "ClusterJDBCURL": f"jdbc:redshift://{host}:5439/finance",
            "CopyCommand": {"DataTableName": "staging.payments", "CopyOptions": "JSON 'auto' GZIP"},
            "Username": "firehose",
            "RetryOptions": {"DurationInSeconds": 3600},
            "S3DestinationDescription": delivery.s3(RAW_BUCKET, "payments-staging/"),
            "S3BackupMode": "Disabled",
        }
    }


def _partner(delivery: DeliveryStreams) -> dict[str, object]:
    return {
        "HttpEndpointDestinationDescription": {
            "EndpointConfiguration": {"Url": "https://intake.partner.example/v1/consents", "Name": "Partner intake"},
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
            "RequestConfiguration": {"ContentEncoding": "GZIP"},
            "RoleARN": delivery.role_arn,
            "RetryOptions": {"DurationInSeconds": 300},
            "S3BackupMode": "FailedDataOnly",
            "S3DestinationDescription": delivery.s3(RAW_BUCKET, "consents-failed/"),
        }
    }
