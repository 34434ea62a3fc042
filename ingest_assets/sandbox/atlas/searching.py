"""Basic search: by type, classification, term, text and conditions, in pages."""

from __future__ import annotations

import base64
import re
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Container, Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

from ingest_assets.sandbox.atlas.calls import AtlasCall, Route
from ingest_assets.sandbox.atlas.filters import Condition
from ingest_assets.sandbox.atlas.parameters import SearchParameters
from ingest_assets.sandbox.atlas.refusals import AtlasCrashError, AtlasRefusalError, unknown_attribute
from ingest_assets.sandbox.atlas.releases import Release
from ingest_assets.sandbox.atlas.rendering import SYSTEM_ATTRIBUTES, Row, Showing, system_value
from ingest_assets.sandbox.company.atlas import ACTIVE, AtlasEntity, AtlasState
from ingest_assets.sandbox.company.atlas_model import AttributeDef

_ALL_TYPES = "_ALL_ENTITY_TYPES"
_ANY_CLASSIFICATION = ("_CLASSIFIED", "*", "_ALL_CLASSIFICATION_TYPES")
_NO_CLASSIFICATION = "_NOT_CLASSIFIED"
_SORTED_BY = ("name", "owner", "createTime", "__timestamp", "__modificationTimestamp")
_TOKEN = re.compile(r"\w+(?:\.\w+)*")
_KEPT = 16
_LAST = "-1"

Test = Callable[[AtlasEntity], bool]


class Found(NamedTuple):
    """What a search found: guids in its order, and how many the index alone would have."""

    guids: list[str]
    indexed: int


