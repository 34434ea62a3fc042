"""No secret of a recipe leaves the process: not into the store, not into what any server receives."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_assets.sandbox.aws.identity import Principal
from ingest_assets.sandbox.server import DOCUMENTED_ACTIONS
from ingest_assets_tests.ingestion.recipes import GlueRecipe
from ingest_assets_tests.ingestion.runs import Place, place

HIDDEN_HEADER = "a-gateways-own-secret"


def by_environment(recipe: GlueRecipe, who: Principal) -> None:
    recipe.principal = who


def by_literal(recipe: GlueRecipe, who: Principal) -> None:
    recipe.aws = {
        "awsAccessKeyId": who.access_key_id,
        "awsSecretAccessKey": who.secret_access_key,
        "awsSessionToken": who.session_token,
    }
    recipe.server = {"securityConfig": {"jwtToken": recipe.sandbox.bot_token}}


def by_file(recipe: GlueRecipe, who: Principal) -> None:
    secrets = {"secret": who.secret_access_key, "session": who.session_token, "token": recipe.sandbox.bot_token}
    for name, value in secrets.items():
        (recipe.folder / name).write_text(f"{value}\n", encoding="utf-8")
    recipe.aws = {
        "awsAccessKeyId": who.access_key_id,
        "awsSecretAccessKey": f"${{file:{recipe.folder / 'secret'}}}",
        "awsSessionToken": f"${{file:{recipe.folder / 'session'}}}",
    }
    recipe.server = {"securityConfig": {"jwtToken": f"${{file:{recipe.folder / 'token'}}}"}}


@pytest.mark.parametrize(
    ("version", "give"),
    [("1.0.3", by_environment), ("1.12.4", by_environment), ("1.12.4", by_literal), ("1.12.4", by_file)],
)
def test_no_secret_reaches_the_store_or_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, give: object
) -> None:
    """1.0 wants a connection with the service, which is where a secret would slip through."""
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with place(tmp_path, version) as here:
        who = here.sandbox.aws.identities.add_principal(
            "session", DOCUMENTED_ACTIONS, account="123456789012", session_seconds=600
        )
        recipe = GlueRecipe(here.sandbox, tmp_path, config={"includeOwners": True})
        give(recipe, who)  # type: ignore[operator]  # one of three
        recipe.server |= {"extraHeaders": {"X-Gateway": HIDDEN_HEADER}}
        # Messages go into the store as well.
        here.sandbox.faults.add("access-denied", service="glue", operation="GetTables", match="sales")
        here.sandbox.faults.add("403", service="openmetadata", operation="PUT /v1/lineage")
        steps = recipe.run()
        assert steps.tables.created > 30

        assert who.session_token is not None
        secrets = [who.secret_access_key, who.session_token, here.sandbox.bot_token, HIDDEN_HEADER]
        told = dict(kept(tmp_path / "store")) | dict(received(here)) | {"reports": repr(steps)}
        assert len(told) > 40
        found = [(where, secret[:4]) for where, text in told.items() for secret in secrets if secret in text]
        assert found == []
        assert_token_only_in_its_header(here)


def kept(store: Path) -> Iterator[tuple[str, str]]:
    for file in store.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            whole = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            yield str(file), whole.decode("utf-8", "replace")


def received(here: Place) -> Iterator[tuple[str, str]]:
    for number, request in enumerate(here.sandbox.openmetadata.requests):
        yield f"{number} {request.method} {request.path}", f"{request.path}?{request.query} {request.body.decode()}"
    for number, asked in enumerate(here.sandbox.aws.requests):
        yield f"{number} {asked.operation}", json.dumps(asked.params, default=str)


def assert_token_only_in_its_header(here: Place) -> None:
    for request in here.sandbox.openmetadata.requests:
        holding = [name for name, value in request.headers.items() if here.sandbox.bot_token in value]
        assert holding == ([] if request.path.endswith("/system/version") else ["authorization"])
