"""One AWS session for a run: clients, paging, counting, console hosts. Pulls boto3: imported in runs only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, UnknownRegionError
from botocore.parsers import ResponseParserError

from ingest_assets.calls import Calls
from ingest_assets.errors import AuthenticationError, InvalidAnswerError
from ingest_assets.sources.aws_errors import translate

T = TypeVar("T")

# A page may be empty and still have a successor: Lake Formation filters after paging. A service that only ever hands
# out new tokens must not hold a run for ever, though.
_MOST_EMPTY_PAGES = 10_000

_CONSOLES = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "{region}.console.amazonaws.cn",
    "aws-us-gov": "{region}.console.amazonaws-us-gov.com",
    "aws-eusc": "{region}.console.amazonaws-eusc.eu",
    "aws-iso": "console.c2s.ic.gov",
    "aws-iso-b": "console.sc2s.sgov.gov",
    "aws-iso-e": "console.cloud.adc-e.uk",
    "aws-iso-f": "console.csp.hci.ic.gov",
}
# For regions that are newer than the bundled botocore data; the longer prefix first.
_PARTITION_PREFIXES = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "us-isob-": "aws-iso-b",
    "us-iso-": "aws-iso",
    "eusc-": "aws-eusc",
}


@dataclass(frozen=True)
class AwsCredentials:
    """Who we are to AWS, and where.

    Without keys boto3's own chain applies: environment, shared files, web identity, container, instance.

    Attributes:
        region: E.g. ``eu-central-1``.
        endpoint_url: In place of the service's own endpoint; a path in it is kept.
    """

    region: str
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    endpoint_url: str | None = None


class AwsSession:
    """Clients that share a run's credentials, counters and limits. Safe to share among threads.

    Args:
        credentials: Who and where.
        calls: Counts each request as ``glue:GetTables`` and refuses those after the deadline.
        service: The one that ``credentials.endpoint_url`` is meant for, e.g. ``glue``.
        threads: Requests of a client that may be under way at once.
        connect_timeout: Seconds.
        read_timeout: Seconds.
        attempts: How often a request is sent at most, the first time included; adaptive in between.
    """

    def __init__(
        self,
        credentials: AwsCredentials,
        calls: Calls,
        *,
        service: str,
        threads: int = 8,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        attempts: int = 8,
    ) -> None:
        self._credentials = credentials
        self._calls = calls
        self._service = service
        self._threads = threads
        self._timeouts = (connect_timeout, read_timeout)
        self._attempts = attempts
        # boto3 sessions are not thread-safe, the clients that they make are.
        self._lock = threading.Lock()
        self._boto_session: boto3.Session | None = None
        self._clients: dict[str, BaseClient] = {}
        self._identity_lock = threading.Lock()
        self._account_id: str | None = None

    @property
    def region(self) -> str:
        """The region that calls go to."""
        return self._credentials.region

    @property
    def partition(self) -> str:
        """Partition of the region, e.g. ``aws-cn``."""
        with self._lock:
            try:
                return self._session().get_partition_for_region(self.region)
            except UnknownRegionError:
                return next((p for prefix, p in _PARTITION_PREFIXES.items() if self.region.startswith(prefix)), "aws")

    def console_host(self) -> str | None:
        """Host of the AWS console for this region; None where the partition is not known."""
        console = _CONSOLES.get(self.partition)
        return console and console.format(region=self.region)

    def account_id(self) -> str:
        """The account that the credentials belong to; asked for once, and needs no permission."""
        with self._identity_lock:
            if self._account_id is None:
                identity = self.call("sts", "GetCallerIdentity", "the credentials")
                self._account_id = _required(identity, "Account", str, where="sts:GetCallerIdentity")
            return self._account_id

    def client(self, service: str) -> BaseClient:
        """The session's one client of a service.

        Raises:
            RemoteError: No credentials, or no such region or endpoint.
        """
        with self._lock:
            if service not in self._clients:
                made = _translated("the client", f"{service} in {self.region}", lambda: self._make_client(service))
                made.meta.events.register("request-created", self._counter(service))
                self._clients[service] = made
            return self._clients[service]

    def call(self, service: str, operation: str, subject: str, **parameters: object) -> dict[str, Any]:
        """One request with its retries.

        Args:
            service: E.g. ``glue``.
            operation: As the API spells it, e.g. ``GetTables``.
            subject: What it is about, for messages.
            **parameters: As the API spells them.

        Raises:
            RemoteError: The request failed for good.
            DeadlineExceededError: The run's time is over.
        """
        method = getattr(self.client(service), xform_name(operation))
        answer: dict[str, Any] = _translated(f"{service}:{operation}", subject, lambda: method(**parameters))
        return answer

    def item(self, service: str, operation: str, subject: str, *, key: str, **parameters: object) -> dict[str, Any]:
        """One request for one thing, which the answer holds under ``key``; otherwise as ``call``.

        Raises:
            RemoteError: The request failed for good, or the answer lacks the thing.
        """
        answer = self.call(service, operation, subject, **parameters)
        return _required(answer, key, dict, where=f"{service}:{operation} of {subject}")

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
            empty = 0 if _required(page, key, list, where=where) else empty + 1
            yield page
            token = page.get("NextToken")
            if not token:
                return
            if hash(token) in seen or empty > _MOST_EMPTY_PAGES:
                raise InvalidAnswerError("The pages go round in circles: a NextToken came again.", where=where)
            seen.add(hash(token))
            parameters = {**parameters, "NextToken": token}

    def _session(self) -> boto3.Session:
        if self._boto_session is None:
            who = self._credentials
            key_id = _sendable("awsAccessKeyId", who.access_key_id)
            secret = _sendable("awsSecretAccessKey", who.secret_access_key)
            token = _sendable("awsSessionToken", who.session_token)
            if bool(key_id) != bool(secret) or (token and not key_id):
                # boto3 would go on to whatever other credentials the machine has: to another account, perhaps.
                raise AuthenticationError(
                    "Only a part of the credentials is set.",
                    where="aws:credentials",
                    advice="awsAccessKeyId and awsSecretAccessKey go together, awsSessionToken goes with both.",
                )
            self._boto_session = _translated(
                "aws",
                "credentials",
                lambda: boto3.Session(
                    aws_access_key_id=key_id,
                    aws_secret_access_key=secret,
                    aws_session_token=token,
                    region_name=who.region,
                ),
            )
        return self._boto_session

    def _make_client(self, service: str) -> BaseClient:
        connect, read = self._timeouts
        config = Config(
            connect_timeout=connect,
            read_timeout=read,
            max_pool_connections=self._threads,
            retries={"mode": "adaptive", "total_max_attempts": self._attempts},
            tcp_keepalive=True,
        )
        endpoint = self._credentials.endpoint_url if service == self._service else None
        client: BaseClient = self._session().client(service, config=config, endpoint_url=endpoint)  # type: ignore[call-overload]  # the service is not a literal
        return client

    def _counter(self, service: str) -> Callable[..., None]:
        def count(request: AWSRequest, operation_name: str, **_: object) -> None:
            operation = f"{service}:{operation_name}"
            # The one hook that runs for each attempt and whose exceptions botocore does not take for a failed request.
            self._calls.begin(operation)
            if request.context.get("retries", {}).get("attempt", 1) > 1:
                self._calls.retry(operation)

        return count


def _sendable(name: str, key: str | None) -> str | None:
    """A key without the line end that a file puts after it. What no header can hold, botocore's errors would quote."""
    text = (key or "").strip()
    if text.isascii() and text.isprintable() and " " not in text:
        return text or None
    what = f"{name} holds a blank, a line break or a character that no key has."
    raise AuthenticationError(what, where="aws:credentials", advice="Was it copied whole?")


def _required(answer: dict[str, Any], key: str, kind: type[T], *, where: str) -> T:
    value = answer.get(key)
    if not isinstance(value, kind):
        raise InvalidAnswerError(f"The answer has no {key}: it was cut, or comes from something else.", where=where)
    return value


def _translated(operation: str, subject: str, act: Callable[[], T]) -> T:
    try:
        return act()
    except (BotoCoreError, ClientError, ResponseParserError, ValueError, TypeError, AttributeError) as exc:
        # botocore's parsers raise the last three on answers of another shape, its endpoint check raises ValueError.
        raise translate(operation, subject, exc) from exc
