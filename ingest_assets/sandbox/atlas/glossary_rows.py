"""Glossaries, terms and categories as Atlas shows them; the parts of a listing tell less than one that is alone."""

from __future__ import annotations

from typing import Any

from ingest_assets.sandbox.atlas.rendering import Row, Showing, other
from ingest_assets.sandbox.company.atlas import ACTIVE, AtlasEntity, Relationship

_TEXTS = (
    "qualifiedName", "name", "shortDescription", "longDescription", "examples", "abbreviation", "usage", "language",
    "additionalAttributes",
)  # fmt: skip
_BESIDE = ("seeAlso", "synonyms")


class GlossaryRows:
    """Makes the rows of one answer.

    Args:
        showing: What the caller may see.
    """

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        self._resolves = showing.release.resolves_terms

    def relations(self, entity: AtlasEntity, name: str) -> list[Relationship]:
        """What an entity takes part in by one of its attributes, and is not deleted."""
        return [one for one in self._showing.relations_by(entity, name) if one.status == ACTIVE]

    def parts(self, entity: AtlasEntity, name: str) -> list[AtlasEntity]:
        """The entities that one of a glossary's attributes refers to."""
        return [self._at(one, entity) for one in self.relations(entity, name)]

    def glossary(self, glossary: AtlasEntity, *, named: bool = True) -> Row:
        """A glossary with the headers of its parts."""
        return _texts(glossary) | _filled(
            terms=[self.term_header(one, glossary, named=named) for one in self.relations(glossary, "terms")],
            categories=[
                self.category_header(one, glossary, named=named) for one in self.relations(glossary, "categories")
            ],
        )

    def term(self, term: AtlasEntity, *, alone: bool = False) -> Row:
        """A term with what it is assigned to."""
        assigned = [self._showing.relative(one, term.guid) for one in self.relations(term, "assignedEntities")]
        categories = [self.category_header(one, term, named=alone) for one in self.relations(term, "categories")]
        row = _texts(term) | self._anchor(term) | _filled(assignedEntities=assigned, categories=categories)
        row |= self.beside(term, alone=alone)
        if self._showing.release.names_relatives:
            row["glossaryTermHeader"] = {"termGuid": term.guid, "qualifiedName": term.attributes["qualifiedName"]}
        return row

    def beside(self, term: AtlasEntity, *, alone: bool) -> Row:
        """The terms that a term is related to."""
        named = alone or self._resolves
        listed = {
            name: [self.term_header(one, term, named=named, whole=alone) for one in self.relations(term, name)]
            for name in _BESIDE
        }
        return _filled(**listed)

    def category(self, category: AtlasEntity, *, alone: bool = False) -> Row:
        """A category with its terms, its children and its parent."""
        named = alone or self._resolves
        row = _texts(category) | self._anchor(category)
        for one in self.relations(category, "parentCategory"):
            row["parentCategory"] = self.category_header(one, category, named=named)
        children = self.relations(category, "childrenCategories")
        return row | _filled(
            terms=[self.term_header(one, category, named=named) for one in self.relations(category, "terms")],
            childrenCategories=[self.category_header(one, category, named=named) for one in children],
        )

    def term_header(self, relation: Relationship, seen_from: AtlasEntity, *, named: bool, whole: bool = False) -> Row:
        """A term as others refer to it."""
        term = self._at(relation, seen_from)
        row: Row = {"termGuid": term.guid, "relationGuid": relation.guid}
        if named:
            row["displayText"] = term.attributes["name"]
        if whole and self._showing.release.names_relatives:
            row["qualifiedName"] = term.attributes["qualifiedName"]
        return row

    def category_header(self, relation: Relationship, seen_from: AtlasEntity, *, named: bool) -> Row:
        """A category as others refer to it."""
        category = self._at(relation, seen_from)
        row: Row = {"categoryGuid": category.guid, "relationGuid": relation.guid}
        for one in self.relations(category, "parentCategory"):
            row["parentCategoryGuid"] = other(one, category.guid)
        if named:
            row["displayText"] = category.attributes["name"]
        return row

    def _anchor(self, part: AtlasEntity) -> Row:
        (one,) = self.relations(part, "anchor")
        return {"anchor": {"glossaryGuid": other(one, part.guid), "relationGuid": one.guid}}

    def _at(self, relation: Relationship, seen_from: AtlasEntity) -> AtlasEntity:
        return self._showing.atlas.get(other(relation, seen_from.guid))


def _texts(entity: AtlasEntity) -> Row:
    row: Row = {"guid": entity.guid}
    return row | _filled(**{name: entity.attributes.get(name) for name in _TEXTS})


def _filled(**members: Any) -> Row:
    return {name: value for name, value in members.items() if value}
