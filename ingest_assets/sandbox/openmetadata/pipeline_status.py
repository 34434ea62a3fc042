"""Runs of pipelines: ``/v1/pipelines/{fqn}/status``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ingest_assets.sandbox.openmetadata.answers import Answer, Refused, bad_request
from ingest_assets.sandbox.openmetadata.calls import Call
from ingest_assets.sandbox.openmetadata.entity_types import ENTITY_TYPES
from ingest_assets.sandbox.openmetadata.repository import UPDATED
from ingest_assets.sandbox.openmetadata.routes import Route
from ingest_assets.sandbox.openmetadata.server import Server
from ingest_assets.sandbox.openmetadata.store import Entity

_FIRST_MILLISECONDS = 10**11  # anything below is taken for seconds
_LATEST = 10**15

Status = dict[str, Any]


class PipelineStatusEndpoints:
    """Statuses by pipeline and moment. They make no version."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._kind = ENTITY_TYPES["pipeline"]
        self._statuses: dict[str, dict[int, Status]] = defaultdict(dict)
        server.repository.removed.append(self._forget)
        server.renderer.extras["pipeline", "pipelineStatus"] = self._newest

    def routes(self) -> Iterator[Route]:
        """The routes of every version."""
        path = "pipelines/{fqn}/status"
        yield Route("PUT", path, self.put)
        yield Route("GET", path, self.between)
        yield Route("DELETE", f"{path}/{{timestamp}}", self.delete)

    def put(self, call: Call) -> Answer:
        """Store the status of one run; that of the same moment is replaced."""
        status = call.request(self._server.validator, "PipelineStatus")
        pipeline = self._pipeline(call)
        tasks = {task["name"] for task in pipeline.state.body.get("tasks", ())}
        for task in status.get("taskStatus", ()):
            if task.get("name") not in tasks:
                raise bad_request(f"Invalid task name {task.get('name')}")
        if status["timestamp"] < _FIRST_MILLISECONDS:
            raise bad_request(f"Timestamp {status['timestamp']} is not valid, it should be in milliseconds since epoch")
        self._statuses[pipeline.id][status["timestamp"]] = status
        return self._answer(call, pipeline, status)

    def between(self, call: Call) -> Answer:
        """The statuses of a span of time, newest first."""
        pipeline = self._pipeline(call)
        if missing := [name for name in ("startTs", "endTs") if name not in call.query]:
            raise bad_request(f"[{', '.join(f'query param {name} must not be null' for name in missing)}]")
        start, end = (call.number(name, 0, 0, _LATEST) for name in ("startTs", "endTs"))
        found = [status for moment, status in sorted(self._statuses[pipeline.id].items()) if start <= moment <= end]
        paging = {"before": str(start), "after": str(end), "total": len(found)}
        return Answer({"data": found[::-1], "paging": paging})

    def delete(self, call: Call) -> Answer:
        """Drop the status of one moment."""
        pipeline = self._pipeline(call)
        moment = call.params["timestamp"]
        status = self._statuses[pipeline.id].pop(int(moment) if moment.isdecimal() else -1, None)
        if status is None:
            raise Refused(404, f"Failed to find pipeline status for {pipeline.name} at {moment}")
        return self._answer(call, pipeline, status)

    def _pipeline(self, call: Call) -> Entity:
        return self._server.by_name(self._kind, call.params["fqn"], (False,))

    def _forget(self, entity: Entity) -> None:
        self._statuses.pop(entity.id, None)

    def _newest(self, pipeline: Entity) -> Status | None:
        statuses = self._statuses.get(pipeline.id)
        return statuses[max(statuses)] if statuses else None

    def _answer(self, call: Call, pipeline: Entity, status: Status) -> Answer:
        document = self._server.renderer.document(pipeline, call.base, fields=frozenset())
        change = UPDATED if self._server.line.has("status is a change") else ""
        return Answer({**document, "pipelineStatus": status}, change=change)
