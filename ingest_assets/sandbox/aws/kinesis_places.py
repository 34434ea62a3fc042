"""Which stream a Kinesis request means, and whether the caller may, and may again so soon, ask about it."""

from __future__ import annotations

import re
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from ingest_assets.sandbox.aws.identity import access_denied
from ingest_assets.sandbox.aws.operations import Caller, Params
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.aws.sealed import Sealed
from ingest_assets.sandbox.company.streams import Stream, Streams
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Faults

TOKEN_SECONDS = 300
_ARN = re.compile(r"arn:aws[\w-]*:kinesis:(?P<region>[^:]*):(?P<account>\d{12}):stream/(?P<name>[a-zA-Z0-9_.-]+)")
_SECOND = timedelta(seconds=1)


def moment_of(value: object) -> datetime:
    """A time of a request: JSON 1.1 has epoch seconds and no other form.

    Raises:
        Refusal: ``SerializationException``, it is no number, or none that is a time.
    """
    if not isinstance(value, int | float):
        raise Refusal("SerializationException", f"{value!r} is no epoch time.")
    try:
        return datetime.fromtimestamp(value, tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise Refusal("SerializationException", f"{value!r} is no epoch time.") from None


class Places:
    """Finds streams for callers.

    Args:
        streams: The state behind.
        faults: For streams that vanish.
    """

    def __init__(self, streams: Streams, faults: Faults) -> None:
        self.streams = streams
        self._faults = faults
        self._lock = threading.Lock()
        self._calls: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def is_here(self, caller: Caller) -> bool:
        """Whether the caller's account and region are those that hold the streams."""
        return (caller.account, caller.region) == (self.streams.account, self.streams.region)

    def arn(self, caller: Caller, name: str) -> str:
        """The ARN of a stream of the caller, whether it exists or not."""
        return f"arn:aws:kinesis:{caller.region}:{caller.account}:stream/{name}"

    def named(self, caller: Caller, params: Params, operation: str) -> Stream:
        """The stream of ``StreamName`` or ``StreamARN``, or both when they agree.

        Raises:
            Refusal: As of ``name_of`` and ``of_name``.
        """
        return self.of_name(caller, self.name_of(caller, params, operation), operation)

    def name_of(self, caller: Caller, params: Params, operation: str) -> str:
        """The name in ``StreamName`` or ``StreamARN``, whether there is such a stream or not.

        Raises:
            Refusal: Neither is given, they disagree, or the ARN is of another region or account.
        """
        arn = params.get("StreamARN")
        name = params.get("StreamName") if arn is None else self._name_in_arn(caller, arn, operation)
        if name is None:
            raise Refusal("InvalidArgumentException", "Either StreamName or StreamARN must be provided.")
        if params.get("StreamName", name) != name:
            raise Refusal("InvalidArgumentException", "StreamName does not match the stream of StreamARN.")
        return str(name)

    def of_name(self, caller: Caller, name: str, operation: str) -> Stream:
        """A stream by name, permission first, as AWS tells nothing about streams to those who may not ask.

        Raises:
            Refusal: The action is not granted, or there is no such stream.
        """
        caller.principal.require(f"kinesis:{operation}", self.arn(caller, name))
        with self.streams.lock:
            stream = self.streams.find(name) if self.is_here(caller) else None
            if stream is not None and self._faults.take("kinesis", operation, name, [FaultKind.VANISH]):
                self.streams.drop(name)
                stream = None
        if stream is None:
            raise Refusal("ResourceNotFoundException", f"Stream {name} under account {caller.account} not found.")
        return stream

    def name_in(self, params: Params) -> str:
        """The stream's name as the request gives it, for the words of fault plans."""
        match = _ARN.fullmatch(params.get("StreamARN") or params.get("ResourceARN") or "")
        return str(match["name"] if match else params.get("StreamName", ""))

    def pace(self, operation: str, of: str, error: str) -> None:
        """Refuse a call too many in this second, if tests have set a limit.

        Args:
            operation: What is called.
            of: What the limit is for: an account, stream or shard, in words.
            error: AWS's code.
        """
        limit = self.streams.limits.get(operation)
        if limit is None:
            return
        now = self.streams.now()
        with self._lock:
            calls = self._calls[operation, of]
            while calls and now - calls[0] >= _SECOND:
                calls.popleft()
            if len(calls) >= limit:
                raise Refusal(error, f"Rate exceeded for {of}.")
            calls.append(now)

    def fresh(self, sealed: Sealed | None) -> Mapping[str, str]:
        """What a page token stands for.

        Raises:
            Refusal: It is none of ours (``InvalidArgumentException``), or older than 300 seconds.
        """
        if sealed is None:
            raise Refusal("InvalidArgumentException", "NextToken is invalid.")
        if sealed.age(self.streams.now()) > TOKEN_SECONDS:
            raise Refusal("ExpiredNextTokenException", "The NextToken provided has expired.")
        return sealed.facts

    def _name_in_arn(self, caller: Caller, arn: str, operation: str) -> str:
        match = _ARN.fullmatch(arn)
        if match is None:
            raise Refusal("InvalidArgumentException", f"{arn} is no ARN of a stream.")
        if match["region"] != caller.region:
            raise Refusal("InvalidArgumentException", f"{arn} is not of the region {caller.region}.")
        if match["account"] != caller.account:
            caller.principal.require(f"kinesis:{operation}", arn)
            raise access_denied(caller.principal, f"kinesis:{operation}", arn, "resource")
        return match["name"]
