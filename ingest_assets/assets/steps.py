"""The steps of a run, each of which is one asset: what it does, and what it is checked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from ingest_assets.catalog import EntityType
from ingest_assets.ingestion.enrichment import enrich
from ingest_assets.ingestion.ingestion import Ingestion
from ingest_assets.ingestion.kinds import (
    ASSETS,
    ENRICHING,
    ENRICHMENT,
    LINEAGE,
    PIPELINES,
    PREPARED,
    REMOVAL,
    SAMPLED,
    VIEWED,
    WORDS,
    published,
)
from ingest_assets.ingestion.preparation import prepare
from ingest_assets.ingestion.report import Report
from ingest_assets.ingestion.requirements import require_services
from ingest_assets.ingestion.samples import publish_samples
from ingest_assets.ingestion.usage import publish_usage
from ingest_assets.ingestion.verdicts import Verdict, arrived, complete, health, lineage_drawn, removed, shrinkage
from ingest_assets.ingestion.vocabulary import publish_words

PLAN = "plan"
"""Name of the step that holds the snapshot against the server."""

_NOTHING_WRITTEN = Verdict(passed=True, summary="dry run: nothing was to arrive", figures={})


@dataclass(frozen=True)
class Turn:
    """One step of one run.

    Attributes:
        ingestion: The recipe's ingestion.
        run_id: The run.
        last_attempt: Whether Dagster will not try the step again.
    """

    ingestion: Ingestion
    run_id: str
    last_attempt: bool


@dataclass(frozen=True)
class Check:
    """A check of a step.

    Attributes:
        name: As the UI shows it.
        description: What it says.
        judge: Gives the verdict, once the step is done.
        blocking: Whether a run fails by it. Such checks sit on the last step, where all the work is done.
    """

    name: str
    description: str
    judge: Callable[[Turn], Verdict]
    blocking: bool = False


@dataclass(frozen=True)
class Step:
    """One asset of a recipe.

    Attributes:
        name: Last part of its key.
        description: For people, in the UI.
        act: Does it.
        checks: What it is checked for.
        after: Names of the steps whose work it needs, besides the one right before it: who selects some assets only
            may leave that one out.
    """

    name: str
    description: str
    act: Callable[[Turn], Report]
    checks: tuple[Check, ...] = ()
    after: tuple[str, ...] = ()


def _snapshot(turn: Turn) -> Report:
    if turn.ingestion.required:
        require_services(turn.ingestion.required, turn.ingestion.server.listing)
    return turn.ingestion.snapshot(turn.run_id, last_attempt=turn.last_attempt)


def _publish(kind: EntityType) -> Callable[[Turn], Report]:
    return lambda turn: turn.ingestion.publish(turn.run_id, kind)


def _publish_words(root: EntityType) -> Callable[[Turn], Report]:
    return lambda turn: publish_words(turn.ingestion, turn.run_id, root)


def _healthy(about: str) -> Callable[[Turn], Verdict]:
    return lambda turn: health(turn.ingestion.manifest(turn.run_id), about)


def _complete(turn: Turn) -> Verdict:
    return complete(turn.ingestion.manifest(turn.run_id))


def _arrived(turn: Turn) -> Verdict:
    if turn.ingestion.dry_run:
        return _NOTHING_WRITTEN
    source_type = turn.ingestion.snapshots.source_type
    beside = (ENRICHMENT, LINEAGE) if source_type in ENRICHING else (LINEAGE,)
    kinds = (*(kind.value for kind in (*WORDS[source_type], *turn.ingestion.kinds)), *beside)
    return arrived(turn.ingestion.outcomes(turn.run_id), kinds, turn.ingestion.success_threshold)


def _shrinkage(turn: Turn) -> Verdict:
    manifest = turn.ingestion.manifest(turn.run_id)
    snapshots = turn.ingestion.snapshots
    known = manifest.previous is not None and snapshots.has_manifest(manifest.previous)
    before = snapshots.manifest(manifest.previous) if known and manifest.previous else None
    return shrinkage(manifest, before, turn.ingestion.shrink_percent)


def _lineage_drawn(turn: Turn) -> Verdict:
    if turn.ingestion.dry_run:
        return _NOTHING_WRITTEN
    return lineage_drawn(turn.ingestion.outcomes(turn.run_id).get(LINEAGE, Counter()))


def _removed(turn: Turn) -> Verdict:
    return removed(turn.ingestion.outcomes(turn.run_id).get(REMOVAL, Counter()), turn.ingestion.manifest(turn.run_id))


def _server_compatible(turn: Turn) -> Verdict:
    capabilities = turn.ingestion.server.capabilities
    return Verdict(capabilities.note is None, capabilities.note or f"OpenMetadata {capabilities.version}", {})


_DESCRIPTIONS = {
    EntityType.CLASSIFICATION: "Tags in OpenMetadata, in their classifications, that the labels of this recipe need.",
    EntityType.GLOSSARY: "Terms in OpenMetadata, in their glossaries, that the labels of this recipe need.",
    EntityType.DATABASE: "The service and its databases in OpenMetadata.",
    EntityType.SCHEMA: "Database schemas in OpenMetadata.",
    EntityType.TABLE: "Tables and views in OpenMetadata, with their columns.",
    EntityType.TOPIC: "The service and its topics in OpenMetadata, with their schemas.",
    EntityType.DATA_MODEL: "The service and its data models in OpenMetadata, with their columns.",
    EntityType.CHART: "Charts in OpenMetadata.",
    EntityType.DASHBOARD: "Dashboards in OpenMetadata, with their charts and data models.",
    EntityType.PIPELINE: "The service and its pipelines in OpenMetadata, with their tasks.",
    EntityType.CONTAINER: "The service and its containers in OpenMetadata.",
}


def steps_of(source_type: str, asked: Collection[str] = ()) -> Iterator[Step]:
    """The steps of a source, in order of dependency.

    Args:
        source_type: Which.
        asked: What the recipe asks for besides; see ``MADE_ON_REQUEST``.
    """
    yield from _reading(source_type)
    yield from _writing(source_type, published(source_type, asked))
    owns_nothing = source_type in ENRICHING and PIPELINES not in asked
    yield from _concluding_enrichment() if owns_nothing else _concluding()


_ABOUT_AS_MUCH = Check(
    "shrink_guard",
    "The source shows about as much as in the snapshot before. Nothing is removed by what this says: who may see less "
    "than before is told here first.",
    _shrinkage,
)
_HEALTH = {
    "quicksight": (
        Check(
            "spice_refreshes",
            "The last refresh of no data set in SPICE failed, as far as quicksight:ListIngestions shows it.",
            _healthy("spice_refreshes"),
        ),
    ),
    "looker": (
        Check(
            "explores_compile",
            "Looker finds no errors in the LookML of the explores that it describes. Its content validator is not run.",
            _healthy("explores_compile"),
        ),
    ),
    "kinesis": (
        Check(
            "streams_writable",
            "Every stream has an open shard, without which nobody can write to it. Whether anybody does is not known: "
            "only CloudWatch counts records.",
            _healthy("streams_writable"),
        ),
    ),
}
"""What sources say of the health of what they show, which fails no run: the same names as in their ``Health``."""


def _reading(source_type: str) -> Iterator[Step]:
    if source_type in PREPARED:
        yield Step(
            PREPARED[source_type],
            "The LookML of the recipe's repositories at one commit, which is its version. Nothing is fetched or parsed "
            "while that stands.",
            lambda turn: prepare(turn.ingestion, last_attempt=turn.last_attempt),
        )
    yield Step(
        "snapshot",
        "What the service says: every listing read once, with the proof of its completeness.",
        _snapshot,
        (_ABOUT_AS_MUCH, *_HEALTH.get(source_type, ())),
    )
    yield Step(
        PLAN,
        "What would be written: the snapshot held against the server and what was last written to it.",
        lambda turn: turn.ingestion.plan(turn.run_id),
        (
            Check(
                "server_compatible",
                "The server's version is one that is known; what an older one can't hold is told here.",
                _server_compatible,
            ),
        ),
    )


def _writing(source_type: str, kinds: Sequence[EntityType]) -> Iterator[Step]:
    for root in WORDS[source_type]:
        yield Step(ASSETS[root], _DESCRIPTIONS[root], _publish_words(root))
    for kind in kinds:
        yield Step(ASSETS[kind], _DESCRIPTIONS[kind], _publish(kind), after=(PLAN,) if kind is kinds[0] else ())
    if source_type in ENRICHING:
        yield Step(
            ENRICHMENT,
            "What the source knows of tables and topics that other recipes made: words, owners and labels, patched "
            "into them. Nothing else of them is touched.",
            lambda turn: enrich(turn.ingestion, turn.run_id),
        )
    if source_type in SAMPLED:
        yield Step(
            "sample_data",
            "Some messages of each topic, if the recipe asks for them (generateSampleData); kept on the server only.",
            lambda turn: publish_samples(turn.ingestion, turn.run_id),
        )
    if source_type in VIEWED:
        yield Step(
            "usage",
            "How often each dashboard was looked at since the snapshot before, unless the recipe says not to "
            "(includeUsage).",
            lambda turn: publish_usage(turn.ingestion, turn.run_id),
        )


_DRAWN = Check(
    "lineage_coverage",
    "Every edge that the source tells of is on the server. The others are in the table of failures, each with why.",
    _lineage_drawn,
)
_PROVEN = (
    Check(
        "complete",
        "Every listing of the service was read whole. What was not is neither judged nor removed, and fails the run.",
        _complete,
        blocking=True,
    ),
    Check(
        "failed_ratio",
        "Of what was listed at least as many percent arrived as the recipe wants (successThreshold), or the run fails.",
        _arrived,
        blocking=True,
    ),
)


def _lineage(*checks: Check, after: tuple[str, ...] = ()) -> Step:
    return Step(
        "lineage",
        "Lineage down to columns, written once both its ends are acknowledged.",
        lambda turn: turn.ingestion.lineage(turn.run_id),
        checks,
        after,
    )


def _concluding_enrichment() -> Iterator[Step]:
    """Nothing that others made goes for what the source no longer says: there is no step for what is stale."""
    yield _lineage(_DRAWN, *_PROVEN, after=(PLAN,))


def _concluding() -> Iterator[Step]:
    yield _lineage(_DRAWN)
    yield Step(
        "stale",
        "What OpenMetadata has and the service, asked by name, does not: removed softly, or shown with why it stays.",
        lambda turn: turn.ingestion.stale(turn.run_id),
        (
            Check(
                "removals",
                "What is gone was removed, and nothing waits for a person's approval (approve_stale).",
                _removed,
            ),
            *_PROVEN,
        ),
    )