class Search:
    """The route of basic search.

    Args:
        atlas: The company's.
        release: The server's ways.
    """

    def __init__(self, atlas: AtlasState, release: Release) -> None:
        self._atlas = atlas
        self._release = release
        self._lock = threading.Lock()
        # A walk over 200,000 columns asks twenty times for the same search.
        self._found: OrderedDict[tuple[int, str], Found] = OrderedDict()

    def routes(self) -> list[Route]:
        """By GET and by POST."""
        return [Route("search.basic", "/v2/search/basic", self._basic, ("GET", "POST"))]

    def _basic(self, call: AtlasCall) -> Row:
        # A GET has no body that Atlas would read.
        wanted = SearchParameters.of_body(call) if call.posted else SearchParameters.of_query(call)
        offset = self._offset(wanted)
        found = self._find(wanted)
        page = found.guids[offset : offset + wanted.limit]
        entities = [entity for guid in page if (entity := self._atlas.find(guid)) is not None]
        kept = [entity for entity in entities if not call.hides(str(entity.attributes["qualifiedName"]))]
        row: Row = {"queryType": "BASIC", "searchParameters": wanted.echo(newer=self._release.has_markers)}
        if wanted.texts["query"]:
            row["queryText"] = wanted.texts["query"]
        classified = wanted.flags["includeClassificationAttributes"]
        values = [call.showing.values(entity, wanted.names) for entity in kept]
        if kept:
            row["entities"] = [
                call.showing.header(entity, asked, classified=classified)
                for entity, asked in zip(kept, values, strict=True)
            ]
        referred = _referred_entities(call.showing, kept, values, self._followed(wanted))
        if referred:
            row["referredEntities"] = referred
        row["approximateCount"] = self._count(wanted, found, offset)
        if self._release.has_markers and wanted.texts["marker"]:
            row["nextMarker"] = wanted.texts["marker"] if call.loops else _next_marker(wanted, offset, len(page))
        return row

    def _count(self, wanted: SearchParameters, found: Found, offset: int) -> int:
        if not self._release.counts_page:
            return -1 if wanted.texts["termName"] else found.indexed
        return max(0, min(wanted.limit, found.indexed - offset))

    def _offset(self, wanted: SearchParameters) -> int:
        marker = wanted.texts["marker"]
        if not marker or not self._release.has_markers:
            return wanted.offset
        if wanted.offset:
            raise AtlasRefusalError("ATLAS-400-00-029", "Marker can be used only if offset=0.")
        return 0 if marker == "*" else _read_marker(wanted, marker)

    def _find(self, wanted: SearchParameters) -> Found:
        self._check(wanted)
        key = (self._atlas.revision, wanted.key())
        with self._lock:
            known = self._found.get(key)
        if known is not None:
            return known
        found = self._search(wanted)
        with self._lock:
            self._found[key] = found
            if len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return found

    def _search(self, wanted: SearchParameters) -> Found:
        atlas = self._atlas
        types = self._types(wanted)
        guids: list[str] = atlas.guids(types)
        if wanted.flags["excludeDeletedEntities"]:
            guids = [guid for guid in guids if atlas.is_active(guid)]
        tests = self._tests(wanted)
        indexed = len(guids)
        if tests or wanted.texts["sortBy"] or wanted.entity_filters:
            entities = [entity for guid in guids if (entity := atlas.find(guid)) is not None]
            entities = [entity for entity in entities if all(test(entity) for test in tests)]
            indexed = len(entities)
            last = self._last_test(wanted)
            entities = _sorted([entity for entity in entities if last(entity)], wanted)
            guids = [entity.guid for entity in entities]
        return Found(guids, indexed)

    def _types(self, wanted: SearchParameters) -> list[str]:
        model = self._atlas.types
        name = wanted.texts["typeName"]
        if not name or name == _ALL_TYPES:
            internal = set(model.with_subtypes("__internal"))
            return [one for one in model.entities if one not in internal]
        found: dict[str, None] = {}
        for one in name.split(","):
            below = model.with_subtypes(one) if wanted.flags["includeSubTypes"] else [one]
            found |= dict.fromkeys(below)
        return list(found)

    # conditions

    def _tests(self, wanted: SearchParameters) -> list[Test]:
        tests: list[Test] = []
        if wanted.texts["classification"]:
            tests.append(self._classification_test(wanted))
        if wanted.texts["termName"]:
            tests.append(self._term_test(wanted.texts["termName"]))
        if wanted.texts["query"]:
            tests.append(_text_test(wanted.texts["query"]))
        if wanted.entity_filters:
            indexed = wanted.entity_filters.indexed(lambda one: self._is_indexed(one, wanted.texts["typeName"]))
            if indexed is not None:
                tests.append(lambda entity: indexed.holds(lambda name: self._read(entity, name)))
        return tests

    def _last_test(self, wanted: SearchParameters) -> Test:
        """What Atlas looks at one by one, after the index has counted."""
        filters = wanted.entity_filters
        if filters is None:
            return lambda _entity: True
        return lambda entity: filters.holds(lambda name: self._read(entity, name))

    def _classification_test(self, wanted: SearchParameters) -> Test:
        atlas, name, filters = self._atlas, wanted.texts["classification"], wanted.tag_filters
        if name == _NO_CLASSIFICATION:
            return lambda entity: not atlas.classifications(entity)
        if name in _ANY_CLASSIFICATION:
            names = set(atlas.types.classifications)
        elif wanted.flags["includeSubClassifications"]:
            names = atlas.types.classifications_below(name)
        else:
            names = {name}

        def has(entity: AtlasEntity) -> bool:
            found = [one for one in atlas.classifications(entity) if one.type_name in names]
            return any(filters is None or filters.holds((one.attributes or {}).get) for one in found)

        return has

    def _term_test(self, name: str) -> Test:
        term = self._atlas.named("AtlasGlossaryTerm", name)
        relations = self._atlas.relations(term.guid) if term else []
        guids = {one.ends[1] for one in relations if one.type_name.endswith("Assignment") and one.status == ACTIVE}
        return lambda entity: entity.guid in guids

    def _read(self, entity: AtlasEntity, name: str) -> Any:
        if name in SYSTEM_ATTRIBUTES:
            return system_value(self._atlas, entity, name)
        if name in entity.attributes:
            return entity.attributes[name]
        collection, _, below = name.partition(".")
        return entity.business.get(collection, {}).get(below)

    # what is refused

    def _check(self, wanted: SearchParameters) -> None:
        names = self._named_types(wanted.texts["typeName"])
        classification = wanted.texts["classification"]
        special = (*_ANY_CLASSIFICATION, _NO_CLASSIFICATION)
        if classification and classification not in special and classification not in self._atlas.types.classifications:
            raise AtlasRefusalError("ATLAS-400-00-046", f"{classification}: Unknown/invalid classification")
        for one in names:
            if wanted.texts["sortBy"] and self._plain(wanted.texts["sortBy"], one) is None:
                raise unknown_attribute(wanted.texts["sortBy"], one)
            for name in wanted.entity_filters.names() if wanted.entity_filters else ():
                if self._plain(name, one) is None:
                    raise unknown_attribute(name, one)
            if self._release.refuses_unknown_attributes:
                for name in wanted.attributes:
                    if self._plain(name, one) is None and name not in self._atlas.types.sides(one):
                        raise unknown_attribute(name, one)
        quoted = wanted.entity_filters and any('"' in value for value in wanted.entity_filters.values())
        if quoted and self._release.refuses_quotes:
            raise AtlasCrashError

    def _named_types(self, text: str) -> list[str]:
        names = text.split(",") if self._release.several_types else [text]
        names = [name for name in names if name not in ("", _ALL_TYPES)]
        unknown = [name for name in names if name not in self._atlas.types.entities]
        if unknown:
            raise AtlasRefusalError("ATLAS-400-00-00A", f"{text}: Unknown/invalid typename")
        return names

    def _plain(self, name: str, type_name: str) -> AttributeDef | None:
        """An attribute that may be compared; references may not."""
        model = self._atlas.types
        if name in SYSTEM_ATTRIBUTES:
            return AttributeDef.read(name, "string indexed")
        collection, dot, below = name.partition(".")
        if dot:
            known = model.business[collection].attributes if collection in model.business else ()
            return next((one for one in known if one.name == below and applies(one, model.lineage(type_name))), None)
        return None if name in model.sides(type_name) else model.attributes(type_name).get(name)

    def _is_indexed(self, condition: Condition, type_name: str) -> bool:
        if '"' in condition.value:
            return False
        if "." in condition.name:
            return True
        found = [self._plain(condition.name, one) for one in type_name.split(",") if one in self._atlas.types.entities]
        return all(one is not None and "indexed" in one.marks for one in found)

    def _followed(self, wanted: SearchParameters) -> Container[str] | None:
        """The attributes whose references are told in full: those of the types that are named, not of those below."""
        model = self._atlas.types
        named = [name for name in wanted.texts["typeName"].split(",") if name in model.entities]
        return {attribute for name in named for attribute in model.sides(name)} if named else None


