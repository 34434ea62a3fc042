"""The company's Firehose delivery streams as state."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest_assets.errors import NotFoundError
from ingest_assets.sandbox.company.glue import FOUNDED, Row


@dataclass
class DeliveryStream:
    """One delivery stream.

    Attributes:
        row: As ``DescribeDeliveryStream`` gives it; tests may change it.
        tags: By key.
    """

    row: Row
    tags: dict[str, str] = field(default_factory=dict)


class DeliveryStreams:
    """All delivery streams of one region, safe to read and change from several threads.

    Args:
        account: Twelve digits.
        region: Where they are; other regions are empty.
    """

    def __init__(self, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self.lock = threading.RLock()
        self._streams: dict[str, DeliveryStream] = {}

    @property
    def role_arn(self) -> str:
        """The role that delivers."""
        return f"arn:aws:iam::{self.account}:role/firehose-delivery"

    def arn(self, name: str) -> str:
        """The ARN that a delivery stream of this name has."""
        return f"arn:aws:firehose:{self.region}:{self.account}:deliverystream/{name}"

    def add(
        self,
        name: str,
        destination: Row,
        *,
        source: str | None = None,
        tags: Mapping[str, str] | None = None,
        **members: Any,
    ) -> DeliveryStream:
        """Add or replace a delivery stream.

        Args:
            name: Its name.
            destination: As in ``Destinations``, without ``DestinationId``; see ``to_s3``.
            source: ARN of the Kinesis stream that it reads; what is put into it directly when None.
            tags: By key.
            members: Other members of ``DescribeDeliveryStream``, e.g. ``DeliveryStreamStatus``.
        """
        row: Row = {
            "DeliveryStreamName": name,
            "DeliveryStreamARN": self.arn(name),
            "DeliveryStreamStatus": "ACTIVE",
            "DeliveryStreamType": "DirectPut" if source is None else "KinesisStreamAsSource",
            "VersionId": "1",
            "CreateTimestamp": FOUNDED,
            "Destinations": [{"DestinationId": "destinationId-000000000001", **destination}],
            "HasMoreDestinations": False,
        }
        if source is not None:
            reader = {"KinesisStreamARN": source, "RoleARN": self.role_arn, "DeliveryStartTimestamp": FOUNDED}
            row["Source"] = {"KinesisStreamSourceDescription": reader}
        stream = DeliveryStream(row | members, dict(tags or {}))
        with self.lock:
            self._streams[name] = stream
        return stream

    def names(self) -> list[str]:
        """Names of all delivery streams, sorted."""
        with self.lock:
            return sorted(self._streams)

    def find(self, name: str) -> DeliveryStream | None:
        """One delivery stream; None when there is none of that name."""
        with self.lock:
            return self._streams.get(name)

    def stream(self, name: str) -> DeliveryStream:
        """One delivery stream.

        Raises:
            NotFoundError: There is none of that name.
        """
        stream = self.find(name)
        if stream is None:
            raise NotFoundError(f"the company has no delivery stream {name!r}", where="sandbox company")
        return stream

    def drop(self, name: str) -> None:
        """Take a delivery stream away."""
        with self.lock:
            self.stream(name)
            del self._streams[name]

    def s3(self, bucket: str, prefix: str, compression: str = "GZIP") -> Row:
        """An S3 destination's plain description, as other destinations hold it for what they can't deliver."""
        return {
            "RoleARN": self.role_arn,
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "Prefix": prefix,
            "ErrorOutputPrefix": f"errors/{prefix}",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 300},
            "CompressionFormat": compression,
            "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
            "CloudWatchLoggingOptions": {"Enabled": False},
        }

    def to_s3(self, bucket: str, prefix: str, compression: str = "GZIP", **extended: Any) -> Row:
        """An S3 destination as AWS describes it: once plain, and once with what only newer clients understand."""
        plain = self.s3(bucket, prefix, compression)
        whole = {**plain, "S3BackupMode": "Disabled", **extended}
        return {"S3DestinationDescription": plain, "ExtendedS3DestinationDescription": whole}

    def conversion(self, database: str, table: str, version: str = "LATEST") -> Row:
        """Conversion of JSON records to Parquet by the columns of a table in the Data Catalog."""
        return {
            "Enabled": True,
            "SchemaConfiguration": {
                "RoleARN": self.role_arn,
                "CatalogId": self.account,
                "DatabaseName": database,
                "TableName": table,
                "Region": self.region,
                "VersionId": version,
            },
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {"Compression": "SNAPPY"}}},
        }
