"""Where catalogs are: regions and accounts, who reads there, and what a catalog is called in paths.

The account's own catalog in the recipe's region is called by its id, or by the recipe's label; in another region, and
so in other accounts, the region follows: ``123456789012_eu-west-1``. No id of a catalog looks like that.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ingest_assets.catalog import Reference
from ingest_assets.errors import AuthenticationError, PermissionDeniedError, RecipeError, RejectedError
from ingest_assets.sources.aws import AwsSession
from ingest_assets.sources.glue.console import GlueConsole
from ingest_assets.sources.glue.lf_tags import LfTags

_CATALOG_ID = re.compile(r"\d{12}(:.+)?")
_IN_A_REGION = re.compile(r"(.+)_([a-z]+(?:-[a-z]+)+-\d{1,2})")


@dataclass(frozen=True)
class OtherAccount:
    """An account that is read by a role of its own.

    Attributes:
        account_id: Twelve digits, the role's.
        role_arn: Assumed with the recipe's credentials.
        external_id: What the role's trust policy asks for; None: the recipe's.
        regions: Regions that are read; none: the same as in the recipe's own account.
    """

    account_id: str
    role_arn: str
    external_id: str | None = None
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """One catalog in one region.

    Attributes:
        name: What it is called in paths.
        session: Who asks, and in which region.
        where: The ``CatalogId`` parameter; empty for the catalog of the session's own account.
        is_home: Whether it is read as the recipe says it under ``awsConfig``.
        role: The account whose role reads it; None: the recipe's own credentials do.
    """

    name: str
    session: AwsSession
    where: Mapping[str, object]
    is_home: bool
    role: OtherAccount | None = None

    @cached_property
    def console(self) -> GlueConsole:
        """Makes addresses."""
        return GlueConsole(self.session.console_host(), self.session.region)

    def databases(self, **parameters: object) -> Iterator[dict[str, Any]]:
        """Pages of ``GetDatabases``."""
        return self._pages("GetDatabases", "DatabaseList", self.name, parameters)

    def tables(self, database: str) -> Iterator[dict[str, Any]]:
        """Pages of ``GetTables``."""
        subject = database if self.is_home else f"{database} in {self.name}"
        return self._pages("GetTables", "TableList", subject, {"DatabaseName": database})

    def table(self, database: str, name: str) -> dict[str, Any]:
        """The answer of ``GetTable``."""
        subject, asked = f"{database}.{name} in {self.name}", {**self.where, "DatabaseName": database, "Name": name}
        with self._apart():
            return self.session.item("glue", "GetTable", subject, key="Table", **asked)

    def _pages(self, operation: str, key: str, subject: str, parameters: Mapping[str, object]) -> Iterator[Any]:
        with self._apart():
            yield from self.session.pages("glue", operation, subject, key=key, **self.where, **parameters)

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """What is refused elsewhere than at home costs that place alone."""
        try:
            yield
        except AuthenticationError as error:
            if self.is_home:
                raise
            # In a region that the account has not switched on no key is known.
            told = PermissionDeniedError(error.what, where=error.where, advice=error.advice, status=error.status)
            raise told from error


class Places:
    """The catalogs of one service. Safe to share among threads; no remote call but for what ``catalog_id`` says.

    Args:
        session: The recipe's own, in its region.
        label: What the account's own catalog is called; None: by its id.
        catalog_ids: Catalogs that are read with the recipe's own credentials besides the account's own.
        regions: Regions that are read besides the session's.
        accounts: Accounts that are read by roles of their own.

    Attributes:
        own_id: Id of the account's own catalog, once a listing told it.
    """

    def __init__(
        self,
        session: AwsSession,
        label: str | None,
        catalog_ids: tuple[str, ...],
        regions: tuple[str, ...],
        accounts: tuple[OtherAccount, ...],
    ) -> None:
        self.own_id: str | None = None
        self._session = session
        self._label = label
        self._catalog_ids = catalog_ids
        self._regions = tuple(dict.fromkeys((session.region, *regions)))
        self._accounts = {account.account_id: account for account in accounts}
        self._all_regions = {*self._regions, *(region for account in accounts for region in account.regions)}
        self._tags: dict[tuple[str | None, str, str | None], LfTags] = {}
        self._lock = threading.Lock()

    def home(self) -> Place:
        """The account's own catalog in the recipe's region, of which the name may not be known yet."""
        return Place(self._label or self.own_id or "the account's catalog", self._session, {}, is_home=True)

    def names(self, own_id: str | None) -> list[str]:
        """What all catalogs are called, the account's own first; its id is the listing's, else STS tells it.

        Raises:
            RecipeError: Two catalogs would be called the same.
            RemoteError: STS can't be asked.
        """
        own = self._label or own_id or self._session.account_id()
        self.own_id = own_id if self._label else own
        others = [each for each in self._catalog_ids if each != self.own_id]
        if self._label and self._label in {*others, *self._accounts}:
            raise RecipeError(f"databaseName {own!r} is the id of another catalog that the recipe reads: rename it.")
        if self.own_id in self._accounts:
            raise RecipeError(
                f"dagster.source.accounts: {self.own_id} is the account that the recipe's own credentials read. Leave "
                "it out there; dagster.source.regions names its regions."
            )
        names = [self._name(own, region) for region in self._regions]
        names += others
        for account in self._accounts.values():
            names += [self._name(account.account_id, region) for region in account.regions or self._regions]
        return list(dict.fromkeys(names))

    def of(self, name: str) -> Place:
        """The catalog that paths call so, of those that the recipe reads."""
        return self._place(name, *self._split(name))

    def asked(self, reference: Reference) -> Place:
        """The catalog that is asked for what may be of an earlier recipe: one that is no longer read, too.

        Raises:
            RejectedError: It is called by what is no id, such as an earlier label of the account's own.
        """
        name = reference.path[1]
        base, region = self._split(name)
        if base not in {self._label, self.own_id, *self._accounts}:
            former = _IN_A_REGION.fullmatch(name)
            base, region = (former[1], former[2]) if former else (base, region)
        if base in {self._label, self.own_id, *self._accounts}:
            return self._place(name, base, region)
        if not _CATALOG_ID.fullmatch(base):
            raise RejectedError(
                f"{base} is no id of a catalog, nor the databaseName of the recipe.",
                where=f"glue: {reference}",
                advice="So it can't be asked for, and is kept. Delete it by hand if it is gone.",
            )
        return Place(name, self._session.at(region=region), {"CatalogId": base}, is_home=False)

    def catalog_id(self, name: str) -> str:
        """Glue's id of a catalog by what it is called in a path.

        Raises:
            RemoteError: Only a label is known, and STS can't be asked.
        """
        base, _ = self._split(name)
        if base != self._label:
            return base
        # A retry in a new process finds the listing of catalogs proven, and does not read it again.
        return self.own_id or self._session.account_id()

    def find(self, catalog_id: str, region: str) -> Place | None:
        """The catalog of an id in a region, if the recipe reads it.

        Raises:
            RemoteError: No listing told the own account's id, and STS can't be asked.
        """
        account = self._accounts.get(catalog_id)
        if account is not None:
            return self.of(self._name(catalog_id, region)) if region in (account.regions or self._regions) else None
        if region in self._regions and catalog_id == (self.own_id or self._session.account_id()):
            return self.of(self._name(self._label or catalog_id, region))
        if catalog_id in self._catalog_ids and region == self._session.region:
            return self.of(catalog_id)
        return None

    def tags(self, place: Place, catalog_id: str) -> LfTags | None:
        """The LF-tags that hold for what a catalog shows; it may belong to another one, behind a resource link.

        Args:
            place: The catalog that shows it.
            catalog_id: The catalog that it belongs to.

        Returns:
            None if nothing of that account is read, so that its tags are not asked for either.
        """
        owner, shown = catalog_id.partition(":")[0], self.catalog_id(place.name).partition(":")[0]
        if owner != shown and owner in self._accounts:
            return self._tags_of(self._accounts[owner], place.session.region, None)
        if owner != shown or (place.role is None and place.where and owner != self.own_id):
            read = {each.partition(":")[0] for each in self._catalog_ids}
            return self._tags_of(None, place.session.region, owner) if owner in read else None
        return self._tags_of(place.role, place.session.region, None)

    def _tags_of(self, role: OtherAccount | None, region: str, account: str | None) -> LfTags:
        """One for the run. Whoever is denied a look at the own account's tags at home is denied all others."""
        first = None
        if account is not None or region != self._session.region:
            first = self._tags_of(role, self._session.region, None)
        key = (role.role_arn if role else None, region, account)
        with self._lock:
            if key not in self._tags:
                session = self._session.at(region=region)
                if role is not None:
                    session = session.at(role_arn=role.role_arn, external_id=role.external_id)
                self._tags[key] = LfTags(session, account, first)
            return self._tags[key]

    def notes(self) -> list[str]:
        """What people should know of LF-tags and were not told yet."""
        with self._lock:
            asked = list(self._tags.values())
        return [note for tags in asked for note in tags.notes()]

    def _place(self, name: str, base: str, region: str) -> Place:
        session = self._session.at(region=region)
        is_home = region == self._session.region
        account = self._accounts.get(base)
        if account is not None:
            session = session.at(role_arn=account.role_arn, external_id=account.external_id)
            return Place(name, session, {}, is_home=False, role=account)
        where = {"CatalogId": base} if base in self._catalog_ids and base not in (self._label, self.own_id) else {}
        return Place(name, session, where, is_home=is_home)

    def _name(self, base: str, region: str) -> str:
        return base if region == self._session.region else f"{base}_{region}"

    def _split(self, name: str) -> tuple[str, str]:
        """A catalog's id or label, and its region."""
        base, _, region = name.rpartition("_")
        if name != self._label and base and region in self._all_regions and region != self._session.region:
            return base, region
        return name, self._session.region
