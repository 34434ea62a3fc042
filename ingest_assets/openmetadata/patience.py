"""What is sent to a server, and how long it is waited for."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest_assets.openmetadata.answers import Trouble

_ID = re.compile(r"(?<=/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=/|$)")
_FQN = re.compile(r"(?<=/name/)[^/]+")
_REAL_500 = 500

Params = Mapping[str, str | Sequence[str]]
"""Query parameters; one with several values is sent once for each."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes:
        timeouts: Seconds to connect, and between two bytes of an answer. A bulk PUT of wide tables can take a minute.
        retries: Times that a request is sent again at most.
        retries_of_500: The same for a 500, which is more often a bug that stays than a hiccup.
        shortest: Seconds of the first pause at most; each further one may be twice as long.
        longest: Seconds of any pause at most, whatever Retry-After says included.
        sleep: Waits for so many seconds.
    """

    timeouts: tuple[float, float] = (10, 300)
    retries: int = 6
    retries_of_500: int = 2
    shortest: float = 0.5
    longest: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def pause(self, attempt: int, wished: float | None) -> float:
        """Seconds to wait after a failed attempt, counted from 0: full jitter, never less than the server wishes."""
        jitter = random.uniform(0, min(self.longest, self.shortest * 2**attempt))  # noqa: S311
        return min(self.longest, max(jitter, wished or 0.0))


class Request(NamedTuple):
    """One request.

    Attributes:
        path: Path from ``/v1`` on; names in it percent-encoded.
        body: To be sent as JSON; None: no body.
        with_token: Whether the token is sent.
    """

    verb: str
    path: str
    params: Params | None = None
    body: Any = None
    with_token: bool = True

    @property
    def operation(self) -> str:
        """What is counted: verb and path without ids and names."""
        return f"{self.verb} {_FQN.sub('{fqn}', _ID.sub('{id}', self.path))}"

    def may_be_repeated(self, trouble: Trouble, attempt: int, patience: Patience) -> bool:
        """Whether to send it again. All verbs but PATCH do the same when they are done twice."""
        if not trouble.error.retryable or (self.verb == "PATCH" and trouble.sent):
            return False
        limit = patience.retries_of_500 if trouble.error.status == _REAL_500 else patience.retries
        return attempt < limit
