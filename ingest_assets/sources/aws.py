"""AWS as one run sees it: clients, paging, counting, limits, roles. Pulls boto3: imported in runs only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from botocore import xform_name
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ingest_assets.calls import Calls
from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.aws_credentials import AwsCredentials, Lease, RoleKeys
from ingest_assets.sources.aws_errors import is_expired, translate
from ingest_assets.sources.aws_principal import Principal, Transport, own_principal
from ingest_assets.sources.aws_rates import Pace, Place, Rate
from ingest_assets.sources.aws_regions import console_host

__all__ = ["AwsCredentials", "AwsSession", "Pace", "Rate", "required"]

T = TypeVar("T")

# A page may be empty and still have a successor: Lake Formation filters after paging. A service that only ever hands
# out new tokens must not hold a run for ever, though.
_MOST_EMPTY_PAGES = 10_000

_CONNECT_TIMEOUT = 10.0  # seconds
_SHORTEST_TIMEOUT = 1.0  # seconds; botocore takes none of zero
_ROLE_ACCOUNT = re.compile(r"arn:[^:]+:iam::(\d{12}):role/.+")
_DEFAULT_DURATION = 3600  # seconds, AWS's own
# AWS's limit for a role that another role assumes, whatever the role itself allows. Seconds.
_LONGEST_CHAINED = 3600


@dataclass(frozen=True)
class _Run:
    """What all sessions of a run share."""

    credentials: AwsCredentials
    calls: Calls
    pace: Pace
    transport: Transport


class AwsSession:
    """Clients that share a run's credentials, counters and limits. Safe to share among threads.

    Args:
        credentials: Who and where.
        calls: Counts each request as ``glue:GetTables`` and refuses those after the deadline.
        service: The one that ``credentials.endpoint_url`` is meant for, e.g. ``glue``.
        threads: Requests of a client that may be under way at once.
        read_timeout: Seconds.
        attempts: How often a request is sent at most, the first time included; adaptive in between.
        pace: How often operations may be called; None: AWS alone says when it is too often.
    """

    def __init__(
        self,
        credentials: AwsCredentials,
        calls: Calls,
        *,
        service: str,
        threads: int = 8,
        read_timeout: float = 60.0,
        attempts: int = 8,
        pace: Pace | None = None,
    ) -> None:
        given = {"sts": credentials.sts_endpoint_url, service: credentials.endpoint_url}
        endpoints = {name: address for name, address in given.items() if address}
        connect_timeout, read_timeout = (_within(calls, each) for each in (_CONNECT_TIMEOUT, read_timeout))
        transport = Transport(threads, connect_timeout, read_timeout, attempts, endpoints, credentials.region)
        self._run = _Run(credentials, calls, pace or Pace({}), transport)
        self._region = credentials.region
        self._principal = own_principal(credentials, transport)
        if credentials.role_arn is not None:
            self._principal = self._assumed(credentials.role_arn, credentials.role_external_id)

    @property
    def region(self) -> str:
        """The region that calls go to."""
        return self._region

    @property
    def partition(self) -> str:
        """Partition of the region, e.g. ``aws-cn``."""
        return self._principal.partition(self._region)

    def console_host(self) -> str | None:
        """Host of the AWS console for this region; None where the partition is not known."""
        return console_host(self.partition, self._region)

    def account_id(self) -> str:
        """The account that the credentials belong to; asked for once, and needs no permission."""
        principal = self._principal
        with principal.lock:
            if principal.account_id is None:
                identity = self.call("sts", "GetCallerIdentity", "the credentials")
                principal.account_id = required(identity, "Account", str, where="sts:GetCallerIdentity")
            return principal.account_id

    def at(
        self, *, region: str | None = None, role_arn: str | None = None, external_id: str | None = None
    ) -> AwsSession:
        """The same run elsewhere: counters, limits, clients and credentials are shared where they are the same.

        Costs nothing until it is used. The recipe's endpoint is kept, unless its host names the region.

        Args:
            region: Another region; this one's when None.
            role_arn: A role that this session's own credentials assume, under the recipe's session name, source
                identity and duration; this one's credentials when None.
            external_id: What that role's trust policy asks for; the recipe's when None.
        """
        there = copy(self)
        there._region = region or self._region  # noqa: SLF001  # a copy of this very one
        if role_arn is not None:
            external_id = external_id or self._run.credentials.role_external_id
            there._principal = self._assumed(role_arn, external_id)  # noqa: SLF001  # a copy of this very one
        return there

    def client(self, service: str) -> BaseClient:
        """The session's one client of a service in its region.

        Raises:
            RemoteError: Half a key, or no such profile, region or endpoint.
        """
        make = partial(self._principal.client, service, self._region, partial(self._watch, service))
        return _translated("the client", f"{service} in {self._region}", make)

    def call(self, service: str, operation: str, subject: str, **parameters: object) -> dict[str, Any]:
        """One request with its retries. Credentials that are over are renewed once, if there are others.

        Args:
            service: E.g. ``glue``.
            operation: As the API spells it, e.g. ``GetTables``.
            subject: What it is about, for messages, and for limits that are each subject's own.
            **parameters: As the API spells them.

        Raises:
            RemoteError: The request failed for good.
            DeadlineExceededError: The run's time is over.
        """
        method = getattr(self.client(service), xform_name(operation))
        keys = self._principal.keys

        def ask() -> dict[str, Any]:
            answer: dict[str, Any] = method(**parameters)
            return answer

        def ask_again_if_expired() -> dict[str, Any]:
            used: ReadOnlyCredentials = keys.get_frozen_credentials()
            with self._run.pace.about(subject):
                try:
                    return ask()
                except ClientError as exc:
                    if not is_expired(exc) or not keys.renew(used):
                        raise
                return ask()

        return _translated(f"{service}:{operation}", subject, ask_again_if_expired, keys.advice)

    def item(self, service: str, operation: str, subject: str, *, key: str, **parameters: object) -> dict[str, Any]:
        """One request for one thing, which the answer holds under ``key``; otherwise as ``call``.

        Raises:
            RemoteError: The request failed for good, or the answer lacks the thing.
        """
        answer = self.call(service, operation, subject, **parameters)
        return required(answer, key, dict, where=f"{service}:{operation} of {subject}")

    def pages(
        self, service: str, operation: str, subject: str, *, key: str, **parameters: object
    ) -> Iterator[dict[str, Any]]:
        """The pages of a listing, each of which holds a list under ``key``.

        Args:
            service: E.g. ``glue``.
            operation: One that pages by ``NextToken``.
            subject: What it is about, for messages.
            key: Where the items are, e.g. ``TableList``.
            **parameters: Of the first request; a ``NextToken`` goes on from there.

        Raises:
            RemoteError: A page failed, lacks its list (botocore makes an empty dict of a body that was cut), or its
                token was handed out before.
        """
        where = f"{service}:{operation} of {subject}"
        seen: set[int] = set()
        empty = 0
        while True:
            page = self.call(service, operation, subject, **parameters)
            empty = 0 if required(page, key, list, where=where) else empty + 1
            yield page
            token = page.get("NextToken")
            if not token:
                return
            if hash(token) in seen or empty > _MOST_EMPTY_PAGES:
                raise InvalidAnswerError("The pages go round in circles: a NextToken came again.", where=where)
            seen.add(hash(token))
            parameters = {**parameters, "NextToken": token}

    def _assumed(self, role_arn: str, external_id: str | None) -> Principal:
        """The holder of a role that this session's principal assumes; one for the run."""
        principal, key = self._principal, (role_arn, external_id)
        with principal.lock:
            if key not in principal.roles:
                assume = partial(_assume, self.at(), self._role_request(role_arn, external_id), self._run.pace)
                advice = f"They were new: check this machine's clock, and that {role_arn} was not revoked."
                account = _ROLE_ACCOUNT.fullmatch(role_arn)
                keys = RoleKeys(assume, advice, self._run.pace.wall_clock)
                principal.roles[key] = principal.assuming(keys, account[1] if account else role_arn)
            return principal.roles[key]

    def _role_request(self, role_arn: str, external_id: str | None) -> dict[str, object]:
        who = self._run.credentials
        duration = who.role_duration_seconds
        if duration is not None and isinstance(self._principal.keys, RoleKeys):
            duration = min(duration, _LONGEST_CHAINED)
        request = {
            "RoleArn": role_arn,
            "RoleSessionName": who.role_session_name,
            "SourceIdentity": who.role_source_identity,
            "ExternalId": external_id,
            "DurationSeconds": duration,
        }
        return {name: value for name, value in request.items() if value is not None}

    def _watch(self, service: str, client: BaseClient) -> None:
        """Have each attempt of a client wait for its turn and be counted.

        The one hook that runs for each attempt and whose exceptions botocore does not take for a failed request. The
        turn is waited for before the request is signed: with keys, and at a time, that may be over after the wait.
        """
        place, run = Place(self._principal.account, client.meta.region_name), self._run

        def wait(operation_name: str, **_: object) -> None:
            run.pace.take(f"{service}:{operation_name}", place, run.calls)

        def count(request: AWSRequest, operation_name: str, **_: object) -> None:
            run.calls.begin(f"{service}:{operation_name}")
            if request.context.get("retries", {}).get("attempt", 1) > 1:
                run.calls.retry(f"{service}:{operation_name}")

        events, name = client.meta.events, client.meta.service_model.service_id.hyphenize()
        events.register_first(f"request-created.{name}", wait)
        events.register("request-created", count)


