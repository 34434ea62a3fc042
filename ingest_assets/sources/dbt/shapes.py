"""Entries of dbt's artifacts, whatever the version: pure functions from their JSON.

Manifests of dbt 1.0 to 1.11 (v4 to v12) differ in few names: ``raw_sql`` and ``compiled_sql`` became ``raw_code`` and
``compiled_code`` with v7, which also tells the language; tests name what they are attached to since v10; tags and meta
of columns lie in a ``config`` of theirs, too, in late v12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from ingest_assets.errors import InvalidAnswerError

MODEL, SEED, SNAPSHOT, SOURCE, TEST, EXPOSURE = "model", "seed", "snapshot", "source", "test", "exposure"
TABLES = frozenset({MODEL, SEED, SNAPSHOT, SOURCE})
"""Types of resources that are tables, or would be."""

_MADE = frozenset({MODEL, SNAPSHOT})
_EPHEMERAL = "ephemeral"
_SQL = "sql"
_QUOTED = re.compile(r"""['"]([^'"]*)['"]""")
_NO_ARGUMENTS = frozenset({"column_name", "model"})
_SHOWN = 50
_ADVICE = "Is it dbt's own, of dbt 1.0 or later? Make it anew."

Json = dict[str, Any]


class NodeColumn(NamedTuple):
    """A column that somebody wrote about, or that dbt found in the table.

    Attributes:
        name: As it is written.
        data_type: In the words of the warehouse; empty: not known.
        description: Markdown; empty: none.
        tags: On the column.
        tests: Names of its tests, with their arguments.
    """

    name: str
    data_type: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


class Node(NamedTuple):
    """A model, seed, snapshot or source.

    Attributes:
        id: dbt's ``unique_id``.
        kind: Its resource type.
        database: That it lies in; empty: dbt does not say.
        schema: That it lies in.
        name: Of the table.
        project: The dbt project that it belongs to.
        path: Its file within that.
        description: Markdown; empty: none.
        owners: Names or mail addresses.
        tags: On the table.
        tier: FQN of a tier that is asked for by ``meta.openmetadata``; empty: none.
        terms: FQNs of glossary terms that are asked for in the same way.
        columns: By name, in lower case.
        tests: Tests of the table as a whole.
        raw_sql: As it was written; None: it has none.
        sql: As it runs; None: not compiled, or no SQL.
        depends_on: Ids of what it is made of.
        is_ephemeral: Whether it lives within others only.
    """

    id: str
    kind: str
    database: str
    schema: str
    name: str
    project: str
    path: str
    description: str
    owners: tuple[str, ...]
    tags: tuple[str, ...]
    tier: str
    terms: tuple[str, ...]
    columns: Mapping[str, NodeColumn]
    tests: tuple[str, ...]
    raw_sql: str | None
    sql: str | None
    depends_on: tuple[str, ...]
    is_ephemeral: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Database, schema and table, as far as they are told."""
        return tuple(filter(None, (self.database, self.schema, self.name)))


class DbtTest(NamedTuple):
    """A test.

    Attributes:
        node: Id of what it is attached to; empty: not known.
        column: That it is about; empty: the table.
        told: Its name, with its arguments.
    """

    node: str
    column: str
    told: str


class Exposure(NamedTuple):
    """Something beyond dbt that uses its tables.

    Attributes:
        id: dbt's ``unique_id``.
        kind: ``dashboard``, ``notebook``, ``analysis``, ``ml`` or ``application``.
        url: Of its page; empty: not told.
        fqn: FQN on the server, that ``meta.open_metadata_fqn`` tells; empty: not told.
        depends_on: Ids of what it uses.
    """

    id: str
    kind: str
    url: str
    fqn: str
    depends_on: tuple[str, ...]


def kind_of(told: Json) -> str:
    """Type of resource of a node.

    Raises:
        InvalidAnswerError: It tells none.
    """
    with _read(told):
        return _text(told["resource_type"])


def to_node(told: Json, group_owners: Mapping[str, str]) -> Node:
    """A table of a manifest, without what the catalog and tests tell of it.

    Args:
        told: The entry under ``nodes`` or ``sources``.
        group_owners: Mail addresses or names of groups' owners, by the group.

    Raises:
        InvalidAnswerError: It lacks what every version has.
    """
    with _read(told):
        kind, config, meta = kind_of(told), told.get("config") or {}, _meta(told)
        if kind not in TABLES:
            raise ValueError(f"a {kind} is no table")
        is_sql = told.get("language", _SQL) == _SQL
        group = told.get("group") or config.get("group") or ""
        asked = meta.get("openmetadata")
        asked = asked if isinstance(asked, dict) else {}
        return Node(
            id=_id(told),
            kind=kind,
            database=_text(told["database"]),
            schema=_text(told["schema"]),
            name=str(told.get("identifier") or told.get("alias") or told["name"]),
            project=_text(told["package_name"]),
            path=_text(told["original_file_path"]),
            description=_text(told.get("description")),
            owners=_texts(meta.get("owner")) or tuple(filter(None, [group_owners.get(group, "")])),
            tags=_tags(told),
            tier=next(iter(_texts(asked.get("tier"))), ""),
            terms=_texts(asked.get("glossary")),
            columns={name.lower(): to_column(name, column) for name, column in (told.get("columns") or {}).items()},
            tests=(),
            raw_sql=_text(told.get("raw_code") or told.get("raw_sql")) or None,
            sql=(_text(told.get("compiled_code") or told.get("compiled_sql")) or None) if is_sql else None,
            depends_on=_made_of(told) if kind in _MADE else _depends_on(told),
            is_ephemeral=config.get("materialized") == _EPHEMERAL,
        )


