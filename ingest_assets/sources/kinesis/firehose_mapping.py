"""From what Firehose says of a delivery stream to a pipeline and its lineage. Pure functions.

What records go through are the pipeline's tasks, named by AWS's own words. An edge is told of only where the
description names the other end: a stream, a place in S3, a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeGuard
from urllib.parse import quote, urlsplit

from ingest_assets.catalog import (
    Edge,
    Elsewhere,
    EntityType,
    ForeignEdge,
    Origin,
    Pipeline,
    Reference,
    Task,
)
from ingest_assets.sources.aws_tags import AwsTags
from ingest_assets.sources.kinesis.firehose_shapes import (
    Conversion,
    Delivered,
    DeliveryStream,
    Destination,
    HttpDestination,
    IcebergDestination,
    IndexDestination,
    Processor,
    RedshiftDestination,
    S3Destination,
    S3Place,
    SnowflakeDestination,
    SplunkDestination,
)

_BUCKET = re.compile(r"arn:[^:]+:s3:::([^:/]+)")
_STREAM = re.compile(r"arn:[^:]+:kinesis:[^:]+:\d{12}:stream/(.+)")
_REDSHIFT_NAME = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
_KEEPS_ALL = frozenset({"Enabled", "AllData", "AllDocuments", "AllEvents"})
"""Backups of all records; the others keep what could not be delivered, which is no lineage."""

_EXPRESSION = "!{"
_DESCRIPTION = "DestinationDescription"
_QUALIFIED = 2


class Step(NamedTuple):
    """Something that records go through.

    Attributes:
        name: In AWS's words, with a number where there are several.
        kind: In AWS's words.
        shown: For people.
        after: Name of the step before.
        leads_to: What it fills.
    """

    name: str
    kind: str
    shown: str
    after: str | None
    leads_to: tuple[Elsewhere, ...] = ()


def console_page(host: str | None, region: str, name: str) -> str | None:
    """A delivery stream's page in the console; None where the console's host is not known."""
    return host and f"https://{host}/firehose/home?region={region}#/details/{quote(name, safe='')}/monitoring"


def to_pipeline(
    stream: DeliveryStream,
    path: tuple[str, ...],
    tags: AwsTags | None,
    source_url: str | None,
    unknown: frozenset[str] = frozenset(),
) -> Pipeline:
    """A delivery stream as a pipeline.

    Args:
        stream: What Firehose says of it.
        path: Service and name.
        tags: None: not asked for, or not known.
        source_url: Its page in the console.
        unknown: Attributes that could not be read this time.
    """
    every = steps(stream)
    before = {step.after for step in every}
    ends = [step.shown for step in every if step.name not in before]
    return Pipeline(
        path=path,
        description=f"From {_code(every[0].shown)} to {' and '.join(map(_code, ends))}." if len(every) > 1 else None,
        owners=tags.owners if tags else None,
        labels=tags.labels if tags else None,
        source_url=source_url,
        location=stream.delivery_stream_arn,
        tasks=tuple(
            Task(
                name=step.name,
                display_name=step.shown,
                task_type=step.kind,
                downstream=tuple(other.name for other in every if other.after == step.name),
            )
            for step in every
        ),
        unknown=unknown,
    )


def edges(stream: DeliveryStream, pipeline: Reference, kinesis_service: str) -> Iterator[Edge | ForeignEdge]:
    """The lineage that a delivery stream tells of: from the stream that it reads, to all that it fills.

    Args:
        stream: What Firehose says of it.
        pipeline: What it is in the catalog.
        kinesis_service: Has the streams of the delivery stream's own account and region.
    """
    read = _stream_read(stream, kinesis_service)
    if isinstance(read, Reference):
        yield Edge(source=read, target=pipeline, origin=Origin.PIPELINE, told_by=(pipeline,))
    elif read is not None:
        yield ForeignEdge(source=read, target=pipeline, origin=Origin.PIPELINE, told_by=(pipeline,))
    for target in dict.fromkeys(target for step in steps(stream) for target in step.leads_to):
        yield ForeignEdge(source=pipeline, target=target, origin=Origin.PIPELINE, told_by=(pipeline,))


def steps(stream: DeliveryStream) -> list[Step]:
    """All that records go through, each after the one before it."""
    course = _Course()
    source = course.add(stream.delivery_stream_type, _source_shown(stream), None)
    for destination in stream.destinations:
        course.deliver(destination, source)
    return course.steps


def place_of(place: S3Place) -> Elsewhere | None:
    """Where in S3 records are put, as far as it is the same for all of them.

    Firehose appends the hour, or the object's name, to a prefix as it is: what follows the last slash is part of a
    name, and so is what an expression begins with. None where the bucket is named by an access point.
    """
    bucket = _BUCKET.fullmatch(place.bucket_arn)
    if bucket is None:
        return None
    folder, slash, _ = (place.prefix or "").partition(_EXPRESSION)[0].rpartition("/")
    names = (f"s3://{bucket[1]}", folder + slash) if folder else (f"s3://{bucket[1]}",)
    return Elsewhere(type=EntityType.CONTAINER, names=names, system="s3")


class _Course:
    """The way of the records, as it is put together."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def add(self, kind: str, shown: str, after: str | None, leads_to: tuple[Elsewhere, ...] = ()) -> str:
        """A further step; its name, which no other has."""
        number = sum(step.kind == kind for step in self.steps) + 1
        name = kind if number == 1 else f"{kind}-{number}"
        self.steps.append(Step(name, kind, shown, after, leads_to))
        return name

    def deliver(self, destination: Destination, source: str) -> None:
        """What is done on the way to a destination, the destination, and the backup of what came in."""
        for kind in _others(destination):
            self.add(kind, kind, source)
        for kind, there in _described(destination):
            last = self._process(there, source)
            if isinstance(there, S3Destination) and _is_on(there.data_format_conversion_configuration):
                last = self._convert(there.data_format_conversion_configuration, last)
            if isinstance(there, RedshiftDestination) and there.s3_destination_description is not None:
                last = self._put("S3", there.s3_destination_description, last)
            if isinstance(there, S3Destination):
                self._put(kind, there, last)
            else:
                self.add(kind, _shown(there), last, _tables(there))
            backup = there.s3_backup_description
            if backup is None and not isinstance(there, RedshiftDestination):
                backup = there.s3_destination_description
            if backup is not None and there.s3_backup_mode in _KEEPS_ALL:
                self._put("S3Backup", backup, source)

    def _process(self, there: Delivered, last: str) -> str:
        processing = there.processing_configuration
        if processing is not None and processing.enabled is not False:
            for processor in processing.processors or []:
                last = self.add(processor.type, _processor_shown(processor), last)
        return last

    def _convert(self, conversion: Conversion, last: str) -> str:
        schema, output = conversion.schema_configuration, conversion.output_format_configuration
        serializer = output.serializer if output else None
        formats = {"ORC": serializer.orc_ser_de, "Parquet": serializer.parquet_ser_de} if serializer else {}
        shown = f"conversion to {next((name for name, told in formats.items() if told is not None), 'columns')}"
        if schema is None or not schema.database_name or not schema.table_name:
            return self.add("DataFormatConversion", shown, last)
        names = (schema.database_name, schema.table_name)
        table = Elsewhere(type=EntityType.TABLE, names=names, system="glue")
        return self.add("DataFormatConversion", f"{shown} by the table {table}", last, (table,))

    def _put(self, kind: str, place: S3Place, last: str) -> str:
        target = place_of(place)
        bucket = place.bucket_arn.rpartition(":::")[2]
        return self.add(kind, f"s3://{bucket}/{place.prefix or ''}", last, (target,) if target else ())


