"""AWS Lake Formation: the tags on databases, tables and columns of the Data Catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from ingest_assets.errors import NotFoundError
from ingest_assets.sandbox.aws.identity import access_denied
from ingest_assets.sandbox.aws.operations import Caller, Operation, Params, Tokens
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.glue import Row
from ingest_assets.sandbox.company.lf_tags import LfTags, column_names
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Faults

_TAGS = 50
_SEARCHED = 100
_KINDS = ("Database", "Table", "TableWithColumns")
_PAGED = frozenset({"NextToken", "MaxResults", "CatalogId"})


class LakeFormationService:
    """The Lake Formation operations that are built.

    Args:
        tags: The state behind.
        tokens: Issues and checks page tokens.
        faults: For the kinds that only a listing can act out.
    """

    name = "lakeformation"

    def __init__(self, tags: LfTags, tokens: Tokens, faults: Faults) -> None:
        self._tags = tags
        self._tokens = tokens
        self._faults = faults

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        search = _PAGED | {"Expression"}
        resource = frozenset({"CatalogId", "Resource", "ShowAssignedLFTags"})
        return {
            "ListLFTags": Operation(self.list_lf_tags, _PAGED, lambda _: ""),
            "GetLFTag": Operation(self.get_lf_tag, frozenset({"CatalogId", "TagKey"})),
            "GetResourceLFTags": Operation(self.get_resource_lf_tags, resource, _resource_subject),
            "SearchDatabasesByLFTags": Operation(self.search_databases, search, lambda _: ""),
            "SearchTablesByLFTags": Operation(self.search_tables, search, lambda _: ""),
        }

    def list_lf_tags(self, caller: Caller, params: Params) -> Params:
        """``ListLFTags``: the keys and the values that they may have."""
        catalog = self._allowed(caller, params, "ListLFTags")
        defined = self._tags.defined() if self._is_here(caller) else {}

        def rows(position: str) -> Iterator[tuple[str, Row]]:
            for key, values in defined.items():
                if key > position:
                    yield key, {"CatalogId": catalog, "TagKey": key, "TagValues": list(values)}

        return self._page("ListLFTags", catalog, params, "LFTags", _TAGS, rows)

    def get_lf_tag(self, caller: Caller, params: Params) -> Params:
        """``GetLFTag``."""
        catalog = self._allowed(caller, params, "GetLFTag")
        values = self._tags.defined().get(params["TagKey"]) if self._is_here(caller) else None
        if values is None:
            raise Refusal("EntityNotFoundException", "Tag key does not exist")
        return {"CatalogId": catalog, "TagKey": params["TagKey"], "TagValues": list(values)}

    def get_resource_lf_tags(self, caller: Caller, params: Params) -> Params:
        """``GetResourceLFTags``: what holds for a resource, or with ``ShowAssignedLFTags`` what it was itself given."""
        kind, resource = _only_resource(params["Resource"])
        self._allowed(caller, {"CatalogId": resource.get("CatalogId", params.get("CatalogId"))}, "GetResourceLFTags")
        database = resource["Name"] if kind == "Database" else resource["DatabaseName"]
        table = None if kind == "Database" else resource.get("Name")
        if kind != "Database" and table is None:
            raise Refusal("InvalidInputException", "LF-tags belong to one table; TableWildcard names many.")
        with self._tags.lock:
            self._require_seen(caller, database, table)
            above = self._pairs(self._tags.own(database))
            if table is None:
                return _without_empty({"LFTagOnDatabase": above})
            row = self._tags.glue.table(database, table)
            columns = _wanted_columns(kind, resource, row)
            if params.get("ShowAssignedLFTags", False):
                shown = self._table_tags(self._tags.own, database, row, columns)
            else:
                shown = {"LFTagOnDatabase": above, **self._table_tags(self._tags.effective, database, row, columns)}
        return _without_empty(shown if kind == "Table" else {"LFTagsOnColumns": shown["LFTagsOnColumns"]})

    def search_databases(self, caller: Caller, params: Params) -> Params:
        """``SearchDatabasesByLFTags``: those that meet every condition by one of its values."""
        catalog = self._allowed(caller, params, "SearchDatabasesByLFTags")
        meets = self._condition(params["Expression"])

        def rows(position: str) -> Iterator[tuple[str, Row]]:
            for name in self._tags.databases() if self._is_here(caller) else []:
                tags = self._tags.own(name)
                if name > position and caller.principal.sees(name) and meets(tags):
                    yield name, {"Database": {"CatalogId": catalog, "Name": name}, "LFTags": self._pairs(tags)}

        place = f"{catalog}\0{json.dumps(params['Expression'])}"
        with self._tags.lock:
            return self._page("SearchDatabasesByLFTags", place, params, "DatabaseList", _SEARCHED, rows)

    def search_tables(self, caller: Caller, params: Params) -> Params:
        """``SearchTablesByLFTags``: those of which the table, or one column of it, meets every condition."""
        catalog = self._allowed(caller, params, "SearchTablesByLFTags")
        meets = self._condition(params["Expression"])

        def rows(position: str) -> Iterator[tuple[str, Row]]:
            database, _, table = position.partition("\0")
            for holder, row in self._tags.tables((database, table)) if self._is_here(caller) else []:
                name, columns = row["Name"], column_names(row)
                levels = [self._tags.effective(holder, name)]
                levels += [self._tags.effective(holder, name, column) for column in columns]
                if caller.principal.sees(holder, name) and any(meets(tags) for tags in levels):
                    shown = {
                        "LFTagOnDatabase": self._pairs(self._tags.own(holder)),
                        **self._table_tags(self._tags.effective, holder, row, columns),
                    }
                    place = {"CatalogId": catalog, "DatabaseName": holder, "Name": name}
                    yield f"{holder}\0{name}", {"Table": place, **_without_empty(shown)}

        place = f"{catalog}\0{json.dumps(params['Expression'])}"
        with self._tags.lock:
            return self._page("SearchTablesByLFTags", place, params, "TableList", _SEARCHED, rows)

    def _allowed(self, caller: Caller, params: Params, operation: str) -> str:
        """The catalog that is meant, once the caller may ask about it; other accounts' tags are not shared here."""
        catalog = str(params.get("CatalogId") or caller.account)
        arn = f"arn:aws:lakeformation:{caller.region}:{catalog}:catalog:{catalog}"
        caller.principal.require(f"lakeformation:{operation}", arn)
        if catalog != caller.account:
            raise access_denied(caller.principal, f"lakeformation:{operation}", arn, "resource")
        return catalog

    def _require_seen(self, caller: Caller, database: str, table: str | None) -> None:
        if not self._is_here(caller):
            raise Refusal("EntityNotFoundException", f"Database {database} not found.")
        try:
            self._tags.check(database, table)
        except NotFoundError:
            kind, name = ("Database", database) if table is None else ("Table", table)
            raise Refusal("EntityNotFoundException", f"{kind} {name} not found.") from None
        if not caller.principal.sees(database, table):
            message = f"Insufficient Lake Formation permission(s): Required Describe on {table or database}"
            raise Refusal("AccessDeniedException", message)

    def _condition(self, expression: list[Mapping[str, Any]]) -> Callable[[Mapping[str, str]], bool]:
        if not expression:
            raise Refusal("InvalidInputException", "Expression must hold one LF-tag at least.")
        defined = self._tags.defined()
        for wanted in expression:
            if set(wanted["TagValues"]) - set(defined.get(wanted["TagKey"], ())):
                raise Refusal("EntityNotFoundException", "Tag or tag value does not exist.")
        return lambda tags: all(tags.get(wanted["TagKey"]) in wanted["TagValues"] for wanted in expression)

    def _table_tags(self, read: Callable[..., dict[str, str]], database: str, row: Row, columns: list[str]) -> Params:
        name = row["Name"]
        by_column = [(column, self._pairs(read(database, name, column))) for column in columns]
        return {
            "LFTagsOnTable": self._pairs(read(database, name)),
            "LFTagsOnColumns": [{"Name": column, "LFTags": pairs} for column, pairs in by_column if pairs],
        }

    def _pairs(self, tags: Mapping[str, str]) -> list[Row]:
        account = self._tags.glue.account
        return [{"CatalogId": account, "TagKey": key, "TagValues": [value]} for key, value in tags.items()]

    def _is_here(self, caller: Caller) -> bool:
        return (caller.account, caller.region) == (self._tags.glue.account, self._tags.glue.region)

    def _page(
        self,
        operation: str,
        place: str,
        params: Params,
        member: str,
        most: int,
        rows_after: Callable[[str], Iterator[tuple[str, Row]]],
    ) -> Params:
        listing, token = f"{operation}\0{place}", params.get("NextToken")
        size = min(params.get("MaxResults", most), most)
        rows = list(islice(rows_after(self._tokens.position(listing, token) or ""), size + 1))
        page: Params = _without_empty({member: [row for _, row in rows[:size]]})
        if token and self._faults.take(self.name, operation, "", [FaultKind.LOOP_TOKEN]):
            page["NextToken"] = token
        elif len(rows) > size:
            page["NextToken"] = self._tokens.issue(listing, rows[size - 1][0])
        return page


