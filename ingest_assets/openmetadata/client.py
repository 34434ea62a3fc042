"""One OpenMetadata server: its version, its collections, its answers. All requests of a run go through one client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from types import TracebackType
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

from ingest_assets.calls import Calls
from ingest_assets.catalog import EntityType
from ingest_assets.errors import (
    AuthenticationError,
    IncompatibleServerError,
    InvalidAnswerError,
    NotFoundError,
    RecipeError,
    RejectedError,
    RemoteError,
)
from ingest_assets.openmetadata.answers import Answer
from ingest_assets.openmetadata.auth import TokenSource
from ingest_assets.openmetadata.bulk import BulkResult, no_bulk, put_all
from ingest_assets.openmetadata.capabilities import Capabilities, Version, capabilities_of
from ingest_assets.openmetadata.patience import Params, Patience, Request
from ingest_assets.openmetadata.refused import RefusedProperties
from ingest_assets.openmetadata.tls import Tls
from ingest_assets.openmetadata.transport import Body, Transport

PAGE = 1000
"""Entities asked for at once: a page costs the server the same for each of them, whatever its size."""

_NO_SUCH_PATH = (404, 405)
_PORTS = {"http": 80, "https": 443}

Json = dict[str, Any]
Value = TypeVar("Value")


class Put(NamedTuple):
    """What a PUT of one entity brought.

    Attributes:
        entity: The server's answer. It shows what was sent, which is not always what was stored.
        change: ``entityCreated``, ``entityUpdated``, ``entityNoChange``, ...; empty where a server does not say.
    """

    entity: Json
    change: str


class OpenMetadataClient:
    """Talks to one server on behalf of one run. Safe to share among threads; a context manager.

    Args:
        host_port: ``hostPort`` of the recipe, ending in ``/api``.
        tokens: Where the token comes from.
        calls: Counts requests, and knows the run's deadline.
        tls: The certificates of both sides.
        extra_headers: Sent with each request.
        threads: Connections used at once.
        patience: Timeouts and retries.

    Raises:
        RecipeError: ``host_port`` is no address, or a header can't be sent.
    """

    def __init__(
        self,
        host_port: str,
        tokens: TokenSource,
        calls: Calls,
        *,
        tls: Tls | None = None,
        extra_headers: Mapping[str, str] | None = None,
        threads: int = 8,
        patience: Patience | None = None,
    ) -> None:
        self.host_port = normalised(host_port)
        self.calls = calls
        self._refused = RefusedProperties()
        self._without_bulk: set[str] = set()
        self._transport = Transport(
            self.host_port,
            tokens,
            calls,
            tls=tls or Tls(),
            extra_headers=extra_headers or {},
            threads=threads,
            patience=patience or Patience(),
        )

    def __enter__(self) -> OpenMetadataClient:
        """The client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def server_time(self) -> int | None:
        """Milliseconds since the epoch by the server's clock, as of its last answer; None if it doesn't tell."""
        return self._transport.server_time()

    def version(self) -> Version:
        """The server's version, which it tells without a token.

        Raises:
            IncompatibleServerError: What answers is no OpenMetadata server.
            UnavailableError: Nothing answers.
        """
        request = Request("GET", "/v1/system/version", with_token=False)
        return Version.parse(_required(self._object(request), "version", str, request))

    @cached_property
    def capabilities(self) -> Capabilities:
        """What this server understands; asks for its version once.

        Raises:
            IncompatibleServerError: The server is none, or below 1.0.
        """
        return capabilities_of(self.version())

    @property
    def notes(self) -> Sequence[str]:
        """What people should know about this server."""
        note = self.capabilities.note
        return [*([note] if note else []), *self._refused.notes()]

    def get(self, path: str, params: Params | None = None) -> Json:
        """The JSON object at a path, e.g. ``/v1/tables/name/{fqn}``.

        Raises:
            NotFoundError: The server says that it has no such entity.
            RemoteError: Anything else that went wrong; so do all methods below.
        """
        return self._object(Request("GET", path, params))

    def stream(self, path: str, params: Mapping[str, str] | None = None) -> AbstractContextManager[Body]:
        """The body of the answer at a path while it comes, for answers that are too large to be held."""
        return self._transport.stream(Request("GET", path, params))

    def put(self, path: str, body: Any, params: Mapping[str, str] | None = None) -> Json:
        """PUT a body; the object that the server answers, empty where it answers nothing."""
        return self._object_or_nothing(Request("PUT", path, params, body))

    def post(self, path: str, body: Any) -> Json:
        """POST a body, of which the server makes the same however often it is sent."""
        return self._object_or_nothing(Request("POST", path, None, body))

    def patch(self, path: str, operations: Sequence[Json]) -> Json:
        """Apply a JSON Patch. It is not repeated once the server may have seen it."""
        return self._object_or_nothing(Request("PATCH", path, None, list(operations)))

    def delete(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """DELETE; softly, unless the parameters say otherwise."""
        return self._object_or_nothing(Request("DELETE", path, params))

    def list(self, collection: str, params: Mapping[str, str] | None = None, limit: int = PAGE) -> Iterator[Json]:
        """All entities of a collection, page by page.

        No filter among the parameters is to be believed: servers ignore those that they don't know.

        Args:
            collection: E.g. ``tables`` or ``services/databaseServices``.
            params: Filters, ``fields``, ``include``.
            limit: Entities a page.

        Raises:
            InvalidAnswerError: A page lacks what it must have, or a cursor comes back.
        """
        seen: set[str] = set()
        after: str | None = None
        while True:
            wanted = {**(params or {}), "limit": str(limit)} | ({"after": after} if after else {})
            request = Request("GET", f"/v1/{collection}", wanted)
            page = self._object(request)
            rows = _required(page, "data", list, request)
            yield from rows
            after = _required(page, "paging", dict, request).get("after")
            if after is None:
                return
            if after in seen or not rows:
                what = f"the listing does not end: after {len(seen) + 1} pages it gives a cursor that leads nowhere."
                raise InvalidAnswerError(what, where=request.operation)
            seen.add(after)

    def get_by_name(self, collection: str, fqn: str, params: Mapping[str, str] | None = None) -> Json:
        """The entity of an FQN.

        Raises:
            NotFoundError: The server says that it has no such entity.
        """
        return self.get(name_path(collection, fqn), params)

    def put_entity(self, collection: str, body: Json) -> Put:
        """Create or update one entity.

        A property that this server turns out not to know is left out from then on; see ``notes``.
        """
        request = Request("PUT", f"/v1/{collection}")
        answer = self._put_fitted(request, collection, [body], lambda bodies: bodies[0])
        return Put(_object_in(answer, request), answer.change)

    def has_bulk(self, collection: str) -> bool:
        """Whether many entities of a collection can be put at once, as far as is known by now."""
        return collection in self.capabilities.bulk and collection not in self._without_bulk

    def bulk_put(self, collection: str, bodies: Sequence[Json]) -> BulkResult:
        """Create or update many entities of one collection in one request.

        An element that the server refuses costs itself only, whether the server says so or refuses the whole request.

        Args:
            collection: E.g. ``tables``.
            bodies: Create requests, no FQN twice.

        Raises:
            NotFoundError: This server has no bulk PUT for the collection; put them one by one.
        """
        return put_all(lambda part: self._put_bulk(collection, part), bodies)

    def restore(self, collection: str, entity_id: str) -> Json:
        """Bring a soft-deleted entity back, and with it all that was below it."""
        try:
            return self.put(f"/v1/{collection}/restore", {"id": entity_id})
        except AuthenticationError:
            raise
        except RemoteError:
            # What was restored by an attempt whose answer was lost can't be restored again: 404 on 1.0, 500 on 1.5.
            stored = self.get(f"/v1/{collection}/{entity_id}", {"include": "all"})
            if stored.get("deleted", False):
                raise
            return stored

    def put_lineage(self, body: Json) -> None:
        """Draw an edge, or replace what is known of it."""
        self.put("/v1/lineage", body)

    def lineage_details(self, kind: EntityType, source_id: str, target_id: str) -> Json | None:
        """What the server knows of the edge between two entities, the target's type given; None if there is none."""
        return self.upstream_edges(kind, target_id).get(source_id)

    def upstream_edges(self, kind: EntityType, target_id: str) -> dict[str, Json]:
        """What the server knows of each edge into an entity, by the id of its source.

        Read from the graph: the look-up of a single edge (1.4 and later) doesn't find one without details.
        """
        depth = {"upstreamDepth": "1", "downstreamDepth": "0"}
        request = Request("GET", f"/v1/lineage/{kind}/{target_id}", depth)
        edges = _required(self._object(request), "upstreamEdges", list, request)
        return {_required(edge, "fromEntity", str, request): edge.get("lineageDetails") or {} for edge in edges}

    def delete_lineage(self, source: tuple[EntityType, str], target: tuple[EntityType, str]) -> None:
        """Take an edge between two entities, by type and id, away; nothing happens if there is none."""
        with suppress(NotFoundError):
            self.delete("/v1/lineage/" + "/".join((*source, *target)))

    def _put_bulk(self, collection: str, bodies: Sequence[Json]) -> Json:
        request = Request("PUT", f"/v1/{collection}/bulk", {"async": "false"})
        try:
            return _object_in(self._put_fitted(request, collection, bodies, lambda fitted: fitted), request)
        except IncompatibleServerError as error:
            if error.status not in _NO_SUCH_PATH:
                raise
            self._without_bulk.add(collection)
            raise no_bulk(collection) from error

    def _put_fitted(
        self, request: Request, collection: str, bodies: Sequence[Json], as_body: Callable[[Sequence[Json]], Any]
    ) -> Answer:
        while True:
            fitted = self._refused.fitted(collection, bodies)
            try:
                return self._transport.send(request._replace(body=as_body(fitted)))
            except RejectedError as error:
                if not self._refused.learn(collection, error, fitted):
                    raise

    def _object(self, request: Request) -> Json:
        return _object_in(self._transport.send(request), request)

    def _object_or_nothing(self, request: Request) -> Json:
        answer = self._transport.send(request)
        return {} if answer.body is None else _object_in(answer, request)


def name_path(collection: str, fqn: str) -> str:
    """Path of an entity by its FQN."""
    return f"/v1/{collection}/name/{quote(fqn, safe='')}"


def normalised(host_port: str) -> str:
    """``hostPort`` as requests are built on it: no slash and no API version at its end.

    Host and port in one spelling, for ledger and lease lie under the address.

    Raises:
        RecipeError: It is no address, or holds a password.
    """
    text = host_port.strip().rstrip("/").removesuffix("/v1").rstrip("/")
    try:
        url = urlsplit(text)
        port = "" if url.port in (None, _PORTS.get(url.scheme)) else f":{url.port}"
    except ValueError:  # A bracket of an IPv6 address is missing, or a port is none. Nothing of such a text is shown.
        raise RecipeError("hostPort is no address; it must look like http://openmetadata:8585/api.") from None
    if url.scheme not in {"http", "https"} or not url.hostname:
        # Nor of one that may begin with a user: without http:// he would be taken for a scheme.
        shown = "" if "@" in text else f" {host_port!r}"
        raise RecipeError(f"hostPort{shown} is no address; it must look like http://openmetadata:8585/api.")
    if url.username is not None or url.query or url.fragment:
        place = f"{url.scheme}://{url.hostname}"
        raise RecipeError(f"hostPort {place} holds more than an address; user, password and query don't belong there.")
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return f"{url.scheme}://{host}{port}{url.path}"


def _required(body: Json, key: str, kind: type[Value], request: Request) -> Value:
    value = body.get(key)
    if isinstance(value, kind):
        return value
    what = f"the answer lacks {key!r}." if key not in body else f"{key!r} of the answer is no {kind.__name__}."
    raise InvalidAnswerError(what, where=request.operation)


def _object_in(answer: Answer, request: Request) -> Json:
    if isinstance(answer.body, dict):
        return answer.body
    what = f"the answer is {'empty' if answer.body is None else 'no JSON object'}."
    raise InvalidAnswerError(what, where=request.operation, status=answer.status)