def _is_on(conversion: Conversion | None) -> TypeGuard[Conversion]:
    return conversion is not None and conversion.enabled is not False


def _described(destination: Destination) -> Iterator[tuple[str, Delivered]]:
    """What a destination is, by AWS's word for it: of S3 the whole description, where there are both."""
    for name, field in type(destination).model_fields.items():
        there = getattr(destination, name)
        if there is not None and not (name == "s3" and destination.extended_s3 is not None):
            yield str(field.alias).removesuffix(_DESCRIPTION), there


def _others(destination: Destination) -> list[str]:
    """Kinds of destinations that are newer than this."""
    return [name.removesuffix(_DESCRIPTION) for name in destination.model_extra or () if name.endswith(_DESCRIPTION)]


def _tables(there: Delivered) -> tuple[Elsewhere, ...]:
    """The tables that a destination names."""
    match there:
        case RedshiftDestination():
            database = _database(there.cluster_jdbcurl)
            table = tuple(_unquoted(each) for each in _REDSHIFT_NAME.findall(there.copy_command.data_table_name))
            # Without a schema, Redshift's search path decides, which nobody here knows.
            named = [(database, *table) if database and len(table) == _QUALIFIED else table]
            system = "redshift"
        case SnowflakeDestination():
            named = [tuple(name for name in (there.database, there.schema_name, there.table) if name)]
            system = "snowflake"
        case IcebergDestination():
            named = [
                (each.destination_database_name, each.destination_table_name)
                for each in there.destination_table_configuration_list or []
            ]
            system = "glue"
        case _:
            return ()
    return tuple(Elsewhere(type=EntityType.TABLE, names=names, system=system) for names in named if names)


