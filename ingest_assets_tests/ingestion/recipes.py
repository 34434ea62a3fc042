"""Glue recipes as people write them, run on a sandbox's AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.ingestion.build import RunOptions, build_ingestion
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.sources import Explicit
from ingest_assets.progress import SilentProgress
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import Sandbox
from ingest_assets.snapshots.store import FolderStore, Store
from ingest_assets_tests.ingestion.runs import Steps, run_steps

NOTHING_GIVEN = Explicit({}, {})


def hide_own_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's own AWS configuration is seen."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@dataclass
class GlueRecipe:
    """One recipe file, its store, and the environment that its variables come from.

    Attributes:
        config: Keys of ``sourceConfig.config``.
        connection: Keys of ``serviceConnection.config``, besides AWS's.
        aws: Keys of ``awsConfig`` that replace the usual ones.
        server: Keys of ``openMetadataServerConfig`` that replace the usual ones.
        dagster: The block of that name.
    """

    sandbox: Sandbox
    folder: Path
    service: str = "glue"
    principal: Principal | None = None
    config: dict[str, Any] = field(default_factory=dict)
    connection: dict[str, Any] = field(default_factory=dict)
    aws: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    dagster: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The recipe: JSON is YAML."""
        aws = {
            "awsAccessKeyId": "${AWS_ACCESS_KEY_ID:-}",
            "awsSecretAccessKey": "${AWS_SECRET_ACCESS_KEY:-}",
            "awsSessionToken": "${AWS_SESSION_TOKEN:-}",
            "awsRegion": "${AWS_REGION}",
            "endPointURL": "${AWS_ENDPOINT_URL:-}",
        }
        server = {
            "hostPort": "${OPENMETADATA_HOST_PORT}",
            "authProvider": "openmetadata",
            "securityConfig": {"jwtToken": "${OM_BOT_TOKEN}"},
        }
        recipe: dict[str, Any] = {
            "source": self.source(aws | self.aws),
            "sink": {"type": "metadata-rest", "config": {}},
            "workflowConfig": {"openMetadataServerConfig": server | self.server},
        }
        return json.dumps(recipe | ({"dagster": self.dagster} if self.dagster else {}), indent=1, ensure_ascii=False)

    def source(self, aws: Mapping[str, Any]) -> dict[str, Any]:
        """The block of that name, with this ``awsConfig``."""
        return {
            "type": "glue",
            "serviceName": self.service,
            "serviceConnection": {"config": {"type": "Glue", "awsConfig": aws, **self.connection}},
            "sourceConfig": {"config": {"type": "DatabaseMetadata", **self.config}},
        }

    def ingestion(self, store: Store | None = None, options: RunOptions | None = None) -> Ingestion:
        path = self.folder / f"{self.service}.yaml"
        path.write_text(self.text(), encoding="utf-8")
        recipe = load_recipe(path)
        return build_ingestion(
            recipe,
            recipe.resolve(Resolver(self.variables())),
            store=store or FolderStore(self.folder / "store"),
            explicit=NOTHING_GIVEN,
            options=options or RunOptions(),
            progress=SilentProgress(),
        )

    def variables(self) -> Mapping[str, str]:
        return {**self.sandbox.environment(self.principal), **self.environment}

    def run(self, run_id: str | None = None, *, last_attempt: bool = True) -> Steps:
        ingestion = self.ingestion()
        try:
            return run_steps(ingestion, run_id, last_attempt=last_attempt)
        finally:
            ingestion.close()
