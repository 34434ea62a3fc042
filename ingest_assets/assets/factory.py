"""The factory: one recipe becomes a group of assets and a job."""

import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import dagster as dg

from ingest_assets.assets.descriptions import description_of, kinds_of
from ingest_assets.assets.freshness import freshness_of
from ingest_assets.assets.names import asset_key, group_name, job_name, recipe_name, status_key
from ingest_assets.assets.report import Links, metadata, service_page
from ingest_assets.assets.steps import PLAN, Check, Step, Turn, steps_of
from ingest_assets.errors import IngestError, RemoteError
from ingest_assets.ingestion.kinds import ENRICHING
from ingest_assets.progress import Progress
from ingest_assets.recipe.recipe import Recipe
from ingest_assets.recipe.resolver import Redactor
from ingest_assets.recipe.settings import Retries
from ingest_assets.resources.ingestion import IngestionResource

if TYPE_CHECKING:
    # Dagster gives the type that define_asset_job returns no public name.
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

    from ingest_assets.ingestion.ingestion import Ingestion

_LONGEST_FIGURE = 1000


class RecipeAssets(NamedTuple):
    """What Dagster has of one recipe."""

    recipe: Recipe
    assets: list[dg.AssetsDefinition]
    job: "UnresolvedAssetJobDefinition"

    @property
    def keys(self) -> set[dg.AssetKey]:
        """Keys of its assets."""
        return {asset.key for asset in self.assets}


def recipe_assets(recipe: Recipe, retries: Retries, preceding: Sequence[dg.AssetKey] = ()) -> RecipeAssets:
    """The assets and the job of a recipe. Asks no service and looks up no variable.

    Args:
        recipe: What becomes assets.
        retries: Attempts after a failure.
        preceding: Assets of other recipes whose entities it looks for.
    """
    steps = list(steps_of(recipe.type, recipe.asks_for))
    before = [[], *([step.name] for step in steps[:-1])]
    # A recipe about what others make reads nothing before that is there.
    held_up = steps[0].name if recipe.type in ENRICHING else PLAN
    version, freshness = _version_of(recipe), freshness_of(recipe)
    assets = [
        _asset(
            recipe,
            retries,
            freshness,
            step,
            version,
            [
                *(asset_key(recipe, name) for name in (*earlier, *step.after)),
                *(preceding if step.name == held_up else ()),
            ],
        )
        for step, earlier in zip(steps, before, strict=True)
    ]
    job = dg.define_asset_job(
        job_name(recipe),
        selection=dg.AssetSelection.assets(*assets),
        description=recipe.dagster.job.description
        or f"Ingest {recipe.service_name} ({recipe.type}) as {recipe.path.name} says.",
        # A run's assets share sessions, rate limits and tokens; threads give the parallelism.
        executor_def=dg.in_process_executor,
        run_tags={"dagster/max_runtime": str(recipe.dagster.timeout)},
        config=console_logging(recipe) or None,
    )
    return RecipeAssets(recipe, assets, job)


def console_logging(recipe: Recipe) -> dict[str, object]:
    """Run config by which the console shows messages of the recipe's level and above; the UI filters its own."""
    level = recipe.log_level
    return {"loggers": {"console": {"config": {"log_level": level}}}} if level else {}


def _asset(
    recipe: Recipe,
    retries: Retries,
    freshness: dg.FreshnessPolicy | None,
    step: Step,
    version: str,
    before: Sequence[dg.AssetKey],
) -> dg.AssetsDefinition:
    key = asset_key(recipe, step.name)

    @dg.asset(
        key=key,
        deps=before,
        description=description_of(recipe, step),
        group_name=group_name(recipe),
        kinds=kinds_of(recipe, step.name),
        owners=list(recipe.dagster.owners),
        code_version=version,
        metadata={"recipe": dg.MetadataValue.text(recipe.path.name), **_source_code(recipe)},
        freshness_policy=freshness,
        pool=recipe_name(recipe),
        retry_policy=_retry_policy(retries),
        check_specs=[_check_spec(key, check) for check in step.checks],
    )
    def materialize(
        context: dg.AssetExecutionContext, ingestions: IngestionResource, progress: dg.ResourceParam[Progress]
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster does not recognise the parametrized form
        last_attempt = context.retry_number >= retries.max
        with _plainly(Redactor(), last_attempt=last_attempt):
            ingestion, resolver = ingestions.of(recipe, progress)
        turn = Turn(ingestion, context.run.run_id, last_attempt)
        with _plainly(resolver.redactor, last_attempt=last_attempt):
            report = step.act(turn)
            links = _links(ingestion)
            checks = [_check_result(key, check, turn) for check in step.checks]
        version = dg.DataVersion(report.version) if report.version else None
        return dg.MaterializeResult(metadata=metadata(report, links), check_results=checks, data_version=version)

    return materialize


def _source_code(recipe: Recipe) -> Mapping[str, object]:
    """The recipe's file, to which the UI gives a link that opens it in an editor."""
    with warnings.catch_warnings():
        # Dagster would say once for each asset that its interface may yet change.
        warnings.simplefilter("ignore", dg.BetaWarning)
        file = dg.LocalFileCodeReference(file_path=str(recipe.path.resolve()), line_number=1, label=recipe.path.name)
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[file])}


def _links(ingestion: "Ingestion") -> Links:
    """Pages of the recipe's own service, else of the first one that it tells of."""
    host_port, own = ingestion.server.client.host_port, ingestion.source.services()
    if own:
        return Links(service_page(host_port, own[0].reference), own[0].source_url)
    return Links(service_page(host_port, ingestion.required[0].service), None)


def _retry_policy(retries: Retries) -> dg.RetryPolicy | None:
    if not retries.max:
        return None
    return dg.RetryPolicy(max_retries=retries.max, delay=retries.delay, jitter=dg.Jitter.PLUS_MINUS)


def _version_of(recipe: Recipe) -> str:
    return hashlib.sha256(recipe.path.read_bytes()).hexdigest()[:16]


def _check_spec(key: dg.AssetKey, check: Check) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(check.name, asset=key, description=check.description, blocking=check.blocking)


def _check_result(key: dg.AssetKey, check: Check, turn: Turn) -> dg.AssetCheckResult:
    verdict = check.judge(turn)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=check.name,
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN,
        description=verdict.summary[:_LONGEST_FIGURE],
        metadata=dict(verdict.figures),
    )


@contextmanager
def _plainly(redactor: Redactor, *, last_attempt: bool) -> Iterator[None]:
    """Our own errors end the step with their message alone: it says what to do, and it holds no secret.

    What a retry can't mend (credentials, recipe) is not tried again. Nor is the last attempt: Dagster would put
    "Exceeded max_retries" in the place of the message.
    """
    try:
        yield
    except IngestError as error:
        retryable = isinstance(error, RemoteError) and error.retryable and not last_attempt
        raise dg.Failure(redactor.redact(str(error)), allow_retries=retryable) from None


def broken_recipes_asset(problems: Sequence[str], component: str = "") -> dg.AssetsDefinition:
    """An asset that fails with what is wrong with recipes that could not be loaded; the others are not held up."""

    @dg.asset(
        key=status_key(component),
        description="Recipes that can't run:\n\n" + "\n\n".join(problems),
        kinds={"openmetadata"},
    )
    def recipe_status() -> None:
        raise dg.Failure("\n".join(problems), allow_retries=False)

    return recipe_status