def _unquoted(parts: tuple[str, str]) -> str:
    quoted, plain = parts
    return quoted.replace('""', '"') or plain


def _shown(there: Delivered) -> str:
    """What a destination is for people; of addresses the host alone, as paths and queries may hold keys."""
    tables = " and ".join(map(str, _tables(there)))
    match there:
        case RedshiftDestination():
            return f"Redshift table {tables}"
        case SnowflakeDestination():
            return f"Snowflake table {tables}"
        case IcebergDestination():
            return f"Iceberg table {tables}" if tables else "Iceberg tables"
        case IndexDestination():
            return f"index {there.index_name}" if there.index_name else "an index"
        case HttpDestination():
            endpoint = there.endpoint_configuration
            names = (endpoint.name, _host(endpoint.url)) if endpoint else ()
            return ", ".join(name for name in names if name) or "an HTTP endpoint"
        case SplunkDestination():
            return f"Splunk at {host}" if (host := _host(there.hec_endpoint)) else "Splunk"
        case _:
            raise ValueError(there)


def _database(jdbc_url: str) -> str:
    try:
        return urlsplit(jdbc_url.removeprefix("jdbc:")).path.strip("/")
    except ValueError:
        return ""


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def _processor_shown(processor: Processor) -> str:
    function = processor.parameter("LambdaArn")
    return f"Lambda function {function.partition(':function:')[2] or function}" if function else processor.type


def _stream_read(stream: DeliveryStream, kinesis_service: str) -> Reference | Elsewhere | None:
    kinesis = stream.source.kinesis_stream_source_description if stream.source else None
    if kinesis is None or (match := _STREAM.fullmatch(kinesis.kinesis_stream_arn)) is None:
        return None
    own = stream.delivery_stream_arn.replace(":firehose:", ":kinesis:", 1).rpartition(":")[0]
    if kinesis.kinesis_stream_arn == f"{own}:stream/{match[1]}":
        return Reference(EntityType.TOPIC, (kinesis_service, match[1]))
    # By its ARN: the name alone may well be that of a stream here.
    return Elsewhere(type=EntityType.TOPIC, names=(kinesis.kinesis_stream_arn,), system="kinesis")


def _source_shown(stream: DeliveryStream) -> str:
    source = stream.source
    if source and (kinesis := source.kinesis_stream_source_description):
        return f"Kinesis stream {kinesis.kinesis_stream_arn.rpartition('/')[2]}"
    if source and (msk := source.msk_source_description):
        return f"Kafka topic {msk.topic_name}"
    return "Direct PUT" if stream.delivery_stream_type == "DirectPut" else stream.delivery_stream_type


def _code(text: str) -> str:
    """A text as Markdown shows it as it is."""
    return f"`{text.replace('`', ' ')}`"
