"""The one exception tree.

    IngestError
    ├── RecipeError                  a recipe is wrong; names file, line and key
    │   └── UnsetVariableError       a ${VARIABLE} without value or default
    ├── DependencyError              an optional package is not installed
    ├── StoreError                   snapshot, manifest, plan or ledger can't be read or written
    ├── BusyError                    another run writes to the same server and service
    ├── DeadlineExceededError        the recipe's timeout is over
    └── RemoteError                  a service or the OpenMetadata server
        ├── AuthenticationError      who we are is refused: never retried
        ├── PermissionDeniedError    what we ask is refused to who we are
        ├── NotFoundError            a definite "there is no such thing"
        ├── RejectedError            our request is wrong (400): a retry can't mend it
        ├── InvalidAnswerError       an answer that is cut, of another shape, or a page that repeats
        ├── IncompatibleServerError  not the server we can talk to
        └── UnavailableError         throttled, 5xx, reset, timed out: a retry can mend it

Each message says what happened, where (service, entity or recipe key), and what to do about it.
"""

from __future__ import annotations

from typing import ClassVar


class IngestError(Exception):
    """Base of everything that this package raises on purpose."""


class RecipeError(IngestError):
    """A recipe can't be used as it is."""


class UnsetVariableError(RecipeError):
    """A ``${VARIABLE}`` of a recipe has neither a value nor a default."""


class DependencyError(IngestError):
    """An optional package is missing; the message holds the install command."""


class StoreError(IngestError):
    """A file of the store is missing, damaged, or of an unknown format."""


class BusyError(IngestError):
    """Another run writes to the same server and service; nothing was written, or nothing more will be."""


class DeadlineExceededError(IngestError):
    """The recipe's ``timeout`` is over; raised before the next remote call."""


class RemoteError(IngestError):
    """A remote system refused, failed, or answered what can't be used.

    Attributes:
        where: The call and its subject, e.g. ``glue:GetTables of clickstream`` or ``PUT /v1/tables``.
        status: HTTP status of the answer, if there was one.
        retryable: Whether the same call may succeed later.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, what: str, *, where: str, advice: str = "", status: int | None = None) -> None:
        self.what = what
        self.where = where
        self.advice = advice
        self.status = status
        super().__init__(f"{where}: {_sentence(what)} {advice}".rstrip())


class AuthenticationError(RemoteError):
    """Credentials or token are missing, wrong or expired."""


class PermissionDeniedError(RemoteError):
    """The credentials are good, but don't allow this call."""


class NotFoundError(RemoteError):
    """The service says for certain that the thing does not exist."""


class RejectedError(RemoteError):
    """The request itself is refused; the same request will be refused again."""


class InvalidAnswerError(RemoteError):
    """An answer lacks what it must have; treated as a failed read, never as an empty one."""

    retryable: ClassVar[bool] = True


class IncompatibleServerError(RemoteError):
    """The other side is not a server that this package can talk to."""


class UnavailableError(RemoteError):
    """Throttled, overloaded, unreachable or timed out, after the retries of the client.

    Attributes:
        wait: Seconds after which the other side wants to be asked again, where it said so and somebody may wait.
    """

    retryable: ClassVar[bool] = True
    wait: float | None = None


def _sentence(words: str) -> str:
    """Words of others, which come with and without their final stop, as a sentence."""
    told = words.rstrip()
    while told.endswith(("..", "!.", "?.")):
        told = told[:-1]
    return told if told.endswith((".", "!", "?")) else f"{told}."
