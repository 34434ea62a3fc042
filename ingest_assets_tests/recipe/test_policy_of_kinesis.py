"""The least policy of a Kinesis recipe holds what its runs call, and nothing that its keys leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_assets.recipe import least_policy, load_recipe

RECIPE = """\
source:
  type: kinesis
  serviceName: streams
  serviceConnection:
    config:
      awsConfig:
        awsRegion: eu-north-1
workflowConfig:
  openMetadataServerConfig:
    hostPort: http://localhost:8585/api
    securityConfig:
      jwtToken: ${OM_BOT_TOKEN}
dagster:
  source:
"""
FIREHOSE = "    firehose: {service_name: deliveries}\n"
NO_TAGS = "    include_tags: false\n"
STREAMS = {"kinesis:ListTagsForStream"}
DELIVERIES = {"firehose:ListTagsForDeliveryStream"}


@pytest.mark.parametrize(
    ("keys", "tags"),
    [
        ("    owner_tag: team\n", STREAMS),
        (FIREHOSE, STREAMS | DELIVERIES),
        (FIREHOSE + NO_TAGS, set()),
        (NO_TAGS, set()),
    ],
)
def test_tags_are_asked_for_where_the_recipe_wants_them(tmp_path: Path, keys: str, tags: set[str]) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE + keys, encoding="utf-8")
    read, more = least_policy(load_recipe(path))["Statement"]
    assert {action for action in more["Action"] if "Tags" in action} == tags
    assert ("firehose:ListDeliveryStreams" in read["Action"]) is ("firehose" in keys)