def _within(calls: Calls, timeout: float) -> float:
    """A timeout that ends with the time that there is: a sensor's tick has a few seconds, a run hours."""
    remaining = calls.remaining()
    return timeout if remaining is None else max(_SHORTEST_TIMEOUT, min(timeout, remaining))


def _assume(session: AwsSession, request: dict[str, object], pace: Pace) -> Lease:
    role = str(request["RoleArn"])
    where = f"sts:AssumeRole of {role}"
    taken = pace.wall_clock()
    answer = session.item("sts", "AssumeRole", role, key="Credentials", **request)
    keys = [required(answer, name, str, where=where) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    expires = required(answer, "Expiration", datetime, where=where).timestamp()
    # AWS's clock may be ahead of ours, by which they would seem to last for longer than they were asked for.
    lasting = float(str(request.get("DurationSeconds", _DEFAULT_DURATION)))
    return Lease(ReadOnlyCredentials(*keys), taken, min(expires, taken + lasting))


def required(answer: object, key: str, kind: type[T], *, where: str) -> T:
    """What an answer must hold: botocore makes an empty dict of a body that was cut.

    Raises:
        InvalidAnswerError: It does not.
    """
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, kind):
        raise InvalidAnswerError(f"The answer has no {key}: it was cut, or comes from something else.", where=where)
    return value


def _translated(operation: str, subject: str, act: Callable[[], T], renewal: str = "") -> T:
    try:
        return act()
    except (BotoCoreError, ClientError, ResponseParserError, ValueError, TypeError, AttributeError) as exc:
        # botocore's parsers raise the last three on answers of another shape, its endpoint check raises ValueError.
        raise translate(operation, subject, exc, renewal) from exc
