"""The parts of Firehose's answers that are used: another shape costs the delivery stream that it is in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class _Shape(BaseModel):
    """Ignores what it does not declare; an explicit null is the same as a missing key."""

    model_config = ConfigDict(alias_generator=to_pascal)


class Parameter(_Shape):
    """A setting of a processor."""

    parameter_name: str
    parameter_value: str


class Processor(_Shape):
    """What is done to each record before it is delivered."""

    type: str = Field(min_length=1)
    parameters: list[Parameter] | None = None

    def parameter(self, name: str) -> str | None:
        """The value of a setting."""
        return next((each.parameter_value for each in self.parameters or [] if each.parameter_name == name), None)


class Processing(_Shape):
    """``ProcessingConfiguration``."""

    enabled: bool | None = None
    processors: list[Processor] | None = None


class S3Place(_Shape):
    """Where in S3 something is put."""

    bucket_arn: str = Field(alias="BucketARN", min_length=1)
    prefix: str | None = None
    compression_format: str | None = None


class SchemaConfiguration(_Shape):
    """The table of the Data Catalog by whose columns records are converted."""

    database_name: str | None = None
    table_name: str | None = None


class Serializer(_Shape):
    """What records are converted to; each of them has settings."""

    orc_ser_de: dict[str, object] | None = None
    parquet_ser_de: dict[str, object] | None = None


class OutputFormat(_Shape):
    """``OutputFormatConfiguration``."""

    serializer: Serializer | None = None


class Conversion(_Shape):
    """``DataFormatConversionConfiguration``; on unless it says otherwise."""

    enabled: bool | None = None
    schema_configuration: SchemaConfiguration | None = None
    output_format_configuration: OutputFormat | None = None


class Delivered(_Shape):
    """What destinations have in common.

    Attributes:
        processing_configuration: What is done before.
        s3_backup_mode: What is kept in S3 besides: ``Disabled``, ``Enabled``, ``AllData``, ``FailedDataOnly``, ...
        s3_backup_description: Where that is kept, of S3 and Redshift.
        s3_destination_description: Of the others, where that is kept; of Redshift, where it copies from.
    """

    processing_configuration: Processing | None = None
    s3_backup_mode: str | None = None
    s3_backup_description: S3Place | None = None
    s3_destination_description: S3Place | None = None


class S3Destination(Delivered, S3Place):
    """``ExtendedS3DestinationDescription``, and what it has in common with the plain one."""

    data_format_conversion_configuration: Conversion | None = None


class CopyCommand(_Shape):
    """What Redshift does with what was staged in S3."""

    data_table_name: str = Field(min_length=1)


class RedshiftDestination(Delivered):
    """``RedshiftDestinationDescription``."""

    cluster_jdbcurl: str = Field(alias="ClusterJDBCURL", min_length=1)
    copy_command: CopyCommand


class SnowflakeDestination(Delivered):
    """``SnowflakeDestinationDescription``."""

    database: str | None = None
    schema_name: str | None = Field(default=None, alias="Schema")
    table: str | None = None


class IcebergTable(_Shape):
    """One of the tables that an Iceberg destination fills."""

    destination_database_name: str = Field(min_length=1)
    destination_table_name: str = Field(min_length=1)


class IcebergDestination(Delivered):
    """``IcebergDestinationDescription``."""

    destination_table_configuration_list: list[IcebergTable] | None = None


class IndexDestination(Delivered):
    """OpenSearch in its three kinds, and Elasticsearch."""

    index_name: str | None = None


class Endpoint(_Shape):
    """An HTTP endpoint."""

    url: str | None = None
    name: str | None = None


class HttpDestination(Delivered):
    """``HttpEndpointDestinationDescription``."""

    endpoint_configuration: Endpoint | None = None


class SplunkDestination(Delivered):
    """``SplunkDestinationDescription``; its token is not read."""

    hec_endpoint: str | None = Field(default=None, alias="HECEndpoint")


class Destination(BaseModel):
    """Where records go: one of these; of S3 both, the plain one for the sake of old clients."""

    model_config = ConfigDict(alias_generator=lambda name: f"{to_pascal(name)}DestinationDescription", extra="allow")

    extended_s3: S3Destination | None = None
    s3: S3Destination | None = None
    redshift: RedshiftDestination | None = None
    snowflake: SnowflakeDestination | None = None
    iceberg: IcebergDestination | None = None
    elasticsearch: IndexDestination | None = None
    amazonopensearchservice: IndexDestination | None = None
    amazon_open_search_serverless: IndexDestination | None = None
    http_endpoint: HttpDestination | None = None
    splunk: SplunkDestination | None = None


class KinesisStreamSource(_Shape):
    """A Kinesis stream that is read."""

    kinesis_stream_arn: str = Field(alias="KinesisStreamARN", min_length=1)


class MskSource(_Shape):
    """A Kafka topic that is read."""

    msk_cluster_arn: str = Field(alias="MSKClusterARN", min_length=1)
    topic_name: str = Field(min_length=1)


class Source(_Shape):
    """What is read, if it is not put."""

    kinesis_stream_source_description: KinesisStreamSource | None = None
    msk_source_description: MskSource | None = Field(default=None, alias="MSKSourceDescription")


class DeliveryStream(_Shape):
    """``DeliveryStreamDescription``."""

    delivery_stream_name: str = Field(min_length=1)
    delivery_stream_arn: str = Field(alias="DeliveryStreamARN", min_length=1)
    delivery_stream_status: str
    delivery_stream_type: str
    source: Source | None = None
    destinations: list[Destination] = Field(min_length=1)
    has_more_destinations: bool
