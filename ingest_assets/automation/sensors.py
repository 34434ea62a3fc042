"""Sensors that watch recipes: their files, their LookML, and the services that they read. One of each kind for all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

import dagster as dg

from ingest_assets.assets.factory import RecipeAssets
from ingest_assets.automation.watching import SECONDS, look
from ingest_assets.calls import Calls
from ingest_assets.errors import RecipeError
from ingest_assets.ingestion.build import hasty_resolver
from ingest_assets.ingestion.fingerprints import WATCHED, fingerprint, lookml_commits
from ingest_assets.ingestion.sources import Explicit
from ingest_assets.recipe.loader import find_recipes, load_recipe
from ingest_assets.recipe.resolver import Resolver
from ingest_assets.resources.looker import GitHubResource, LookerResource
from ingest_assets.resources.systems import AwsResource, StoreResource

_MINUTES = 60
_PATIENCE = 8.0  # seconds for one recipe, of the tick's sixty; what has begun may last as long again
_SECRETS = frozenset({"secret_access_key", "session_token", "client_secret", "token"})


def recipe_sensor(recipes: Sequence[RecipeAssets]) -> dg.SensorDefinition:
    """Runs a recipe once its file has changed."""

    @dg.sensor(
        name="recipes_changed",
        jobs=[made.job for made in recipes],
        minimum_interval_seconds=_MINUTES,
        description="Runs a recipe once its file has changed. A file that is new needs a reload of the code location.",
    )
    def recipes_changed(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        looked = look(context, recipes, _text_of)
        looked.told.extend(_new_files(recipes))
        return looked.result("The files of all recipes are")

    return recipes_changed


def _text_of(made: RecipeAssets, before: str | None) -> str:
    """A digest of the file, if a run can read it: a run would load it anew.

    Raises:
        RecipeError: It can't, or it is about another service now.
    """
    path = made.recipe.path
    try:
        token = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise RecipeError(f"{path}: {error.strerror}. Reload the code location, or bring the file back.") from error
    if before is not None and token != before:
        now = load_recipe(path)
        if (now.type, now.service_name) != (made.recipe.type, made.recipe.service_name):
            raise RecipeError(f"{path} is about another service now: reload the code location.")
    return token


def _new_files(recipes: Sequence[RecipeAssets]) -> list[str]:
    known = {made.recipe.path for made in recipes}
    folders = sorted({path.parent for path in known if path.parent.is_dir()})
    new = [path.name for folder in folders for path in find_recipes(folder) if path not in known]
    return [f"Not loaded: {', '.join(new)}. Reload the code location."] if new else []


def lookml_sensor(recipes: Sequence[RecipeAssets]) -> dg.SensorDefinition | None:
    """Runs a Looker recipe once one of its repositories has another commit; None where no recipe reads LookML."""
    watched = [made for made in recipes if made.recipe.type == "looker"]
    if not watched:
        return None

    @dg.sensor(
        name="lookml_changed",
        jobs=[made.job for made in watched],
        minimum_interval_seconds=5 * _MINUTES,
        description="Runs a Looker recipe once a repository of its LookML has another commit. GitHub is asked "
        "conditionally, which costs nothing of the limit.",
    )
    def lookml_changed(
        context: dg.SensorEvaluationContext, store: StoreResource, looker: LookerResource, github: GitHubResource
    ) -> dg.SensorResult:
        explicit = Explicit({}, {}, looker.explicit(), github.explicit())
        kept, lookup = store.open(), _lookup(explicit)

        def commits(made: RecipeAssets, _: str | None) -> str | None:
            return lookml_commits(made.recipe.resolve(lookup), explicit, _for_a_moment(), kept)

        return look(context, watched, commits, redact=lookup.redact).result("All LookML is")

    return lookml_changed


def source_sensor(recipes: Sequence[RecipeAssets]) -> dg.SensorDefinition | None:
    """Runs a recipe once a cheap listing of its service has changed; None where no service has one."""
    watched = [made for made in recipes if made.recipe.type in WATCHED]
    if not watched:
        return None

    @dg.sensor(
        name="services_changed",
        jobs=[made.job for made in watched],
        minimum_interval_seconds=5 * _MINUTES,
        description="Runs a recipe once a listing shows that its service has changed: QuickSight's and Looker's dates, "
        "Kinesis's streams, Atlas's last change, dbt's artifacts. Glue has none; its events come by a queue.",
    )
    def services_changed(
        context: dg.SensorEvaluationContext, aws: AwsResource, looker: LookerResource
    ) -> dg.SensorResult:
        explicit = Explicit(aws.explicit(), {}, looker.explicit())
        lookup = _lookup(explicit)

        def state(made: RecipeAssets, before: str | None) -> str | None:
            return fingerprint(made.recipe.resolve(lookup), explicit, _for_a_moment(), before)

        return look(context, watched, state, redact=lookup.redact).result("All services are")

    return services_changed


def _lookup(explicit: Explicit) -> Resolver:
    """Looks up what a tick's recipes refer to, each once for all of them, and blanks it in what people are told."""
    found = hasty_resolver(time.monotonic() + SECONDS)
    for given in (explicit.aws, explicit.looker, explicit.github):
        for name in _SECRETS.intersection(given):
            found.redactor.add(given[name])
    return found


def _for_a_moment() -> Calls:
    """Calls that end before Dagster ends the tick."""
    return Calls(time.monotonic() + _PATIENCE)
