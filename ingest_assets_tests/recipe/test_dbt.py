"""Recipes of dbt: OpenMetadata's spelling loads, and what is not built is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest_assets.errors import RecipeError
from ingest_assets.recipe.dbt import DbtWorkflow
from ingest_assets.recipe.document import dotted
from ingest_assets.recipe.honoured import verdicts_of
from ingest_assets.recipe.lint import lint
from ingest_assets.recipe.loader import load_recipe
from ingest_assets.recipe.model_keys import places
from ingest_assets.recipe.policy import least_policy
from ingest_assets.recipe.recipe import Recipe

CLOUD: dict[str, Any] = {"dbtCloudAuthToken": "${TOKEN}", "dbtCloudAccountId": "7"}


def load(folder: Path, *, options: dict[str, Any] | None = None, **source: Any) -> Recipe:
    told = {
        "source": {
            "type": "dbt",
            "serviceName": "lake",
            "sourceConfig": {"config": {"type": "DBT", "dbtConfigSource": source, **(options or {})}},
        },
        "workflowConfig": {
            "openMetadataServerConfig": {
                "hostPort": "https://openmetadata.example/api",
                "securityConfig": {"jwtToken": "${OM_BOT_TOKEN}"},
            }
        },
    }
    path = folder / "dbt.yaml"
    path.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return load_recipe(path)


@pytest.mark.parametrize(
    ("way", "source"),
    [
        ("local", {"dbtManifestFilePath": "target/manifest.json"}),
        ("http", {"dbtManifestHttpPath": "https://docs.example/manifest.json"}),
        ("cloud", CLOUD),
        ("s3", {"dbtPrefixConfig": {"dbtBucketName": "b"}, "dbtSecurityConfig": {"awsRegion": "eu-west-1"}}),
    ],
)
def test_every_way_loads_with_its_type_and_by_its_keys_alone(tmp_path: Path, way: str, source: dict[str, Any]) -> None:
    for told in (source, {"dbtConfigType": way, **source}):
        recipe = load(tmp_path, **told)
        assert (recipe.type, recipe.names_services) == ("dbt", ("lake",))
        assert not [note for note in lint(recipe) if note.level in ("error", "warning")]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"dbtConfigType": "gcs", "dbtSecurityConfig": {"gcpConfig": {}}}, "gcs: artifacts in Google Cloud Storage"),
        ({"dbtSecurityConfig": {"gcpConfig": {"type": "x"}}}, "gcs: artifacts in Google Cloud Storage"),
        ({"dbtConfigType": "azure"}, "azure: artifacts in Azure's storage are not read yet"),
        ({"dbtConfigType": "ftp"}, "expected one of local, http, s3, cloud"),
        ({}, "dbtConfigType is missing: expected one of local, http, s3, cloud"),
        ({"dbtConfigType": "local"}, "dbtManifestFilePath missing"),
        ({"dbtConfigType": "cloud", "dbtCloudAccountId": "7"}, "dbtCloudAuthToken missing"),
        ({"dbtConfigType": "s3", "dbtPrefixConfig": {"dbtBucketName": "b"}}, "dbtSecurityConfig missing"),
        ({"dbtManifestFilePath": "m", "dbtCloudJobId": "5"}, "dbtCloudJobId: not of dbtConfigType local"),
        ({**CLOUD, "dbtCloudAccountId": "../7"}, "an id of dbt Cloud"),
    ],
)
def test_what_can_t_be_read_is_refused_and_says_why(tmp_path: Path, source: dict[str, Any], told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        load(tmp_path, **source)


def test_services_of_their_own_keys_count_in_place_of_the_recipe_s(tmp_path: Path) -> None:
    recipe = load(tmp_path, options={"dbServiceNames": ["a", "b"]}, dbtManifestFilePath="m")
    assert recipe.names_services == ("a", "b")


def test_every_key_has_a_verdict_and_every_verdict_a_key() -> None:
    verdicts, keys = verdicts_of("dbt"), [dotted(key) for key in places(DbtWorkflow)]
    leaves = [key for key in keys if not any(other.startswith(f"{key}.") for other in keys)]
    without = [key for key in leaves if not any(key == each or key.startswith(f"{each}.") for each in verdicts)]
    assert without == []
    assert [key for key in verdicts if key not in keys] == []


def test_s3_needs_to_list_and_read_the_bucket_and_others_need_nothing_of_aws(tmp_path: Path) -> None:
    place: dict[str, Any] = {"dbtPrefixConfig": {"dbtBucketName": "b"}, "dbtSecurityConfig": {"awsRegion": "eu-west-1"}}
    (statement,) = least_policy(load(tmp_path, **place))["Statement"]
    assert statement["Action"] == ["s3:ListBucket", "s3:GetObject"]
    assert statement["Resource"] == ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
    assert least_policy(load(tmp_path, **CLOUD))["Statement"] == []
