"""The ``dagster:`` block: the one part of a recipe that is ours and not OpenMetadata's."""

from __future__ import annotations

import difflib
import keyword
import re
import zoneinfo
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ingest_assets.recipe.cron import check_cron
from ingest_assets.recipe.fields import RecipeBlock, Switch, any_case

FullListing = Literal["always", "daily", "weekly", "monthly", "never"]
_DAY = 86_400
# Dagster's DISALLOWED_NAMES beside Python's keywords, and the asset that tells of broken recipes.
_RESERVED = frozenset(
    {"context", "conf", "config", "meta", "arg_dict", "dict", "input_arg_dict", "output_arg_dict", "int", "str"}
    | {"float", "bool", "input", "output", "type", "recipe_status"}
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    """Names of all time zones; looked for once, since that opens some six hundred files."""
    return frozenset(zoneinfo.available_timezones())


def _timezone(value: str) -> str:
    known = _timezones()
    if value not in known:
        near = difflib.get_close_matches(value, known, n=1)
        example = f"; the nearest is {near[0]}" if near else " such as Europe/Berlin"
        raise ValueError(f"expected the name of a time zone{example}")
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("expected an e-mail address")
    return value


def _owner(value: str) -> str:
    # Dagster refuses every other spelling, and with it the whole code location.
    if not (value.startswith("team:") and value[len("team:") :].strip()) and not _EMAIL.fullmatch(value):
        raise ValueError("expected an e-mail address or team:<name>")
    return value


def _job(value: str) -> str:
    word = re.sub(r"[^A-Za-z0-9_]", "_", value.strip())
    if word in _RESERVED or keyword.iskeyword(word) or word.startswith("__ASSET_JOB"):
        raise ValueError("Dagster keeps this name for itself; choose another")
    if not any(character.isalnum() for character in value):
        raise ValueError("expected a name with letters or digits")
    return value.strip()


Email = Annotated[str, AfterValidator(_email)]
Owner = Annotated[str, AfterValidator(_owner)]


class JobSettings(RecipeBlock):
    """What the recipe's job is called in Dagster."""

    name: Annotated[str, AfterValidator(_job)] | None = Field(
        default=None, description="Name of the job, such as nightly_lake; what Dagster does not take becomes _."
    )
    description: str | None = Field(default=None, description="What the job's page says.")


class Retries(RecipeBlock):
    """How often a failed asset is tried again."""

    max: int = Field(default=3, ge=0, le=20, description="Further attempts after the first.")
    delay: int = Field(default=300, ge=0, le=_DAY, description="Seconds between two attempts.")


class Alerts(RecipeBlock):
    """Who hears about failed runs."""

    email: tuple[Email, ...] = Field(default=(), description="Addresses that get a mail.")
    slack: str | None = Field(default=None, description="Channel of Slack that gets a message, such as #data-alerts.")
    on_failure: Switch = Field(default=False, description="Whether a failed run sends them.")


class StaleCeiling(RecipeBlock):
    """How much may vanish in one run before a person has to approve."""

    max_percent: float = Field(default=20, ge=0, le=100, description="Percent of the live entities, from ten up.")
    max_count: int = Field(default=500, ge=0, description="Number of entities, with all that is below them.")


class SourceSettings(RecipeBlock):
    """What a source can do that OpenMetadata's schema has no key for."""


class DagsterSettings(RecipeBlock):
    """When and how Dagster runs a recipe. Holds no variables: it is read when the definitions load."""

    job: JobSettings = Field(default=JobSettings(), description="Name and description of the job.")
    schedule: Annotated[str, AfterValidator(check_cron)] | None = Field(
        default=None, description="Cron expression, such as 0 3 * * *, or @daily."
    )
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        default="UTC", description="Time zone of the schedule, such as Europe/Berlin."
    )
    started: Switch = Field(default=False, description="Whether the schedule is on from the start.")
    retries: Retries = Field(default=Retries(), description="Attempts after a failure.")
    timeout: int = Field(default=3600, ge=1, le=30 * _DAY, description="Seconds that a run may take.")
    owners: tuple[Owner, ...] = Field(default=(), description="Owners of the assets: e-mails or team:<name>.")
    alerts: Alerts = Field(default=Alerts(), description="Mail about failed runs.")
    stale: StaleCeiling = Field(default=StaleCeiling(), description="Ceiling for removals.")
    full_listing: Annotated[FullListing, any_case(FullListing)] = Field(
        default="weekly", description="How often the server's own state is listed in full."
    )
    keep_deleted: Switch = Field(
        default=False, description="Leave what a person deleted in OpenMetadata while the source still has it."
    )
    source: SourceSettings = Field(default=SourceSettings(), description="Settings of the source.")