def _resource_subject(params: Params) -> str:
    """``database`` or ``database/table``."""
    resource: Mapping[str, Any] = next(iter(params["Resource"].values()), {})
    return "/".join(str(resource[member]) for member in ("DatabaseName", "Name") if member in resource)


def _only_resource(wanted: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    kinds = [kind for kind in _KINDS if kind in wanted]
    if len(wanted) != 1 or not kinds:
        raise Refusal("InvalidInputException", f"Resource must hold one of {', '.join(_KINDS)} and nothing else.")
    return kinds[0], wanted[kinds[0]]


def _wanted_columns(kind: str, resource: Mapping[str, Any], row: Row) -> list[str]:
    columns = column_names(row)
    if kind == "Table":
        return columns
    if ("ColumnNames" in resource) == ("ColumnWildcard" in resource):
        raise Refusal("InvalidInputException", "Either ColumnNames or ColumnWildcard is required.")
    if "ColumnWildcard" in resource:
        left_out = resource["ColumnWildcard"].get("ExcludedColumnNames", [])
        return [column for column in columns if column not in left_out]
    for column in resource["ColumnNames"]:
        if column not in columns:
            raise Refusal("EntityNotFoundException", f"Column {column} not found.")
    return [column for column in columns if column in resource["ColumnNames"]]


def _without_empty(page: Params) -> Params:
    """AWS leaves lists out that would have nothing in them."""
    return {member: rows for member, rows in page.items() if rows}
