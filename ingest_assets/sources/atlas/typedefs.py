"""Atlas's types: which of them are tables, topics and processes, what they know and what they relate to.

Read once, for everything else follows from them: companies have types of their own, and a search is refused for an
attribute that its type does not know.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ingest_assets.errors import InvalidAnswerError, RejectedError
from ingest_assets.sources.atlas.client import AtlasClient

DATA_SET = "DataSet"
PROCESS = "Process"
_PLACEHOLDER = "table"
"""What OpenMetadata's page gives as ``entity_type``: no type of Atlas's own."""

_HOLDERS = ("db", "database", "namespace", "keyspace")
_COLUMNS = "columns"
_TOPICS = ("kafka_topic", "jms_topic")
_COLUMN_LINEAGE = "column_lineage"
_ARRAY = "array<"
_NEAREST = 3
_KEY = "source.serviceConnection.config.entity_type"
_ANY_TABLE = "Table stands for all types of tables."


class Relation(NamedTuple):
    """An attribute that refers to other entities.

    Attributes:
        name: Of the attribute.
        type: Of those others.
        is_list: Whether they may be several.
        relationship: Name of the relationship, which the attribute at its other end has too.
    """

    name: str
    type: str
    is_list: bool
    relationship: str


@dataclass(frozen=True)
class EntityDef:
    """An entity type.

    Attributes:
        name: Of the type.
        parents: Its direct supertypes.
        attributes: Names of its own attributes; those of its supertypes are theirs.
        relations: Its relations, inherited ones included.
    """

    name: str
    parents: tuple[str, ...]
    attributes: frozenset[str]
    relations: tuple[Relation, ...]


@dataclass(frozen=True)
class ClassificationDef:
    """A classification.

    Attributes:
        name: Of the classification.
        description: Of it; empty for none.
        parents: Its direct supertypes.
        attributes: Types of its own attributes, by their names.
    """

    name: str
    description: str
    parents: tuple[str, ...]
    attributes: Mapping[str, str]


class TableType(NamedTuple):
    """A type of tables.

    Attributes:
        name: Of the type.
        holder: Attribute that refers to the table's database; None: it has none.
        column: Type of its columns; None: it has none.
        keys: Attributes of the table that refer to further columns, which do not refer to it: partition keys.
    """

    name: str
    holder: Relation | None = None
    column: str | None = None
    keys: tuple[str, ...] = ()


class Types:
    """All types of one Atlas.

    Args:
        entities: Entity types by name.
        classifications: By name.
        enums: Names of enumerations.
        business: Names of kinds of business metadata.
    """

    def __init__(
        self,
        entities: Mapping[str, EntityDef],
        classifications: Mapping[str, ClassificationDef] | None = None,
        business: Iterable[str] = (),
    ) -> None:
        self.entities = entities
        self.classifications = classifications or {}
        self.business = tuple(sorted(business))

    @cached_property
    def _above(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(_lineage(name, self.entities)) for name in self.entities}

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether a type is another one, or a subtype of it."""
        return name == ancestor or ancestor in self._above.get(name, ())

    def knows(self, type_name: str, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the attributes that a type has, relations and inherited ones included."""
        chain = [self.entities[each] for each in (type_name, *self._above[type_name]) if each in self.entities]
        known = {name for each in chain for name in (*each.attributes, *(one.name for one in each.relations))}
        return tuple(dict.fromkeys(name for name in names if name in known))

    def tables_of(self, entity_type: str) -> tuple[TableType, ...]:
        """The types to search for tables, none of which is a subtype of another.

        Args:
            entity_type: What the recipe says: a type, or ``Table`` for all types of tables.

        Raises:
            RejectedError: Atlas has no such type.
        """
        if entity_type in self.entities:
            # Tables may be below it, as below DataSet, and so may be all that Atlas has.
            found = self._all_tables(lambda name: self.is_a(name, entity_type))
            if found or self.is_topic(entity_type):
                return found
            alone = self.table_type(entity_type)
            if self.is_a(entity_type, DATA_SET) and alone.holder is not None:
                # Such as hbase_table: the tables of a namespace, whose columns are no part of it.
                return (alone,)
            raise RejectedError(
                f"Entities of Atlas's type {entity_type} are no tables and no topics.",
                where=_KEY,
                advice=_ANY_TABLE,
            )
        if entity_type.casefold() == _PLACEHOLDER:
            return self._all_tables(lambda _: True)
        near = self._nearest(entity_type)
        named = f"The nearest are {', '.join(near)}." if near else "None is similar."
        raise RejectedError(
            f"Atlas has no type {entity_type!r}.",
            where=_KEY,
            advice=f"{named} {_ANY_TABLE}",
        )

    def _nearest(self, entity_type: str) -> list[str]:
        """Types that are called nearly so, in whatever case."""
        folded = {name.casefold(): name for name in self.entities}
        near = difflib.get_close_matches(entity_type.casefold(), folded, n=_NEAREST, cutoff=0.5)
        return [folded[name] for name in near]

    def table_type(self, name: str) -> TableType:
        """How a type of tables relates to databases and columns."""
        relations = {each.name: each for each in self._relations(name)}
        holder = next((relations[each] for each in _HOLDERS if each in relations and not relations[each].is_list), None)
        columns = relations.get(_COLUMNS)
        if columns is None or not columns.is_list or columns.type not in self.entities:
            return TableType(name, holder)
        keys = (each.name for each in relations.values() if each.type == columns.type and each.name != _COLUMNS)
        return TableType(name, holder, columns.type, tuple(keys))

    def backs(self, column: str) -> tuple[str, ...]:
        """Attributes by which columns of a type refer to what has them as its columns."""
        held = {
            relation.relationship
            for each in self.entities.values()
            for relation in each.relations
            if relation.name == _COLUMNS and relation.type == column
        }
        return tuple(sorted({each.name for each in self._relations(column) if each.relationship in held}))

    def is_table(self, name: str) -> bool:
        """Whether entities of a type are tables: data sets in a database that have columns, data sets as well.

        An index has columns, too, and lies in a table.
        """
        if not self.is_a(name, DATA_SET) or name == DATA_SET:
            return False
        told = self.table_type(name)
        return told.holder is not None and told.column is not None and self.is_a(told.column, DATA_SET)

    def is_topic(self, name: str) -> bool:
        """Whether entities of a type are topics."""
        return any(self.is_a(name, each) for each in _TOPICS)

    def has_place(self, name: str) -> bool:
        """Whether OpenMetadata has a place for entities of a type."""
        return self.is_table(name) or self.is_topic(name)

    def topics(self) -> tuple[str, ...]:
        """Types to search for topics."""
        return tuple(each for each in _TOPICS if each in self.entities)

    def processes(self) -> tuple[str, ...]:
        """Types to search for processes that join data sets, none of which is a subtype of another."""
        return self._topmost(name for name in self._below(PROCESS) if _COLUMN_LINEAGE not in name)

    def column_flows(self) -> tuple[str, ...]:
        """Types to search for processes that join columns."""
        return self._topmost(name for name in self._below(PROCESS) if _COLUMN_LINEAGE in name)

    def above(self, classification: str) -> tuple[str, ...]:
        """Names of the classifications that one is a kind of, at any distance."""
        return tuple(sorted(_lineage(classification, self.classifications)))

    def attribute_type(self, classification: str, attribute: str) -> str:
        """Type of a classification's attribute; empty where it is not known."""
        for name in (classification, *self.above(classification)):
            known = self.classifications.get(name)
            if known is not None and attribute in known.attributes:
                return known.attributes[attribute]
        return ""

    def _all_tables(self, wanted: Callable[[str], bool]) -> tuple[TableType, ...]:
        names = self._topmost(name for name in self.entities if wanted(name) and self.is_table(name))
        return tuple(map(self.table_type, names))

    def _relations(self, name: str) -> Iterator[Relation]:
        met: set[str] = set()
        for each in (name, *sorted(self._above.get(name, ()))):
            for relation in self.entities[each].relations if each in self.entities else ():
                # Two relations may share a name, as a column's to its table: each is met by its own relationship.
                if relation.relationship not in met:
                    met.add(relation.relationship)
                    yield relation

    def _below(self, ancestor: str) -> list[str]:
        return [name for name in self.entities if name != ancestor and self.is_a(name, ancestor)]

    def _topmost(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those that are no subtypes of others among them: a search finds subtypes too."""
        among = set(names)
        return tuple(sorted(name for name in among if not self._above[name] & among))


def read_types(client: AtlasClient) -> Types:
    """All types, in three calls.

    Raises:
        RemoteError: They can't be read.
    """
    answers = {kind: _read(client, kind) for kind in ("entity", "classification", "business_metadata")}
    try:
        return Types(
            entities={each["name"]: _entity(each) for each in answers["entity"]["entityDefs"]},
            classifications={
                each["name"]: _classification(each) for each in answers["classification"]["classificationDefs"]
            },
            # Atlas has them since 2.1.
            business=[each["name"] for each in answers["business_metadata"].get("businessMetadataDefs") or ()],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidAnswerError(f"The answer lacks {error}.", where="atlas:typedefs of all types") from error


def _read(client: AtlasClient, kind: str) -> Any:
    return client.get("typedefs", f"{kind} types", "/v2/types/typedefs", {"type": kind})


def _entity(told: Mapping[str, Any]) -> EntityDef:
    relations = (
        Relation(each["name"], _item(each["typeName"]), _is_list(each["typeName"]), each["relationshipTypeName"])
        for each in told.get("relationshipAttributeDefs") or ()
    )
    return EntityDef(
        name=told["name"],
        parents=tuple(told["superTypes"]),
        attributes=frozenset(each["name"] for each in told["attributeDefs"]),
        relations=tuple(relations),
    )


def _classification(told: Mapping[str, Any]) -> ClassificationDef:
    return ClassificationDef(
        name=told["name"],
        description=told.get("description") or "",
        parents=tuple(told["superTypes"]),
        attributes={each["name"]: each["typeName"] for each in told["attributeDefs"]},
    )


def _is_list(type_name: str) -> bool:
    return type_name.startswith(_ARRAY)


def _item(type_name: str) -> str:
    return type_name.removeprefix(_ARRAY).removesuffix(">")


def _lineage(name: str, known: Mapping[str, EntityDef] | Mapping[str, ClassificationDef]) -> Iterator[str]:
    """Supertypes at any distance, each once though types may have several."""
    met, waiting = {name}, [name]
    while waiting:
        here = known.get(waiting.pop())
        for parent in here.parents if here is not None else ():
            if parent not in met:
                met.add(parent)
                waiting.append(parent)
                yield parent
