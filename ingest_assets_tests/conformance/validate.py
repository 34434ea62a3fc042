"""Validates recorded bodies with the classes that openmetadata-ingestion publishes, in whose environment it runs.

``python -I validate.py 1.5 FOLDER`` prints how many bodies for servers of that version were validated, by class, and
which were refused and why; exit status 1 if one was. A reason that begins as one of the further arguments does is not
judged. Of the package it needs the classes alone, with pydantic 1 or 2.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

_SCHEMA = "metadata.generated.schema"
_SHOWN = 400  # characters of a reason, and of a refused body
_REASONS = 20  # of a version that are shown: one mistake has many bodies
_PLACES = {
    **{
        f"/v1/services/{kind.lower()}Services": f"api.services.create{kind}Service:Create{kind}ServiceRequest"
        for kind in ("Database", "Messaging", "Dashboard", "Pipeline", "Storage")
    },
    **{
        f"/v1/{collection}": f"api.data.create{name}:Create{name}Request"
        for collection, name in {
            "databases": "Database",
            "databaseSchemas": "DatabaseSchema",
            "tables": "Table",
            "topics": "Topic",
            "dashboards": "Dashboard",
            "charts": "Chart",
            "dashboard/datamodels": "DashboardDataModel",
            "pipelines": "Pipeline",
            "containers": "Container",
            "glossaries": "Glossary",
            "glossaryTerms": "GlossaryTerm",
        }.items()
    },
    "/v1/classifications": "api.classification.createClassification:CreateClassificationRequest",
    "/v1/tags": "api.classification.createTag:CreateTagRequest",
    "/v1/users": "api.teams.createUser:CreateUserRequest",
    "/v1/teams": "api.teams.createTeam:CreateTeamRequest",
    "/v1/lineage": "api.lineage.addLineage:AddLineageRequest",
    "/v1/tables/{id}/sampleData": "entity.data.table:TableData",
    "/v1/containers/{id}/sampleData": "entity.data.table:TableData",
    "/v1/topics/{id}/sampleData": "entity.data.topic:TopicSampleData",
    "/v1/tables/{id}/dataModel": "entity.data.table:DataModel",
    "/v1/usage/{type}/{id}": "type.dailyCount:DailyCountOfSomeMeasurement",
    "/v1/usage/{type}/name/{fqn}": "type.dailyCount:DailyCountOfSomeMeasurement",
    "/v1/pipelines/{fqn}/status": "entity.data.pipeline:PipelineStatus",
}
_ENDINGS = {
    "restore": "api.data.restoreEntity:RestoreEntity",
    "deleteStale": "type.bulkDeleteStaleRequest:BulkDeleteStaleRequest",
}


@dataclass
class Outcome:
    """What became of the bodies of one version.

    Attributes:
        servers: Versions of the servers that they were sent to.
        validated: Bodies by endpoint and class.
        refused: How often each reason was met.
        examples: One body to each reason.
        spared: Bodies that would have been refused for reasons that are not judged.
    """

    servers: set[str] = field(default_factory=set)
    validated: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    spared: int = 0

    def refuse(self, reason: str, body: Any) -> None:
        """Count a refusal."""
        self.refused[reason] += 1
        self.examples.setdefault(reason, json.dumps(body, ensure_ascii=False)[:_SHOWN])

    def lines(self, version: str) -> Iterator[str]:
        """For people."""
        yield f"{version}: bodies for servers {', '.join(sorted(self.servers)) or '(none)'}"
        yield from (f"  {number:6}  {name}" for name, number in sorted(self.validated.items()))
        for reason, number in self.refused.most_common(_REASONS):
            yield f"  refused {number} times: {reason[:_SHOWN]}"
            yield f"    {self.examples[reason]}"
        if self.spared:
            yield f"  {self.spared} of them are other than the class wants where that is not judged"
        yield f"{version}: {self.validated.total()} bodies validated, {self.refused.total()} refused"


def prepare() -> None:
    """Make the classes importable with nothing but pydantic.

    The package's own ``__init__`` asks for SQLAlchemy and more, none of which the classes need. Classes of old versions
    hold patterns with ``(?u)`` after a ``^``, which Python 3.11 and later refuse; it is what text patterns always mean.
    """
    spec = importlib.util.find_spec("metadata")
    if spec is None or spec.submodule_search_locations is None:
        raise SystemExit("openmetadata-ingestion is not installed in this environment.")
    package = ModuleType("metadata")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["metadata"] = package
    logging.disable()  # the classes complain of what else is missing, body by body
    compiled = re.compile

    def without_flag(pattern: Any, flags: Any = 0) -> Any:
        return compiled(pattern.replace("(?u)", "") if isinstance(pattern, str) else pattern, flags)

    vars(re)["compile"] = without_flag


def class_of(endpoint: str) -> Any:
    """The published class of an endpoint's bodies; None if none is known here."""
    path = endpoint.partition(" ")[2]
    place = _PLACES.get(path) or _ENDINGS.get(path.rpartition("/")[2])
    if place is None:
        return None
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"{_SCHEMA}.{module}"), name)


def reasons(model: Any, body: Any) -> Iterator[str]:
    """Why a class refuses a body; nothing if it takes it."""
    read = model.model_validate if hasattr(model, "model_validate") else model.parse_obj
    try:
        read(body)
    except ValueError as error:
        for each in error.errors():  # type: ignore[attr-defined]  # pydantic's own, whichever it is
            place = ".".join("*" if isinstance(part, int) else str(part) for part in each["loc"])
            yield f"{place}: {each['msg']}"


def validate(version: str, folder: Path, apart: tuple[str, ...] = ()) -> Outcome:
    """Validate what was recorded for servers of a version; ``1.5`` means all of its patches."""
    outcome = Outcome()
    classes: dict[str, Any] = {}
    for file in sorted(folder.glob("*.bodies.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if not f"{record['version']}.".startswith(f"{version}."):
                continue
            endpoint, body = record["endpoint"], record["body"]
            outcome.servers.add(record["version"])
            if endpoint not in classes:
                classes[endpoint] = class_of(endpoint)
            model = classes[endpoint]
            name = f"{endpoint}  {model.__name__ if model else '?'}"
            outcome.validated[name] += 1
            found = list(reasons(model, body)) if model else ["no class is known; add it to validate.py"]
            if judged := [reason for reason in found if not reason.startswith(apart)]:
                outcome.refuse(f"{name}: {'; '.join(dict.fromkeys(judged))}", body)
            elif found:
                outcome.spared += 1
    return outcome


def main(version: str, folder: str, *apart: str) -> int:
    """Validate and print; the exit status."""
    prepare()
    outcome = validate(version, Path(folder), apart)
    sys.stdout.write("\n".join(outcome.lines(version)) + "\n")
    # Nothing to validate is no success: the campaign sends something to every version.
    return 1 if outcome.refused or not outcome.validated else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
