"""What a code location of many recipes costs to load, held against bare Dagster with assets of the same shape.

``python -m ingest_assets_tests.bench.definitions`` prints this part alone. Each loading is a process of its own, and of
several the quickest counts. What is made by hand has what costs Dagster time: resources, retries, pools, checks.
Seconds are the processor's: loading waits for nothing, and the machine has other work.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg
from rich import box
from rich.console import Console
from rich.table import Table

from ingest_assets_tests.many_recipes import write_recipes

RECIPES = 200
MOST_SECONDS = 3.0
"""Up to the repository definition, without imports."""
MOST_OWN_SECONDS = 1.0
"""Of these, over what bare Dagster takes."""
_TIMES = 3
_MODULE = "ingest_assets_tests.bench.definitions"

Shape = dict[str, Any]
"""Assets, jobs and schedules as JSON: what is needed to make the same by hand."""


class _System(dg.ConfigurableResource["_System"]):
    """What assets by hand ask for, too."""


class Loaded(NamedTuple):
    """One loading.

    Attributes:
        imports: Seconds for our own modules, beside Dagster's.
        seconds: From recipes, or from the shape, to the repository definition.
    """

    imports: float
    seconds: float


def print_definitions(console: Console) -> Iterator[str]:
    """Print what loading takes; what takes too long."""
    with tempfile.TemporaryDirectory() as folder, console.status(f"Definitions of {RECIPES} recipes ..."):
        recipes, shape = Path(folder) / "recipes", Path(folder) / "shape.json"
        recipes.mkdir()
        write_recipes(recipes, RECIPES)
        times = [[_measured(what, recipes, shape) for what in ("recipes", "bare")] for _ in range(_TIMES)]
        ours, bare = (min(each, key=lambda loaded: loaded.seconds) for each in zip(*times, strict=True))
        made = json.loads(shape.read_text(encoding="utf-8"))
    counts = ", ".join(f"{len(made[what]):,} {what}" for what in ("assets", "jobs", "schedules"))
    checks = sum(len(asset["checks"]) for asset in made["assets"])
    table = Table(title=f"Definitions of {RECIPES} recipes: {counts}, {checks:,} checks", box=box.SIMPLE)
    for name in ("", "seconds", "ratio", "imports beside Dagster's"):
        table.add_column(name, justify="left" if not name else "right")
    for what, each in (("bare Dagster", bare), ("recipes", ours)):
        table.add_row(what, f"{each.seconds:.2f}", f"{each.seconds / bare.seconds:.2f}", f"{each.imports:.2f}")
    console.print(table)
    own = ours.seconds - bare.seconds
    console.print(f"Our own share: {own:.2f} s, {own / RECIPES * 1000:.1f} ms a recipe.\n")
    if ours.seconds > MOST_SECONDS:
        yield f"Definitions of {RECIPES} recipes take {ours.seconds:.1f} s; {MOST_SECONDS:.0f} are allowed."
    if own > MOST_OWN_SECONDS:
        yield f"Of loading {RECIPES} recipes, {own:.1f} s are ours; {MOST_OWN_SECONDS:.0f} is allowed."


def _measured(what: str, recipes: Path, shape: Path) -> Loaded:
    environment = {**os.environ, "INGEST_ASSETS_RECIPES": str(recipes), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", _MODULE, what, str(shape)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{_MODULE} {what} failed:\n{done.stderr}")
    return Loaded(*json.loads(done.stdout.splitlines()[-1]))


def _load_recipes(shape: Path) -> Loaded:
    started = time.process_time()
    from ingest_assets.definitions import defs  # noqa: PLC0415  # what is measured

    imported = time.process_time()
    repository = defs().get_repository_def()
    done = time.process_time()
    shape.write_text(json.dumps(_shape_of(repository)), encoding="utf-8")
    return Loaded(imported - started, done - imported)


def _shape_of(repository: dg.RepositoryDefinition) -> Shape:
    graph = repository.asset_graph
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    return {
        "assets": [
            {
                "key": node.key.path,
                "deps": [parent.path for parent in sorted(node.parent_keys)],
                "group": node.group_name,
                "kinds": sorted(node.kinds),
                "description": node.description,
                "checks": [key.name for key in sorted(node.check_keys)],
            }
            for node in graph.asset_nodes
        ],
        "jobs": [{"name": job.name, "keys": [key.path for key in job.asset_layer.selected_asset_keys]} for job in jobs],
        "schedules": [
            {"name": each.name, "job": each.job_name, "cron": each.cron_schedule} for each in repository.schedule_defs
        ],
    }


def _load_bare(shape: Path) -> Loaded:
    given = json.loads(shape.read_text(encoding="utf-8"))
    started = time.process_time()
    assets = {dg.AssetKey(each["key"]): _bare_asset(each) for each in given["assets"]}
    jobs = {each["name"]: _bare_job(each, assets) for each in given["jobs"]}
    schedules = [
        dg.ScheduleDefinition(name=each["name"], job=jobs[each["job"]], cron_schedule=each["cron"])
        for each in given["schedules"]
    ]
    resources = {"system": _System(), "other": object()}
    definitions = dg.Definitions(list(assets.values()), schedules, jobs=list(jobs.values()), resources=resources)
    definitions.get_repository_def()
    return Loaded(0.0, time.process_time() - started)


def _bare_asset(shape: Mapping[str, Any]) -> dg.AssetsDefinition:
    key = dg.AssetKey(shape["key"])

    @dg.asset(
        key=key,
        deps=[dg.AssetKey(path) for path in shape["deps"]],
        description=shape["description"],
        group_name=shape["group"],
        kinds=set(shape["kinds"]),
        owners=["team:data-platform"],
        code_version="1",
        metadata={"recipe": "by-hand.yaml"},
        pool="_".join(shape["key"][:2]),
        retry_policy=dg.RetryPolicy(max_retries=3, delay=300, jitter=dg.Jitter.PLUS_MINUS),
        check_specs=[dg.AssetCheckSpec(name, asset=key) for name in shape["checks"]],
    )
    def materialize(
        context: dg.AssetExecutionContext, system: _System, other: dg.ResourceParam[object]
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]  # as in the factory
        raise dg.Failure(f"{context.asset_key} is only loaded, with {system} and {other}")

    return materialize


def _bare_job(shape: Mapping[str, Any], assets: Mapping[dg.AssetKey, dg.AssetsDefinition]) -> Any:
    # Dagster gives the type that define_asset_job returns no public name.
    chosen = [assets[dg.AssetKey(path)] for path in shape["keys"]]
    return dg.define_asset_job(shape["name"], selection=dg.AssetSelection.assets(*chosen))


def _alone() -> int:
    console = Console()
    faults = list(print_definitions(console))
    for fault in faults:
        console.print(f"[red]{fault}[/]")
    return 1 if faults else 0


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(_alone())
    what, file = sys.argv[1:]
    # The last line that is printed: Dagster's warnings may come before it.
    print(json.dumps({"recipes": _load_recipes, "bare": _load_bare}[what](Path(file))))  # noqa: T201  # as said
