"""The least IAM policy that a recipe needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ingest_assets.recipe.database import DatabaseMetadataConfig
from ingest_assets.recipe.document import KeyPath
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.variables import is_unresolved

_AWS_CONFIG: KeyPath = ("source", "serviceConnection", "config", "awsConfig")
_OPTIONS: KeyPath = ("source", "sourceConfig", "config")
_ARTIFACTS: KeyPath = (*_OPTIONS, "dbtConfigSource")
_DBT_BUCKET: KeyPath = (*_ARTIFACTS, "dbtPrefixConfig", "dbtBucketName")
_OFF = frozenset({"false", "no", "off", ""})
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-iso-", "aws-iso"), ("eusc-", "aws-eusc"))

READ_ACTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "glue": ("glue:GetDatabases", "glue:GetTables"),
        "kinesis": ("kinesis:ListStreams", "kinesis:DescribeStreamSummary", "kinesis:ListShards"),
        "quicksight": ("quicksight:ListDashboards", "quicksight:DescribeDashboard"),
    }
)
"""What a source calls to read, by type. Sources without AWS have no entry."""

_ASKING: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"glue": MappingProxyType({"mark_deleted_tables": "glue:GetTable", "mark_deleted_schemas": "glue:GetDatabase"})}
)
"""What a source calls to ask for one thing by its name, before that is removed as gone, by the switch that removes."""


_Called = Mapping[str, Mapping[tuple[str, ...], tuple[str, ...]]]

_INCLUDE_TAGS = "dagster.source.include_tags"
_TAGS_OPTION = "source.sourceConfig.config.includeTags"
_FIREHOSE = "dagster.source.firehose"
_INCLUDE_OWNERS = "source.sourceConfig.config.includeOwners"
_OVERRIDE_OWNER = "source.sourceConfig.config.overrideOwner"
_ANALYSES = "dagster.source.include_analyses"
_TAKING_EVENTS = ("sqs:ReceiveMessage", "sqs:DeleteMessage")
_QUEUE_URL = re.compile(
    r"https://sqs(?:-fips)?\.([a-z]+(?:-[a-z]+)+-\d{1,2})\.[a-z0-9.-]+/(\d{12})/([A-Za-z0-9_-]+(?:\.fifo)?)/?"
)
_REFRESHES = "dagster.source.include_refreshes"
_DATA_MODELS = "source.sourceConfig.config.includeDataModels"
_ON_BY_DEFAULT = frozenset({_INCLUDE_TAGS, _TAGS_OPTION, _REFRESHES, _DATA_MODELS})

_BOARD_OWNERS = ("quicksight:DescribeDashboardPermissions", "quicksight:ListUsers")
_DATA_SET_OWNERS = ("quicksight:DescribeDataSetPermissions",)
_ANALYSIS_OWNERS = ("quicksight:DescribeAnalysisPermissions",)

_BESIDES: _Called = MappingProxyType(
    {
        "kinesis": MappingProxyType(
            {
                (): ("kinesis:ListStreamConsumers", "glue:ListSchemas", "glue:GetSchemaVersion"),
                (_INCLUDE_TAGS,): ("kinesis:ListTagsForStream",),
                (_INCLUDE_TAGS, _FIREHOSE): ("firehose:ListTagsForDeliveryStream",),
            }
        ),
        "glue": MappingProxyType(
            {
                (_TAGS_OPTION,): (
                    "lakeformation:ListLFTags",
                    "lakeformation:SearchDatabasesByLFTags",
                    "lakeformation:SearchTablesByLFTags",
                )
            }
        ),
        "quicksight": MappingProxyType(
            {
                (): (
                    "quicksight:DescribeDashboardDefinition",
                    "quicksight:ListFolders",
                    "quicksight:DescribeFolder",
                    "quicksight:ListFolderMembers",
                ),
                (_DATA_MODELS,): ("s3:GetObject",),
                (_TAGS_OPTION,): ("quicksight:ListTagsForResource",),
                (_REFRESHES, _DATA_MODELS): ("quicksight:ListIngestions",),
                (_INCLUDE_OWNERS,): _BOARD_OWNERS,
                (_OVERRIDE_OWNER,): _BOARD_OWNERS,
                (_INCLUDE_OWNERS, _DATA_MODELS): _DATA_SET_OWNERS,
                (_OVERRIDE_OWNER, _DATA_MODELS): _DATA_SET_OWNERS,
                (_INCLUDE_OWNERS, _ANALYSES): _ANALYSIS_OWNERS,
                (_OVERRIDE_OWNER, _ANALYSES): _ANALYSIS_OWNERS,
                (_ANALYSES,): ("quicksight:DescribeAnalysisDefinition",),
            }
        ),
    }
)
"""What a source calls for more than it needs, by the keys that ask for it; without these it runs all the same."""

_WANTED: _Called = MappingProxyType(
    {
        "kinesis": MappingProxyType(
            {
                ("source.sourceConfig.config.generateSampleData",): ("kinesis:GetShardIterator", "kinesis:GetRecords"),
                (_FIREHOSE,): ("firehose:ListDeliveryStreams", "firehose:DescribeDeliveryStream"),
            }
        ),
        "quicksight": MappingProxyType(
            {
                (_DATA_MODELS,): (
                    "quicksight:ListDataSets",
                    "quicksight:DescribeDataSet",
                    "quicksight:ListDataSources",
                    "quicksight:DescribeDataSource",
                ),
                (_ANALYSES,): ("quicksight:ListAnalyses", "quicksight:DescribeAnalysis"),
            }
        ),
    }
)
"""What a source calls where the recipe asks for it, by the keys that do."""


LOOKER_PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "access_data": "Explores of the models in the role's model set.",
        "see_lookml_dashboards": "Dashboards that LookML declares.",
        "see_looks": "Tiles that show looks, and looks themselves.",
        "see_user_dashboards": "Dashboards of the folders that the user has access to.",
        "explore": "Explores and their fields.",
        "see_lookml": "What Looker knows of LookML.",
        "see_users": "Mail addresses of owners (includeOwners); without it owners stay as they are.",
        "manage_models": "Which databases connections lead to; without it tables are found by LookML's names alone.",
    }
)
"""Permissions of the API user's role, and what each one shows."""

