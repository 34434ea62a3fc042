"""The data sources that data sets read, each asked about once, and the manifests of those in S3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError

from ingest_assets.errors import AuthenticationError, NotFoundError, RemoteError
from ingest_assets.parallel import side_by_side
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.aws_errors import translate
from ingest_assets.sources.optional import Optional
from ingest_assets.sources.quicksight.account import Account, checked
from ingest_assets.sources.quicksight.data_sources import NotRead
from ingest_assets.sources.quicksight.shapes import DataSet, DataSource, PhysicalTable

_LONGEST_MANIFEST = 10_000_000  # bytes


class Known(NamedTuple):
    """What data sets refer to.

    Attributes:
        data_sources: By ARN; why one could not be read.
        manifests: Their texts by the ARN of the data source; why one could not be read.
        why_not_listed: Why a data source may be missing; empty: all were listed.
    """

    data_sources: Mapping[str, DataSource | NotRead]
    manifests: Mapping[str, str | NotRead]
    why_not_listed: str


class Origins:
    """Reads data sources and manifests.

    Args:
        account: Whose.
        threads: Things asked about at once.
    """

    def __init__(self, account: Account, threads: int) -> None:
        self._account = account
        self._threads = threads
        self._listing = Optional("quicksight:ListDataSources", "Data sources that no data set names", "")
        self._describing = Optional("quicksight:DescribeDataSource", "Where data sets come from", "")
        self._manifests = Optional("s3:GetObject", "Files in S3 that manifests name", "")

    def of(self, data_sets: Iterable[DataSet]) -> Known:
        """What data sets refer to.

        Raises:
            RemoteError: The data sources could not be listed whole.
        """
        used = dict.fromkeys(arn for data_set in data_sets for arn in _origins(data_set))
        items = self._listing.ask(self._list)
        known = {} if items is None else _by_arn(items)
        for arn, found in side_by_side(self._describe, [arn for arn in used if arn not in known], self._threads):
            known[arn] = found
        in_s3 = [each for arn in used if isinstance(each := known[arn], DataSource) and _manifest_of(each)]
        manifests = dict(side_by_side(self._manifest, in_s3, self._threads))
        return Known(known, manifests, "" if items is not None else "quicksight:ListDataSources is not granted")

    def notes(self) -> Iterator[str | None]:
        """What people should know of what may not be seen."""
        yield from (each.note() for each in (self._describing, self._manifests))

    def _list(self) -> list[dict[str, Any]]:
        return list(self._account.items("ListDataSources", "all data sources", key="DataSources"))

    def _describe(self, arn: str) -> tuple[str, DataSource | NotRead]:
        """A data source that was not listed: it may be asked for all the same."""
        # arn:aws:quicksight:eu-north-1:123456789012:datasource/warehouse
        prefix, _, name = arn.partition(":datasource/")
        session = self._account.session
        if prefix.split(":")[3:] != [session.region, self._account.id] or not name:
            return arn, NotRead(f"its data source {arn} is of another account or region")
        try:
            answer = self._describing.ask(
                lambda: self._account.item("DescribeDataSource", name, key="DataSource", DataSourceId=name)
            )
        except AuthenticationError:
            raise
        except NotFoundError:
            return arn, NotRead(f"its data source {arn} was deleted")
        except RemoteError as error:
            return arn, NotRead(str(error))
        if answer is None:
            return arn, NotRead("quicksight:DescribeDataSource is not granted")
        return arn, _checked(answer)

    def _manifest(self, source: DataSource) -> tuple[str, str | NotRead]:
        location = _manifest_of(source)
        if location is None:
            return source.arn, NotRead("it has none")
        bucket, key = location
        try:
            text = self._manifests.ask(lambda: _object(self._account.session, bucket, key))
        except AuthenticationError:
            raise
        except RemoteError as error:
            return source.arn, NotRead(str(error))
        return source.arn, text if text is not None else NotRead("s3:GetObject is not granted")


def _by_arn(items: Iterable[dict[str, Any]]) -> dict[str, DataSource | NotRead]:
    found: dict[str, DataSource | NotRead] = {}
    for item in items:
        told = _checked(item)
        arn = told.arn if isinstance(told, DataSource) else item.get("Arn")
        if isinstance(arn, str):
            found[arn] = told
    return found


def _checked(item: dict[str, Any]) -> DataSource | NotRead:
    try:
        return checked(DataSource, item, str(item.get("DataSourceId", "a data source")))
    except RemoteError as error:
        return NotRead(str(error))


def _origins(data_set: DataSet) -> Iterator[str]:
    for table in (data_set.physical_table_map or {}).values():
        read = _read(table)
        if read is not None:
            yield read


def _read(table: PhysicalTable) -> str | None:
    kinds = (table.relational_table, table.custom_sql, table.s3_source, table.saas_table)
    return next((each.data_source_arn for each in kinds if each is not None), None)


def _manifest_of(source: DataSource) -> tuple[str, str] | None:
    location = source.parameters.manifest_file_location
    return (location.bucket, location.key) if location is not None else None


def _object(session: AwsSession, bucket: str, key: str) -> str:
    """A small object of S3, as text.

    Raises:
        RemoteError: It can't be read, or is too large for what it should be.
    """
    subject = f"s3://{bucket}/{key}"
    answer = session.call("s3", "GetObject", subject, Bucket=bucket, Key=key)
    try:
        content = answer["Body"].read(_LONGEST_MANIFEST + 1)
    except BotoCoreError as error:
        raise translate("s3:GetObject", subject, error) from error
    return bytes(content).decode("utf-8", "replace")
