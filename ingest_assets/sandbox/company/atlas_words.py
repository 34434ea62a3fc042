"""How Norrpost marks its data: classifications, labels, business metadata, and a glossary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingest_assets.sandbox.company.atlas import OPENED, AtlasState
from ingest_assets.sandbox.company.atlas_hive import Hive
from ingest_assets.sandbox.company.atlas_model import (
    AttributeDef,
    BusinessType,
    ClassificationType,
    ValuesType,
    attributes_of,
)

GLOSSARY = "Norrpost Glossary"
_RECORDS = (
    ClassificationType("PII", "Personally identifiable information"),
    ClassificationType("PII_CONTACT", "How to reach a person", ("PII",)),
    ClassificationType("PII_ADDRESS", "Where a person lives", ("PII_CONTACT",)),
    ClassificationType(
        "CONFIDENTIAL", "Not to leave the company", (), attributes_of({"level": "string ?", "retention_days": "int ?"})
    ),
    ClassificationType(
        "RESTRICTED", "For named people only", (), attributes_of({"reason": "string ?", "until": "date ?"})
    ),
    ClassificationType("OBSOLETE"),
)
_TABLES = {"applicableEntityTypes": '["hive_table"]'}
_TABLES_AND_TOPICS = {"applicableEntityTypes": '["hive_table","kafka_topic"]', "maxStrLength": "64"}
_COLUMNS = {"applicableEntityTypes": '["hive_column"]', "maxStrLength": "200"}
_YEAR = 365 * 24 * 3600 * 1000


def define(atlas: AtlasState) -> None:
    """Add the types that users define."""
    atlas.define(
        *_RECORDS,
        ValuesType("dq_tier", {"GOLD": 0, "SILVER": 1, "BRONZE": 2}),
        BusinessType(
            "DataQuality",
            (
                AttributeDef.read("score", "float ?", _TABLES),
                AttributeDef.read("tier", "dq_tier ?", _TABLES),
                AttributeDef.read("steward", "string ?", _TABLES_AND_TOPICS),
                AttributeDef.read("checked", "date ?", _TABLES),
                AttributeDef.read("rules", "array<string> ? set", {**_TABLES, "maxStrLength": "64"}),
            ),
            "Data quality facts",
        ),
        BusinessType("Meaning", (AttributeDef.read("unit", "string ?", _COLUMNS),), "What a number counts"),
    )


def fill(atlas: AtlasState, hive: Hive) -> None:
    """Mark tables and columns, and explain them."""
    _classify(atlas, hive)
    _label(atlas, hive)
    _explain(atlas, hive)


def _classify(atlas: AtlasState, hive: Hive) -> None:
    period = {"startTime": "2024/01/01 00:00:00", "endTime": "2030/01/01 00:00:00", "timeZone": "GMT"}
    tables, columns = hive.tables, hive.columns
    atlas.classify(tables["sales.customers"], "PII")
    atlas.classify(
        tables["sales.orders"],
        "CONFIDENTIAL",
        {"level": "high", "retention_days": 365},
        validity=(period,),
        remove_on_delete=False,
    )
    atlas.classify(tables["finance.ledger_entries"], "RESTRICTED", {"reason": "books", "until": OPENED + 9 * _YEAR})
    atlas.classify(tables["finance.ledger_entries"], "CONFIDENTIAL", {"level": "highest", "retention_days": None})
    atlas.classify(tables["sales.promotions"], "OBSOLETE", propagate=False)
    atlas.classify(columns["sales.customers.email"], "PII_CONTACT")
    atlas.classify(columns["sales.customers.phone"], "PII_CONTACT")
    atlas.classify(columns["sales.orders.ship_to"], "PII_ADDRESS")
    atlas.classify(columns["客服 archive.tickets.顧客"], "PII")


def _label(atlas: AtlasState, hive: Hive) -> None:
    quality: dict[str, Any] = {
        "score": 0.97,
        "tier": "GOLD",
        "steward": "Lena Berg",
        "checked": OPENED,
        "rules": ["not null", "unique id"],
    }
    orders, customers = hive.tables["sales.orders"], hive.tables["sales.customers"]
    atlas.tell(orders, labels=("nightly", "tier_1"), business={"DataQuality": quality}, custom={"ticket": "DATA-42"})
    atlas.tell(customers, labels=("golden",), business={"DataQuality": {"score": 0.5, "tier": "SILVER"}})
    atlas.tell(hive.columns["sales.orders.total"], labels=("money",), business={"Meaning": {"unit": "SEK"}})


class Glossary:
    """A glossary, being written.

    Args:
        atlas: The company's.
        name: Its name, without dots and at signs.
        attributes: Other attributes of its.
    """

    def __init__(self, atlas: AtlasState, name: str, **attributes: Any) -> None:
        self._atlas = atlas
        self._name = name
        self.guid = atlas.add("AtlasGlossary", {"qualifiedName": name, "name": name, **attributes})

    def term(self, name: str, assigned: Iterable[str] = (), **attributes: Any) -> str:
        """Add a term and assign it to entities; its guid."""
        row = {"qualifiedName": f"{name}@{self._name}", "name": name, **attributes}
        term = self._atlas.add("AtlasGlossaryTerm", row)
        self._atlas.relate("AtlasGlossaryTermAnchor", self.guid, term)
        for guid in assigned:
            self._atlas.relate("AtlasGlossarySemanticAssignment", term, guid)
        return term

    def category(self, name: str, terms: Iterable[str] = (), *, parent: str = "", **attributes: Any) -> str:
        """Add a category of terms; its guid."""
        above = f"{self._atlas.get(parent).attributes['qualifiedName']}" if parent else ""
        path = f"{name}.{above}" if above else f"{name}@{self._name}"
        category = self._atlas.add("AtlasGlossaryCategory", {"qualifiedName": path, "name": name, **attributes})
        self._atlas.relate("AtlasGlossaryCategoryAnchor", self.guid, category)
        if parent:
            self._atlas.relate("AtlasGlossaryCategoryHierarchyLink", parent, category)
        for term in terms:
            self._atlas.relate("AtlasGlossaryTermCategorization", category, term)
        return category


def _explain(atlas: AtlasState, hive: Hive) -> None:
    glossary = Glossary(
        atlas,
        GLOSSARY,
        shortDescription="Words of the parcel business",
        longDescription="All words that reports and contracts use.",
        language="en",
        usage="reports",
    )
    order = glossary.term(
        "Order",
        (hive.tables["sales.orders"], hive.columns["sales.order_lines.order_id"]),
        shortDescription="A customer's order",
        longDescription="An order that the shop has accepted, paid or not.",
        examples=["web order"],
        abbreviation="ORD",
        usage="Only for accepted orders",
    )
    revenue = glossary.term("Net revenue", shortDescription="Revenue less returns")
    buyer = glossary.term("Customer", (hive.tables["sales.customers"],), longDescription="Whoever has ordered once")
    parcel = glossary.term("Parcel", (hive.tables["logistics.parcels"], hive.columns["logistics.parcels.parcel_id"]))
    glossary.term("Paket 包裹 & «co»", shortDescription='In "other" words')
    atlas.relate("AtlasGlossaryRelatedTerm", order, revenue)
    atlas.relate("AtlasGlossarySynonym", parcel, order)
    sales = glossary.category("Sales", (order, revenue), shortDescription="Words of the shop")
    glossary.category("People", (buyer,), parent=sales)
    Glossary(atlas, "Old words", shortDescription="Not in use")