ATLAS_PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "type-read": "Types, classifications and business metadata: what there is to read, and its attributes.",
        "entity-read": "Databases, tables, columns, topics and processes, whatever their classification and id. Atlas "
        "hides others in their place, and a listing with hidden rows does not count.",
        "entity-read (AtlasGlossary, AtlasGlossaryTerm)": "Glossaries and terms (includeTags); without it labels of "
        "what has terms stay as they are.",
    }
)
"""Accesses of Ranger's policies for Atlas, or of its simple authorizer, and what each one shows. All of them read."""

GITHUB_PERMISSION = "Contents: read-only"
"""What a fine-grained token needs of each private repository of LookML."""


def least_policy(recipe: Recipe) -> dict[str, Any]:
    """An IAM policy document with what the recipe needs and nothing else.

    Returns:
        ``{"Version": ..., "Statement": [...]}``; no statement where nothing of AWS is asked. Without the one that is
        called ``AskForWhatIsGone`` the recipe runs all the same, and what is gone is kept; so it does without
        ``ShowMore``, and shows less.
    """
    return {"Version": "2012-10-17", "Statement": list(_statements(recipe))}


def _statements(recipe: Recipe) -> Iterator[dict[str, Any]]:
    actions = READ_ACTIONS.get(recipe.type, ())
    if actions:
        wanted = _called_for(recipe, _WANTED)
        yield _statement("ReadMetadata", [*actions, *wanted], ["*"])
    if besides := _called_for(recipe, _BESIDES):
        yield _statement("ShowMore", besides, ["*"])
    asking = [action for switch, action in _ASKING.get(recipe.type, {}).items() if _may_be_on(recipe, switch)]
    if asking:
        yield _statement("AskForWhatIsGone", asking, ["*"])
    references = (use.reference for use in recipe.variables)
    secrets = sorted({_secret_arn(recipe, ref.name) for ref in references if ref.kind == "aws-secretsmanager"})
    if secrets:
        yield _statement("ReadSecrets", ["secretsmanager:GetSecretValue"], secrets)
    if recipe.document.at(_DBT_BUCKET):
        yield _statement("ReadArtifacts", ["s3:ListBucket", "s3:GetObject"], _bucket_arns(recipe))
    if recipe.events_queue is not None:
        # The sensor asks for these; runs do without.
        yield _statement("TakeEvents", list(_TAKING_EVENTS), [_queue_arn(recipe.events_queue)])
    if roles := list(_roles(recipe)):
        identity = recipe.document.at((*_AWS_CONFIG, "assumeRoleSourceIdentity"))
        names = ["sts:AssumeRole", "sts:SetSourceIdentity"] if identity else ["sts:AssumeRole"]
        yield _statement("AssumeRole", names, roles)


