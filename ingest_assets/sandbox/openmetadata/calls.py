"""A request as handlers see it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Refused, Unhandled, Unreadable, Unrecognized, bad_request
from ingest_assets.sandbox.openmetadata.repository import Principal
from ingest_assets.sandbox.openmetadata.validator import Validator

_INCLUDES = {"non-deleted": (False,), "deleted": (True,), "all": (False, True)}
_NO_PATH = "HTTP 404 Not Found"


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        params: What the route's placeholders matched.
        query: Query parameters; of repeated ones the first.
        body: The raw body.
        user: Who asks.
        base: Address up to and including ``/api``, for links.
        repeated: All values of each query parameter.
    """

    params: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    user: Principal
    base: str
    repeated: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Refused: It is empty (an unhandled 500) or malformed.
        """
        if not self.body:
            raise Unhandled("Cannot read the request: the entity is null")
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Unreadable(f"Unable to process JSON: {error}") from error

    def request(self, validator: Validator, class_name: str) -> dict[str, Any]:
        """The body, checked against a request class.

        Raises:
            Refused: It does not fit.
        """
        try:
            return validator.require(class_name, self.json())
        except Unrecognized as error:
            raise self.located(error, class_name) from error

    def located(self, error: Unrecognized, class_name: str) -> Refused:
        """The error with the place in the body, as Jackson writes it."""
        text = self.body.decode("utf-8", "replace")
        found = re.search(rf'"{re.escape(error.prop)}"\s*:\s*', text)
        before = text[: found.end()] if found else text
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n") + 1
        source = "org.glassfish.jersey.message.internal.ReaderInterceptorExecutor$UnCloseableInputStream"
        is_outer = error.java_class.rpartition(".")[2] == class_name
        chain = error.java_class if is_outer else f"{class_name}->{error.java_class}"
        return bad_request(
            f"{error.message}\n at [Source: ({source}); line: {line}, column: {column}] "
            f'(through reference chain: {chain}["{error.prop}"])'
        )

    def flag(self, name: str) -> bool:
        """A boolean query parameter, false unless given."""
        return self.query.get(name, "").lower() == "true"

    def includes(self) -> tuple[bool, ...]:
        """Which values of ``deleted`` the parameter ``include`` lets through.

        Raises:
            Refused: Another value.
        """
        asked = self.query.get("include", "non-deleted")
        if asked not in _INCLUDES:
            raise bad_request(f"query param include must be one of [NON_DELETED, DELETED, ALL], not {asked}")
        return _INCLUDES[asked]

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number between bounds.

        Raises:
            Refused: It is out of bounds (400) or no number (an unhandled 500, as for an unknown path).
        """
        text = self.query.get(name, str(default))
        try:
            value = int(text)
        except ValueError:
            raise Unhandled(_NO_PATH) from None
        if value < least:
            raise bad_request(f"[query param {name} must be greater than or equal to {least}]")
        if value > most:
            raise bad_request(f"[query param {name} must be less than or equal to {most}]")
        return value
