"""How Norrpost tags its lake: by confidentiality and domain, and personal data column by column."""

from __future__ import annotations

from ingest_assets.sandbox.company.lf_tags import LfTags


def fill(tags: LfTags) -> None:
    """Define the tags and assign them."""
    tags.define("confidentiality", "public", "internal", "confidential", "restricted")
    tags.define("domain", "web", "shop", "finance", "operations")
    tags.define("pii", "yes", "no")
    tags.assign({"confidentiality": "internal", "domain": "shop"}, "sales")
    tags.assign({"confidentiality": "confidential"}, "sales", "customers")
    tags.assign({"pii": "yes", "confidentiality": "restricted"}, "sales", "customers", "email")
    tags.assign({"pii": "yes"}, "sales", "orders", "ship_to")
    tags.assign({"domain": "web"}, "clickstream", "clicks")
