"""From a project's nodes to what OpenMetadata's tables are enriched with. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ingest_assets.catalog import (
    OWN_CATALOGS,
    Classification,
    Column,
    ColumnEnrichment,
    DbtModel,
    Elsewhere,
    Enrichment,
    EntityType,
    Label,
    Tag,
    Word,
)
from ingest_assets.sources.dbt.settings import DbtSettings
from ingest_assets.sources.dbt.shapes import SOURCE, Node, NodeColumn
from ingest_assets.sources.glue.type_text import parse_type
from ingest_assets.sources.glue.types import ColumnType

_GLOSSARY = "Glossary"
_UNKNOWN = "UNKNOWN"
_TYPES_KEPT = 1_000
_TIMES = re.compile(r"^(timestamp|time)\s*\(\d+\)")


class Said(NamedTuple):
    """An enrichment, and the words that its labels are made of."""

    enrichment: Enrichment
    words: tuple[Word, ...]


def to_target(node: Node, settings: DbtSettings) -> Elsewhere:
    """What a node is called elsewhere; without its database where that can't be one of OpenMetadata's."""
    is_anywhere = settings.search_across_databases or node.database.lower() in OWN_CATALOGS
    names = node.names[1:] if node.database and is_anywhere else node.names
    return Elsewhere(type=EntityType.TABLE, names=names)


def to_said(node: Node, upstream: Sequence[Elsewhere], settings: DbtSettings) -> Said:
    """What dbt knows of a table.

    All columns are told, those of which nothing is known as well: where the last word on one is dropped, ours goes.
    """
    with_tags = settings.include_tags
    enrichment = Enrichment(
        target=to_target(node, settings),
        description=node.description,
        owners=node.owners,
        labels=_labels(node, settings) if with_tags else None,
        columns=tuple(
            ColumnEnrichment(
                path=(column.name,),
                description=column.description,
                labels=_tag_labels(column.tags, settings) if with_tags else None,
            )
            for column in node.columns.values()
        ),
        dbt_model=None if node.kind == SOURCE else to_model(node, upstream),
    )
    return Said(enrichment, tuple(_words(node, settings)) if with_tags else ())


def to_model(node: Node, upstream: Sequence[Elsewhere]) -> DbtModel:
    """What made a table. Tests are told where they belong: the table's, and each column's with that."""
    return DbtModel(
        resource_type=node.kind,
        sql=node.sql,
        raw_sql=node.raw_sql or None,
        path=node.path,
        project=node.project,
        description=_with_tests(node.description, node.tests) or None,
        columns=tuple(map(_column, node.columns.values())),
        upstream=tuple(upstream),
    )


def _column(column: NodeColumn) -> Column:
    # DuckDB and Trino write timestamp(6); how many digits there are is no part of OpenMetadata's types.
    text = _TIMES.sub(r"\1", column.data_type.lower())
    described = _with_tests(column.description, column.tests) or None
    if not text:
        return Column(name=column.name, data_type=_UNKNOWN, data_type_display="unknown", description=described)
    return _type(text).column(column.name, described)


@lru_cache(maxsize=_TYPES_KEPT)
def _type(text: str) -> ColumnType:
    """A type by its text: a project has some dozens of them, and columns by the hundred thousand."""
    return parse_type(text)


def _with_tests(description: str, tests: Sequence[str]) -> str:
    told = f"Tests: {', '.join(tests)}." if tests else ""
    return "\n\n".join(filter(None, (description.strip(), told)))


def _labels(node: Node, settings: DbtSettings) -> tuple[Label, ...]:
    tier = [Label(node.tier)] if node.tier else []
    return (*_tag_labels(node.tags, settings), *tier, *(Label(term, _GLOSSARY) for term in node.terms))


def _tag_labels(tags: Sequence[str], settings: DbtSettings) -> tuple[Label, ...]:
    return tuple(_tag(tag, settings).label() for tag in tags)


def _tag(tag: str, settings: DbtSettings) -> Tag:
    return Tag(path=(settings.classification, tag))


def _words(node: Node, settings: DbtSettings) -> Iterator[Word]:
    tags = dict.fromkeys((*node.tags, *(tag for column in node.columns.values() for tag in column.tags)))
    if tags:
        yield Classification(path=(settings.classification,), description="Tags of dbt.")
        yield from (_tag(tag, settings) for tag in tags)
