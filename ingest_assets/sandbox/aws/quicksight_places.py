"""Which asset of QuickSight a request means, whether the caller may ask about it, and lists in pages."""

from __future__ import annotations

import threading
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from ingest_assets.sandbox.aws.identity import access_denied
from ingest_assets.sandbox.aws.operations import Caller, Params
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.aws.sealed import SealedTokens
from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_assets import ID_MEMBERS, Asset, Kind
from ingest_assets.sandbox.company.glue import Row
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Faults

_Item = TypeVar("_Item")

_FORBIDDEN = 403  # of IAM; the 401 of QuickSight's own model is for what QuickSight itself denies
_OF_THE_ACCOUNT = frozenset({"ListUsers", "ListGroups", "ListGroupMemberships", "DescribeAccountSubscription"})
_SECOND = timedelta(seconds=1)
_WORDS: dict[Kind, str] = {
    "dashboard": "Dashboard",
    "analysis": "Analysis",
    "dataset": "DataSet",
    "datasource": "DataSource",
    "folder": "Folder",
}
_RESOURCE_TYPES: dict[Kind, str] = {"dataset": "DATA_SET", "datasource": "DATA_SOURCE"}  # AWS's enum has no others


class Places:
    """Finds assets for callers, and gives lists out in pages.

    Args:
        boards: The state behind.
        faults: For assets that vanish, rows that are hidden and tokens that lead nowhere.
    """

    def __init__(self, boards: Boards, faults: Faults) -> None:
        self.boards = boards
        self._faults = faults
        self._tokens = SealedTokens()
        self._lock = threading.Lock()
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def is_here(self, caller: Caller) -> bool:
        """Whether the caller's region is that of the assets."""
        return (caller.account, caller.region) == (self.boards.account, self.boards.region)

    def arn(self, caller: Caller, params: Params, resource: str) -> str:
        """An ARN as the caller means it, whether there is such a thing or not."""
        return f"arn:aws:quicksight:{caller.region}:{params['AwsAccountId']}:{resource}"

    def allow(self, caller: Caller, operation: str, arn: str) -> None:
        """Let an operation through: IAM first, then whose account it is, the edition, and the pace.

        Raises:
            Refusal: ``AccessDeniedException``, ``UnsupportedUserEditionException`` or ``ThrottlingException``.
        """
        action = f"quicksight:{operation}"
        if not caller.principal.may(action, arn):
            raise _forbidden(access_denied(caller.principal, action, arn))
        if arn.split(":")[4] != caller.account:
            raise _forbidden(access_denied(caller.principal, action, arn, "resource"))
        self._check_edition(operation)
        self._pace(operation)

    def named(self, caller: Caller, kind: Kind, params: Params, operation: str) -> Asset:
        """The asset that a request names.

        Raises:
            Refusal: As of ``allow``; ``ResourceNotFoundException`` when there is none.
        """
        asset_id = params[ID_MEMBERS[kind]]
        arn = self.arn(caller, params, f"{kind}/{asset_id}")
        self.allow(caller, operation, arn)
        return self.found(caller, kind, asset_id, operation)

    def found(self, caller: Caller, kind: Kind, asset_id: str, operation: str) -> Asset:
        """The asset of an id.

        Raises:
            Refusal: ``ResourceNotFoundException``.
        """
        with self.boards.lock:
            asset = self.boards.find(kind, asset_id) if self.is_here(caller) else None
            if asset is not None and self._faults.take("quicksight", operation, asset_id, [FaultKind.VANISH]):
                self.boards.drop(kind, asset_id)
                asset = None
        if asset is None:
            details = {"ResourceType": _RESOURCE_TYPES[kind]} if kind in _RESOURCE_TYPES else {}
            arn = f"arn:aws:quicksight:{caller.region}:{caller.account}:{kind}/{asset_id}"
            raise Refusal("ResourceNotFoundException", f"{_WORDS[kind]} {arn} is not found", details=details)
        return asset

    def page(
        self,
        operation: str,
        of: str,
        params: Params,
        member: str,
        rows: Mapping[str, _Item],
        show: Callable[[_Item], Row],
    ) -> Params:
        """One page of a list, in the order of its rows' names.

        Args:
            operation: What is called; a token is good for it alone.
            of: What is listed, e.g. the folder; a token is good for it alone, too.
            params: The request.
            member: Of the output that holds the rows.
            rows: All there is by names, which tokens hold and fault plans may hide.
            show: Makes a row of the answer.

        Raises:
            Refusal: ``InvalidNextTokenException``, the token is altered or another list's.
        """
        token = params.get("NextToken")
        listing = f"{operation}\0{params['AwsAccountId']}\0{of}"
        after = None
        if token is not None:
            sealed = self._tokens.open(listing, token)
            if sealed is None:
                raise Refusal("InvalidNextTokenException", "The NextToken value isn't valid.")
            after = sealed.facts["after"]
        hides = self._faults.hiding("quicksight", operation)
        size = min(params.get("MaxResults", self.boards.page), self.boards.page)
        left = [name for name in sorted(rows) if (after is None or name > after) and not hides(name)]
        answer: Params = {member: [show(rows[name]) for name in left[:size]]}
        if token and self._faults.take("quicksight", operation, of, [FaultKind.LOOP_TOKEN]):
            answer["NextToken"] = token
        elif len(left) > size:
            answer["NextToken"] = self._tokens.issue(listing, {"after": left[size - 1]}, self.boards.now())
        return answer

    def _check_edition(self, operation: str) -> None:
        edition = self.boards.edition
        if edition is None and operation not in _OF_THE_ACCOUNT:
            message = f"Account {self.boards.account} is not signed up with QuickSight"
            raise Refusal("UnsupportedUserEditionException", message)
        if edition == "STANDARD" and operation in self.boards.refused_in_standard:
            raise Refusal("UnsupportedUserEditionException", f"{operation} is not supported for Standard edition")

    def _pace(self, operation: str) -> None:
        limit = self.boards.limits.get(operation)
        if limit is None:
            return
        now = self.boards.now()
        with self._lock:
            calls = self._calls[operation]
            while calls and now - calls[0] >= _SECOND:
                calls.popleft()
            if len(calls) >= limit:
                raise Refusal("ThrottlingException", "Rate exceeded")
            calls.append(now)


def with_request_id(handler: Callable[[Caller, Params], Params]) -> Callable[[Caller, Params], Params]:
    """A handler whose answers have the id that all of QuickSight's have in their body, too."""

    def answer(caller: Caller, params: Params) -> Params:
        return {**handler(caller, params), "RequestId": str(uuid.uuid4())}

    return answer


def _forbidden(refusal: Refusal) -> Refusal:
    return Refusal(refusal.error, refusal.message, _FORBIDDEN)
