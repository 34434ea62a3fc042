"""Reading data sets, each listed and described once, with the data sources and manifests that they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from ingest_assets.catalog import EntityType, Filtered, Finding, Note, Reference, Scope
from ingest_assets.errors import NotFoundError, RejectedError
from ingest_assets.sources.once import Once
from ingest_assets.sources.one_by_one import read_each
from ingest_assets.sources.optional import Unread as NotAllRead
from ingest_assets.sources.quicksight.account import Account, checked
from ingest_assets.sources.quicksight.besides import BesidesReader
from ingest_assets.sources.quicksight.board_shapes import DataSetSummary
from ingest_assets.sources.quicksight.console import QuickSightConsole
from ingest_assets.sources.quicksight.data_set_lineage import (
    DataSetContext,
    KnownDataSet,
    data_set_findings,
    known_data_set,
)
from ingest_assets.sources.quicksight.origins import Origins
from ingest_assets.sources.quicksight.refreshes import Refreshes
from ingest_assets.sources.quicksight.shapes import DataSet


class Wanted(Protocol):
    """What a recipe asks for."""

    @property
    def service(self) -> str:
        """Name of the dashboard service."""

    @property
    def include_refreshes(self) -> bool:
        """Whether the last refresh in SPICE is asked for."""

    @property
    def data_sources(self) -> Mapping[str, str]:
        """Where the tables of a data source are, by its id."""

    @property
    def threads(self) -> int:
        """Things asked about at once."""

    def data_model_filter(self, name: str, /) -> bool:
        """Which data sets are kept, by name."""


class DataSets:
    """Reads the data sets of an account.

    Args:
        account: Whose.
        wanted: From the recipe.
        besides: Reads tags, owners and folders.
        console: Makes addresses.
    """

    def __init__(self, account: Account, wanted: Wanted, besides: BesidesReader, console: QuickSightConsole) -> None:
        self._account = account
        self._wanted = wanted
        self._besides = besides
        self._console = console
        self._described: Once[str, DataSet | None] = Once(self._describe)
        self._origins = Origins(account, wanted.threads)
        self._refreshes = Refreshes(account)
        self._inexpressible = NotAllRead(
            "{} data sets arrive without columns and lineage, as QuickSight can't show them"
        )

    def forget_failures(self) -> None:
        """See ``Once``."""
        self._described.forget_failures()

    def read(self, scope: Scope) -> Iterator[Finding]:
        """The data models of all data sets, and their lineage.

        Raises:
            RemoteError: They could not be listed whole.
        """
        items = self._account.items("ListDataSets", "all data sets", key="DataSetSummaries")
        summaries = [checked(DataSetSummary, item, "a data set") for item in items]
        listed = {Reference(EntityType.DATA_MODEL, (*scope.path, each.data_set_id)): each for each in summaries}
        kept = [reference for reference, each in listed.items() if self._keeps(each)]
        # All are described before any is followed to the data sets that it is made of.
        self._describe_all(kept)
        context = self._context(listed)
        yield from read_each(listed, lambda each: self._data_set(each, listed[each], context), self._wanted.threads)
        own = (self._inexpressible.note(), *self._origins.notes(), *self._refreshes.notes())
        notes = (*own, *self._besides.notes(EntityType.DATA_MODEL))
        yield from (Note(text=text) for text in notes if text)
        yield self._refreshes.health()

    def exists(self, data_set_id: str) -> bool:
        """Whether QuickSight has a data set.

        Raises:
            RemoteError: It can't be told.
        """
        try:
            self._account.call("DescribeDataSet", data_set_id, DataSetId=data_set_id)
        except NotFoundError:
            return False
        except RejectedError:
            # What was made of an uploaded file is there, and is not described.
            return True
        return True

    def _keeps(self, summary: DataSetSummary) -> bool:
        return self._wanted.data_model_filter(summary.name or summary.data_set_id)

    def _describe_all(self, references: list[Reference]) -> None:
        """Describe them; what fails is told where it is read."""

        def describe(reference: Reference) -> Iterator[Finding]:
            self._described.get(reference.name)
            return iter(())

        for _ in read_each(references, describe, self._wanted.threads):
            pass

    def _describe(self, data_set_id: str) -> DataSet | None:
        """A data set; None where QuickSight has no words for it, as for an uploaded file."""
        try:
            answer = self._account.item("DescribeDataSet", data_set_id, key="DataSet", DataSetId=data_set_id)
        except RejectedError as error:
            self._inexpressible.add(Reference(EntityType.DATA_MODEL, (data_set_id,)), error)
            return None
        return checked(DataSet, answer, data_set_id)

    def _context(self, listed: Mapping[Reference, DataSetSummary]) -> DataSetContext:
        known: dict[str, KnownDataSet] = {}
        described: list[DataSet] = []
        for summary in listed.values():
            data_set = self._described.known(summary.data_set_id)
            known[summary.arn] = KnownDataSet(summary.data_set_id) if data_set is None else known_data_set(data_set)
            described += [data_set] if data_set is not None else []
        origins = self._origins.of(described)
        return DataSetContext(
            service=self._wanted.service,
            data_sources=origins.data_sources,
            data_sets=known,
            manifests=origins.manifests,
            why_not_listed=origins.why_not_listed,
            places=self._wanted.data_sources,
        )

    def _data_set(self, reference: Reference, summary: DataSetSummary, context: DataSetContext) -> Iterator[Finding]:
        if not self._keeps(summary):
            yield Filtered(reference=reference, reason="dataModelFilterPattern")
            return
        described = self._described.get(summary.data_set_id)
        data_set = described or DataSet(
            Arn=summary.arn, DataSetId=summary.data_set_id, Name=summary.name, ImportMode=summary.import_mode
        )
        besides = self._besides.of_data_set(summary.data_set_id, summary.arn)
        yield from besides.words
        if self._wanted.include_refreshes and data_set.import_mode == "SPICE":
            self._refreshes.ask(summary.data_set_id, summary.name or summary.data_set_id)
        page = self._console.data_set(summary.data_set_id)
        yield from data_set_findings(data_set, context, besides.told, page)
