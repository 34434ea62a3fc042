"""Glossaries, their terms and categories, and what the terms are assigned to."""

from __future__ import annotations

from ingest_assets.sandbox.atlas.calls import AtlasCall, Route
from ingest_assets.sandbox.atlas.glossary_rows import GlossaryRows
from ingest_assets.sandbox.atlas.refusals import AtlasCrashError, not_authorized, unknown_guid
from ingest_assets.sandbox.atlas.releases import Release
from ingest_assets.sandbox.atlas.rendering import Row
from ingest_assets.sandbox.company.atlas import ACTIVE, AtlasEntity, AtlasState

_NO_GUIDS = ("terms", "categories", "term", "category")
_EVERYTHING = -1


class Glossaries:
    """Routes of glossaries.

    Args:
        atlas: The company's.
        release: The server's ways.
    """

    def __init__(self, atlas: AtlasState, release: Release) -> None:
        self._atlas = atlas
        self._release = release

    def routes(self) -> list[Route]:
        """All of them, those with a fixed path before those with a guid in it."""
        base = "/v2/glossary"
        one = f"{base}/{{guid}}"
        return [
            Route("glossary", base, self._all),
            Route("glossary.term", f"{base}/term/{{guid}}", self._term),
            Route("glossary.category", f"{base}/category/{{guid}}", self._category),
            Route("glossary.category.terms", f"{base}/category/{{guid}}/terms", self._category_terms),
            Route("glossary.assignedEntities", f"{base}/terms/{{guid}}/assignedEntities", self._assigned),
            Route("glossary.related", f"{base}/terms/{{guid}}/related", self._related),
            Route("glossary.detailed", f"{one}/detailed", self._detailed),
            Route("glossary.terms", f"{one}/terms", self._terms),
            Route("glossary.terms.headers", f"{one}/terms/headers", self._term_headers),
            Route("glossary.categories", f"{one}/categories", self._categories),
            Route("glossary.one", one, self._one),
        ]

    def _all(self, call: AtlasCall) -> list[Row]:
        rows = GlossaryRows(call.showing)
        found = [self._atlas.get(guid) for guid in self._atlas.guids(["AtlasGlossary"])]
        found = [one for one in found if one.status == ACTIVE]
        readable = [one for one in found if call.showing.may_read(one)]
        if len(readable) < len(found) and not self._release.hides_glossaries:
            hidden = next(one for one in found if one not in readable)
            raise not_authorized(call.showing.user.name, f"read entity: guid={hidden.guid}")
        return [rows.glossary(one) for one in _page(call, readable)]

    def _one(self, call: AtlasCall) -> Row:
        if call.path["guid"] in _NO_GUIDS:
            raise AtlasCrashError(routed=False)
        return GlossaryRows(call.showing).glossary(self._find(call, "AtlasGlossary"))

    def _detailed(self, call: AtlasCall) -> Row:
        rows, found = GlossaryRows(call.showing), self._find(call, "AtlasGlossary")
        return rows.glossary(found, named=self._release.resolves_terms) | {
            "termInfo": {one.guid: rows.term(one) for one in rows.parts(found, "terms")},
            "categoryInfo": {one.guid: rows.category(one) for one in rows.parts(found, "categories")},
        }

    def _terms(self, call: AtlasCall) -> list[Row]:
        rows, found = GlossaryRows(call.showing), self._find(call, "AtlasGlossary")
        return [rows.term(one) for one in _page(call, rows.parts(found, "terms"))]

    def _categories(self, call: AtlasCall) -> list[Row]:
        rows, found = GlossaryRows(call.showing), self._find(call, "AtlasGlossary")
        return [rows.category(one) for one in _page(call, rows.parts(found, "categories"))]

    def _term_headers(self, call: AtlasCall) -> list[Row]:
        return self._headers(call, self._find(call, "AtlasGlossary"))

    def _category_terms(self, call: AtlasCall) -> list[Row]:
        return self._headers(call, self._find(call, "AtlasGlossaryCategory"))

    def _headers(self, call: AtlasCall, found: AtlasEntity) -> list[Row]:
        rows = GlossaryRows(call.showing)
        by_guid = {one.ends[1]: one for one in rows.relations(found, "terms")}
        terms = _page(call, rows.parts(found, "terms"))
        return [rows.term_header(by_guid[one.guid], found, named=True) for one in terms]

    def _term(self, call: AtlasCall) -> Row:
        return GlossaryRows(call.showing).term(self._find(call, "AtlasGlossaryTerm"), alone=True)

    def _category(self, call: AtlasCall) -> Row:
        return GlossaryRows(call.showing).category(self._find(call, "AtlasGlossaryCategory"), alone=True)

    def _assigned(self, call: AtlasCall) -> list[Row]:
        found = self._find(call, "AtlasGlossaryTerm")
        relations = GlossaryRows(call.showing).relations(found, "assignedEntities")
        by_guid = {one.ends[1]: one for one in relations}
        page = _page(call, [self._atlas.get(guid) for guid in by_guid])
        return [call.showing.relative(by_guid[one.guid], found.guid) for one in page]

    def _related(self, call: AtlasCall) -> Row:
        return GlossaryRows(call.showing).beside(self._find(call, "AtlasGlossaryTerm"), alone=True)

    def _find(self, call: AtlasCall, type_name: str) -> AtlasEntity:
        guid = call.path["guid"]
        found = self._atlas.find(guid)
        if found is None or found.type_name != type_name:
            raise unknown_guid(guid)
        if not call.showing.may_read(found):
            raise not_authorized(call.showing.user.name, f"read entity: guid={guid}")
        return found


def _page(call: AtlasCall, found: list[AtlasEntity]) -> list[AtlasEntity]:
    """Those of one page, by name; here a limit of -1 is none."""
    down = call.args.get("sort", "ASC").upper() == "DESC"
    kept = [one for one in found if not call.hides(str(one.attributes["qualifiedName"]))]
    ordered = sorted(kept, key=lambda one: str(one.attributes["name"]), reverse=down)
    offset, limit = max(0, call.number("offset", 0)), call.number("limit", _EVERYTHING)
    return ordered[offset:] if limit < 0 else ordered[offset : offset + limit]