def _roles(recipe: Recipe) -> Iterator[str]:
    """ARNs of the roles that a recipe assumes; those of other accounts by the role of its own, if it has one."""
    role = recipe.document.at((*_AWS_CONFIG, "assumeRoleArn"))
    if isinstance(role, str) and role:
        yield "*" if is_unresolved(role) else role
    accounts = recipe.document.at(("dagster", "source", "accounts"))
    for account in accounts if isinstance(accounts, list) else ():
        arn = account.get("assumeRoleArn") if isinstance(account, dict) else None
        if isinstance(arn, str):
            yield arn


def _called_for(recipe: Recipe, actions: _Called) -> list[str]:
    """Actions of which all keys are on, or may be; each once."""
    found = (
        action
        for keys, called in actions.get(recipe.type, {}).items()
        if all(_is_asked_for(recipe, key) for key in keys)
        for action in called
    )
    return list(dict.fromkeys(found))


def _is_asked_for(recipe: Recipe, key: str) -> bool:
    value = recipe.document.at(tuple(key.split(".")))
    return key in _ON_BY_DEFAULT if value is None else str(value).strip().casefold() not in _OFF


def _may_be_on(recipe: Recipe, name: str) -> bool:
    """Whether a switch of the options is on; one that a variable gives may be."""
    key = str(DatabaseMetadataConfig.model_fields[name].alias)
    value = recipe.document.at((*_OPTIONS, key))
    return is_unresolved(value) or bool(getattr(DatabaseMetadataConfig.model_validate({key: value}), name))


def _statement(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _bucket_arns(recipe: Recipe) -> list[str]:
    """ARNs of the bucket with dbt's artifacts, and of what lies in it; any where it is a variable."""
    name = recipe.document.at(_DBT_BUCKET)
    if not isinstance(name, str) or is_unresolved(name):
        return ["*"]
    region = str(recipe.document.at((*_ARTIFACTS, "dbtSecurityConfig", "awsRegion")) or "")
    arn = f"arn:{_partition(region)}:s3:::{name}"
    return [arn, f"{arn}/*"]


def _queue_arn(url: str) -> str:
    """ARN of a queue; any one where its URL tells none, or is a variable."""
    match = _QUEUE_URL.fullmatch(url)
    if match is None:
        return "*"
    region, account, name = match.groups()
    return f"arn:{_partition(region)}:sqs:{region}:{account}:{name}"


def _partition(region: str) -> str:
    return next((partition for prefix, partition in _PARTITIONS if region.startswith(prefix)), "aws")


def _secret_arn(recipe: Recipe, name: str) -> str:
    if name.startswith("arn:"):
        return name
    region = str(recipe.document.at((*_AWS_CONFIG, "awsRegion")) or "")
    # AWS adds a dash and six characters to the name.
    return f"arn:{_partition(region)}:secretsmanager:*:*:secret:{name}-??????"