def to_column(name: str, told: Json) -> NodeColumn:
    """A column that a manifest tells of."""
    return NodeColumn(name, _text(told.get("data_type")), _text(told.get("description")), _tags(told))


def to_test(told: Json) -> DbtTest:
    """A test, singular ones included.

    Raises:
        InvalidAnswerError: It lacks what every version has.
    """
    with _read(told):
        of = told.get("test_metadata") or {}
        arguments = of.get("kwargs") or {}
        shown = {name: value for name, value in arguments.items() if name not in _NO_ARGUMENTS}
        if shown.keys() == {"arguments"} and isinstance(shown["arguments"], dict):
            shown = shown["arguments"]
        text = ", ".join(f"{name}: {_shown(value)}" for name, value in shown.items())
        name = f"{of['namespace']}.{of['name']}" if of.get("namespace") else of.get("name") or told["name"]
        column = _text(told.get("column_name") or arguments.get("column_name"))
        return DbtTest(_attached(told, arguments), column, f"{name} ({text})" if text else _text(name))


def to_exposure(told: Json) -> Exposure:
    """An exposure.

    Raises:
        InvalidAnswerError: It lacks what every version has.
    """
    with _read(told):
        fqn = next(iter(_texts(_meta(told).get("open_metadata_fqn"))), "")
        return Exposure(_id(told), _text(told["type"]), _text(told.get("url")), fqn, _depends_on(told))


def owner_of_group(told: Json) -> str:
    """Mail address of who owns a group, else the name; empty: nobody."""
    with _read(told):
        owner = told.get("owner") or {}
        return next(iter((*_texts(owner.get("email")), *_texts(owner.get("name")))), "")


def to_catalog_columns(told: Json) -> dict[str, NodeColumn]:
    """Columns that a catalog tells of, in the table's order, by name in lower case.

    Raises:
        InvalidAnswerError: It lacks what every version has.
    """
    with _read(told):
        columns = sorted(told["columns"].values(), key=lambda each: each["index"])
        return {each["name"].lower(): NodeColumn(each["name"], _text(each["type"])) for each in columns}


def with_catalog(node: Node, found: Mapping[str, NodeColumn]) -> Node:
    """A node with the types, order and spelling of its columns that the table has."""
    columns = {
        name: node.columns[name]._replace(name=column.name, data_type=column.data_type)
        if name in node.columns
        else column
        for name, column in found.items()
    }
    return node._replace(columns={**columns, **{k: v for k, v in node.columns.items() if k not in columns}})


def with_tests(node: Node, tests: list[DbtTest]) -> Node:
    """A node with what it is tested for."""
    columns, of_table = dict(node.columns), [test.told for test in tests if not test.column]
    for test in tests:
        if test.column:
            known = columns.get(test.column.lower(), NodeColumn(test.column))
            columns[test.column.lower()] = known._replace(tests=tuple(sorted({*known.tests, test.told})))
    return node._replace(columns=columns, tests=tuple(sorted(set(of_table))))


@contextmanager
def _read(told: Json) -> Iterator[None]:
    """Turns a missing key, or one of another shape, into an answer that can't be used."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        why = f"It lacks {error}" if isinstance(error, KeyError) else f"It is of another shape ({error})"
        name = told.get("unique_id", "an entry without unique_id") if isinstance(told, dict) else "an entry"
        raise InvalidAnswerError(f"{why}.", where=f"dbt:{name}", advice=_ADVICE) from error


def _attached(told: Json, arguments: Mapping[str, Any]) -> str:
    above = _depends_on(told)
    if attached := told.get("attached_node"):
        return str(attached)
    if len(set(above)) == 1:
        return above[0]
    # Before v10, and for sources, only the call of ref or source that the test was made with tells it.
    called = ".".join(_QUOTED.findall(str(arguments.get("model", ""))))
    return next((each for each in above if called and each.endswith(f".{called}")), "")


def _depends_on(told: Json) -> tuple[str, ...]:
    return _ids((told.get("depends_on") or {}).get("nodes") or [])


def _made_of(told: Json) -> tuple[str, ...]:
    """What is made always tells of what; where that is missing, its lineage would be dropped as gone."""
    return _ids(told["depends_on"]["nodes"])


def _ids(found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise TypeError("depends_on.nodes is no list of ids")
    return tuple(dict.fromkeys(found))


def _id(told: Json) -> str:
    if not (found := _text(told["unique_id"])):
        raise ValueError("unique_id is empty")
    return found


def _text(value: object) -> str:
    """A text, empty where there is none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:_SHOWN]} is no text")
    return value


def _meta(told: Json) -> Json:
    return {**((told.get("config") or {}).get("meta") or {}), **(told.get("meta") or {})}


def _tags(told: Json) -> tuple[str, ...]:
    found = (*_texts(told.get("tags")), *_texts((told.get("config") or {}).get("tags")))
    return tuple(dict.fromkeys(found))


def _texts(value: object) -> tuple[str, ...]:
    """A text, or a list of such."""
    found = value if isinstance(value, list) else [value]
    return tuple(each.strip() for each in found if isinstance(each, str) and each.strip())


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