def applies(attribute: AttributeDef, type_names: Iterable[str]) -> bool:
    """Whether a business attribute is for one of these entity types."""
    listed = (attribute.options or {}).get("applicableEntityTypes", "")
    return any(f'"{name}"' in listed for name in type_names)


def _referred_entities(
    showing: Showing, entities: Iterable[AtlasEntity], values: Iterable[Row], followed: Container[str] | None
) -> dict[str, Row]:
    """Headers of all that is referred to by the attributes that were asked for, of rows that are scrubbed, too."""
    guids: dict[str, None] = {}
    for entity, asked in zip(entities, values, strict=True):
        for name in asked.keys() & showing.atlas.types.sides(entity.type_name).keys():
            if followed is not None and name not in followed:
                continue
            listed = asked[name] if isinstance(asked[name], list) else [asked[name]]
            guids |= dict.fromkeys(one["guid"] for one in listed)
    return {guid: showing.header(showing.atlas.get(guid)) for guid in guids}


def _text_test(text: str) -> Test:
    patterns = [pattern.lower() for pattern in text.split()]

    def matches(entity: AtlasEntity) -> bool:
        words = _words(tuple(str(value) for value in entity.attributes.values() if isinstance(value, str)))
        return all(any(fnmatchcase(word, pattern) for word in words) for pattern in patterns)

    return matches


@lru_cache(maxsize=4096)
def _words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.lower() for text in texts for word in _TOKEN.findall(text))


def _sorted(entities: list[AtlasEntity], wanted: SearchParameters) -> list[AtlasEntity]:
    by = wanted.texts["sortBy"]
    if by not in _SORTED_BY:  # Atlas takes others without a word, and does nothing
        return entities
    down = wanted.texts["sortOrder"] == "DESCENDING"
    known = [entity for entity in entities if _sort_value(entity, by) is not None]
    unknown = [entity for entity in entities if _sort_value(entity, by) is None]
    return [*sorted(known, key=lambda entity: _sort_value(entity, by), reverse=down), *unknown]


def _sort_value(entity: AtlasEntity, by: str) -> Any:
    if by.startswith("__"):
        return entity.created if by == "__timestamp" else entity.updated
    return entity.attributes.get(by)


def _next_marker(wanted: SearchParameters, offset: int, rows: int) -> str:
    if rows < wanted.limit:
        return _LAST
    return base64.b64encode(f"{_fingerprint(wanted)}:{offset + rows}".encode()).decode()


def _read_marker(wanted: SearchParameters, marker: str) -> int:
    try:
        found, _, offset = base64.b64decode(marker, validate=True).decode().partition(":")
        if found == str(_fingerprint(wanted)):
            return int(offset)
    except ValueError:
        pass
    raise AtlasRefusalError("ATLAS-400-00-029", "Invalid marker!")


def _fingerprint(wanted: SearchParameters) -> int:
    return zlib.crc32(repr((wanted.key(), wanted.limit, wanted.attributes)).encode()) - 2**31
