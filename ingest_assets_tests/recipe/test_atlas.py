"""Recipes of Atlas: what they may say, and what becomes of each of their keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.errors import RecipeError
from ingest_assets.recipe import Resolver
from ingest_assets.recipe.atlas import AtlasWorkflow
from ingest_assets.recipe.honoured import verdicts_of
from ingest_assets.recipe.lint import lint
from ingest_assets.recipe.model_keys import places

from .texts import load

TEXT = """\
source:
  type: atlas
  serviceName: local_atlas
  serviceConnection:
    config:
      type: Atlas
      hostPort: https://gateway.example/gateway/cdp/atlas
      username: reader
      password: ${ATLAS_PASSWORD}
      databaseServiceName: [local_hive]
      messagingServiceName: local_kafka
      entity_type: hive_table
workflowConfig:
  openMetadataServerConfig:
    hostPort: https://openmetadata.example/api
    securityConfig:
      jwtToken: ${OM_BOT_TOKEN}
"""
SIGN_ON = "      username: reader\n      password: ${ATLAS_PASSWORD}\n"
ENVIRON = {"OM_BOT_TOKEN": "of-the-bot", "ATLAS_PASSWORD": "пароль", "TOKEN": "of-the-gateway"}


def resolved(folder: Path, text: str) -> AtlasWorkflow:
    workflow = load(folder, text).resolve(Resolver(ENVIRON))
    assert isinstance(workflow, AtlasWorkflow)
    return workflow


def test_one_name_of_a_service_stands_for_a_list_of_one(tmp_path: Path) -> None:
    connection = resolved(tmp_path, TEXT).source.service_connection.config
    assert (connection.database_service_name, connection.messaging_service_name) == (("local_hive",), ("local_kafka",))


@pytest.mark.parametrize(
    ("line", "entities"),
    [("entity_type: hive_table", "hive_table"), ("entityType: rdbms_table", "rdbms_table"), ("entity_type:", "Table")],
)
def test_the_type_of_tables_is_known_in_each_spelling(tmp_path: Path, line: str, entities: str) -> None:
    workflow = resolved(tmp_path, TEXT.replace("entity_type: hive_table", line))
    assert workflow.source.service_connection.config.entities == entities


@pytest.mark.parametrize(
    "lines",
    [
        "      token: ${TOKEN}\n",
        "      extraHeaders: {Authorization: '${TOKEN}'}\n",
        f"{SIGN_ON}      extraHeaders: {{X-Team: data}}\n",
    ],
)
def test_a_gateway_may_ask_for_a_token_or_for_headers(tmp_path: Path, lines: str) -> None:
    connection = resolved(tmp_path, TEXT.replace(SIGN_ON, lines)).source.service_connection.config
    assert "of-the-gateway" not in repr(connection)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (SIGN_ON, "", "username and password are missing, or a token"),
        ("      password: ${ATLAS_PASSWORD}\n", "", "password is missing: basic sign-on takes both"),
        ("      databaseServiceName: [local_hive]\n      messagingServiceName: local_kafka\n", "", "is for a service"),
        ("entity_type: hive_table", "entity_type: a\n      entityType: b", "two names of one thing"),
        ("https://gateway", "https://me:secret@gateway", "an address holds no user and password"),
        (
            "workflowConfig:",
            "dagster:\n  source:\n    client_key: key.pem\nworkflowConfig:",
            "needs client_certificate",
        ),
        (
            "workflowConfig:",
            "dagster:\n  source:\n    clusters: {cm: other_hive}\nworkflowConfig:",
            "cm lies in other_hive, which neither",
        ),
    ],
)
def test_what_can_not_run_is_refused_when_it_loads(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        load(tmp_path, TEXT.replace(old, new)).resolve(Resolver(ENVIRON))


def test_each_key_that_a_recipe_can_have_has_a_verdict() -> None:
    verdicts = verdicts_of("atlas")
    keys = [".".join(map(str, key)) for key in places(AtlasWorkflow)]
    own = [key for key in keys if key.startswith(("source.serviceConnection.config.", "dagster.source."))]
    own += [key for key in keys if key.startswith("source.sourceConfig.config.")]
    without = {key for key in own if not any(key == known or key.startswith(f"{known}.") for known in verdicts)}
    assert not without


def test_a_password_in_plain_text_is_warned_of(tmp_path: Path) -> None:
    notes = lint(load(tmp_path, TEXT.replace("${ATLAS_PASSWORD}", "s3cret")))
    (warned,) = [note for note in notes if note.level == "warning"]
    assert warned.key == "source.serviceConnection.config.password"
