"""A dbt project as its artifacts tell of it: read once, each of them as a stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.sources.dbt.artifacts import (
    CATALOG,
    MANIFEST,
    RUN_RESULTS,
    SOURCES,
    Artifacts,
    Heading,
    check_version,
    entries,
    heading,
    required_entries,
    results,
)
from ingest_assets.sources.dbt.mirror import Mirror
from ingest_assets.sources.dbt.shapes import (
    MODEL,
    TABLES,
    TEST,
    Json,
    Node,
    kind_of,
    owner_of_group,
    to_catalog_columns,
    to_exposure,
    to_node,
    to_test,
)
from ingest_assets.wording import first_of

T = TypeVar("T")

_AT_ONCE = 200
_PASSED = frozenset({"pass", "success", "skipped", "no-op"})
_SHOWN = 5


class Project:
    """What is known of a project. Safe to share among threads.

    Args:
        artifacts: Of the project.

    Attributes:
        heading: What the manifest says of itself.
        project: Its name.
        nodes: Tables that it tells of, and what else it does.
        notes: What people should know.

    Raises:
        InvalidAnswerError: An artifact is empty, cut, or another one.
    """

    def __init__(self, artifacts: Artifacts) -> None:
        self.name = artifacts.name
        self.nodes = Mirror()
        self.heading: Heading = heading(artifacts.manifest, MANIFEST, artifacts.name)
        newer = check_version(self.heading, artifacts.name)
        self.notes = [*artifacts.notes, *([newer] if newer else [])]
        self._artifacts = artifacts
        self._read_manifest()
        self._read_catalog()
        self.notes += [*self._failed_tests(), *self._late_sources()]

    def _read_manifest(self) -> None:
        file, where = self._artifacts.manifest, self.name
        owners = {name: owner_of_group(told) for name, told in self._groups()}
        projects: Counter[str] = Counter()
        for some in _chunks(required_entries(file, "nodes", where)):
            told = [each for _, each in some]
            projects.update(str(each.get("package_name")) for each in told if _is(each, {MODEL}))
            self.nodes.keep_nodes(to_node(each, owners) for each in told if _is(each, TABLES))
            self.nodes.keep_tests(to_test(each) for each in told if _is(each, {TEST}))
        for some in _chunks(required_entries(file, "sources", where)):
            self.nodes.keep_nodes(to_node(each, owners) for _, each in some)
        for some in _chunks(required_entries(file, "exposures", where)):
            self.nodes.keep_exposures(to_exposure(each) for _, each in some)
        # Before dbt 1.6 a manifest does not tell its project; that of most of its models is.
        self.project = self.heading.project or next((name for name, _ in projects.most_common(1)), "")
        if self.nodes.is_empty():
            raise InvalidAnswerError(
                "It tells of no model, seed, snapshot or source.",
                where=where,
                advice="Is it the manifest of the whole project? What is known from before stays.",
            )

    def _groups(self) -> Iterator[tuple[str, Json]]:
        for _, told in entries(self._artifacts.manifest, "groups", self.name):
            yield str(told.get("name")), told

    def _read_catalog(self) -> None:
        file = self._artifacts.catalog
        if file is None:
            return
        where = f"the catalog beside {self.name}"
        heading(file, CATALOG, where)
        for section in ("nodes", "sources"):
            for some in _chunks(required_entries(file, section, where)):
                self.nodes.keep_columns((node, to_catalog_columns(told)) for node, told in some)

    def _failed_tests(self) -> Iterator[str]:
        """Results of tests change with each run of dbt; where they were written, each run would write them anew."""
        file = self._artifacts.run_results
        if file is None:
            return
        where = f"the run results beside {self.name}"
        heading(file, RUN_RESULTS, where)
        failed = _named(file, where, lambda told: str(told.get("unique_id")).startswith(f"{TEST}."))
        if failed:
            yield f"{len(failed)} of dbt's tests did not pass in its last run: {first_of(failed, _SHOWN)}."

    def _late_sources(self) -> Iterator[str]:
        file = self._artifacts.sources
        if file is None:
            return
        where = f"the sources beside {self.name}"
        heading(file, SOURCES, where)
        late = _named(file, where, lambda _: True)
        if late:
            yield f"{len(late)} of dbt's sources are older than they should be: {first_of(late, _SHOWN)}."


def parents(nodes: Mirror, of: Node) -> Iterator[Node | str]:
    """What a node is made of: tables, in place of what lives within others only; ids of what the manifest lacks."""
    waiting, met = list(reversed(of.depends_on)), {of.id}
    while waiting:
        node_id = waiting.pop()
        if node_id in met:
            continue
        met.add(node_id)
        found = nodes.brief(node_id)
        if found is None:
            yield node_id
        elif found.is_ephemeral:
            waiting += reversed(found.depends_on)
        else:
            yield found


def _named(file: Path, where: str, counts: Callable[[Json], bool]) -> list[str]:
    told = (each for each in results(file, where) if counts(each) and each.get("status") not in _PASSED)
    return sorted(str(each.get("unique_id")) for each in told)


def _is(told: Json, kinds: Collection[str]) -> bool:
    return kind_of(told) in kinds


def _chunks(found: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(found, _AT_ONCE)):
        yield some
