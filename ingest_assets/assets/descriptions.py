"""What assets say of themselves in the UI: what they bring, from where, to where, and by which recipe.

Nothing is looked up: a variable is shown by its name. Only the keys named here are shown, so no secret is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest_assets.assets.steps import Step
from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.kinds import ASSETS, ENRICHING, PREPARED, SERVICES
from ingest_assets.recipe.document import KeyPath
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.variables import parse_template

_CONNECTION: KeyPath = ("source", "serviceConnection", "config")
_ARTIFACTS: KeyPath = ("source", "sourceConfig", "config", "dbtConfigSource")
_SERVER: KeyPath = ("workflowConfig", "openMetadataServerConfig", "hostPort")
_PRODUCTS = {
    "glue": "AWS Glue Data Catalog",
    "kinesis": "Amazon Kinesis",
    "quicksight": "Amazon QuickSight",
    "looker": "Looker",
    "atlas": "Apache Atlas",
    "dbt": "dbt",
}
_PLACES: dict[str, dict[str, tuple[KeyPath, ...]]] = {
    "glue": {
        "region": ((*_CONNECTION, "awsConfig", "awsRegion"), ("dagster", "source", "regions")),
        "catalog": (("dagster", "source", "catalog_ids"),),
        "account of": (("dagster", "source", "accounts"),),
    },
    "kinesis": {"region": ((*_CONNECTION, "awsConfig", "awsRegion"),)},
    "quicksight": {
        "account": ((*_CONNECTION, "awsAccountId"),),
        "region": ((*_CONNECTION, "awsConfig", "awsRegion"),),
    },
    "looker": {"at": ((*_CONNECTION, "hostPort"),)},
    "atlas": {"at": ((*_CONNECTION, "hostPort"),)},
    "dbt": {
        "manifest": ((*_ARTIFACTS, "dbtManifestFilePath"), (*_ARTIFACTS, "dbtManifestHttpPath")),
        "bucket": ((*_ARTIFACTS, "dbtPrefixConfig", "dbtBucketName"),),
        "folder": ((*_ARTIFACTS, "dbtPrefixConfig", "dbtObjectPrefix"),),
        "account": ((*_ARTIFACTS, "dbtCloudAccountId"),),
        "project": ((*_ARTIFACTS, "dbtCloudProjectId"),),
        "job": ((*_ARTIFACTS, "dbtCloudJobId"),),
    },
}
"""Where a source is, by keys of its recipe: what people call the place, and where it is written."""
_GIT = ("githubCredentials", "gitCredentials")
_CLOUDS = {"glue": "aws", "kinesis": "aws", "quicksight": "aws"}
_FORMS = {
    ASSETS[EntityType.TABLE]: "table",
    ASSETS[EntityType.DATA_MODEL]: "semanticmodel",
    ASSETS[EntityType.DASHBOARD]: "dashboard",
    ASSETS[EntityType.PIPELINE]: "dag",
}
"""Kinds for which Dagster's UI has an icon, by the name of the asset."""
# In an address: a name and a password before the host, which may hold any character; and a query.
_USER = re.compile(r"(?<=//).*@|\?.*", re.DOTALL)


def kinds_of(recipe: Recipe, step: str) -> set[str]:
    """Kinds of an asset: source type, server, and those of which Dagster's UI has an icon."""
    found = {recipe.type, "openmetadata"} | {_CLOUDS.get(recipe.type, ""), _FORMS.get(step, "")}
    if step == PREPARED.get(recipe.type) and recipe.document.at((*_CONNECTION, _GIT[0])):
        found.add("github")
    return found - {""}


def description_of(recipe: Recipe, step: Step) -> str:
    """Markdown: what the asset is, and where it comes from and goes to.

    The first line stands alone: lists and tooltips show no more.
    """
    rows = {"from": _origin(recipe, step.name), "to": _target(recipe), "recipe": _code(recipe.path.name)}
    if recipe.dagster.schedule:
        state = "on" if recipe.dagster.started else "off until it is switched on"
        rows["when"] = f"{_code(recipe.dagster.schedule)} {recipe.dagster.timezone}, {state}"
    table = "\n".join(f"| {name} | {text} |" for name, text in rows.items())
    return f"{step.description}\n\n| | |\n|---|---|\n{table}"


def _origin(recipe: Recipe, step: str) -> str:
    if step == PREPARED.get(recipe.type):
        return f"LookML in {_repository(recipe)}"
    places = [
        f"{name} {', '.join(map(_code, texts))}"
        for name, keys in _PLACES[recipe.type].items()
        if (texts := [text for key in keys for text in _texts(recipe, key)])
    ]
    return f"{_PRODUCTS[recipe.type]}{', ' if places else ''}{', '.join(places)}"


def _repository(recipe: Recipe) -> str:
    for name in _GIT:
        at = (*_CONNECTION, name)
        owners, names = list(_texts(recipe, (*at, "repositoryOwner"))), list(_texts(recipe, (*at, "repositoryName")))
        if owners and names:
            return ", ".join(_code(f"{owners[0]}/{each}") for each in names)
        if address := list(_texts(recipe, (*at, "url"))) or list(_texts(recipe, at)):
            return _code(address[0])
    return "no repository: the recipe names none"


def _target(recipe: Recipe) -> str:
    server = ", ".join(map(_code, _texts(recipe, _SERVER)))
    if recipe.type in ENRICHING:
        services = ", ".join(map(_code, recipe.names_services)) or "the services that it names"
        return f"what other recipes brought of {services}, OpenMetadata at {server}"
    return f"{_code(f'{SERVICES[recipe.type][0]}s/{recipe.service_name}')} of OpenMetadata at {server}"


def _texts(recipe: Recipe, key: KeyPath) -> Iterator[str]:
    """The texts of a key, variables by their names alone; a default may be a secret as well.

    Of an account that is read by a role, the role.
    """
    written = recipe.document.at(key)
    for each in written if isinstance(written, list) else [written]:
        text = each.get("assumeRoleArn") if isinstance(each, dict) else each
        if isinstance(text, str) and text:
            shown = "".join(str(part) for part in parse_template(text).parts)
            yield _USER.sub("", shown)


def _code(text: str) -> str:
    """Text as it is, also in a table's cell."""
    return f"`{text.replace('`', chr(39)).replace('|', chr(92) + '|')}`"
