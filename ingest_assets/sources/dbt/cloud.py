"""Artifacts of dbt Cloud: those of the latest good run of a job, a project or an account, by API v2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest_assets.errors import InvalidAnswerError, NotFoundError
from ingest_assets.sources.dbt.artifacts import Artifacts
from ingest_assets.sources.dbt.downloads import Downloads, Request
from ingest_assets.sources.dbt.ways import KINDS, gathered

_GOOD = "10"
"""Status of a run that has ended well; 20 is error, 30 cancelled."""

_LOOKED_AT = 100
"""Runs that are looked at; each page of dbt Cloud has as many at most."""

Json = dict[str, Any]


@dataclass(frozen=True)
class CloudFiles:
    """Artifacts of runs in dbt Cloud.

    Attributes:
        url: Address of dbt Cloud.
        account: Id of the account.
        project: Id of the project; empty: any.
        job: Id of the job; empty: any.
        downloads: The client, with the token.
    """

    url: str
    account: str
    project: str
    job: str
    downloads: Downloads

    def fetch(self, folder: Path) -> Iterator[Artifacts]:
        """See ``Way``."""
        run = str(self._latest()["id"])
        manifest = folder / "manifest.json"
        self._save(run, "manifest.json", manifest)

        def ask(kind: str) -> Path | None:
            file = folder / f"{kind}.json"
            try:
                self._save(run, file.name, file)
            except NotFoundError:
                return None
            return file

        yield gathered(f"run {run} of {self.place()}", manifest, ask, KINDS)

    def state(self) -> str:
        """See ``Way``: the latest run."""
        return str(self._latest()["id"])

    def place(self) -> str:
        """See ``Way``."""
        named = {"project": self.project, "job": self.job}
        told = "".join(f", {what} {name}" for what, name in named.items() if name)
        return f"dbt Cloud, account {self.account}{told}"

    def _latest(self) -> Json:
        """The latest good run whose artifacts were kept.

        Raises:
            RemoteError: There is none, or dbt Cloud can't be asked.
        """
        where = f"dbt Cloud: runs of {self.place()}"
        asked = {
            "order_by": "-finished_at",
            "status": _GOOD,
            "limit": str(_LOOKED_AT),
            **({"job_definition_id": self.job} if self.job else {}),
            **({"project_id": self.project} if self.project else {}),
        }
        answer = self.downloads.json(Request(f"{self._api}/runs/", "dbt:runs", where, asked))
        found = next((run for run in _runs(answer, where) if self._counts(run)), None)
        if found is None:
            raise NotFoundError(
                f"of the last {_LOOKED_AT} runs none has ended well and kept artifacts.",
                where=where,
                advice="Check dbtCloudProjectId and dbtCloudJobId, or let the job run.",
            )
        return found

    def _counts(self, run: Json) -> bool:
        """Whether a run is one of those that were asked for: where a filter is not heeded, others are listed too."""
        asked = {"job_definition_id": self.job, "project_id": self.project, "status": _GOOD}
        is_asked = all(str(run.get(key, value)) == value for key, value in asked.items() if value)
        return is_asked and bool(run.get("artifacts_saved", True))

    @property
    def _api(self) -> str:
        return f"{self.url.rstrip('/')}/api/v2/accounts/{self.account}"

    def _save(self, run: str, name: str, to: Path) -> None:
        url = f"{self._api}/runs/{run}/artifacts/{name}"
        self.downloads.save(Request(url, "dbt:artifact", f"dbt Cloud: {name} of run {run}"), to)


def _runs(answer: Mapping[str, Any], where: str) -> list[Json]:
    runs = answer.get("data")
    if not isinstance(runs, list) or not all(isinstance(run, dict) and "id" in run for run in runs):
        raise InvalidAnswerError(
            "It answers without a list of runs.", where=where, advice="Is dbtCloudUrl the address of dbt Cloud?"
        )
    return runs
